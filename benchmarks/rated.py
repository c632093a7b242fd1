"""Whom `benchmarks.profile` measures: shoppers with what they like and what they took up last.

In: a table of ratings with the items' texts, or an open shop with events. Out: `Case`s, and a shop whose products are
the items. Knows neither parser nor ranker.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from assistant.app import ShoppingAssistant
from assistant.finding import N_CANDIDATES
from assistant.shop import Shop
from assistant.types import LANGUAGES
from assistant.writing.wording import display_category
from benchmarks.tastes import N_PRODUCTS, N_VALUES, Taken, Told, Value, best_products, best_values, commonness
from ranking.columns import PRODUCT, RATING, SHOPPER, TIME, ids_in, numbers_in, seconds_in
from ranking.examples import Search, searches_of
from ranking.interaction_files import ItemText, read_item_texts
from ranking.profile import GOOD_RATING, weight_of
from ranking.text_tables import read_table
from ranking.types import Event
from retrieval.types import Product, Variant

KIND: Mapping[str, str] = {"en": "movies", "zh": "电影"}
"""What the products of a table of ratings are, and what is searched for."""

GENRE = frozenset({"class", "genre", "genres"})
"""What files of items call the genre."""

PRICE_MINOR = 999
"""What every product of a table of ratings costs: the same, so that no order comes of it."""

TEST_SHARE = 0.1
LIKED = ("brand", "color", "material", "feature", "genre")
"""The attributes whose values shoppers speak of."""


@dataclass(frozen=True, slots=True)
class Case:
    """One shopper: what they like (before), and what they took up last, as gains by product id.

    `query` is the text of the search by language; `left_out` are products that cannot be taken up any more.
    """

    shopper: str
    likes: tuple[Value, ...]
    gains: Mapping[str, int]
    query: Mapping[str, str]
    n_candidates: int = N_CANDIDATES
    left_out: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Rated:
    """One rating of one shopper."""

    product_id: str
    rating: float
    seconds: float = 0.0


def rated_shop(folder: Path, items: Path, interactions: Path | None = None) -> None:
    """Fill an empty shop with the items of a file.

    Args:
        folder: the shop's.
        items: the file.
        interactions: a table of ratings, of which the products get the mean and the number of those that nobody is
            measured on; None: they have none.

    Raises:
        ModelError: a file is of no known form.
    """
    products = [product_of(item) for item in read_item_texts(items)]
    known = {product.id for product in products}
    given: dict[str, list[float]] = defaultdict(list)
    for own in read_ratings(interactions).values() if interactions else ():
        for one in parted([one for one in own if one.product_id in known])[0]:
            given[one.product_id].append(one.rating)
    with Shop(folder, must_own=True) as shop:
        shop.catalog.replace_all(
            replace(product, rating=fmean(given[product.id]), n_reviews=len(given[product.id]))
            if given[product.id] else product
            for product in products
        )  # fmt: skip


def product_of(item: ItemText) -> Product:
    """An item as a product: its lists are attributes, its numbers details.

    >>> film = product_of(ItemText("1", "Toy Story", "", (("release_year", "1995"), ("class", "comedy"))))
    >>> film.attributes, film.details
    ({'genre': ('comedy',)}, {'release_year': '1995'})
    """
    attributes: dict[str, tuple[str, ...]] = {}
    details: dict[str, str] = {}
    for name, value in item.tags:
        if value.replace(".", "", 1).isdigit():
            details[name] = value
        else:
            named = "genre" if name in GENRE else name
            attributes[named] = (*attributes.get(named, ()), value)
    return Product(
        item.id, item.title or item.id, "USD", (Variant(item.id, PRICE_MINOR),), category=KIND["en"],
        attributes=attributes, details=details,
    )  # fmt: skip


def read_ratings(path: Path) -> dict[str, list[Rated]]:
    """Each shopper's ratings, oldest first; without a column of ratings each act counts as a good one.

    Raises:
        ModelError: it is no such table.
    """
    table = read_table(path)
    shopper, item = (ids_in(table, table.required(names, role)).tolist()
                     for names, role in ((SHOPPER, "shopper"), (PRODUCT, "item")))  # fmt: skip
    rating, when = table.column(RATING), table.column(TIME)
    ratings = [GOOD_RATING] * len(item) if rating is None else numbers_in(table, rating).tolist()
    times = list(range(len(item))) if when is None else seconds_in(table, when).tolist()
    rows: dict[str, list[Rated]] = defaultdict(list)
    for row in sorted(range(len(item)), key=lambda row: times[row]):
        rows[shopper[row]].append(Rated(item[row], ratings[row], float(times[row])))
    return dict(rows)


def of_ratings(path: Path, assistant: ShoppingAssistant) -> list[Case]:
    """A case per shopper who liked something in the last tenth of their ratings and something before.

    Raises:
        ModelError: it is no table of ratings.
    """
    products = {product.id: product for product in assistant.search.catalog.products()}
    told = values_of(products.values())
    parts = {shopper: parted([one for one in own if one.product_id in products])
             for shopper, own in read_ratings(path).items()}  # fmt: skip
    before = {shopper: _liked(train) for shopper, (train, _) in parts.items()}
    common = commonness(before.values(), told)
    cases = []
    for shopper, (train, test) in parts.items():
        had = frozenset(one.product_id for one in train)
        gains = {act.product_id: 1 for act in _liked(test) if act.product_id not in had}
        likes = _likes(before[shopper], told, common)
        if gains and len(likes) == N_VALUES + N_PRODUCTS:
            cases.append(Case(shopper, likes, gains, KIND, len(products), had))
    return cases


def parted(own: Sequence[Rated]) -> tuple[Sequence[Rated], Sequence[Rated]]:
    """The training side and the test: the last tenth, and one at least.

    >>> [len(part) for part in parted([Rated(str(number), 5.0) for number in range(30)])]
    [27, 3]
    """
    n_test = max(1, round(len(own) * TEST_SHARE))
    return own[:-n_test], own[-n_test:]


def events_of(path: Path, assistant: ShoppingAssistant) -> list[Event]:
    """What the shop would have of the training side in its log.

    Raises:
        ModelError: it is no table of ratings.
    """
    known = {product.id for product in assistant.search.catalog.products()}
    return [
        Event(
            shopper, one.product_id, "rating", datetime.fromtimestamp(one.seconds, UTC),
            session_id=f"{shopper} {number}", rating=one.rating,
        )
        for shopper, own in read_ratings(path).items()
        for number, one in enumerate(parted([one for one in own if one.product_id in known])[0])
    ]  # fmt: skip


def events_before(assistant: ShoppingAssistant) -> list[Event]:
    """What each shopper did before the search that they are measured on."""
    known = {product.id for product in assistant.search.catalog.products()}
    events: dict[str, list[Event]] = defaultdict(list)
    for event in assistant.shop.event_log.events():
        if event.product_id in known:
            events[event.shopper_id].append(event)
    last = {search.shopper_id: search.start for own in events.values() for search in searches_of(own)}
    return [event for own in events.values() for event in own
            if event.shopper_id not in last or event.time < last[event.shopper_id]]  # fmt: skip


def _liked(rated: Sequence[Rated]) -> list[Taken]:
    return [Taken(one.product_id, one.rating) for one in rated if one.rating >= GOOD_RATING]


def _likes(acts: Sequence[Taken], told: Told, common: Mapping[Value, float]) -> tuple[Value, ...]:
    return (*best_values(acts, told, common), *best_products(acts))


def values_of(products: Iterable[Product]) -> dict[str, list[Value]]:
    """Product id -> what of it may be liked."""
    return {product.id: [(name, value) for name in LIKED for value in product.values(name)] for product in products}


def of_shop(assistant: ShoppingAssistant) -> list[Case]:
    """A case per shopper who searched with success, and has likes to speak of among the kind of thing they took up."""
    products = {product.id: product for product in assistant.search.catalog.products()}
    events: dict[str, list[Event]] = defaultdict(list)
    for event in assistant.shop.event_log.events():
        if event.product_id in products:
            events[event.shopper_id].append(event)
    last = {search.shopper_id: search for own in events.values() for search in searches_of(own)}
    before = {shopper: _acts_before(events[shopper], search) for shopper, search in last.items()}
    common = commonness(before.values(), values_of(products.values()))
    kinds: dict[str, list[Product]] = defaultdict(list)
    for product in products.values():
        kinds[product.category or ""].append(product)
    found = (_searched(search, before[shopper], common, kinds, products) for shopper, search in last.items())
    return [case for case in found if case is not None]


def _searched(
    search: Search, acts: Sequence[Taken], common: Mapping[Value, float], kinds: Mapping[str, Sequence[Product]],
    products: Mapping[str, Product],
) -> Case | None:  # fmt: skip
    best = max(search.gains, key=lambda id_: (search.gains[id_], id_))
    kind = products[best].category
    if kind is None:
        return None
    of_kind = telling(values_of(kinds[kind]))
    told = {
        id_: [value for value in values if value in of_kind] for id_, values in values_of(products.values()).items()
    }
    own = [act for act in acts if products[act.product_id].category == kind]
    likes = (*best_values(acts, told, common), *best_products(own or acts))
    if len(likes) < N_VALUES + N_PRODUCTS:
        return None
    gains = {id_: gain for id_, gain in search.gains.items() if products[id_].category == kind}
    return Case(search.shopper_id, likes, gains, {language: display_category(kind, language) for language in LANGUAGES})


def telling(told: Told) -> set[Value]:
    """The values that some of the products have and some have not.

    >>> telling({"a": [("color", "red"), ("feature", "dimmable")], "b": [("feature", "dimmable")]})
    {('color', 'red')}
    """
    counts = Counter(value for values in told.values() for value in set(values))
    return {value for value, count in counts.items() if count < len(told)}


def _acts_before(events: Sequence[Event], search: Search) -> list[Taken]:
    earlier = sorted((event for event in events if event.time < search.start), key=lambda event: event.time)
    return [Taken(event.product_id, weight_of(event)) for event in earlier if weight_of(event) > 0]
