"""A training as one page that opens in any browser, with nothing to load from elsewhere.

In: `TrainingStory`. Out: ``report.html``, and the table as ``comparison.csv``. Knows no model.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from ranking.metrics import Comparison
from ranking.models.protocol import Progress
from ranking.reporting.curves import PNG, write_curves

PAGE, TABLE = "report.html", "comparison.csv"

SLICE = ", "
"""What stands in the name of a metric between the metric and the slice that it is of."""

LOWER_IS_BETTER = ("gini",)


@dataclass(frozen=True)
class TrainingStory:
    """What is told: `statistics` of the data, `table` (a row a model), `gains` of the trained one, `settings`, and
    what was decided. `searches` is the table of the whole ranker on test searches, where there were any."""

    title: str
    model: str
    statistics: Mapping[str, Any]
    settings: Mapping[str, Any]
    table: pd.DataFrame
    gains: Sequence[Comparison]
    decision: str
    progress: Sequence[Progress] = field(repr=False, default=())
    searches: pd.DataFrame | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Shown:
    columns: list[str]
    rows: list[tuple[str, list[float]]]
    best: Mapping[str, float]


def _shown(table: pd.DataFrame) -> _Shown:
    rows = [(str(name), values) for name, values in zip(table.index, table.values.tolist(), strict=True)]
    best = {str(column): float(table[column].max()) for column in table.columns if column not in LOWER_IS_BETTER}
    return _Shown([str(column) for column in table.columns], rows, best)


def write_report(folder: Path, story: TrainingStory) -> Path:
    """Write page, curves and table into a folder, which is made where it is missing.

    Returns:
        The page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_curves(folder, story.progress)
    story.table.to_csv(folder / TABLE)
    environment = Environment(
        loader=PackageLoader("ranking.reporting"), autoescape=select_autoescape(), undefined=StrictUndefined
    )
    page = folder / PAGE
    is_slice = [SLICE in str(column) for column in story.table.columns]
    slices = story.table.loc[:, is_slice].rename(columns=lambda name: name.partition(SLICE)[2])
    html = environment.get_template("report.html").render(
        story=story,
        matchers=_shown(story.table.loc[:, [not own for own in is_slice]]),
        slices=_shown(slices),
        searches=None if story.searches is None else _shown(story.searches),
        curves=base64.b64encode((folder / PNG).read_bytes()).decode() if story.progress else None,
    )
    page.write_text(html, "utf-8")
    return page
