"""Cleaning, finding and splitting feed cells, before anything is validated.

In: a record's cells as the reader left them. Out: text without markup and control characters, or the values in a cell.
Knows no field and no mapping.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import nh3

MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
ESCAPED_MARKUP = re.compile(
    r"</?(?:p|br|div|span|b|strong|i|em|u|ul|ol|li|h[1-6]|table|tr|td|a|img|script|style)\b[^<>]*>"
)
BLOCKS = frozenset(
    "address article blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li ol p pre "
    "section table tr ul".split()
)
CELLS = frozenset(("td", "th"))
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters, those that turn the direction of writing around, and byte order marks."""

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Characters by which two ids can differ and look the same."""

SURROGATE = re.compile(r"[\ud800-\udfff]")
NO_REFERENCE = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{9,});?")
"""What the standard library would read as a number of any length."""

MAX_PARSED = 100_000
"""Characters up to which HTML is parsed; of longer texts the tags are cut out. The parser's time grows with the square
of how deep elements are nested."""

UNREAD_ELEMENT = re.compile(r"(</?(?:script|style)\b[^<>]*>)", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")


def clean_text(text: str) -> str:
    """Text as a shopper should read it: no HTML, no control characters, no space at the ends.

    Where a paragraph, line or list item ends there is a line break; what scripts and styles hold is dropped. Text with
    half surrogates stays as it is, for whoever validates it to refuse.

    >>> clean_text(" <p>Duo <b>Core</b></p><ul><li>2M Cache</li><li>fan &amp; case</li></ul><script>x()</script>")
    'Duo Core\\n2M Cache\\nfan & case'
    """
    # Most cells: one line, nothing to take off.
    if text.isprintable() and "<" not in text and "&" not in text:
        return " ".join(text.split())
    if SURROGATE.search(text):
        return text
    if MARKUP.search(text):
        text = _without_markup(text)
    elif "&" in text:
        text = _unescaped(text)
    # Feeds inside XML or JSON are sometimes escaped once more than they should be.
    if ESCAPED_MARKUP.search(text):
        text = _without_markup(text)
    text = CONTROL.sub(" ", text)
    return "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)


def _without_markup(text: str) -> str:
    if len(text) > MAX_PARSED:
        pieces = UNREAD_ELEMENT.split(text)
        read = (piece for piece, tag in zip(pieces[::2], ["", *pieces[1::2]], strict=True) if tag[:2] in ("", "</"))
        return _unescaped(TAG.sub("\n", "".join(read)))
    kept = nh3.clean(text, tags=set(BLOCKS | CELLS), attributes={}, link_rel=None)
    lines = re.sub(r"</?(?:td|th)>", " ", kept)
    return _unescaped(re.sub(r"</?[a-z][a-z0-9]*>", "\n", lines))


def _unescaped(text: str) -> str:
    return html.unescape(NO_REFERENCE.sub("\ufffd", text))


def is_empty(cell: object) -> bool:
    """Whether a cell states nothing: None, blank text, an empty list or object.

    >>> is_empty("  "), is_empty([]), is_empty(0), is_empty(False)
    (True, True, False, False)
    """
    return cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, (list, dict)) and not cell)


def pick(values: Mapping[str, Any], column: str) -> Any:
    """The cell of a column; where there is none of that name, dots lead into objects and lists.

    >>> pick({"a.b": 1}, "a.b"), pick({"price": {"amount": 5}}, "price.amount"), pick({"images": ["x"]}, "images.0")
    (1, 5, 'x')
    """
    if column in values or "." not in column:
        return values.get(column)
    found: Any = values
    for part in column.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def to_text(cell: object) -> str:
    """Any cell as one line of words, for the details of a product.

    >>> to_text(Decimal("6.0")), to_text(True), to_text(["a", "b"]), to_text({"w": 3})
    ('6', 'yes', 'a, b', 'w: 3')
    """
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Decimal) and cell.is_finite() and abs(cell.adjusted()) < 20:
        return format(cell.normalize(), "f")
    if isinstance(cell, list):
        return ", ".join(to_text(item) for item in cell if not is_empty(item))
    if isinstance(cell, dict):
        return ", ".join(f"{to_text(str(key))}: {to_text(item)}" for key, item in cell.items() if not is_empty(item))
    return clean_text(str(cell)).replace("\n", " ")


def split_values(cell: object, separators: Sequence[str] = ("|",)) -> list[str]:
    """The values that a cell states: a list's items, or the parts of a text between any of `separators`.

    >>> split_values("Black, Cyan/Red", (",", "/")), split_values(["a|b", Decimal("6.0")])
    (['Black', 'Cyan', 'Red'], ['a|b', '6'])
    """
    if isinstance(cell, list):
        return [text for item in cell if (text := to_text(item))]
    parts: Iterable[str] = [to_text(cell)]
    for separator in separators:
        parts = [piece for part in parts for piece in part.split(separator)]
    return [part.strip() for part in parts if part.strip()]


def present(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The cells that state something."""
    return {name: cell for name, cell in cells.items() if not is_empty(cell)}
