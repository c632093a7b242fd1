"""Trains the parser's classifier: `python -m benchmarks.train_intents --data DIR [--save] [--json]`.

In: a folder of public development sets (docs/understanding.md says which), and our own in `benchmarks/utterances`.
Out: with `--save` the weights; else how well unseen utterances of ours are understood, with and without the classifier,
each fold judged by a classifier that never saw it. Deterministic; some ten minutes, most of them for fitting the heads
eleven times.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import normalize

from assistant.parser import Parser
from assistant.parsing.choosing import EVIDENCE, Heard, IntentChooser, evidence
from assistant.parsing.classifier.features import N_FEATURES, places
from assistant.parsing.classifier.model import (
    FOLDER,
    INTENTS,
    SENTIMENTS,
    Judgement,
    MessageClassifier,
    log_softmax,
)
from assistant.parsing.sentiment import mood_evidence, read_sentiment
from assistant.types import Session, ShownProduct
from benchmarks.labelled import OUTSIDE, Labelled, everything
from benchmarks.parsing import N_SHOWN, demo_products
from benchmarks.report import print_report
from retrieval.text import has_cjk
from retrieval.types import Product
from retrieval.vocabulary import Vocabulary

COMMAND = "python -m benchmarks.train_intents"
N_FOLDS = 5
SYSTEMS = ("rules alone", "classifier alone", "served")
SEED = 0
SOURCE_WEIGHTS = {
    "own_en": 5.0,
    "own_zh": 5.0,
    "filled": 0.5,
    "framed": 0.5,
    "bitext": 0.2,
    "webshop": 0.2,
    "banking": 0.5,
    "mg_shopdial": 2.0,
}
"""How much a text of a source counts: a public set has thousands that are much alike, ours few that are not."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Texts:
    """Labelled texts with their features: `(n, N_FEATURES)`, 1 where a text has a feature."""

    rows: Sequence[Labelled]
    counts: csr_matrix

    @classmethod
    def of(cls, rows: Sequence[Labelled]) -> "Texts":
        """The texts of `rows`."""
        found = [places(row.text) for row in rows]
        starts = np.cumsum([0, *(len(each) for each in found)])
        ones = np.ones(starts[-1], dtype=np.float32)
        return cls(rows, csr_matrix((ones, np.concatenate(found), starts), shape=(len(rows), N_FEATURES)))

    def take(self, kept: NDArray[Any]) -> "Texts":
        """Those at the places `kept`."""
        return Texts([self.rows[int(i)] for i in kept], self.counts[kept])

    @property
    def outside(self) -> NDArray[np.bool_]:
        return np.array([row.is_outside for row in self.rows])

    @property
    def weights(self) -> Floats:
        return np.array([SOURCE_WEIGHTS.get(row.source, 1.0) for row in self.rows])


@dataclass(frozen=True, slots=True)
class Heads:
    """The linear heads before they are packed: `idf` `(N_FEATURES,)`, `coefficients` `(N_FEATURES, heads)`."""

    idf: Floats
    coefficients: Floats
    bias: Floats

    def judge(self, texts: Texts) -> list[Judgement]:
        """What the heads say of each text."""
        logits = (normalize(texts.counts @ diags(self.idf)) @ self.coefficients + self.bias).astype(np.float32)
        last = 1 + len(INTENTS)
        intents, sentiments = log_softmax(logits[:, 1:last]), log_softmax(logits[:, last:])
        return [Judgement(float(row[0]), i, s) for row, i, s in zip(logits, intents, sentiments, strict=True)]


def fit_heads(texts: Texts) -> Heads:
    """Logistic regressions for scope, intent and sentiment over inverse document frequencies of unit length."""
    n = len(texts.rows)
    idf = np.log((n + 1) / (np.asarray(texts.counts.sum(axis=0)).ravel() + 1)) + 1
    scaled = normalize(texts.counts @ diags(idf))
    scope = _regression().fit(scaled, texts.outside, sample_weight=_balanced(texts))
    kept = np.flatnonzero([row.intent in INTENTS for row in texts.rows])
    codes = np.array([INTENTS.index(str(texts.rows[int(i)].intent)) for i in kept])
    intents = _regression().fit(scaled[kept], codes, sample_weight=_by_label(codes, texts.weights[kept]))
    judged = np.flatnonzero([row.sentiment in SENTIMENTS for row in texts.rows])
    moods = np.array([SENTIMENTS.index(str(texts.rows[int(i)].sentiment)) for i in judged])
    sentiments = _regression().fit(scaled[judged], moods, sample_weight=_by_label(moods, texts.weights[judged]))
    coefficients = np.vstack([scope.coef_, intents.coef_, sentiments.coef_]).T
    bias = np.concatenate([scope.intercept_, intents.intercept_, sentiments.intercept_])
    return Heads(idf, coefficients, bias)


def _regression() -> LogisticRegression:
    """Fitted to the end: at scikit-learn's tolerance leaving out 18 texts of 50,000 moved the bias of scope by .4."""
    return LogisticRegression(C=10, max_iter=5000, tol=1e-6, random_state=SEED)


def _balanced(texts: Texts) -> Floats:
    """The sources' weights, those of no shop scaled to the same sum as a shop's, in each language."""
    weights, outside = texts.weights, texts.outside
    chinese = np.array([has_cjk(row.text) for row in texts.rows])
    for language in (chinese, ~chinese):
        share = weights[language & ~outside].sum() / weights[language & outside].sum()
        weights = np.where(language & outside, weights * share, weights)
    return weights


def _by_label(codes: NDArray[np.int64], weights: Floats) -> Floats:
    """The weights, scaled by the root of each label's share, so that rare labels are learnt and frequent ones kept."""
    sums = np.bincount(codes, weights=weights)
    return np.asarray(weights * np.sqrt(sums.mean() / sums[codes]))


def folds(rows: Sequence[Labelled]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Places to train on and to test on, each source spread over all folds."""
    split = StratifiedKFold(N_FOLDS, shuffle=True, random_state=SEED)
    yield from split.split(np.zeros(len(rows)), [f"{row.source} {row.is_outside}" for row in rows])


def unseen(texts: Texts) -> list[Judgement]:
    """What heads say of each text that were fitted without it."""
    judged: dict[int, Judgement] = {}
    for train, test in folds(texts.rows):
        judged |= zip(map(int, test), fit_heads(texts.take(train)).judge(texts.take(test)), strict=True)
    return [judged[place] for place in range(len(texts.rows))]


def places_to_weigh(rows: Sequence[Labelled]) -> NDArray[Any]:
    """Places of the texts that rules and classifier are weighed on: all of ours, every fifth of the others."""
    others = count()
    kept = [place for place, row in enumerate(rows) if row.source.startswith("own") or next(others) % 5 == 0]
    return np.array(kept)


def hear(parser: Parser, rows: Sequence[Labelled], shown: Sequence[Product]) -> list[Heard]:
    """What the rules hear in each text; every second one of ours is said after products were shown."""
    fresh = Session("training", "training")
    products = tuple(ShownProduct(product.id, 0, place + 1) for place, product in enumerate(shown))
    later = Session("training", "training", shown=products, turn=1)
    return [
        parser.hear(row.text, later if row.source.startswith("own") and number % 2 else fresh)
        for number, row in enumerate(rows)
    ]


def fit_mood(texts: Texts, judged: Sequence[Judgement], heard: Sequence[Heard]) -> tuple[Floats, Floats]:
    """How the classifier's sentiment weighs against the words', learnt as in `fit_evidence`; wishes keep the words'."""
    ours = [
        i for i, row in enumerate(texts.rows) if row.source.startswith("own") and row.intent not in ("wish", "bundle")
    ]
    found = np.array([_mood_of(texts.rows[i], judged[i], heard[i]) for i in ours])
    moods = np.array([SENTIMENTS.index(str(texts.rows[i].sentiment)) for i in ours])
    fitted = LogisticRegression(C=1, max_iter=5000).fit(found, moods)
    return fitted.coef_.T, fitted.intercept_


def _mood_of(row: Labelled, judged: Judgement, heard: Heard) -> NDArray[np.float32]:
    intent = str(row.intent)
    return mood_evidence(judged, read_sentiment(heard.tokens, intent), intent)


def fit_evidence(texts: Texts, judged: Sequence[Judgement], heard: Sequence[Heard]) -> tuple[Floats, Floats]:
    """How the classifier weighs against the rules, learnt from what it says of texts that it had not seen.

    Source: Wolpert, Stacked Generalization (1992).
    """
    found = np.array([evidence(said, each) for said, each in zip(judged, heard, strict=True)])
    free = np.array([not each.names_catalog for each in heard])
    scope = LogisticRegression(C=1, max_iter=5000).fit(
        found[free], texts.outside[free], sample_weight=_balanced(texts)[free]
    )
    ours = np.flatnonzero([row.source.startswith("own") and row.intent in INTENTS for row in texts.rows])
    codes = np.array([INTENTS.index(str(texts.rows[int(i)].intent)) for i in ours])
    intents = LogisticRegression(C=0.3, max_iter=5000).fit(found[ours][:, 1:], codes)
    of_intents = np.vstack([np.zeros((1, len(INTENTS))), intents.coef_.T])
    return np.column_stack([scope.coef_[0], of_intents]), np.concatenate([scope.intercept_, intents.intercept_])


Stacked = tuple[Floats, Floats]
"""Weights of the evidence and what is added."""


def packed(heads: Heads, of_intents: Stacked, of_mood: Stacked) -> MessageClassifier:
    """The classifier as it is shipped."""
    return MessageClassifier(
        heads.idf.astype(np.float16),
        (heads.coefficients * heads.idf[:, None]).astype(np.float16),
        heads.bias.astype(np.float32),
        *(each.astype(np.float32) for each in (*of_intents, *of_mood)),
    )


def open_parser(products: Sequence[Product], chooser: IntentChooser) -> Parser:
    """The parser of a shop with these products."""
    by_id = {product.id: product for product in products}
    return Parser(
        Vocabulary.from_products(products), lambda ids: {i: by_id[i] for i in ids if i in by_id}, chooser=chooser
    )


@dataclass(frozen=True, slots=True)
class Understood:
    """One of our utterances, and the intent and the sentiment that each system gives it."""

    row: Labelled
    intents: Mapping[str, str]
    sentiments: Mapping[str, str]


def crossed(texts: Texts, of_intents: Stacked, of_mood: Stacked) -> list[dict[str, Any]]:
    """Accuracy on our own utterances by fold, of the rules alone, the classifier alone and both."""
    products = demo_products()
    shown = tuple(ShownProduct(product.id, 0, place + 1) for place, product in enumerate(products[:N_SHOWN]))
    session = Session("fold", "fold", shown=shown, turn=1)
    rules = open_parser(products, IntentChooser(None))
    understood: list[Understood] = []
    for train, test in folds(texts.rows):
        classifier = packed(fit_heads(texts.take(train)), of_intents, of_mood)
        both = open_parser(products, IntentChooser(classifier))
        own = [texts.rows[int(i)] for i in test if texts.rows[int(i)].source.startswith("own")]
        understood += [_understood(row, session, rules, both, classifier) for row in own]
    return [row for name in SYSTEMS for row in _crossed_rows(name, understood)]


def _understood(
    row: Labelled, session: Session, rules: Parser, both: Parser, classifier: MessageClassifier
) -> Understood:
    ruled, served, alone = rules.parse(row.text, session), both.parse(row.text, session), classifier.judge(row.text)
    outside = OUTSIDE if alone.outside > 0 else INTENTS[int(alone.intents.argmax())]
    said = (ruled.intent, outside, served.intent)
    moods = (ruled.sentiment, SENTIMENTS[int(alone.sentiments.argmax())], served.sentiment)
    return Understood(row, dict(zip(SYSTEMS, map(_merged, said), strict=True)), dict(zip(SYSTEMS, moods, strict=True)))


def _merged(intent: str) -> str:
    return "wish" if intent in ("search", "refine") else intent


def _crossed_rows(name: str, understood: Sequence[Understood]) -> Iterator[dict[str, Any]]:
    for language in ("en", "zh"):
        mine = [each for each in understood if each.row.source == f"own_{language}"]
        shop = [each for each in mine if not each.row.is_outside]
        outside = [each for each in mine if each.row.is_outside]
        yield {
            "system": f"{name}, {language}",
            "n": len(mine),
            "intent_accuracy": _share([each.intents[name] == each.row.intent for each in mine]),
            "shop_intent_accuracy": _share([each.intents[name] == each.row.intent for each in shop]),
            "outside_recognised": _share([each.intents[name] == OUTSIDE for each in outside]),
            "false_alarms": _share([each.intents[name] == OUTSIDE for each in shop]),
            "sentiment_accuracy": _share([each.sentiments[name] == each.row.sentiment for each in mine]),
            "sentiment_macro_f1": _macro_f1([(str(each.row.sentiment), each.sentiments[name]) for each in mine]),
        }


def _macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    wanted, given = zip(*pairs, strict=True)
    return round(float(f1_score(wanted, given, labels=SENTIMENTS, average="macro")), 4)


def _share(hits: Sequence[bool]) -> float:
    return round(float(np.mean(hits)), 4)


def main(
    data: Annotated[Path, typer.Option(help="Folder of the public development sets.")],
    save: Annotated[bool, typer.Option(help="Write the weights beside the parser.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Fit the classifier, and tell how well it understands what it has not seen."""
    started = time.perf_counter()
    texts = Texts.of([row for row in everything(data) if not row.testing])
    products = demo_products()
    weighed = places_to_weigh(texts.rows)
    few = texts.take(weighed)
    heard = hear(open_parser(products, IntentChooser(None)), few.rows, products[:N_SHOWN])
    said = unseen(texts)
    judged = [said[int(place)] for place in weighed]
    of_intents, of_mood = fit_evidence(few, judged, heard), fit_mood(few, judged, heard)
    rows = crossed(texts, of_intents, of_mood)
    sources = dict(sorted(Counter(row.source for row in texts.rows).items()))
    if save:
        about = {
            "made_by": COMMAND,
            "texts": sources,
            "evidence": dict(zip(EVIDENCE, of_intents[0][:, 0].round(2).tolist(), strict=True)),
        }
        packed(fit_heads(texts), of_intents, of_mood).save(FOLDER, **about)
    print_report("train_intents", sources, "served, en", rows, time.perf_counter() - started, json_)


if __name__ == "__main__":
    typer.run(main)
