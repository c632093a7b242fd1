"""On what a product that was asked for stands behind the first of the list: the lines of the ledger that decided.

In: a ranked list with the product in it. Out: names of contributions, the weightiest first. Knows no wording.
"""

from collections.abc import Sequence

from ranking.types import RankedProduct

MOST_OF_IT = 0.8
"""So much of what the product lacks is told; the rest is small change."""
LEAST = 0.02
"""Logits. A line on which it lacks less than that decides nothing."""


def behind(ranked: Sequence[RankedProduct], product_id: str) -> tuple[str, ...]:
    """The contributions on which the product has less than the first one, as many as make up most of the difference.

    Empty where it is the first, or is not in the list.

    Args:
        ranked: best first, with their contributions.
        product_id: of the product asked for.

    >>> from retrieval.types import Product, Variant
    >>> def one(name, **parts):
    ...     variant = Variant(name, 1)
    ...     return RankedProduct(Product(name, name, "USD", (variant,)), variant, sum(parts.values()), parts)
    >>> behind([one("a", relevance=2.0, quality=1.0), one("b", relevance=1.9, quality=0.0)], "b")
    ('quality',)
    """
    own = next((item for item in ranked if item.product.id == product_id), None)
    if own is None or ranked[0] is own:
        return ()
    lacks = {name: part - own.contributions.get(name, 0.0) for name, part in ranked[0].contributions.items()}
    lacks = {name: lack for name, lack in lacks.items() if lack >= LEAST}
    wanted, told, names = MOST_OF_IT * sum(lacks.values()), 0.0, []
    for name in sorted(lacks, key=lambda name: (-lacks[name], name)):
        if told >= wanted:
            break
        names.append(name)
        told += lacks[name]
    return tuple(names)
