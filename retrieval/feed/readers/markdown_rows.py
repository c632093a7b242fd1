"""Markdown pages of a shop's rules to records of policies and questions.

In: text, with or without YAML front matter (`topic`, `language`, `id`). Out: one record for each heading with text
below: `id, topic, language, title, text, kind`. The first-level heading above is the topic; a heading that asks ("How
long …?", "Q: …", "问:…") is a question, the text its answer. Knows no mapping.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from markdown_it import MarkdownIt

from retrieval.errors import FeedError
from retrieval.feed.cells import clean_text
from retrieval.feed.readers.decoding import open_text
from retrieval.feed.readers.opening import Source
from retrieval.feed.readers.records import Reading, Record
from retrieval.feed.readers.yaml_rows import parse_yaml

FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?\r?\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
ASKING = re.compile(r"\A(?:q(?:uestion)?\s*\d*\s*[.:\uff1a)]|\u95ee\u9898?\s*\d*\s*[.:\uff1a\u3001])\s*", re.IGNORECASE)
ANSWERING = re.compile(r"\A(?:a(?:nswer)?\s*\d*\s*[:\uff1a]|\u7b54\u6848?\s*\d*\s*[:\uff1a])\s*", re.IGNORECASE)
QUESTION_MARKS = ("?", "\uff1f")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CHINESE_SHARE = 0.2
MAX_PAGE_CHARACTERS = 2**20


@dataclass
class _Section:
    line: int
    title: str
    topic: str
    tokens: list[Any]


def read_markdown(source: Source, reading: Reading) -> Iterator[Record]:
    """Every passage of a Markdown page.

    Raises:
        FeedError: the page is too long, or its front matter is no YAML.
    """
    with open_text(source, reading) as file:
        text = file.read(MAX_PAGE_CHARACTERS + 1)
    if len(text) > MAX_PAGE_CHARACTERS:
        raise FeedError(f"{source.name} has more than the {MAX_PAGE_CHARACTERS:,} characters of a page: split it")
    front = FRONT_MATTER.match(text)
    stated = (parse_yaml(front[1]) or {}) if front else {}
    if not isinstance(stated, dict):
        raise FeedError(f"the front matter of {source.name} must be lines such as `topic: returns`: {stated}")
    body, n_before = (text[front.end() :], front[0].count("\n")) if front else (text, 0)
    markdown = MarkdownIt("commonmark").enable("table")
    stem = PurePosixPath(source.entry or source.path.name).name.split(".")[0]
    topic = str(stated.get("topic") or stem)
    taken: set[str] = set()
    for section in _sections(markdown.parse(body), topic, str(stated.get("title") or topic), "topic" in stated):
        html = markdown.renderer.render(section.tokens, markdown.options, {})
        if words := clean_text(html):
            values = _passage(section, words, stated, taken)
            yield Record(source.name, section.line + n_before, values)


def _sections(tokens: list[Any], topic: str, title: str, topic_is_stated: bool) -> list[_Section]:
    sections = [_Section(1, title, topic, [])]
    at = 0
    while at < len(tokens):
        token = tokens[at]
        # Headings inside quotations and lists are text.
        if token.type == "heading_open" and token.level == 0:
            heading = clean_text(tokens[at + 1].content).replace("\n", " ")
            if token.tag == "h1" and not topic_is_stated:
                topic = heading
            sections.append(_Section(token.map[0] + 1, heading, topic, []))
            at += 3
        else:
            sections[-1].tokens.append(token)
            at += 1
    return sections


def _passage(section: _Section, words: str, stated: dict[str, Any], taken: set[str]) -> dict[str, Any]:
    asked = ASKING.sub("", section.title)
    is_question = asked != section.title or asked.endswith(QUESTION_MARKS)
    language = stated.get("language") or language_of(f"{section.title} {words}")
    first = stated.get("id") or section.topic
    name = slug(str(first)) if section.title == section.topic else f"{slug(str(first))}/{slug(asked)}"
    passage_id, n = name, 1
    while passage_id in taken:
        n += 1
        passage_id = f"{name}-{n}"
    taken.add(passage_id)
    return {
        "id": passage_id,
        "topic": section.topic,
        "language": language,
        "title": asked or section.title,
        "text": ANSWERING.sub("", words) if is_question else words,
        "kind": "faq" if is_question else "policy",
    }


def slug(text: str) -> str:
    """A heading as an id.

    >>> slug("How long do I have?"), slug("退货与退款")
    ('how-long-do-i-have', '退货与退款')
    """
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")[:80] or "passage"


def language_of(text: str) -> str:
    """The language of a text: "zh" where more than a fifth of its letters are Chinese, else "en".

    >>> language_of("退货 in 30 days"), language_of("Returns within 30 days")
    ('zh', 'en')
    """
    letters = sum(1 for character in text if character.isalpha())
    return "zh" if len(CHINESE.findall(text)) > CHINESE_SHARE * letters else "en"
