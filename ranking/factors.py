"""How much each part of a score counts, as a merchant or a shopper wants it.

In: contributions and factors by name. Out: contributions that still add up to the score. Knows no model.
"""

from collections.abc import Mapping
from math import isfinite

from ranking.matcher import CONTRIBUTIONS, Contributions
from retrieval.errors import ConfigError

Factors = Mapping[str, float]
"""Name of a contribution -> how many times it counts, 0 or more; what is not named counts once."""


def checked_factors(factors: Mapping[str, object], where: str) -> dict[str, float]:
    """The factors, if every name is one of `CONTRIBUTIONS` and every value a number of 0 or more.

    Args:
        factors: as somebody wrote them.
        where: what the error names as their place.

    Raises:
        ConfigError: a name or a value means nothing; it names what is known.

    >>> checked_factors({"novelty": 0, "price_fit": 2}, "here")
    {'novelty': 0.0, 'price_fit': 2.0}
    """
    if unknown := sorted(set(factors) - set(CONTRIBUTIONS)):
        raise ConfigError(f"{where}: {unknown[0]!r} is no part of a score; the parts are {', '.join(CONTRIBUTIONS)}")
    checked: dict[str, float] = {}
    for name, value in factors.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value) or value < 0:
            raise ConfigError(f"{where}: {name} must be a number, 0 or more (1 = as trained), not {value!r}")
        checked[name] = float(value)
    return checked


def known_factors(factors: Factors) -> dict[str, float]:
    """Those of parts that there are: what was kept by an older version may name one that is gone.

    >>> known_factors({"novelty": 2.0, "phase_of_the_moon": 3.0})
    {'novelty': 2.0}
    """
    return {name: factor for name, factor in factors.items() if name in CONTRIBUTIONS}


def weighted(contributions: Contributions, factors: Factors) -> Contributions:
    """The contributions, each as many times as its factor says.

    >>> import numpy as np
    >>> weighted({"relevance": np.array([2.0]), "stock": np.array([-1.0])}, {"stock": 0.5})["stock"].tolist()
    [-0.5]
    """
    return {name: part * factors.get(name, 1.0) for name, part in contributions.items()}


def combined(first: Factors, second: Factors) -> dict[str, float]:
    """Both at once: where both name a part, the product of the two.

    >>> combined({"stock": 2.0}, {"stock": 3.0, "taste": 0.0})
    {'stock': 6.0, 'taste': 0.0}
    """
    return {name: first.get(name, 1.0) * second.get(name, 1.0) for name in {**first, **second}}
