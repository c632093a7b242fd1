"""How well the parser knows what is none of a shop's business: `python -m benchmarks.scope --data DIR [--json]`.

In: a folder of public development sets. Out: for the served parser, the parser's rules alone and a baseline (TF-IDF of
words and their pairs, logistic regression, trained on the same public texts): the share of texts of no shop's business
that are recognised, and of shoppers' own that are taken for such. None of these texts was trained on.

Not of a shop: the validation parts of CLINC150 without what a shop is asked too (`benchmarks.labelled.CLINC_SHOP`), and
our own. Of a shop: every fifth text of WebShop and bitext, and the last messages of our parsing cases that are not
out of scope. The baseline's threshold is the one at which 5 % of the shoppers' texts are false alarms: its best case.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from assistant.parser import Parser
from assistant.parsing.choosing import IntentChooser
from assistant.types import Session
from benchmarks.labelled import OUTSIDE, Labelled, everything
from benchmarks.parsing import demo_products, read_cases
from benchmarks.report import print_report
from benchmarks.train_intents import open_parser
from retrieval.text import has_cjk

CASES = Path(__file__).parents[1] / "tests" / "assistant" / "cases"
FALSE_ALARMS = 0.05
_SHOPPERS = ("webshop", "webshop_queries", "bitext", "cases")


@dataclass(frozen=True, slots=True)
class Share:
    """A group of texts, and how often each of them was taken for out of scope."""

    name: str
    texts: Sequence[Labelled]


def case_texts() -> list[Labelled]:
    """What our parsing cases say without anything before it."""
    cases = [case for name in ("utterances", "dialogues") for case in read_cases(CASES / f"{name}.jsonl")]
    return [
        Labelled(case.turns[0], case.expect.get("intent") if len(case.turns) == 1 else None, "cases", None, True)
        for case in cases
    ]


def groups(rows: Sequence[Labelled]) -> list[Share]:
    """What is measured, by name: texts of no shop, then shoppers' own."""
    outside = [row for row in rows if row.is_outside]
    shoppers = [row for row in rows if not row.is_outside and row.source in _SHOPPERS]
    found = [
        Share("clinc", [row for row in outside if row.source == "clinc"]),
        Share("own_en", [row for row in outside if row.source == "own_en"]),
        Share("own_zh", [row for row in outside if row.source == "own_zh"]),
        Share("false_alarms", shoppers),
    ]
    found += [Share(f"false_{name}", [row for row in shoppers if row.source == name]) for name in _SHOPPERS]
    return [*found, Share("false_zh", [row for row in shoppers if has_cjk(row.text)])]


def parsed_as_outside(parser: Parser, rows: Sequence[Labelled]) -> tuple[dict[str, bool], list[float]]:
    """Which texts the parser takes for out of scope, and the milliseconds of each."""
    session, taken, latencies = Session("scope", "scope"), {}, []
    for row in rows:
        started = time.perf_counter()
        taken[row.text] = parser.parse(row.text, session).intent == OUTSIDE
        latencies.append((time.perf_counter() - started) * 1000)
    return taken, latencies


def baseline(training: Sequence[Labelled], rows: Sequence[Labelled]) -> dict[str, bool]:
    """TF-IDF and logistic regression at the threshold of 5 % false alarms on the shoppers' texts themselves."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = LogisticRegression(C=10, max_iter=1000, class_weight="balanced")
    model.fit(vectorizer.fit_transform([row.text for row in training]), [row.is_outside for row in training])
    scores = model.decision_function(vectorizer.transform([row.text for row in rows]))
    shoppers = [not row.is_outside and row.source in _SHOPPERS for row in rows]
    threshold = np.quantile(scores[shoppers], 1 - FALSE_ALARMS)
    return {row.text: bool(score > threshold) for row, score in zip(rows, scores, strict=True)}


def row_of(system: str, taken: Mapping[str, bool], measured: Sequence[Share]) -> dict[str, Any]:
    """One row of shares."""
    shares = {
        share.name: round(float(np.mean([taken[row.text] for row in share.texts])), 4)
        for share in measured
        if share.texts
    }
    return {"system": system, **shares}


def main(
    data: Annotated[Path, typer.Option(help="Folder of the public development sets.")],
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure what is recognised as none of a shop's business."""
    started = time.perf_counter()
    every = everything(data)
    rows = [*(row for row in every if row.testing), *case_texts()]
    measured = groups(rows)
    products = demo_products()
    report = []
    for name, parser in (
        ("parser", open_parser(products, IntentChooser.of_shop())),
        ("rules alone", open_parser(products, IntentChooser(None))),
    ):
        taken, latencies = parsed_as_outside(parser, rows)
        p50, p95 = np.percentile(latencies, [50, 95])
        timed = {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}
        report.append(row_of(name, taken, measured) | timed)
    public = [
        row for row in every if not row.testing and row.source in ("clinc", "webshop", "webshop_queries", "bitext")
    ]
    report.append(row_of("tf-idf, logistic regression", baseline(public, rows), measured))
    counts = {share.name: len(share.texts) for share in measured}
    print_report("scope", counts, "parser", report, time.perf_counter() - started, json_)


if __name__ == "__main__":
    typer.run(main)
