"""What a list of candidates could be narrowed down by, and which of them each answer leaves.

In: candidates in the order of their chances, the conditions in force, the profile. Out: for each attribute, the
category and the price, the `Answer`s there are, the likeliest first. Knows no words and no question.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ranking.questions import Chances
from ranking.types import ShopperProfile
from retrieval.facets import round_bounds
from retrieval.filters import passing_variants
from retrieval.types import Candidate, Filters

PRICE, CATEGORY, AUDIENCE, BRAND = "price", "category", "audience", "brand"
BOTH, ADULTS = "unisex", ("men", "women")
"""What is for both is left by either."""

N_PRICES = 3
_PLACES = frozenset({CATEGORY, "department"})

Mask = NDArray[np.bool_]
Known = Callable[[str], bool]
"""Whether the shopper has said what an attribute should be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one answer asks for, and which candidates it leaves, ``(n,)``. A price has bounds instead of a value."""

    value: str
    leaves: Mask
    low_minor: int | None = None
    high_minor: int | None = None


def possible_answers(
    candidates: Sequence[Candidate], chances: Chances, filters: Filters, profile: ShopperProfile, known: Known
) -> Mapping[str, Sequence[Answer]]:
    """What could be asked about, with the answers.

    Args:
        candidates: n of them.
        chances: of each, in the same order.
        filters: the conditions in force; a category among them leaves that open only to narrower ones.
        profile: what it likes is not asked for, what it dislikes not offered.
        known: what is not asked for either.

    Returns:
        Attribute, "category" or "price" -> answers, the likeliest first and then by name; prices in their order.
    """
    keys, masks = _stated(candidates, filters, known)
    likelihoods = (masks @ chances).tolist()
    liked = {(item.attribute, item.value) for item in profile.stated if item.weight > 0}
    disliked = {(item.attribute, item.value) for item in profile.stated if item.weight < 0}
    known_by_liking = {about for about, value in keys if (about, value) in liked}
    found: dict[str, list[tuple[float, str, int]]] = {}
    for place, (about, value) in enumerate(keys):
        if about not in known_by_liking and (about, value) not in disliked:
            found.setdefault(about, []).append((-likelihoods[place], value, place))
    answers: dict[str, Sequence[Answer]] = {
        about: [Answer(value, masks[place]) for _, value, place in sorted(ranked)] for about, ranked in found.items()
    }
    return answers if known(PRICE) else {**answers, PRICE: _prices(candidates)}


def _stated(candidates: Sequence[Candidate], filters: Filters, known: Known) -> tuple[list[tuple[str, str]], Mask]:
    """The (attribute, value) that hold of any candidate, and of which: ``(len(keys), n)``."""
    places: dict[tuple[str, str], int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for column, candidate in enumerate(candidates):
        for key in _values(candidate, filters):
            rows.append(places.setdefault(key, len(places)))
            columns.append(column)
    masks = np.zeros((len(places), len(candidates)), dtype=np.bool_)
    masks[rows, columns] = True
    both = places.get((AUDIENCE, BOTH))
    for who in ADULTS if both is not None else ():
        if (AUDIENCE, who) in places:
            masks[places[AUDIENCE, who]] |= masks[both]
    settled = {name for name in {name for name, _ in places} if known(name)}
    keys = [key for key in places if key != (AUDIENCE, BOTH) and key[0] not in settled]
    return keys, masks[[places[key] for key in keys]]


def _values(candidate: Candidate, filters: Filters) -> set[tuple[str, str]]:
    """What holds for one of its variants that meet the wish; its category where the wish leaves that open."""
    product = candidate.product
    variants = [candidate.variant] if len(product.variants) == 1 else passing_variants(product, filters)
    values: set[tuple[str, str]] = set()
    for name, stated in product.attributes.items():
        if any(name not in variant.attributes for variant in variants):
            values.update((name, value) for value in stated)
    for variant in variants:
        for name, stated in variant.attributes.items():
            values.update((name, value) for value in stated)
    values = {(name, value) for name, value in values if name not in _PLACES}
    if product.brand:
        values = {(name, value) for name, value in values if name != BRAND} | {(BRAND, product.brand.lower())}
    if product.category and product.category != filters.category:
        values.add((CATEGORY, product.category))
    return values


def _prices(candidates: Sequence[Candidate]) -> list[Answer]:
    """Round ranges of about as many products each, bounds included."""
    prices = np.array([candidate.variant.price_minor for candidate in candidates], dtype=np.int64)
    bounds = [None, *round_bounds(prices, N_PRICES), None]
    answers = []
    for low, high in pairwise(bounds):
        inside = (prices >= (low or 0)) & (prices <= (prices.max() if high is None else high))
        answers.append(Answer("", inside, low, high))
    return answers
