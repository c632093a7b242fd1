"""The best candidates looked at once more by a model that reads query and product together.

In: a query and what was retrieved. Out: the same candidates, the first of them in another order. Knows no shopper. Only
used where the shop names a model; the one door to sentence-transformers.

Source: Nogueira & Cho 2019, Passage Re-ranking with BERT.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EmbedderError
from retrieval.text import embedding_text
from retrieval.types import Query, Retrieved

N_READ = 50
"""So many candidates are read; a small BERT takes some 5 ms for each on a CPU."""

MODEL_WEIGHT = 0.5
"""What the model's score weighs in the new relevance, against the former one."""

MAX_TOKENS = 256
BOTH_LANGUAGES = frozenset({"en", "zh"})


class PairScorer(Protocol):
    """Scores pairs of texts: higher = the second answers the first better."""

    def score(self, text: str, others: Sequence[str]) -> NDArray[np.float32]:
        """`(len(others),)` in [0, 1]."""
        ...


class CrossEncoder:
    """A cross-encoder in a folder as sentence-transformers writes it, with one output."""

    def __init__(self, folder: Path) -> None:
        """Load the model.

        Raises:
            EmbedderError: the folder holds no such model in safetensors.
        """
        if not (folder / "model.safetensors").is_file():
            raise EmbedderError(
                f"no model.safetensors in {folder}: name the folder of a cross-encoder (such as ms-marco-MiniLM-L6-v2) "
                "in shop.toml under [search] cross_encoder"
            )
        try:
            from sentence_transformers import CrossEncoder as Model
        except ImportError as error:
            raise EmbedderError(
                "[search] cross_encoder needs sentence-transformers: pip install sentence-transformers"
            ) from error
        import torch

        try:
            self._model: Any = Model(
                str(folder),
                local_files_only=True,
                max_length=MAX_TOKENS,
                model_kwargs={"use_safetensors": True},
                activation_fn=torch.nn.Sigmoid(),
            )
        except (OSError, ValueError, KeyError) as error:
            raise EmbedderError(f"the cross-encoder in {folder} cannot be loaded: {error}") from error
        if self._model.num_labels != 1:
            raise EmbedderError(f"the model in {folder} has {self._model.num_labels} outputs, a cross-encoder has one")

    def score(self, text: str, others: Sequence[str]) -> NDArray[np.float32]:
        """`(len(others),)` in [0, 1]."""
        pairs = [(text, other) for other in others]
        return np.asarray(self._model.predict(pairs, show_progress_bar=False), dtype=np.float32)


def reread(query: Query, retrieved: Retrieved, scorer: PairScorer | None) -> Retrieved:
    """The candidates with the first `N_READ` of them in the order of relevance and model together.

    What has no words, or comes in an order that the shopper asked for, stays as it is. Their relevance stays in
    [0, 1] and above that of the candidates that were not read.
    """
    if scorer is None or not query.text.strip() or query.filters.sort or len(retrieved.candidates) < 2:
        return retrieved
    read, rest = retrieved.candidates[:N_READ], retrieved.candidates[N_READ:]
    scores = scorer.score(query.text, [embedding_text(candidate.product, BOTH_LANGUAGES) for candidate in read])
    floor = read[-1].relevance
    new = [
        replace(candidate, relevance=_between(floor, candidate.relevance, float(score)))
        for candidate, score in zip(read, scores, strict=True)
    ]
    new.sort(key=lambda candidate: -candidate.relevance)
    return replace(retrieved, candidates=(*new, *rest))


def _between(floor: float, relevance: float, score: float) -> float:
    """The new relevance: the mean of the former one and of the model's score on the scale from `floor` to 1."""
    return (1 - MODEL_WEIGHT) * relevance + MODEL_WEIGHT * (floor + (1 - floor) * score)
