"""Conversations in SQL, so that a turn survives a restart.

In: a `Session` after each turn, and the `Reply` that ended it. Out: the session by its id; the id is the only key to it
and cannot be guessed. Knows no page and no model.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)  # fmt: skip

from assistant.session_json import session_from_json, session_to_json, to_plain
from assistant.types import Reply, Session
from retrieval.database import UtcDateTime, metadata, write_transaction

__all__ = ["SessionStore", "session_from_json", "session_to_json", "sessions_table", "turns_table"]

ID_BYTES = 24

sessions_table = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),
    Column("shopper_id", String, nullable=False, index=True),
    Column("language", String, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("recipient", String),
)

turns_table = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("turn", Integer, nullable=False),
    Column("list_id", String),
    Column("shopper_text", Text, nullable=False),
    Column("reply_text", Text, nullable=False),
    Column("parsed", JSON, nullable=False),
    Column("timings_ms", JSON, nullable=False),
    Column("time", UtcDateTime, nullable=False),
)


class SessionStore:
    """The sessions in the database of `engine`. Safe to share between threads; writers wait in turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def new(self, language: str = "en", shopper_id: str | None = None) -> Session:
        """A fresh session with an id that nobody can guess; stored at its first `save`.

        Without `shopper_id` the shopper is a new guest.
        """
        shopper = shopper_id or f"guest-{secrets.token_urlsafe(ID_BYTES)}"
        return Session(secrets.token_urlsafe(ID_BYTES), shopper, language)

    def save(self, session: Session) -> None:
        """Store the session's state in place of its former one."""
        with write_transaction(self._engine) as connection:
            _save(connection, session)

    def record_turn(self, reply: Reply) -> None:
        """Store the session after a turn together with the turn itself: what was said, understood and answered."""
        row = {
            "session_id": reply.session.id,
            "turn": reply.session.turn,
            "list_id": reply.list_id,
            "shopper_text": _storable(reply.parsed.text),
            "reply_text": _storable(reply.text),
            "parsed": {**to_plain(reply.parsed), "text": _storable(reply.parsed.text)},
            "timings_ms": dict(reply.timings_ms),
            "time": datetime.now(UTC),
        }
        with write_transaction(self._engine) as connection:
            _save(connection, reply.session)
            connection.execute(insert(turns_table), [row])

    def load(self, session_id: str) -> Session | None:
        """The session with that id, or None.

        Raises:
            CatalogError: its stored state is damaged.
        """
        statement = select(sessions_table.c.state).where(sessions_table.c.id == session_id)
        with self._engine.connect() as connection:
            state = connection.scalar(statement)
        return None if state is None else session_from_json(state)

    def recipient(self, shopper_id: str, since: datetime) -> str | None:
        """Whom the shopper is looking for something for, by their latest session if it changed after `since`."""
        statement = (
            select(sessions_table.c.recipient)
            .where(sessions_table.c.shopper_id == shopper_id, sessions_table.c.updated_at >= since)
            .order_by(sessions_table.c.updated_at.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            return connection.scalar(statement)

    def conversations(self, shopper_id: str) -> list[dict[str, Any]]:
        """What one shopper said and was answered, oldest first, as plain JSON values."""
        columns = (turns_table.c[name] for name in ("session_id", "turn", "time", "shopper_text", "reply_text"))
        statement = (
            select(*columns)
            .join(sessions_table, sessions_table.c.id == turns_table.c.session_id)
            .where(sessions_table.c.shopper_id == shopper_id)
            .order_by(turns_table.c.id)
        )
        with self._engine.connect() as connection:
            return [to_plain(dict(row)) for row in connection.execute(statement).mappings()]

    def forget_shopper(self, shopper_id: str) -> int:
        """Forget every session of one shopper with its turns; how many there were."""
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(sessions_table).where(sessions_table.c.shopper_id == shopper_id)).rowcount

    def clear(self) -> None:
        """Forget every session with its turns."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(sessions_table))

    def delete(self, session_id: str) -> None:
        """Forget a session with its turns; unknown ids are nothing to forget."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(sessions_table).where(sessions_table.c.id == session_id))


def _save(connection: Connection, session: Session) -> None:
    now = datetime.now(UTC)
    state: dict[str, Any] = {
        "shopper_id": session.shopper_id,
        "language": session.language,
        "turn": session.turn,
        "state": session_to_json(session),
        "updated_at": now,
        "recipient": session.recipient,
    }
    changed = connection.execute(update(sessions_table).where(sessions_table.c.id == session.id).values(**state))
    if not changed.rowcount:
        connection.execute(insert(sessions_table).values(id=session.id, created_at=now, **state))


def _storable(text: str) -> str:
    """Text that SQL can hold: halves of a broken emoji, which browsers do send, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
