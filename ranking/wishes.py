"""What simulated shoppers search for: wishes made from what a catalog holds, in words of two languages.

In: products, and each concept's English and Chinese word. Out: `Wish`es, their query text, and how well each product
meets them. Knows no shopper; only the simulator uses it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.lexicon import load_lexicon
from retrieval.text import has_cjk
from retrieval.types import Product

Term = tuple[str, str]
"""An attribute and one of its values: ("color", "grey"), ("brand", "sony"), ("category", "kettles")."""

Words = Mapping[Term, tuple[str, str]]
"""Term -> its English and its Chinese word."""

WISHED = ("brand", "color", "material", "audience", "season", "feature")
"""Attributes that queries name, in the order in which a query says them."""

CATEGORY_SHARE = 0.6
UNASKED_CHILDREN = 0.5
"""By how much a product for children alone meets a wish that names no child less than it would otherwise."""

SAME_DEPARTMENT = 0.3
"""How well a product of another category of the same department meets the category part of a wish."""


@dataclass(frozen=True, slots=True, order=True)
class Wish:
    """What one search asks for: a category or department (or neither) and attribute values."""

    place: Term | None
    terms: tuple[Term, ...]


def product_words(products: Iterable[Product]) -> dict[Term, tuple[str, str]]:
    """Words for the products' brands and the shipped lexicon's concepts; the English one where it knows no Chinese."""
    words = {("brand", product.brand.lower()): (product.brand, product.brand) for product in products if product.brand}
    for concept in load_lexicon().concepts:
        chinese = next((surface for surface in concept.surfaces if has_cjk(surface)), concept.value)
        words[concept.attribute or concept.kind, concept.value] = (concept.value, chinese)
    return words


def wish_pool(products: Sequence[Product], seed: int, limit: int = 400) -> list[Wish]:
    """Distinct wishes that at least one product meets, at most `limit`, in a fixed order.

    Each is made from one product: its category (of five wishes three), its department or neither, with one or two of
    its attribute values, or none beside a category.
    """
    rng = np.random.default_rng(seed)
    pool: set[Wish] = set()
    for _ in range(20 * limit):
        if len(pool) >= limit:
            break
        pool.add(_wish_for(products[int(rng.integers(len(products)))], rng))
    return sorted((wish for wish in pool if wish.place or wish.terms), key=repr)


def _wish_for(product: Product, rng: np.random.Generator) -> Wish:
    stated = terms_of(product)
    kind = rng.random()
    place: Term | None = None
    if product.category and kind < 0.6:
        place = ("category", product.category)
    elif product.department and kind < 0.8:
        place = ("department", product.department)
    fewest = 0 if place and place[0] == "category" else 1
    n_terms = min(int(rng.integers(fewest, 3)), len(stated))
    chosen = sorted(rng.choice(len(stated), n_terms, replace=False)) if n_terms else []
    return Wish(place, tuple(stated[row] for row in chosen))


def query_text(wish: Wish, language: str, words: Words) -> str:
    """The wish as a shopper types it.

    >>> boots = Wish(("category", "hiking boots"), (("feature", "waterproof"),))
    >>> words = {boots.place: ("hiking boots", "登山靴"), boots.terms[0]: ("waterproof", "防水")}
    >>> query_text(boots, "en", words), query_text(boots, "zh", words)
    ('waterproof hiking boots', '防水登山靴')
    """
    parts = [*wish.terms, *([wish.place] if wish.place else [])]
    if language == "en":
        return " ".join(words.get(term, (term[1], term[1]))[0] for term in parts)
    text = ""
    for word in (words.get(term, (term[1], term[1]))[1] for term in parts):
        gap = " " if text and not (has_cjk(text[-1]) and has_cjk(word[0])) else ""
        text += gap + word
    return text


def match_matrix(wishes: Sequence[Wish], products: Sequence[Product]) -> NDArray[np.float32]:
    """How well each product meets each wish, ``(n_wishes, n_products)`` in [0, 1].

    The category part counts `CATEGORY_SHARE`, the share of the attribute values met the rest; a part that the wish
    leaves out gives its weight to the other. What is for children alone and was not asked for as such loses
    `UNASKED_CHILDREN` of it.
    """
    stated = [set(terms_of(product)) for product in products]
    departments = {product.category: product.department for product in products}
    rows = [
        [_match(wish, product, terms, departments) for product, terms in zip(products, stated, strict=True)]
        for wish in wishes
    ]
    return np.array(rows, dtype=np.float32).reshape(len(wishes), len(products))


def terms_of(product: Product, attributes: Sequence[str] = WISHED) -> list[Term]:
    """The product's values of some attributes as terms, its category among them when asked for."""
    found = [(attribute, value) for attribute in attributes for value in product.values(attribute)]
    if product.category and "category" in attributes:
        found.append(("category", product.category))
    return found


def _match(wish: Wish, product: Product, stated: set[Term], departments: Mapping[str | None, str | None]) -> float:
    for_children = {term for term in stated if term[0] == "audience"} == {("audience", "kids")}
    factor = 1.0 - UNASKED_CHILDREN if for_children and ("audience", "kids") not in wish.terms else 1.0
    return factor * _met(wish, product, stated, departments)


def _met(wish: Wish, product: Product, stated: set[Term], departments: Mapping[str | None, str | None]) -> float:
    met = sum(term in stated for term in wish.terms) / len(wish.terms) if wish.terms else None
    if wish.place is None:
        return met or 0.0
    attribute, value = wish.place
    place = float(value == (product.category if attribute == "category" else product.department))
    if attribute == "category" and not place and product.department and product.department == departments.get(value):
        place = SAME_DEPARTMENT
    return place if met is None else CATEGORY_SHARE * place + (1.0 - CATEGORY_SHARE) * met
