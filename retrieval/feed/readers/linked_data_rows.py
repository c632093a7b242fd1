"""JSON-LD (schema.org) to records: every Product and ProductGroup, wherever the document lists them.

In: a .jsonld or .json file, or an .html page with `<script type="application/ld+json">`. Out: one record a product or
group, as the document states it; lists, `@graph`, `ItemList` and `mainEntity` are followed. Knows no mapping.
"""

from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

from retrieval.errors import FeedError
from retrieval.feed.readers.decoding import open_text
from retrieval.feed.readers.json_rows import JsonScanner, Unusable, as_record, parsed
from retrieval.feed.readers.opening import Source
from retrieval.feed.readers.records import MAX_DEPTH, Reading, Record

LISTS = ("@graph", "itemListElement")
FOLLOWED = (*LISTS, "item", "mainEntity", "hasPart", "about")
PRODUCTS = ("Product", "ProductGroup", "IndividualProduct", "ProductModel", "SomeProducts", "Vehicle", "Book")
MAX_PAGE_CHARACTERS = 2**25
CHUNK_CHARACTERS = 2**16


def read_linked_data(source: Source, reading: Reading) -> Iterator[Record]:
    """Every product of a JSON-LD file.

    Raises:
        FeedError: the file is no JSON.
    """
    return _numbered(source.name, _documents(source, reading))


def read_page(source: Source, reading: Reading) -> Iterator[Record]:
    """Every product that an HTML page states as JSON-LD.

    Raises:
        FeedError: the page is too long, or states nothing as JSON-LD.
    """
    scripts = _Scripts()
    n_characters = 0
    with open_text(source, reading) as text:
        while chunk := text.read(CHUNK_CHARACTERS):
            n_characters += len(chunk)
            if n_characters > MAX_PAGE_CHARACTERS:
                raise FeedError(f"{source.name} has more than the {MAX_PAGE_CHARACTERS:,} characters of a page")
            try:
                scripts.feed(chunk)
            except AssertionError as error:  # html.parser's way to refuse some <![...
                raise FeedError(f"{source.name} is not HTML: {error}") from error
    if not scripts.found:
        raise FeedError(f'{source.name} has no <script type="application/ld+json">, all that is read of a page')
    return _numbered(source.name, (parsed(script) for script in scripts.found))


def types_of(node: dict[str, Any]) -> list[str]:
    """The schema.org types of a node, without the address before them.

    >>> types_of({"@type": ["https://schema.org/Product", "Thing"]})
    ['Product', 'Thing']
    """
    stated = node.get("@type", [])
    names = stated if isinstance(stated, list) else [stated]
    return [str(name).rpartition("/")[2].rpartition(":")[2] for name in names]


def _documents(source: Source, reading: Reading) -> Iterator[Any]:
    """The elements of the list that the document is or holds, or else the document."""
    with open_text(source, reading) as text:
        scanner = JsonScanner(text, source.name)
        if scanner.enter_list(None, LISTS):
            yield from scanner.elements()
            return
    with open_text(source, reading) as text:
        yield JsonScanner(text, source.name).whole()


def _numbered(name: str, documents: Iterable[Any]) -> Iterator[Record]:
    line = 0
    for document in documents:
        for node in _products(document, 0):
            line += 1
            yield as_record(name, line, node)


def _products(value: Any, level: int) -> Iterator[Any]:
    if isinstance(value, Unusable):
        yield value
    elif level > MAX_DEPTH:
        yield Unusable(f"is nested deeper than {MAX_DEPTH} levels")
    elif isinstance(value, list):
        for item in value:
            yield from _products(item, level + 1)
    elif isinstance(value, dict):
        if set(types_of(value)) & set(PRODUCTS):
            yield value
        else:
            for name in FOLLOWED:
                yield from _products(value.get(name), level + 1)


class _Scripts(HTMLParser):
    """Collects what stands in JSON-LD scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self._inside = (dict(attrs).get("type") or "").strip().lower() == "application/ld+json"
            if self._inside:
                self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data
