"""Every list of products that was shown: what was asked, what was shown where with which score, and by which models.

In: the session, query and ranked products of one turn. Out: the list's id, which events refer to. Click-through, A/B
tests and the correction of position bias are computed from these rows; they cannot be recovered later.
"""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Column,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from assistant.session_json import to_plain
from assistant.types import Session
from ranking.exposure import N_PLACES, exposure_by_brand
from ranking.types import RankedProduct
from retrieval.database import UtcDateTime, metadata, write_transaction
from retrieval.tables import products_table
from retrieval.types import Query

if TYPE_CHECKING:
    import pandas as pd
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

    def lists_of_brands(self, newest: int | None = None) -> list[list[str]]:
        """The brands of each list that was not empty, best first, lists in no order; "" for a product without one.

        Brands are those that the catalog states now; what it no longer knows at all has none.

        Args:
            newest: look only at so many of the last lists, empty ones counted; None: at all.
        """
        shown, products = shown_products_table.c, products_table.c
        statement = (
            select(shown.list_id, products.brand)
            .select_from(shown_products_table.outerjoin(products_table, products.id == shown.product_id))
            .where(shown.position < N_PLACES)
            .order_by(shown.list_id, shown.position)
        )
        if newest is not None:
            lists_ = shown_lists_table.c
            statement = statement.where(shown.list_id.in_(select(lists_.id).order_by(lists_.time.desc()).limit(newest)))
        lists: dict[str, list[str]] = {}
        with self._engine.connect() as connection:
            for list_id, brand in connection.execute(statement):
                lists.setdefault(list_id, []).append(brand or "")
        return list(lists.values())

    def exposure(self) -> "pd.DataFrame":
        """A row per brand that was shown, most seen first.

        `exposure` is its share of all places, rank r worth 1 / log2(r + 1) as far as the fifth; `n_lists` how many
        lists it stood in, `n_places` how many places it had. Brand "" = the catalog states none.
        """
        import pandas as pd

        lists = self.lists_of_brands()
        places = Counter(brand for brands in lists for brand in brands)
        once = Counter(brand for brands in lists for brand in set(brands))
        rows = [(brand, share, once[brand], places[brand]) for brand, share in exposure_by_brand(lists).items()]
        frame = pd.DataFrame.from_records(rows, columns=["brand", "exposure", "n_lists", "n_places"])
        return frame.astype({"exposure": "float64", "n_lists": "int64", "n_places": "int64"})

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
