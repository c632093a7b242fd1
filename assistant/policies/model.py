"""The weights that say which passage answers, and how surely any does.

In: the figures of a question against every passage. Out: the passages' order and a probability. The weights lie beside
this module, the small ones as JSON with their digest and that of the others, which are safetensors;
`python -m benchmarks.train_policies` makes them, MODEL_CARD.md tells how.

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
from safetensors.numpy import load, save

from assistant.policies.features import ABOUT, NAMES, Figures, Measured
from retrieval.bilingual import DIMENSION
from retrieval.errors import ModelError
from retrieval.types import Matrix

WEIGHTS_FILE = "weights.json"
MAPS_FILE = "maps.safetensors"
MAPPED = ("mapped", "mapped_english")
"""Beside `NAMES`, of each passage: how near it lies to where a question's vector says its answer is, of each reader."""

LEADS = ("score", "lead", "others", "above_mean")
"""Beside the best passage's figures: its score, its lead over the next, the log-sum of all leads, its lead over the
mean."""

ANYWHERE = ("text", "clause", "pieces", "characters")
"""Figures whose largest over all passages speaks, too, for whether any answers."""

USUAL = ("usual", "usual_english")
"""Whether shops' rules usually say anything about such a question, by each reader's vector of it."""

BY_LANGUAGE = ("score_chinese", "lead_chinese", "pieces_chinese")
EVIDENCE = (*LEADS, *NAMES, *MAPPED, *(f"{name}_anywhere" for name in ANYWHERE), *USUAL, *ABOUT, *BY_LANGUAGE)

_SMALL = ("order", "mean", "scale", "sure")


@dataclass(frozen=True, eq=False)
class Maps:
    """Linear maps of a question's vectors. `centre` `(512 + d,)` is taken off first; `both` `(512, 512)` and `english`
    `(d, d)` lead to where the passage that answers lies among the shop's; `usual` `(512 + d,)` weighs the vectors."""

    centre: Matrix
    both: Matrix
    english: Matrix
    usual: Matrix

    def near(self, asked: Matrix, centred: Matrix) -> Figures:
        """`(n, len(MAPPED))` of a question's vectors and the passages' centred ones."""
        moved = asked - self.centre
        columns = [
            centred[:, :DIMENSION] @ (moved[:DIMENSION] @ self.both),
            centred[:, DIMENSION:] @ (moved[DIMENSION:] @ self.english),
        ]
        return np.stack(columns, axis=1).astype(np.float64)

    def usually(self, asked: Matrix) -> Figures:
        """`(len(USUAL),)`: logits but for a constant."""
        parts = asked * self.usual
        return np.array([parts[:DIMENSION].sum(), parts[DIMENSION:].sum()], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class AnswerModel:
    """`order` `(len(NAMES) + len(MAPPED),)` weighs a passage's figures; `mean`, `scale` and `sure` those of
    `EVIDENCE`; below `threshold` no passage is taken to answer. `encoder` and `bilingual` are the fingerprints of the
    readers that the figures are of."""

    maps: Maps
    order: Figures
    mean: Figures
    scale: Figures
    sure: Figures
    bias: float
    threshold: float
    encoder: str
    bilingual: str

    def judge(self, measured: Measured, centred: Matrix) -> tuple[Figures, float]:
        """`(n,)` scores, higher is better and only differences mean anything; and the probability in [0, 1] that the
        best passage answers."""
        figures = figures_of(measured, self.maps, centred)
        scores = np.asarray(figures @ self.order, dtype=np.float64)
        return scores, self.probability(evidence_of(figures, scores, measured, self.maps.usually(measured.asked)))

    def probability(self, evidence: Figures) -> float:
        """That the best passage answers, in [0, 1]."""
        logit = float(((evidence - self.mean) / self.scale) @ self.sure) + self.bias
        return float(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0))))

    def save(self, folder: Path, **about: object) -> None:
        """Write the weights, what tells how they were made, and the digests of all."""
        tensors = save({name: np.asarray(value, np.float16) for name, value in vars(self.maps).items()})
        (folder / MAPS_FILE).write_bytes(tensors)
        arrays = {name: [round(float(x), 5) for x in getattr(self, name)] for name in _SMALL}
        numbers = {"bias": round(self.bias, 5), "threshold": round(self.threshold, 4)}
        readers = {"encoder": self.encoder, "bilingual": self.bilingual, "maps_sha256": _sha256(tensors)}
        content = {"names": list(EVIDENCE)} | arrays | numbers | readers | about
        text = json.dumps(content | {"sha256": digest(content)}, indent=1) + "\n"
        (folder / WEIGHTS_FILE).write_text(text, "utf-8")

    @classmethod
    def load(cls, text: str, tensors: bytes) -> "AnswerModel":
        """The model in the JSON and the safetensors that `save` wrote.

        Raises:
            ModelError: they are damaged, do not belong together, or were made for other figures.
        """
        try:
            content = json.loads(text)
            stated = content.pop("sha256")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"the weights for questions about rules cannot be read ({error}): install again"
            ) from error
        if digest(content) != stated or content.get("maps_sha256") != _sha256(tensors):
            raise ModelError("the weights for questions about rules are damaged: install the package again")
        if content["names"] != list(EVIDENCE):
            raise ModelError("the weights for questions about rules are of other figures: train them anew")
        maps = Maps(**{name: np.asarray(value, np.float32) for name, value in load(tensors).items()})
        order, mean, scale, sure = (np.array(content[name], dtype=np.float64) for name in _SMALL)
        numbers = (content["bias"], content["threshold"])
        return cls(maps, order, mean, scale, sure, *numbers, content["encoder"], content["bilingual"])


def digest(content: dict[str, object]) -> str:
    """The SHA-256 of JSON content."""
    return _sha256(json.dumps(content, sort_keys=True).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def figures_of(measured: Measured, maps: Maps, centred: Matrix) -> Figures:
    """`(n, len(NAMES) + len(MAPPED))` of every passage."""
    return np.concatenate([measured.pairs, maps.near(measured.asked, centred)], axis=1)


def evidence_of(figures: Figures, scores: Figures, measured: Measured, usual: Figures) -> Figures:
    """`(len(EVIDENCE),)`: what speaks for the best passage."""
    best = int(np.argmax(scores))
    behind = np.sort(scores)[::-1] - scores[best]
    lead = -float(behind[1]) if len(behind) > 1 else 5.0
    others = float(np.log(np.exp(behind).sum()))
    anywhere = [float(measured.pairs[:, NAMES.index(name)].max()) for name in ANYWHERE]
    chinese = measured.about[ABOUT.index("is_chinese")]
    by_language = np.array([scores[best], lead, anywhere[ANYWHERE.index("pieces")]]) * chinese
    leads = [scores[best], lead, others, float(scores[best] - scores.mean())]
    return np.concatenate([leads, figures[best], anywhere, usual, measured.about, by_language])


@lru_cache
def shipped() -> AnswerModel:
    """The model that ships with the package, read once."""
    files = resources.files("assistant.policies")
    return AnswerModel.load(files.joinpath(WEIGHTS_FILE).read_text("utf-8"), files.joinpath(MAPS_FILE).read_bytes())
