"""Whether the shop knows what it does not carry: `python -m benchmarks.emptiness --shop DIR --wishes FILE [--json]`.

In: an imported shop, a file of wishes that it cannot meet, and with `--answerable` one of those it can (by default:
the lines of `<wishes>_answerable.txt`), one a line. Out: one row a system, all from one run over the same wishes.

cosine    the cosine of the nearest product, by the shop's own embedder
bm25      the highest score of bm25s with its defaults and English stop words over the products' texts
fit       what the product does: the estimate, and the share of wishes below the threshold that ships

`recall@5%`: the share of the unanswerable wishes that score below all but 5 % of the answerable ones. `recall` and
`false_alarms`: at the threshold that ships. `ece` weighs both kinds alike; only a probability has one.
"""

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from assistant.app import ShoppingAssistant
from benchmarks.calibration import Labels, Scores, auroc, calibration_error, recall_at
from benchmarks.report import print_report
from benchmarks.search import bm25_scores
from retrieval.answerability.model import shipped
from retrieval.retriever import Retriever
from retrieval.types import Filters

FALSE_ALARMS = 0.05


def main(
    shop: Annotated[Path, typer.Option(help="A shop directory with an imported catalog.")],
    wishes: Annotated[Path, typer.Option(help="Wishes that the shop cannot meet, one a line; # begins a comment.")],
    answerable: Annotated[Path | None, typer.Option(help="Wishes that it can meet.")] = None,
    show: Annotated[bool, typer.Option(help="Print the wishes that were taken for the wrong kind.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score every system on the wishes that can be met and those that cannot."""
    started = time.perf_counter()
    met = answerable or wishes.with_name(f"{wishes.stem}_answerable{wishes.suffix}")
    texts = [*read_wishes(wishes), *read_wishes(met)]
    labels = np.array([False] * len(read_wishes(wishes)) + [True] * len(read_wishes(met)))
    with ShoppingAssistant.open(shop) as assistant:
        rows, fits = rows_of(assistant, texts, labels)
        counts = {
            "products": assistant.search.catalog.n_products(),
            "unanswerable": int((~labels).sum()),
            "answerable": int(labels.sum()),
            "wishes_sha256": hashlib.sha256(wishes.read_bytes()).hexdigest()[:12],
        }
    if show:
        _show_errors(texts, fits, labels)
    print_report("emptiness", counts, "fit", rows, time.perf_counter() - started, json_)


def read_wishes(path: Path) -> list[str]:
    """The lines of a file without comments, empty ones and repeats."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def _nearest(retriever: Retriever, text: str) -> float:
    """The cosine of a text with the nearest product, filters aside; 0 where the embedder can read none of it."""
    vector = retriever.encode(text)
    if vector is None:
        return 0.0
    nearest = retriever.view.nearest(vector, Filters(in_stock_only=False), 1)
    return max((float(product @ vector) for product in retriever.vectors_of(nearest)), default=0.0)


def rows_of(assistant: ShoppingAssistant, texts: Sequence[str], labels: Labels) -> tuple[list[dict[str, Any]], Scores]:
    """One row a system, and the estimates. A wish without words counts as one that can be met: nothing is denied."""
    bm25 = bm25_scores(list(assistant.search.catalog.products()))
    cosines, words, fits = [], [], []
    for text in texts:
        query, retrieved = assistant.find(text, 1)
        cosines.append(_nearest(assistant.search, query.semantic_text or text))
        words.append(float(bm25(text).max(initial=0.0)))
        fits.append(1.0 if retrieved.fit is None else retrieved.fit)
    chances = np.array(fits)
    peers = [_row("cosine", np.array(cosines), labels), _row("bm25", np.array(words), labels)]
    below = chances < shipped().threshold
    ours = _row("fit", chances, labels) | {
        "ece": calibration_error(chances, labels),
        "recall": round(float(below[~labels].mean()), 4),
        "false_alarms": round(float(below[labels].mean()), 4),
    }
    return [*peers, ours], chances


def _row(name: str, scores: Scores, labels: Labels) -> dict[str, Any]:
    return {"system": name, "recall@5%": recall_at(scores, labels, FALSE_ALARMS), "auroc": auroc(scores, labels)}


def _show_errors(texts: Sequence[str], fits: Scores, labels: Labels) -> None:
    threshold = shipped().threshold
    for title, wrong in (
        ("not recognised", (fits >= threshold) & ~labels),
        ("false alarm", (fits < threshold) & labels),
    ):
        typer.echo(f"{title}: " + ", ".join(f"{texts[i]} {fits[i]:.2f}" for i in range(len(texts)) if wrong[i]))


if __name__ == "__main__":
    typer.run(main)
