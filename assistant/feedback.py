"""What shoppers think of replies: thumbs, with a reason if they give one.

In: a session, a turn of it, a verdict. Out: rows of the table `feedback`, and from them a data frame. One verdict a
turn: a later one takes the place of the one before.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Column, Engine, ForeignKey, Integer, PrimaryKeyConstraint, String, Table, Text, select
from sqlalchemy.dialects.sqlite import insert

from assistant.types import Session
from retrieval.database import UtcDateTime, metadata, write_transaction
from retrieval.errors import CatalogError

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = ("up", "down")
MAX_REASON = 500
"""Characters of a reason."""

feedback_table = Table(
    "feedback",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("time", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("session_id", "turn"),
)


class Feedback:
    """The verdicts in the database of `engine`; those of a session go with it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, session: Session, turn: int, verdict: str, reason: str = "") -> None:
        """Keep a verdict on the reply of a turn (from 1), in place of an earlier one.

        Raises:
            CatalogError: the verdict, the turn or the reason cannot be; nothing is stored.
        """
        if verdict not in VERDICTS:
            raise CatalogError(f"a verdict is {' or '.join(VERDICTS)}, not {verdict!r}")
        if not 1 <= turn <= session.turn:
            raise CatalogError(f"the conversation has {session.turn} turns, not {turn}")
        if len(reason) > MAX_REASON:
            raise CatalogError(f"a reason has up to {MAX_REASON} characters, not {len(reason)}")
        row = {"verdict": verdict, "reason": reason.strip(), "time": datetime.now(UTC)}
        adding = insert(feedback_table).values(session_id=session.id, turn=turn, **row)
        with write_transaction(self._engine) as connection:
            connection.execute(adding.on_conflict_do_update(index_elements=["session_id", "turn"], set_=row))

    def frame(self) -> "pd.DataFrame":
        """All verdicts in order of time: session_id, turn, verdict, reason, time."""
        import pandas as pd

        with self._engine.connect() as connection:
            rows = connection.execute(select(feedback_table).order_by(feedback_table.c.time)).mappings().all()
        return pd.DataFrame([dict(row) for row in rows], columns=list(feedback_table.c.keys()))
