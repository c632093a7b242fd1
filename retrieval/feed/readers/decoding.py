"""Which encoding a text file is in, and its text.

In: a source, and the encoding that a mapping names, if any. Out: text. Byte order marks are believed; without one it is
UTF-8 when every byte fits, else GB18030 (which GBK and GB2312 are part of) when every byte fits and the text then looks
Chinese; anything else is refused with the place. Knows no rows.
"""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from retrieval.errors import FeedError
from retrieval.feed.readers.opening import Source, open_source
from retrieval.feed.readers.records import Reading

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NO_FILES = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7"))
"""Encodings that are for something else than files, and may decode into half surrogates."""

CHUNK_BYTES = 2**16
JUDGED_CHARACTERS = 200_000
COMMON_SHARE = 0.5
"""How much of a text's other than ASCII must be everyday Chinese (GB2312) for it to count as GB18030. French or German
read as GB18030 turns into rare characters."""


def known_encoding(name: str) -> str | None:
    """The usual name of an encoding, or None where Python has none or it is no encoding of whole texts.

    >>> known_encoding("UTF8"), known_encoding("zlib"), known_encoding("utf-7")
    ('utf-8', None, None)
    """
    try:
        b"x".decode(name, "ignore")
        found = codecs.lookup(name).name
    except (LookupError, UnicodeError):
        return None
    return None if found in NO_FILES else found


@contextmanager
def open_text(source: Source, reading: Reading) -> Iterator[IO[str]]:
    """The text of a source, line ends as they are.

    Raises:
        FeedError: it cannot be read, or is in no encoding that was named or recognised.
    """
    encoding = reading.encoding or detect_encoding(source)
    if reading.encoding is None and encoding not in ("utf-8", "utf-8-sig"):
        reading.on_note(f"{source.name} is not UTF-8 and was read as {encoding}")
    try:
        with open_source(source) as file, io.TextIOWrapper(file, _without_mark(encoding), newline="") as text:
            yield text
    except UnicodeDecodeError as error:
        raise FeedError(
            f"{source.name} is not {encoding} (byte {_first_misfit(source, encoding) or 0:,}: {error.reason}): "
            "save it as UTF-8, or set the right `encoding` in the mapping"
        ) from error


def detect_encoding(source: Source) -> str:
    """The encoding of a text file that nobody named.

    Raises:
        FeedError: it is neither marked, nor UTF-8, nor GB18030.
    """
    with open_source(source) as file:
        head = file.read(4096)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    if head[:256].count(0) > len(head[:256]) // 3:
        raise FeedError(
            f"{source.name} looks like UTF-16 without a byte order mark: save it as UTF-8, or set `encoding` in the "
            'mapping to "utf-16-le"'
        )
    wrong_utf8 = _first_misfit(source, "utf-8")
    if wrong_utf8 is None:
        return "utf-8"
    wrong_gb = _first_misfit(source, "gb18030")
    if wrong_gb is None and _looks_chinese(source):
        return "gb18030"
    beside = f"nor GB18030 (byte {wrong_gb:,})" if wrong_gb is not None else "nor Chinese when read as GB18030"
    raise FeedError(
        f"{source.name} is neither UTF-8 (byte {wrong_utf8:,}) {beside}: save it as UTF-8, or set `encoding` in the "
        "mapping (cp1252, shift_jis, …)"
    )


def _first_misfit(source: Source, encoding: str) -> int | None:
    """The position of the first byte that is not `encoding`, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position = 0
    with open_source(source) as file:
        while True:
            data = file.read(CHUNK_BYTES)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                return position - kept + error.start
            if not data:
                return None
            position += len(data)


def _looks_chinese(source: Source) -> bool:
    with open_source(source) as file, io.TextIOWrapper(file, "gb18030") as text:
        foreign = [character for character in text.read(JUDGED_CHARACTERS) if not character.isascii()]
    common = sum(1 for character in foreign if character.encode("gb2312", "ignore"))
    return common >= COMMON_SHARE * len(foreign)


def _without_mark(encoding: str) -> str:
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def lines(text: IO[str], longest: int) -> Iterator[str | None]:
    """The lines of a text with their ends; None for one above `longest` characters, which is never held whole.

    >>> import io
    >>> list(lines(io.StringIO("ab\\n" + "x" * 9 + "\\nc"), 4))
    ['ab\\n', None, 'c']
    """
    while line := text.readline(longest + 1):
        if len(line) <= longest:
            yield line
            continue
        while line and not line.endswith(("\n", "\r")):
            line = text.readline(longest + 1)
        yield None
