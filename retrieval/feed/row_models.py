"""What one row of a feed, one variant, review or policy must look like: the pydantic models of the import.

In: cells named as our fields, empties left out, with the `Mapping` as validation context. Out: typed values, or
pydantic's list of faults. Knows no column of the merchant's and no other row.
"""

import hashlib
import re
from collections.abc import Mapping as Cells
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal, cast
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from retrieval.feed.amounts import parse_number, parse_price
from retrieval.feed.cells import CONTROL, UNSEEN, clean_text, is_empty, present, split_values, to_text
from retrieval.feed.mapping import FIELDS, Mapping
from retrieval.feed.readers.json_rows import Unusable, parsed_cell
from retrieval.types import freeze

MAX_COUNT = 10**9
AVAILABILITY: dict[str, int | None] = {
    **dict.fromkeys(
        (
            *("in stock", "in_stock", "instock", "true", "yes", "available", "有货", "现货", "在售"),
            *("low stock", "limited availability", "limited_availability", "limitedavailability", "unknown"),
            # What can be ordered now, to arrive later.
            *("preorder", "pre_order", "pre-order", "presale", "backorder", "back_order", "madetoorder", "预售"),
            *("instoreonly", "onlineonly"),
        ),
        None,
    ),
    **dict.fromkeys(
        (
            *("out of stock", "out_of_stock", "outofstock", "false", "no", "sold out", "sold_out", "soldout"),
            *("discontinued", "reserved", "unavailable", "无货", "缺货", "售罄", "下架"),
        ),
        0,
    ),
}
PATH = re.compile(r"(\A|[/\\])\.\.?([/\\]|\Z)")


def _text(value: object) -> str:
    if isinstance(value, (bool, list, dict)):
        raise ValueError("is not text")
    return to_text(value)


def _passage(value: object) -> str:
    return clean_text(value) if isinstance(value, str) else _text(value)


def _id(value: object) -> str:
    text = str(value).strip() if isinstance(value, str) else _text(value)
    if UNSEEN.search(text):
        raise ValueError("holds control characters, which an id must not")
    if PATH.search(text):
        raise ValueError("looks like a path out of a folder, which an id must not")
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
    # The bound first: a number such as 1e999999999 is not to be written out.
    if not -MAX_COUNT <= number <= MAX_COUNT or number != int(number):
        raise ValueError(f"is not a whole number up to {MAX_COUNT}")
    return int(number)


def _stock(value: object) -> int | None:
    said = str(value).strip().lower()
    return AVAILABILITY[said] if said in AVAILABILITY else max(0, _count(value))


def _rating(value: object) -> float:
    return float(parse_number(value))


def _percent(value: object) -> Decimal:
    number = parse_number(value.strip().removesuffix("%") if isinstance(value, str) else value)
    if not 0 <= number < 100:
        raise ValueError("is not a percentage from 0 to below 100")
    return number


def _from(value: object) -> datetime:
    return _moment(value, time.min)


def _to(value: object) -> datetime:
    return _moment(value, time.max)


def _moment(value: object, on_that_day: time) -> datetime:
    """A date and time; of a date alone the given time, without a zone UTC."""
    text = str(value).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a date such as 2026-11-21 or 2026-11-21T08:00+0100") from None
    if len(text) <= 10:
        moment = datetime.combine(moment.date(), on_that_day)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _date(value: object) -> date:
    try:
        return datetime.fromisoformat(str(value).strip()).date()
    except ValueError:
        raise ValueError("is not a date such as 2026-11-21") from None


def _address(value: object) -> str:
    """An address; of several the first, of an object its own."""
    if isinstance(value, list):
        value = next((item for item in value if not is_empty(item)), "")
    if isinstance(value, dict):
        value = next((value[key] for key in ("url", "src", "contentUrl", "href") if value.get(key)), "")
    text = str(value).strip()
    if CONTROL.search(text) or urlsplit(text).scheme.lower() not in ("", "http", "https"):
        raise ValueError("is neither an http(s) address nor a path")
    return text


def _objects(value: object) -> object:
    if isinstance(value, str):
        value = parsed_cell(value)
        if isinstance(value, Unusable):
            raise value
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError("is not a list of objects")
    return value


def _variant_cells(value: object) -> object:
    """Sort a variant's cells into our fields and attributes."""
    return [sort_variant(item) if isinstance(item, dict) else item for item in _as_list(_objects(value))]


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def sort_variant(cells: dict[str, Any]) -> dict[str, Any]:
    """A variant's cells with those that are no field of ours put under "attributes"."""
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
Passage = Annotated[str, StringConstraints(max_length=20_000), BeforeValidator(_passage)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000), BeforeValidator(_passage)]
Address = Annotated[str, StringConstraints(max_length=2_000), BeforeValidator(_address)]
Price = Annotated[int, BeforeValidator(_price)]
SalePrice = Annotated[int | None, BeforeValidator(_sale_price)]
Stock = Annotated[int | None, BeforeValidator(_stock)]
AttributeCells = Annotated[
    dict[Name, tuple[Annotated[str, StringConstraints(max_length=200)], ...]], AfterValidator(_few_values)
]
Details = Annotated[dict[Name, Annotated[str, StringConstraints(max_length=10_000)]], Field(max_length=500)]


class FeedModel(BaseModel):
    """What a row, or a part of one, must look like."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def stated(cls, cells: Cells[str, Any]) -> Cells[str, Any]:
        """The cells under our names, with nothing read out of them yet."""
        return cells


class OfferRow(FeedModel):
    """What a product or a variant says about buying it."""

    id: Id
    price: Price | None = None
    sale_price: SalePrice = None
    list_price: SalePrice = None
    discount_percent: Annotated[Decimal, BeforeValidator(_percent)] | None = None
    sale_from: Annotated[datetime, BeforeValidator(_from)] | None = None
    sale_to: Annotated[datetime, BeforeValidator(_to)] | None = None
    stock: Stock = None
    image: Address | None = None
    attributes: AttributeCells = {}


class VariantRow(OfferRow):
    """One variant as the feed states it; a price it does not state is the product's."""


class ProductRow(OfferRow):
    """One product as the feed states it."""

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
    rating: Annotated[float, Field(ge=0, le=5), BeforeValidator(_rating)] | None = None
    n_reviews: Annotated[int, Field(ge=0), BeforeValidator(_count)] | None = None
    url: Address | None = None
    date_added: Annotated[date, BeforeValidator(_date)] | None = None
    details: Details = {}
    variants: Annotated[tuple[VariantRow, ...], Field(max_length=1_000), BeforeValidator(_variant_cells)] = ()
    reviews: Annotated[list[dict[str, Any]], BeforeValidator(_objects)] = []


REVIEW_WORDS = {
    "id": ("review_id", "评价编号", "评论编号"),
    "product_id": ("product", "sku", "item_id", "商品编号", "商品id", "货号"),
    "text": ("body", "comment", "content", "review", "reviewbody", "评论", "评价", "评价内容", "评论内容", "内容"),
    "rating": ("stars", "score", "评分", "星级"),
    "title": ("headline", "summary", "标题"),
    "language": ("lang", "语言"),
}
POLICY_WORDS = {
    "id": ("policy_id", "编号"),
    "topic": ("category", "section", "主题", "分类", "类别"),
    "title": ("question", "heading", "name", "问题", "标题"),
    "text": ("answer", "body", "content", "回答", "答案", "解答", "内容"),
    "kind": ("type", "类型"),
    "language": ("lang", "语言"),
}
PLACE = "[place]"
"""The key under which a review that is nested in its product has its number there, from 1."""

QUESTIONS = ("question", "问题")


def _renamed(cells: Cells[str, Any], words: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Cells under our names: a usual other name counts where our own states nothing."""
    lower = {name.strip().lower(): cell for name, cell in cells.items() if not is_empty(cell)}
    ours = {
        field: next((lower[name] for name in (field, *others) if name in lower), None)
        for field, others in words.items()
    }
    return lower | {field: cell for field, cell in ours.items() if cell is not None}


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:16]


class ReviewRow(FeedModel):
    """One review; `product_id` comes from the product where it is nested in one.

    A review without an id is called by its place in its product (`PLACE`), in a file of reviews by its words.
    """

    @model_validator(mode="before")
    @classmethod
    def _usual_names(cls, cells: Any) -> Any:
        if not isinstance(cells, dict):
            return cells
        named = cls.stated(cells)
        words = _digest(*(named.get(field) for field in ("product_id", "title", "text", "rating")))
        return {"id": cells.get(PLACE, words)} | named

    @classmethod
    def stated(cls, cells: Cells[str, Any]) -> dict[str, Any]:
        return _renamed(cells, REVIEW_WORDS)

    id: Id
    product_id: Id
    text: Words
    rating: Annotated[int, Field(ge=1, le=5), BeforeValidator(_count)] | None = None
    language: Literal["en", "zh"]
    title: Passage = ""


class PolicyRow(FeedModel):
    """One passage of the shop's rules, or one question with its answer.

    A question needs neither id nor topic: its words are the one, "faq" is the other.
    """

    @model_validator(mode="before")
    @classmethod
    def _usual_names(cls, cells: Any) -> Any:
        if not isinstance(cells, dict):
            return cells
        named = cls.stated(cells)
        if not any(name in named for name in QUESTIONS):
            return named
        return {"id": _digest(named.get("title")), "topic": "faq", "kind": "faq"} | named

    @classmethod
    def stated(cls, cells: Cells[str, Any]) -> dict[str, Any]:
        return _renamed(cells, POLICY_WORDS)

    id: Id
    topic: Title
    language: Literal["en", "zh"]
    title: Title
    text: Words
    kind: Literal["policy", "faq"] = "policy"
