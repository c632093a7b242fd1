"""The catalog in SQL: what goes in comes out, the version, and that it is never seen half."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.errors import CatalogError
from retrieval.types import Policy, Product, Review, Translation, Variant

BOOTS = Product(
    id="boots-1",
    title="Ridge boots",
    currency="USD",
    variants=(
        Variant("boots-1-42", 9900, 15000, 3, {"size": ("42",), "color": ("grey",)}, "pictures/boots-1-grey.svg"),
        Variant("boots-1-41", 9900, None, 0, {"size": ("41",), "color": ("grey", "black")}),
    ),
    description="Waterproof.",
    brand="Ridge",
    category="hiking boots",
    department="shoes",
    attributes={"feature": ("waterproof", "windproof")},
    attribute_sources={"feature=waterproof": "title"},
    details={"weight": "1.2 kg"},
    translations={"zh": Translation("山脊登山靴", "防水。")},
    rating=4.4,
    n_reviews=12,
    image="pictures/boots-1.svg",
    url="https://shop.example/boots-1",
    date_added=date(2026, 3, 1),
)
LAMP = Product(id="a-lamp", title="Lamp", currency="USD", variants=(Variant("a-lamp", 1999),))
REVIEWS = (
    Review("r2", "boots-1", "Dry feet.", 5, "en", "Good"),
    Review("r1", "boots-1", "不错", None, "zh"),
    Review("r1", "a-lamp", "Bright", 4),
)
POLICIES = (
    Policy("returns", "returns", "zh", "退货", "30天"),
    Policy("returns", "returns", "en", "Returns", "30 days", "faq"),
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    return engine


@pytest.fixture
def catalog(engine: Engine) -> Catalog:
    return Catalog(engine)


def test_everything_comes_back(catalog: Catalog) -> None:
    version = catalog.replace_all([BOOTS, LAMP], REVIEWS, POLICIES)
    assert list(catalog.products()) == [LAMP, BOOTS]
    assert catalog.get("boots-1") == BOOTS
    assert list(catalog.get_many(["boots-1", "nothing", "a-lamp", "boots-1"]).items()) == [
        ("boots-1", BOOTS),
        ("a-lamp", LAMP),
    ]
    assert catalog.get("nothing") is None
    assert catalog.reviews_of("boots-1") == [REVIEWS[1], REVIEWS[0]]
    assert catalog.reviews_of("boots-1", limit=1) == [REVIEWS[1]]
    assert list(catalog.reviews()) == [REVIEWS[2], REVIEWS[1], REVIEWS[0]]
    assert catalog.policies() == [POLICIES[1], POLICIES[0]]
    assert catalog.policies("zh") == [POLICIES[0]]
    assert (catalog.n_products(), catalog.currency(), catalog.version()) == (2, "USD", version)


def test_an_empty_catalog(catalog: Catalog) -> None:
    assert (catalog.version(), catalog.currency(), catalog.n_products(), catalog.imported_at()) == ("", "", 0, None)
    assert list(catalog.products()) == []
    assert catalog.replace_all([]) == ""


def test_a_second_import_replaces_the_first(catalog: Catalog) -> None:
    catalog.replace_all([BOOTS, LAMP], REVIEWS, POLICIES)
    catalog.replace_all([LAMP])
    assert list(catalog.products()) == [LAMP]
    assert (list(catalog.reviews()), catalog.policies()) == ([], [])


def test_the_version_is_that_of_the_contents_in_any_order(catalog: Catalog) -> None:
    version = catalog.replace_all([BOOTS, LAMP], REVIEWS, POLICIES)
    assert len(version) == 64
    assert catalog.replace_all([LAMP, BOOTS], reversed(REVIEWS), reversed(POLICIES)) == version
    shuffled = replace(BOOTS, details={}, attributes=dict(reversed(BOOTS.attributes.items())))
    assert catalog.replace_all([LAMP, shuffled], REVIEWS, POLICIES) != version
    assert catalog.replace_all([LAMP, BOOTS], REVIEWS, POLICIES) == version


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("title", "Ridge boot"),
        ("rating", 4.5),
        ("date_added", None),
        ("attributes", {"feature": ("windproof", "waterproof")}),
        ("translations", {}),
        ("variants", BOOTS.variants[:1]),
        ("variants", (replace(BOOTS.variants[0], stock=2), BOOTS.variants[1])),
        ("variants", (replace(BOOTS.variants[0], image="pictures/other.svg"), BOOTS.variants[1])),
        ("variants", BOOTS.variants[::-1]),
    ],
)
def test_every_field_counts_for_the_version(catalog: Catalog, change: str, value: object) -> None:
    version = catalog.replace_all([BOOTS], REVIEWS[:2], POLICIES)
    assert catalog.replace_all([replace(BOOTS, **{change: value})], REVIEWS[:2], POLICIES) != version


def test_reviews_and_policies_count_for_the_version(catalog: Catalog) -> None:
    versions = {
        catalog.replace_all([BOOTS]),
        catalog.replace_all([BOOTS], REVIEWS[:1]),
        catalog.replace_all([BOOTS], REVIEWS[:2]),
        catalog.replace_all([BOOTS], (), POLICIES),
    }
    assert len(versions) == 4


@pytest.mark.parametrize(
    ("products", "reviews", "message"),
    [
        ([LAMP, LAMP], (), "'a-lamp'"),
        ([replace(LAMP, variants=())], (), "no variant"),
        ([LAMP, replace(BOOTS, currency="CNY")], (), "one currency"),
        ([LAMP], REVIEWS[:1], "FOREIGN KEY"),
        ([LAMP], (REVIEWS[2], REVIEWS[2]), "'a-lamp r1'"),
        ([replace(LAMP, variants=(LAMP.variants[0], LAMP.variants[0]))], (), "UNIQUE"),
        ([replace(LAMP, n_reviews=2**70)], (), "too large"),
        ([replace(LAMP, title="broken \ud83d")], (), "surrogates"),
    ],
)
def test_what_cannot_be_stored_leaves_the_old_catalog(
    catalog: Catalog, products: list[Product], reviews: tuple[Review, ...], message: str
) -> None:
    version = catalog.replace_all([BOOTS], REVIEWS[:2], POLICIES)
    with pytest.raises(CatalogError, match=message):
        catalog.replace_all(products, reviews)
    assert list(catalog.products()) == [BOOTS]
    assert (catalog.version(), len(catalog.policies())) == (version, 2)


def test_a_database_without_tables_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="shopping-assistant import"):
        Catalog(open_engine(tmp_path / "shop.db")).version()


words = st.text(max_size=20)
names = st.text(min_size=1, max_size=10)
attributes = st.dictionaries(names, st.lists(names, min_size=1, max_size=3).map(tuple), max_size=3)
counts = st.none() | st.integers(0, 10**9)
variants = st.lists(
    st.builds(
        Variant,
        names,
        st.integers(1, 10**12),
        st.none() | st.integers(1, 10**12),
        counts,
        attributes,
        st.none() | words,
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda variant: variant.id,
).map(tuple)
products = st.builds(
    Product,
    id=names,
    title=words,
    currency=st.just("USD"),
    variants=variants,
    description=words,
    brand=st.none() | words,
    category=st.none() | words,
    attributes=attributes,
    attribute_sources=st.dictionaries(names, words, max_size=2),
    details=st.dictionaries(names, words, max_size=3),
    translations=st.dictionaries(st.sampled_from(["en", "zh"]), st.builds(Translation, words, words)),
    rating=st.none() | st.floats(0, 5),
    n_reviews=counts,
    image=st.none() | words,
    date_added=st.none() | st.dates(),
)


@given(st.lists(products, max_size=6, unique_by=lambda product: product.id))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_products_come_back_as_they_went_in(catalog: Catalog, wanted: list[Product]) -> None:
    catalog.replace_all(wanted)
    assert list(catalog.products()) == sorted(wanted, key=lambda product: product.id)
    assert catalog.get_many(product.id for product in wanted) == {product.id: product for product in wanted}


def test_more_ids_than_one_statement_takes(catalog: Catalog) -> None:
    many = [replace(LAMP, id=f"p{n}", variants=(Variant(f"p{n}", n + 1),)) for n in range(1_203)]
    catalog.replace_all(many)
    assert list(catalog.get_many(product.id for product in many).values()) == many


def test_a_reader_sees_the_old_catalog_whole_until_the_new_one_is(catalog: Catalog) -> None:
    old = [replace(LAMP, id=f"old{n}") for n in range(1_500)]
    new = [replace(LAMP, id=f"new{n}") for n in range(1_500)]
    version = catalog.replace_all(old)
    halfway, checked = threading.Event(), threading.Event()

    def slow_feed() -> object:
        yield from new[:1_200]
        halfway.set()
        assert checked.wait(20)
        yield from new[1_200:]

    importer = threading.Thread(target=catalog.replace_all, args=(slow_feed(),))
    importer.start()
    assert halfway.wait(20)
    seen = (catalog.version(), catalog.n_products(), {product.id[:3] for product in catalog.products()})
    started = catalog.products()
    first = next(started)
    checked.set()
    importer.join(20)
    assert seen == (version, 1_500, {"old"})
    assert {product.id[:3] for product in [first, *started]} == {"old"}
    assert {product.id[:3] for product in catalog.products()} == {"new"}


def test_killed_in_the_middle_the_old_catalog_serves_whole(tmp_path: Path, engine: Engine) -> None:
    old = [replace(LAMP, id=f"old{n}") for n in range(100)]
    version = Catalog(engine).replace_all(old, [replace(REVIEWS[2], product_id="old7")], POLICIES)
    script = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from retrieval.catalog import Catalog
        from retrieval.database import open_engine
        from retrieval.types import Product, Variant

        def feed():
            for n in range(60_000):
                yield Product(f"new{n}", "x" * 2_000, "USD", (Variant(f"new{n}", 1),))
                if n == 20_000:
                    print("halfway", flush=True)
                    time.sleep(30)

        Catalog(open_engine(Path(sys.argv[1]))).replace_all(feed())
    """)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "shop.db")], stdout=subprocess.PIPE, text=True
    ) as importer:
        assert importer.stdout is not None
        assert importer.stdout.readline() == "halfway\n"
        os.kill(importer.pid, signal.SIGKILL)
        assert importer.wait(20) == -signal.SIGKILL
    engine.dispose()
    reopened = Catalog(open_engine(tmp_path / "shop.db"))
    assert reopened.version() == version
    assert list(reopened.products()) == sorted(old, key=lambda product: product.id)
    assert (len(list(reopened.reviews())), len(reopened.policies())) == (1, 2)
    assert reopened.replace_all([BOOTS]) == reopened.version() != version
