import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from test_retriever import FILTERS, random_product

from retrieval.facets import FacetValue, PriceRange, facets_of
from retrieval.filters import FilterTable, passing_variant
from retrieval.types import ALL_NEEDED, Filters, Product, Variant

SHIRT = Product(
    "shirt",
    "Shirt",
    "USD",
    (
        Variant("red-s", 2000, attributes={"color": ("red",), "size": ("s",)}),
        Variant("red-m", 2100, attributes={"color": ("red",), "size": ("m",)}),
        Variant("blue-m", 2600, stock=0, attributes={"color": ("blue",), "size": ("m",)}),
    ),
    brand="Acme",
    category="shirts",
    department="clothes",
    attributes={"feature": ("organic", "washable")},
)
SOCKS = Product("socks", "Socks", "USD", (Variant("one", 500),), category="socks", department="clothes")
COAT = Product(
    "coat",
    "Coat",
    "USD",
    (Variant("blue-m", 9000, attributes={"color": ("blue",), "size": ("m",)}),),
    brand="Acme",
    category="clothes",
    attributes={"feature": ("washable",)},
)
TABLE = FilterTable([SHIRT, None, SOCKS, COAT])


def test_a_product_counts_once_for_each_value_that_one_of_its_variants_offers() -> None:
    facets = facets_of(TABLE, Filters())
    assert facets.n_products == 3
    # The coat's category is a department of other products: a filter by that name takes them all.
    assert facets.categories == (FacetValue("clothes", 3), FacetValue("shirts", 1), FacetValue("socks", 1))
    assert facets.departments == (FacetValue("clothes", 3),)
    assert facets.attributes == {
        "brand": (FacetValue("acme", 2),),
        "color": (FacetValue("blue", 1), FacetValue("red", 1)),
        "feature": (FacetValue("washable", 2), FacetValue("organic", 1)),
        "size": (FacetValue("m", 2), FacetValue("s", 1)),
    }


def test_the_present_choice_of_an_attribute_is_left_out_of_its_own_counts_only() -> None:
    facets = facets_of(TABLE, Filters(include={"color": ("red",)}))
    assert facets.n_products == 1
    assert facets.attributes["color"] == (FacetValue("blue", 1), FacetValue("red", 1))
    assert facets.attributes["size"] == (FacetValue("m", 1), FacetValue("s", 1))
    chosen = facets_of(TABLE, Filters(category="shirts"))
    assert chosen.categories == facets_of(TABLE, Filters()).categories
    assert chosen.attributes["color"] == (FacetValue("red", 1),)
    # Every chosen feature is needed, so another one narrows further.
    assert facets_of(TABLE, Filters(include={"feature": ("organic",)})).attributes["feature"] == (
        FacetValue("organic", 1),
        FacetValue("washable", 1),
    )


def test_price_ranges_are_round_and_hold_every_product_that_has_a_variant_in_them() -> None:
    products = [Product(str(n), "x", "USD", (Variant(str(n), 100 * n),)) for n in range(1, 101)]
    ranges = facets_of(FilterTable(products), Filters(price_max_minor=300)).prices
    assert ranges == (
        PriceRange(None, 1999, 19),
        PriceRange(2000, 3999, 20),
        PriceRange(4000, 5999, 20),
        PriceRange(6000, 7999, 20),
        PriceRange(8000, None, 21),
    )
    assert facets_of(FilterTable([]), Filters()).prices == ()


@settings(max_examples=150, deadline=None)
@given(filters=FILTERS, seed=st.integers(0, 5), changed=st.lists(st.integers(0, 49), max_size=6, unique=True))
def test_each_count_is_that_of_the_products_found_with_that_choice(
    filters: Filters, seed: int, changed: list[int]
) -> None:
    rng = random.Random(seed)
    products: dict[int, Product | None] = {row: random_product(row, rng) for row in range(40)}
    table = FilterTable(products.values())
    rows = sorted(row if row < 40 else 40 + i for i, row in enumerate(sorted(changed)))
    new = {row: random_product(100 + row, rng) if row % 3 else None for row in rows if row < 40}
    table, products = table.replaced(new), products | new

    def n_found(chosen: Filters) -> int:
        return sum(1 for product in products.values() if product and passing_variant(product, chosen))

    def with_value(name: str, value: str) -> Filters:
        kept = filters.include.get(name, ()) if name in ALL_NEEDED else ()
        exclude = {other: values for other, values in filters.exclude.items() if other != name}
        return replace(filters, include={**filters.include, name: (*kept, value)}, exclude=exclude)

    facets = facets_of(table, filters)
    assert facets.n_products == n_found(filters)
    for name in ("color", "feature", "brand"):
        counts = {one.value: one.n_products for one in facets.attributes.get(name, ())}
        every = {value for product in products.values() if product for value in product.values(name)}
        assert counts == {value: n for value in every if (n := n_found(with_value(name, value)))}
    categories = {one.value: one.n_products for one in facets.categories}
    every = {product.category for product in products.values() if product}
    assert categories == {name: n for name in every if (n := n_found(replace(filters, category=name)))}
    for prices in facets.prices:
        limits = {"price_min_minor": prices.min_minor, "price_max_minor": prices.max_minor}
        assert prices.n_products == n_found(replace(filters, **limits))
