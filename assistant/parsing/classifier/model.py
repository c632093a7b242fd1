"""The trained classifier: what a single message is for, told from its words alone.

In: a message. Out: a `Judgement`. Knows no catalog, no session and no rules: `assistant.parsing.choosing` weighs it
against those. The weights lie beside this module; `python -m benchmarks.train_intents` makes them, MODEL_CARD.md tells
how.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from assistant.parsing.classifier.features import N_FEATURES, places

WEIGHTS_FILE = "weights.safetensors"
META_FILE = "meta.json"
FOLDER = Path(__file__).parent

INTENTS = ("wish", "bundle", "compare", "ask_product", "feedback", "faq", "order", "handoff", "smalltalk")
"""What a message that is a shop's business may be for; search and refine are one, told apart by the session."""

SENTIMENTS = ("negative", "neutral", "positive")

Floats = NDArray[np.float32]


class DamagedWeights(RuntimeError):
    """The classifier's files do not belong together."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`outside`: the logit that the message is none of a shop's business. `intents`: `(len(INTENTS),)` logarithms of
    the probability of each if it is some. `sentiments`: `(len(SENTIMENTS),)` logarithms of the probability of each."""

    outside: float
    intents: Floats
    sentiments: Floats


@dataclass(frozen=True, slots=True)
class MessageClassifier:
    """Three linear heads over one set of features, and how they are weighed against what the rules found.

    `idf`: `(N_FEATURES,)` float16. `weights`: `(N_FEATURES, 1 + intents + sentiments)` float16, times `idf`. `bias`:
    `(1 + intents + sentiments,)`. `evidence`: `(n, 1 + intents)`, the weight of each thing in
    `assistant.parsing.choosing.EVIDENCE` for "none of a shop's business" and for each intent; `evidence_bias` is added.
    `mood`: `(n, sentiments)`, the same for `assistant.parsing.sentiment.EVIDENCE`, with `mood_bias`.
    """

    idf: NDArray[np.float16]
    weights: NDArray[np.float16]
    bias: Floats
    evidence: Floats
    evidence_bias: Floats
    mood: Floats
    mood_bias: Floats

    def judge(self, text: str) -> Judgement:
        """What `text` is for: the sum of its features' weights, as of a vector of unit length."""
        found = places(text)
        logits = self.bias.copy()
        if found.size:
            length = np.sqrt(np.square(self.idf[found].astype(np.float32)).sum())
            logits += self.weights[found].astype(np.float32).sum(axis=0) / length
        last = 1 + len(INTENTS)
        return Judgement(float(logits[0]), log_softmax(logits[1:last]), log_softmax(logits[last:]))

    def weigh(self, found: Floats) -> Floats:
        """`(1 + intents,)` logits after all evidence: none of a shop's business (against 0), then each intent."""
        return np.asarray(found @ self.evidence + self.evidence_bias, dtype=np.float32)

    def weigh_mood(self, found: Floats) -> Floats:
        """`(len(SENTIMENTS),)` logits after all evidence."""
        return np.asarray(found @ self.mood + self.mood_bias, dtype=np.float32)

    def save(self, folder: Path, **about: Any) -> None:
        """Write the weights, and beside them their digest and what tells how they were made."""
        tensors = {name: getattr(self, name) for name in self.__slots__}
        content = save(tensors)
        (folder / WEIGHTS_FILE).write_bytes(content)
        meta = {
            "weights_sha256": hashlib.sha256(content).hexdigest(),
            "intents": list(INTENTS),
            "sentiments": list(SENTIMENTS),
            "n_features": N_FEATURES,
            **about,
        }
        (folder / META_FILE).write_text(json.dumps(meta, indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "MessageClassifier":
        """The classifier that `save` wrote.

        Raises:
            DamagedWeights: the weights are not those that the meta file describes, or of other features or labels.
        """
        content = (folder / WEIGHTS_FILE).read_bytes()
        meta = json.loads((folder / META_FILE).read_text("utf-8"))
        if hashlib.sha256(content).hexdigest() != meta["weights_sha256"]:
            raise DamagedWeights(f"{folder / WEIGHTS_FILE} is not the file that {META_FILE} describes: install again")
        labels = (tuple(meta["intents"]), tuple(meta.get("sentiments", ())))
        if (*labels, meta["n_features"]) != (INTENTS, SENTIMENTS, N_FEATURES):
            raise DamagedWeights(f"{folder} holds weights of other labels: run `python -m benchmarks.train_intents`")
        return cls(**load(content))


def log_softmax(logits: Floats) -> Floats:
    """Logarithms of the probabilities that logits stand for, along the last axis.

    >>> log_softmax(np.zeros(2, dtype=np.float32)).round(3).tolist()
    [-0.6930000185966492, -0.6930000185966492]
    """
    lowered = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(lowered - np.log(np.exp(lowered).sum(axis=-1, keepdims=True)), dtype=np.float32)


@lru_cache
def shipped() -> MessageClassifier:
    """The classifier that ships with the package, read once."""
    return MessageClassifier.load(FOLDER)
