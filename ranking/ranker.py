"""Candidates in, the best ones in order out, each with what its score is made of.

In: a `Query`, what retrieval found, a `ShopperProfile`. Out: `RankedProduct`s. Knows how to order, not how to score (a
`Matcher` does), and nothing of the conversation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ranking.buyers import NOBODY, BuyersSay
from ranking.calibration import IDENTITY, Calibration
from ranking.factors import Factors, checked_factors, combined, weighted
from ranking.features import SCALARS, Features, Vectors, describe, personalise
from ranking.finish import DIVERSITY, Finish, Place, finish
from ranking.matcher import Contributions, Matcher, load_matcher
from ranking.personal import Brands, Taste
from ranking.questions import shares
from ranking.sameness import Thing
from ranking.types import RankedProduct, ShopperProfile
from retrieval.errors import ModelError
from retrieval.types import Attributes, Candidate, Filters, Product, Query, Retrieved


@dataclass(frozen=True, slots=True)
class Judged:
    """What a matcher says of the candidates of one query for one shopper, before they are put in order.

    `candidates` are in the order of their ids, whatever order they arrived in; `arrival[i]` is the place in
    `candidates` of the i-th one that was retrieved. `contributions` are as the matcher was trained, each ``(n,)``.
    `n_matched` products took part in all.
    """

    query: Query
    candidates: Sequence[Candidate]
    arrival: NDArray[np.intp]
    contributions: Contributions
    n_matched: int

    @property
    def arrived(self) -> list[Candidate]:
        """The candidates as they were retrieved."""
        return [self.candidates[row] for row in self.arrival]


class Ranker:
    """Orders candidates by a matcher's score, and finishes the list."""

    def __init__(
        self,
        matcher: Matcher,
        vectors: Vectors,
        *,
        how: Finish | None = None,
        taste: Taste | None = None,
        brands: Brands | None = None,
        weights: Factors | None = None,
        buyers: Callable[[], BuyersSay] = lambda: NOBODY,
    ) -> None:
        """Put a ranker together.

        Args:
            matcher: makes the scores.
            vectors: the embeddings of the products in a profile.
            how: how lists are finished; None: `Finish()`.
            taste: a model of tastes that this shop trained.
            brands: the brands of the products in a profile; without it no brand is preferred.
            weights: how many times each contribution counts for this shop (`shop.toml`).
            buyers: what the shop's reviews were read to say so far.

        Raises:
            ConfigError: a weight is of no contribution, or not a number of 0 or more.
        """
        self._matcher = matcher
        self._vectors = vectors
        self._finish = how or Finish()
        self._taste = taste
        self._brands = brands
        self._weights = checked_factors(weights or {}, "the ranker's weights")
        self._buyers = buyers

    @classmethod
    def load(
        cls,
        directory: Path | None,
        embedder_fingerprint: str,
        dimension: int,
        vectors: Vectors,
        *,
        how: Finish | None = None,
        taste: Taste | None = None,
        brands: Brands | None = None,
        weights: Factors | None = None,
        buyers: Callable[[], BuyersSay] = lambda: NOBODY,
    ) -> "Ranker":
        """A ranker with the model in `directory`, or with the shipped one (None).

        Raises:
            ModelError: the model is missing, damaged, or made for another embedder.
            ConfigError: a weight is of no contribution, or not a number of 0 or more.
        """
        matcher = load_matcher(directory, embedder_fingerprint, dimension)
        return cls(matcher, vectors, how=how, taste=taste, brands=brands, weights=weights, buyers=buyers)

    def finishing(self, how: Finish) -> "Ranker":
        """The same ranker with another way to finish its lists."""
        return Ranker(
            self._matcher, self._vectors, how=how, taste=self._taste, brands=self._brands, weights=self._weights,
            buyers=self._buyers,
        )  # fmt: skip

    @property
    def model_version(self) -> str:
        """The matcher's version and that of the model of tastes, for the log of shown lists."""
        return self._matcher.version if self._taste is None else f"{self._matcher.version}+{self._taste.version}"

    @property
    def matcher(self) -> Matcher:
        """What makes the scores."""
        return self._matcher

    @property
    def taste(self) -> Taste | None:
        """The model of tastes that it asks."""
        return self._taste

    def rank(
        self,
        query: Query,
        retrieved: Retrieved,
        profile: ShopperProfile,
        k: int = 5,
        seen: Sequence[Product] = (),
        *,
        weights: Factors | None = None,
    ) -> list[RankedProduct]:
        """The k best candidates, best first, finished as a list (`ranking.finish`); equal scores by product id.

        When the query asks for a sort, the candidates arrive in that order and keep it, all of them. The order in which
        they arrive does not matter otherwise.

        Args:
            query: the wish, with its filters.
            retrieved: the candidates.
            profile: of the shopper; an empty one personalises nothing.
            k: how many to return.
            seen: what this search has shown before; the same things again come last.
            weights: how many times each contribution counts this time, on top of the shop's own weights: a shopper for
                whom the price matters most has `{"price_fit": 3.0}`.

        Raises:
            ModelError: a feature or a score is not a finite number, or the embeddings don't fit the model.
            ConfigError: a weight is of no contribution, or not a number of 0 or more.
        """
        return self.order(self.judge(query, retrieved, profile), k, seen, weights=weights)

    def judge(self, query: Query, retrieved: Retrieved, profile: ShopperProfile) -> Judged:
        """The part of `rank` that does not depend on how the list is finished; see there."""
        found = retrieved.candidates
        order = sorted(range(len(found)), key=lambda row: (found[row].product.id, found[row].variant.id))
        candidates = [found[row] for row in order]
        arrival = np.argsort(np.array(order, dtype=np.intp))
        if not candidates:
            return Judged(query, candidates, arrival, {}, retrieved.n_matched)
        features = self._features(query, candidates, retrieved, profile)
        return Judged(query, candidates, arrival, self._matcher.contributions(features), retrieved.n_matched)

    def order(
        self, judged: Judged, k: int = 5, seen: Sequence[Product] = (), *, weights: Factors | None = None
    ) -> list[RankedProduct]:
        """The k best of what was judged, finished as a list; see `rank`."""
        factors = combined(self._weights, checked_factors(weights or {}, "the weights of this wish"))
        candidates, query = judged.candidates, judged.query
        if not candidates or k <= 0:
            return []
        chances = _Chances.of(self._matcher.calibration, _sum(judged.contributions, candidates))
        contributions = weighted(judged.contributions, factors)
        scores = _sum(contributions, candidates)
        if query.filters.sort:
            places = [Place(row, float(scores[row])) for row in judged.arrival[:k].tolist()]
        else:
            places = finish(query, candidates, scores, k, self._finish, self._things(seen))
        return [_ranked(candidates, place, contributions, chances, query.filters) for place in places]

    def chances(self, judged: Judged) -> NDArray[np.float64]:
        """The chance that the shopper takes each candidate, if they take exactly one of these.

        By the calibrated probability of a purchase where the matcher has one, else of a click, else by the bare logit.

        Returns:
            ``(n,)``, in the order in which the candidates were retrieved (`Judged.arrived`).

        Raises:
            ModelError: a score is not a finite number.
        """
        if not judged.candidates:
            return np.zeros(0)
        logits = _sum(weighted(judged.contributions, self._weights), judged.candidates)[judged.arrival]
        fit = self._matcher.calibration.purchase or self._matcher.calibration.click or IDENTITY
        # The odds of σ(x) are exp(x); what all have in common cancels out.
        return shares(np.exp(fit.slope * (logits - logits.max())))

    def _things(self, seen: Sequence[Product]) -> list[Thing]:
        if not seen:
            return []
        vectors = self._vectors([product.id for product in seen])
        return [Thing(product, product.offer, vector) for product, vector in zip(seen, vectors, strict=True)]

    def _features(
        self, query: Query, candidates: Sequence[Candidate], retrieved: Retrieved, profile: ShopperProfile
    ) -> Features:
        products = [candidate.product for candidate in candidates]
        listing = describe(query, candidates, retrieved.query_vector, self._buyers())
        features = personalise(listing, products, profile, self._vectors, taste=self._taste, brands=self._brands)
        _check_finite(features, candidates)
        return features


@dataclass(frozen=True, slots=True)
class _Chances:
    """The probabilities of each candidate, ``(n,)``, where they are known."""

    click: NDArray[np.float64] | None
    purchase: NDArray[np.float64] | None

    @classmethod
    def of(cls, calibration: Calibration, logits: NDArray[np.float64]) -> "_Chances":
        return cls(
            calibration.click(logits) if calibration.click else None,
            calibration.purchase(logits) if calibration.purchase else None,
        )


def _check_finite(features: Features, candidates: Sequence[Candidate]) -> None:
    bad = np.argwhere(~np.isfinite(features.scalars))
    if len(bad):
        row, column = bad[0]
        raise ModelError(
            f"the feature {SCALARS[column]} of product {candidates[row].product.id} is not a finite number: "
            "check its price, rating and reviews, and import the catalog again"
        )
    rows = np.flatnonzero(~np.isfinite(features.products).all(axis=1))
    if len(rows):
        raise ModelError(f"the embedding of product {candidates[rows[0]].product.id} is not finite: rebuild the index")
    if not (np.isfinite(features.query).all() and np.isfinite(features.history).all()):
        raise ModelError("the embedding of the query or of a product in the profile is not finite: rebuild the index")
    if not np.isfinite(features.history_weights).all():
        raise ModelError("a product weight in the shopper's profile is not a finite number: build the profile again")


def _sum(contributions: Contributions, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    scores = np.zeros(len(candidates))
    for part in contributions.values():
        scores = scores + part
    bad = np.flatnonzero(~np.isfinite(scores))
    if len(bad):
        raise ModelError(f"the score of product {candidates[bad[0]].product.id} is not a finite number: train again")
    return scores


def _ranked(
    candidates: Sequence[Candidate],
    place: Place,
    contributions: Contributions,
    chances: _Chances,
    filters: Filters,
) -> RankedProduct:
    candidate = candidates[place.row]
    ledger = {name: float(part[place.row]) for name, part in contributions.items()}
    return RankedProduct(
        product=candidate.product,
        variant=candidate.variant,
        score=place.score,
        contributions=ledger | {DIVERSITY: place.diversity} if place.diversity else ledger,
        matched=matched(candidate, filters.include),
        p_click=None if chances.click is None else float(chances.click[place.row]),
        p_purchase=None if chances.purchase is None else float(chances.purchase[place.row]),
        alternatives=tuple(candidates[row].product.id for row in place.alternatives),
    )


def matched(candidate: Candidate, wished: Attributes) -> Mapping[str, tuple[str, ...]]:
    """The wished values that the candidate's product or its variant states, by attribute, in the order wished."""
    found: dict[str, tuple[str, ...]] = {}
    for attribute, values in wished.items():
        stated = {
            *candidate.product.attributes.get(attribute, ()),
            *candidate.variant.attributes.get(attribute, ()),
            *(candidate.product.values("brand") if attribute == "brand" else ()),
        }
        hits = tuple(value for value in values if value in stated)
        if hits:
            found[attribute] = hits
    return found
