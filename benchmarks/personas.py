"""Simulated shoppers with a hidden taste and no product in mind: for `benchmarks.dialogue`.

In: products, a seed. Out: `Persona`s, what each thinks of a product, and which products would satisfy them. Knows no
parser, no ranker and no words.

What shopper s gets out of variant v of product p is

    u(s, v) = sum over kinds of (sum of θ_st over what v states of that kind) / sqrt(how many)
              - w_s · |price position of p in its category - l_s| + RATING_WEIGHT · shrunk rating of p

much as in `ranking.simulator`, with θ_st ~ Normal(0, σ²) and l_s ~ Beta(1.5, 1.5). One to three of the kinds of taste,
the price among them, matter to a shopper: their σ, and half of the price's weight w_s, is `FIRM`, that of the others
`FAINT`, and asked about these they have no answer. Beside it stand hard conditions: a product that breaks one is worth
nothing. A product satisfies when one of its variants in stock meets all hard conditions, and u is within `MARGIN` of
the best that there is in the kind of thing looked for: as much as the simulated shoppers of `ranking.simulator` waver
from one look to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product as pairs

import numpy as np

from ranking.features import rating_effect
from ranking.prices import price_positions
from ranking.simulator import NOISE, RATING_WEIGHT
from retrieval.filters import attributes_of
from retrieval.types import Attributes, Product, Variant

KINDS = ("brand", "color", "material", "feature", "category")
FIRM, FAINT = 2.0, 0.2
MAX_FIRM = 3
MARGIN = NOISE
SCOPES = ("category", "department", "feature", "audience")
SCOPE_SHARES = (0.3, 0.4, 0.15, 0.15)
CHINESE_SHARE = 0.45
AUDIENCES = ("men", "women", "kids")
ADULT = ("men", "women")
P_BUDGET, P_MUST, P_NEVER, P_OWN_SIZE_SAID, P_LIKING_SAID = 0.5, 0.35, 0.35, 0.5, 0.5
_LIKED = frozenset({"color", "material", "feature", "brand"})
MIN_SCOPE = 8
"""A wish is for a kind of thing of which the shop has at least so many."""

N_ACTS = 8
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
        stated = attributes_of(product, variant)
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

    `best` products satisfy, `acts` are products taken up before, in other kinds of things; `own_size_said`: the size
    among the conditions was told in an earlier visit; `liking_said` is what they then said they like, if anything.
    """

    number: int
    language: str
    scope: Condition
    hard: Hard
    taste: Taste
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

    def __init__(self, products: Sequence[Product], seed: int) -> None:
        self.products = sorted(products, key=lambda product: product.id)
        self._seed = seed
        prices = np.array([product.price_minor for product in self.products], dtype=np.float64)
        positions = price_positions(prices, [product.category for product in self.products])
        stars = rating_effect([p.rating for p in self.products], [p.n_reviews for p in self.products])
        self.positions = dict(zip((p.id for p in self.products), positions.tolist(), strict=True))
        self._stars = dict(zip((p.id for p in self.products), stars.tolist(), strict=True))
        self._terms = sorted({term for p in self.products for v in p.variants for term in _terms(p, v)})
        stating = {p.category for p in self.products if p.values("audience")}
        self.for_everyone = frozenset(p.category for p in self.products if p.category) - stating
        self._scopes = {kind: self._scopes_of(kind) for kind in SCOPES}

    def persona(self, number: int) -> Persona:
        """The persona of that number; the same one for the same seed and catalog."""
        rng = np.random.default_rng([self._seed, number])
        while (found := self._drawn(number, rng)) is None:
            pass
        return found

    def _scopes_of(self, kind: str) -> list[Condition]:
        conditions = sorted({(kind, value) for p in self.products for value in _of_kind(p, kind)})
        if kind == "audience":
            conditions = [condition for condition in conditions if condition[1] in AUDIENCES]
        return [one for one in conditions if sum(_in(p, one) for p in self.products) >= MIN_SCOPE]

    def _drawn(self, number: int, rng: np.random.Generator) -> Persona | None:
        kind = SCOPES[rng.choice(len(SCOPES), p=SCOPE_SHARES)]
        scope = self._scopes[kind][rng.integers(len(self._scopes[kind]))]
        taste = self._taste(rng)
        inside = [product for product in self.products if _in(product, scope)]
        hard = self._hard(scope, inside, taste.theta, rng)
        worth = {
            product.id: max(self.utility(product, variant, taste) for variant in there)
            for product in inside
            if (there := [v for v in product.variants if v.in_stock and hard.holds(product, v)])
        }
        if not worth:
            return None
        best = frozenset(key for key, value in worth.items() if value >= max(worth.values()) - MARGIN)
        chinese = bool(rng.random() < CHINESE_SHARE)
        said = bool(rng.random() < P_OWN_SIZE_SAID) and any(name == "size" for name, _ in hard.wanted)
        acts = self._acts(scope, taste, rng)
        liked = max(
            (term for term in self._terms if term[0] in _LIKED & taste.firm), key=taste.theta.__getitem__, default=None
        )
        liking = liked if rng.random() < P_LIKING_SAID else None
        return Persona(number, "zh" if chinese else "en", scope, hard, taste, best, acts, said, liking)

    def _taste(self, rng: np.random.Generator) -> Taste:
        n_firm = int(rng.integers(1, MAX_FIRM + 1))
        firm = frozenset(rng.choice((*KINDS, "price"), n_firm, replace=False).tolist())
        draws = rng.standard_normal(len(self._terms))
        theta = {
            term: float(z) * (FIRM if term[0] in firm else FAINT) for term, z in zip(self._terms, draws, strict=True)
        }
        return Taste(theta, float(rng.beta(1.5, 1.5)), firm)

    def utility(self, product: Product, variant: Variant, taste: Taste) -> float:
        """u of the module's docstring, for a variant of a product; higher is better."""
        distance = abs(self.positions[product.id] - taste.price_level)
        total = RATING_WEIGHT * self._stars[product.id] - taste.price_weight * distance
        terms = _terms(product, variant)
        for kind in KINDS:
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
        if scope in (("department", "shoes"), ("department", "apparel")) or (scope[0] == "category" and sizes):
            wanted.append(("size", sizes[rng.integers(len(sizes))])) if sizes else None
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
        worth = np.array([max(self.utility(p, v, taste) for v in p.variants) for p in others])
        chances = np.exp(worth - worth.max())
        rows = rng.choice(len(others), min(N_ACTS, len(others)), replace=False, p=chances / chances.sum())
        return tuple(others[row].id for row in rows)


def _terms(product: Product, variant: Variant) -> list[Condition]:
    stated = attributes_of(product, variant)
    own = [(kind, value) for kind in KINDS if kind != "category" for value in stated.get(kind, ())]
    return [*own, ("category", product.category)] if product.category else own


def _of_kind(product: Product, kind: str) -> tuple[str, ...]:
    if kind in ("category", "department"):
        place = product.category if kind == "category" else product.department
        return (place,) if place else ()
    return product.values(kind)


def _in(product: Product, scope: Condition) -> bool:
    return any(Hard((scope,)).holds(product, variant) for variant in product.variants)


def _round_up(minor: float) -> int:
    """To the next whole five units of the currency.

    >>> _round_up(4321.0)
    4500
    """
    return int(-(-minor // 500) * 500)
