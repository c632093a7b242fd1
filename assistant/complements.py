"""What goes with a product: things of other kinds that buyers of its kind take as well, or that go with its kind.

In: a product, what is bought together, and a way to rank one kind of thing. Out: ranked products of several kinds.
Knows no session and no wording.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import resources

from ranking.together import KindsTogether
from ranking.types import RankedProduct
from retrieval.lexicon import load_lexicon
from retrieval.types import Product
from retrieval.vocabulary import Vocabulary

N_KINDS, N_EACH = 5, 2
SURE_LIFT = 2.0
"""A kind that is not known to go with another does so from this lower bound of its lift on.

Source: Szarfman et al. 2002, Use of Screening Algorithms (EB05 >= 2 as the least that counts as an association)."""

PAIR_LIFT, PAIR_FALL, PAIR_WEIGHT = 3.0, 0.9, 20.0
"""What is expected of a kind that is known to go with another: the lift of the first of them, by how much each further
one falls behind the one before, and how many purchases expected by chance this is worth against the shop's own log."""

RankKind = Callable[[str, int, int | None], Sequence[RankedProduct]]
"""A category in the catalog's spelling, how many, and the most that each may cost (None: as the wish has it) -> its
best products, best first."""


def complements(kinds: Sequence[str], rank: RankKind, in_all_minor: int | None = None) -> list[RankedProduct]:
    """The best products of these kinds, one of each kind first.

    Args:
        kinds: the categories that go with what the shopper has, best first.
        rank: ranks one kind, the price kept to.
        in_all_minor: what all of it may cost together; then there is one of a kind.
    """
    if in_all_minor is not None:
        return _within(kinds[:N_KINDS], rank, in_all_minor)
    found = [ranked for kind in kinds if (ranked := rank(kind, N_EACH, None))][:N_KINDS]
    return [ranked[place] for place in range(N_EACH) for ranked in found if place < len(ranked)]


def _within(kinds: Sequence[str], rank: RankKind, in_all_minor: int) -> list[RankedProduct]:
    """One of each kind: each gets an equal part of what is left, and what it doesn't need goes to those after it; a
    kind for which its part was too little gets what all of them left."""
    chosen: dict[str, RankedProduct] = {}
    left = in_all_minor
    for place, kind in enumerate(kinds):
        for item in rank(kind, 1, left // (len(kinds) - place)):
            chosen[kind] = item
            left -= item.variant.price_minor
    for kind in kinds:
        for item in rank(kind, 1, left) if kind not in chosen and left > 0 else ():
            chosen[kind] = item
            left -= item.variant.price_minor
    return [chosen[kind] for kind in kinds if kind in chosen]


def kinds_beside(anchor: Product, together: KindsTogether, vocabulary: Vocabulary) -> list[str]:
    """The categories that go with a product's, best first.

    Those that are known to go with its kind, and those that its buyers take surely more often than by chance; in order
    of their lift, for which the former begin with a good word.

    >>> from retrieval.types import Variant
    >>> boots = Product("b", "Boots", "USD", (Variant("b", 1),), category="hiking boots")
    >>> pack = Product("p", "Pack", "USD", (Variant("p", 1),), category="backpacks")
    >>> kinds_beside(boots, KindsTogether(), Vocabulary.from_products([boots, pack]))
    ['backpacks']
    """
    kind = anchor.category or ""
    paired = (vocabulary.category_for(other) for other in _pairs().get(_canonical(kind), ()))
    strength: dict[str, float] = {}
    for place, other in enumerate(dict.fromkeys(filter(None, paired))):
        strength[other] = together.lift(kind, other, PAIR_LIFT * PAIR_FALL**place, PAIR_WEIGHT).mean
    for other in together.others(kind):
        learnt = together.lift(kind, other)
        if learnt.at_least >= SURE_LIFT and other in vocabulary.categories:
            strength[other] = max(learnt.mean, strength.get(other, 0.0))
    strength.pop(kind, None)
    return sorted(strength, key=lambda other: -strength[other])


def _canonical(kind: str) -> str:
    return load_lexicon().canonical("category", kind) or kind


@lru_cache
def _pairs() -> Mapping[str, Sequence[str]]:
    return tomllib.loads(resources.files("assistant").joinpath("complements.toml").read_text(encoding="utf-8"))
