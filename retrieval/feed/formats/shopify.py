"""Shopify's product CSV, with the column names of today and those before 2025.

In: one row of a product: its data, one variant, one more picture, or several of these at once. Out: a `Member` under
today's names. Rows with one URL handle are one product; option names stand in its first row only.
Source: Using CSV files to import and export products, https://help.shopify.com/en/manual/products/import-export/using-csv.
"""

import re
from dataclasses import replace

from retrieval.feed.cells import is_empty, present, to_text
from retrieval.feed.formats.shape import Format, Member, Values, attribute_name, first_stated, lower_columns
from retrieval.feed.mapping import OWN_IMAGE, STATED

TODAY = (
    "Title", "URL handle", "Description", "Vendor", "Product category", "Type", "Tags", "Published on online store",
    "Status", "SKU", "Barcode", "Price", "Compare-at price", "Inventory tracker", "Inventory quantity",
    "Continue selling when out of stock", "Product image URL", "Image position", "Variant image URL",
)  # fmt: skip
BEFORE = {
    "handle": "URL handle",
    "body (html)": "Description",
    "published": "Published on online store",
    "variant sku": "SKU",
    "variant barcode": "Barcode",
    "variant price": "Price",
    "variant compare at price": "Compare-at price",
    "variant inventory tracker": "Inventory tracker",
    "variant inventory qty": "Inventory quantity",
    "variant inventory policy": "Continue selling when out of stock",
    "image src": "Product image URL",
    "variant image": "Variant image URL",
}
NAMES = {name.lower(): name for name in TODAY} | BEFORE
OPTION = re.compile(r"option(\d+) (name|value)", re.IGNORECASE)


def shopify_member(row: Values) -> Member:
    """One row of either generation.

    >>> shopify_member({"Handle": "boots", "Image Src": "https://cdn.example/2.jpg"}).is_variant
    False
    """
    values = lower_columns(row, NAMES)
    values["category"] = first_stated(values, "Product category", "Type")
    values["stock"] = _stock(values)
    values[OWN_IMAGE] = values.get("Variant image URL", "")
    # The exporter writes an apostrophe before numbers, for spreadsheets to leave them alone.
    values["Barcode"] = to_text(values.get("Barcode") or "").removeprefix("'")
    options = {part: cell for part, cell in _options(values).items() if part[1] == "value" and not is_empty(cell)}
    is_variant = bool(options) or any(not is_empty(values.get(name)) for name in ("SKU", "Price"))
    handle = values.get("URL handle")
    return Member(values, parent=None if is_empty(handle) else to_text(handle), is_variant=is_variant)


def _options(values: Values) -> dict[tuple[str, str], object]:
    """(number, "name" or "value") -> cell."""
    found = ((OPTION.fullmatch(column.strip()), cell) for column, cell in values.items())
    return {(match[1], match[2].lower()): cell for match, cell in found if match}


def _stock(values: Values) -> object:
    """How many there are; "" where nobody counts, or where it is sold beyond what there is."""
    quantity = values.get("Inventory quantity")
    if is_empty(quantity) or ("Inventory tracker" in values and is_empty(values["Inventory tracker"])):
        return ""
    sold_beyond = str(values.get("Continue selling when out of stock", "")).strip().lower() in ("continue", "true")
    return "in stock" if sold_beyond and str(quantity).strip().startswith(("-", "0")) else quantity


def shopify_product(members: list[Member]) -> list[Member]:
    """All rows of a product: each variant with its options by name, and an id."""
    names = present({part[0]: cell for member in reversed(members) for part, cell in _named(member).items()})
    stated = [_stated(member.values, names) for member in members]
    skus = [to_text(member.values.get("SKU") or "").lstrip("'") for member in members]
    done = []
    for member, options, sku in zip(members, stated, skus, strict=True):
        handle = to_text(member.values.get("URL handle") or "")
        by_options = "/".join([handle, *(value for values in options.values() for value in values)])
        done.append(
            replace(
                member,
                values=member.values
                | {STATED: options, "id": sku if sku and skus.count(sku) == 1 else by_options.strip("/")},
            )
        )
    return done


def _named(member: Member) -> dict[tuple[str, str], object]:
    options = _options(member.values)
    return {part: cell for part, cell in options.items() if part[1] == "name" and not is_empty(cell)}


def _stated(values: Values, names: dict[str, object]) -> dict[str, list[str]]:
    options = _options(values)
    chosen = {to_text(name): to_text(options.get((number, "value")) or "") for number, name in names.items()}
    # A product without options has one called Title, of which the only value is Default Title.
    stated = {name: said for name, said in chosen.items() if said and said != "Default Title"}
    return {attribute_name(name): [said] for name, said in stated.items()}


def _recognises(columns: frozenset[str]) -> bool:
    return {"handle", "title", "variant price"} <= columns or {"url handle", "title", "price"} <= columns


SHOPIFY = Format("shopify", _recognises, shopify_member, shopify_product)
