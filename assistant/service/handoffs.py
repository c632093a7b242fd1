"""Handing a conversation to a person: what is sent, where it is kept until it has arrived, and the webhook.

In: a conversation whose shopper said yes. Out: a reference, and whether it arrived. Knows no wording of replies.

The request is stored before it is sent, so that it outlives a webhook that fails; what it held is deleted once it has
arrived. Forgetting a session forgets its requests.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Column, Engine, ForeignKey, Integer, String, Table, Text, insert, select, update

from assistant.service.errors import HandoffError
from assistant.service.http import CallFailed, call
from assistant.service.settings import HandoffSettings
from retrieval.database import UtcDateTime, metadata, write_transaction

logger = logging.getLogger(__name__)

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what is mistaken for one another when it is read out."""

handoffs_table = Table(
    "handoffs",
    metadata,
    Column("reference", String, primary_key=True),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("payload", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("n_attempts", Integer, nullable=False),
    Column("sent_at", UtcDateTime),
)


@dataclass(frozen=True, slots=True)
class StoredHandoff:
    """A stored request. `status`: "waiting" or "sent"; `payload` is empty once it is sent."""

    reference: str
    created_at: datetime
    status: str
    n_attempts: int
    payload: str


class Handoffs:
    """The requests of one shop. Safe to share between threads."""

    def __init__(self, engine: Engine, settings: HandoffSettings) -> None:
        self._engine = engine
        self._settings = settings

    @property
    def is_open(self) -> bool:
        """Whether there is anywhere to hand a conversation to."""
        return self._settings.url is not None

    def request(self, session_id: str, payload: dict[str, Any]) -> tuple[str, bool]:
        """Store a request and try once to send it; its reference, and whether it arrived.

        Args:
            session_id: a stored session's.
            payload: what is handed over; the reference is added.
        """
        reference = "H-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))
        text = orjson.dumps({"reference": reference, **payload}).decode()
        row = {"reference": reference, "session_id": session_id, "created_at": datetime.now(UTC), "payload": text}
        with write_transaction(self._engine) as connection:
            connection.execute(insert(handoffs_table).values(**row, status="waiting", n_attempts=0))
        try:
            self._send(reference, text)
        except HandoffError as error:
            logger.warning("%s; request %s is kept: `shopping-assistant handoffs --retry`", error, reference)
            return reference, False
        return reference, True

    def waiting(self) -> list[StoredHandoff]:
        """The requests that have not arrived yet, oldest first."""
        statement = (
            select(*(handoffs_table.c[name] for name in ("reference", "created_at", "status", "n_attempts", "payload")))
            .where(handoffs_table.c.status == "waiting")
            .order_by(handoffs_table.c.created_at)
        )
        with self._engine.connect() as connection:
            return [StoredHandoff(*row) for row in connection.execute(statement)]

    def retry(self, stored: StoredHandoff) -> None:
        """Send a stored request once more.

        Raises:
            HandoffError: it did not arrive; it stays stored.
        """
        self._send(stored.reference, stored.payload)

    def _send(self, reference: str, payload: str) -> None:
        count = {"n_attempts": handoffs_table.c.n_attempts + 1}
        try:
            post(self._settings, reference, payload)
        except HandoffError:
            self._mark(reference, count)
            raise
        self._mark(reference, {**count, "status": "sent", "payload": "", "sent_at": datetime.now(UTC)})

    def _mark(self, reference: str, values: dict[str, Any]) -> None:
        with write_transaction(self._engine) as connection:
            connection.execute(update(handoffs_table).where(handoffs_table.c.reference == reference).values(**values))


def post(settings: HandoffSettings, reference: str, payload: str) -> None:
    """Send a request to the webhook, once; the reference goes along as `Idempotency-Key`.

    Raises:
        HandoffError: it did not arrive.
    """
    if settings.url is None:
        raise HandoffError("no conversation can be handed over: set url under [handoff] in shop.toml")
    headers = {"Idempotency-Key": reference}
    try:
        status, _ = call(
            "POST", settings.url, settings.token, settings.timeout_s, body=orjson.loads(payload), headers=headers
        )
    except CallFailed as error:
        raise HandoffError(f"the hand-off at {settings.url} failed: {error}") from None
    if status in (401, 403):
        raise HandoffError(f"the hand-off at {settings.url} refuses the token: check [handoff] token")
    if not 200 <= status < 300:
        raise HandoffError(f"the hand-off at {settings.url} failed with status {status}")
