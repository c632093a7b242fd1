"""What `train --embedder` learns from, and what it does when that is of no use."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tiny_encoder import tiny_encoder

from assistant.adapting import pairs_of, products_to_learn_from, run_embedder_training
from assistant.shop import Shop
from ranking.types import Event
from retrieval.errors import ModelError
from retrieval.types import Product, Variant

COLORS = [f"hue{letter}" for letter in "abcdefghijkl"]
THINGS = [f"thing{letter}" for letter in "abcdefghijklmnopqrst"]
ENGLISH = frozenset({"en"})


def named(title: str, stock: int = 5) -> Product:
    return Product(title, title, "USD", (Variant(title, 900, stock=stock),))


def products() -> list[Product]:
    return [named(f"{color} {thing}") for color in COLORS for thing in THINGS]


def events(n: int) -> list[Event]:
    """As many searches of distinct words, each with a purchase."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    return [
        Event(
            f"s{i}", f"{COLORS[i % 12]} {THINGS[i % 20]}", "purchase", start + timedelta(hours=i), query=f"want{i} it"
        )
        for i in range(n)
    ]


def test_a_shop_without_events_is_measured_by_its_own_words() -> None:
    parts, source = pairs_of([], products(), ENGLISH, seed=0)
    assert source == "catalog"
    assert all(len(part) >= 20 for part in (parts.train, parts.validation, parts.test))


def test_a_few_choices_are_learnt_from_but_not_measured_by() -> None:
    parts, source = pairs_of(events(30), products(), ENGLISH, seed=0)
    assert source == "catalog"
    asked = [{pair.query for pair in part if pair.query.startswith("want")} for part in (parts.train, parts.test)]
    assert 10 < len(asked[0]) < 30
    assert not asked[1]


def test_many_choices_are_what_is_measured_by() -> None:
    parts, source = pairs_of(events(400), products(), ENGLISH, seed=0)
    assert source == "clicks"
    assert all(pair.query.startswith("want") for pair in (*parts.validation, *parts.test))
    assert {pair.query.startswith("want") for pair in parts.train} == {True, False}


def test_where_the_embedder_reads_nothing_another_one_is_called_for() -> None:
    with pytest.raises(ModelError, match=r"can read no title of a product in stock: name one .*docs/embedder.md"):
        pairs_of([], [named("蛐蛐罐")], ENGLISH, seed=0)
    with pytest.raises(ModelError, match="whether anything is in stock"):
        pairs_of([], [], ENGLISH, seed=0)


def test_what_is_sold_out_is_not_learnt_from_and_what_shoppers_know_comes_first() -> None:
    catalog = [*products()[1:], named(products()[0].title, stock=0)]
    learnt, n_in_stock = products_to_learn_from(catalog, events(7), seed=0, limit=10)
    known = {event.product_id for event in events(7)} - {products()[0].id}
    assert n_in_stock == len(products()) - 1
    assert len(learnt) == 10
    assert known <= {product.id for product in learnt}
    assert learnt == products_to_learn_from(catalog, events(7), seed=0, limit=10)[0]
    assert len(products_to_learn_from(catalog, [], seed=0)[0]) == n_in_stock


@pytest.mark.slow
def test_an_encoder_that_is_no_better_is_thrown_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "shop"
    tiny_encoder(tmp_path / "tiny", [*COLORS, *THINGS])
    root.mkdir()
    (root / "shop.toml").write_text(f'[embedder]\nmodel = "{tmp_path / "tiny"}"\n', "utf-8")
    with Shop(root) as shop:
        shop.catalog.replace_all(products())
    with pytest.raises(ModelError, match=r"is not clearly better .* read as before"):
        run_embedder_training(root, 0, always=False)
    assert "by the catalog's own words" in " ".join(capsys.readouterr().out.split())
    assert not list((root / "models").iterdir())
    run_embedder_training(root, 0, always=True)
    assert [path.name for path in (root / "models").iterdir()] == ["embedder"]
    with Shop(root) as shop:
        embedder = shop.embedder()
        assert embedder.query_fingerprint != embedder.fingerprint
