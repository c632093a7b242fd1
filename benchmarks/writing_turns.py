"""Recommendation turns of the demo shop, for whoever judges what a writer says of them.

In: the demo's feed. Out: steps, recommendations and evidence as the assistant makes them, without an index: the
products of one category, in an order drawn at random. Knows no writer's sentence.
"""

import random
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from assistant.reasons import reasons
from assistant.rendering import Facts
from assistant.types import ParsedMessage, Recommendation, Session, Step
from assistant.writer import Writer
from assistant.writing.evidence import Evidence
from assistant.writing.facts import facts_of
from ranking.types import RankedProduct
from retrieval.demo import DEMO_FOLDER, MAPPING_FILE, PRODUCTS_FILE, REVIEWS_FILE
from retrieval.feed import load_mapping, read_feed
from retrieval.feed.passages import read_reviews
from retrieval.types import Filters, Product, Query, Review

SHOP = {"en": "Lantern Lane", "zh": "灯巷小铺"}
SHOWN = (2, 3)


@dataclass(frozen=True, slots=True)
class ShopTurn:
    """One turn: what a writer is given; `plain` is what code alone writes of it, `catalog` all that the catalog says of
    each product shown, both folded by `folded`."""

    step: Step
    recommendations: tuple[Recommendation, ...]
    evidence: Evidence
    plain: str
    catalog: tuple[str, ...]

    @property
    def products(self) -> list[Product]:
        return [item.ranked.product for item in self.recommendations]

    @property
    def titles(self) -> list[str]:
        return [product.title_in(self.step.session.language) for product in self.products]

    def facts(self) -> Facts:
        """What a reply to the turn may state."""
        return facts_of(self.step, self.recommendations, self.evidence)


def folded(text: str) -> str:
    """A text as a reader sees it: lower case, half width, without invisible characters, single spaces.

    >>> folded("Ｏｎｌｙ  $\u200b５")
    'only $5'
    """
    flat = unicodedata.normalize("NFKC", text)
    return " ".join("".join(char for char in flat if unicodedata.category(char) != "Cf").lower().split())


@lru_cache
def demo_turns(language: str, n: int, seed: int) -> tuple[ShopTurn, ...]:
    """`n` turns in one language; the same seed draws the same turns."""
    mapping = load_mapping(DEMO_FOLDER / MAPPING_FILE)
    products = read_feed([DEMO_FOLDER / PRODUCTS_FILE], mapping).products
    reviews = _reviews()
    drawn = random.Random(f"{seed}/{language}")
    by_category = defaultdict(list)
    for product in products:
        if product.in_stock and product.category:
            by_category[product.category].append(product)
    categories = sorted(by_category)
    turns = []
    for number in range(n):
        category = drawn.choice(categories)
        shown = drawn.sample(by_category[category], drawn.choice(SHOWN))
        turns.append(_turn(f"{language}{number}", language, category, shown, reviews))
    return tuple(turns)


def _reviews() -> Mapping[str, Sequence[Review]]:
    found: defaultdict[str, list[Review]] = defaultdict(list)
    for passage in read_reviews([DEMO_FOLDER / REVIEWS_FILE], load_mapping(DEMO_FOLDER / MAPPING_FILE), print):
        found[passage.value.product_id].append(passage.value)
    return found


def _turn(
    name: str, language: str, category: str, shown: Sequence[Product], reviews: Mapping[str, Sequence[Review]]
) -> ShopTurn:
    filters = _filters(category, shown)
    session = Session(name, "shopper", language, 1, filters, wish=category)
    parsed = ParsedMessage(category, "search", "neutral", language, filters, category)
    step = Step("recommend", session, parsed, Query(category, filters))
    own = {product.id: tuple(reviews.get(product.id, ())) for product in shown}
    evidence = Evidence(shop_name=SHOP[language], n_matched=len(shown) + 4, reviews=own)
    ranked = [RankedProduct(product, product.offer, 1.0, {}, _matched(product, filters)) for product in shown]
    items = tuple(Recommendation(item, reasons(item, step, own[item.product.id], language)) for item in ranked)
    plain = folded("".join(Writer().write(step, items, evidence)))
    return ShopTurn(step, items, evidence, plain, tuple(catalog_text(product) for product in shown))


def _filters(category: str, shown: Sequence[Product]) -> Filters:
    """A wish that all the products meet: their category, a feature of all of them, a limit above their prices."""
    shared = set.intersection(*(set(product.values("feature")) for product in shown))
    include = {"feature": (min(shared),)} if shared else {}
    limit = -(-max(product.price_minor for product in shown) // 1000) * 1000
    return Filters(category=category, price_max_minor=limit, include=include)


def _matched(product: Product, filters: Filters) -> dict[str, tuple[str, ...]]:
    return {name: tuple(v for v in values if v in product.values(name)) for name, values in filters.include.items()}


def catalog_text(product: Product) -> str:
    """All that the catalog says of a product, in every language, folded."""
    names = {*product.attributes, *chain.from_iterable(variant.attributes for variant in product.variants)}
    said = [product.title, product.description, product.brand or "", product.category or ""]
    said += [f"{other.title} {other.description}" for other in product.translations.values()]
    said += [value for name in sorted(names) for value in product.values(name)]
    return folded(" ".join(said))
