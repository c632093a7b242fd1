"""How every benchmark ends: one table, or one JSON object of the same rows.

In: rows of figures. Out: standard output. Knows no benchmark.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH_OF_FILES = 240


def print_report(
    benchmark: str, data: Mapping[str, Any], ours: str, rows: Sequence[Mapping[str, Any]], seconds: float, as_json: bool
) -> None:
    """Print `rows` as a table, or with `as_json` as one object; `ours` names the row that the product serves."""
    if as_json:
        report = {"benchmark": benchmark, "data": data, "ours": ours, "rows": rows, "seconds": round(seconds, 1)}
        print(json.dumps(report, ensure_ascii=False, indent=2))
        return
    columns = list(dict.fromkeys(key for row in rows for key in row))
    table = Table(title=f"{benchmark}: {', '.join(f'{key} {value}' for key, value in data.items())}")
    for column in columns:
        table.add_column(column, justify="left" if column == "system" else "right")
    for row in rows:
        cells = ["" if row.get(column) is None else str(row.get(column)) for column in columns]
        table.add_row(*cells, style="bold" if row.get("system") == ours else None)
    console = Console()
    # A file or a pipe has no width of its own: nothing needs to be cut there.
    (console if console.is_terminal else Console(width=WIDTH_OF_FILES)).print(table)
