"""One act at a time, as it happens: into the log while the shop serves.

In: what a shopper did. Out: the `Event`, stored when the call returns. Knows no page and no conversation.
"""

from datetime import UTC, datetime

from ranking.behavior.personal import query_line
from ranking.behavior.pseudonyms import Pseudonyms
from ranking.behavior.times import EARLIEST, LEEWAY
from ranking.events import EventStore
from ranking.types import EVENT_TYPES, MAX_RATING, Event
from retrieval.catalog import Catalog
from retrieval.errors import CatalogError


class Recorder:
    """Records acts in one shop's log. Safe to share between threads; several processes wait in turn."""

    def __init__(self, log: EventStore, catalog: Catalog, pseudonyms: Pseudonyms) -> None:
        self._log = log
        self._catalog = catalog
        self._pseudonyms = pseudonyms

    def record(
        self,
        type: str,
        product_id: str,
        shopper_id: str,
        session_id: str | None = None,
        time: datetime | None = None,
        list_id: str | None = None,
        position: int | None = None,
        rating: float | None = None,
        quantity: int | None = None,
        query: str | None = None,
    ) -> Event:
        """Store one act. The same act (shopper, product, type and time) again changes nothing.

        Args:
            type: one of `EVENT_TYPES`.
            product_id: of the catalog.
            shopper_id: the merchant's own id, or one of ours; stored as a pseudonym.
            session_id: stored as a pseudonym too.
            time: aware; None: now.
            list_id: the shown list it happened on.
            position: in that list, from 0.
            rating: in [0, 5], for a "rating" and nothing else.
            quantity: how many, at least 1.
            query: the search that led to it.

        Returns:
            The event as it is stored. It survives the end of the process.

        Raises:
            CatalogError: the type, product, time, position, rating or quantity cannot be; nothing is stored.
        """
        now = datetime.now(UTC)
        _check(type, time or now, now, position, rating, quantity)
        if not shopper_id or not product_id:
            raise CatalogError("an event needs a shopper id and a product id")
        if self._catalog.get(product_id, include_retired=True) is None:
            raise CatalogError(f"the catalog has no product {product_id!r}: give the id of a product, not of a variant")
        shopper = self._pseudonyms.shopper(shopper_id)
        session = self._pseudonyms.session(shopper, session_id) if session_id else None
        at = (time or now).astimezone(UTC)
        event = Event(
            shopper, product_id, type, at, session, query_line(query or ""), list_id, position,
            None if rating is None else float(rating), quantity,
        )  # fmt: skip
        self._log.add([event])
        return event


def _check(
    type: str, time: datetime, now: datetime, position: int | None, rating: float | None, quantity: int | None
) -> None:
    if type not in EVENT_TYPES:
        raise CatalogError(f"{type!r} is no type of event; the types are {', '.join(EVENT_TYPES)}")
    if time.tzinfo is None:
        raise CatalogError(f"the event time {time} has no time zone: give it as UTC, e.g. datetime.now(UTC)")
    if not EARLIEST <= time <= now + LEEWAY:
        raise CatalogError(f"the event time {time.isoformat()} is not between {EARLIEST.year} and now")
    if (rating is not None) != (type == "rating"):
        raise CatalogError(f"a rating belongs to a 'rating' and to nothing else; this is a {type!r} with {rating}")
    if rating is not None and not 0 <= rating <= MAX_RATING:
        raise CatalogError(f"the rating {rating} is not from 0 to {MAX_RATING:g}")
    for name, number, least in (("position", position, 0), ("quantity", quantity, 1)):
        if number is not None and number < least:
            raise CatalogError(f"the {name} {number} is below {least}")
