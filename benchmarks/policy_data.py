"""Policies and questions about them, as the benchmark and the training of answers read them.

In: files. Out: typed values. Knows no system.

Policies: JSONL of id, language, title, text and, where there are, topic and kind (what the importer takes); or the JSON
object `{"questions": [{"question", "answer"}]}`, whose ids are then faq-0, faq-1 and so on. Questions: JSONL of
question, expect (the ids of the passages that answer; empty: none does) and, where it is not to be told from the
letters, language.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import FeedError
from retrieval.text import has_cjk
from retrieval.types import Policy


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the ids of the passages that answer it; none: the shop's rules do not say."""

    text: str
    language: str
    expect: frozenset[str]


def read_policies(path: Path) -> list[Policy]:
    """The passages in a file.

    Raises:
        FeedError: a row lacks what a passage needs.
    """
    text = path.read_text("utf-8-sig").strip()
    if text.startswith('{"questions"') or (text.startswith("{") and "\n" in text and '"questions"' in text[:40]):
        pairs = json.loads(text)["questions"]
        return [Policy(f"faq-{i}", "", "en", row["question"], row["answer"], "faq") for i, row in enumerate(pairs)]
    return [_policy(json.loads(line), f"{path}, line {i}") for i, line in enumerate(text.splitlines(), 1) if line]


def _policy(row: dict[str, Any], where: str) -> Policy:
    if missing := [name for name in ("id", "title", "text") if not row.get(name)]:
        raise FeedError(f"{where}: {missing[0]} is missing; a passage has id, language, title and text")
    language = row.get("language") or _language(row["title"] + row["text"])
    return Policy(str(row["id"]), row.get("topic", ""), language, row["title"], row["text"], row.get("kind", "policy"))


def read_questions(path: Path) -> list[Question]:
    """The questions in a file.

    Raises:
        FeedError: a row is no question.
    """
    found = []
    for place, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        row = json.loads(line)
        if not row.get("question") or not isinstance(row.get("expect"), list):
            raise FeedError(f'{path}, line {place}: write {{"question": "…", "expect": ["id", …]}}, [] for no answer')
        language = row.get("language") or _language(row["question"])
        found.append(Question(row["question"], language, frozenset(map(str, row["expect"]))))
    return found


def _language(text: str) -> str:
    return "zh" if has_cjk(text) else "en"
