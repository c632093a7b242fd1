"""YAML lists to records, holding one element at a time.

In: text. Out: one record an element of the list that the file is, or holds under a usual name. Plain values are read as
YAML 1.2 reads them, so that `007`, `no` and `12:30` stay text. Aliases are refused (a few of them can stand for
gigabytes), as are tags that ask for anything but plain values. Knows no mapping.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

from retrieval.errors import FeedError
from retrieval.feed.readers.decoding import open_text
from retrieval.feed.readers.json_rows import Unusable, as_record
from retrieval.feed.readers.opening import Source
from retrieval.feed.readers.records import (
    LIST_NAMES,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_ROW_CHARACTERS,
    Reading,
    Record,
    named_twice,
)

MAX_EVENTS = 200_000
"""How many values one element may hold."""

WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
FRACTION = re.compile(r"[-+]?(0|[1-9][0-9]*)?\.[0-9]+([eE][-+]?[0-9]{1,3})?|[-+]?(0|[1-9][0-9]*)[eE][-+]?[0-9]{1,3}")
WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None, ".nan": None, ".NaN": None}
WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
TAG = "tag:yaml.org,2002:"

Events = Iterator[Any]


def read_yaml(source: Source, reading: Reading) -> Iterator[Record]:
    """Every element of the list that a YAML file is or holds.

    Raises:
        FeedError: the file is no YAML, or holds no such list.
    """
    try:
        with open_text(source, reading) as text:
            events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
            path = tuple(reading.records_at.split(".")) if reading.records_at else None
            if not _enter_list(events, path):
                where = f"at {reading.records_at!r}" if path else f"under one of {', '.join(LIST_NAMES)}"
                raise FeedError(f"{source.name} must hold a list of objects, or one {where}")
            for line, event in enumerate(events, start=1):
                if isinstance(event, yaml.SequenceEndEvent):
                    break
                yield as_record(source.name, line, _value(event, events))
            if any(isinstance(event, yaml.DocumentStartEvent) for event in events):
                raise FeedError(f"{source.name} holds several documents: put all objects in one list, without ---")
    except yaml.YAMLError as error:
        raise FeedError(f"{source.name} is not YAML: {' '.join(str(error).split())}") from error


def parse_yaml(text: str) -> Any:
    """A short YAML text as plain values, or `Unusable`.

    >>> parse_yaml("id: 007")
    {'id': '007'}
    """
    try:
        events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                return _value(event, events)
    except yaml.YAMLError as error:
        return Unusable(f"is not YAML: {' '.join(str(error).split())}")
    return None


def _enter_list(events: Events, path: tuple[str, ...] | None) -> bool:
    for event in events:
        if isinstance(event, yaml.SequenceStartEvent):
            return not path
        if isinstance(event, yaml.MappingStartEvent):
            if path == () or not _enter_key(events, path):
                return False
            path = path[1:] if path else path
        elif not isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            return False
    return False


def _enter_key(events: Events, path: tuple[str, ...] | None) -> bool:
    """Inside a mapping, go to the value of a key that is on the path, or (None) has a usual name."""
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            return False
        key = _value(event, events)
        if (key == path[0]) if path else (key in LIST_NAMES):
            return True
        _value(next(events), events)
    return False


def _value(event: Any, events: Events) -> Any:
    """The value that starts with `event`, or `Unusable`; its events are read to their end in either case."""
    built = _Built()
    built.take(event)
    while built.is_open:
        built.take(next(events))
    return built.result()


class _Built:
    """One value in the making. After something that cannot be used, events are counted but no longer kept."""

    def __init__(self) -> None:
        self._open: list[tuple[Any, list[Any]]] = []
        self._n_events = 0
        self._n_characters = 0
        self._level = 0
        self._done: Any = None
        self._wrong: str | None = None

    @property
    def is_open(self) -> bool:
        return self._level > 0

    def result(self) -> Any:
        return self._done if self._wrong is None else Unusable(self._wrong)

    def take(self, event: Any) -> None:
        self._n_events += 1
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._level += 1
            if self._level > MAX_DEPTH:
                self._wrong = self._wrong or f"is nested deeper than {MAX_DEPTH} levels"
            if self._wrong is None:
                self._open.append((event, []))
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._level -= 1
            if self._wrong is None:
                self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._wrong = self._wrong or f"uses the alias *{event.anchor}: write the value out"
        elif self._wrong is None:
            self._n_characters += len(event.value)
            if self._n_characters > MAX_ROW_CHARACTERS or self._n_events > MAX_EVENTS:
                self._wrong = f"is longer than {MAX_ROW_CHARACTERS:,} characters or {MAX_EVENTS:,} values"
            else:
                self._put(self._scalar(event))

    def _close(self) -> None:
        start, inside = self._open.pop()
        if isinstance(start, yaml.SequenceStartEvent):
            self._put(inside)
            return
        names = [str(name) for name in inside[::2]]
        found = dict(zip(names, inside[1::2], strict=True))
        if len(found) < len(names):
            self._wrong = f"an object has {named_twice(names)} twice"
        else:
            self._put(found)

    def _put(self, value: Any) -> None:
        if self._open:
            self._open[-1][1].append(value)
        else:
            self._done = value

    def _scalar(self, event: Any) -> Any:
        if event.tag is not None and event.tag not in ("!", f"{TAG}str"):
            if event.tag.removeprefix(TAG) not in ("int", "float", "bool", "null", "timestamp"):
                self._wrong = f"has the tag {event.tag!r}: only plain values are read"
                return None
            return plain(event.value)
        return plain(event.value) if event.implicit[0] else event.value


def plain(text: str) -> Any:
    """What an unquoted YAML value means.

    >>> plain("19.99"), plain("12"), plain("007"), plain("no"), plain("true"), plain("~")
    (Decimal('19.99'), 12, '007', 'no', True, None)
    """
    if text in WORDS:
        return WORDS[text]
    if len(text) <= MAX_DIGITS:
        if WHOLE.fullmatch(text):
            return int(text)
        if FRACTION.fullmatch(text):
            return Decimal(text)
    return text
