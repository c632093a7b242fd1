"""Likeness of texts: what reads like the things that a shopper took up lately.

In: items with the embeddings of their texts. Out: cosines with the decayed mean of the newest acts, and of the items
that have what the shopper said they like. Learns nothing but how popular an item is, which decides between equals and
serves those of whom nothing is known. A new item is scored as well as an old one. Dislikes do not go in: the head of
`ranking.matcher` takes them.

Source: the mean of what was liked as a profile: Pazzani and Billsus 2007, Content-based recommendation systems,
section 4 (Rocchio); sentence embeddings: Reimers and Gurevych 2019, Sentence-BERT.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from ranking.evaluation import ndcg_of, sample_of
from ranking.interactions import Histories, Integers, Interactions, Items, check
from ranking.models.aligned import aligned_rows, moved
from ranking.models.newest import liked_items, newest_acts
from ranking.models.protocol import Scores, Tensors, Validation, Watch
from retrieval.errors import ModelError
from retrieval.types import Matrix

TIE = 1e-4
"""What the most popular item is ahead of one that nobody took up: little beside any difference of texts."""


DECAYS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
MAX_TUNED_ON = 2_000
"""The decay is chosen on no more than so many shoppers."""


@dataclass(frozen=True, slots=True)
class ContentSettings:
    """`length`: so many of the newest acts are looked at; `decay`: each older one counts that share of the next.

    `tuned`: choose `decay` by validation.
    """

    length: int = 20
    decay: float = 0.7
    tuned: bool = True


class ContentMatcher:
    """Likeness of texts; see the module's docstring."""

    name: ClassVar[str] = "content"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `ContentSettings`.

        Raises:
            ModelError: a setting is out of its range.
        """
        self._settings = ContentSettings(**settings)
        if self._settings.length < 1 or not 0 < self._settings.decay <= 1:
            raise ModelError("content: length must be 1 or more and decay in (0, 1]")
        self._fitted_on, self._items = Items(()), Items(())
        self._counts: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._shares = self._counts
        self._halves: torch.Tensor | None = None

    @property
    def settings(self) -> ContentSettings:
        """How it is, or was, fitted: the decay as chosen."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Count how popular each item is, and choose the decay where there is a validation.

        Raises:
            ModelError: there are no acts to learn from, or no item has a text.
        """
        check(train)
        text_vectors(train.items)
        self._counts, self._fitted_on = train.counts().astype(np.float32), train.items
        self.with_items(train.items)
        if self._settings.tuned and validation is not None and len(validation):
            self._settings = self._best(sample_of(validation, MAX_TUNED_ON, watch.seed))

    def _best(self, asked: Validation) -> ContentSettings:
        """The start's settings with the decay of the best NDCG@10; of equals the start's own."""
        start, found = self._settings, []
        for decay in dict.fromkeys((start.decay, *DECAYS)):
            self._settings = replace(start, decay=decay)
            found.append((ndcg_of(self, asked), decay))
        best = max(found, key=lambda pair: pair[0])
        return replace(start, decay=best[1])

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """Cosines in [-1, 1], and a little for popularity."""
        vectors = text_vectors(self._items)
        told = newest_acts(shoppers, self._settings.length, self._settings.decay, len(vectors)) @ vectors
        told = told + liked_items(shoppers, self._items) @ vectors
        told = told / np.maximum(np.linalg.norm(told, axis=1, keepdims=True), 1e-9)
        cosines = self._with_all(told.astype(np.float32)) if items is None else told @ vectors[items].T
        shares = self._shares if items is None else self._shares[items]
        scores: Scores = (cosines + TIE * shares).astype(np.float32)
        return scores

    def _with_all(self, told: Matrix) -> Scores:
        """Cosines with every item. For one shopper reading the texts is what takes time: half precision halves it."""
        if len(told) != 1:
            return told @ text_vectors(self._items).T
        if self._halves is None:
            self._halves = torch.from_numpy(text_vectors(self._items)).half()
        cosines: Scores = torch.mv(self._halves, torch.from_numpy(told[0]).half()).float().numpy()[None]
        return cosines

    def with_items(self, items: Items) -> None:
        """A new item is scored by its text; nobody took it up so far.

        Raises:
            ModelError: no item has a text.
        """
        text_vectors(items)
        counts = moved(self._counts, aligned_rows(self._fitted_on, items))
        self._shares, self._items = counts / max(1.0, float(counts.max(initial=0.0))), items
        self._halves = None

    def tensors(self) -> Tensors:
        """How often each item was taken up."""
        return {"counts": self._counts}

    def restore(self, tensors: Tensors, items: Items) -> None:
        """Take the counts."""
        counts = tensors.get("counts")
        if counts is None or counts.shape != (len(items),):
            raise ModelError(f"the counts are not those of the {len(items)} items given: train the content model again")
        self._counts, self._fitted_on = np.asarray(counts, dtype=np.float32), items
        self.with_items(items)


def text_vectors(items: Items) -> Matrix:
    """``(I, d)`` float32: the vectors of the items' texts.

    Raises:
        ModelError: there is none.
    """
    if items.vectors is None or not items.has_text:
        raise ModelError(
            "no item has a text, and this model compares texts: give items with titles or descriptions, or choose a "
            "model that reads acts alone, for example cooccurrence"
        )
    return items.vectors
