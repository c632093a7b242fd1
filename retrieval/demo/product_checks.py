"""What must hold for one product of the demo shop.

In: one row. Out: problems. Knows no other row.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from retrieval.demo.problems import Problem, Row, is_language, is_number
from retrieval.demo.schema import (
    ATTRIBUTES,
    CATEGORIES,
    FIRST_YEAR,
    LAST_YEAR,
    N_REVIEWS_SHIPPED,
    PRODUCT_FIELDS,
    SIZE_FORMS,
)

OPTIONAL_FIELDS = frozenset({"sale_price", "variants", "size", *ATTRIBUTES})
VARIANT_FIELDS = frozenset({"id", "price", "sale_price", "stock", "color", "size", "image"})
SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[。!?]")


def check_product(row: Row) -> list[Problem]:
    """Everything that can be said of a product by itself; a product that lacks a field is told only that."""
    missing = [row.problem(name, "missing") for name in sorted(PRODUCT_FIELDS - row.data.keys())]
    unknown = [
        row.problem(name, "not a field of the schema")
        for name in sorted(row.data.keys() - PRODUCT_FIELDS - OPTIONAL_FIELDS)
    ]
    if missing:
        return missing + unknown
    checks: tuple[Callable[[Row], Iterator[Problem]], ...] = (
        _texts,
        _place,
        _offer,
        _numbers,
        _attributes,
        _title_claims,
        _variants,
    )
    return unknown + [problem for check in checks for problem in check(row)]


def variants_of(row: Row) -> list[dict[str, Any]]:
    """The variants that a row states, leaving out what is no object."""
    stated = row.data.get("variants", [])
    return [variant for variant in stated if isinstance(variant, dict)] if isinstance(stated, list) else []


def _texts(row: Row) -> Iterator[Problem]:
    for name, language in (("title", "en"), ("title_zh", "zh"), ("description", "en"), ("description_zh", "zh")):
        text = str(row.data[name])
        if not is_language(text, language):
            yield row.problem(name, f"not in the language {language}")
        elif name.startswith("description") and not 2 <= len(SENTENCE_END.findall(text)) <= 4:
            yield row.problem(name, "not two to four sentences")
    if not str(row.data["brand"]).strip():
        yield row.problem("brand", "empty")


def _place(row: Row) -> Iterator[Problem]:
    category = CATEGORIES.get(str(row.data["category"]))
    if category is None:
        yield row.problem("category", "not a canonical category")
    elif row.data["department"] != category.department:
        yield row.problem("department", f"{category.name} belong to {category.department}")
    identifier = str(row.data["id"])
    if category and not re.fullmatch(rf"{category.name.replace(' ', '-')}-\d\d", identifier):
        yield row.problem("id", "not the category with dashes and two digits")
    if row.data["image"] != f"pictures/{identifier}.svg":
        yield row.problem("image", f"not pictures/{identifier}.svg")


def _offer(row: Row) -> Iterator[Problem]:
    yield from _prices(row, row.data, "")
    if not is_number(row.data["stock"], 0) or not isinstance(row.data["stock"], int):
        yield row.problem("stock", "not a whole number from 0")


def _prices(row: Row, offer: Mapping[str, Any], where: str) -> Iterator[Problem]:
    price, sale_price = offer.get("price"), offer.get("sale_price")
    for name, amount in (("price", price), ("sale_price", sale_price)):
        if amount is None and name == "sale_price":
            continue
        if not is_number(amount, 0.01) or round(float(amount or 0), 2) != amount:
            yield row.problem(f"{where}{name}", "not a positive amount in dollars and cents", amount)
            return
    if sale_price is not None and price is not None and sale_price >= price:
        yield row.problem(f"{where}sale_price", "not below the price", sale_price)


def _numbers(row: Row) -> Iterator[Problem]:
    if not is_number(row.data["rating"], 1, 5):
        yield row.problem("rating", "not from 1 to 5")
    if not is_number(row.data["n_reviews"], N_REVIEWS_SHIPPED) or not isinstance(row.data["n_reviews"], int):
        yield row.problem("n_reviews", f"not a whole number from {N_REVIEWS_SHIPPED}")
    try:
        year = date.fromisoformat(str(row.data["date_added"])).year
    except ValueError:
        year = 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        yield row.problem("date_added", f"not a date from {FIRST_YEAR} to {LAST_YEAR}")


def _attributes(row: Row) -> Iterator[Problem]:
    for name in sorted({"size", *ATTRIBUTES} & row.data.keys()):
        values = row.data[name]
        if not isinstance(values, list) or not values or len(set(map(str, values))) != len(values):
            yield row.problem(name, "not a list of different values")
            continue
        for value in values:
            yield from _value(row, name, value, name)
    category = CATEGORIES.get(str(row.data["category"]))
    if not row.data.get("color") and not all("color" in variant for variant in variants_of(row) or [{}]):
        yield row.problem("color", "neither the product nor each variant has a colour")
    if category and category.worn and "audience" not in row.data:
        yield row.problem("audience", f"{category.name} say for whom they are")
    if category and "condition" in row.data and category.department != "electronics":
        yield row.problem("condition", "only electronics have one")


def _value(row: Row, name: str, value: object, where: str) -> Iterator[Problem]:
    if name != "size":
        if str(value) not in ATTRIBUTES[name]:
            yield row.problem(where, "not a canonical value", value)
        return
    category = CATEGORIES.get(str(row.data["category"]))
    if category is None:
        return
    if category.size_kind is None:
        yield row.problem(where, f"{category.name} have no sizes", value)
    elif not SIZE_FORMS[category.size_kind].fullmatch(str(value)):
        yield row.problem(where, f"not a size in {category.size_kind}", value)


def _title_claims(row: Row) -> Iterator[Problem]:
    for attribute in ("feature", "material"):
        held = row.data.get(attribute, [])
        for value, chinese in ATTRIBUTES[attribute].items():
            if value in held:
                continue
            if re.search(rf"\b{re.escape(value)}\b", str(row.data["title"]).lower()):
                yield row.problem("title", f"claims {value}, which the product does not have")
            if len(chinese) > 1 and chinese in str(row.data["title_zh"]):
                yield row.problem("title_zh", f"claims {value}, which the product does not have")


def _variants(row: Row) -> Iterator[Problem]:
    if "variants" not in row.data:
        return
    variants = variants_of(row)
    if not variants or variants != row.data["variants"]:
        yield row.problem("variants", "not a list of objects")
        return
    faults = [
        problem for index, variant in enumerate(variants) for problem in _variant(row, variant, f"variants[{index}].")
    ]
    yield from faults
    combinations = [(variant.get("color"), variant.get("size")) for variant in variants]
    if n_alike := len(combinations) - len(set(combinations)):
        yield row.problem("variants", "two variants are alike", n_alike)
    elif not faults:
        yield from _pictures(row, variants)
    if not faults:
        yield from _agreement(row, variants)


def _variant(row: Row, variant: Mapping[str, Any], where: str) -> Iterator[Problem]:
    for name in sorted(variant.keys() ^ VARIANT_FIELDS):
        if name in variant:
            yield row.problem(f"{where}{name}", "not a field of a variant", variant[name])
        elif name in ("id", "price", "stock"):
            yield row.problem(f"{where}{name}", "missing", "")
    if not {"color", "size"} & variant.keys():
        yield row.problem(f"{where}id", "differs in nothing from its siblings", variant.get("id"))
    for name in ("color", "size"):
        if name in variant:
            yield from _value(row, name, variant[name], f"{where}{name}")
            if name in row.data:
                yield row.problem(f"{where}{name}", "the product states it as well", variant[name])
    yield from _prices(row, variant, where)
    stock = variant.get("stock", 0)
    if not is_number(stock, 0) or not isinstance(stock, int):
        yield row.problem(f"{where}stock", "not a whole number from 0", stock)


def _pictures(row: Row, variants: list[dict[str, Any]]) -> Iterator[Problem]:
    """Variants that differ in colour have a picture of their own, others none."""
    differ = len({variant.get("color") for variant in variants}) > 1
    for index, variant in enumerate(variants):
        color, stated = variant.get("color"), variant.get("image")
        wanted = f"pictures/{row.data['id']}-{color}.svg" if differ and color else None
        if stated != wanted:
            reason = f"not {wanted}" if wanted else "the variants do not differ in colour"
            yield row.problem(f"variants[{index}].image", reason, stated or "")


def _agreement(row: Row, variants: list[dict[str, Any]]) -> Iterator[Problem]:
    in_stock = sum(variant["stock"] for variant in variants)
    if row.data["stock"] != in_stock:
        yield row.problem("stock", f"the variants have {in_stock}")
    cheapest = min(variants, key=lambda variant: (variant["stock"] == 0, variant.get("sale_price", variant["price"])))
    for name in ("price", "sale_price"):
        if row.data.get(name) != cheapest.get(name):
            yield row.problem(name, f"the cheapest variant in stock has {cheapest.get(name)}")
