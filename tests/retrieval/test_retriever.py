"""The retriever over real SQL, real Chroma and real BM25."""

import hashlib
import json
import logging
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings
from hashed_embedder import HashedEmbedder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.building import build
from retrieval.catalog import Catalog
from retrieval.chroma import COLLECTION
from retrieval.database import metadata, open_engine
from retrieval.dense import NEVER_CHROMA, Costs, DenseSearch
from retrieval.embedder import Progress
from retrieval.errors import EmbedderError, IndexDamaged
from retrieval.filters import passing_variant
from retrieval.fusion import N_PLACES
from retrieval.index import open_current
from retrieval.retriever import Retriever, open_retriever
from retrieval.types import Filters, Matrix, Product, Query, Variant
from retrieval.view import SORT_RELEVANCE

COLORS = ("red", "blue", "green", "grey")
FEATURES = ("waterproof", "lightweight", "foldable")
CATEGORIES = {"boots": "shoes", "sandals": "shoes", "tents": "outdoor"}
BRANDS = ("Northpeak", "Aria", "Lumo")
N_LARGE = NEVER_CHROMA + 2000
IN_HALVES = 2.0**-11
"""More than a cosine is off where the figures of a vector are rounded to half precision."""
CHROMA_IS_FREE = Costs(gather_s=1.0, scan_s=1.0, chroma_s=0.0, fetch_s=0.0)
CHROMA_IS_DEAR = Costs(chroma_s=1e9)


def random_product(number: int, rng: random.Random) -> Product:
    category = rng.choice(list(CATEGORIES))
    variants = tuple(
        Variant(
            f"{number}-{i}",
            rng.randrange(500, 30_000),
            stock=rng.choice([0, 0, 5, None]),
            attributes={"color": (color,)},
        )
        for i, color in enumerate(rng.sample(COLORS, rng.randint(1, 3)))
    )
    return Product(
        id=f"p{number:05}",
        title=f"{category} model {number}",
        currency="USD",
        variants=variants,
        brand=rng.choice([*BRANDS, None]),
        category=category,
        department=CATEGORIES[category],
        attributes={"feature": tuple(rng.sample(FEATURES, rng.randint(0, 2)))},
        n_reviews=rng.choice([None, rng.randrange(500)]),
    )


def catalog_of(products: list[Product], folder: Path) -> Catalog:
    engine = open_engine(folder / "shop.db")
    metadata.create_all(engine)
    catalog = Catalog(engine)
    catalog.replace_all(products)
    return catalog


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Retriever, list[Product]]:
    rng = random.Random(20261121)
    products = [random_product(number, rng) for number in range(N_LARGE)]
    folder = tmp_path_factory.mktemp("large")
    return open_retriever(catalog_of(products, folder), HashedEmbedder(), folder / "index"), products


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)


def attributes() -> st.SearchStrategy[dict[str, tuple[str, ...]]]:
    brands = tuple(brand.lower() for brand in BRANDS)
    return st.fixed_dictionaries({}, optional={"color": some(COLORS), "feature": some(FEATURES), "brand": some(brands)})


FILTERS = st.builds(
    Filters,
    category=st.sampled_from([None, None, "boots", "shoes", "outdoor", "unheard of"]),
    price_min_minor=st.none() | st.integers(0, 30_000),
    price_max_minor=st.none() | st.integers(500, 31_000),
    include=attributes(),
    exclude=attributes(),
    in_stock_only=st.booleans(),
    sort=st.sampled_from([None, None, "price_asc", "price_desc", "popular"]),
)
TEXTS = st.sampled_from(["", "boots", "model 77 tents", "sandals model", "nothing like it", "靴子"])


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    filters=FILTERS,
    text=TEXTS,
    k=st.sampled_from([5, 200, 1000]),
    costs=st.sampled_from([CHROMA_IS_FREE, CHROMA_IS_DEAR]),
)
def test_no_filter_is_ever_violated_and_nothing_is_missing(
    large, filters: Filters, text: str, k: int, costs: Costs
) -> None:
    retriever, products = large
    retriever.view = replace(retriever.view, dense=DenseSearch(retriever.index, costs))
    passing = {product.id for product in products if passing_variant(product, filters)}
    retrieved = retriever.retrieve(Query(text, filters), k)
    found = [candidate.product.id for candidate in retrieved.candidates]
    cheapest = min((passing_variant(p, filters).price_minor for p in products if p.id in passing), default=None)
    assert len(passing) == retriever.count(filters)
    assert retriever.count_and_cheapest(filters) == (len(passing), cheapest)
    assert set(found) <= passing
    assert len(found) == len(set(found))
    assert len(found) == min(k, retrieved.n_matched)
    if filters.sort and text and filters.category is None:
        relevance = relevance_of_all(retriever, text, passing)
        cut = SORT_RELEVANCE * relevance.max(initial=0.0)
        assert retrieved.n_matched == int((relevance >= cut).sum())
        assert all(candidate.relevance >= cut for candidate in retrieved.candidates)
    else:
        assert retrieved.n_matched == len(passing)
    for candidate in retrieved.candidates:
        assert candidate.variant == passing_variant(candidate.product, filters)
    if filters.sort == "price_asc":
        prices = [candidate.variant.price_minor for candidate in retrieved.candidates]
        assert prices == sorted(prices)


def relevance_of_all(retriever: Retriever, text: str, passing: set[str]) -> Matrix:
    """The relevance of every product that passes, by plain arithmetic; none of the texts speaks of an accessory."""
    rows = [row for row, product_id in enumerate(retriever.index.ids) if product_id in passing]
    asked = retriever.view.terms(Query(text))
    lexical = np.zeros(len(retriever.index), dtype=np.float32)
    for ((words, weight),) in asked.slots:
        found = retriever.index.lexical.posting(*words)
        lexical[found.rows] += weight * found.impacts
    lexical = lexical[rows]
    similarity = np.clip(retriever.index.vectors[rows] @ retriever.embedder.encode([text])[0], 0.0, None)
    coverage = min(lexical.max(initial=0.0) / (asked.full_score or 1.0), 1.0)
    n_as_good = np.searchsorted(np.sort(-lexical), -lexical, side="right")
    by_place = np.where(lexical > 0, 61 / (60 + np.minimum(n_as_good, N_PLACES)), 0.0)
    words = 0.75 * lexical / (lexical.max(initial=0.0) or 1.0) + 0.25 * by_place
    relevance = 0.5 * similarity / (similarity.max(initial=0.0) or 1.0) + 0.5 * coverage**4 * words
    return np.asarray(relevance, dtype=np.float32)


def test_a_sort_without_a_category_counts_only_what_is_relevant(tmp_path: Path) -> None:
    titles = {"a": "usb mouse", "b": "usb mouse", "c": "usb cable", "d": "kettle"}
    prices = {"a": 900, "b": 700, "c": 100, "d": 50}
    products = [Product(name, title, "USD", (Variant(name, prices[name]),)) for name, title in titles.items()]
    retriever = open_retriever(catalog_of(products, tmp_path), HashedEmbedder(), tmp_path / "index")
    query = Query("usb mouse", Filters(sort="price_asc"))
    retrieved = retriever.retrieve(query)
    assert [candidate.product.id for candidate in retrieved.candidates] == ["b", "a"]
    assert retrieved.n_matched == retriever.retrieve(query, 1).n_matched == 2
    assert retriever.retrieve(Query("usb mouse")).n_matched == 4


def test_without_filters_chroma_finds_what_exact_search_finds(large) -> None:
    retriever, products = large
    assert retriever.index.has_chroma
    n_hits = 0
    for product in products[:: len(products) // 100]:
        vector = retriever.embedder.encode([product.title])[0]
        exact = np.argsort(-(retriever.index.vectors[:] @ vector), kind="stable")[:10]
        n_hits += len(set(exact) & set(retriever.index.nearest(vector, 10)))
    assert n_hits >= 0.98 * 10 * len(products[:: len(products) // 100])


def test_order_relevance_and_the_numbers_behind_it(tmp_path: Path) -> None:
    products = [
        Product("a", "red boots", "USD", (Variant("a", 100),)),
        Product("b", "blue boots", "USD", (Variant("b", 200),)),
        Product("c", "kettle", "USD", (Variant("c", 300),)),
    ]
    retriever = open_retriever(catalog_of(products, tmp_path), HashedEmbedder(), tmp_path / "index")
    first, second, third = retriever.retrieve(Query("blue boots")).candidates
    assert [first.product.id, second.product.id, third.product.id] == ["b", "a", "c"]
    # Its title is longer than the average one (5/3 words), so that it says less than a full score.
    counts = 3 / (0.25 + 0.75 * 2 / (5 / 3))
    coverage = counts / (1.2 + counts) / (3 / 4.2)
    assert first.relevance == pytest.approx(0.5 + 0.5 * coverage**4)
    assert first.similarity == pytest.approx(1.0, abs=IN_HALVES)
    assert third.lexical_score == 0.0
    assert first.lexical_score > second.lexical_score > 0
    assert first.embedding == pytest.approx(retriever.embedder.encode(["blue boots"])[0], abs=IN_HALVES)
    shown = retriever.retrieve(Query("blue boots", exclude_ids=frozenset({"b"})))
    assert [candidate.product.id for candidate in shown.candidates] == ["a", "c"]
    assert shown.n_matched == 2


def test_without_words_the_most_reviewed_come_first(tmp_path: Path) -> None:
    products = [Product(name, name, "USD", (Variant(name, 100),), n_reviews=n) for name, n in (("a", 1), ("b", 7))]
    retriever = open_retriever(catalog_of(products, tmp_path), HashedEmbedder(), tmp_path / "index")
    retrieved = retriever.retrieve(Query(""))
    assert [candidate.product.id for candidate in retrieved.candidates] == ["b", "a"]
    assert retrieved.query_vector is None


def test_the_index_follows_the_catalog_and_embeds_only_new_texts(tmp_path: Path) -> None:
    products = [Product(name, name, "USD", (Variant(name, 100),)) for name in ("a", "b", "c")]
    catalog, embedder = catalog_of(products, tmp_path), HashedEmbedder()
    assert open_retriever(catalog, embedder, tmp_path / "index").n_embedded == 3
    assert open_retriever(catalog, embedder, tmp_path / "index").n_embedded == 0
    catalog.replace_all([*products[1:], *named("defg")])
    retriever = open_retriever(catalog, embedder, tmp_path / "index")
    assert retriever.n_embedded == 4
    assert retriever.index.ids[:] == ["b", "c", "d", "e", "f", "g"]
    assert [path.name for path in (tmp_path / "index").iterdir() if path.is_dir()] == [retriever.index.folder.name]


N_FLUSHED = 1100
"""From 1,000 rows on Chroma keeps its HNSW graph in files."""

DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda content: None,
    "zero-byte": lambda content: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "garbage": lambda content: b"\x80 no such thing \x00\xff",
    "half garbage": lambda content: content[: len(content) // 2] + random.Random(7).randbytes((len(content) + 1) // 2),
}
CHROMA_FILES = ("chroma.sqlite3", "data_level0.bin", "header.bin", "index_metadata.pickle", "link_lists.bin")
FILES = (
    *("current", "meta.json", "ids.json", "text_digests.json", "vectors.npy"),
    *("starts.npy", "rows.npy", "impacts.npy", "titles.npy", "accessories.npy", "lengths.npy", "terms.json"),
    *(*CHROMA_FILES, "length.bin"),
)


def named(names: Sequence[str]) -> list[Product]:
    return [Product(name, name, "USD", (Variant(name, 100),)) for name in names]


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalog, Path]:
    folder = tmp_path_factory.mktemp("thousand")
    catalog = catalog_of(named([f"p{number:04}" for number in range(N_FLUSHED)]), folder)
    open_retriever(catalog, HashedEmbedder(), folder / "index").index.close()
    return catalog, folder / "index"


def damage(index_dir: Path, name: str, how: str) -> None:
    (victim,) = (path for path in index_dir.rglob(name) if path.is_file())
    content = DAMAGES[how](victim.read_bytes())
    victim.unlink() if content is None else victim.write_bytes(content)


def test_the_files_to_damage_are_all_there_are(thousand) -> None:
    _, index_dir = thousand
    assert sorted(path.name for path in index_dir.rglob("*") if path.is_file()) == sorted([*FILES, "texts.json"])


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_index_is_found_and_rebuilt(thousand, name: str, how: str) -> None:
    catalog, index_dir = thousand
    before = (index_dir / "current").read_text()
    damage(index_dir, name, how)
    retriever = open_retriever(catalog, HashedEmbedder(), index_dir, watch_s=0.01)
    # Without Chroma the shop opens at once, and the rebuild goes on beside.
    assert retriever.retrieve(Query("p0007")).candidates[0].product.id == "p0007"
    assert retriever.watch.wait_until(lambda watch: watch.n_rounds > 0 and watch.damage is None, 60)
    retriever.close()
    assert retriever.index.folder.name != before
    assert [path for path in index_dir.iterdir() if path.is_dir()] == [retriever.index.folder]
    assert retriever.retrieve(Query("p0007")).candidates[0].product.id == "p0007"


@pytest.mark.parametrize("how", DAMAGES)
def test_damaged_digests_of_texts_cost_only_an_embedding(tmp_path: Path, how: str) -> None:
    catalog, embedder = catalog_of(named("abc"), tmp_path), HashedEmbedder()
    first = open_retriever(catalog, embedder, tmp_path / "index").index
    first.close()
    damage(tmp_path / "index", "texts.json", how)
    second = open_retriever(catalog, embedder, tmp_path / "index").index
    second.close()
    assert second.folder == first.folder
    catalog.replace_all(named("abcdefg"))
    retriever = open_retriever(catalog, embedder, tmp_path / "index")
    assert retriever.n_embedded == 7
    assert retriever.retrieve(Query("b")).candidates[0].product.id == "b"


@pytest.mark.parametrize("text", ["", "..", ".", "../index", "/", "20991231T235959-00000000", "a\x00b", "x" * 5000])
def test_a_pointer_to_nowhere_is_damage(tmp_path: Path, text: str) -> None:
    catalog = catalog_of(named("ab"), tmp_path)
    open_retriever(catalog, HashedEmbedder(), tmp_path / "index").index.close()
    (tmp_path / "index" / "current").write_text(text)
    with pytest.raises(IndexDamaged, match="names no index"):
        open_current(tmp_path / "index")
    assert open_retriever(catalog, HashedEmbedder(), tmp_path / "index").count(Filters()) == 2


def test_an_undamaged_index_stays_whatever_chroma_writes_while_it_is_used(tmp_path: Path) -> None:
    for n in (3, 1000, 1999):
        catalog = catalog_of(named([f"p{number:04}" for number in range(n)]), tmp_path)
        folders = set()
        for _ in range(4):
            index = open_retriever(catalog, HashedEmbedder(), tmp_path / "index").index
            index.nearest(index.vectors[1], n)
            index.close()
            folders.add(index.folder)
        assert len(folders) == 1


def test_an_index_of_another_format_is_rebuilt_without_embedding_again(tmp_path: Path) -> None:
    catalog, embedder = catalog_of(named("abc"), tmp_path), HashedEmbedder()
    index = open_retriever(catalog, embedder, tmp_path / "index").index
    index.close()
    meta = json.loads((index.folder / "meta.json").read_text())
    (index.folder / "meta.json").write_text(json.dumps({**meta, "format": meta["format"] - 1}))
    again = open_retriever(catalog, embedder, tmp_path / "index")
    assert again.index.folder != index.folder
    assert again.n_embedded == 0


def chroma_of(retriever: Retriever) -> chromadb.ClientAPI:
    path = str(retriever.index.folder / "chroma")
    return chromadb.PersistentClient(path=path, settings=Settings(anonymized_telemetry=False))


def test_nothing_stays_open_of_an_index_that_failed_its_check(tmp_path: Path) -> None:
    catalog = catalog_of(named("abc"), tmp_path)
    first = open_retriever(catalog, HashedEmbedder(), tmp_path / "index")
    with chroma_of(first) as client:
        client.get_collection(COLLECTION, embedding_function=None).delete(ids=["b"])
    first.close()
    second = open_retriever(catalog, HashedEmbedder(), tmp_path / "index", watch_s=0.01)
    assert second.watch.wait_until(lambda watch: watch.n_found > 0 and watch.damage is None, 60)
    assert second.index.folder != first.index.folder
    assert second.watch.wait_until(lambda _: not first.index.folder.exists(), 60)
    open_files = [os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert any(str(second.index.folder / "chroma") in name for name in open_files)
    assert not any(str(first.index.folder / "chroma") in name for name in open_files)


class FailingEmbedder(HashedEmbedder):
    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        raise EmbedderError("out of order")


def test_vectors_of_an_index_from_before_they_were_halved_are_taken_over(tmp_path: Path) -> None:
    catalog, embedder = catalog_of(named("abc"), tmp_path), HashedEmbedder()
    index = open_retriever(catalog, embedder, tmp_path / "index").index
    index.close()
    exact = index.vectors[:]
    np.save(index.folder / "vectors.npy", exact)
    meta = json.loads((index.folder / "meta.json").read_text())
    meta["files"]["vectors.npy"] = hashlib.sha256((index.folder / "vectors.npy").read_bytes()).hexdigest()
    (index.folder / "meta.json").write_text(json.dumps({**meta, "format": 6}))
    retriever = open_retriever(catalog, embedder, tmp_path / "index")
    assert retriever.n_embedded == 0
    assert retriever.index.folder != index.folder
    assert (retriever.index.vectors[:] == exact).all()
    assert np.load(retriever.index.folder / "vectors.npy").dtype == np.float16
    retriever.close()


def test_a_build_that_fails_leaves_the_old_index_and_nothing_else(tmp_path: Path) -> None:
    catalog = catalog_of(named("ab"), tmp_path)
    first = open_retriever(catalog, HashedEmbedder(), tmp_path / "index").index
    first.close()
    before = sorted((tmp_path / "index").iterdir())
    for names in ("abc", "abcdef"):
        catalog.replace_all(named(names))
        with pytest.raises(EmbedderError, match="out of order"):
            open_retriever(catalog, FailingEmbedder(), tmp_path / "index")
    without_details = Product("c", "c", "USD", (Variant("c", 100),), details=None)
    with pytest.raises(TypeError, match="NoneType"):
        build(tmp_path / "index", [*named("ab"), without_details], HashedEmbedder())
    assert sorted((tmp_path / "index").iterdir()) == before
    assert open_current(tmp_path / "index").ids[:] == ["a", "b"]


KILLED = """
import os, signal, sys
from pathlib import Path
from hashed_embedder import HashedEmbedder
from retrieval.building import build
from retrieval.types import Product, Variant

class Fatal(dict):
    def values(self):
        os.kill(os.getpid(), signal.SIGKILL)

build(Path(sys.argv[1]), [Product("x", "x", "USD", (Variant("x", 1),), details=Fatal())], HashedEmbedder())
"""


def test_what_a_killed_build_left_is_cleared_away_at_the_next_opening(tmp_path: Path) -> None:
    catalog, index_dir = catalog_of(named("ab"), tmp_path), tmp_path / "index"
    first = open_retriever(catalog, HashedEmbedder(), index_dir).index
    first.close()
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(index_dir)], env=env, check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = (path for path in index_dir.iterdir() if path.is_dir() and path != first.folder)
    assert (left / "vectors.npy").is_file()
    again = open_retriever(catalog, HashedEmbedder(), index_dir).index
    assert [path for path in index_dir.iterdir() if path.is_dir()] == [again.folder] == [first.folder]


@pytest.mark.parametrize("how", ["collection deleted", "client closed", "database overwritten"])
def test_search_goes_on_exactly_where_chroma_fails_while_serving(
    large, tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    healthy, products = large
    retriever = open_retriever(healthy.catalog, HashedEmbedder(), tmp_path / "index")
    assert retriever.index.has_chroma
    with chroma_of(retriever) as client:
        if how == "collection deleted":
            client.delete_collection(COLLECTION)
    if how == "client closed":
        retriever.index.chroma._client.close()
    if how == "database overwritten":
        (retriever.index.folder / "chroma" / "chroma.sqlite3").write_bytes(b"overwritten" * 1000)
    retriever.view = replace(retriever.view, dense=DenseSearch(retriever.index, CHROMA_IS_FREE))
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            found = retriever.retrieve(Query(products[77].title, Filters(in_stock_only=False)), 10)
            assert found.n_matched == len(products)
            assert found.candidates[0].product.title == products[77].title
    assert not retriever.index.has_chroma
    (logged,) = (record for record in caplog.records if record.name == "retrieval.index")
    assert "every search is exact until Chroma can be used again" in logged.getMessage()
    retriever.close()


def test_a_reader_beside_the_owner_searches_exactly_and_never_rebuilds(tmp_path: Path) -> None:
    products = [Product(name, name, "USD", (Variant(name, 100),)) for name in ("a", "b")]
    catalog = catalog_of(products, tmp_path)
    with pytest.raises(IndexDamaged, match="another process owns the shop"):
        open_retriever(catalog, HashedEmbedder(), tmp_path / "index", owner=False)
    open_retriever(catalog, HashedEmbedder(), tmp_path / "index")
    reader = open_retriever(catalog, HashedEmbedder(), tmp_path / "index", owner=False)
    assert not reader.index.has_chroma
    assert [c.product.id for c in reader.retrieve(Query("b")).candidates] == ["b", "a"]


def test_a_price_changed_behind_the_index_is_never_shown_as_the_old_one(tmp_path: Path) -> None:
    catalog = catalog_of([Product("a", "a", "USD", (Variant("a", 100),))], tmp_path)
    retriever = open_retriever(catalog, HashedEmbedder(), tmp_path / "index")
    catalog.replace_all([Product("a", "a", "USD", (Variant("a", 999),))])
    assert retriever.retrieve(Query("a", Filters(price_max_minor=100))).candidates == ()


def test_no_index_yet(tmp_path: Path) -> None:
    assert open_current(tmp_path) is None
