"""The mapping of a table of events: which column is which field of ours, and what its words mean.

In: a TOML file, or the names of the columns. Out: a frozen `EventMapping`. Knows the names of fields, reads no table.
"""

import codecs
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ranking.behavior.acts import SEARCH
from ranking.types import EVENT_TYPES
from retrieval.errors import FeedError

FIELDS = (
    "shopper", "product", "products", "type", "time", "rating", "label", "session", "query", "position", "list",
    "quantity", "message", "user_agent",
)  # fmt: skip
NO_LETTERS = re.compile(r"[\s_\-.]+")


def plain(name: str) -> str:
    """A name as names are compared: lower case, no spaces, underscores, hyphens, dots, nor a type after a colon.

    >>> plain("User_ID"), plain("user_id:token"), plain("商品 ID")
    ('userid', 'userid', '商品id')
    """
    return NO_LETTERS.sub("", name.partition(":")[0].casefold())


@lru_cache
def known_words() -> Mapping[str, Mapping[str, list[str]]]:
    """What columns, types and labels are called in the wild: section -> our word -> theirs, in plain form."""
    return tomllib.loads(files("ranking.behavior").joinpath("words.toml").read_text("utf-8"))


@lru_cache
def _meanings(section: str) -> Mapping[str, str]:
    words = known_words()[section]
    own = {plain(ours): ours for ours in (*EVENT_TYPES, SEARCH)} if section == "types" else {}
    return {**{theirs: ours for ours, known in words.items() for theirs in known}, **own}


def _known_fields(value: dict[str, str]) -> dict[str, str]:
    if unknown := [name for name in value if name not in FIELDS]:
        raise ValueError(f"{', '.join(unknown)}: no field of ours; the fields are {', '.join(FIELDS)}")
    if missing := [name for name in ("shopper", "time") if name not in value]:
        raise ValueError(f"{', '.join(missing)}: must be mapped, no event can do without")
    if ("product" in value) == ("products" in value):
        raise ValueError("either product (one a row) or products (a list in a row) must be mapped")
    return value


def _known_types(value: dict[str, str]) -> dict[str, str]:
    if unknown := [name for name in value.values() if name not in (*EVENT_TYPES, SEARCH)]:
        raise ValueError(f"{', '.join(unknown)}: no type of ours; the types are {', '.join((*EVENT_TYPES, SEARCH))}")
    return value


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError):
        raise ValueError(f"{value!r} is no time zone such as UTC or Asia/Shanghai") from None
    return value


def _known_encoding(value: str | None) -> str | None:
    try:
        return None if value is None else codecs.lookup(value).name
    except LookupError:
        raise ValueError(f"{value!r} is no encoding such as utf-8 or gb18030") from None


class EventMapping(BaseModel):
    """How to read one table of events. See docs/events.md.

    `type` holds for every row where no column states one. `types` and `labels` say what the words in the columns of
    these names mean, before those that are known anyway; `ignore` names types that are no product events.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: Annotated[dict[str, str], AfterValidator(_known_fields)]
    type: Literal[EVENT_TYPES] | None = None  # type: ignore[valid-type]
    types: Annotated[dict[str, str], AfterValidator(_known_types)] = {}
    labels: Annotated[dict[str, str], AfterValidator(_known_types)] = {}
    ignore: tuple[str, ...] = ()
    encoding: Annotated[str | None, AfterValidator(_known_encoding)] = None
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    time_format: str | None = None
    rating_scale: Annotated[float, Field(gt=0, le=1000)] = 5.0
    position_from: Literal[0, 1] = 0
    products_split: Annotated[str, Field(min_length=1)] = "|"
    allow_columns: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_what_happened(self) -> "EventMapping":
        if self.type is None and not {"type", "rating", "label"} & self.fields.keys():
            raise ValueError('map type, rating or label, or say what every row is, as in type = "purchase"')
        return self

    def type_of(self, word: str) -> str | None:
        """What a word in the column of types means; None where nobody knows."""
        return self.types.get(word) or _meanings("types").get(plain(word))

    def label_of(self, word: str) -> str | None:
        """What a word in the column of labels means; None where nobody knows."""
        return self.labels.get(word) or _meanings("labels").get(word.casefold())

    def allowed(self) -> frozenset[str]:
        """The columns that may look personal: what becomes a pseudonym, and what the mapping allows by name."""
        made_pseudonyms = [self.fields[name] for name in ("shopper", "session") if name in self.fields]
        return frozenset((*made_pseudonyms, *self.allow_columns))


def load_event_mapping(path: Path) -> EventMapping:
    """Read a mapping file.

    Raises:
        FeedError: the file is missing, is no TOML, or says something that no mapping can say; the message names it.
    """
    try:
        return EventMapping.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise FeedError(f"cannot read the mapping {path}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise FeedError(f"the mapping {path} is not TOML: {error}") from error
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise FeedError(f"the mapping {path} cannot be used: {'; '.join(problems)}") from error


def guess_mapping(columns: Iterable[str]) -> EventMapping | None:
    """The mapping that the names of the columns speak for, English or Chinese; None where something is not told.

    >>> guess_mapping(["用户ID", "商品ID", "行为类型", "时间"]).fields
    {'shopper': '用户ID', 'product': '商品ID', 'type': '行为类型', 'time': '时间'}
    """
    by_plain = {plain(column): column for column in columns}
    fields = {}
    for name, words in known_words()["columns"].items():
        if column := next((by_plain[word] for word in words if word in by_plain), None):
            fields[name] = column
    if "product" in fields:
        fields.pop("products", None)
    try:
        return EventMapping(fields=fields)
    except ValidationError:
        return None
