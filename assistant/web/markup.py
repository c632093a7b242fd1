"""The one way from values to HTML: Jinja2 with autoescape, then nh3, then nothing that a browser template would read.

In: a template's name and plain values. Out: HTML that shows those values literally. Knows no products and no sessions.

Gradio fills an HTML component through Handlebars and a JavaScript template literal, and reads chat messages as
Markdown. So `$`, `{` and the backtick leave here as character references, and line breaks as spaces (a blank line
would start Markdown).
"""

import re
from functools import cache
from importlib.resources import files
from itertools import groupby

import nh3
from jinja2 import BaseLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from assistant.writing.tables import is_table_line, table_rows

_TAGS = {
    "a", "article", "aside", "br", "button", "dd", "details", "div", "dl", "dt", "em", "h1", "h2", "h3", "header",
    "img", "input", "label", "li", "ol", "p", "s", "span", "strong", "summary", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {
        "class",
        "role",
        "lang",
        "aria-label",
        "aria-hidden",
        "aria-pressed",
        "aria-checked",
        "aria-expanded",
        "title",
        "hidden",
        "tabindex",
    },
    "a": {"href", "target", "download"},
    "button": {"type", "disabled"},
    "input": {"type", "value", "maxlength", "autocomplete"},
    "th": {"scope"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    generic_attribute_prefixes={"data-"},
    url_schemes={"http", "https"},
    link_rel="noopener noreferrer nofollow",
)
_TEMPLATE_CHARACTERS = str.maketrans({"$": "&#36;", "{": "&#123;", "`": "&#96;"})
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_BULLET = re.compile(r"^\s*(?:[-*•]|(?P<number>\d{1,2})[.、)])\s+(?=\S)")


@cache
def _environment() -> Environment:
    return Environment(loader=BaseLoader(), autoescape=True, undefined=StrictUndefined)


@cache
def _source(name: str) -> str:
    return files("assistant.web").joinpath("templates", name).read_text(encoding="utf-8")


def render(name: str, /, **values: object) -> str:
    """The template `name` of `templates/` filled with `values`, as HTML on one line that is safe to show anywhere.

    Args:
        name: The template's file name.
        values: What the template shows; strings are data and never become markup.
    """
    return sanitise(_environment().from_string(_source(name)).render(**values))


def page_html(name: str, /, **values: object) -> str:
    """A whole page of ours: the template `name` with `values` as data. Its own markup stays as it is."""
    return _environment().from_string(_source(name)).render(**values)


def sanitise(html: str) -> str:
    """HTML with unknown tags, attributes and link schemes removed, on one line, and inert to browser templates.

    >>> sanitise('<p onclick="x()">${1} and {{2}}<script>x()</script></p>')
    '<p>&#36;&#123;1} and &#123;&#123;2}}</p>'
    """
    whole = html.encode("utf-8", "replace").decode("utf-8")
    return " ".join(_CLEANER.clean(whole).split()).translate(_TEMPLATE_CHARACTERS)


def shopper_text(text: str) -> str:
    """A shopper's message as HTML: their characters, their line breaks, nothing else.

    >>> shopper_text("<b>boots</b>")
    '<div class="said">&lt;b&gt;boots&lt;/b&gt;</div>'
    """
    return sanitise(f'<div class="said">{escape(text.strip()).replace(chr(10), Markup("<br>"))}</div>')


def reply_text(text: str) -> str:
    """The assistant's words as HTML: paragraphs, lists, tables and bold; other mark-up is shown as it was written.

    >>> reply_text("Two **good** ones:\\n1. A\\n2. B")
    '<div class="reply"><p>Two <strong>good</strong> ones:</p><ol><li>A</li><li>B</li></ol></div>'
    """
    lines = [_line(line) for line in text.strip().splitlines()]
    pieces = [_block(kind, [words for _, words in block]) for kind, block in groupby(lines, key=lambda line: line[0])]
    return sanitise(f'<div class="reply">{"".join(pieces)}</div>')


def _line(line: str) -> tuple[str, str]:
    """What a line is ("p", "ul", "ol", "table", or "" for a blank one), and its words as HTML."""
    if is_table_line(line):
        return "table", line.strip()
    bullet = _BULLET.match(line)
    kind = "p" if line.strip() else ""
    if bullet:
        kind = "ol" if bullet["number"] else "ul"
    words = str(escape(line[bullet.end() if bullet else 0 :].strip()))
    return kind, _BOLD.sub(r"<strong>\1</strong>", words)


def _block(kind: str, lines: list[str]) -> str:
    if kind == "p":
        return f"<p>{'<br>'.join(lines)}</p>"
    if kind == "table":
        return _table(lines)
    return f"<{kind}>{''.join(f'<li>{line}</li>' for line in lines)}</{kind}>" if kind else ""


def _table(lines: list[str]) -> str:
    """A table whose first line names the columns, and whose first column names the lines."""
    head, *rows = table_rows(lines) or [[]]
    names = "".join(f'<th scope="col">{escape(name)}</th>' if name else "<td></td>" for name in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
        if row
    )
    return f'<div class="table" tabindex="0"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'
