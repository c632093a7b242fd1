"""What one row of a feed, one variant, review or policy must look like: the pydantic models of the import.

In: cells named as our fields, empties left out, with the `Mapping` as validation context. Out: typed values, or
pydantic's list of faults. Knows no column of the merchant's and no other row.
"""

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo

from retrieval.feed.amounts import parse_number, parse_price
from retrieval.feed.cells import CONTROL, is_empty, present, split_values, to_text
from retrieval.feed.mapping import FIELDS, Mapping
from retrieval.types import freeze

MAX_COUNT = 10**9
AVAILABILITY: dict[str, int | None] = {
    **dict.fromkeys(("in stock", "in_stock", "instock", "true", "yes", "available", "有货", "现货"), None),
    **dict.fromkeys(
        ("out of stock", "out_of_stock", "outofstock", "false", "no", "sold out", "无货", "缺货", "售罄"), 0
    ),
}


def _text(value: object) -> str:
    if isinstance(value, (bool, list, dict)):
        raise ValueError("is not text")
    return to_text(value)


def _id(value: object) -> str:
    text = str(value).strip() if isinstance(value, str) else _text(value)
    if CONTROL.search(text) or "\n" in text or "\t" in text:
        raise ValueError("holds control characters, which an id must not")
    return text


def _price(value: object, info: ValidationInfo) -> int:
    amount = _sale_price(value, info)
    if amount is None:
        raise ValueError("a price of 0 would give it away; leave the row out or state the price")
    return amount


def _sale_price(value: object, info: ValidationInfo) -> int | None:
    mapping = cast(Mapping, info.context)
    return parse_price(value, mapping.currency, mapping.price_unit) or None


def _count(value: object) -> int:
    number = parse_number(value)
    if number != int(number) or abs(number) > MAX_COUNT:
        raise ValueError(f"is not a whole number up to {MAX_COUNT}")
    return int(number)


def _stock(value: object) -> int | None:
    said = str(value).strip().lower()
    return AVAILABILITY[said] if said in AVAILABILITY else max(0, _count(value))


def _rating(value: object) -> float:
    return float(parse_number(value))


def _date(value: object) -> date:
    try:
        return datetime.fromisoformat(str(value).strip()).date()
    except ValueError:
        raise ValueError("is not a date such as 2026-11-21") from None


def _address(value: object) -> str:
    text = str(value).strip()
    if CONTROL.search(text) or urlsplit(text).scheme.lower() not in ("", "http", "https"):
        raise ValueError("is neither an http(s) address nor a path")
    return text


def _objects(value: object) -> object:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("is not a list of objects") from None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError("is not a list of objects")
    return value


def _variant_cells(value: object) -> object:
    """Sort a variant's cells into our fields and attributes."""
    return [_sort_variant(item) if isinstance(item, dict) else item for item in _as_list(_objects(value))]


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _sort_variant(cells: dict[str, Any]) -> dict[str, Any]:
    own = {name: cell for name, cell in present(cells).items() if name in VariantRow.model_fields}
    stated = {name: split_values(cell) for name, cell in cells.items() if name not in FIELDS and not is_empty(cell)}
    return own | {"attributes": freeze(stated)}


def _few_values(attributes: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if crowded := [name for name, values in attributes.items() if len(values) > 100]:
        raise ValueError(f"{', '.join(crowded)}: more than 100 values")
    return attributes


Id = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_id)]
Name = Annotated[str, StringConstraints(max_length=200), BeforeValidator(_text)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=1_000), BeforeValidator(_text)]
Passage = Annotated[str, StringConstraints(max_length=20_000), BeforeValidator(_text)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000), BeforeValidator(_text)]
Address = Annotated[str, StringConstraints(max_length=2_000), BeforeValidator(_address)]
Price = Annotated[int, BeforeValidator(_price)]
SalePrice = Annotated[int | None, BeforeValidator(_sale_price)]
Stock = Annotated[int | None, BeforeValidator(_stock)]
AttributeCells = Annotated[
    dict[Name, tuple[Annotated[str, StringConstraints(max_length=200)], ...]], AfterValidator(_few_values)
]
Details = Annotated[dict[Name, Annotated[str, StringConstraints(max_length=10_000)]], Field(max_length=500)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class VariantRow(_Row):
    """One variant as the feed states it; a price it does not state is the product's."""

    id: Id
    price: Price | None = None
    sale_price: SalePrice = None
    stock: Stock = None
    image: Address | None = None
    attributes: AttributeCells = {}


class ProductRow(_Row):
    """One product as the feed states it."""

    id: Id
    title: Title
    title_en: Title | None = None
    title_zh: Title | None = None
    description: Passage = ""
    description_en: Passage = ""
    description_zh: Passage = ""
    brand: Name | None = None
    category: Name | None = None
    department: Name | None = None
    currency: Name | None = None
    price: Price | None = None
    sale_price: SalePrice = None
    stock: Stock = None
    rating: Annotated[float, Field(ge=0, le=5), BeforeValidator(_rating)] | None = None
    n_reviews: Annotated[int, Field(ge=0), BeforeValidator(_count)] | None = None
    image: Address | None = None
    url: Address | None = None
    date_added: Annotated[date, BeforeValidator(_date)] | None = None
    attributes: AttributeCells = {}
    details: Details = {}
    variants: Annotated[tuple[VariantRow, ...], Field(max_length=1_000), BeforeValidator(_variant_cells)] = ()
    reviews: Annotated[list[dict[str, Any]], BeforeValidator(_objects)] = []


class ReviewRow(_Row):
    """One review; `product_id` comes from the product where it is nested in one."""

    id: Id
    product_id: Id
    text: Words
    rating: Annotated[int, Field(ge=1, le=5), BeforeValidator(_count)] | None = None
    language: Literal["en", "zh"]
    title: Passage = ""


class PolicyRow(_Row):
    """One passage of the shop's rules, or one question with its answer."""

    id: Id
    topic: Title
    language: Literal["en", "zh"]
    title: Title
    text: Words
    kind: Literal["policy", "faq"] = "policy"
