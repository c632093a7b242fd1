"""The commands `import` and `validate`: what is asked before, and what is told after.

In: files and options. Out: text on the terminal and an exit code. Decides nothing about a catalog.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from assistant.config import default_shop_dir
from assistant.door import is_door_open
from assistant.importing import ImportRequest, import_feed, known_format, preview, sample_rows, validate
from assistant.progress import progress_bars
from assistant.shop import Shop, ShopPaths
from retrieval.changes import Applied
from retrieval.errors import FeedError
from retrieval.feed import ImportReport
from retrieval.feed.guess import Guess, guess_mapping
from retrieval.feed.importer import OnProgress
from retrieval.feed.mapping import parse_mapping
from retrieval.retriever import open_retriever

N_SHOWN = 10
console = Console()


def run_import(shop_dir: Path | None, request: ImportRequest, *, dry_run: bool, save_mapping: Path | None) -> int:
    """Import a feed and index it, or say what that would do; the exit code."""
    chosen = _with_mapping(request, save_mapping)
    if chosen is None:
        return 0
    done = _previewed(shop_dir, chosen) if dry_run else _imported(shop_dir, chosen)
    print_import_report(done)
    _print_changes(done)
    return done.exit_code


def run_validate(request: ImportRequest) -> int:
    """Check a feed without a shop; the exit code."""
    chosen = _with_mapping(request, None)
    assert chosen is not None, "a mapping is only saved where that was asked"
    with progress_bars() as bars:
        done = validate(chosen, _reading(bars))
    print_import_report(done)
    return done.exit_code


def print_import_report(done: ImportReport) -> None:
    """What was taken of a feed, and what was not."""
    for note in done.notes:
        console.print(note, style="dim", markup=False)
    rate = done.n_rows / done.seconds if done.seconds else 0.0
    left_out = f", {done.n_left_out:,} left out as the mapping says" if done.n_left_out else ""
    console.print(
        f"{done.n_rows - done.n_rejected - done.n_left_out:,} of {done.n_rows:,} rows taken, "
        f"{done.n_rejected:,} rejected{left_out}: "
        f"{done.n_products:,} products, {done.n_reviews:,} reviews, {done.n_policies:,} policies; {rate:,.0f} rows/s",
        markup=False,
    )
    if done.rejected:
        _print_rejected(done)


def _print_changes(done: ImportReport) -> None:
    applied = done.applied
    counts: Mapping[str, int] = {
        "added": applied.added,
        "changed in their words": applied.reworded,
        "changed in price, stock or the like": applied.changed - applied.reworded,
        "back on sale": applied.returned,
        "retired": applied.retired,
        "as before": applied.unchanged,
    }
    told = ", ".join(f"{n:,} {what}" for what, n in counts.items() if n)
    embedded = "" if done.n_embedded is None else f"; {done.n_embedded:,} texts embedded"
    console.print(f"{'The catalog would have' if done.is_dry else 'The catalog has'}: {told}{embedded}", markup=False)


def _print_rejected(done: ImportReport) -> None:
    n_faults = sum(done.reasons.values())
    for reason, n in islice(done.reasons.items(), N_SHOWN if n_faults > N_SHOWN else 0):
        console.print(f"  {n:,} × {reason}", markup=False)
    table = Table("file", "line", "field", "value", "reason", title="Rejected")
    for row in done.rejected[:N_SHOWN]:
        table.add_row(*map(escape, (row.file, str(row.line), row.field, row.value[:60], row.reason)))
    console.print(table)
    if n_faults > N_SHOWN:
        where = f"all of them are in {done.report_path}" if done.report_path else "see them all with --report FILE"
        console.print(f"… and {n_faults - N_SHOWN:,} more: {where}", markup=False)


def _imported(shop_dir: Path | None, request: ImportRequest) -> ImportReport:
    """Import by this process, or through the one that owns the shop, which then indexes it as well."""
    with Shop(shop_dir) as shop, progress_bars() as bars:
        if not shop.owner and not is_door_open(shop.paths.root):
            raise shop.refusal()
        done = import_feed(shop, request, _reading(bars))
        return replace(done, n_embedded=_index(shop, bars)) if shop.owner else done


def _previewed(shop_dir: Path | None, request: ImportRequest) -> ImportReport:
    with progress_bars() as bars:
        if not ShopPaths((shop_dir or default_shop_dir()).expanduser()).database.is_file():
            done = validate(request, _reading(bars))
            return replace(done, applied=Applied(added=done.n_products), is_dry=True)
        with Shop(shop_dir, own=False) as shop:
            return preview(shop.catalog, request, _reading(bars))


def _index(shop: Shop, bars: Progress) -> int:
    """Bring the index up to date; how many texts had to be embedded."""
    bar = bars.add_task("Embedding products", total=None)
    retriever = open_retriever(
        shop.catalog,
        shop.embedder(),
        shop.paths.index,
        server=shop.chroma_server,
        on_progress=lambda done, total: bars.update(bar, completed=done, total=total),
    )
    retriever.close()
    return retriever.n_embedded


def _with_mapping(request: ImportRequest, save_to: Path | None) -> ImportRequest | None:
    """The request with a mapping, guessed and agreed to where the feed is of no known format; None where the guess was
    saved instead."""
    guess = None if request.mapping else _guess(request)
    if guess is None:
        if save_to:
            raise FeedError("--save-mapping is for feeds of no known format: this one needs no guess")
        return request
    currency = "" if request.currency is None else f'currency = "{request.currency}"\n'
    stated = [line for line in guess.mapping_toml.splitlines() if not (currency and _is_currency(line))]
    text = currency + "\n".join(stated)
    doubts = [doubt for doubt in guess.doubts if not (currency and "currency" in doubt)]
    if save_to:
        save_to.write_text(text + "\n", "utf-8")
        console.print(f"The guess is in {save_to}: look it over, then import with --mapping {save_to}", markup=False)
        return None
    problem = _asked(text, doubts)
    if problem is None:
        return replace(request, mapping=parse_mapping(text, "guess"))
    raise FeedError(
        f"{request.files[0].name} is in no format that is known by its columns, {problem}. A guess of its mapping:\n\n"
        f"{text}\n\nWrite it to a file, mend it and import with --mapping FILE; --save-mapping FILE writes it for you"
    )


def _asked(text: str, doubts: list[str]) -> str | None:
    """Show a guess and ask whether to go by it; why it cannot be gone by, or None."""
    if doubts:
        return f"and the guess leaves open: {'; '.join(doubts)}"
    if not sys.stdin.isatty():
        return "and nobody is there to confirm a guess"
    console.print("The feed is of no known format. By its columns this is how to read it:\n", markup=False)
    console.print(text, markup=False, highlight=False)
    agreed = console.input("Import it like that? [y/N] ").strip().lower()
    return None if agreed in ("y", "yes", "j", "ja", "是", "好") else "and the guess was turned down"


def _guess(request: ImportRequest) -> Guess | None:
    """A guess of the mapping; None where the feed says how it is to be read."""
    if known_format(request) is not None:
        return None
    rows = sample_rows(request.files)
    return guess_mapping(list(dict.fromkeys(column for row in rows for column in row)), rows)


def _is_currency(line: str) -> bool:
    return line.lstrip("# ").startswith("currency")


def _reading(bars: Progress) -> OnProgress:
    bar = bars.add_task("Reading the feed", total=None)

    def report(done: int, total: int | None) -> None:
        bars.update(bar, completed=done, total=total)

    return report
