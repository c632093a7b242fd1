"""Customer service in one turn: looks orders up, offers a person, and hands over once the shopper has said yes.

In: a step, what was found for it, and whom the caller vouches for. Out: the step with what the session must remember,
and a `Service` for the writer. Knows no wording.

Nothing of an order leaves here before it is proven to be the shopper's: by a customer id that the caller verified, or
by the order's number together with its e-mail address or telephone number. Whether an order does not exist or is
somebody else's is never told apart.
"""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assistant.service.errors import OrderBackendError
from assistant.service.handoffs import Handoffs
from assistant.service.hearing import agreement, is_angry, is_asked_again, topic_of
from assistant.service.identity import Claim, is_theirs, masked, read_claim
from assistant.service.summary import payload_of
from assistant.service.types import Handoff, Order, OrderAnswer, OrderBackend, Service, ServiceState
from assistant.sessions import SessionStore
from assistant.types import ParsedMessage, Session, Step
from ranking.types import Preference

logger = logging.getLogger(__name__)

MAX_FAILURES = 5
"""So many wrong proofs a session has; then a person must help."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn is about: `said` is the message as it was written, which nobody else may keep (`discreet`);
    `answered` says whether a question had an answer, `customer_id` is verified by the caller (never by the shopper),
    `shop` is the shop's name."""

    step: Step
    said: str
    answered: bool
    customer_id: str | None
    shop: str

    @property
    def state(self) -> ServiceState:
        return self.step.session.service


class ServiceDesk:
    """Holds the order backend and the hand-off of one shop; nothing about any shopper. Safe to share."""

    def __init__(self, orders: OrderBackend | None, handoffs: Handoffs, sessions: SessionStore) -> None:
        self._orders = orders
        self._handoffs = handoffs
        self._sessions = sessions

    def discreet(self, parsed: ParsedMessage, session: Session) -> ParsedMessage:
        """The message as it may be kept: what proves an order to be the shopper's is masked."""
        if parsed.intent != "order" or self._orders is None:
            return parsed
        number_known = _number_known(session.service)

        def kept(preferences: tuple[Preference, ...]) -> tuple[Preference, ...]:
            return tuple(replace(item, source=masked(item.source, number_known=number_known)) for item in preferences)

        return replace(
            parsed,
            text=masked(parsed.text, number_known=number_known),
            query_text=masked(parsed.query_text, number_known=True),
            semantic_text=masked(parsed.semantic_text, number_known=True),
            preferences=kept(parsed.preferences),
            other_preferences=kept(parsed.other_preferences),
        )

    def attend(self, turn: Turn) -> tuple[Step, Service]:
        """The step with what its session must remember, and what customer service has to say."""
        service = Service(knows_orders=self._orders is not None, can_hand_off=self._handoffs.is_open)
        state = turn.state
        answered = turn.answered
        if turn.step.action == "order" and self._orders is not None:
            state, order = self._order(turn, self._orders)
            state = replace(state, awaiting="order") if order.kind == "found" else state
            service = replace(service, order=order)
            answered = order.kind not in ("failed", "too_many", "not_found")
        else:
            state = replace(state, awaiting="consent" if state.awaiting == "consent" else "")
        if self._handoffs.is_open:
            state, handoff = self._handoff(turn, state, answered)
            service = replace(service, handoff=handoff)
        return replace(turn.step, session=replace(turn.step.session, service=state)), service

    def _order(self, turn: Turn, backend: OrderBackend) -> tuple[ServiceState, OrderAnswer]:
        text, state = turn.said, turn.state
        claim = read_claim(text, number_known=_number_known(state))
        goes_on = state.awaiting in ("identity", "order") or claim.number in (None, state.order_number)
        topic = topic_of(text) or (state.topic if goes_on else "status")
        number = claim.number or (state.order_number if goes_on else None)
        state = replace(state, topic=topic, order_number=number, awaiting="")
        try:
            if number is None:
                return self._without_number(state, claim, turn.customer_id, backend)
            return self._with_number(state, replace(claim, number=number), turn.customer_id, backend)
        except OrderBackendError as error:
            logger.warning("%s", error)
            return state, OrderAnswer("failed", topic)

    def _without_number(
        self, state: ServiceState, claim: Claim, customer_id: str | None, backend: OrderBackend
    ) -> tuple[ServiceState, OrderAnswer]:
        if customer_id is None:
            kind = "asks_number" if claim.has_contact else "asks_identity"
            return replace(state, awaiting="identity"), OrderAnswer(kind, state.topic)
        theirs = tuple(order for order in backend.recent(customer_id) if order.customer_id == customer_id)
        shown = tuple(map(_shown, theirs))
        if not theirs:
            return state, OrderAnswer("none", state.topic)
        if len(theirs) == 1:
            return replace(state, order_number=theirs[0].number), OrderAnswer("found", state.topic, shown)
        return replace(state, awaiting="identity"), OrderAnswer("which", state.topic, shown)

    def _with_number(
        self, state: ServiceState, claim: Claim, customer_id: str | None, backend: OrderBackend
    ) -> tuple[ServiceState, OrderAnswer]:
        number = claim.number or ""
        if number in state.verified:
            order = backend.find(number)
            return state, OrderAnswer("found", state.topic, (_shown(order),)) if order else OrderAnswer("not_found")
        if state.failures >= MAX_FAILURES:
            return state, OrderAnswer("too_many", state.topic)
        if customer_id is None and not claim.has_contact:
            return replace(state, awaiting="identity"), OrderAnswer("asks_contact", state.topic)
        order = backend.find(number)
        if order is None or not is_theirs(order, claim, customer_id):
            return _failed(state)
        verified = state.verified if customer_id is not None and not claim.has_contact else (*state.verified, number)
        return replace(state, verified=verified), OrderAnswer("found", state.topic, (_shown(order),))

    def _handoff(self, turn: Turn, state: ServiceState, answered: bool) -> tuple[ServiceState, Handoff | None]:
        step, text = turn.step, turn.step.parsed.text
        asked_again = bool(state.unanswered) and is_asked_again(text, state.unanswered)
        remembered = replace(state, unanswered="" if answered else text)
        if step.action == "handoff":
            return self._wanted(turn, remembered)
        reason = None if state.awaiting == "identity" else _reason(turn, answered=answered, asked_again=asked_again)
        if reason is None:
            kept = "" if state.awaiting == "consent" else state.awaiting
            return replace(remembered, awaiting=kept, reason=""), None
        return replace(remembered, awaiting="consent", reason=reason), Handoff("offered")

    def _wanted(self, turn: Turn, state: ServiceState) -> tuple[ServiceState, Handoff | None]:
        answer = agreement(turn.step.parsed.text) if state.awaiting == "consent" else None
        if answer is None:
            return replace(state, awaiting="consent", reason=state.reason or "asked"), Handoff("asked")
        done = replace(state, awaiting="", reason="", unanswered="")
        if not answer:
            return done, Handoff("declined")
        session = replace(turn.step.session, service=done)
        self._sessions.save(session)
        payload = payload_of(session, turn.step.parsed, state, turn.customer_id, turn.shop, datetime.now(UTC))
        reference, arrived = self._handoffs.request(session.id, payload)
        return done, Handoff("sent" if arrived else "kept", reference)


def _number_known(state: ServiceState) -> bool:
    """Whether the e-mail address or telephone number of an order was asked for, so that digits are that."""
    return state.awaiting == "identity" and state.order_number is not None


def _failed(state: ServiceState) -> tuple[ServiceState, OrderAnswer]:
    failures = state.failures + 1
    kind = "too_many" if failures >= MAX_FAILURES else "not_found"
    awaiting = "" if kind == "too_many" else "identity"
    return replace(state, failures=failures, order_number=None, awaiting=awaiting), OrderAnswer(kind, state.topic)


def _shown(order: Order) -> Order:
    """The order without what proves whose it is."""
    return replace(order, customer_id=None, email=None, phone=None)


def _reason(turn: Turn, *, answered: bool, asked_again: bool) -> str | None:
    """Why a person should be offered in this turn; None where there is no reason."""
    if is_angry(turn.step.parsed.text):
        return "angry"
    if asked_again:
        return "asked_twice"
    is_service = turn.step.action in ("faq", "order")
    return "no_answer" if is_service and not answered else None


def is_answered(action: str, n_policies: int) -> bool:
    """Whether a reply of this kind answers what was asked.

    >>> is_answered("faq", 0), is_answered("faq", 1), is_answered("recommend", 0)
    (False, True, True)
    """
    return n_policies > 0 or action != "faq"
