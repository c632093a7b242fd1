"""Every list of products that was shown: what was asked, what was shown where with which score, and by which models.

In: the session, query and ranked products of one turn. Out: the list's id, which events refer to. Click-through, A/B
tests and the correction of position bias are computed from these rows; they cannot be recovered later.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, Engine, Float, ForeignKey, Index, Integer, String, Table, delete, insert, update

from assistant.session_json import to_plain
from assistant.types import Session
from ranking.types import RankedProduct
from retrieval.database import UtcDateTime, metadata, write_transaction
from retrieval.types import Query

FORGOTTEN = "forgotten"
"""Stands for a shopper who had everything erased."""

shown_lists_table = Table(
    "shown_lists",
    metadata,
    Column("id", String, primary_key=True),
    Column("session_id", String, nullable=False, index=True),
    Column("shopper_id", String, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("time", UtcDateTime, nullable=False, index=True),
    Column("request", JSON, nullable=False),
    Column("model_versions", JSON, nullable=False),
)

shown_products_table = Table(
    "shown_products",
    metadata,
    Column("list_id", ForeignKey("shown_lists.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("product_id", String, nullable=False),
    Column("variant_id", String, nullable=False),
    Column("price_minor", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("contributions", JSON, nullable=False),
    Index(None, "product_id"),
)


class ShownLists:
    """The log of shown lists in the database of `engine`. Safe to share between threads; writers wait in turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(
        self, session: Session, query: Query, ranked: Sequence[RankedProduct], model_versions: Mapping[str, str]
    ) -> str:
        """Log one list, `ranked` best first; positions count from 0. An empty list is logged too: nothing was found.

        Returns:
            The list's id.
        """
        list_id = secrets.token_urlsafe(12)
        row = {
            "id": list_id,
            "session_id": session.id,
            "shopper_id": session.shopper_id,
            "turn": session.turn,
            "time": datetime.now(UTC),
            "request": to_plain(query),
            "model_versions": dict(model_versions),
        }
        shown = [_shown(list_id, position, item) for position, item in enumerate(ranked)]
        with write_transaction(self._engine) as connection:
            connection.execute(insert(shown_lists_table), [row])
            if shown:
                connection.execute(insert(shown_products_table), shown)
        return list_id

    def forget_shopper(self, shopper_id: str) -> int:
        """Take pseudonym, sessions and words off one shopper's lists, which stay for counts; how many there were."""
        values = {"shopper_id": FORGOTTEN, "session_id": FORGOTTEN, "request": {}}
        with write_transaction(self._engine) as connection:
            changed = update(shown_lists_table).where(shown_lists_table.c.shopper_id == shopper_id).values(values)
            return connection.execute(changed).rowcount

    def clear(self) -> None:
        """Forget every list."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(shown_lists_table))


def _shown(list_id: str, position: int, item: RankedProduct) -> dict[str, Any]:
    return {
        "list_id": list_id,
        "position": position,
        "product_id": item.product.id,
        "variant_id": item.variant.id,
        "price_minor": item.variant.price_minor,
        "score": item.score,
        "contributions": dict(item.contributions),
    }
