"""Real exports beside the checkout: every row is an event or told."""

from pathlib import Path

import pytest
from event_shop import make_shop

from ranking.splitting import split_by_time
from retrieval.types import Product, Variant

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not beside the checkout"),
]


def catalog(ids: dict[str, str]) -> list[Product]:
    return [Product(id_, title, "USD", (Variant(id_, 100),)) for id_, title in ids.items()]


@pytest.fixture(scope="module")
def titles() -> dict[str, str]:
    rows = [line.split("\t") for line in (DATA / "ml-100k" / "ml-100k.item").read_text("utf-8").splitlines()[1:]]
    return {row[0]: row[1] or "unnamed" for row in rows}


def test_movielens_as_ratings(tmp_path: Path, titles: dict[str, str]) -> None:
    shop = make_shop(tmp_path, catalog(titles))
    done = shop.take(DATA / "ml-100k" / "ml-100k.inter")
    assert (done.n_records, done.n_new, done.by_type, done.n_shoppers) == (100_000, 100_000, {"rating": 100_000}, 943)
    assert (done.left_out, done.exit_code) == ({}, 0)
    assert shop.take(DATA / "ml-100k" / "ml-100k.inter").n_known == 100_000
    split = split_by_time(shop.log.events())
    assert len(split.train) + len(split.validation) + len(split.test) + split.n_left_out == 100_000
    assert split.train[-1].time < split.validation[0].time
    assert split.validation[-1].time < split.test[0].time


def test_movielens_items_told_by_title(tmp_path: Path, titles: dict[str, str]) -> None:
    unique = {title: id_ for id_, title in titles.items()}
    shop = make_shop(tmp_path, catalog({f"product-{id_}": title for title, id_ in unique.items()}))
    done = shop.take(DATA / "ml-100k" / "ml-100k.inter", items=(DATA / "ml-100k" / "ml-100k.item",))
    assert (done.n_new + done.n_left_out, done.left_out.keys() <= {"duplicate", "unknown product"}) == (100_000, True)
    assert done.n_new > 99_500


def test_bundle_purchases_through_a_mapping(tmp_path: Path) -> None:
    path = DATA / "bundles_electronic" / "user_item.csv"
    lines = path.read_text("utf-8").splitlines()[1:]
    shop = make_shop(tmp_path, catalog({line.split(",")[1]: "item" for line in lines}))
    done = shop.mapped(path, fields={"shopper": "user ID", "product": "item ID", "time": "timestamp"}, type="purchase")
    assert (done.n_records, done.n_new, done.left_out) == (6_165, 4_461, {"duplicate": 1_704})
    assert len(set(lines)) == 4_461
