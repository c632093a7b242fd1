"""The smallest real model of tastes: how often products were taken up by the same shoppers, counted from events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ranking.types import Event, ShopperProfile
from retrieval.types import Matrix


class CoOccurrence:
    """A product's score is the sum over the shopper's products of weight times shoppers in common / sqrt(shoppers)."""

    version = "toy"

    def __init__(self, events: Iterable[Event]) -> None:
        self.shoppers: dict[str, set[str]] = defaultdict(set)
        for event in events:
            if event.type != "impression":
                self.shoppers[event.product_id].add(event.shopper_id)

    def score(self, profile: ShopperProfile, product_ids: Sequence[str], embeddings: Matrix) -> NDArray[np.float32]:
        assert embeddings.shape[0] == len(product_ids)
        return self._scores(profile.product_weights, product_ids)

    def _scores(self, weights: dict[str, float], product_ids: Sequence[str]) -> NDArray[np.float32]:
        return np.array(
            [
                sum(weight * self._alike(product_id, other) for other, weight in weights.items() if weight > 0)
                for product_id in product_ids
            ],
            dtype=np.float32,
        )

    def _alike(self, one: str, other: str) -> float:
        if one == other:
            return 0.0
        a, b = self.shoppers.get(one, set()), self.shoppers.get(other, set())
        return len(a & b) / (len(a) * len(b)) ** 0.5 if a and b else 0.0


class Contrary:
    """A model that likes a product the better the more is said against anything, to see that nobody tells it."""

    version = "contrary"

    def score(self, profile: ShopperProfile, product_ids: Sequence[str], embeddings: Matrix) -> NDArray[np.float32]:
        said = sum(-preference.weight for preference in profile.stated)
        done = sum(-weight for weight in profile.product_weights.values())
        places = np.arange(len(product_ids), dtype=np.float32)
        return (places * np.float32(said + done)).astype(np.float32)
