"""Every shown list is on record: what was asked, what stood where, by which models."""

import math
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from assistant.shown_lists import ShownLists, shown_lists_table, shown_products_table
from assistant.types import Session
from ranking.types import RankedProduct
from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.types import Filters, Product, Query, Variant

SESSION = Session("s1", "ann", turn=3)
QUERY = Query(
    "防水靴", Filters(exclude={"color": ("brown",)}, price_max_minor=12000), frozenset({"p9", "p1"}), "waterproof boots"
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    return engine


def ranked(product_id: str, score: float) -> RankedProduct:
    variants = (Variant(f"{product_id}-s", 500), Variant(f"{product_id}-m", 700, 900))
    product = Product(product_id, "Boots", "USD", variants)
    return RankedProduct(product, variants[1], score, {"relevance": score - 0.25, "price_fit": 0.25})


def test_a_list_is_recorded_whole(engine: Engine) -> None:
    list_id = ShownLists(engine).record(
        SESSION, QUERY, [ranked("p5", 1.5), ranked("p2", 1.0)], {"ranker": "r1", "embedder": "e1"}
    )
    with engine.connect() as connection:
        (shown,) = connection.execute(select(shown_lists_table)).all()
        products = connection.execute(select(shown_products_table).order_by(shown_products_table.c.position)).all()
    assert (shown.id, shown.session_id, shown.shopper_id, shown.turn) == (list_id, "s1", "ann", 3)
    assert shown.model_versions == {"ranker": "r1", "embedder": "e1"}
    assert shown.request["text"] == "防水靴"
    assert shown.request["semantic_text"] == "waterproof boots"
    assert shown.request["exclude_ids"] == ["p1", "p9"]
    assert (shown.request["filters"]["exclude"], shown.request["filters"]["price_max_minor"]) == (
        {"color": ["brown"]},
        12000,
    )
    assert [tuple(row) for row in products] == [
        (list_id, 0, "p5", "p5-m", 700, 1.5, {"relevance": 1.25, "price_fit": 0.25}),
        (list_id, 1, "p2", "p2-m", 700, 1.0, {"relevance": 0.75, "price_fit": 0.25}),
    ]


def test_an_empty_list_is_recorded_too_and_ids_differ(engine: Engine) -> None:
    lists = ShownLists(engine)
    ids = {lists.record(SESSION, Query("x"), [], {}) for _ in range(3)}
    with engine.connect() as connection:
        assert set(connection.execute(select(shown_lists_table.c.id)).scalars()) == ids
        assert connection.execute(select(shown_products_table)).all() == []
    assert len(ids) == 3


def test_the_merchant_reads_which_brands_were_seen(engine: Engine) -> None:
    brands = {"p1": "Acme", "p2": "Borea", "p3": None}
    Catalog(engine).replace_all(
        [Product(id_, "Boots", "USD", (Variant(id_, 500),), brand=brand) for id_, brand in brands.items()]
    )
    lists = ShownLists(engine)
    assert lists.exposure().empty
    for shown in (["p1", "p2", "p1"], ["p2"], [], ["p3", "gone"], ["p1"] * 5 + ["p2"]):
        lists.record(SESSION, QUERY, [ranked(id_, 1.0) for id_ in shown], {})
    frame = lists.exposure()
    second, third, five = 1 / math.log2(3), 0.5, sum(1 / math.log2(rank + 1) for rank in range(1, 6))
    weights = {"Acme": 1 + third + five, "Borea": second + 1, "": 1 + second}
    assert list(frame["brand"]) == ["Acme", "", "Borea"]
    assert dict(zip(frame["brand"], frame["exposure"], strict=True)) == pytest.approx(
        {brand: weight / sum(weights.values()) for brand, weight in weights.items()}
    )
    assert list(frame["n_lists"]) == [2, 1, 2]
    assert list(frame["n_places"]) == [7, 2, 2]
    assert sorted(lists.lists_of_brands(newest=2)) == [["", ""], ["Acme"] * 5]
