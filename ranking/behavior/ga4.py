"""Google Analytics 4 as exported from BigQuery: a record per event, its products in `items`.

In: records of an `events_YYYYMMDD` table. Out: `Reading`s. The column list that this follows is in docs/events.md.
"""

from collections.abc import Mapping
from typing import Any

from ranking.behavior.acts import INVALID, SEARCH, Act, Cells, Fault, Reading, as_object, id_text, query_text

TYPES: Mapping[str, str] = {
    "view_item_list": "impression",
    "select_item": "click",
    "view_item": "view",
    "add_to_cart": "add_to_cart",
    "remove_from_cart": "remove_from_cart",
    "add_to_wishlist": "favorite",
    "purchase": "purchase",
    "refund": "refund",
    "search": SEARCH,
    "view_search_results": SEARCH,
}
ENVELOPE = frozenset(
    "geo device app_info traffic_source collected_traffic_source session_traffic_source_last_click privacy_info "
    "user_ltv event_dimensions".split()
)
VALUES = ("string_value", "int_value", "float_value", "double_value")


class Ga4Reader:
    """Reads GA4's records. Positions count from 0, as `index` does there."""

    name = "ga4"

    def opened(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `EventReader`."""
        return values

    def drops(self, name: str) -> bool:
        """See `EventReader`."""
        return name in ENVELOPE

    def read(self, values: Mapping[str, Any]) -> Reading:
        """See `EventReader`."""
        name = str(values.get("event_name"))
        type_ = TYPES.get(name)
        if type_ is None:
            return Reading(passed_over=name)
        cells, params = Cells(), _params(values.get("event_params"))
        shopper = cells.id(
            "user_pseudo_id", id_text(values.get("user_id")) or values.get("user_pseudo_id"), needed=True, secret=True
        )
        about: dict[str, Any] = {
            "time": values.get("event_timestamp"),
            "session": id_text(params.get("ga_session_id")),
            "query": query_text(params.get("search_term")),
        }
        if cells.faults or shopper is None:
            return Reading(faults=tuple(cells.faults))
        if type_ == SEARCH:
            return Reading((Act(shopper, None, SEARCH, **about),)) if about["query"] else Reading(passed_over=name)
        stated = as_object(values.get("ecommerce")).get("transaction_id")
        order = id_text(stated) or id_text(params.get("transaction_id"))
        message = f"order {order}" if type_ == "purchase" and order else None
        acts = []
        items = values.get("items")
        for item in items if isinstance(items, list) else ():
            cells.begin()
            product = cells.id("items.item_id", as_object(item).get("item_id"), needed=True)
            if product is None:
                continue
            act = Act(
                shopper, product, type_, **about, message=message,
                list_id=id_text(item.get("item_list_id")) or id_text(params.get("item_list_id")),
                position=cells.whole("items.item_list_index", item.get("item_list_index", item.get("index"))),
                quantity=cells.whole("items.quantity", item.get("quantity"), least=1),
            )  # fmt: skip
            if cells.is_clean:
                acts.append(act)
        if not acts and not cells.faults:
            return Reading(faults=(Fault(INVALID, "items", None, f"is empty: {name} is about a product"),))
        return Reading(tuple(acts), tuple(cells.faults))


def _params(cell: Any) -> dict[str, Any]:
    """event_params as an object: of the values of a parameter, the one that is stated."""
    params: dict[str, Any] = {}
    for param in cell if isinstance(cell, list) else ():
        value = as_object(as_object(param).get("value"))
        stated = [value[name] for name in VALUES if value.get(name) is not None]
        params[str(as_object(param).get("key"))] = stated[0] if stated else None
    return params
