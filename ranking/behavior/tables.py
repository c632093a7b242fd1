"""Tables of events (CSV, TSV, JSON, Parquet) through a mapping, rating files among them.

In: records and an `EventMapping`. Out: `Reading`s. Knows no file.
"""

from collections.abc import Mapping
from typing import Any

from ranking.behavior.acts import (
    INVALID,
    SEARCH,
    UNKNOWN_TYPE,
    Act,
    Cells,
    Fault,
    Reading,
    id_text,
    query_text,
)
from ranking.behavior.mapping import EventMapping, plain
from retrieval.feed.cells import is_empty

PRODUCT_KEYS = ("product_id", "sku", "item_id", "id", "商品ID", "商品编号")
"""Where the id is in a list of objects."""


class TableReader:
    """Reads the rows of one table."""

    name = "table"

    def __init__(self, mapping: EventMapping) -> None:
        self.mapping = mapping
        self._fields = mapping.fields
        self._ignored = frozenset(map(plain, mapping.ignore))

    def opened(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `EventReader`."""
        return values

    def drops(self, name: str) -> bool:
        """See `EventReader`: a table has no envelope."""
        return False

    def read(self, values: Mapping[str, Any]) -> Reading:
        """See `EventReader`."""
        cells = Cells()
        cell = {name: _cell(values, column) for name, column in self._fields.items()}
        type_ = self._type(cell)
        if isinstance(type_, Reading):
            return type_
        shopper = cells.id(self._fields["shopper"], cell["shopper"], needed=True, secret=True)
        rating = cells.rating(self._fields.get("rating", ""), cell.get("rating"), self.mapping.rating_scale)
        if type_ == "rating" and rating is None and not cells.faults:
            cells.wrong(self._fields.get("rating", "rating"), None, "is missing")
        place = cells.whole(self._fields.get("position", ""), cell.get("position"))
        quantity = cells.whole(self._fields.get("quantity", ""), cell.get("quantity"), least=1)
        products = [None] if type_ == SEARCH else self._products(cell, cells)
        if cells.faults or shopper is None:
            return Reading(faults=tuple(cells.faults))
        agent = cell.get("user_agent")
        acts = [
            Act(
                shopper, product, type_, cell["time"],
                session=id_text(cell.get("session")), query=query_text(cell.get("query")),
                list_id=id_text(cell.get("list")),
                position=None if place is None else max(place - self.mapping.position_from, 0),
                rating=rating if type_ == "rating" else None,
                quantity=quantity, message=id_text(cell.get("message")),
                agent=agent if isinstance(agent, str) else None,
            )
            for product in products
        ]  # fmt: skip
        return Reading(tuple(acts))

    def _type(self, cell: Mapping[str, Any]) -> str | Reading:
        for name, meaning in (("type", self.mapping.type_of), ("label", self.mapping.label_of)):
            word = id_text(cell.get(name))
            if word is None:
                continue
            if plain(word) in self._ignored:
                return Reading(passed_over=word)
            if known := meaning(word):
                return known
            reason = f"is no type that is known: say what it is under [{name}s] in a mapping, or name it under ignore"
            return Reading(faults=(Fault(UNKNOWN_TYPE, self._fields[name], word, reason),))
        if self.mapping.type is not None:
            return str(self.mapping.type)
        if "rating" in self._fields:
            return "rating"
        column = self._fields.get("type") or self._fields["label"]
        return Reading(faults=(Fault(INVALID, column, None, "is missing"),))

    def _products(self, cell: Mapping[str, Any], cells: Cells) -> list[str | None]:
        if "product" in self._fields:
            return [cells.id(self._fields["product"], cell["product"], needed=True)]
        column, stated = self._fields["products"], cell["products"]
        listed = stated.split(self.mapping.products_split) if isinstance(stated, str) else stated
        if not isinstance(listed, list):
            listed = [] if is_empty(stated) else [stated]
        found = [cells.id(column, _product_id(item), needed=True) for item in listed if not is_empty(item)]
        if not found:
            cells.wrong(column, None, "names no product")
        return list(found)


def _product_id(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return next((item[key] for key in PRODUCT_KEYS if item.get(key) is not None), None)


def _cell(values: Mapping[str, Any], column: str) -> Any:
    """The cell of a column; where there is none of that name, the one that its dots lead to."""
    if column in values or "." not in column:
        return values.get(column)
    cell: Any = values
    for key in column.split("."):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell
