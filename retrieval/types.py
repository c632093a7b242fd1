"""The values that travel between the stages of retrieval.

In: nothing. Out: frozen dataclasses. Knows neither SQL, Chroma nor the conversation.

Money is an integer in minor units (cents) of an ISO 4217 currency. Attribute names and values are lower case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Attributes = Mapping[str, tuple[str, ...]]
"""Attribute name -> its values, e.g. ``{"color": ("grey",), "feature": ("waterproof", "windproof")}``."""

Vector = NDArray[np.float32]
"""``(d,)`` float32, unit length."""

Matrix = NDArray[np.float32]
"""``(n, d)`` float32, rows of unit length."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A product's words in another language than the feed's."""

    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing that can be put into the cart: a size, a colour, a capacity of a product.

    `attributes` holds only what tells it from its siblings; the product's own attributes hold for it as well.
    `price_minor` is the effective price; `list_price_minor` the old one while a sale runs. `stock` None = not stated,
    which counts as available. `image` None = it has no picture of its own.
    """

    id: str
    price_minor: int
    list_price_minor: int | None = None
    stock: int | None = None
    attributes: Attributes = field(default_factory=dict)
    image: str | None = None

    @property
    def in_stock(self) -> bool:
        return self.stock is None or self.stock > 0


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the catalog with its variants (at least one).

    `attributes` are facets that shoppers filter by, `details` what is only shown and searched.
    `attribute_sources` says for an "attribute=value" that the feed did not state where it was read ("title",
    "description", "attribute:NAME"); absent = the feed stated it.
    """

    id: str
    title: str
    currency: str
    variants: tuple[Variant, ...]
    description: str = ""
    brand: str | None = None
    category: str | None = None
    department: str | None = None
    attributes: Attributes = field(default_factory=dict)
    attribute_sources: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    translations: Mapping[str, Translation] = field(default_factory=dict)
    rating: float | None = None
    n_reviews: int | None = None
    image: str | None = None
    url: str | None = None
    date_added: date | None = None

    @property
    def offer(self) -> Variant:
        """The variant that stands for the product: the cheapest one in stock, else the cheapest."""
        return min(self.variants, key=lambda variant: (not variant.in_stock, variant.price_minor, variant.id))

    @property
    def price_minor(self) -> int:
        return self.offer.price_minor

    @property
    def list_price_minor(self) -> int | None:
        return self.offer.list_price_minor

    @property
    def in_stock(self) -> bool:
        return self.offer.in_stock

    def variant(self, variant_id: str | None) -> Variant | None:
        """The variant with that id, or None."""
        return next((variant for variant in self.variants if variant.id == variant_id), None)

    def image_of(self, variant: Variant | None) -> str | None:
        """The picture that shows `variant`: its own, else the product's."""
        return (variant.image if variant else None) or self.image

    def comes_in_several(self, attribute: str) -> bool:
        """Whether the variants differ in `attribute`."""
        return len({variant.attributes.get(attribute) for variant in self.variants}) > 1

    def source_of(self, attribute: str, value: str) -> str:
        """Where the product states a value: "attribute:NAME" of the feed, "title" or "description"."""
        return self.attribute_sources.get(f"{attribute}={value}", f"attribute:{attribute}")

    def title_in(self, language: str) -> str:
        """The title in `language` ("en", "zh"), or the feed's own where there is no translation."""
        translation = self.translations.get(language)
        return translation.title if translation else self.title

    def description_in(self, language: str) -> str:
        """The description in `language`, or the feed's own where there is no translation."""
        translation = self.translations.get(language)
        return translation.description if translation and translation.description else self.description

    def values(self, attribute: str) -> tuple[str, ...]:
        """All values of `attribute` over the product and its variants, in order, without repeats; "brand" included."""
        if attribute == "brand":
            return (self.brand.lower(),) if self.brand else ()
        found = dict.fromkeys(self.attributes.get(attribute, ()))
        for variant in self.variants:
            found.update(dict.fromkeys(variant.attributes.get(attribute, ())))
        return tuple(found)


class Products(Protocol):
    """Products that can be read again and again, the same ones in the same order."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Product]: ...


@dataclass(frozen=True, slots=True)
class Review:
    """What one buyer wrote. `rating` is 1 to 5 stars."""

    id: str
    product_id: str
    text: str
    rating: int | None = None
    language: str = "en"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One passage of the shop's rules, or one question with its answer (`kind` "faq")."""

    id: str
    topic: str
    language: str
    title: str
    text: str
    kind: str = "policy"


SORTS = ("price_asc", "price_desc", "rating", "newest", "popular")


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard conditions. A product passes when ONE of its variants meets them all at once.

    `category` names a category or a department. In `include` several values of one attribute mean any of them,
    except "feature", where all are needed; several attributes: all. In `exclude` any hit rules the variant out. A
    product that does not state an attribute fails `include` and passes `exclude`. The brand is the attribute
    "brand"; "category" and "department" can be excluded like one. Price bounds are inclusive, in minor units of
    `currency` (None: the shop's). `unstated_in` names for an attribute categories in which what states no value of it
    passes `include` all the same. `around_minor` is the amount as said when the bounds are a window around it. `sort`
    is one of `SORTS` or None (by relevance).
    """

    category: str | None = None
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    around_minor: int | None = None
    currency: str | None = None
    include: Attributes = field(default_factory=dict)
    exclude: Attributes = field(default_factory=dict)
    in_stock_only: bool = True
    sort: str | None = None
    quantity: int | None = None
    unstated_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return self == Filters(in_stock_only=self.in_stock_only)


ALL_NEEDED = frozenset({"feature"})
"""Attributes of which every included value is needed; of the others any one will do."""


@dataclass(frozen=True, slots=True)
class Query:
    """What retrieval is asked: words, hard conditions (prices in the shop's currency), and what not to show again.

    `text` goes to the lexical index as it is; `semantic_text` to the embedder (the part, translated where needed, in a
    language the embedder knows; None: the same as `text`).
    """

    text: str
    filters: Filters = field(default_factory=Filters)
    exclude_ids: frozenset[str] = frozenset()
    semantic_text: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that was found, not yet ordered by the ranker.

    `relevance` is the fused score in [0, 1], higher is better; `similarity` the cosine of query and product in
    [-1, 1]; `lexical_score` BM25's, >= 0. `variant` is the cheapest variant that meets the query's filters.
    `embedding` is the product's `(d,)` vector, of unit length or all zeros.
    """

    product: Product
    variant: Variant
    relevance: float
    similarity: float
    lexical_score: float
    embedding: Vector = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The candidates in order of `relevance` (or of the wanted sort), and how many products take part in all.

    `query_vector` is None when the query had no words. `fit` is the probability in [0, 1] that the shop carries
    something that fits the words, filters and stock aside; None when there were none, or nobody asked
    (`SearchView.fit`).
    """

    candidates: tuple[Candidate, ...]
    n_matched: int
    query_vector: Vector | None = field(default=None, repr=False, compare=False)
    fit: float | None = None


def freeze(attributes: Mapping[str, Any]) -> Attributes:
    """Attributes with tuple values, lower case, without empties or repeats.

    >>> freeze({"color": ["Red", "red"], "size": []})
    {'color': ('red',)}
    """
    clean = {
        name.strip().lower(): tuple(dict.fromkeys(str(value).strip().lower() for value in values if str(value).strip()))
        for name, values in attributes.items()
    }
    return {name: values for name, values in clean.items() if values}
