"""Simulated shoppers with a hidden taste and no product in mind: for `benchmarks.dialogue`.

In: products of any catalog, a seed. Out: `Persona`s, what each thinks of a product, and which products would satisfy
them. Knows no parser, no ranker and no words.

What shopper s gets out of variant v of product p is

    u(s, v) = sum over kinds of (sum of θ_st over what v states of that kind) / sqrt(how many)
              - w_s · |price position of p in its category - l_s| + RATING_WEIGHT · shrunk rating of p

much as in `ranking.simulator`, with θ_st ~ Normal(0, σ²) and l_s ~ Beta(1.5, 1.5). One to three of the kinds of taste,
the price among them, matter to a shopper: their σ, and half of the price's weight w_s, is `FIRM`, that of the others
`FAINT`, and asked about these they have no answer. Beside it stand hard conditions: a product that breaks one is worth
nothing. A product satisfies when one of its variants in stock meets all hard conditions, and u is within `MARGIN` of
the best that there is in the kind of thing looked for: as much as the simulated shoppers of `ranking.simulator` waver
from one look to the next.

The kinds of taste are `KINDS` as far as the catalog states them, and what else it states of one product in ten. What is
looked for is a category, a department, what has a feature or what is for somebody; where a catalog has neither
categories nor departments, a kind of thing in words (`words`), whose products are those with all of them in the title.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product as pairs

import numpy as np

from ranking.features import rating_effect
from ranking.prices import price_positions
from ranking.simulator import NOISE, RATING_WEIGHT
from retrieval.filters import attributes_of
from retrieval.lexicon.matching import norms
from retrieval.types import Attributes, Product, Variant

KINDS = ("brand", "color", "material", "feature", "category")
NO_TASTE = frozenset({"size", "audience", "season", "condition"})
"""What fits or is needed, not liked."""

STATED_SHARE = 0.1
"""An attribute of the catalog's own is a kind of taste where so many of the products state it."""

FIRM, FAINT = 2.0, 0.2
MAX_FIRM = 3
MARGIN = NOISE
WORDS = "words"
SCOPES = ("category", "department", "feature", "audience", WORDS)
SCOPE_SHARES = (0.3, 0.4, 0.15, 0.15, 0.0)
WORDS_SHARE = 0.7
"""What `WORDS` take over from category and department where a catalog has neither."""

CHINESE_SHARE = 0.45
AUDIENCES = ("men", "women", "kids")
ADULT = ("men", "women")
P_BUDGET, P_MUST, P_NEVER, P_OWN_SIZE_SAID, P_LIKING_SAID = 0.5, 0.35, 0.35, 0.5, 0.5
MIN_SCOPE = 8
"""A wish is for a kind of thing of which the shop has at least so many."""

N_ACTS = 8
N_OTHERS = 2000
"""Acts are drawn from so many products of other kinds at most."""

Condition = tuple[str, str]
"""(attribute, value)."""


@dataclass(frozen=True, slots=True)
class Hard:
    """What must hold of a variant. `wanted` of each attribute any value, of "feature" all; none of `refused`.

    `for_everyone` are categories of which the shop states of no product whom it is for.
    """

    wanted: tuple[Condition, ...] = ()
    refused: tuple[Condition, ...] = ()
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    for_everyone: frozenset[str] = field(default=frozenset(), repr=False)

    def holds(self, product: Product, variant: Variant) -> bool:
        """Whether the variant meets all of it. What is for both is for men and for women.

        >>> tea = Product("t", "Tea", "USD", (Variant("v", 500),), category="teas", attributes={"color": ("red",)})
        >>> [Hard((("color", color),)).holds(tea, tea.offer) for color in ("red", "blue")]
        [True, False]
        """
        if self.price_max_minor is not None and variant.price_minor > self.price_max_minor:
            return False
        if self.price_min_minor is not None and variant.price_minor < self.price_min_minor:
            return False
        stated = dict(attributes_of(product, variant))
        if any(name == WORDS for name, _ in self.wanted):
            stated[WORDS] = tuple(words for name, words in self.wanted if name == WORDS and says(product, words))
        return self._has_wanted(stated, product.category) and not any(
            value in stated.get(name, ()) for name, value in self.refused
        )

    def _has_wanted(self, stated: Attributes, category: str | None) -> bool:
        for name in dict.fromkeys(name for name, _ in self.wanted):
            values = [value for other, value in self.wanted if other == name]
            there = set(stated.get(name, ()))
            if name == "audience" and (
                category in self.for_everyone or (set(values) & set(ADULT) and "unisex" in there)
            ):
                continue
            if not (all if name == "feature" else any)(value in there for value in values):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Taste:
    """What somebody likes: `theta` of each value, where in a category's price range they buy, and how much that counts.

    `firm` are the kinds that matter to them, "price" among them.
    """

    theta: Mapping[Condition, float] = field(repr=False)
    price_level: float
    firm: frozenset[str]

    @property
    def price_weight(self) -> float:
        """How much a whole price range's distance from their level counts."""
        return 2 * (FIRM if "price" in self.firm else FAINT)


@dataclass(frozen=True, slots=True)
class Persona:
    """One shopper. `scope` is the kind of thing looked for; `hard` all hard conditions, the scope's among them.

    `regrets` are the products that break no condition, with how much less than the best they get out of each; `best`
    are those that satisfy. `acts` are products taken up before, in other kinds of things; `own_size_said`: the size
    among the conditions was told in an earlier visit; `liking_said` is what they then said they like, if anything.
    """

    number: int
    language: str
    scope: Condition
    hard: Hard
    taste: Taste
    regrets: Mapping[str, float] = field(repr=False)
    best: frozenset[str]
    acts: tuple[str, ...]
    own_size_said: bool
    liking_said: Condition | None

    def size(self) -> str | None:
        """The size they wear, where that is a condition."""
        return next((value for name, value in self.hard.wanted if name == "size"), None)

    def leaning(self, condition: Condition) -> float:
        """How much they like a value of a kind that matters to them; 0 = not at all one way or the other."""
        return self.taste.theta.get(condition, 0.0) if condition[0] in self.taste.firm else 0.0


class Crowd:
    """Draws personas over one catalog."""

    def __init__(
        self, products: Sequence[Product], seed: int, wishes: Sequence[str] = (), margin: float = MARGIN
    ) -> None:
        """Look the catalog over.

        Args:
            products: all of them.
            seed: of everything drawn by chance.
            wishes: kinds of things in words, for a catalog that has neither categories nor departments.
            margin: what is so much worse than the best satisfies.
        """
        self.products = sorted(products, key=lambda product: product.id)
        self._seed, self._margin = seed, margin
        self.kinds = kinds_of(self.products)
        self.positions = _positions(self.products)
        stars = rating_effect([p.rating for p in self.products], [p.n_reviews for p in self.products])
        self._stars = dict(zip((p.id for p in self.products), stars.tolist(), strict=True))
        self._terms = sorted({term for p in self.products for v in p.variants for term in self._terms_of(p, v)})
        stating = {p.category for p in self.products if p.values("audience")}
        self.for_everyone = frozenset(p.category for p in self.products if p.category) - stating
        self._inside: dict[Condition, list[Product]] = {}
        self._scopes = {kind: self._scopes_of(kind) for kind in SCOPES if kind != WORDS}
        self._scopes[WORDS] = [one for words in wishes if len(self.inside(one := (WORDS, words))) >= MIN_SCOPE]

    def persona(self, number: int) -> Persona:
        """The persona of that number; the same one for the same seed and catalog."""
        rng = np.random.default_rng([self._seed, number])
        while (found := self._drawn(number, rng)) is None:
            pass
        return found

    def inside(self, scope: Condition) -> list[Product]:
        """The products of a kind of thing."""
        if scope not in self._inside:
            self._inside[scope] = [product for product in self.products if _in(product, scope)]
        return self._inside[scope]

    def _scopes_of(self, kind: str) -> list[Condition]:
        conditions = sorted({(kind, value) for p in self.products for value in _of_kind(p, kind)})
        if kind == "audience":
            conditions = [condition for condition in conditions if condition[1] in AUDIENCES]
        return [one for one in conditions if len(self.inside(one)) >= MIN_SCOPE]

    def _scope(self, rng: np.random.Generator) -> Condition:
        shares = dict(zip(SCOPES, SCOPE_SHARES, strict=True))
        if not self._scopes["category"] and not self._scopes["department"]:
            shares[WORDS] = WORDS_SHARE
        odds = np.array([shares[kind] if self._scopes[kind] else 0.0 for kind in SCOPES])
        scopes = self._scopes[SCOPES[rng.choice(len(SCOPES), p=odds / odds.sum())]]
        return scopes[rng.integers(len(scopes))]

    def _drawn(self, number: int, rng: np.random.Generator) -> Persona | None:
        scope, taste = self._scope(rng), self._taste(rng)
        inside = self.inside(scope)
        positions = _positions(inside) if scope[0] == WORDS else self.positions
        hard = self._hard(scope, inside, taste.theta, rng)
        worth = {
            product.id: max(self.utility(product, variant, taste, positions) for variant in there)
            for product in inside
            if (there := [v for v in product.variants if v.in_stock and hard.holds(product, v)])
        }
        if not worth:
            return None
        regrets = {key: max(worth.values()) - value for key, value in worth.items()}
        best = frozenset(key for key, regret in regrets.items() if regret <= self._margin)
        chinese = bool(rng.random() < CHINESE_SHARE)
        said = bool(rng.random() < P_OWN_SIZE_SAID) and any(name == "size" for name, _ in hard.wanted)
        acts = self._acts(scope, taste, rng)
        likeable = (term for term in self._terms if term[0] != "category" and term[0] in taste.firm)
        liked = max(likeable, key=taste.theta.__getitem__, default=None)
        liking = liked if rng.random() < P_LIKING_SAID else None
        return Persona(number, "zh" if chinese else "en", scope, hard, taste, regrets, best, acts, said, liking)

    def _taste(self, rng: np.random.Generator) -> Taste:
        n_firm = int(rng.integers(1, MAX_FIRM + 1))
        firm = frozenset(rng.choice((*self.kinds, "price"), n_firm, replace=False).tolist())
        draws = rng.standard_normal(len(self._terms))
        theta = {
            term: float(z) * (FIRM if term[0] in firm else FAINT) for term, z in zip(self._terms, draws, strict=True)
        }
        return Taste(theta, float(rng.beta(1.5, 1.5)), firm)

    def utility(
        self, product: Product, variant: Variant, taste: Taste, positions: Mapping[str, float] | None = None
    ) -> float:
        """u of the module's docstring, for a variant of a product; higher is better.

        Args:
            product: of this catalog.
            variant: of the product.
            taste: whose.
            positions: where prices lie in the kind of thing looked for; None: in each category.
        """
        distance = abs((positions or self.positions)[product.id] - taste.price_level)
        total = RATING_WEIGHT * self._stars[product.id] - taste.price_weight * distance
        terms = self._terms_of(product, variant)
        for kind in self.kinds:
            own = [taste.theta[term] for term in terms if term[0] == kind]
            total += sum(own) / np.sqrt(len(own)) if own else 0.0
        return float(total)

    def _hard(
        self, scope: Condition, inside: Sequence[Product], theta: Mapping[Condition, float], rng: np.random.Generator
    ) -> Hard:
        """Conditions that people have: whom it is for and their size, a budget, a must, and what they can't stand."""
        wanted, refused = [scope], []
        audiences = sorted({v for p in inside for v in p.values("audience")} & set(AUDIENCES))
        if scope[0] in ("category", "department") and audiences:
            wanted.append(("audience", audiences[rng.integers(len(audiences))]))
        there = [p for p in inside if Hard(tuple(wanted)).holds(p, p.offer)]
        sizes = sorted(
            {size for p in there for v in p.variants for size in v.attributes.get("size", ()) if " " not in size}
        )
        if sizes and (scope[0] == "category" or _is_worn(scope, inside)):
            wanted.append(("size", sizes[rng.integers(len(sizes))]))
        musts = sorted({("feature", value) for p in there for value in p.values("feature")} - {scope})
        if rng.random() < P_MUST and musts:
            wanted.append(max(musts, key=lambda term: theta[term]))
        nevers = sorted({(kind, v) for kind, p in pairs(("color", "material"), there) for v in p.values(kind)})
        if rng.random() < P_NEVER and nevers:
            refused.append(min(nevers, key=lambda term: theta[term]))
        share = rng.uniform(0.4, 0.9)
        prices = [p.price_minor for p in there]
        budget = _round_up(float(np.quantile(prices, share))) if prices and rng.random() < P_BUDGET else None
        return Hard(tuple(wanted), tuple(refused), None, budget, self.for_everyone)

    def _acts(self, scope: Condition, taste: Taste, rng: np.random.Generator) -> tuple[str, ...]:
        """What they took up before, by their taste, among all that is not of the kind looked for now."""
        others = [product for product in self.products if not _in(product, scope)]
        if len(others) > N_OTHERS:
            others = [others[row] for row in rng.choice(len(others), N_OTHERS, replace=False)]
        worth = np.array([max(self.utility(p, v, taste) for v in p.variants) for p in others])
        chances = np.exp(worth - worth.max())
        rows = rng.choice(len(others), min(N_ACTS, len(others)), replace=False, p=chances / chances.sum())
        return tuple(others[row].id for row in rows)

    def _terms_of(self, product: Product, variant: Variant) -> list[Condition]:
        stated = attributes_of(product, variant)
        own = [(kind, value) for kind in self.kinds if kind != "category" for value in stated.get(kind, ())]
        with_category = product.category and "category" in self.kinds
        return [*own, ("category", product.category or "")] if with_category else own


def kinds_of(products: Sequence[Product]) -> tuple[str, ...]:
    """The kinds of taste that a catalog can serve: `KINDS` that it states, and attributes of its own."""
    counts = Counter(
        name for p in products for name in {*p.attributes, *(name for v in p.variants for name in v.attributes)}
    )
    counts["brand"], counts["category"] = (
        sum(bool(getattr(p, kind)) for p in products) for kind in ("brand", "category")
    )
    own = sorted(name for name, n in counts.items() if n >= STATED_SHARE * len(products))
    return (*(kind for kind in KINDS if counts[kind]), *(name for name in own if name not in {*KINDS, *NO_TASTE}))


def says(product: Product, words: str) -> bool:
    """Whether the title of a product has all the words, in any form.

    >>> says(Product("k", "Wireless Keyboards", "USD", ()), "wireless keyboard")
    True
    """
    return set(norms(words)) <= _title_words(product.title)


@lru_cache(maxsize=100_000)
def _title_words(title: str) -> frozenset[str]:
    return frozenset(norms(title))


def _positions(products: Sequence[Product]) -> dict[str, float]:
    prices = np.array([product.price_minor for product in products], dtype=np.float64)
    positions = price_positions(prices, [product.category for product in products])
    return dict(zip((p.id for p in products), positions.tolist(), strict=True))


def _is_worn(scope: Condition, inside: Sequence[Product]) -> bool:
    """Whether most of a department comes in sizes of clothes or shoes."""
    worn = [any(" " not in size for v in p.variants for size in v.attributes.get("size", ())) for p in inside]
    return scope[0] == "department" and sum(worn) > len(inside) / 2


def _of_kind(product: Product, kind: str) -> tuple[str, ...]:
    if kind in ("category", "department"):
        place = product.category if kind == "category" else product.department
        return (place,) if place else ()
    return product.values(kind)


def _in(product: Product, scope: Condition) -> bool:
    if scope[0] == WORDS:
        return says(product, scope[1])
    return any(Hard((scope,)).holds(product, variant) for variant in product.variants)


def _round_up(minor: float) -> int:
    """To the next whole five units of the currency.

    >>> _round_up(4321.0)
    4500
    """
    return int(-(-minor // 500) * 500)
