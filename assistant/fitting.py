"""`train` and `evaluate` in the terminal: what a shop's log teaches, how good that is, and which model serves.

In: a shop. Out: `models/matcher`, a report for people, text on the terminal. Knows no network.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bars
from rich.table import Table

from assistant.progress import progress_bars
from assistant.promotion import CHECKPOINTS, TRAINING
from assistant.shop import Shop
from ranking.comparison import Measured, table_of
from ranking.material import Material, prepare
from ranking.measuring import Row
from ranking.metrics import Comparison
from ranking.models.protocol import Progress
from ranking.models.registry import DEFAULT, OURS, parse_settings
from ranking.ranker import Ranker
from ranking.reporting.page import TrainingStory, write_report
from ranking.shop_training import Request, ShopTraining, Surroundings, Told, train_shop
from ranking.simulator import simulate
from ranking.synonyms import learn_synonyms, save_synonyms
from retrieval.errors import ModelError
from retrieval.retriever import Retriever, open_retriever

console = Console()

ALL = "all"
NOT_BETTER = 3
"""The exit code of a training whose model does not serve, since it is no better."""


@dataclass(frozen=True)
class Training:
    """What the command line asks for; see `shopping-assistant train --help`."""

    model: str = DEFAULT
    settings: Sequence[str] = ()
    compare: Sequence[str] = (ALL,)
    minutes: float = 20.0
    seed: int = 0
    device: str = "auto"

    def request(self, checkpoints: Path) -> Request:
        """The same with names and values checked.

        Raises:
            ModelError: a model or a setting is unknown, or a value is not of its kind.
        """
        if self.minutes <= 0:
            raise ModelError(f"--minutes {self.minutes:g}: say a number above 0")
        settings = parse_settings(self.model, list(self.settings))
        return Request(
            self.model, settings, names_of(self.compare), self.minutes, self.seed, self.device, checkpoints
        )  # fmt: skip


def names_of(compare: Sequence[str]) -> tuple[str, ...]:
    """The matchers to put beside the trained one: "all" are all of ours, "baselines" none but those always there.

    Raises:
        ModelError: one is unknown.
    """
    chosen = list(dict.fromkeys(compare))
    for name in chosen:
        if name not in (ALL, BASELINES):
            parse_settings(name, [])
    if ALL in chosen:
        return tuple(OURS)
    return tuple(name for name in chosen if name != BASELINES)


BASELINES = "baselines"


def run_training(shop_dir: Path | None, asked: Training, *, always: bool) -> int:
    """Train on the shop's events; the new model serves from the next start if it is better.

    Returns:
        The exit code: 0, or `NOT_BETTER`.
    """
    with Shop(shop_dir, must_own=True) as shop:
        request = asked.request(shop.paths.model.with_suffix(CHECKPOINTS))
        if shop.is_empty:
            shop.make_demo()
        learn_words(shop)
        with progress_bars() as bars:
            retriever, ranker = _opened(shop, bars)
            material = prepare(list(shop.event_log.events()), list(shop.catalog.products()), retriever.vectors_of)
            print_statistics(material)
            around = _surroundings(shop, retriever, material)
            result = train_shop(
                material, request, around, ranker, shop.paths.model.with_suffix(TRAINING), _told(bars)
            )  # fmt: skip
        print_training(result)
        decision = decision_of(result, always=always)
        page = write_report(shop.paths.reports, story_of(result, material, request, decision))
        console.print(f"\n{decision}", highlight=False, soft_wrap=True)
        console.print(f"Report: {page}", highlight=False, soft_wrap=True)
        shutil.rmtree(shop.paths.model.with_suffix(CHECKPOINTS), ignore_errors=True)
        if result.is_better or always:
            shop.promote(result.directory)
            return 0
        shutil.rmtree(result.directory)
        return NOT_BETTER


def run_rollback(shop_dir: Path | None, *, embedder: bool) -> None:
    """Let the model that served before serve from the next start."""
    with Shop(shop_dir, must_own=True) as shop:
        place = shop.paths.embedder if embedder else shop.paths.model
        own = shop.roll_back(place)
        what = f"the former {place.name} of this shop" if own else f"the {place.name} that comes with the program"
        console.print(f"From the next start {what} serves; --rollback once more brings the newer one back")


def learn_words(shop: Shop) -> None:
    """Learn what shoppers call the catalog's things otherwise; search knows it from the next start."""
    learnt = learn_synonyms(shop.event_log.events(), shop.catalog.products())
    save_synonyms(shop.paths.synonyms, learnt)
    examples = ", ".join(f"{word} = {'/'.join(terms)}" for word, terms in list(learnt.items())[:3])
    console.print(f"{len(learnt)} words of shoppers' own learnt{f' ({examples})' if examples else ''}")


def _opened(shop: Shop, bars: Bars) -> tuple[Retriever, Ranker]:
    bar = bars.add_task("Opening the shop", total=None)
    retriever = open_retriever(
        shop.catalog,
        shop.embedder(),
        shop.paths.index,
        server=shop.chroma_server,
        synonyms=shop.learnt_words(),
        on_progress=lambda done, total: bars.update(bar, description="Embedding", completed=done, total=total),
    )
    ranker, _ = shop.ranker(retriever.embedder, retriever.vectors_of)
    bars.remove_task(bar)
    return retriever, ranker


def _surroundings(shop: Shop, retriever: Retriever, material: Material) -> Surroundings:
    return Surroundings(
        retriever,
        retriever.vectors_of,
        retriever.embedder.name,
        retriever.embedder.fingerprint,
        shop.catalog.version(),
        simulate(list(material.products)).tastes.utility if shop.is_demo else None,
        "shopping-assistant train",
    )


STAGES = {"retrieve": "Retrieving candidates", "train": "Training the head"}


def _told(bars: Bars) -> Told:
    tasks: dict[str, Any] = {}

    def on_stage(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(STAGES.get(stage, stage), total=total)
        bars.update(tasks[stage], completed=done, total=total)

    def on_fit(what: str, progress: Progress) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(f"Fitting {what}", total=None)
        bars.update(tasks[what], completed=progress.step, total=progress.n_steps)
        loss = "" if progress.loss is None else f"  loss {progress.loss:.4f}"
        found = "" if progress.ndcg is None else f"  validation NDCG@10 {progress.ndcg:.4f}"
        bars.console.print(f"{what}: {progress.stage} {progress.step}/{progress.n_steps}{loss}{found}", highlight=False)

    return Told(on_fit, on_stage)


def decision_of(result: ShopTraining, *, always: bool) -> str:
    """Whether the new model serves, and why, in a sentence."""
    against = "; ".join(f"{one.baseline} {_interval(one)}" for one in result.judged)
    if result.is_better:
        return f"The new model serves from the next start. It is better than {against}."
    if always:
        return f"The new model serves from the next start, as was insisted on. Beside {against}."
    return (
        f"The new model does not serve: it is not clearly better. Beside {against}. What served so far goes on: "
        "collect more events, or insist with --always."
    )


def _interval(one: Comparison) -> str:
    return f"{one.difference:+.4f} ({one.low:+.4f} to {one.high:+.4f})"


def story_of(result: ShopTraining, material: Material, request: Request, decision: str) -> TrainingStory:
    """What `report.html` tells."""
    served = result.taste
    return TrainingStory(
        title=f"Training of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        model=request.model,
        statistics=material.statistics(),
        settings=vars_of(served.matcher.settings) if served else {},
        table=table_of(result.table) if result.table else pd.DataFrame(),
        gains=result.gains,
        decision=decision,
        progress=served.progress if served else (),
        searches=rows_frame(result.head.rows) if result.head else None,
        about={
            "seed": request.seed,
            "minutes": request.minutes,
            **({"head": result.head.model_version} if result.head else {}),
            **{f"note {n}": text for n, text in enumerate((*material.lacks, *result.left_out), 1)},
        },
    )


def vars_of(settings: Any) -> Mapping[str, Any]:
    """Settings, a dataclass, by name."""
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


def rows_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The ranker's rows, one a system."""
    return pd.DataFrame([{"system": row.system, **row.metrics} for row in rows]).set_index("system")


def print_statistics(material: Material) -> None:
    """What the log holds, and what it lacks."""
    table = Table(title="The log", show_header=False, box=None)
    for name, value in material.statistics().items():
        told = f"{value:,}" if isinstance(value, int | float) else str(value)
        table.add_row(name.replace("_", " "), escape(told))
    console.print(table)
    for text in material.lacks:
        console.print(f"note: {text}", style="yellow", highlight=False, soft_wrap=True)


def print_training(result: ShopTraining) -> None:
    """Both tables: the matchers on acts, and the whole ranker on searches."""
    print_matchers(result.table)
    for text in result.left_out:
        console.print(f"left out: {text}", style="dim", highlight=False, soft_wrap=True)
    for gain in result.gains:
        console.print(f"NDCG@10 over {gain.baseline}: {_interval(gain)}", highlight=False)
    if result.head:
        head = result.head
        title = f"Test searches: {head.n_searches['test']:,}; {head.seconds:.0f} s; best epoch {head.best_epoch}"
        print_searches(head.rows, head.comparisons, title)


def print_matchers(measured: Sequence[Measured]) -> None:
    """One row a matcher; slices stand in the report."""
    if not measured:
        return
    table = Table(title="What each shopper took up next, all products ranked")
    names = [name for name in measured[0].metrics if "," not in name]
    for column in ("model", *names):
        table.add_column(column, justify="left" if column == "model" else "right")
    for row in measured:
        table.add_row(row.model, *(f"{row.metrics[name]:.4f}" for name in names))
    console.print(table)


def print_searches(rows: Sequence[Row], comparisons: Sequence[Comparison], title: str) -> None:
    """The whole ranker beside what it is compared with."""
    table = Table(title=title)
    metrics = list(rows[0].metrics)
    for column in ("system", *metrics):
        table.add_column(column, justify="left" if column == "system" else "right")
    for row in rows:
        table.add_row(row.system, *(f"{row.metrics[metric]:.4f}" for metric in metrics))
    console.print(table)
    for other in comparisons:
        console.print(f"NDCG@5 over {other.baseline}: {_interval(other)}", highlight=False)
