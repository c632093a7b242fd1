"""How well reviews are read: `python -m benchmarks.opinions --data DIR [--reviews FILE] [--json]`.

In: the folder of the labelled sets (docs/reviews.md names them); a shop's own reviews with stars. Out: accuracy on the
rows that were never trained on, beside a TF-IDF regression fitted in the same run on the training rows; `p_value` is
McNemar's exact test of the two on the same rows.

Source: McNemar 1947, Note on the sampling error of the difference between correlated proportions.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.stats import binomtest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from benchmarks import opinion_data
from benchmarks.opinion_data import Aspect, Aspects, Reviews
from benchmarks.report import print_report
from retrieval.demo import DEMO_FOLDER, REVIEWS_FILE
from retrieval.opinions.grounds import grounds
from retrieval.opinions.model import UNITS, OpinionModel, shipped
from retrieval.opinions.summary import LEAST_SURE, counted, with_stars

COMPLAINT, PRAISE = 0, 2
"""As the sets of aspects label them."""

AROUND_WORDS = 4
BASELINE_INVERSE_PENALTY = 10.0

Labels = NDArray[np.int64]


def main(
    data: Annotated[Path, typer.Option(help="The folder of the labelled sets.")],
    reviews: Annotated[Path, typer.Option(help="A shop's reviews with stars, JSON lines.")] = DEMO_FOLDER
    / REVIEWS_FILE,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the shipped model and the baselines."""
    started = time.perf_counter()
    model = shipped()
    rows: list[dict[str, Any]] = []
    texts = {
        "zh_waimai": ("zh", opinion_data.chinese_reviews(data)),
        "amazon_polarity": ("en", opinion_data.english_reviews(data)),
    }
    for name, (language, part) in texts.items():
        baseline, stars = fitted_baseline(part, language), opinion_data.starred_reviews(reviews, language)
        rows += on_reviews(name, part, language, model, baseline)
        rows += on_reviews(f"stars_{language}", stars, language, model, baseline)
    rows += on_aspects("zh_phone", opinion_data.phone_aspects(data), "zh", model)
    rows += on_aspects("laptop14", opinion_data.laptop_aspects(data), "en", model)
    rows += [row for language in UNITS for row in on_mentions(reviews, language, model)]
    print_report("opinions", {"sets": len(rows) // 2}, "shipped", rows, time.perf_counter() - started, json_)


def on_reviews(
    name: str, reviews: Reviews, language: str, model: OpinionModel, baseline: Callable[[Sequence[str]], Labels]
) -> list[dict[str, Any]]:
    """The rows of one set of reviews."""
    chosen = np.flatnonzero(reviews.is_test)
    texts, labels = [reviews.texts[row] for row in chosen.tolist()], reviews.labels[chosen]
    started = time.perf_counter()
    ours = (model.review_logits(texts, language) > 0).astype(np.int64)
    return compared(name, labels, baseline(texts), ours, time.perf_counter() - started)


def on_aspects(name: str, aspects: Aspects, language: str, model: OpinionModel) -> list[dict[str, Any]]:
    """The rows of one set of aspects. Where the set knows no neutral, the likelier of the two others counts."""
    chosen = np.flatnonzero(aspects.is_test)
    mentions, labels = [aspects.aspects[row] for row in chosen.tolist()], aspects.labels[chosen]
    started = time.perf_counter()
    probabilities = model.aspect_probabilities(mentions, language)
    seconds = time.perf_counter() - started
    rows = compared(name, labels, aspect_baseline(aspects, language), probabilities.argmax(1), seconds)
    served = [counted(mention, row, None) for mention, row in zip(mentions, probabilities.tolist(), strict=True)]
    return [rows[0], {**rows[1], **shares(np.array(served), labels == PRAISE, labels == COMPLAINT)}]


def on_mentions(file: Path, language: str, model: OpinionModel) -> list[dict[str, Any]]:
    """The rows of the mentions that we read ourselves: by the words alone, and as served, with the review's stars."""
    mentions, stars, labels = opinion_data.read_mentions(file, language)
    started = time.perf_counter()
    by_words = model.aspect_probabilities(mentions, language)
    seconds = time.perf_counter() - started
    given = list(zip(mentions, by_words.tolist(), stars, strict=True))
    said = np.array([with_stars(grounds(mention).turned(row), n) for mention, row, n in given]).argmax(1)
    rows = compared(f"mentions_{language}", labels, (by_words[:, 2] > by_words[:, 0]).astype(np.int64), said, seconds)
    served = np.array([counted(mention, row, n) for mention, row, n in given])
    return [{**rows[0], "system": "words_alone"}, {**rows[1], **shares(served, labels == 1, labels == 0)}]


def shares(
    served: NDArray[np.float64], is_praise: NDArray[np.bool_], is_complaint: NDArray[np.bool_]
) -> dict[str, float]:
    """Of what is counted, which share is right, by polarity; and which share of all complaints is counted as such.

    Args:
        served: `(n, 2)`, how likely each mention is a complaint, and praise.
        is_praise: `(n,)`, what is true.
        is_complaint: likewise.
    """
    complains, praises = (served[:, column] >= LEAST_SURE for column in (0, 1))
    found = {
        "counted": (complains | praises).mean(),
        "praise_right": is_praise[praises].mean(),
        "complaints_right": is_complaint[complains].mean(),
        "complaints_found": complains[is_complaint].mean(),
    }
    return {name: round(float(share), 3) for name, share in found.items()}


def compared(name: str, labels: Labels, baseline: Labels, ours: Labels, seconds: float) -> list[dict[str, Any]]:
    """Two rows: the baseline's, and ours with how many rows it alone got right and wrong.

    >>> ones = np.ones(4, dtype=np.int64)
    >>> [row["accuracy"] for row in compared("set", ones, 1 - ones, ones, 1.0)]
    [0.0, 1.0]
    """
    gained = int(((ours == labels) & (baseline != labels)).sum())
    lost = int(((ours != labels) & (baseline == labels)).sum())
    p_value = float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    more = {
        "gained": gained,
        "lost": lost,
        "p_value": round(p_value, 4),
        "ms_each": round(1000 * seconds / len(labels), 2),
    }
    return [_row(name, "tfidf", labels, baseline), {**_row(name, "shipped", labels, ours), **more}]


def _row(name: str, system: str, labels: Labels, said: Labels) -> dict[str, Any]:
    return {
        "system": system,
        "set": name,
        "n": len(labels),
        "accuracy": round(float(np.mean(said == labels)), 4),
        "macro_f1": round(float(f1_score(labels, said, average="macro")), 4),
    }


def fitted_baseline(reviews: Reviews, language: str) -> Callable[[Sequence[str]], Labels]:
    """TF-IDF of words or characters, 1-2-grams, and logistic regression, fitted on all training rows."""
    chosen = np.flatnonzero(~reviews.is_test)
    vectorizer = _vectorizer(language)
    table = vectorizer.fit_transform([reviews.texts[row] for row in chosen.tolist()])
    fitted = LogisticRegression(C=BASELINE_INVERSE_PENALTY, max_iter=1000).fit(table, reviews.labels[chosen])
    return lambda texts: np.asarray(fitted.predict(vectorizer.transform(texts)))


def aspect_baseline(aspects: Aspects, language: str) -> Labels:
    """The same over the sentence and four words either side of the aspect; what it says of the test rows."""
    of_sentence, of_words = _vectorizer(language), _vectorizer(language)
    sentences = [aspect.sentence for aspect in aspects.aspects]
    words = [_around(aspect, language) for aspect in aspects.aspects]
    training, test = np.flatnonzero(~aspects.is_test), np.flatnonzero(aspects.is_test)
    table = hstack(
        [
            of_sentence.fit_transform([sentences[row] for row in training.tolist()]),
            of_words.fit_transform([words[row] for row in training.tolist()]),
        ]
    )
    fitted = LogisticRegression(C=BASELINE_INVERSE_PENALTY, max_iter=1000).fit(
        csr_matrix(table), aspects.labels[training]
    )
    parts = [
        of_sentence.transform([sentences[row] for row in test.tolist()]),
        of_words.transform([words[row] for row in test.tolist()]),
    ]
    return np.asarray(fitted.predict(csr_matrix(hstack(parts))))


def _around(aspect: Aspect, language: str) -> str:
    before, after = aspect.sentence[: aspect.start], aspect.sentence[aspect.end :]
    if language == "zh":
        return f"{before[-AROUND_WORDS:]} {after[:AROUND_WORDS]}"
    return " ".join([*before.split()[-AROUND_WORDS:], *after.split()[:AROUND_WORDS]])


def _vectorizer(language: str) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char" if language == "zh" else "word", ngram_range=(1, 2), sublinear_tf=True)


if __name__ == "__main__":
    typer.run(main)
