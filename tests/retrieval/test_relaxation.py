"""The smallest steps from nothing to something, over real SQL, real Chroma and known catalogs."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hashed_embedder import HashedEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.filters import passing_variant
from retrieval.relaxation import Relaxation, relaxations, sensible
from retrieval.retriever import open_retriever
from retrieval.types import Filters, Product, Query, Variant
from retrieval.view import SearchView


def product(number: int, price: int, color: str = "red", **fields: object) -> Product:
    stock = fields.pop("stock", 5)
    defaults: dict = {"title": f"boots {number}", "category": "boots", "department": "shoes", "currency": "USD"}
    variant = Variant(f"v{number}", price, stock=stock, attributes={"color": (color,)})  # type: ignore[arg-type]
    return Product(id=f"p{number}", variants=(variant,), **{**defaults, **fields})


KNOWN = [
    *(product(i, 5200 + 90 * i) for i in range(7)),
    *(product(10 + i, 4500, "blue") for i in range(3)),
    product(20, 4000, "green", stock=0),
    product(30, 3000, "red", title="sandals 30", category="sandals"),
    product(40, 9000, "red", title="dry boots 40", brand="Aria", attributes={"feature": ("waterproof",)}),
]


def opened(folder: Path, products: list[Product]) -> SearchView:
    engine = open_engine(folder / "shop.db")
    metadata.create_all(engine)
    catalog = Catalog(engine)
    catalog.replace_all(products)
    return open_retriever(catalog, HashedEmbedder(), folder / "index").view


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> SearchView:
    return opened(tmp_path_factory.mktemp("known"), KNOWN)


def steps(view: SearchView, filters: Filters, words: str = "", fits: Callable[[Product], bool] | None = None) -> list:
    found = relaxations(view, Query(words, filters), "USD", words, fits)
    return [
        [(c.kind, c.value or c.high_minor or c.low_minor) for c in r.changes] + [r.n, r.price_from_minor] for r in found
    ]


def test_none_under_50_but_7_under_58_or_3_in_blue(view: SearchView) -> None:
    assert steps(view, Filters("boots", price_max_minor=5000, include={"color": ("red",)})) == [
        [("under", 5800), 7, 5200],
        [("value", "blue"), 3, 4500],
        [("department", "shoes"), 1, 3000],
    ]


def test_another_price_is_the_nearest_that_gives_some(view: SearchView) -> None:
    filters = Filters("boots", price_min_minor=6000, price_max_minor=7000)
    assert steps(view, filters)[:2] == [[("above", 5700), 1, 5740], [("under", 9000), 1, 9000]]
    cheap = Filters("boots", price_max_minor=1000, include={"feature": ("waterproof",)})
    assert [("under", 9000), 1, 9000] in steps(view, cheap)


def test_a_window_around_a_price_opens_on_both_sides(view: SearchView) -> None:
    filters = Filters("boots", price_min_minor=8000, price_max_minor=12000, around_minor=10000)
    blue = replace(filters, include={"color": ("blue",)})
    found = [step for step in relaxations(view, Query("", blue), "USD") if step.changes[0].kind == "range"]
    assert [(r.changes[0].low_minor, r.changes[0].high_minor, r.n) for r in found] == [(4000, 16000, 3)]
    assert found[0].filters.around_minor is None


def test_a_feature_a_brand_and_sold_out_ones(view: SearchView) -> None:
    dry = Filters("boots", price_max_minor=8000, include={"feature": ("waterproof",)})
    assert [("drop", "waterproof"), 10, 4500] in steps(view, dry)
    assert [("under", 9000), 1, 9000] in steps(view, dry)
    green = Filters("boots", include={"color": ("green",)})
    assert [("stock", None), 1, 4000] in steps(view, green)
    brand = Filters("sandals", include={"brand": ("aria",)})
    assert steps(view, brand) == [
        [("drop", "aria"), 1, 3000],
        [("department", "shoes"), 1, 9000],
    ]
    banned = Filters("sandals", exclude={"color": ("red",)})
    assert [("allow", "red"), 1, 3000] in steps(view, banned)


def test_two_steps_only_where_no_single_one_helps(view: SearchView) -> None:
    filters = Filters("boots", price_max_minor=3500, include={"color": ("green",)})
    single = steps(view, replace(filters, price_max_minor=None))
    assert [("stock", None), 1, 4000] in single
    assert all(len(found) == 3 for found in single)
    assert steps(view, filters) == [
        [("under", 4500), ("drop", "green"), 3, 4500],
        [("under", 4000), ("stock", None), 1, 4000],
        [("drop", "green"), ("department", "shoes"), 1, 3000],
    ]


def test_with_words_only_what_speaks_of_them_counts(view: SearchView) -> None:
    filters = Filters(price_max_minor=2500)
    assert [("under", 3000), 1, 3000] in steps(view, filters, "sandals", lambda found: "sandals" in found.title)
    assert [("under", 4500), 3, 4500] in steps(view, filters, "boots", lambda found: "boots" in found.title)
    assert steps(view, filters, "umbrella", lambda found: "umbrella" in found.title) == []


def test_the_whole_shop_is_no_answer(view: SearchView) -> None:
    assert steps(view, Filters(include={"brand": ("sony",)})) == []
    assert steps(view, Filters(include={"brand": ("sony",)}, price_max_minor=4000)) == [[("drop", "sony"), 1, 3000]]


def test_what_was_shown_is_not_counted(view: SearchView) -> None:
    filters = Filters("boots", price_max_minor=5000, include={"color": ("red",)})
    shown = Query("", filters, frozenset({"p10", "p0"}))
    found = {r.changes[0].kind: (r.n, r.price_from_minor) for r in relaxations(view, shown, "USD")}
    assert found["value"] == (2, 4500)
    assert found["under"] == (6, 5290)


@given(st.integers(1, 10**9), st.sampled_from(["USD", "JPY", "KWD"]))
def test_a_sensible_amount_is_near_and_on_the_right_side(price: int, currency: str) -> None:
    up, down = sensible(price, currency), sensible(price, currency, up=False)
    assert down <= price <= up
    assert up <= price * 1.11 + 1
    assert sensible(up, currency) == up


COLORS, FEATURES, PLACES = (
    ("red", "blue", "green"),
    ("waterproof", "light"),
    {"boots": "shoes", "sandals": "shoes", "tents": "out"},
)


def random_product(number: int, rng: random.Random) -> Product:
    variants = tuple(
        Variant(f"{number}-{c}", rng.randrange(1000, 9000), stock=rng.choice([0, 3, None]), attributes={"color": (c,)})
        for c in rng.sample(COLORS, rng.randint(1, 2))
    )
    category = rng.choice(list(PLACES))
    return Product(
        f"r{number}", f"{category} {number}", "USD", variants,
        brand=rng.choice(["Aria", "Lumo", None]), category=category,
        department=PLACES[category],
        attributes={"feature": tuple(rng.sample(FEATURES, rng.randint(0, 2)))},
    )  # fmt: skip


RANDOM = [random_product(i, random.Random(i)) for i in range(40)]


@pytest.fixture(scope="module")
def random_view(tmp_path_factory: pytest.TempPathFactory) -> SearchView:
    return opened(tmp_path_factory.mktemp("random"), RANDOM)


def one_of(*values: str, **kwargs: int) -> st.SearchStrategy:
    return st.lists(st.sampled_from(values), max_size=kwargs.get("most", 1), unique=True).map(tuple)


wishes = st.builds(
    lambda category, low, width, color, feature, brand, banned, in_stock: Filters(
        category, low, low + width if low is not None else width, None, None,
        {k: v for k, v in (("color", color), ("feature", feature), ("brand", brand)) if v},
        {"color": banned} if banned else {}, in_stock,
    ),
    st.sampled_from(["boots", "shoes", "tents", None]), st.none() | st.integers(0, 9000), st.integers(0, 900),
    one_of(*COLORS, "pink"), one_of(*FEATURES, most=2), one_of("aria", "sony"), one_of(*COLORS, most=2), st.booleans(),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(filters=wishes)
def test_every_count_and_price_is_true_under_the_relaxed_conditions(random_view: SearchView, filters: Filters) -> None:
    if random_view.count(filters):
        return
    found = relaxations(random_view, Query("", filters), "USD")
    for relaxation in found:
        passing = [passing_variant(each, relaxation.filters) for each in RANDOM]
        prices = [variant.price_minor for variant in passing if variant]
        assert (len(prices), min(prices)) == (relaxation.n, relaxation.price_from_minor)
        assert is_looser(filters, relaxation)
    assert [r.size for r in found] == sorted(r.size for r in found)
    assert len({len(relaxation.changes) for relaxation in found}) <= 1


def is_looser(old: Filters, relaxation: Relaxation) -> bool:
    """Whether nothing but what the changes name was touched."""
    kinds = {change.kind for change in relaxation.changes}
    new = relaxation.filters
    return (
        (new.category == old.category or "department" in kinds)
        and (new.price_max_minor == old.price_max_minor or bool(kinds & {"under", "range"}))
        and (new.price_min_minor == old.price_min_minor or bool(kinds & {"above", "range"}))
        and (new.include == old.include or bool(kinds & {"value", "drop"}))
        and (new.exclude == old.exclude or "allow" in kinds)
        and (new.in_stock_only == old.in_stock_only or "stock" in kinds)
        and replace(new, currency=None) != replace(old, currency=None)
    )
