"""The catalog in SQL: what goes in comes out, the version, and that it is never seen half."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from catalog_examples import BOOTS, LAMP, POLICIES, REVIEWS, products
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from retrieval.catalog import DEMO, OWN, Catalog, CatalogChanges
from retrieval.changes import Applied
from retrieval.database import metadata, open_engine
from retrieval.errors import CatalogChanged, CatalogError
from retrieval.records import policy_row
from retrieval.staging import Staging
from retrieval.types import Product, Review, Variant


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
    assert (catalog.revision(), catalog.text_digests()) == (0, {})
    assert catalog.changes_since(0) == CatalogChanges(0, (), ())
    with pytest.raises(CatalogError, match="holds no product"):
        catalog.replace_all([])
    assert catalog.revision() == 0


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
        ([LAMP], REVIEWS[:1], "review 'r2' is of product 'boots-1', which this import does not have"),
        ([LAMP], (REVIEWS[2], REVIEWS[2]), "two reviews of product 'a-lamp' have the id 'r1'"),
        ([replace(LAMP, variants=(LAMP.variants[0], LAMP.variants[0]))], (), "two variants with the id 'a-lamp'"),
        ([replace(LAMP, n_reviews=2**70)], (), "exceeds 64-bit"),
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


@given(st.lists(products, min_size=1, max_size=6, unique_by=lambda product: product.id))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_products_come_back_as_they_went_in(catalog: Catalog, wanted: list[Product]) -> None:
    catalog.replace_all(wanted)
    assert list(catalog.products()) == sorted(wanted, key=lambda product: product.id)
    assert catalog.get_many(product.id for product in wanted) == {product.id: product for product in wanted}


def test_brands_come_in_the_order_asked_for(catalog: Catalog) -> None:
    catalog.replace_all([lamp(1, brand="Acme"), lamp(2), lamp(3, brand="Borea")])
    known = [lamp(number).id for number in (3, 1, 2)]
    assert catalog.brands_of([*known, "gone", known[0]]) == ["Borea", "Acme", None, None, "Borea"]
    assert catalog.brands_of([]) == []
    assert catalog.brands_of([f"gone-{number}" for number in range(40_000)]) == [None] * 40_000


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


def staged(folder: Path, contents: Iterable[Product], *, revision: int | None = None, **also: Any) -> Path:
    with Staging(folder) as staging:
        for product in contents:
            staging.put_product(product)
        for review in also.get("reviews", ()):
            staging.add_review(review)
        for policy in also.get("policies", ()):
            staging.add_policy(policy)
        staging.finish(all_reviews=also.get("all_reviews", False), all_policies="policies" in also, revision=revision)
    return staging.path


def lamp(number: int, price_minor: int = 500, **fields: Any) -> Product:
    id_ = f"lamp-{number:02}"
    return replace(LAMP, id=id_, variants=(Variant(id_, price_minor),), **fields)


def test_only_what_differs_is_touched(catalog: Catalog, tmp_path: Path) -> None:
    catalog.replace_all([lamp(1), lamp(2), lamp(3), lamp(4)])
    digests = catalog.text_digests()
    feed = [lamp(1), lamp(2, 600), lamp(3, title="Lantern"), lamp(5)]
    wanted = Applied(added=1, changed=2, reworded=1, unchanged=1, retired=1, version=catalog.version(), revision=1)
    path = staged(tmp_path, feed)
    assert catalog.preview(path, whole=True) == wanted
    assert catalog.revision() == 1
    applied = catalog.apply(path, whole=True)
    assert applied == replace(wanted, version=catalog.version(), revision=2)
    assert applied.version != wanted.version
    assert list(catalog.products()) == feed
    assert catalog.changes_since(1) == CatalogChanges(2, ("lamp-02", "lamp-03", "lamp-05"), ("lamp-04",))
    assert catalog.changes_since(2) == CatalogChanges(2, (), ())
    changed = catalog.text_digests()
    assert list(changed) == ["lamp-01", "lamp-02", "lamp-03", "lamp-05"]
    assert [changed[id_] == digests[id_] for id_ in ("lamp-01", "lamp-02", "lamp-03")] == [True, True, False]


def test_the_same_again_changes_nothing(catalog: Catalog, tmp_path: Path) -> None:
    path = staged(tmp_path, [BOOTS, LAMP], reviews=REVIEWS, policies=POLICIES)
    first = catalog.apply(path, whole=True)
    for whole in (True, False):
        again = catalog.apply(path, whole=whole)
        assert again == Applied(unchanged=2, version=first.version, revision=1)
    assert catalog.replace_all([LAMP, BOOTS], REVIEWS, POLICIES) == first.version
    assert catalog.changes_since(1) == CatalogChanges(1, (), ())


def test_a_retired_product_is_gone_but_kept(catalog: Catalog, tmp_path: Path) -> None:
    catalog.replace_all([BOOTS, LAMP], REVIEWS)
    with_boots = catalog.version()
    applied = catalog.apply(staged(tmp_path, [LAMP]), whole=True, max_retired_share=None)
    assert (applied.retired, applied.unchanged) == (1, 1)
    assert (catalog.n_products(), catalog.get("boots-1"), catalog.get_many(["boots-1", "a-lamp"])) == (
        1,
        None,
        {"a-lamp": LAMP},
    )
    assert (catalog.reviews_of("boots-1"), list(catalog.reviews())) == ([], [REVIEWS[2]])
    assert catalog.products_with_variants(["boots-1-42", "a-lamp"]) == {"a-lamp": ("a-lamp",)}
    assert catalog.get("boots-1", include_retired=True) == BOOTS
    assert list(catalog.products(include_retired=True)) == [LAMP, BOOTS]
    assert catalog.n_products(include_retired=True) == 2
    back = catalog.apply(staged(tmp_path, [LAMP, BOOTS]), whole=True)
    assert (back.returned, back.added, back.changed, back.version) == (1, 0, 0, with_boots)
    assert catalog.reviews_of("boots-1") == [REVIEWS[1], REVIEWS[0]]
    assert catalog.changes_since(2) == CatalogChanges(3, ("boots-1",), ())


def test_too_much_at_once_is_not_retired_unasked(catalog: Catalog, tmp_path: Path) -> None:
    catalog.replace_all([lamp(n) for n in range(10)])
    assert catalog.apply(staged(tmp_path, [lamp(n) for n in range(7)]), whole=True).retired == 3
    path = staged(tmp_path, [lamp(0), lamp(1), lamp(2), lamp(3), lamp(77)])
    with pytest.raises(CatalogError) as raised:
        catalog.apply(path, whole=True)
    assert str(raised.value) == (
        "the import would take 3 of 7 products off sale (43%), such as 'lamp-04', 'lamp-05', 'lamp-06'; the catalog "
        "stays as it was. If they are gone for good, say so with --yes; if the feed holds only what changed, import "
        "it with --partial"
    )
    assert (catalog.n_products(), catalog.revision()) == (7, 2)
    assert catalog.apply(path, whole=False).added == 1
    assert catalog.apply(path, whole=True, max_retired_share=0.5).retired == 3


def test_the_demos_products_do_not_count_as_retired(catalog: Catalog, tmp_path: Path) -> None:
    catalog.apply(staged(tmp_path, [lamp(n) for n in range(10)]), whole=True, origin=DEMO)
    assert catalog.origin() == DEMO
    assert catalog.apply(staged(tmp_path, [lamp(50)]), whole=True, origin=OWN).retired == 10
    assert (catalog.origin(), catalog.n_products()) == (OWN, 1)


def test_forgotten_products_are_gone_and_an_index_hears_of_it(catalog: Catalog) -> None:
    catalog.replace_all([BOOTS, LAMP], REVIEWS, POLICIES)
    catalog.delete(["boots-1"])
    version = catalog.version()
    catalog.forget(["boots-1", "a-lamp", "nothing"])
    assert list(catalog.products(include_retired=True)) == [LAMP]
    assert (catalog.version(), catalog.revision()) == (version, 2)
    assert catalog.changes_since(1) == CatalogChanges(2, (), ("boots-1",))
    catalog.forget((), [policy_row(POLICIES[0])[-1]])
    assert (catalog.policies(), catalog.revision()) == ([POLICIES[1]], 3)
    assert catalog.version() == Catalog(catalog._engine).replace_all([LAMP], REVIEWS[2:], POLICIES[1:])
    catalog.upsert([BOOTS])
    assert catalog.changes_since(1).removed == ()
    assert catalog.reviews_of("boots-1") == []


def test_policies_and_reviews_stay_unless_the_import_states_them(catalog: Catalog, tmp_path: Path) -> None:
    catalog.replace_all([BOOTS, LAMP], REVIEWS, POLICIES)
    catalog.apply(staged(tmp_path, [BOOTS, LAMP]), whole=True)
    assert (len(list(catalog.reviews())), len(catalog.policies())) == (3, 2)
    new = Review("r9", "boots-1", "Fine.")
    catalog.apply(staged(tmp_path, [BOOTS, LAMP], reviews=[new]), whole=True)
    assert list(catalog.reviews()) == [REVIEWS[2], new]
    catalog.apply(staged(tmp_path, [BOOTS, LAMP], reviews=[new], all_reviews=True), whole=True)
    assert list(catalog.reviews()) == [new]
    catalog.apply(staged(tmp_path, [BOOTS, LAMP], policies=POLICIES[:1]), whole=True)
    assert catalog.policies() == [POLICIES[0]]
    catalog.apply(staged(tmp_path, [LAMP], reviews=REVIEWS, policies=POLICIES[1:]), whole=False)
    assert (len(list(catalog.reviews())), len(catalog.policies())) == (4, 2)
    assert catalog.version() == catalog.replace_all([LAMP, BOOTS], [*REVIEWS, new], POLICIES)


def test_reviews_of_a_retired_product_stay_with_it(catalog: Catalog, tmp_path: Path) -> None:
    catalog.replace_all([BOOTS, LAMP], REVIEWS)
    catalog.apply(staged(tmp_path, [LAMP], all_reviews=True), whole=True, max_retired_share=None)
    assert list(catalog.reviews()) == []
    catalog.upsert([BOOTS])
    assert catalog.reviews_of("boots-1") == [REVIEWS[1], REVIEWS[0]]


def test_what_was_merged_with_a_catalog_that_changed_since_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    catalog.replace_all([lamp(1), lamp(2)])
    before = catalog.revision()
    catalog.upsert([lamp(1, 700)])
    with pytest.raises(CatalogChanged, match="'lamp-01' changed while"):
        catalog.apply(staged(tmp_path, [lamp(1, 900)], revision=before), whole=False)
    assert catalog.apply(staged(tmp_path, [lamp(2, 900)], revision=before), whole=False).changed == 1
    assert catalog.apply(staged(tmp_path, [lamp(1, 900)], revision=before + 1), whole=False).changed == 1


def test_upsert_and_delete(catalog: Catalog) -> None:
    assert catalog.upsert([BOOTS, LAMP], REVIEWS) == Applied(added=2, version=catalog.version(), revision=1)
    cheaper = replace(LAMP, variants=(Variant("a-lamp", 1500),))
    assert catalog.upsert([cheaper]).changed == 1
    assert (catalog.get("a-lamp"), catalog.get("boots-1"), len(list(catalog.reviews()))) == (cheaper, BOOTS, 3)
    assert catalog.upsert([], [Review("r7", "boots-1", "Late.")]).revision == 3
    assert len(catalog.reviews_of("boots-1")) == 3
    assert catalog.delete(["boots-1", "nothing"]).retired == 1
    assert catalog.delete(["boots-1"]) == Applied(version=catalog.version(), revision=4)
    assert list(catalog.products()) == [cheaper]
    with pytest.raises(CatalogError, match="priced in CNY, the catalog in USD"):
        catalog.upsert([replace(BOOTS, currency="CNY")])
    with pytest.raises(CatalogError, match="review 'r' is of product 'x', which the catalog does not have"):
        catalog.upsert([], [Review("r", "x", "?")])
    assert catalog.delete(["a-lamp"]).version == catalog.version() == ""


def test_another_currency_comes_with_a_whole_catalog(catalog: Catalog, tmp_path: Path) -> None:
    catalog.replace_all([LAMP])
    in_yuan = replace(BOOTS, currency="CNY")
    catalog.apply(staged(tmp_path, [in_yuan]), whole=True, max_retired_share=None)
    assert (catalog.currency(), list(catalog.products())) == ("CNY", [in_yuan])


catalogs = st.lists(products, max_size=5, unique_by=lambda product: product.id)
edits = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["price", "title", "same"])), max_size=4)


def edited(contents: list[Product], changes: list[tuple[int, str]]) -> list[Product]:
    """Some of the products changed a little, so that two feeds have ids in common."""
    found = list(contents)
    for n, kind in changes:
        if n < len(found) and kind == "price":
            found[n] = replace(found[n], variants=(replace(found[n].variants[0], price_minor=77),))
        elif n < len(found) and kind == "title":
            found[n] = replace(found[n], title=found[n].title + "!")
    return found


@given(catalogs, catalogs, edits)
@settings(max_examples=60, deadline=None)
def test_applying_a_feed_over_another_is_applying_it_alone(
    tmp_path_factory: pytest.TempPathFactory, first: list[Product], new: list[Product], changes: list[tuple[int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("catalogs")
    second = list({product.id: product for product in [*new, *edited(first, changes)[:3], LAMP]}.values())
    over, alone = (Catalog(open_engine(folder / name)) for name in ("over.db", "alone.db"))
    for catalog in (over, alone):
        metadata.create_all(catalog._engine)
    over.upsert(first)
    path = staged(folder, second)
    before = {product.id: product for product in over.products()}
    applied = over.apply(path, whole=True, max_retired_share=None)
    alone.apply(path, whole=True)
    assert list(over.products()) == list(alone.products())
    assert (over.version(), over.text_digests()) == (alone.version(), alone.text_digests())
    seen = over.changes_since(1 if first else 0)
    now = {product.id: product for product in over.products()}
    assert set(seen.changed) == {id_ for id_, product in now.items() if before.get(id_) != product}
    assert set(seen.removed) == before.keys() - now.keys()
    assert (applied.added + applied.returned, applied.retired) == (len(now.keys() - before.keys()), len(seen.removed))
    again = over.apply(path, whole=True)
    assert (again.unchanged, again.revision, again.version) == (len(now), applied.revision, applied.version)
    over.apply(staged(folder, [*first, LAMP]), whole=True, max_retired_share=None)
    alone.replace_all({product.id: product for product in [*first, LAMP]}.values())
    assert (list(over.products()), over.version()) == (list(alone.products()), alone.version())
