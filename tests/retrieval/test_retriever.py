"""The retriever over real SQL, real Chroma and real BM25."""

import random
from pathlib import Path

import numpy as np
import pytest
from hashed_embedder import HashedEmbedder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.errors import IndexDamaged
from retrieval.filters import passing_variant
from retrieval.index import open_current
from retrieval.retriever import EXACT_BELOW, Retriever, open_retriever
from retrieval.types import Filters, Product, Query, Variant

COLORS = ("red", "blue", "green", "grey")
FEATURES = ("waterproof", "lightweight", "foldable")
CATEGORIES = {"boots": "shoes", "sandals": "shoes", "tents": "outdoor"}
BRANDS = ("Northpeak", "Aria", "Lumo")
N_LARGE = EXACT_BELOW + 2000


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
@given(filters=FILTERS, text=TEXTS, k=st.sampled_from([5, 200]))
def test_no_filter_is_ever_violated_and_nothing_is_missing(large, filters: Filters, text: str, k: int) -> None:
    retriever, products = large
    passing = {product.id for product in products if passing_variant(product, filters)}
    retrieved = retriever.retrieve(Query(text, filters), k)
    found = [candidate.product.id for candidate in retrieved.candidates]
    cheapest = min((passing_variant(p, filters).price_minor for p in products if p.id in passing), default=None)
    assert retrieved.n_matched == len(passing) == retriever.count(filters)
    assert retriever.count_and_cheapest(filters) == (len(passing), cheapest)
    assert set(found) <= passing
    assert len(found) == len(set(found))
    if not (filters.sort and text and filters.category is None):
        assert len(found) == min(k, len(passing))
    for candidate in retrieved.candidates:
        assert candidate.variant == passing_variant(candidate.product, filters)
    if filters.sort == "price_asc":
        prices = [candidate.variant.price_minor for candidate in retrieved.candidates]
        assert prices == sorted(prices)


def test_without_filters_chroma_finds_what_exact_search_finds(large) -> None:
    retriever, products = large
    assert retriever.index.has_chroma
    n_hits = 0
    for product in products[:: len(products) // 100]:
        vector = retriever.embedder.encode([product.title])[0]
        exact = np.argsort(-(retriever.index.vectors @ vector), kind="stable")[:10]
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
    assert first.relevance == pytest.approx(1.0)
    assert first.similarity == pytest.approx(1.0, abs=1e-5)
    assert third.lexical_score == 0.0
    assert first.lexical_score > second.lexical_score > 0
    assert first.embedding == pytest.approx(retriever.embedder.encode(["blue boots"])[0])
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
    open_retriever(catalog, embedder, tmp_path / "index")
    assert embedder.n_encoded == 3
    open_retriever(catalog, embedder, tmp_path / "index")
    assert embedder.n_encoded == 3
    catalog.replace_all([*products[1:], Product("d", "d", "USD", (Variant("d", 100),))])
    retriever = open_retriever(catalog, embedder, tmp_path / "index")
    assert embedder.n_encoded == 4
    assert retriever.index.ids == ["b", "c", "d"]
    assert [path.name for path in (tmp_path / "index").iterdir() if path.is_dir()] == [retriever.index.folder.name]


@pytest.mark.parametrize("victim", ["meta.json", "ids.json", "vectors.npy", "bm25", "chroma"])
def test_a_damaged_index_is_found_and_rebuilt(tmp_path: Path, victim: str) -> None:
    products = [Product(name, name, "USD", (Variant(name, 100),)) for name in ("a", "b", "c")]
    catalog = catalog_of(products, tmp_path)
    index = open_retriever(catalog, HashedEmbedder(), tmp_path / "index").index
    index.close()
    folder = index.folder
    (folder / victim).rename(folder / "moved-away")
    retriever = open_retriever(catalog, HashedEmbedder(), tmp_path / "index")
    assert retriever.index.folder != folder
    assert retriever.retrieve(Query("b")).candidates[0].product.id == "b"


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
