"""What goes with a product: things of other kinds that its buyers took as well, or that go with its kind.

In: a product, what was bought with it, and a way to rank one kind of thing. Out: ranked products of several kinds.
Knows no session and no wording.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from math import sqrt

from ranking.events import Together
from ranking.types import RankedProduct
from retrieval.lexicon import load_lexicon
from retrieval.types import Product
from retrieval.vocabulary import Vocabulary

N_KINDS, N_EACH = 4, 2
LEAST_TOGETHER, LEAST_DEVIATIONS = 3, 3.0
"""So many purchases of a kind, so many deviations (of a Poisson count) above chance, make it go with a thing."""

RankKind = Callable[[str, int], Sequence[RankedProduct]]
"""A category in the catalog's spelling, and how many -> its best products, best first."""


def complements(
    anchor: Product,
    together: Together,
    products: Mapping[str, Product],
    vocabulary: Vocabulary,
    rank: RankKind,
) -> list[RankedProduct]:
    """The best products of the kinds that go with the anchor's, one of each kind first.

    Args:
        anchor: what the shopper has or looks at.
        together: what its buyers bought as well.
        products: those of `together`, by id.
        vocabulary: which kinds the shop carries.
        rank: ranks one kind, the price kept to.
    """
    found = [rank(kind, N_EACH) for kind in kinds_beside(anchor, together, products, vocabulary)[:N_KINDS]]
    return [ranked[place] for place in range(N_EACH) for ranked in found if place < len(ranked)]


def kinds_beside(
    anchor: Product, together: Together, products: Mapping[str, Product], vocabulary: Vocabulary
) -> list[str]:
    """The categories that go with a product's, best first: by what buyers took as well, then by kind.

    >>> from retrieval.types import Variant
    >>> boots = Product("b", "Boots", "USD", (Variant("b", 1),), category="hiking boots")
    >>> pack = Product("p", "Pack", "USD", (Variant("p", 1),), category="backpacks")
    >>> kinds_beside(boots, Together(), {}, Vocabulary.from_products([boots, pack]))
    ['backpacks']
    """
    own = load_lexicon().canonical("category", anchor.category or "") or anchor.category or ""
    paired = (vocabulary.category_for(kind) for kind in _pairs().get(own, ()))
    kinds = [*_bought_beside(together, products), *filter(None, paired)]
    return [kind for kind in dict.fromkeys(kinds) if kind != anchor.category]


def _bought_beside(together: Together, products: Mapping[str, Product]) -> list[str]:
    """The kinds that buyers of the product buy more often than anybody, beyond chance, the surest first."""
    both: Counter[str] = Counter()
    anyone: Counter[str] = Counter()
    for product_id, product in products.items():
        if product.category:
            both[product.category] += together.both.get(product_id, 0)
            anyone[product.category] += together.anyone.get(product_id, 0)
    share = together.n_buyers / max(1, together.n_all)
    beyond = {
        kind: (n - anyone[kind] * share) / sqrt(max(anyone[kind] * share, 1.0))
        for kind, n in both.items()
        if n >= LEAST_TOGETHER
    }
    sure = {kind: deviations for kind, deviations in beyond.items() if deviations >= LEAST_DEVIATIONS}
    return sorted(sure, key=lambda kind: (-sure[kind], kind))


@lru_cache
def _pairs() -> Mapping[str, Sequence[str]]:
    return tomllib.loads(resources.files("assistant").joinpath("complements.toml").read_text(encoding="utf-8"))
