"""The calibrated estimate that a shop carries something that fits a wish.

In: a query's text, a catalog's background and what was found in it. Out: a probability. The weights lie beside this
module as JSON; `python -m benchmarks.train_answerability` makes them, and MODEL_CARD.md tells how.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.answerability.background import Background
from retrieval.answerability.features import NAMES, Found, features
from retrieval.answerability.words import words_of_wish

WEIGHTS_FILE = "weights.json"

Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """A logistic regression over scaled figures and their products in pairs.

    `threshold`: below it the shop is taken not to carry what is wished; 5 % of the answerable wishes of other catalogs
    fell below it when the model was made.
    """

    mean: Figures
    scale: Figures
    weights: Figures
    bias: float
    threshold: float

    def probability(self, figures: Figures) -> Figures:
        """`(n,)` in [0, 1] for `(n, len(NAMES))` figures."""
        logits = expanded((figures - self.mean) / self.scale) @ self.weights + self.bias
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0))), dtype=np.float64)

    def save(self, path: Path, **about: object) -> None:
        """Write the weights with what tells how they were made."""
        content = {
            "names": list(NAMES),
            **{name: [round(float(x), 5) for x in getattr(self, name)] for name in ("mean", "scale", "weights")},
            "bias": round(self.bias, 5),
            "threshold": round(self.threshold, 4),
            **about,
        }
        path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")

    @classmethod
    def load(cls, text: str) -> "Model":
        """The model in the JSON that `save` wrote."""
        content = json.loads(text)
        if tuple(content["names"]) != NAMES:
            raise ValueError("the answerability weights are those of other figures: train them anew")
        mean, scale, weights = (np.array(content[name], dtype=np.float64) for name in ("mean", "scale", "weights"))
        return cls(mean, scale, weights, float(content["bias"]), float(content["threshold"]))


def expanded(scaled: Figures) -> Figures:
    """`(n, m + m * (m + 1) / 2)`: scaled figures limited to three deviations, then the products of each two of them."""
    limited = np.clip(scaled, -3.0, 3.0)
    first, second = np.triu_indices(limited.shape[1])
    return np.concatenate([limited, limited[:, first] * limited[:, second]], axis=1)


@lru_cache
def shipped() -> Model:
    """The model that ships with the package, read once."""
    return Model.load(resources.files("retrieval.answerability").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))


def fit(text: str, background: Background, found: Found) -> float | None:
    """The probability in [0, 1] that the catalog has something that fits `text`; None where it has no words."""
    words = words_of_wish(text)
    if not words or not background.n:
        return None
    return float(shipped().probability(features(words, background, found)[None, :])[0])
