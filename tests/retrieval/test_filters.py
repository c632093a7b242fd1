import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conditions import widened
from retrieval.filters import FilterTable, passing_variant
from retrieval.types import Filters, Product, Variant
from retrieval.vocabulary import Vocabulary


def boot(product_id: str, *variants: Variant, **fields: object) -> Product:
    defaults: dict = {"title": "Boot", "currency": "USD", "category": "hiking boots", "department": "shoes"}
    return Product(id=product_id, variants=variants, **{**defaults, **fields})


RED_42 = Variant("red-42", 5000, stock=0, attributes={"color": ("red",), "size": ("42",)})
RED_43 = Variant("red-43", 6000, stock=3, attributes={"color": ("red",), "size": ("43",)})
BLUE_42 = Variant("blue-42", 7000, stock=1, attributes={"color": ("blue",), "size": ("42",)})
MIXED = boot("mixed", RED_42, RED_43, BLUE_42, brand="NorthPeak", attributes={"feature": ("waterproof", "windproof")})
PLAIN = boot("plain", Variant("one", 3000), attributes={"color": ("red", "white")}, n_reviews=9)
TENT = Product("tent", "Tent", "USD", (Variant("t", 20000, stock=2),), category="tents", department="outdoor")
CATALOG = [MIXED, PLAIN, TENT]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {"mixed": "red-43", "plain": "one", "tent": "t"}),
        (Filters(in_stock_only=False), {"mixed": "red-42", "plain": "one", "tent": "t"}),
        (Filters(category="shoes"), {"mixed": "red-43", "plain": "one"}),
        (Filters(category="tents"), {"tent": "t"}),
        (Filters(category="sofas"), {}),
        # Red is in stock only in 43, 42 only in blue: no single variant is both.
        (Filters(include={"color": ("red",), "size": ("42",)}), {}),
        (Filters(include={"color": ("red",), "size": ("42",)}, in_stock_only=False), {"mixed": "red-42"}),
        (Filters(include={"color": ("blue", "white")}), {"mixed": "blue-42", "plain": "one"}),
        (Filters(include={"feature": ("waterproof", "windproof")}), {"mixed": "red-43"}),
        (Filters(include={"feature": ("waterproof", "dimmable")}), {}),
        (Filters(exclude={"color": ("red",)}), {"mixed": "blue-42", "tent": "t"}),
        (Filters(include={"brand": ("northpeak",)}), {"mixed": "red-43"}),
        (Filters(exclude={"brand": ("northpeak",)}), {"plain": "one", "tent": "t"}),
        (Filters(exclude={"category": ("hiking boots",)}), {"tent": "t"}),
        (Filters(exclude={"department": ("outdoor",)}), {"mixed": "red-43", "plain": "one"}),
        (Filters(price_max_minor=6000), {"mixed": "red-43", "plain": "one"}),
        (Filters(price_min_minor=6001, price_max_minor=19999), {"mixed": "blue-42"}),
        (Filters(price_max_minor=6000, include={"color": ("blue",)}), {}),
    ],
)
def test_one_variant_must_meet_everything(filters: Filters, expected: dict[str, str]) -> None:
    found = {product.id: passing_variant(product, filters) for product in CATALOG}
    assert {name: variant.id for name, variant in found.items() if variant} == expected
    mask = FilterTable(CATALOG).matching(filters)
    assert {product.id for product, passes in zip(CATALOG, mask, strict=True) if passes} == set(expected)


KINDS = ("boots", "tents", "hotels", None)
PEOPLE = ("women", "men", "kids", "unisex")
audiences = st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True).map(tuple)


@st.composite
def catalogs(draw: st.DrawFn) -> list[Product]:
    """Products of few kinds, some of which state whom they are for, by product, by variant or not at all."""
    products = []
    for number in range(draw(st.integers(0, 8))):
        of_variants = draw(st.lists(audiences, min_size=1, max_size=3))
        variants = tuple(
            Variant(f"{number}-{i}", 100, attributes={"audience": each} if each else {})
            for i, each in enumerate(of_variants)
        )
        own = draw(audiences)
        stated = {"audience": own} if own else {}
        kind = draw(st.sampled_from(KINDS))
        products.append(boot(f"p{number}", *variants, category=kind, department="all", attributes=stated))
    return products


@given(catalogs(), audiences, st.lists(st.sampled_from(KINDS[:3]), unique=True), st.sampled_from([None, "all", *KINDS]))
def test_what_states_no_audience_passes_in_the_categories_named_and_nowhere_else(
    products: list[Product], wanted: tuple[str, ...], silent: list[str], category: str | None
) -> None:
    include = {"audience": wanted} if wanted else {}
    filters = Filters(category=category, include=include, unstated_in={"audience": tuple(silent)})

    def meets(product: Product, variant: Variant) -> bool:
        stated = variant.attributes.get("audience") or product.attributes.get("audience", ())
        is_asked = bool(wanted) and (bool(stated) or product.category not in silent)
        return category in (None, product.category, "all") and (not is_asked or bool({*stated} & {*wanted}))

    expected = [any(meets(product, variant) for variant in product.variants) for product in products]
    assert FilterTable(products).matching(filters).tolist() == expected
    assert [passing_variant(product, filters) is not None for product in products] == expected


@given(
    catalogs(),
    st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True).map(tuple),
    st.sampled_from([None, "all"]),
)
def test_a_wish_for_somebody_leaves_out_no_category_that_states_nobody(
    products: list[Product], wanted: tuple[str, ...], category: str | None
) -> None:
    asked = widened(Filters(category=category, include={"audience": wanted}), Vocabulary.from_products(products))
    kinds = {product.category for product in products if product.category and product.values("audience")}
    for product, passes in zip(products, FilterTable(products).matching(asked), strict=True):
        if product.category and product.category not in kinds:
            assert passes
        elif not set(product.values("audience")) & {*wanted, "unisex"} and product.values("audience"):
            assert not passes


def test_sort_keys_are_those_of_the_cheapest_variant_that_passes() -> None:
    table = FilterTable(CATALOG)
    filters = Filters(include={"color": ("blue", "white")})
    assert table.sort_keys(filters, "price_asc").tolist() == [7000, 3000, float("inf")]
    assert table.sort_keys(filters, "price_desc").tolist() == [-7000, -3000, -float("inf")]
    assert table.sort_keys(filters, "popular").tolist() == [0, -9, 0]


def test_an_empty_catalog_matches_nothing() -> None:
    assert FilterTable([]).matching(Filters(include={"color": ("red",)})).tolist() == []
