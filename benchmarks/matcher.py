"""Next-item ranking on any file of interactions: `python -m benchmarks.matcher --interactions FILE [--items FILE]`.

In: a line per shopper (``shopper item item …``, oldest first) or a table with a header; and, where there are any, the
items' texts (JSON lines, or a RecBole ``.item``). Out: a table of the default model beside chance, popularity and
decayed co-occurrence, trained in the same run. The last item of each shopper is the test, the one before chooses
settings and epochs, the rest trains. All items are ranked; what the shopper had before is left out; ties count as the
average rank.

With texts the run is repeated with a tenth of the items hidden from training: how well are products ranked that nobody
has taken up yet?
"""

import hashlib
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from benchmarks.report import print_report
from ranking.comparison import Measured, gains_over, measure
from ranking.evaluation import HeldOut, leave_one_out, some_of
from ranking.interaction_files import read_interactions, read_item_texts, with_texts
from ranking.interactions import Integers, Interactions
from ranking.models.protocol import Matcher, Progress, Validation, Watch
from ranking.models.registry import ALWAYS, DEFAULT, make, parse_settings
from retrieval.embedder import open_embedder
from retrieval.errors import ShopError

HIDDEN_SHARE = 0.1
BASELINE = "cooccurrence"


def main(
    interactions: Annotated[Path, typer.Option(help="A line per shopper, or a table with a header.", exists=True)],
    items: Annotated[
        Path | None, typer.Option(help="Texts of the items: JSON lines or a .item table.", exists=True)
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="A model beside the baselines; may be given again.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="key=value for the (first) model.")] = None,
    minutes: Annotated[float, typer.Option(help="Stop training a network after so long.")] = 40.0,
    seed: Annotated[int, typer.Option(help="Of everything drawn by chance.")] = 0,
    cold: Annotated[bool, typer.Option("--cold/--no-cold", help="With texts: also hide a tenth of the items.")] = True,
    checkpoints: Annotated[Path | None, typer.Option(help="A folder to go on from after a kill.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train, rank everything, and print the table."""
    began = time.perf_counter()
    console = Console(stderr=True)
    try:
        data = load(interactions, items, console)
        names = list(dict.fromkeys(model or [DEFAULT]))
        settings = {names[0]: parse_settings(names[0], set_ or [])}
        watch = Watch(seed, minutes, checkpoints, on_progress=lambda progress: _tell(console, progress))
        split = leave_one_out(data)
        rows = warm_rows(split, [*ALWAYS, *(name for name in names if name not in ALWAYS)], settings, watch, console)
        if cold and data.items.vectors is not None:
            rows += cold_rows(data, names, settings, watch, console)
    except ShopError as error:
        console.print(f"[bold red]error:[/] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    about = {**data.statistics(), "sha256": hashlib.sha256(interactions.read_bytes()).hexdigest()[:12], "seed": seed}
    print_report("matcher", about, names[0], rows, time.perf_counter() - began, json_)


def load(interactions: Path, items: Path | None, console: Console) -> Interactions:
    """The interactions, with texts and tags where a file of items is given."""
    if items is None:
        return read_interactions(interactions)
    told = read_item_texts(items)
    embedder = open_embedder() if any(item.text for item in told) else None
    if embedder:
        console.print(f"embedding the texts of {len(told):,} items")
    return read_interactions(interactions, with_texts(told, embedder.encode if embedder else None))


def warm_rows(
    split: HeldOut, names: list[str], settings: dict[str, dict[str, Any]], watch: Watch, console: Console
) -> list[dict[str, Any]]:
    """One row per model on the test items."""
    found: dict[str, Measured] = {}
    rows = []
    for name in names:
        matcher, seconds = fitted(name, split.train, split.validation, settings, watch, console)
        found[name] = measure(name, matcher, split.test, split.train.counts())
        rows.append({**figures(found[name], seconds), **gain(found[name], found.get(BASELINE))})
    return rows


def figures(found: Measured, seconds: float, note: str = "") -> dict[str, Any]:
    """A row of the table."""
    rounded = {metric: round(value, 4) for metric, value in found.metrics.items()}
    return {"system": f"{found.model}{note}", **rounded, "fit_s": round(seconds, 1)}


def gain(ours: Measured, theirs: Measured | None) -> dict[str, Any]:
    """NDCG@10 minus the baseline's over the same shoppers, with its 95 % interval."""
    if theirs is None or ours.model in ALWAYS:
        return {}
    (found,) = gains_over(ours, [theirs])
    return {f"over_{BASELINE}": round(found.difference, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def fitted(
    name: str,
    train: Interactions,
    validation: Validation,
    settings: dict[str, dict[str, Any]],
    watch: Watch,
    console: Console,
) -> tuple[Matcher, float]:
    """A model trained on `train`, and how many seconds that took."""
    console.print(f"[bold]{name}[/]")
    began = time.perf_counter()
    matcher = make(name, settings.get(name))
    matcher.fit(train, validation, watch)
    seconds = time.perf_counter() - began
    console.print(f"  {asdict(matcher.settings)}  {seconds:.0f} s", highlight=False)
    return matcher, seconds


def cold_rows(
    data: Interactions, names: list[str], settings: dict[str, dict[str, Any]], watch: Watch, console: Console
) -> list[dict[str, Any]]:
    """The same for test items that were hidden from training: only those, ranked among all items."""
    hidden = hidden_items(data, watch.seed)
    console.print(f"[bold]{len(hidden)} of {len(data.items)} items hidden from training[/]")
    seen_only = data.keep(~np.isin(data.item, hidden))
    train = leave_one_out(seen_only)
    whole = leave_one_out(data).test
    places = np.flatnonzero(np.isin(whole.target, hidden))
    asked, counts = some_of(whole, places), train.train.counts()
    fresh = replace(watch, checkpoints=None)
    rows = []
    for name in dict.fromkeys(["popularity", BASELINE, "content", *names]):
        matcher, seconds = fitted(name, train.train, train.validation, settings, fresh, console)
        rows.append(figures(measure(name, matcher, asked, counts), seconds, ", hidden items"))
    return rows


def hidden_items(data: Interactions, seed: int) -> Integers:
    """A tenth of the items that somebody took up, drawn by chance."""
    taken = np.flatnonzero(data.counts() > 0)
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(taken, max(1, round(HIDDEN_SHARE * len(taken))), replace=False))


def _tell(console: Console, progress: Progress) -> None:
    loss = "" if progress.loss is None else f" loss {progress.loss:.4f}"
    found = "" if progress.ndcg is None else f" validation NDCG@10 {progress.ndcg:.4f}"
    console.print(f"  {progress.stage} {progress.step}/{progress.n_steps}{loss}{found}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
