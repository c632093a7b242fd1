"""The values of customer service.

In: nothing. Out: frozen dataclasses. Knows neither backend nor wording.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

STATUSES = ("received", "paid", "packing", "shipped", "delivered", "cancelled", "returned")
RETURN_STATES = ("requested", "on_its_way", "received", "accepted", "refused")
REFUND_STATES = ("pending", "paid", "refused")
TOPICS = ("status", "parcel", "return", "refund", "cancel")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What carries an order; whatever the backend does not state is None."""

    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    expected_on: date | None = None
    delivered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back. `amount_minor` in minor units of `currency`; `state` is one of `REFUND_STATES`."""

    state: str
    amount_minor: int | None = None
    currency: str | None = None
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the merchant's system states it; None is "not stated", and nothing is concluded from it.

    `status` is one of `STATUSES`, `return_state` of `RETURN_STATES`. `customer_id`, `email` and `phone` say whose it
    is; they are compared and never shown.
    """

    number: str
    status: str
    placed_on: date | None = None
    items: tuple[str, ...] = ()
    parcel: Parcel | None = None
    can_cancel: bool | None = None
    return_until: date | None = None
    return_state: str | None = None
    refund: Refund | None = None
    customer_id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


class OrderBackend(Protocol):
    """Where a merchant's orders are. Whether somebody may see one is decided by `identity`, not here."""

    def find(self, number: str) -> Order | None:
        """The order of that number, or None.

        Raises:
            OrderBackendError: the backend cannot be asked, or its answer cannot be used.
        """
        ...

    def recent(self, customer_id: str) -> tuple[Order, ...]:
        """The latest orders of a customer, newest first.

        Raises:
            OrderBackendError: as `find`.
        """
        ...


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What a session remembers of customer service.

    `awaiting`: "" or what the next message may go on with: "identity" (an order's number, e-mail or telephone was asked
    for), "consent" (to hand over) or "order" (one was just told of). `topic` and `order_number` are of the question in
    hand, `verified` the numbers that were proven to be the shopper's in this session, `failures` how often a proof was
    wrong. `reason` is why a person was offered, `unanswered` the last question that had no answer.
    """

    awaiting: str = ""
    topic: str = "status"
    order_number: str | None = None
    verified: tuple[str, ...] = ()
    failures: int = 0
    reason: str = ""
    unanswered: str = ""


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """What came of a question about an order. `kind`: "found", "which" (several: `orders`), "none" (the customer has
    no order), "asks_identity", "asks_number", "asks_contact", "not_found" (or not theirs: nobody is told which),
    "too_many" (failed proofs) or "failed" (the backend)."""

    kind: str
    topic: str = "status"
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Handoff:
    """Where handing over stands. `state`: "offered" (beside another reply), "asked" (it is what the reply is about),
    "sent", "kept" (the webhook failed, the request is stored), "declined". `reference` names the request."""

    state: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """What customer service has to say in one turn. `knows_orders` and `can_hand_off` say what is configured."""

    order: OrderAnswer | None = None
    handoff: Handoff | None = None
    knows_orders: bool = False
    can_hand_off: bool = False
