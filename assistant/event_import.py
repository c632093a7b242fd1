"""`import-events` in the terminal: progress while it reads, then what was taken and what was left out.

In: the command's arguments. Out: text on the terminal, an exit code. Decides nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from assistant.shop import Shop
from ranking.behavior.importer import ImportOptions
from ranking.behavior.mapping import load_event_mapping
from ranking.behavior.report import EventReport

N_SHOWN = 10
console = Console()


def run_event_import(
    shop_dir: Path | None,
    files: Sequence[Path],
    format_: str | None,
    mapping: Path | None,
    items: Sequence[Path],
    allow_columns: Sequence[str],
    report: Path | None,
    *,
    keep_unknown: bool,
    dry_run: bool,
) -> int:
    """Import events beside whatever else is open on the shop.

    Returns:
        The exit code: 0 all taken, 3 some left out, 1 nothing.
    """
    options = ImportOptions(
        format=format_,
        mapping=load_event_mapping(mapping) if mapping else None,
        items=tuple(items),
        allow_columns=frozenset(allow_columns),
        keep_unknown=keep_unknown,
        dry_run=dry_run,
    )
    columns = (TextColumn("{task.description}"), SpinnerColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Shop(shop_dir) as shop:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            bar = bars.add_task("Reading events", total=None)
            done = shop.import_events(
                files, options, report, lambda n, total: bars.update(bar, completed=n, total=total)
            )
        print_event_report(done)
    return done.exit_code


def print_event_report(done: EventReport) -> None:
    """What an import of events came to."""
    for file, what in done.formats.items():
        console.print(f"{file}: read as {what}", style="dim", markup=False)
    verb = "would be added" if done.is_dry else "added"
    rate = done.n_records / done.seconds if done.seconds else 0.0
    console.print(
        f"{done.n_new:,} events {verb} of {done.n_records:,} records, {done.n_known:,} were there already, "
        f"{done.n_left_out:,} left out; {done.n_shoppers:,} shoppers; {rate:,.0f} records/s",
        markup=False,
    )
    _print_counts("taken", done.by_type)
    _print_counts("left out", done.left_out)
    _print_counts("no product events", done.passed_over)
    if not done.examples:
        return
    table = Table("file", "line", "field", "value", "reason", title="Left out")
    for row in done.examples[:N_SHOWN]:
        table.add_row(*map(escape, (row.file, str(row.line), row.field, row.value[:60], row.reason)))
    console.print(table)
    if done.n_left_out > N_SHOWN:
        where = f"all of them are in {done.report_path}" if done.report_path else "see them all with --report FILE"
        console.print(f"… and more: {where}", markup=False)


def _print_counts(title: str, counts: Mapping[str, int]) -> None:
    if counts:
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        console.print(f"  {title}: " + ", ".join(f"{name} {n:,}" for name, n in ordered), markup=False)
