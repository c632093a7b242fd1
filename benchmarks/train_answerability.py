"""Trains the estimate of emptiness: `python -m benchmarks.train_answerability --shops DIR [--save] [--json]`.

In: a folder of imported shops, named chorus, retrotech, dummyjson, retail and demo (docs/figures.md says how they are
made; those that are missing are left out). Out: figures with each catalog left out in turn, and with `--save` the
weights of all of them. Deterministic; a few minutes.

Shops with categories are also taken without a third of them, so that the same wish can be met in one and not in the
other. Real judged queries are never trained on.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from assistant.app import ShoppingAssistant
from assistant.dialogue import advance
from assistant.live import Moment
from assistant.types import Session
from benchmarks.calibration import auroc, calibration_error, recall_at, threshold_at
from benchmarks.report import print_report
from benchmarks.training_wishes import Wish, from_categories, from_goods, from_titles
from retrieval import answerability
from retrieval.answerability.background import Background
from retrieval.answerability.features import features
from retrieval.answerability.model import WEIGHTS_FILE, Model, expanded
from retrieval.answerability.words import words_of_wish
from retrieval.types import Product, Query

SHOPS = ("chorus", "retrotech", "dummyjson", "retail", "demo")
ABLATIONS = {"dummyjson": 4, "retail": 2, "demo": 2}
LEFT_OUT = 0.35
N_TITLES = 300
FALSE_ALARMS = 0.05
PENALTY = 0.01
"""Inverse of the ridge penalty."""

Figures = NDArray[np.float64]
Labels = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Examples:
    """`figures`: `(n, len(NAMES))`; `labels`: whether the wish can be met; `weights` make each shop count alike."""

    figures: Figures
    labels: Labels
    texts: Sequence[str]


def main(
    shops: Annotated[Path, typer.Option(help="A folder that holds the shops, one directory each.")],
    save: Annotated[bool, typer.Option("--save", help="Ship the weights trained on all of them.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train, and say what each catalog's figures are when it was left out."""
    started = time.perf_counter()
    by_shop = {name: examples_of(shops / name, name) for name in SHOPS if (shops / name).is_dir()}
    rows = [left_out(name, by_shop) for name in by_shop]
    pairs = [held_out(name, by_shop) for name in by_shop]
    chances, labels = (np.concatenate(part) for part in zip(*pairs, strict=True))
    rows.append(_row("all", labels, chances, threshold_at(chances[labels], FALSE_ALARMS)))
    if save:
        model = train(list(by_shop.values()), threshold_at(chances[labels], FALSE_ALARMS))
        model.save(Path(str(answerability.__path__[0])) / WEIGHTS_FILE, left_out=rows)
    counts = {name: len(part.labels) for name, part in by_shop.items()}
    print_report("train_answerability", counts, "all", rows, time.perf_counter() - started, json_)


def left_out(name: str, by_shop: Mapping[str, Examples]) -> dict[str, Any]:
    """The figures of a shop by a model, and a threshold, that never saw it."""
    chances, labels = held_out(name, by_shop)
    others = [held_out(other, {k: v for k, v in by_shop.items() if k != name}) for other in by_shop if other != name]
    threshold = threshold_at(np.concatenate([c[ls] for c, ls in others]), FALSE_ALARMS)
    return _row(name, labels, chances, threshold)


def _row(name: str, labels: Labels, chances: Figures, threshold: float) -> dict[str, Any]:
    return {
        "system": name,
        "answerable": int(labels.sum()),
        "unanswerable": int((~labels).sum()),
        "recall@5%": recall_at(chances, labels, FALSE_ALARMS),
        "auroc": auroc(chances, labels),
        "ece": calibration_error(chances, labels),
        "recall": round(float((chances[~labels] < threshold).mean()), 4),
        "false_alarms": round(float((chances[labels] < threshold).mean()), 4),
    }


def held_out(name: str, by_shop: Mapping[str, Examples]) -> tuple[Figures, Labels]:
    """The probabilities of a shop's wishes by a model of the others, and what they should be."""
    model = train([part for other, part in by_shop.items() if other != name], 0.5)
    return model.probability(by_shop[name].figures), by_shop[name].labels


def train(parts: Sequence[Examples], threshold: float) -> Model:
    """A ridge-penalised logistic regression in which each shop, and each answer within it, weighs the same."""
    from sklearn.linear_model import LogisticRegression

    figures, labels = np.concatenate([p.figures for p in parts]), np.concatenate([p.labels for p in parts])
    weights = np.concatenate([_balanced(part.labels) for part in parts])
    mean, scale = figures.mean(axis=0), figures.std(axis=0) + 1e-6
    found = LogisticRegression(C=PENALTY, max_iter=500)
    found.fit(expanded((figures - mean) / scale), labels, sample_weight=weights * len(labels) / weights.sum())
    return Model(mean, scale, found.coef_[0], float(found.intercept_[0]), threshold)


def _balanced(labels: Labels) -> Figures:
    shares = np.where(labels, labels.sum(), (~labels).sum())
    return np.asarray(1.0 / shares, dtype=np.float64)


def examples_of(shop_dir: Path, name: str) -> Examples:
    """The wishes of a shop, whole and with categories taken out, as figures."""
    figures, labels, texts = [], [], []
    with ShoppingAssistant.open(shop_dir) as assistant:
        now = assistant.live.now()
        products = list(now.shop.catalog.products())
        for kept, wishes in worlds(name, products):
            for wish, found in _measured(now, kept, wishes):
                figures.append(found)
                labels.append(wish.answerable)
                texts.append(wish.text)
    return Examples(np.array(figures), np.array(labels, dtype=np.bool_), texts)


def worlds(name: str, products: Sequence[Product]) -> Iterator[tuple[Sequence[Product], Sequence[Wish]]]:
    """The catalog and wishes for it, then the same without some of its categories, several times."""
    seed = random.Random(f"answerability/{name}")
    whole = [*from_titles(products, N_TITLES, True, seed), *from_goods(name, products, seed)]
    yield products, [*whole, *from_categories(products, (), seed)]
    categories = sorted({product.category for product in products if product.category})
    for _ in range(ABLATIONS.get(name, 0)):
        gone = frozenset(seed.sample(categories, round(LEFT_OUT * len(categories))))
        kept = [product for product in products if product.category not in gone]
        removed = [product for product in products if product.category in gone]
        yield kept, [*from_categories(kept, removed, seed), *from_titles(kept, N_TITLES // 4, True, seed)]


def _measured(now: Moment, kept: Sequence[Product], wishes: Sequence[Wish]) -> Iterator[tuple[Wish, Figures]]:
    """Each wish with its figures, in a catalog of the kept products; what has no words is left out."""
    view = now.search
    ids = {product.id: product for product in kept}
    rows = [ids.get(product_id) for product_id in view.base.ids]
    among = np.zeros(view.table.n_rows, dtype=np.bool_)
    among[: len(rows)] = [row is not None for row in rows]
    standing = ((row, product) for row, product in enumerate(rows) if product is not None)
    background = Background.of(standing, view.base.vectors, view.embedder)
    for wish in {wish.text: wish for wish in wishes}.values():
        query = query_of(now, wish.text)
        words = words_of_wish(query.text)
        if words:
            found = view.found(query, view.encode(query.semantic_text or query.text), among)
            yield wish, features(words, background, found)


def query_of(now: Moment, text: str) -> Query:
    """What the shop would search for."""
    session = Session(id="", shopper_id="")
    step = advance(session, now.parser.parse(text, session), now.facts)
    return step.query if step.query and step.query.text else Query(text)


if __name__ == "__main__":
    typer.run(main)
