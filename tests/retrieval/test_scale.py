"""What keeps search fast at size must not change what it finds."""

import doctest
import importlib
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hashed_embedder import HashedEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from test_retriever import CHROMA_IS_DEAR, CHROMA_IS_FREE, FILTERS, TEXTS, catalog_of, named, random_product

from retrieval.catalog import Catalog
from retrieval.database import open_engine
from retrieval.dense import NEVER_CHROMA, Costs, DenseSearch
from retrieval.filters import passing_variant
from retrieval.parsed import ParsedProducts
from retrieval.quantized import QuantizedMatrix
from retrieval.retriever import Retriever, open_retriever
from retrieval.selection import first_of
from retrieval.types import Filters, Product, Query, Variant

N_PRODUCTS = NEVER_CHROMA + 1000
ANY = Filters(in_stock_only=False)


@pytest.mark.parametrize("name", ["canaries", "lately", "packed", "parsed", "selection", "facets", "fusion"])
def test_the_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"retrieval.{name}")).failed == 0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Retriever, list[Product]]:
    rng = random.Random(20261128)
    products = [random_product(number, rng) for number in range(N_PRODUCTS)]
    folder = tmp_path_factory.mktemp("shop")
    return open_retriever(catalog_of(products, folder), HashedEmbedder(), folder / "index"), products


def unit_rows(n: int, d: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("d", [1, 7, 32, 384])
def test_quantised_similarities_are_near_the_exact_ones(d: int) -> None:
    vectors, query = unit_rows(500, d, 1), unit_rows(1, d, 2)[0]
    quantized = QuantizedMatrix.of(vectors)
    exact = vectors @ query
    assert quantized.similarities(query) == pytest.approx(exact, abs=0.01)
    rows = np.array([3, 499, 0])
    assert quantized.similarities(query, rows) == pytest.approx(exact[rows], abs=0.01)
    assert quantized.similarities(query, rows[:0]).tolist() == []


def test_a_vector_of_zeros_is_like_nothing() -> None:
    vectors = np.zeros((2, 8), dtype=np.float32)
    vectors[1, 3] = 1.0
    assert QuantizedMatrix.of(vectors).similarities(vectors[1]).tolist() == pytest.approx([0.0, 1.0])


@given(
    columns=arrays.arrays(np.int8, st.tuples(st.just(3), st.integers(0, 60)), elements=st.integers(0, 3)),
    k=st.integers(0, 70),
)
def test_the_first_of_many_are_those_of_a_full_sort(columns: np.ndarray, k: int) -> None:
    assert first_of(list(columns), k).tolist() == np.lexsort(list(reversed(columns)))[:k].tolist()


@pytest.mark.parametrize("costs", [CHROMA_IS_FREE, CHROMA_IS_DEAR])
def test_the_nearest_are_those_of_exact_search_whichever_way_they_are_found(shop, costs: Costs) -> None:
    retriever, products = shop
    view = replace(retriever.view, dense=DenseSearch(retriever.index, costs))
    n_hits = n_asked = 0
    for filters in (ANY, Filters(), Filters(price_max_minor=15_000), Filters(category="boots")):
        rows = np.flatnonzero(view.table.matching(filters))
        for product in products[::500]:
            vector = retriever.embedder.encode([product.title])[0]
            # Products of one kind differ by a number, and so are about as near.
            least = np.sort(retriever.index.vectors[rows] @ vector)[-100]
            found = view.vectors_of(view.nearest(vector, filters, 100)) @ vector
            n_hits += int((found >= least - 1e-6).sum())
            n_asked += 100
            assert len(found) == 100
    assert n_hits >= 0.99 * n_asked


def test_chroma_is_asked_for_more_until_enough_pass_and_all_are_compared_where_that_is_in_vain(shop) -> None:
    retriever, _ = shop
    dense = DenseSearch(retriever.index, CHROMA_IS_FREE)
    far = retriever.embedder.encode(["boots"])[0]
    passing = np.ones(N_PRODUCTS, dtype=np.bool_)
    order = np.argsort(-(retriever.index.vectors[:] @ far))
    passing[order[:900]] = False
    assert passing.sum() > NEVER_CHROMA
    found = dense.nearest(far, passing, 200)
    assert found is not None
    assert len(found) >= 200
    assert passing[found].all()
    dear = DenseSearch(retriever.index, CHROMA_IS_DEAR)
    assert dear.nearest(far, passing, 200) is None


def test_costs_are_measured_and_positive(shop) -> None:
    costs = Costs.measured(shop[0].index)
    assert min(costs.gather_s, costs.scan_s, costs.chroma_s + 100 * costs.fetch_s) > 0
    assert costs.of_comparing(2_000, 10**6) < costs.of_comparing(10**5, 10**6) <= costs.of_comparing(10**6, 10**6)


@settings(max_examples=60, deadline=None)
@given(
    filters=FILTERS,
    text=TEXTS,
    size=st.sampled_from([150, 400]),
    costs=st.sampled_from([CHROMA_IS_FREE, CHROMA_IS_DEAR]),
)
def test_pages_show_every_product_once_in_the_order_of_one_long_list(
    shop, filters: Filters, text: str, size: int, costs: Costs
) -> None:
    retriever, _ = shop
    view = replace(retriever.view, dense=DenseSearch(retriever.index, costs))
    shown: list[str] = []
    n_matched = view.retrieve(Query(text, filters), 1).n_matched
    for _ in range(4):
        page = view.retrieve(Query(text, filters, frozenset(shown)), size)
        assert page.n_matched == n_matched - len(shown)
        assert len(page.candidates) == min(size, page.n_matched)
        shown += [candidate.product.id for candidate in page.candidates]
    assert len(shown) == len(set(shown))
    if costs is CHROMA_IS_DEAR:
        whole = view.retrieve(Query(text, filters), 4 * size).candidates
        assert [candidate.product.id for candidate in whole] == shown


def test_pages_reach_all_that_match_and_then_end(tmp_path: Path) -> None:
    rng = random.Random(3)
    products = [random_product(number, rng) for number in range(300)]
    retriever = open_retriever(catalog_of(products, tmp_path), HashedEmbedder(), tmp_path / "index")
    for filters in (ANY, Filters(category="shoes"), Filters(sort="price_desc", category="boots")):
        shown: list[str] = []
        while page := retriever.retrieve(Query("boots model", filters, frozenset(shown)), 7).candidates:
            shown += [candidate.product.id for candidate in page]
        passing = [product.id for product in products if passing_variant(product, filters)]
        assert sorted(shown) == sorted(passing)
    retriever.close()


def test_what_another_connection_changes_is_seen_by_the_next_search(tmp_path: Path) -> None:
    products = named("abc")
    retriever = open_retriever(catalog_of(products, tmp_path), HashedEmbedder(), tmp_path / "index")
    assert retriever.retrieve(Query("a")).candidates[0].product == products[0]
    other = Catalog(open_engine(tmp_path / "shop.db"))
    for changed in (
        replace(products[0], variants=(Variant("a", 777, 900, 5),)),
        replace(products[0], variants=(Variant("a", 777, 900, 4),)),
        replace(products[0], details={"made in": "Ulm"}, rating=4.5),
        replace(products[0], variants=(Variant("a", 777), Variant("b", 778, attributes={"color": ("red",)}))),
    ):
        other.upsert([changed])
        assert retriever.retrieve(Query("a")).candidates[0].product == changed
    # Not even past our own code, which would note another digest.
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.execute("UPDATE variants SET price_minor = 555 WHERE product_id = 'a' AND id = 'a'")
        database.commit()
    assert retriever.retrieve(Query("a")).candidates[0].variant.price_minor == 555
    other.delete(["a"])
    assert "a" not in [candidate.product.id for candidate in retriever.retrieve(Query("a")).candidates]
    retriever.close()


def test_only_so_many_products_are_kept_parsed(tmp_path: Path) -> None:
    products = named("abcdef")
    catalog_of(products, tmp_path)
    parsed = ParsedProducts(max_parsed=3)
    with open_engine(tmp_path / "shop.db").connect() as connection:
        first = parsed.read(connection, ["a", "b", "c"])
        assert parsed.read(connection, ["a"])["a"] is first["a"]
        parsed.read(connection, ["d", "e"])
        # The ones asked for last are kept.
        assert parsed.read(connection, ["a"])["a"] is first["a"]
        again = parsed.read(connection, ["b", "unknown"])
        assert list(again) == ["b"]
        assert again["b"] == first["b"]
        assert again["b"] is not first["b"]


def test_a_snapshot_is_the_catalog_of_its_moment_however_often_it_is_read(tmp_path: Path) -> None:
    products = named("abc")
    catalog = catalog_of(products, tmp_path)
    snapshot = catalog.snapshot()
    catalog.replace_all(named("bx"))
    assert list(snapshot) == list(snapshot) == products
    assert (len(snapshot), list(snapshot.text_digests())) == (3, ["a", "b", "c"])
    assert snapshot.revision == catalog.revision() - 1
    snapshot.close()
    assert list(catalog.snapshot()) == named("bx")
