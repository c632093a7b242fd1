"""The e-commerce events of Segment (spec v2), and of RudderStack and PostHog, who put them into their own envelopes.

In: records of their exports. Out: `Reading`s. The event lists that this follows are in docs/events.md.
"""

import re
from collections.abc import Mapping
from typing import Any

from ranking.behavior.acts import INVALID, SEARCH, Act, Cells, Fault, Reading, as_object, id_text, query_text

TYPES: Mapping[str, str] = {
    "products searched": SEARCH,
    "product list viewed": "impression",
    "product list filtered": "impression",
    "product clicked": "click",
    "product viewed": "view",
    "product added": "add_to_cart",
    "product removed": "remove_from_cart",
    "product added to wishlist": "favorite",
    "wishlist product added to cart": "add_to_cart",
    "order completed": "purchase",
    "order refunded": "refund",
    "order cancelled": "refund",
    "product reviewed": "rating",
    "viewed product": "view",
    "added product": "add_to_cart",
    "removed product": "remove_from_cart",
    "completed order": "purchase",
}
"""The names as this project compares them: in lower case with single spaces. The last four are those of spec v1."""

CONTEXT = (
    "ip userAgent userAgentData locale timezone library page campaign referrer device os network screen location app "
    "sessionId sessionStart"
).split()
ENVELOPE = frozenset([*(f"context.{key}" for key in CONTEXT), "integrations", "request_ip", "writeKey", "projectId"])
POSTHOG_TEXTS = ("properties", "person_properties", "set", "set_once")
POSTHOG_ENVELOPE = frozenset("ip elements elements_chain elements_hash site_url team_id person_id".split())
SEPARATORS = re.compile(r"[\s_]+")


class SegmentReader:
    """Reads Segment's and RudderStack's `track` calls. Positions count from 1 there, from 0 here."""

    def __init__(self, name: str = "segment") -> None:
        self.name = name

    def opened(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `EventReader`."""
        return values

    def drops(self, name: str) -> bool:
        """See `EventReader`."""
        return name in ENVELOPE

    def read(self, values: Mapping[str, Any]) -> Reading:
        """See `EventReader`."""
        call = values.get("type")
        if call not in (None, "track"):
            return Reading(passed_over=f"{call} call")
        context = as_object(values.get("context"))
        times = (values.get(key) for key in ("timestamp", "originalTimestamp", "sentAt", "receivedAt"))
        about = {
            "time": next((time for time in times if time), None),
            "session": id_text(context.get("sessionId")),
            "message": id_text(values.get("messageId")),
            "agent": context.get("userAgent"),
        }
        shopper = id_text(values.get("userId")) or values.get("anonymousId")
        return _read(str(values.get("event")), ("anonymousId", shopper), as_object(values.get("properties")), about)


class PostHogReader:
    """Reads PostHog's batch exports; in Parquet and CSV its `properties` are JSON in a text."""

    name = "posthog"

    def opened(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `EventReader`."""
        return {**values, **{key: as_object(values[key]) for key in POSTHOG_TEXTS if values.get(key)}}

    def drops(self, name: str) -> bool:
        """PostHog's own properties ($ip, $geoip_…) are its envelope, those that the shop sets on a person are not."""
        last = name.rpartition(".")[2]
        return name in POSTHOG_ENVELOPE or (last.startswith("$") and last not in ("$set", "$set_once"))

    def read(self, values: Mapping[str, Any]) -> Reading:
        """See `EventReader`."""
        properties = as_object(values.get("properties"))
        about = {
            "time": values.get("timestamp"),
            "session": id_text(properties.get("$session_id")),
            "message": id_text(values.get("uuid")),
            "agent": properties.get("$raw_user_agent") or properties.get("$user_agent"),
        }
        return _read(str(values.get("event")), ("distinct_id", values.get("distinct_id")), properties, about)


def _read(event: str, who: tuple[str, Any], properties: Mapping[str, Any], about: dict[str, Any]) -> Reading:
    type_ = TYPES.get(SEPARATORS.sub(" ", event.strip()).casefold())
    if type_ is None:
        return Reading(passed_over=event)
    cells = Cells()
    shopper = cells.id(*who, needed=True, secret=True)
    if shopper is None:
        return Reading(faults=tuple(cells.faults))
    query = query_text(properties.get("query"))
    if type_ == SEARCH:
        act = Act(shopper, None, SEARCH, **about, query=query)
        return Reading((act,)) if query else Reading(passed_over=f"{event} without a query")
    order = id_text(properties.get("order_id"))
    if type_ == "purchase" and order:
        about = {**about, "message": f"order {order}"}
    listed = properties.get("products")
    products = [as_object(item) for item in listed] if isinstance(listed, list) else [properties]
    if not products:
        return Reading(faults=(Fault(INVALID, "properties.products", None, f"is empty: {event} is about products"),))
    common = {**about, "query": query, "list_id": id_text(properties.get("list_id"))}
    acts = [_act(shopper, type_, product, common, cells) for product in products]
    return Reading(tuple(act for act in acts if act), tuple(cells.faults))


def _act(shopper: str, type_: str, product: Mapping[str, Any], common: Mapping[str, Any], cells: Cells) -> Act | None:
    cells.begin()
    ids = [found for key in ("product_id", "sku", "id") if (found := id_text(product.get(key)))]
    known = cells.id("product_id", ids[0] if ids else None, needed=True)
    rating = cells.rating("rating", product.get("rating")) if type_ == "rating" else None
    if type_ == "rating" and rating is None and cells.is_clean:
        cells.wrong("rating", None, "is missing")
    place = cells.whole("position", product.get("position"))
    quantity = cells.whole("quantity", product.get("quantity"), least=1)
    if known is None or not cells.is_clean:
        return None
    return Act(
        shopper, known, type_, **common,
        position=None if place is None else max(place - 1, 0),
        quantity=quantity,
        rating=rating,
        other=ids[1] if len(ids) > 1 else None,
    )  # fmt: skip
