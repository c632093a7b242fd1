"""Tables in a reply's text, in Markdown: how a line is written, and how it is read again by whoever shows it.

In: cells. Out: lines, or cells again. Knows neither what stands in them nor how they are shown.
"""

import re
from collections.abc import Sequence

_BORDER = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")


def table_line(cells: Sequence[str]) -> str:
    """One line of a table; a bar within a cell is marked as no border.

    >>> print(table_line(["Price", "$1", "a|b"]))
    | Price | $1 | a\\|b |
    """
    shown = (" ".join(cell.split()).replace("|", r"\|") for cell in cells)
    return "".join(f"| {cell} " if cell else "| " for cell in shown) + "|"


def table_rule(n_columns: int) -> str:
    """The line under the head of a table.

    >>> table_rule(2)
    '| --- | --- |'
    """
    return table_line(["---"] * n_columns)


def is_table_line(line: str) -> bool:
    """Whether a line of a reply belongs to a table."""
    return line.strip().startswith("|") and line.strip().endswith("|") and len(line.strip()) > 1


def table_rows(lines: Sequence[str]) -> list[list[str]]:
    """The cells of a table, line by line, the head first.

    >>> table_rows(["| | 1 |", "| --- | --- |", r"| a\\|b | 2 |"])
    [['', '1'], ['a|b', '2']]
    """
    return [_cells(line) for line in lines if not _RULE.fullmatch(line.strip())]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in _BORDER.split(line.strip())[1:-1]]
