"""Feed files to records, whatever their kind, plain, gzipped or inside a zip.

In: paths. Out: one `Record` per row, in order, with the place it came from; rows that are no record say why. A record
has the feed's own columns: mappings come later, and rows of one product are joined by `retrieval.feed.grouping`.
Every kind is read as a stream with bounds on rows, columns, nesting and unpacked size.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from retrieval.feed.readers import opening
from retrieval.feed.readers.delimited import read_delimited
from retrieval.feed.readers.json_rows import read_json, read_jsonl
from retrieval.feed.readers.linked_data_rows import read_linked_data, read_page
from retrieval.feed.readers.markdown_rows import read_markdown
from retrieval.feed.readers.opening import Source
from retrieval.feed.readers.parquet_rows import read_parquet
from retrieval.feed.readers.records import Escape, Reading, Record, RecordFault
from retrieval.feed.readers.xml_rows import read_xml
from retrieval.feed.readers.yaml_rows import read_yaml

__all__ = ["READERS", "SUFFIXES", "Reading", "Record", "RecordFault", "Source", "find_sources", "read_records"]

READERS: dict[str, Callable[[Source, Reading], Iterator[Record]]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".parquet": read_parquet,
    ".xml": read_xml,
    ".rss": read_xml,
    ".atom": read_xml,
    ".jsonld": read_linked_data,
    ".html": read_page,
    ".htm": read_page,
    ".md": read_markdown,
    ".markdown": read_markdown,
}
SUFFIXES = tuple(READERS)


def find_sources(paths: Sequence[Path], on_note: Callable[[str], None] | None = None) -> list[Source]:
    """The feed files that `paths` name, zips opened up, in the order given; `on_note` hears what in them is not read.

    Raises:
        FeedError: a path is missing, is of a kind that is not read, is too large, or is a damaged zip.
    """
    return opening.find_sources(paths, SUFFIXES, on_note)


def read_records(
    source: Source,
    encoding: str | None = None,
    *,
    escape: Escape | None = None,
    records_at: str | None = None,
    linked_data: bool = False,
    on_note: Callable[[str], None] | None = None,
) -> Iterator[Record]:
    """Every record of one file; the arguments are what a mapping says, see `Reading`.

    Raises:
        FeedError: the file is not what its name says, is damaged, or unpacks to more than is read.
    """
    reading = Reading(encoding, escape, records_at, linked_data)
    if on_note is not None:
        reading = Reading(encoding, escape, records_at, linked_data, on_note)
    if linked_data and source.suffix == ".json":
        return read_linked_data(source, reading)
    return READERS[source.suffix](source, reading)
