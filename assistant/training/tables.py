"""What `train` and `evaluate` show in the terminal: what a log holds, how far a fit is, and both tables.

In: values of `ranking`. Out: text. Decides nothing.
"""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bars
from rich.table import Table

from ranking.comparison import Measured
from ranking.material import Material
from ranking.measuring import Row
from ranking.metrics import Comparison
from ranking.models.protocol import Progress
from ranking.shop_evaluation import ShopEvaluation
from ranking.shop_training import ShopTraining, Told

console = Console()

STAGES = {"retrieve": "Retrieving candidates", "train": "Training the head"}


def told_by(bars: Bars) -> Told:
    """Who shows on the terminal how far a training is, each epoch with its loss and figure."""
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
        console.print(f"NDCG@10 over {gain.baseline}: {interval(gain)}", highlight=False)
    if result.head:
        head = result.head
        title = f"Test searches: {head.n_searches['test']:,}; {head.seconds:.0f} s; best epoch {head.best_epoch}"
        print_searches(head.rows, head.comparisons, title)


def print_evaluation(found: ShopEvaluation) -> None:
    """The same of the ranker that serves."""
    print_matchers(found.table)
    for gain in found.gains:
        console.print(f"NDCG@10 over {gain.baseline}: {interval(gain)}", highlight=False)
    if found.rows:
        print_searches(found.rows, found.comparisons, "Searches, ordered by the ranker that serves")
    for text in found.notes:
        console.print(f"note: {text}", style="yellow", highlight=False, soft_wrap=True)


def print_matchers(measured: Sequence[Measured]) -> None:
    """One row a matcher; slices stand in the report."""
    if not measured:
        return
    table = Table(title="What each shopper took up next, all products ranked")
    # Where one thing is asked for, precision is recall divided by ten; it stands in the report.
    names = [name for name in measured[0].metrics if "," not in name and not name.startswith("precision")]
    for column in ("model", *names):
        table.add_column(column.removesuffix("@10") if column.startswith("coverage") else column, no_wrap=True)
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
        console.print(f"NDCG@5 over {other.baseline}: {interval(other)}", highlight=False)


def interval(one: Comparison) -> str:
    """A difference with its 95 % interval."""
    return f"{one.difference:+.4f} ({one.low:+.4f} to {one.high:+.4f})"
