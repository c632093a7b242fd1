"""The mapping file: which column of a merchant's feed is which field of ours, and what its numbers are in.

In: a TOML file. Out: a frozen `Mapping`. Knows the names of fields, but reads no feed; ready mappings are in
`retrieval.feed.formats`.
"""

import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from babel.core import get_global
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from retrieval.errors import FeedError
from retrieval.feed.readers.decoding import known_encoding
from retrieval.feed.readers.records import Escape

REQUIRED_FIELDS = ("id", "title", "price")
FIELDS = (
    *REQUIRED_FIELDS,
    "title_en", "title_zh", "description", "description_en", "description_zh", "brand", "category", "department",
    "currency", "sale_price", "list_price", "discount_percent", "sale_from", "sale_to", "stock", "rating", "n_reviews",
    "image", "url", "date_added", "variants", "reviews",
)  # fmt: skip
"""What `[fields]` may name. `price` is the ordinary price; `sale_price` the effective one while a sale runs (from
`sale_from` to `sale_to` where these are stated), or `discount_percent` off the price; `list_price` the old price of a
feed whose `price` is the effective one."""

GROUPED = "[variants]"
"""The column under which grouping puts the variants that it joined from several rows, in our names."""

STATED = "[attributes]"
"""The column under which a format puts attributes whose names stand in the feed's cells: name -> values."""

OWN_IMAGE = "[image]"
"""The column under which a format puts the picture of one variant, where its product's stands in another."""

RESERVED = frozenset((GROUPED, STATED, OWN_IMAGE))
"""No column of a feed may pass for one of these."""

REVIEW_FIELDS = ("id", "text", "rating", "language", "title")


def _known_currency(value: str) -> str:
    if value not in get_global("all_currencies"):
        raise ValueError(f"{value!r} is no ISO 4217 currency code such as USD or CNY")
    return value


def _known_encoding(value: str) -> str:
    if found := known_encoding(value):
        return found
    raise ValueError(f"{value!r} is no encoding such as utf-8 or gb18030")


def _known_fields(value: dict[str, str]) -> dict[str, str]:
    if unknown := [name for name in value if name not in FIELDS]:
        raise ValueError(f"{', '.join(unknown)}: no field of ours; the fields are {', '.join(FIELDS)}")
    return value


def _default_fields(value: dict[str, str]) -> dict[str, str]:
    if unknown := [name for name in value if name not in FIELDS or name in ("id", "variants", "reviews")]:
        raise ValueError(f"{', '.join(unknown)}: no field that can have a constant")
    return value


def _review_fields(value: dict[str, str]) -> dict[str, str]:
    if unknown := [name for name in value if name not in REVIEW_FIELDS]:
        raise ValueError(f"{', '.join(unknown)}: no field of a review; the fields are {', '.join(REVIEW_FIELDS)}")
    return value


def _attribute_names(value: dict[str, Any]) -> dict[str, Any]:
    if taken := [name for name in value if name in FIELDS]:
        raise ValueError(f"{', '.join(taken)}: is a field; map it under [fields]")
    if odd := [name for name in value if name != name.strip().lower()]:
        raise ValueError(f"{', '.join(odd)}: attribute names are lower case")
    return value


def _lower_keys(value: dict[str, str]) -> dict[str, str]:
    return {name.strip().lower(): said for name, said in value.items()}


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_source(value: object) -> object:
    return {"columns": value} if isinstance(value, (str, list)) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class AttributeSource(BaseModel):
    """The columns that state one attribute, and what separates several values inside a text cell.

    `values` says what a value of the feed's is called here, e.g. ``{F = "women"}``; case does not matter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Annotated[Names, Field(min_length=1)]
    split: Names = ("|",)
    values: Annotated[dict[str, str], AfterValidator(_lower_keys)] = {}


class DetailSource(BaseModel):
    """The columns that are only shown and searched; `columns` may hold patterns such as ``attr_*``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Names = ()
    strip_prefix: Names = ()


class VariantSource(BaseModel):
    """How rows make one product: those with the same cell in the column `group`.

    A row whose own id the others name there is the product itself, and none of its variants.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str


class Mapping(BaseModel):
    """How to read one merchant's feed. See docs/importing.md.

    `price_unit` "major" means that 19.99 is written 19.99, "minor" that it is written 1999. `language` is the
    feed's own. `missing_columns` "error" refuses a feed in which no row has a column named here; "ignore" takes it
    as empty. `encoding`, `escape` and `records_at` None mean that the file is to say. `format` names the system that
    wrote the feed, where its rows need more than renaming. `only_if` takes only products with one of these cells.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: Annotated[str, AfterValidator(_known_currency)]
    price_unit: Literal["major", "minor"]
    language: Literal["en", "zh"] = "en"
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    escape: Escape | None = None
    records_at: str | None = None
    format: Literal["google", "shopify", "woocommerce", "schemaorg", "acp"] | None = None
    category_separator: Annotated[str, Field(min_length=1)] = ">"
    missing_columns: Literal["error", "ignore"] = "error"
    fields: Annotated[dict[str, str], AfterValidator(_known_fields)]
    attributes: Annotated[
        dict[str, Annotated[AttributeSource, BeforeValidator(_as_source)]], AfterValidator(_attribute_names)
    ] = {}
    details: DetailSource = DetailSource()
    defaults: Annotated[dict[str, str], AfterValidator(_default_fields)] = {}
    variants: VariantSource | None = None
    reviews: Annotated[dict[str, str], AfterValidator(_review_fields)] = {}
    only_if: dict[str, Names] = {}

    @model_validator(mode="after")
    def _has_what_products_need(self) -> Self:
        if missing := [
            name
            for name in REQUIRED_FIELDS
            if name not in self.fields and (name not in self.defaults or name in ("id", "title"))
        ]:
            raise ValueError(f"{', '.join(missing)}: must be mapped, no product can do without")
        if self.format and self.variants:
            raise ValueError(f"variants: format = {self.format!r} says already what belongs together; leave one out")
        return self

    def columns(self) -> tuple[str, ...]:
        """Every column or pattern that the mapping names, once each."""
        attribute_columns = [column for source in self.attributes.values() for column in source.columns]
        own = [*self.fields.values(), *attribute_columns, *self.details.columns, *self.only_if]
        return tuple(dict.fromkeys([*own, *([self.variants.group] if self.variants else ())]))

    def is_in(self, name: str, columns: Sequence[str]) -> bool:
        """Whether a feed with these columns has the column, or one that fits the pattern, that the mapping names."""
        if name in self.details.columns:
            return any(fnmatchcase(column, name) for column in columns)
        return name in columns or ("." in name and name.partition(".")[0] in columns)

    @cached_property
    def _used(self) -> frozenset[str]:
        attribute_columns = [column for source in self.attributes.values() for column in source.columns]
        return frozenset((GROUPED, STATED, OWN_IMAGE, *self.fields.values(), *attribute_columns))

    def detail_name(self, column: str) -> str | None:
        """What a column is called among the details, or None where it is no detail.

        A column that `[fields]` or `[attributes]` already uses is no detail, whatever pattern fits it.
        """
        if column in self._used or not any(fnmatchcase(column, pattern) for pattern in self.details.columns):
            return None
        prefix = next((prefix for prefix in self.details.strip_prefix if column.startswith(prefix)), "")
        name = column.removeprefix(prefix)
        return " ".join(name.replace("_", " ").split()) or column


def load_mapping(path: Path, currency: str | None = None) -> Mapping:
    """Read a mapping file; `currency` goes before what it says.

    Raises:
        FeedError: the file is missing, is no TOML, or says something that no mapping can say; the message names it.
    """
    try:
        return parse_mapping(path.read_text("utf-8-sig"), str(path), currency)
    except (OSError, UnicodeDecodeError) as error:
        raise FeedError(f"cannot read the mapping {path}: {error}") from error


def parse_mapping(text: str, name: str = "mapping", currency: str | None = None) -> Mapping:
    """A mapping from TOML text; `name` is what messages call it, `currency` goes before what the text says.

    >>> toml = 'currency = "USD"\\nprice_unit = "minor"\\n[fields]\\nid = "sku"\\ntitle = "name"\\nprice = "cents"'
    >>> parse_mapping(toml).fields["price"]
    'cents'

    Raises:
        FeedError: as `load_mapping`.
    """
    try:
        stated = tomllib.loads(text)
        return Mapping.model_validate(stated | {"currency": currency} if currency else stated)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise FeedError(f"the mapping {name} cannot be used: {'; '.join(problems)}") from error
    except (ValueError, RecursionError) as error:  # tomllib: also for numbers and nesting beyond Python's bounds
        raise FeedError(f"the mapping {name} is not TOML: {error}") from error


@lru_cache
def canonical_mapping() -> Mapping:
    """The mapping of a feed whose columns already have our names (prices in US dollars)."""
    return parse_mapping(
        files("retrieval.feed").joinpath("mappings", "canonical.toml").read_text("utf-8"), "canonical.toml"
    )
