"""Trains what reads reviews: `python -m benchmarks.train_opinions --data DIR --praise FILE --complaints FILE`.

In: the folder of the labelled sets (docs/reviews.md names them) and further Chinese reviews. Out: the weights that
`retrieval.opinions` ships. Test rows are never looked at; `python -m benchmarks.opinions` measures on them.

A tenth of the training rows is kept apart to weigh the network against the n-grams.
"""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from benchmarks import opinion_data
from benchmarks.opinion_data import Reviews
from benchmarks.opinion_fitting import fit_chinese, fit_english, fit_linear
from retrieval import opinions
from retrieval.model_folder import DEFAULT_SHA256, default_folder
from retrieval.opinions.model import UNITS, Mixture, OpinionModel, save_model

WEIGHTS = Path(str(opinions.__path__[0])) / "weights"
SEED = 20261129
KEPT_APART = 10
INVERSE_PENALTY = 5.0

Rows = NDArray[np.int64]
logger = logging.getLogger(__name__)


def main(
    data: Annotated[Path, typer.Option(help="The folder of the labelled sets.")],
    praise: Annotated[Path | None, typer.Option(help="Further Chinese reviews of content buyers, one a line.")] = None,
    complaints: Annotated[Path | None, typer.Option(help="The same of discontent buyers.")] = None,
    out: Annotated[Path, typer.Option(help="Where the weights go.")] = WEIGHTS,
) -> None:
    """Train in both languages and write the weights."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    started = time.perf_counter()
    reviews = {"en": opinion_data.english_reviews(data), "zh": opinion_data.chinese_reviews(data)}
    laptops, phones = opinion_data.laptop_aspects(data), opinion_data.phone_aspects(data)
    further = opinion_data.further_reviews(praise, complaints)
    rows = {language: fitting_rows(part) for language, part in reviews.items()}
    linear = {
        language: fit_linear(
            [part.texts[row] for row in rows[language]], part.labels[rows[language]], UNITS[language], INVERSE_PENALTY
        )
        for language, part in reviews.items()
    }
    aspects = (phones, opinion_data.other_chinese_aspects(data, phones))
    network, of_aspects = fit_chinese(reviews["zh"], further, aspects, rows["zh"], SEED)
    upper = fit_english(default_folder(), reviews["en"], rows["en"], laptops, SEED)
    unweighed = dict.fromkeys(UNITS, Mixture(1.0, 1.0, 0.0))
    mixtures = weighed(OpinionModel(upper, network, of_aspects, linear, unweighed), reviews)
    about = {
        "encoder_sha256": DEFAULT_SHA256,
        "seed": SEED,
        "n_trained": {**{name: len(part) for name, part in rows.items()}, "zh_further": len(further.texts)},
        "made_by": "python -m benchmarks.train_opinions",
    }
    save_model(OpinionModel(upper, network, of_aspects, linear, mixtures), out, about)
    logger.info("written to %s in %.0f s", out, time.perf_counter() - started)


def fitting_rows(reviews: Reviews) -> Rows:
    """The training rows less those that are kept apart."""
    training = np.flatnonzero(~reviews.is_test)
    return np.asarray(training[np.arange(len(training)) % KEPT_APART != 0])


def weighed(model: OpinionModel, reviews: Mapping[str, Reviews]) -> dict[str, Mixture]:
    """How network and n-grams are best added up, by logistic regression on the training rows kept apart."""
    found = {}
    for language, part in reviews.items():
        rows = np.flatnonzero(~part.is_test)[::KEPT_APART]
        texts = [part.texts[row] for row in rows]
        logits = np.stack(
            [model.network_logits(texts, language), [model.linear[language].logit(text) for text in texts]], axis=1
        )
        fitted = LogisticRegression(C=1.0).fit(logits, part.labels[rows])
        alone = [float(np.mean((column > 0) == part.labels[rows])) for column in logits.T]
        together = fitted.score(logits, part.labels[rows])
        logger.info("%s kept apart: network %.4f, n-grams %.4f, together %.4f", language, *alone, together)
        found[language] = Mixture(float(fitted.coef_[0, 0]), float(fitted.coef_[0, 1]), float(fitted.intercept_[0]))
    return found


if __name__ == "__main__":
    typer.run(main)
