"""WooCommerce's product CSV: simple, variable and variation rows.

In: one row. Out: a `Member` under the exporter's names. A variation's `Parent` is its product's SKU, or `id:` with its
ID. Source: Product CSV Importer & Exporter,
https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Importer-&-Exporter, and Product CSV Import Schema, https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema.
"""

import re

from retrieval.feed.cells import is_empty, to_text
from retrieval.feed.formats.shape import (
    Format,
    Member,
    Values,
    attribute_name,
    first_stated,
    lower_columns,
    split_list,
)
from retrieval.feed.mapping import STATED

COLUMNS = (
    "ID", "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Visibility in catalog", "Short description",
    "Description", "Date sale price starts", "Date sale price ends", "In stock?", "Stock", "Backorders allowed?",
    "Sale price", "Regular price", "Categories", "Tags", "Images", "Parent", "Brands",
)  # fmt: skip
NAMES = {name.lower(): name for name in COLUMNS}
ATTRIBUTE = re.compile(r"attribute (\d+) (name|value\(s\))", re.IGNORECASE)


def woocommerce_member(row: Values) -> Member:
    """One row.

    >>> woocommerce_member({"ID": "8", "Type": "variation", "Parent": "id:7"}).parent
    'id:7'
    """
    values = lower_columns(row, NAMES)
    types = [said.lower() for said in split_list(values.get("Type") or "")]
    sku, number = to_text(values.get("SKU") or ""), to_text(values.get("ID") or "")
    attributes = _attributes(values)
    brand = attributes.pop(attribute_name("brand"), [])
    values |= {
        "id": sku or number,
        "description": first_stated(values, "Description", "Short description"),
        "category": _deepest(split_list(values.get("Categories") or "")),
        "image": next(iter(split_list(values.get("Images") or "")), ""),
        "stock": _stock(values),
        "brand": first_stated(values, "Brands") or ", ".join(brand),
        STATED: attributes,
    }
    names = tuple(name for name in (f"id:{number}" if number else "", sku) if name)
    parent = to_text(values.get("Parent") or "") if "variation" in types else ""
    return Member(values, names, parent.replace("id: ", "id:") or None, is_variant="variable" not in types)


def _attributes(values: Values) -> dict[str, list[str]]:
    parts: dict[str, dict[str, object]] = {}
    for column, cell in values.items():
        if found := ATTRIBUTE.fullmatch(column.strip()):
            parts.setdefault(found[1], {})[found[2].lower()] = cell
    stated = {attribute_name(part.get("name") or ""): split_list(part.get("value(s)") or "") for part in parts.values()}
    return {name: said for name, said in stated.items() if name and said}


def _deepest(paths: list[str]) -> str:
    """Of several categories the one that says most, the first of them where several do.

    >>> _deepest(["Sale", "Clothing > Shirts", "Clothing > Tops"])
    'Clothing > Shirts'
    """
    named = [path for path in paths if path != "Uncategorized"]
    return max(named, key=lambda path: path.count(">"), default="")


def _stock(values: Values) -> object:
    """How many there are; "" where nobody counts and a variation's product may know."""
    said = to_text(values.get("In stock?") or "").lower()
    quantity = values.get("Stock")
    if said == "0":
        return 0
    if said == "backorder" or to_text(values.get("Backorders allowed?") or "").lower() in ("1", "notify", "yes"):
        return "in stock"
    return "" if is_empty(quantity) else quantity


def _recognises(columns: frozenset[str]) -> bool:
    return {"type", "sku", "name", "regular price"} <= columns


WOOCOMMERCE = Format("woocommerce", _recognises, woocommerce_member)
