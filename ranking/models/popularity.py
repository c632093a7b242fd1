"""The two matchers that know no shopper: chance and popularity.

In: `Interactions`. Out: the same scores for everybody. They are in every table, since a model that does not beat them
has learned nothing.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import Histories, Integers, Interactions, Items, check
from ranking.models.aligned import aligned_rows, moved
from ranking.models.protocol import Scores, Tensors, Validation, Watch
from retrieval.errors import ModelError


@dataclass(frozen=True, slots=True)
class PopularitySettings:
    """`half_life_days`: after so many days an act counts half; 0 = all count the same."""

    half_life_days: float = 0.0


class PopularityMatcher:
    """How often each item was taken up."""

    name: ClassVar[str] = "popularity"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `PopularitySettings`."""
        self._settings = PopularitySettings(**settings)
        self._fitted: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._counts, self._fitted_on = self._fitted, Items(())

    @property
    def settings(self) -> PopularitySettings:
        """How it is fitted."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Count.

        Raises:
            ModelError: there are no acts to count.
        """
        check(train)
        weights = np.ones(len(train.item))
        half_life = self._settings.half_life_days
        if half_life > 0:
            ages = (train.time.max(initial=0.0) - train.time) / 86_400.0
            weights = 0.5 ** (ages / half_life)
        self._fitted = np.bincount(train.item, weights, minlength=len(train.items)).astype(np.float32)
        self._counts, self._fitted_on = self._fitted, train.items

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """The counts, for everybody."""
        counts = self._counts if items is None else self._counts[items]
        return np.broadcast_to(counts, (len(shoppers), len(counts)))

    def with_items(self, items: Items) -> None:
        """A new item has not been taken up yet."""
        self._counts = moved(self._fitted, aligned_rows(self._fitted_on, items))

    def tensors(self) -> Tensors:
        """The counts."""
        return {"counts": self._fitted}

    def restore(self, tensors: Tensors, items: Items) -> None:
        """Take the counts."""
        counts = tensors.get("counts")
        if counts is None or counts.shape != (len(items),):
            raise ModelError(f"the counts are not those of the {len(items)} items given: train popularity again")
        self._fitted = np.asarray(counts, dtype=np.float32)
        self._counts, self._fitted_on = self._fitted, items


@dataclass(frozen=True, slots=True)
class RandomSettings:
    """`seed` of the scores."""

    seed: int = 0


class RandomMatcher:
    """Chance: the same shopper, whatever they did, always gets the same random order."""

    name: ClassVar[str] = "random"

    def __init__(self, **settings: Any) -> None:
        """Keywords are those of `RandomSettings`."""
        self._settings = RandomSettings(**settings)
        self._n_items = 0

    @property
    def settings(self) -> RandomSettings:
        """How it is fitted."""
        return self._settings

    def fit(self, train: Interactions, validation: Validation | None, watch: Watch) -> None:
        """Nothing to learn; what others could not learn from is refused here too."""
        check(train)
        self._n_items = len(train.items)

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """Uniform in [0, 1), drawn by the shopper's history."""
        whole = np.zeros((len(shoppers), self._n_items), dtype=np.float32)
        for row, own in enumerate(shoppers.items):
            drawn = np.random.default_rng((self._settings.seed, len(own), int(own.sum())))
            whole[row] = drawn.random(self._n_items, np.float32)
        return whole if items is None else whole[:, items]

    def with_items(self, items: Items) -> None:
        """More columns."""
        self._n_items = len(items)

    def tensors(self) -> Tensors:
        """How many items there are."""
        return {"n_items": np.array([self._n_items])}

    def restore(self, tensors: Tensors, items: Items) -> None:
        """Take the number."""
        if "n_items" not in tensors or int(tensors["n_items"][0]) != len(items):
            raise ModelError(f"these are not the tensors of {len(items)} items: train random again")
        self._n_items = len(items)
