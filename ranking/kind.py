"""Searches that say nothing but the kind of thing ("movies", "running shoes"), and what their relevance is worth.

In: a `Query` and the relevance of its candidates. Out: relevance as the matcher is to see it. Knows no shopper.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ranking.personal import Column
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import norms
from retrieval.types import Query

KIND_SHARE = 0.1
"""So much of what sets its relevance apart is left to a product where the search says nothing but the kind of thing:
enough to order products of which nothing else is known."""


def relevance_effect(relevance: Sequence[float], query: Query) -> Column:
    """Relevance as it counts, in [0, 1]: drawn together around its mean where a search says nothing but the kind.

    All candidates are of that kind then, since the category is a filter, and how much their texts sound like its name
    (a film called "Movie, The") tells little of which one is meant. The order stays.

    >>> from retrieval.types import Filters
    >>> teas = Filters(category="teas")
    >>> effects = [relevance_effect([0.0, 1.0], Query(text, teas)) for text in ("teas", "茶叶", "green tea")]
    >>> [[round(float(value), 2) for value in effect] for effect in effects]
    [[0.45, 0.55], [0.45, 0.55], [0.0, 1.0]]
    """
    column: Column = np.array(relevance, dtype=np.float32)
    if not names_only_the_kind(query):
        return column
    mean = column.mean(dtype=np.float64)
    drawn: Column = np.clip(mean + KIND_SHARE * (column - mean), 0.0, 1.0).astype(np.float32)
    return drawn


def names_only_the_kind(query: Query) -> bool:
    """Whether a query's words are the name of the category that its filters ask for; a narrower name is none.

    >>> from retrieval.types import Filters
    >>> books = Filters(category="books")
    >>> [names_only_the_kind(Query(text, books)) for text in ("book", "novels", "books on cooking")]
    [True, False, False]
    """
    category = query.filters.category
    said = norms(query.text)
    return category is not None and bool(said) and said in _names(category)


@lru_cache(maxsize=1024)
def _names(category: str) -> frozenset[tuple[str, ...]]:
    """The catalog's name, the lexicon's, and its first Chinese one."""
    canonical = load_lexicon().canonical("category", category)
    concepts = (item for item in load_lexicon().concepts if item.kind == "category" and item.value == canonical)
    chinese = (next((name for name in item.surfaces if not name.isascii()), category) for item in concepts)
    return frozenset(norms(name) for name in (category, canonical or category, *chinese))
