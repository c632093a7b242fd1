"""The search follows the catalog while it is asked: overlay, tombstones and the next generation, over a real Chroma."""

import doctest
import importlib
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hashed_embedder import HashedEmbedder
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_retriever import CATEGORIES, COLORS, FILTERS, catalog_of, named, random_product

from retrieval.catalog import Catalog
from retrieval.embedder import open_embedder
from retrieval.errors import IndexDamaged
from retrieval.filters import FilterTable, passing_variant
from retrieval.generations import READER_BEHIND, REBUILD_ROWS
from retrieval.retriever import QUICK_CHANGES, Retriever, open_retriever
from retrieval.types import Filters, Product, Query, Variant

ANY = Filters(in_stock_only=False)
MODULES = (
    "canaries",
    "chroma",
    "crashes",
    "filters",
    "generations",
    "fusion",
    "index",
    "lexical",
    "overlay",
    "retriever",
    "vectors",
    "view",
    "watching",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"retrieval.{name}")).failed == 0


def opened(products: list[Product], folder: Path) -> tuple[Catalog, HashedEmbedder, Retriever]:
    catalog, embedder = catalog_of(products, folder), HashedEmbedder()
    return catalog, embedder, open_retriever(catalog, embedder, folder / "index")


def ids_found(retriever: Retriever, text: str, filters: Filters = ANY, k: int = 10_000) -> list[str]:
    return [candidate.product.id for candidate in retriever.retrieve(Query(text, filters), k).candidates]


def dearer(product: Product, price_minor: int) -> Product:
    return replace(product, variants=tuple(replace(v, price_minor=price_minor) for v in product.variants))


def best_by_words(retriever: Retriever, text: str) -> str:
    """The hashed embedder knows no meaning, so among many products only the words tell one for sure."""
    found = retriever.retrieve(Query(text, ANY), 10_000).candidates
    return max(found, key=lambda candidate: candidate.lexical_score).product.id


@contextmanager
def asking(retriever: Retriever, n: int) -> Iterator[list[str]]:
    """Three threads that go on asking for the lamps below `n`; what they did not find."""
    faults: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        number = 0
        while not stop.is_set():
            number = (number + 7) % n
            found = ids_found(retriever, f"lamp {number}", k=3)
            if len(found) != 3 or found[0] != f"lamp {number}":
                faults.append(f"lamp {number}: {found}")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield faults
    finally:
        stop.set()
        for thread in threads:
            thread.join()


# What one step does to the catalog: (what, which product, a seed for its new state).
STEPS = st.lists(
    st.tuples(st.sampled_from(["new", "text", "price", "delete", "back"]), st.integers(0, 39), st.integers(0, 99)),
    max_size=12,
)


def change(catalog: Catalog, held: dict[str, Product], first: dict[str, Product], step: tuple[str, int, int]) -> None:
    what, number, seed = step
    rng = random.Random(seed)
    product_id = f"p{number:05}"
    if what == "delete":
        held.pop(product_id, None)
        catalog.delete([product_id])
        return
    old = held.get(product_id) or first.get(product_id)
    if what == "new" or old is None:
        product = replace(random_product(100 + number, rng), id=f"p{100 + number:05}")
    elif what == "text":
        product = replace(old, title=f"{old.title} {rng.choice(COLORS)} x{seed}", category=rng.choice(list(CATEGORIES)))
    elif what == "price":
        product = dearer(old, 500 + seed)
    else:
        product = first.get(product_id, old)
    held[product.id] = product
    catalog.upsert([product])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory):
    numbers = iter(range(10_000))
    return lambda: tmp_path_factory.mktemp(f"live-{next(numbers)}")


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS, filters=st.lists(FILTERS, min_size=3, max_size=3), one_by_one=st.booleans())
def test_any_sequence_of_changes_ends_where_a_fresh_opening_does(folders, steps, filters, one_by_one: bool) -> None:
    rng = random.Random(7)
    first = {product.id: product for product in (random_product(number, rng) for number in range(30))}
    folder = folders()
    catalog, _, live = opened(list(first.values()), folder)
    held = dict(first)
    for step in steps:
        change(catalog, held, first, step)
        if one_by_one:
            live.refresh()
    live.refresh()
    live.settle()
    fresh = open_retriever(catalog, HashedEmbedder(), folder / "fresh")
    for chosen in (*filters, Filters(), ANY):
        passing = {product.id for product in held.values() if passing_variant(product, chosen)}
        assert live.count(chosen) == fresh.count(chosen) == len(passing)
        assert live.count_and_cheapest(chosen) == fresh.count_and_cheapest(chosen)
        assert set(ids_found(live, "", chosen)) == set(ids_found(fresh, "", chosen)) == passing
        unsorted = replace(chosen, sort=None)
        assert set(ids_found(live, "boots model 3", unsorted)) == passing
        assert live.retrieve(Query("boots model 3", unsorted)).n_matched == len(passing)
    for product in held.values():
        assert best_by_words(live, product.title) == best_by_words(fresh, product.title) == product.id
        assert live.vectors_of([product.id]) == pytest.approx(fresh.vectors_of([product.id]))
    live.close()
    fresh.close()


def test_another_price_embeds_nothing_and_another_title_one_text(tmp_path: Path) -> None:
    products = named([f"lamp {number}" for number in range(40)])
    catalog, embedder, retriever = opened(products, tmp_path)
    assert (retriever.n_embedded, embedder.n_encoded) == (40, 40)
    assert retriever.refresh() is False
    catalog.upsert([dearer(product, 999) for product in products])
    assert retriever.refresh() is True
    assert retriever.count(Filters(price_min_minor=999)) == 40
    catalog.upsert([replace(products[3], variants=(Variant("lamp 3", 100, stock=0),))])
    retriever.refresh()
    assert retriever.count(Filters()) == 39
    assert retriever.n_embedded == embedder.n_encoded == 40
    assert len(retriever.view.overlay) == 0
    catalog.upsert([replace(products[5], title="torch")])
    retriever.refresh()
    assert retriever.n_embedded == embedder.n_encoded == 41
    assert ids_found(retriever, "torch", k=1) == ["lamp 5"]
    catalog.upsert([replace(products[5], details={"made in": "Ulm"})])
    retriever.refresh()
    found = retriever.retrieve(Query("Ulm", ANY)).candidates
    assert [candidate.product.id for candidate in found if candidate.lexical_score] == ["lamp 5"]
    # The text that is embedded is that of the index again.
    assert retriever.n_embedded == 41
    retriever.close()


def test_a_deleted_product_is_gone_and_comes_back_without_embedding(tmp_path: Path) -> None:
    products = named("abcd")
    catalog, _, retriever = opened(products, tmp_path)
    catalog.delete(["b", "d"])
    retriever.refresh()
    assert sorted(ids_found(retriever, "b")) == ["a", "c"]
    assert retriever.view.n_stale == 2
    catalog.upsert([products[1]])
    retriever.refresh()
    assert ids_found(retriever, "b", k=1) == ["b"]
    assert retriever.n_embedded == 4
    catalog.upsert([replace(products[0], title="x")])
    retriever.refresh()
    catalog.upsert([products[0]])
    retriever.refresh()
    # Its old text is that of its row in the index, which it takes again.
    assert ids_found(retriever, "a", k=1) == ["a"]
    assert retriever.view.row_of("a") == 0
    assert retriever.n_embedded == 5
    retriever.close()


def test_the_last_product_can_go_and_another_come(tmp_path: Path) -> None:
    catalog, _, retriever = opened(named("ab"), tmp_path)
    catalog.delete(["a", "b"])
    retriever.refresh()
    for text in ("", "a", "nothing"):
        assert retriever.retrieve(Query(text)).candidates == ()
    assert (retriever.count(ANY), retriever.count_and_cheapest(ANY)) == (0, (0, None))
    retriever.close()
    again = open_retriever(catalog, HashedEmbedder(), tmp_path / "index")
    assert again.retrieve(Query("a")).candidates == ()
    again.close()
    empty = open_retriever(catalog, HashedEmbedder(), tmp_path / "another")
    assert len(empty.index) == 0
    assert empty.retrieve(Query("a", Filters(sort="price_asc"))).candidates == ()
    catalog.upsert(named("c"))
    assert empty.catch_up()
    assert ids_found(empty, "c") == ["c"]
    empty.settle()
    assert ids_found(empty, "c") == ["c"]
    assert empty.index.ids[:] == ["c"]
    empty.close()


def test_many_new_texts_bring_the_next_generation_while_queries_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = named([f"lamp {number}" for number in range(300)])
    catalog, _, retriever = opened(first, tmp_path)
    before = retriever.index
    with asking(retriever, 299) as faults:
        catalog.upsert(named([f"torch {number}" for number in range(REBUILD_ROWS + 100)]))
        retriever.refresh()
        assert retriever.count(ANY) == 500
        assert ids_found(retriever, "torch 12", k=1) == ["torch 12"]
        catalog.upsert([replace(first[299], title="lantern")])
        retriever.refresh()
        retriever.settle(60)
    assert faults == []
    assert retriever.index is not before
    assert len(retriever.index) == 500
    assert ids_found(retriever, "lantern", k=1) == ["lamp 299"]
    assert all(ids_found(retriever, f"torch {number}", k=1) == [f"torch {number}"] for number in range(0, 200, 9))
    assert retriever.n_embedded == 300 + REBUILD_ROWS + 100 + 1
    # Only the index that serves is left, once nobody refers to the one before.
    folder = before.folder
    del before
    assert retriever.watch.wait_until(lambda _: not folder.exists(), 60)
    assert [path for path in (tmp_path / "index").iterdir() if path.is_dir()] == [retriever.index.folder]
    assert [record for record in caplog.records if record.levelname in ("ERROR", "WARNING")] == []
    retriever.close()


def test_where_the_next_generation_cannot_be_built_search_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    catalog, _, retriever = opened(named([f"lamp {number}" for number in range(60)]), tmp_path)
    before = sorted((tmp_path / "index").iterdir())
    in_the_way = tmp_path / "index" / "current.part"
    in_the_way.mkdir()
    catalog.upsert(named([f"torch {number}" for number in range(80)]))
    retriever.refresh()
    retriever.settle(60)
    catalog.upsert(named([f"kettle {number}" for number in range(80)]))
    retriever.refresh()
    assert retriever.count(ANY) == 220
    assert all(ids_found(retriever, f"{name} 7", k=1) == [f"{name} 7"] for name in ("lamp", "torch", "kettle"))
    (logged,) = (record.getMessage() for record in caplog.records if record.levelname == "ERROR")
    assert "no new index could be built" in logged
    retriever.close()
    in_the_way.rmdir()
    assert [path for path in sorted((tmp_path / "index").iterdir()) if path.name != "recent.npz"] == before
    again = open_retriever(catalog, HashedEmbedder(), tmp_path / "index")
    assert (len(again.index), again.n_embedded) == (220, 0)
    again.close()


def test_closing_does_not_wait_for_a_long_build(tmp_path: Path) -> None:
    catalog, _, retriever = opened(named("abc"), tmp_path)
    catalog.upsert(named([f"lamp {number}" for number in range(3000)]))
    retriever.refresh()
    started = time.monotonic()
    retriever.close()
    assert time.monotonic() - started < 5
    again = open_retriever(catalog, HashedEmbedder(), tmp_path / "index")
    assert again.count(ANY) == 3003
    again.close()


def test_refreshing_from_several_threads_takes_everything_in(tmp_path: Path) -> None:
    catalog, _, retriever = opened(named([f"lamp {number}" for number in range(50)]), tmp_path)

    def add(which: int) -> None:
        for number in range(10):
            catalog.upsert(named([f"torch{which}x{number}"]))
            retriever.refresh()
            assert ids_found(retriever, f"torch{which}x{number}", k=1) == [f"torch{which}x{number}"]

    threads = [threading.Thread(target=add, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert retriever.count(ANY) == 90
    assert retriever.view.revision == catalog.revision()
    retriever.close()


def test_a_large_change_is_left_to_a_refresh(tmp_path: Path) -> None:
    products = named([f"lamp {number}" for number in range(QUICK_CHANGES + 1)])
    catalog, _, retriever = opened(products, tmp_path)
    assert retriever.catch_up()
    catalog.upsert([dearer(product, 777) for product in products])
    assert not retriever.catch_up()
    assert retriever.count(Filters(price_min_minor=777)) == 0
    retriever.refresh()
    assert retriever.catch_up()
    assert retriever.count(Filters(price_min_minor=777)) == len(products)
    retriever.close()


def test_a_closed_shop_opens_with_what_was_embedded(tmp_path: Path) -> None:
    catalog, _, retriever = opened(named([f"lamp {number}" for number in range(40)]), tmp_path)
    catalog.upsert(named(["torch", "lantern"]))
    retriever.refresh()
    generation = retriever.index.folder
    retriever.close()
    reported: list[tuple[int, int]] = []
    again = open_retriever(
        catalog, HashedEmbedder(), tmp_path / "index", on_progress=lambda *counts: reported.append(counts)
    )
    assert (again.n_embedded, reported, again.index.folder) == (0, [(0, 0)], generation)
    assert ids_found(again, "torch", k=1) == ["torch"]
    again.close()
    (tmp_path / "index" / "recent.npz").write_bytes(b"PK no such thing")
    third = open_retriever(
        catalog, HashedEmbedder(), tmp_path / "index", on_progress=lambda *counts: reported.append(counts)
    )
    assert (third.n_embedded, reported[1:]) == (2, [(0, 2), (2, 2)])
    assert ids_found(third, "lantern", k=1) == ["lantern"]
    third.close()


def test_a_feed_with_other_prices_keeps_the_generation(tmp_path: Path) -> None:
    products = named([f"lamp {number}" for number in range(40)])
    catalog, embedder, retriever = opened(products, tmp_path)
    retriever.close()
    catalog.replace_all([dearer(product, 4321) for product in products])
    again = open_retriever(catalog, embedder, tmp_path / "index")
    assert again.index.folder == retriever.index.folder
    assert again.n_embedded == 0
    assert again.count(Filters(price_min_minor=4321, price_max_minor=4321)) == 40
    again.close()


def test_a_reader_is_exact_though_the_index_is_behind(tmp_path: Path) -> None:
    catalog, _, retriever = opened(named([f"lamp {number}" for number in range(40)]), tmp_path)
    retriever.close()
    catalog.delete(["lamp 1"])
    catalog.upsert([*named(["torch"]), dearer(named(["lamp 2"])[0], 5)])
    reader = open_retriever(catalog, HashedEmbedder(), tmp_path / "index", owner=False)
    assert (reader.count(ANY), reader.count(Filters(price_max_minor=5))) == (40, 1)
    assert ids_found(reader, "torch", k=1) == ["torch"]
    assert "lamp 1" not in ids_found(reader, "lamp 1")
    catalog.upsert(named(["lantern"]))
    assert reader.catch_up()
    assert ids_found(reader, "lantern", k=1) == ["lantern"]
    catalog.upsert(named([f"torch {number}" for number in range(READER_BEHIND)]))
    with pytest.raises(IndexDamaged, match="another process owns the shop"):
        open_retriever(catalog, HashedEmbedder(), tmp_path / "index", owner=False)
    # The owner builds the next one, and the reader moves over to it instead of embedding two thousand texts.
    owner = open_retriever(catalog, HashedEmbedder(), tmp_path / "index")
    n_before = reader.n_embedded
    reader.refresh()
    assert reader.index.folder == owner.index.folder
    assert reader.n_embedded == n_before
    assert ids_found(reader, "torch 1234", k=1) == ["torch 1234"]
    reader.close()
    owner.close()


def test_an_older_catalog_put_in_place_is_followed_too(tmp_path: Path) -> None:
    first = named("abcd")
    catalog, _, retriever = opened(first, tmp_path)
    held = (tmp_path / "shop.db", tmp_path / "held.db")
    with closing(sqlite3.connect(held[0])) as source, closing(sqlite3.connect(held[1])) as copy:
        source.backup(copy)
    catalog.upsert(named("e"))
    catalog.delete(["a"])
    retriever.refresh()
    assert sorted(ids_found(retriever, "")) == ["b", "c", "d", "e"]
    catalog._engine.dispose()
    for path in tmp_path.glob("shop.db*"):
        path.unlink()
    held[1].rename(held[0])
    assert retriever.catch_up()
    assert sorted(ids_found(retriever, "")) == ["a", "b", "c", "d"]
    retriever.close()


def test_a_table_that_was_changed_often_is_that_of_its_products() -> None:
    rng = random.Random(11)
    rows: dict[int, Product | None] = {number: random_product(number, rng) for number in range(20)}
    table = FilterTable(rows.values())
    filters = [
        Filters(category="boots"),
        Filters(include={"color": ("red",)}),
        Filters(exclude={"feature": ("foldable",)}),
    ]
    for n in range(300):
        changes: dict[int, Product | None] = {row: random_product(n, rng) for row in rng.sample(range(len(rows)), 10)}
        changes[rng.randrange(20)] = None
        changes[len(rows)] = random_product(n, rng)
        rows.update(changes)
        table = table.replaced(changes)
    assert len(table._live) < 5000
    fresh = FilterTable(rows.values())
    for chosen in filters:
        assert table.matching(chosen).tolist() == fresh.matching(chosen).tolist()
        assert table.sort_keys(chosen, "price_asc").tolist() == fresh.sort_keys(chosen, "price_asc").tolist()
        assert table.sort_keys(chosen, "popular").tolist() == fresh.sort_keys(chosen, "popular").tolist()
    assert table.occupied().tolist() == [product is not None for product in rows.values()]


@pytest.mark.slow
def test_with_the_real_embedder_a_new_product_is_found_by_what_it_means(tmp_path: Path) -> None:
    titles = ["waterproof hiking boots", "electric kettle", "wireless mouse", "tent for two", "desk lamp"]
    catalog = catalog_of(named(titles), tmp_path)
    retriever = open_retriever(catalog, open_embedder(), tmp_path / "index")
    catalog.upsert([Product("new", "Trekking shoes", "USD", (Variant("new", 100),), description="For rough trails.")])
    retriever.refresh()
    fresh = open_retriever(catalog, open_embedder(), tmp_path / "fresh")
    for text in ("footwear for walking in the mountains", "trekking shoes", "boiling water"):
        found, again = (which.retrieve(Query(text, ANY)).candidates for which in (retriever, fresh))
        assert {c.product.id: pytest.approx(c.similarity, abs=1e-5) for c in found} == {
            c.product.id: c.similarity for c in again
        }
        assert found[0].product.id == again[0].product.id
    assert retriever.retrieve(Query("walking in the mountains", ANY)).candidates[0].product.id in ("new", titles[0])
    retriever.close()
    fresh.close()
