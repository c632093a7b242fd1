"""XML feeds (RSS, Atom, Google's `g:` names) to records, one item at a time.

In: text; entity declarations are refused by defusedxml. Out: one record for each `item`, `entry` or `product` element
(or what the mapping names), keyed by the names of its children without their prefix; where two prefixes share a name,
`g:` wins. Repeated children are a list, nested ones an object. Knows no mapping.
"""

import re
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from retrieval.errors import FeedError
from retrieval.feed.readers.decoding import known_encoding, open_text
from retrieval.feed.readers.json_rows import as_record
from retrieval.feed.readers.opening import Source, open_source
from retrieval.feed.readers.records import MAX_DEPTH, MAX_ROW_CHARACTERS, Reading, Record

ITEMS = ("item", "entry", "product")
DECLARED = re.compile(r"""(<\?xml[^>]*?encoding=["'])([A-Za-z0-9._-]+)(["'])""")
GOOGLE = "{http://base.google.com/ns/1.0}"


def read_xml(source: Source, reading: Reading) -> Iterator[Record]:
    """Every item of an XML feed.

    Raises:
        FeedError: the file is no XML, declares entities, is nested too deep, or has an item that is far too long.
    """
    names = (reading.records_at,) if reading.records_at else ITEMS
    told = Reading(reading.encoding or _declared(source), on_note=reading.on_note)
    try:
        with open_text(source, told) as text:
            given = _Given(text, source.name)
            for line, item in enumerate(_items(given, names, source.name), start=1):
                yield as_record(source.name, line, _children(item))
    except DefusedXmlException as error:
        raise FeedError(f"{source.name} declares entities ({error}), which no feed needs: leave them out") from error
    except ParseError as error:
        raise FeedError(f"{source.name} is not XML: {error}") from error


def _declared(source: Source) -> str | None:
    """The encoding that the file's first line declares, if it is one."""
    with open_source(source) as file:
        found = DECLARED.match(file.read(200).decode("latin-1"))
    if found is None:
        return None
    named = known_encoding(found[2])
    # What could be read as ASCII is neither, whatever it declares.
    return None if named is None or named.startswith(("utf-16", "utf-32")) else named


class _Given:
    """Text as the UTF-8 bytes that the parser wants, with a bound on how much may come between two items."""

    def __init__(self, text: IO[str], name: str) -> None:
        self._text = text
        self._name = name
        self._n_since = 0
        self._begun = False

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._text.read(size)
        if not self._begun:
            chunk, self._begun = DECLARED.sub(r"\1utf-8\3", chunk, count=1), True
        self._n_since += len(chunk)
        if self._n_since > MAX_ROW_CHARACTERS:
            raise FeedError(f"{self._name} has an element of more than {MAX_ROW_CHARACTERS:,} characters")
        return chunk.encode("utf-8")

    def item_ended(self) -> None:
        self._n_since = 0


def _items(given: _Given, names: tuple[str | None, ...], name: str) -> Iterator[Element]:
    above: list[Element] = []
    inside = False
    for event, element in iterparse(given, events=("start", "end")):
        if event == "start":
            above.append(element)
            if len(above) > MAX_DEPTH:
                raise FeedError(f"{name} is nested deeper than {MAX_DEPTH} levels")
            inside = inside or _local(element) in names
            continue
        above.pop()
        if _local(element) in names and not any(_local(outer) in names for outer in above):
            yield element
            given.item_ended()
            inside = False
        if not inside and above:
            above[-1].remove(element)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _children(item: Element) -> dict[str, Any]:
    stated: dict[str, list[Any]] = {}
    google = {_local(child) for child in item if str(child.tag).startswith(GOOGLE)}
    for child in item:
        name = _local(child)
        if name and (name not in google or str(child.tag).startswith(GOOGLE)):
            stated.setdefault(name, []).append(_value(child))
    return {name: values[0] if len(values) == 1 else values for name, values in stated.items()}


def _value(element: Element) -> Any:
    if len(element):
        mixed = (element.text or "").strip() or any((child.tail or "").strip() for child in element)
        return " ".join("".join(element.itertext()).split()) if mixed else _children(element)
    return element.text if (element.text or "").strip() else element.get("href", "")
