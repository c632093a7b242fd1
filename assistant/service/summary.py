"""What a person gets who takes a conversation over: the transcript, and a summary made of what the session holds.

In: a session whose shopper agreed. Out: plain JSON values. Nothing is guessed: every line is the shopper's words, a
condition in force, or a fact of the session. The session's id, which is the key to it, is left out.
"""

from datetime import datetime
from typing import Any

from assistant.service.types import ServiceState
from assistant.state import constraints
from assistant.types import ParsedMessage, Session

MAX_LINES = 200
"""The latest lines of a conversation; what is older is counted."""


def payload_of(
    session: Session, parsed: ParsedMessage, state: ServiceState, customer_id: str | None, shop: str, now: datetime
) -> dict[str, Any]:
    """The request as it is sent; docs/customer-service.md lists its fields.

    Args:
        session: before the message that agrees.
        parsed: that message.
        state: why a person was offered, and what of orders was spoken of.
        customer_id: as the caller verified it; None: not known.
        shop: the shop's name.
        now: when the shopper agreed (UTC).
    """
    lines = [{"role": line.role, "text": line.text} for line in session.messages]
    lines.append({"role": "shopper", "text": parsed.text})
    return {
        "shop": shop,
        "language": session.language,
        "reason": state.reason or "asked",
        "consented_at": now.isoformat(),
        "customer_id": customer_id,
        "summary": _summary(session, state),
        "transcript": lines[-MAX_LINES:],
        "n_lines_left_out": max(0, len(lines) - MAX_LINES),
    }


def _summary(session: Session, state: ServiceState) -> dict[str, Any]:
    questions = [line.text for line in session.messages if line.role == "shopper"]
    conditions = constraints(session)
    label = "label_zh" if session.language == "zh" else "label_en"
    return {
        "last_question": state.unanswered or (questions[-1] if questions else ""),
        "looking_for": session.wish,
        "conditions": [getattr(item, label) for item in conditions],
        "products_shown": list(session.last_shown()),
        "order_number": state.order_number if state.order_number in state.verified else None,
        "order_topic": state.topic if state.order_number in state.verified else None,
        "n_turns": session.turn,
    }
