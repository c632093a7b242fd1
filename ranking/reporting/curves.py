"""Loss and validation by epoch, as a picture and as a table.

In: the progress of a training. Out: ``curves.png`` and ``curves.csv``. Knows no model.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ranking.models.protocol import Progress

PNG, CSV = "curves.png", "curves.csv"
COLUMNS = ("stage", "step", "loss", "ndcg@10")


def curve_table(progress: Sequence[Progress]) -> pd.DataFrame:
    """One row per epoch or round: stage, step, loss, NDCG@10 on validation (NaN where it was not measured).

    >>> curve_table([Progress("sequence", 1, 9, 2.5, 0.1)]).values.tolist()
    [['sequence', 1, 2.5, 0.1]]
    """
    rows = [(line.stage, line.step, line.loss, line.ndcg) for line in progress]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"loss": "float64", "ndcg@10": "float64"})


def write_curves(folder: Path, progress: Sequence[Progress]) -> None:
    """Write both files; the picture has a panel for the loss and one for validation, a line per stage."""
    # Matplotlib takes a second to import, which only a training should wait for; Agg draws without a screen.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    table = curve_table(progress)
    table.to_csv(folder / CSV, index=False)
    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (column, label) in enumerate((("loss", "loss"), ("ndcg@10", "NDCG@10 on validation")), start=1):
        axes = figure.add_subplot(1, 2, place)
        for stage, own in table.dropna(subset=[column]).groupby("stage", sort=False):
            axes.plot(own["step"], own[column], marker="o", markersize=3, label=str(stage))
        axes.set_xlabel("epoch or round")
        axes.set_ylabel(label)
        axes.grid(visible=True, alpha=0.3)
        if axes.lines:
            axes.legend(frameon=False)
    figure.savefig(folder / PNG, dpi=110)
