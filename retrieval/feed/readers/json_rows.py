"""JSON lists and JSON lines to records, holding one element at a time.

In: text. Out: one record an element; one that is no JSON object, is nested too deep or is too long costs only itself as
long as its brackets close. NaN states nothing. Each element is parsed by the standard library; a streaming parser such
as ijson would refuse the whole file for one NaN, which Python's own writers put there. Knows no mapping.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from retrieval.errors import FeedError
from retrieval.feed.readers.decoding import lines, open_text
from retrieval.feed.readers.opening import Source
from retrieval.feed.readers.records import (
    LIST_NAMES,
    MAX_COLUMNS,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_ROW_CHARACTERS,
    Reading,
    Record,
    named_twice,
)

CHUNK_CHARACTERS = 2**18
SPACE = re.compile(r"[ \t\r\n]*")
OUTSIDE = re.compile(r'["\[\]{}]')
INSIDE = re.compile(r'["\\]')
SCALAR_END = re.compile(r"[,\]}\s]")


class Unusable(ValueError):
    """Why one element is no record."""


def read_json(source: Source, reading: Reading) -> Iterator[Record]:
    """Every element of the list that a JSON file is or holds.

    Raises:
        FeedError: the file holds no such list, or its brackets do not close.
    """
    with open_text(source, reading) as text:
        scanner = JsonScanner(text, source.name)
        path = tuple(reading.records_at.split(".")) if reading.records_at else None
        if not scanner.enter_list(path, LIST_NAMES):
            where = f"at {reading.records_at!r}" if path else f"under one of {', '.join(LIST_NAMES)}"
            raise FeedError(
                f"{source.name} must hold a list of objects, or an object with such a list {where}; one object per "
                "line belongs into a .jsonl file"
            )
        for line, found in enumerate(scanner.elements(), start=1):
            yield as_record(source.name, line, found)
        if path is None:
            scanner.finish()


def read_jsonl(source: Source, reading: Reading) -> Iterator[Record]:
    """Every line of a JSONL file that is not blank.

    Raises:
        FeedError: the file is in no known encoding.
    """
    with open_text(source, reading) as text:
        for line, row in enumerate(lines(text, MAX_ROW_CHARACTERS), start=1):
            if row is None:
                yield Record(source.name, line, {}, f"is longer than {MAX_ROW_CHARACTERS:,} characters")
            elif row.strip():
                yield as_record(source.name, line, parsed(row))


def as_record(name: str, line: int, found: Any) -> Record:
    """One parsed element as a record, or what is wrong with it."""
    if isinstance(found, Unusable):
        return Record(name, line, {}, str(found))
    if not isinstance(found, dict):
        return Record(name, line, {}, "is not an object")
    if len(found) > MAX_COLUMNS:
        return Record(name, line, {}, f"has {len(found):,} keys, more than the {MAX_COLUMNS:,} that are read")
    if depth(found) > MAX_DEPTH:
        return Record(name, line, {}, f"is nested deeper than {MAX_DEPTH} levels")
    return Record(name, line, found)


def parsed(text: str) -> Any:
    """JSON text as values (`Decimal` for fractions, None for NaN), or `Unusable`.

    >>> parsed('{"price": 19.99, "rating": NaN}')
    {'price': Decimal('19.99'), 'rating': None}
    """
    try:
        return json.loads(text, **_HOOKS)
    except RecursionError:
        return Unusable(f"is nested deeper than {MAX_DEPTH} levels")
    except ValueError as error:
        return Unusable(f"is not JSON: {error}")


def parsed_cell(text: str) -> Any:
    """JSON text in a cell as values, with the bounds of a row; or `Unusable`.

    >>> parsed_cell('[{"price": 19.99}]')
    [{'price': Decimal('19.99')}]
    """
    found = parsed(text)
    if depth(found) > MAX_DEPTH:
        return Unusable(f"is nested deeper than {MAX_DEPTH} levels")
    return found


def depth(value: object) -> int:
    """How deep lists and objects are nested; anything beyond what a row may have counts as one more.

    >>> depth({"a": [1, {"b": 2}]})
    3
    """
    level, open_values = 0, [value]
    while level <= MAX_DEPTH:
        inner: list[object] = []
        for item in open_values:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not any(isinstance(item, (dict, list)) for item in open_values):
            return level
        level, open_values = level + 1, inner
    return level


def _number(text: str) -> Decimal:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text):,} characters")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("a number beyond all bounds") from None


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text):,} characters")
    return int(text)


def _constant(name: str) -> Decimal | None:
    return None if name == "NaN" else Decimal(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"an object has {named_twice(name for name, _ in pairs)} twice")
    return found


_HOOKS: dict[str, Any] = {
    "parse_float": _number,
    "parse_int": _whole,
    "parse_constant": _constant,
    "object_pairs_hook": _object,
}


class JsonScanner:
    """Reads a JSON text from front to back; only the element at hand is held."""

    def __init__(self, text: IO[str], name: str) -> None:
        self._text = text
        self._name = name
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder(**_HOOKS)

    def enter_list(self, path: tuple[str, ...] | None, names: tuple[str, ...]) -> bool:
        """Go to the first element of the list at `path`, or (None) of the first list under one of `names`."""
        while True:
            mark = self._peek()
            if mark == "[":
                self._at += 1
                return not path
            if mark != "{" or path == ():
                return False
            self._at += 1
            if not self._enter_key(path[0] if path else None, names):
                return False
            path = path[1:] if path else path

    def elements(self) -> Iterator[Any]:
        """The elements of the list that was entered, up to its end: values, or `Unusable` where one cannot be had."""
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            mark = self._peek()
            self._at += 1
            if mark == "]":
                return
            if not mark:
                raise self._broken("it ends before its list is closed; was it cut off?")
            if mark != ",":
                raise self._broken(f"expected , or ] and found {mark!r}")

    def finish(self) -> None:
        """Read what is left, without keeping it.

        Raises:
            FeedError: brackets are open at the end of the file.
        """
        while self._peek() in (",", "}", '"', ":"):
            if self._buffer[self._at] == '"':
                self._skip()
                self._expect(":")
                self._skip()
            else:
                self._at += 1
        if self._peek():
            raise self._broken("there is more after its end; one object per line belongs into a .jsonl file")

    def whole(self) -> Any:
        """The value that starts here, or `Unusable`."""
        return self._value()

    def _enter_key(self, wanted: str | None, names: tuple[str, ...]) -> bool:
        """Inside an object, go to the value of a key; where none is wanted, of one of `names` that opens a list."""
        while self._peek() == '"':
            key = self._value()
            self._expect(":")
            opens = self._peek() in ("[", "{")
            if (key == wanted) if wanted is not None else (opens and key in names):
                return True
            self._skip()
            if self._peek() == ",":
                self._at += 1
        return False

    def _peek(self) -> str:
        """The next character that is no space, or "" at the end."""
        while True:
            self._at = SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def _expect(self, mark: str) -> None:
        found = self._peek()
        if found != mark:
            raise self._broken(f"expected {mark} and found {found!r}")
        self._at += 1

    def _fill(self) -> bool:
        """Drop what was read and take in more. False at the end of the text."""
        more = "" if self._ended else self._text.read(CHUNK_CHARACTERS)
        self._ended = not more
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
        return bool(more)

    def _value(self) -> Any:
        """The value that starts here, or `Unusable` with the place after it reached all the same."""
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except RecursionError:
                self._skip()
                return Unusable(f"is nested deeper than {MAX_DEPTH} levels")
            except ValueError:
                # Either the buffer ends inside the value, or the value is wrong: its extent tells.
                text = self._skip()
                return Unusable(f"is longer than {MAX_ROW_CHARACTERS:,} characters") if text is None else parsed(text)
            # A number that touches the buffer's end may go on.
            if end < len(self._buffer) or self._buffer[end - 1] in '"]}' or not self._fill():
                self._at = end if end <= len(self._buffer) else len(self._buffer)
                return value

    def _skip(self) -> str | None:
        """Go past the value that starts here; its text, or None where it is too long to be held."""
        mark = self._peek()
        if mark not in ('"', "[", "{"):
            return self._skip_scalar(mark)
        pieces: list[str] = []
        n_characters, level, inside = 0, 0, False
        while True:
            begin = self._at
            level, inside, closed = self._scan(level, inside)
            n_characters += self._at - begin
            if n_characters <= MAX_ROW_CHARACTERS:
                pieces.append(self._buffer[begin : self._at])
            if closed:
                return "".join(pieces) if n_characters <= MAX_ROW_CHARACTERS else None
            if not self._fill():
                raise self._broken("it ends inside a list, object or text; was it cut off?")

    def _scan(self, level: int, inside: bool) -> tuple[int, bool, bool]:
        """Go on in the buffer: how many brackets are open then, whether a text is, and whether the value is over."""
        while True:
            found = (INSIDE if inside else OUTSIDE).search(self._buffer, self._at)
            if found is None:
                self._at = len(self._buffer)
                return level, inside, False
            mark = found[0]
            if mark == "\\":
                if found.end() == len(self._buffer) and not self._more_behind():
                    self._at = len(self._buffer)
                    return level, inside, False
                self._at = found.end() + 1
                continue
            self._at = found.end()
            if mark == '"':
                inside = not inside
            else:
                level += 1 if mark in "[{" else -1
            if not inside and level <= 0:
                return level, inside, True

    def _more_behind(self) -> bool:
        """Take in more behind the buffer, keeping all of it. False at the end of the text."""
        more = self._text.read(CHUNK_CHARACTERS)
        self._buffer += more
        return bool(more)

    def _skip_scalar(self, mark: str) -> str:
        pieces: list[str] = []
        n_characters = 0
        while True:
            found = SCALAR_END.search(self._buffer, self._at)
            end = found.start() if found else len(self._buffer)
            n_characters += end - self._at
            if n_characters > MAX_ROW_CHARACTERS:
                raise self._broken("a value goes on and on")
            pieces.append(self._buffer[self._at : end])
            self._at = end
            if found or not self._fill():
                break
        text = "".join(pieces)
        if not text:
            raise self._broken(f"expected a value and found {mark!r}")
        return text

    def _broken(self, why: str) -> FeedError:
        near = self._buffer[max(0, self._at - 20) : self._at + 40]
        return FeedError(f"{self._name} is not JSON: {why}" + (f", near {near!r}" if near else ""))
