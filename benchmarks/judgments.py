"""Relevance judgments from a CSV, and how a ranking scores against them.

In: `query,product_id,rating` rows. Out: NDCG, recall and precision of ranked ids. Knows no retriever.
"""

import csv
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Ratings = Mapping[str, int]
"""Product id -> rating of one query, 0 = useless."""


@dataclass(frozen=True, slots=True)
class Judgments:
    """All judged queries of a file. `answerable` are those with a rating above 0; only they are averaged over."""

    ratings: Mapping[str, Ratings]
    sha256: str

    @property
    def answerable(self) -> list[str]:
        return sorted(
            query for query, ratings in self.ratings.items() if any(rating > 0 for rating in ratings.values())
        )


def read_judgments(path: Path) -> Judgments:
    """Read a CSV with the columns query, product_id and rating."""
    content = path.read_bytes()
    ratings: dict[str, dict[str, int]] = {}
    for row in csv.DictReader(content.decode("utf-8").splitlines()):
        ratings.setdefault(row["query"], {})[row["product_id"]] = int(row["rating"])
    return Judgments(ratings, hashlib.sha256(content).hexdigest())


def ndcg(ranked: Sequence[str], ratings: Ratings, k: int = 10) -> float:
    """NDCG@k in [0, 1], higher is better: gain 2^r - 1, unjudged = 0, ideal over all judged products of the query.

    Source: Burges et al. 2005, Learning to rank using gradient descent, section 5.

    >>> round(ndcg(["b", "a"], {"a": 1, "c": 0}), 4)
    0.6309
    """
    ideal = _dcg(sorted(ratings.values(), reverse=True)[:k])
    return _dcg([ratings.get(product_id, 0) for product_id in ranked[:k]]) / ideal if ideal else 0.0


def judged_ndcg(ranked: Sequence[str], ratings: Ratings, k: int = 10) -> float:
    """NDCG@k of the ranking without the products that nobody judged, in [0, 1], higher is better.

    It does not punish a system for finding what the raters never saw, but is kind to one whose own finds were never
    judged: read it beside `ndcg` and `judged`.

    Source: Sakai 2007, Alternatives to Bpref (condensed lists).

    >>> judged_ndcg(["x", "a"], {"a": 1, "c": 0})
    1.0
    """
    return ndcg([product_id for product_id in ranked if product_id in ratings], ratings, k)


def recall(ranked: Sequence[str], ratings: Ratings, k: int) -> float:
    """Share of the products rated above 0 that are among the first k, in [0, 1], higher is better.

    >>> recall(["a", "x"], {"a": 2, "b": 1, "c": 0}, 10)
    0.5
    """
    good = {product_id for product_id, rating in ratings.items() if rating > 0}
    return len(good.intersection(ranked[:k])) / len(good) if good else 0.0


def precision(ranked: Sequence[str], ratings: Ratings, k: int) -> float:
    """Share of the first k that is rated above 0, in [0, 1], higher is better; unjudged counts as not.

    >>> precision(["a", "x"], {"a": 2}, 2)
    0.5
    """
    return sum(ratings.get(product_id, 0) > 0 for product_id in ranked[:k]) / k


def judged(ranked: Sequence[str], ratings: Ratings, k: int = 10) -> float:
    """Share of the first k that anybody rated, in [0, 1]."""
    return sum(product_id in ratings for product_id in ranked[:k]) / k


def _dcg(ratings: Sequence[int]) -> float:
    return sum((2.0**rating - 1.0) / math.log2(place + 2) for place, rating in enumerate(ratings))


def paired_gain(ours: Sequence[float], theirs: Sequence[float], n_samples: int = 10_000) -> tuple[float, float, float]:
    """The mean of ours minus theirs over the same queries, and its 95 % bootstrap interval (fixed seed).

    >>> paired_gain([0.5, 0.7], [0.4, 0.6])
    (0.1, 0.1, 0.1)
    """
    gains = np.asarray(ours) - np.asarray(theirs)
    means = np.random.default_rng(0).choice(gains, (n_samples, len(gains))).mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return round(float(gains.mean()), 4), round(float(low), 4), round(float(high), 4)
