"""The mapping file: which column of a merchant's feed is which field of ours, and what its numbers are in.

In: a TOML file. Out: a frozen `Mapping`. Knows the names of fields, but reads no feed.
"""

import codecs
import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from babel.core import get_global
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from retrieval.errors import FeedError

REQUIRED_FIELDS = ("id", "title", "price")
FIELDS = (
    *REQUIRED_FIELDS,
    "title_en", "title_zh", "description", "description_en", "description_zh", "brand", "category", "department",
    "currency", "sale_price", "stock", "rating", "n_reviews", "image", "url", "date_added", "variants", "reviews",
)  # fmt: skip
"""What `[fields]` may name. `price` is the ordinary price, `sale_price` the effective one while a sale runs."""


def _known_currency(value: str) -> str:
    if value not in get_global("all_currencies"):
        raise ValueError(f"{value!r} is no ISO 4217 currency code such as USD or CNY")
    return value


def _known_encoding(value: str) -> str:
    try:
        return codecs.lookup(value).name
    except LookupError:
        raise ValueError(f"{value!r} is no encoding such as utf-8 or gb18030") from None


def _known_fields(value: dict[str, str]) -> dict[str, str]:
    if unknown := [name for name in value if name not in FIELDS]:
        raise ValueError(f"{', '.join(unknown)}: no field of ours; the fields are {', '.join(FIELDS)}")
    if missing := [name for name in REQUIRED_FIELDS if name not in value]:
        raise ValueError(f"{', '.join(missing)}: must be mapped, no product can do without")
    return value


def _attribute_names(value: dict[str, Any]) -> dict[str, Any]:
    if taken := [name for name in value if name in FIELDS]:
        raise ValueError(f"{', '.join(taken)}: is a field; map it under [fields]")
    if odd := [name for name in value if name != name.strip().lower()]:
        raise ValueError(f"{', '.join(odd)}: attribute names are lower case")
    return value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_source(value: object) -> object:
    return {"columns": value} if isinstance(value, (str, list)) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class AttributeSource(BaseModel):
    """The columns that state one attribute, and what separates several values inside a text cell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Annotated[Names, Field(min_length=1)]
    split: Names = ("|",)


class DetailSource(BaseModel):
    """The columns that are only shown and searched; `columns` may hold patterns such as ``attr_*``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Names = ()
    strip_prefix: Names = ()


class Mapping(BaseModel):
    """How to read one merchant's feed. See docs/importing.md.

    `price_unit` "major" means that 19.99 is written 19.99, "minor" that it is written 1999. `language` is the
    feed's own. `missing_columns` "error" refuses a feed in which no row has a column named here; "ignore" takes it
    as empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: Annotated[str, AfterValidator(_known_currency)]
    price_unit: Literal["major", "minor"]
    language: Literal["en", "zh"] = "en"
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    missing_columns: Literal["error", "ignore"] = "error"
    fields: Annotated[dict[str, str], AfterValidator(_known_fields)]
    attributes: Annotated[
        dict[str, Annotated[AttributeSource, BeforeValidator(_as_source)]], AfterValidator(_attribute_names)
    ] = {}
    details: DetailSource = DetailSource()

    def columns(self) -> tuple[str, ...]:
        """Every column or pattern that the mapping names, once each."""
        attribute_columns = [column for source in self.attributes.values() for column in source.columns]
        return tuple(dict.fromkeys([*self.fields.values(), *attribute_columns, *self.details.columns]))

    def is_in(self, name: str, columns: Sequence[str]) -> bool:
        """Whether a feed with these columns has the column, or one that fits the pattern, that the mapping names."""
        if name in self.details.columns:
            return any(fnmatchcase(column, name) for column in columns)
        return name in columns

    def detail_name(self, column: str) -> str | None:
        """What a column is called among the details, or None where it is no detail.

        A column that `[fields]` or `[attributes]` already uses is no detail, whatever pattern fits it.
        """
        used = set(self.columns()) - set(self.details.columns)
        if column in used or not any(fnmatchcase(column, pattern) for pattern in self.details.columns):
            return None
        prefix = next((prefix for prefix in self.details.strip_prefix if column.startswith(prefix)), "")
        name = column.removeprefix(prefix)
        return " ".join(name.replace("_", " ").split()) or column


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        FeedError: the file is missing, is no TOML, or says something that no mapping can say; the message names it.
    """
    try:
        return parse_mapping(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise FeedError(f"cannot read the mapping {path}: {error}") from error


def parse_mapping(text: str, name: str = "mapping") -> Mapping:
    """A mapping from TOML text; `name` is what messages call it.

    >>> toml = 'currency = "USD"\\nprice_unit = "minor"\\n[fields]\\nid = "sku"\\ntitle = "name"\\nprice = "cents"'
    >>> parse_mapping(toml).fields["price"]
    'cents'

    Raises:
        FeedError: as `load_mapping`.
    """
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FeedError(f"the mapping {name} is not TOML: {error}") from error
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise FeedError(f"the mapping {name} cannot be used: {'; '.join(problems)}") from error


@lru_cache
def canonical_mapping() -> Mapping:
    """The mapping of a feed whose columns already have our names (prices in US dollars)."""
    return parse_mapping(
        files("retrieval.feed").joinpath("mappings", "canonical.toml").read_text("utf-8"), "canonical.toml"
    )
