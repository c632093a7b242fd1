"""The weights that say which passage answers, and how surely any does.

In: the figures of a question against every passage. Out: the passages' order and a probability. The weights lie beside
this module as JSON with their digest; `python -m benchmarks.train_policies` makes them, MODEL_CARD.md tells how.

Source: the order is a conditional logit over the passages (McFadden 1974), the probability a logistic regression over
the figures of the best one, with its lead (as in selective question answering, Kamath et al. 2020, section 4).
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np

from assistant.policies.features import ABOUT, NAMES, Figures, Measured
from retrieval.errors import ModelError

WEIGHTS_FILE = "weights.json"
LEADS = ("score", "lead", "others")
"""Beside the best passage's figures and the question's: its score, its lead over the next, the log-sum of all leads."""

_ARRAYS = ("order", "mean", "scale", "sure")


@dataclass(frozen=True)
class AnswerModel:
    """`order` `(len(NAMES),)` weighs a passage's figures; `mean`, `scale` and `sure` those of `evidence`; below
    `threshold` no passage is taken to answer. `encoder` is the fingerprint of the one that the figures are of."""

    order: Figures
    mean: Figures
    scale: Figures
    sure: Figures
    bias: float
    threshold: float
    encoder: str

    def scores(self, measured: Measured) -> Figures:
        """`(n,)`, higher is better; only differences mean anything."""
        return np.asarray(measured.pairs @ self.order, dtype=np.float64)

    def probability(self, evidence: Figures) -> float:
        """That the best passage answers, in [0, 1]."""
        logit = float(((evidence - self.mean) / self.scale) @ self.sure) + self.bias
        return float(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0))))

    def save(self, path: Path, **about: object) -> None:
        """Write the weights, what tells how they were made, and the digest of both."""
        arrays = {name: [round(float(x), 5) for x in getattr(self, name)] for name in _ARRAYS}
        numbers = {"bias": round(self.bias, 5), "threshold": round(self.threshold, 4), "encoder": self.encoder}
        names = {"names": [*NAMES, *LEADS, *ABOUT]}
        content = names | arrays | numbers | about
        path.write_text(json.dumps(content | {"sha256": digest(content)}, indent=1) + "\n", "utf-8")

    @classmethod
    def load(cls, text: str) -> "AnswerModel":
        """The model in the JSON that `save` wrote.

        Raises:
            ModelError: it is damaged, or was made for other figures.
        """
        try:
            content = json.loads(text)
            stated = content.pop("sha256")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"the weights for questions about rules cannot be read ({error}): install again"
            ) from error
        if digest(content) != stated:
            raise ModelError("the weights for questions about rules are damaged: install the package again")
        if content["names"] != [*NAMES, *LEADS, *ABOUT]:
            raise ModelError("the weights for questions about rules are of other figures: train them anew")
        order, mean, scale, sure = (np.array(content[name], dtype=np.float64) for name in _ARRAYS)
        return cls(order, mean, scale, sure, content["bias"], content["threshold"], content["encoder"])


def digest(content: dict[str, object]) -> str:
    """The SHA-256 of JSON content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def evidence_of(measured: Measured, scores: Figures) -> Figures:
    """`(len(NAMES) + len(LEADS) + len(ABOUT),)`: what speaks for the best passage."""
    best = int(np.argmax(scores))
    behind = np.sort(scores)[::-1] - scores[best]
    lead = -float(behind[1]) if len(behind) > 1 else 5.0
    others = float(np.log(np.exp(behind).sum()))
    return np.concatenate([measured.pairs[best], [scores[best], lead, others], measured.about])


@lru_cache
def shipped() -> AnswerModel:
    """The model that ships with the package, read once."""
    return AnswerModel.load(resources.files("assistant.policies").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))
