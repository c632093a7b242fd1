"""What a validator reports, how it reads JSON lines, and how it judges a text's language.

In: a file of JSON lines. Out: rows with their line numbers, and problems. Knows no schema.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `line` counts from 1; 0 means the file as a whole."""

    file: str
    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a file of JSON lines."""

    file: str
    line: int
    data: Mapping[str, Any]

    def problem(self, field: str, reason: str, value: object = None) -> Problem:
        """A problem in this row; without `value`, with what the row holds in `field`."""
        shown = self.data.get(field, "") if value is None else value
        return Problem(self.file, self.line, field, str(shown), reason)


def read_rows(path: Path) -> tuple[list[Row], list[Problem]]:
    """The objects of a file of JSON lines, and a problem for each line that is none."""
    if not path.is_file():
        return [], [Problem(path.name, 0, "", "", "the file is missing")]
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, text in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            data = json.loads(text)
        except json.JSONDecodeError:
            data = None
        if isinstance(data, dict):
            rows.append(Row(path.name, number, data))
        else:
            problems.append(Problem(path.name, number, "", text[:80], "not a JSON object"))
    return rows, problems


def repeated_ids(rows: list[Row]) -> list[Problem]:
    """A problem for each row whose id an earlier row already has."""
    seen: set[str] = set()
    problems = []
    for row in rows:
        if (identifier := str(row.data.get("id", ""))) in seen:
            problems.append(row.problem("id", "an earlier row has this id"))
        seen.add(identifier)
    return problems


def is_language(text: str, language: str) -> bool:
    """Whether a text is in the language it should be: English without Chinese characters, Chinese mostly of them.

    A Latin letter weighs a quarter of a Chinese character, so that a brand may stand in a Chinese title.

    >>> is_language("Quenra 智能手机", "zh"), is_language("Smartphone", "zh"), is_language("手机", "en")
    (True, False, False)
    """
    n_han = len(HAN.findall(text))
    if language == "en":
        return n_han == 0 and bool(text.strip())
    return n_han >= 2 and 4 * n_han >= len(LATIN.findall(text))


def is_number(value: object, low: float, high: float = float("inf")) -> bool:
    """Whether a value is a number (not a truth value) within bounds, both included.

    >>> is_number(4.5, 1, 5), is_number(True, 0), is_number("4", 1)
    (True, False, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
