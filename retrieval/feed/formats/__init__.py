"""The ready formats, and which mapping a feed is read by.

In: the name of a format or the path of a mapping file, or nothing but the feed. Out: a `Mapping` with its currency.
Knows no database.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import islice
from pathlib import Path

from retrieval.errors import FeedError
from retrieval.feed.cells import to_text
from retrieval.feed.formats.acp import ACP
from retrieval.feed.formats.google import GOOGLE
from retrieval.feed.formats.schemaorg import SCHEMAORG
from retrieval.feed.formats.shape import Format, Member, Values
from retrieval.feed.formats.shopify import SHOPIFY
from retrieval.feed.formats.woocommerce import WOOCOMMERCE
from retrieval.feed.mapping import RESERVED, Mapping, load_mapping, parse_mapping
from retrieval.feed.reader import Record, Source, find_sources, read_records
from retrieval.feed.readers.opening import open_source

READY = {shape.name: shape for shape in (SHOPIFY, WOOCOMMERCE, SCHEMAORG, ACP, GOOGLE)}
"""By name, in the order in which a file is held against them: the most peculiar first."""

CANONICAL = "canonical"
SEEN_ROWS = 200
SEEN_BYTES = 2**14
LINKED_DATA = (".jsonld", ".html", ".htm")
LINKED_DATA_MARK = re.compile(rb'"@context"\s*:[^,}]*schema\.org')


@dataclass(frozen=True, slots=True)
class Chosen:
    """The mapping that a feed is read by, what it was taken from, and what a person should know of that."""

    mapping: Mapping
    name: str
    notes: tuple[str, ...] = ()


def recognise(columns: Iterable[str]) -> str | None:
    """The format whose columns these are, or None.

    >>> recognise(["Handle", "Title", "Variant Price"]), recognise(["sku", "name"])
    ('shopify', None)
    """
    lower = frozenset(column.strip().lower() for column in columns)
    return next((name for name, shape in READY.items() if shape.recognises(lower)), None)


def ready_mapping(name: str, currency: str) -> Mapping:
    """The mapping of a format, or "canonical", in a currency.

    Raises:
        FeedError: there is none of that name, or the currency is unknown.
    """
    if name not in (*READY, CANONICAL):
        raise FeedError(f"there is no ready mapping {name!r}; there are {', '.join((*READY, CANONICAL))}")
    return parse_mapping(
        files("retrieval.feed").joinpath("mappings", f"{name}.toml").read_text("utf-8"), f"{name}.toml", currency
    )


def choose_mapping(named: str | None, paths: Sequence[Path], currency: str | None = None) -> Chosen:
    """The mapping for a feed: a file or a format by name, or what the feed's own columns say (`named` None).

    The currency is `currency`, else what the mapping file says, else what the feed's prices are written with.

    Raises:
        FeedError: there is no such file or format, the feed is not recognised, or nothing says the currency.
    """
    if named is not None and named not in (*READY, CANONICAL):
        if not Path(named).is_file():
            raise FeedError(
                f"{named} is neither a mapping file nor a ready mapping; the ready ones are "
                f"{', '.join((*READY, CANONICAL))}"
            )
        return Chosen(load_mapping(Path(named), currency), named)
    notes: list[str] = []
    sources = find_sources(paths)
    name = named or _recognised(sources)
    if named is None:
        notes.append(f"the columns are those of {name}")
    if name == CANONICAL:
        return Chosen(ready_mapping(name, currency or "USD"), name, tuple(notes))
    found = currency or _stated_currency(READY[name], sources)
    if found is None:
        raise FeedError(f"a feed of {name} does not say its currency: give --currency, such as --currency USD")
    if currency is None:
        notes.append(f"the prices are in {found}, as the feed says")
    return Chosen(ready_mapping(name, found), name, tuple(notes))


def format_of(mapping: Mapping) -> Format | None:
    """How rows of a mapping make products, or None where each row is one."""
    if mapping.format is not None:
        return READY[mapping.format]
    if mapping.variants is None:
        return None
    group, own = mapping.variants.group, mapping.fields["id"]

    def member(values: Values) -> Member:
        named, parent = to_text(values.get(own) or ""), to_text(values.get(group) or "")
        return Member(values, (named,) if named else (), parent or None)

    return Format("own", lambda columns: False, member)


def read_source(source: Source, mapping: Mapping, on_note: Callable[[str], None] | None = None) -> Iterable[Record]:
    """Every record of a file, read as its mapping says.

    Raises:
        FeedError: as `read_records`.
    """
    records = read_records(
        source,
        mapping.encoding,
        escape=mapping.escape,
        records_at=mapping.records_at,
        linked_data=mapping.format == SCHEMAORG.name,
        on_note=on_note,
    )
    return map(_without_reserved, records)


def _without_reserved(record: Record) -> Record:
    if RESERVED.isdisjoint(record.values):
        return record
    return replace(record, values={name: cell for name, cell in record.values.items() if name not in RESERVED})


def _recognised(sources: Sequence[Source]) -> str:
    if sources[0].suffix in LINKED_DATA or _is_linked_data(sources[0]):
        return SCHEMAORG.name
    columns: dict[str, None] = {}
    for record in islice(read_records(sources[0]), SEEN_ROWS):
        columns.update(dict.fromkeys(record.values))
    if name := recognise(columns):
        return name
    if {"id", "title", "price"} <= set(columns):
        return CANONICAL
    shown = ", ".join(list(columns)[:40])
    raise FeedError(
        f"{sources[0].name} is in no format that is known by its columns ({shown}): name a mapping file, or one of "
        f"{', '.join(READY)}, with --mapping"
    )


def _is_linked_data(source: Source) -> bool:
    if source.suffix != ".json":
        return False
    with open_source(source) as file:
        return LINKED_DATA_MARK.search(file.read(SEEN_BYTES)) is not None


def _stated_currency(shape: Format, sources: Sequence[Source]) -> str | None:
    linked = shape is SCHEMAORG
    for record in islice(read_records(sources[0], linked_data=linked), SEEN_ROWS):
        if found := shape.currency(shape.member(record.values).values) if record.values else None:
            return found
    return None
