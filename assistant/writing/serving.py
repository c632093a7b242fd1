"""What is said of orders and of handing over to a person.

Comes in: a turn whose evidence holds what customer service found. Goes out: sentences. Every date, number and amount
is the backend's; what it does not state is not spoken of.
"""

from collections.abc import Iterator
from datetime import date

from babel.dates import format_date

from assistant.service.types import Order, OrderAnswer, Parcel
from assistant.writing.plain import Turn
from prompts.untrusted import clean
from retrieval.money import LOCALES, format_money

MAX_ITEMS = 3


def order_reply(turn: Turn, answer: OrderAnswer) -> Iterator[str]:
    """The reply to a question about an order."""
    if answer.kind == "found":
        yield from _told(turn, answer.orders[0], answer.topic)
    elif answer.kind == "which":
        yield turn.say("order.which")
        for order in answer.orders:
            yield "- " + turn.say("order.line", number=clean(order.number), status=_status(turn, order))
    else:
        yield turn.say(f"order.{answer.kind}")


def _told(turn: Turn, order: Order, topic: str) -> Iterator[str]:
    yield turn.say("order.is", number=clean(order.number), status=_status(turn, order))
    if order.items and topic == "status":
        yield turn.say("order.holds", items=_items(turn, order.items))
    yield from _ABOUT[topic](turn, order)


def _status(turn: Turn, order: Order) -> str:
    return turn.say(f"order_status.{order.status}")


def _items(turn: Turn, items: tuple[str, ...]) -> str:
    named = ("、" if turn.language == "zh" else ", ").join(clean(item) for item in items[:MAX_ITEMS])
    left = len(items) - MAX_ITEMS
    return named if left <= 0 else turn.say("order.and_more", items=named, n=str(left))


def _parcel(turn: Turn, order: Order) -> Iterator[str]:
    parcel = order.parcel
    if parcel is None or parcel == Parcel():
        if order.status not in ("delivered", "cancelled", "returned"):
            yield turn.say("order.no_parcel")
        return
    if parcel.carrier and parcel.tracking_number:
        yield turn.say("order.carrier", carrier=clean(parcel.carrier), number=clean(parcel.tracking_number))
    if parcel.delivered_on is not None:
        yield turn.say("order.delivered_on", date=_day(turn, parcel.delivered_on))
    elif parcel.expected_on is not None:
        yield turn.say("order.expected_on", date=_day(turn, parcel.expected_on))
    if parcel.tracking_url and parcel.delivered_on is None:
        yield turn.say("order.track", url=clean(parcel.tracking_url))


def _return(turn: Turn, order: Order) -> Iterator[str]:
    if order.return_state is not None:
        yield turn.say(f"order_return.{order.return_state}")
    elif order.return_until is None:
        yield turn.say("order.return_unstated")
    elif order.return_until >= date.today():
        yield turn.say("order.return_until", date=_day(turn, order.return_until))
    else:
        yield turn.say("order.return_ended", date=_day(turn, order.return_until))
    yield from _refund(turn, order, always=False)


def _refund(turn: Turn, order: Order, *, always: bool = True) -> Iterator[str]:
    refund = order.refund
    if refund is None:
        if always:
            yield turn.say("order.no_refund")
        return
    yield turn.say(f"order_refund.{refund.state}")
    if refund.amount_minor is not None and refund.currency is not None:
        yield turn.say("order.amount", amount=format_money(refund.amount_minor, refund.currency, turn.language))
    if refund.paid_on is not None:
        yield turn.say("order.paid_on", date=_day(turn, refund.paid_on))


def _cancel(turn: Turn, order: Order) -> Iterator[str]:
    stated = {True: "yes", False: "no", None: "unstated"}[order.can_cancel]
    yield turn.say(f"order.cancel_{stated}")


_ABOUT = {"status": _parcel, "parcel": _parcel, "return": _return, "refund": _refund, "cancel": _cancel}


def _day(turn: Turn, day: date) -> str:
    return str(format_date(day, "long", locale=LOCALES.get(turn.language, "en_US")))


def handoff_reply(turn: Turn) -> Iterator[str]:
    """The reply where handing over is what the turn is about."""
    handoff = turn.evidence.service.handoff
    if handoff is None:
        return
    if handoff.reference is not None:
        yield turn.say(f"handoff.{handoff.state}", reference=handoff.reference)
    else:
        yield turn.say(f"handoff.{handoff.state}")


def offer(turn: Turn) -> Iterator[str]:
    """The offer of a person, after a reply about something else."""
    handoff = turn.evidence.service.handoff
    if handoff is not None and handoff.state == "offered":
        yield turn.say("handoff.offer")
