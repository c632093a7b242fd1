"""What a catalog itself says: its categories, departments, brands, attributes and values, with counts.

In: products. Out: a `Vocabulary` that tells which words may become hard filters in this catalog, and in which spelling.
Knows no conversation; the lexicon only helps to see that the catalog's "Anthracite" is a grey.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from retrieval.lexicon import load_lexicon
from retrieval.lexicon.data import load_table
from retrieval.lexicon.matching import norms
from retrieval.types import ALL_NEEDED, Product

CATEGORY_COVERAGE = 0.9
"""The share of products that must carry a category before a category word may rule products out."""

VALUE_AGREEMENT = 0.5
"""The share of the products whose texts say a value that must state it before it may rule products out."""

_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"\s*(?:&|/|>|,|\||、|\band\b)\s*")
_MEASURE = re.compile(r"^[\d.,x×*/ -]+\s*[a-z\"'%°]*$")
_MIN_LETTERS = 3


@dataclass(frozen=True)
class Vocabulary:
    """Counts of products by category, department, brand (lower case) and attribute value, in the catalog's spelling."""

    n_products: int = 0
    categories: Mapping[str, int] = field(default_factory=dict)
    departments: Mapping[str, int] = field(default_factory=dict)
    brands: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)
    """Folded word -> products whose title or description says it."""
    stated: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(category or department, attribute) -> products of it that state the attribute."""

    @classmethod
    def from_products(cls, products: Iterable[Product]) -> "Vocabulary":
        """The vocabulary of a catalog; each product counts once for each of its values."""
        n_products = 0
        categories: Counter[str] = Counter()
        departments: Counter[str] = Counter()
        brands: Counter[str] = Counter()
        attributes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        said: Counter[str] = Counter()
        stated: Counter[tuple[str, str]] = Counter()
        for product in products:
            said.update(set(_WORD.findall(f"{product.title} {product.description}".lower())))
            n_products += 1
            categories.update(filter(None, [product.category]))
            departments.update(filter(None, [product.department]))
            brands.update(filter(None, [product.brand.lower() if product.brand else None]))
            for name in _attribute_names(product):
                attributes[name].update(product.values(name))
                stated.update((place, name) for place in {product.category, product.department} if place)
        return cls(n_products, categories, departments, brands, dict(attributes), _folded(said), stated)

    def is_everything(self, category: str) -> bool:
        """Whether all products are of a category, so that to name it tells nothing.

        >>> Vocabulary(2, {"movies": 2}).is_everything("movies"), Vocabulary(2, {"teas": 1}).is_everything("teas")
        (True, False)
        """
        return self.categories.get(category, 0) >= self.n_products

    def silent_on(self, attribute: str) -> tuple[str, ...]:
        """The categories of which no product states an attribute.

        >>> Vocabulary(3, {"teas": 1, "hats": 2}, stated={("hats", "audience"): 1}).silent_on("audience")
        ('teas',)
        """
        return tuple(category for category in self.categories if not self.stated.get((category, attribute)))

    def mentions(self, name: str) -> int:
        """In how many products' words the rarest word of `name` stands (an upper bound for the name)."""
        return min((self.words.get(word, 0) for word in norms(name)), default=0)

    def category_for(self, canonical: str) -> str | None:
        """The catalog's name of a lexicon category that may be a hard filter here, or None.

        Where no category means it, a department may (jewelry, books). None too where too few products carry a category,
        or where the meaning is spread over several of them.
        """
        found = self._categories_by_meaning.get(canonical, {}) if self._covered(self.categories) else {}
        if not found and self._covered(self.departments):
            found = self._kinds_as_departments.get(canonical, {})
        return _dominant(found)

    def department_for(self, canonical: str) -> str | None:
        """The catalog's name of a lexicon department that may be a hard filter here, or None."""
        if not self._covered(self.departments):
            return None
        return _dominant(self._departments_by_meaning.get(canonical, {}))

    def own_categories(self) -> Iterator[tuple[str, str]]:
        """(surface, category) for each category and department that may be a hard filter, by its own name."""
        for counts in (self.departments, self.categories):
            if self._covered(counts):
                for name in counts:
                    yield name, name

    def values_for(self, attribute: str, canonical: str) -> tuple[str, tuple[str, ...]] | None:
        """Where this catalog states a lexicon's attribute value: (attribute, values in the catalog's spelling).

        A catalog may keep it under another attribute ("connectivity: bluetooth" for the feature wireless). Where it has
        the attribute but not the value, the canonical value itself comes back (nothing will match, and the reply says
        so); None where it has neither.
        """
        stated = self._values_by_meaning.get((attribute, canonical), {})
        if stated:
            by_attribute = max(stated.items(), key=lambda item: (sum(item[1].values()), item[0] == attribute))
            return by_attribute[0], _spellings(by_attribute[0], canonical, by_attribute[1])
        return (attribute, (canonical,)) if attribute in self.attributes else None

    def own_values(self) -> Iterator[tuple[str, str, str]]:
        """(surface, attribute, value) for the catalog's values that are safe to take as a hard filter when said.

        Left out: values that are common words, numbers, measures or shorter than three letters, and values that most
        products whose texts say the word do not carry ("aaa" as a type of three adapters, where thirty batteries are
        AAA): there the word finds more as a word.
        """
        ordinary = ordinary_words()
        for attribute, values in self.attributes.items():
            for value, count in values.items():
                if is_distinctive(value, ordinary) and count >= VALUE_AGREEMENT * self.mentions(value):
                    yield value, attribute, value

    def _covered(self, counts: Mapping[str, int]) -> bool:
        return self.n_products > 0 and sum(counts.values()) >= CATEGORY_COVERAGE * self.n_products

    @cached_property
    def _categories_by_meaning(self) -> Mapping[str, Mapping[str, int]]:
        return _by_meaning("category", self.categories)

    @cached_property
    def _kinds_as_departments(self) -> Mapping[str, Mapping[str, int]]:
        return _by_meaning("category", self.departments)

    @cached_property
    def _departments_by_meaning(self) -> Mapping[str, Mapping[str, int]]:
        return _by_meaning("department", self.departments)

    @cached_property
    def _values_by_meaning(self) -> Mapping[tuple[str, str], Mapping[str, Mapping[str, int]]]:
        """(lexicon attribute, canonical value) -> catalog attribute -> its spellings with counts."""
        meanings = defaultdict(list)
        for concept in load_lexicon().concepts:
            if concept.kind == "attribute" and concept.attribute:
                for surface in concept.surfaces:
                    meanings[norms(surface)].append((concept.attribute, concept.value))
        found: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
        for attribute, values in self.attributes.items():
            for value, count in values.items():
                for meaning in meanings.get(norms(value), ()):
                    if _may_hold(attribute, meaning[0], attribute in _lexicon_attributes()):
                        found.setdefault(meaning, {}).setdefault(attribute, {})[value] = count
        return found


def _folded(said: Mapping[str, int]) -> dict[str, int]:
    folded: Counter[str] = Counter()
    for word, count in said.items():
        for norm in norms(word):
            folded[norm] = max(folded[norm], count)
    return dict(folded)


def is_distinctive(value: str, ordinary: frozenset[str] | None = None) -> bool:
    """Whether a catalog's attribute value may be taken for a wish when a message contains it.

    >>> [is_distinctive(value) for value in ("trackball", "yes", "new", "10 m", "5", "xl", "黑")]
    [True, False, False, False, False, False, False]
    """
    words = norms(value)
    if not words or _MEASURE.match(value.strip().lower()):
        return False
    if all(not word.isascii() for word in words):
        return len(words) >= 2
    common = ordinary_words() if ordinary is None else ordinary
    return sum(len(word) for word in words) >= _MIN_LETTERS and not all(
        word in common or word.isdigit() for word in words
    )


def _attribute_names(product: Product) -> set[str]:
    names = set(product.attributes)
    for variant in product.variants:
        names.update(variant.attributes)
    return names


def _by_meaning(kind: str, counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    lexicon = load_lexicon()
    found: dict[str, dict[str, int]] = {}
    for name, count in counts.items():
        readings = (name, *reversed(_PARTS.split(name)))
        canonical = next(filter(None, (lexicon.canonical(kind, reading) for reading in readings)), None)
        if canonical:
            found.setdefault(canonical, {})[name] = count
    return found


def _dominant(counts: Mapping[str, int]) -> str | None:
    if not counts:
        return None
    name, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    return name if count >= CATEGORY_COVERAGE * sum(counts.values()) else None


def _may_hold(attribute: str, meant: str, is_lexicon_attribute: bool) -> bool:
    """A feature may be kept under an attribute of the catalog's own; a colour only under colour."""
    return attribute == meant or (meant in ALL_NEEDED and not is_lexicon_attribute)


def _lexicon_attributes() -> frozenset[str]:
    return frozenset(concept.attribute for concept in load_lexicon().concepts if concept.attribute)


def _spellings(attribute: str, canonical: str, counts: Mapping[str, int]) -> tuple[str, ...]:
    if attribute in ALL_NEEDED:
        return (canonical if canonical in counts else max(counts, key=lambda value: (counts[value], value)),)
    return tuple(sorted(counts, key=lambda value: (value != canonical, value)))


@lru_cache
def ordinary_words() -> frozenset[str]:
    """Folded words too common to be a value, a brand or a misspelt name by accident."""
    return frozenset(norms(load_table("ordinary.toml")["words"]))
