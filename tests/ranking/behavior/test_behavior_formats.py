"""One realistic file of each format, with exactly what it comes to."""

import gzip
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from event_shop import FILES, EventShop

from ranking.behavior.formats import choose_reader
from ranking.types import Event
from retrieval.errors import FeedError

GA4_EVENTS = [
    ("impression", "SKU_1", 0), ("impression", "SKU_2", 1), ("click", "SKU_2", 1), ("view", "SKU_2", None),
    ("add_to_cart", "SKU_2", None), ("favorite", "SKU_1", None), ("remove_from_cart", "SKU_2", None),
]  # fmt: skip


def brief(events: list[Event]) -> list[tuple[str, str, int | None]]:
    return [(event.type, event.product_id, event.position) for event in events]


def test_ga4(shop: EventShop) -> None:
    done = shop.take(FILES / "ga4.jsonl")
    assert done.formats == {"ga4.jsonl": "ga4"}
    assert (done.n_records, done.n_new, done.n_shoppers, done.exit_code) == (16, 10, 2, 3)
    assert done.passed_over == {"session_start": 1, "page_view": 1, "scroll": 1}
    assert done.left_out == {"duplicate": 2, "impossible time": 1, "invalid": 2, "unknown product": 1}
    guest = shop.of("1182634021.1700000100")
    assert brief(guest) == GA4_EVENTS
    assert {event.query for event in guest} == {"red tea [email]"}
    assert {event.list_id for event in guest[:3]} == {"search_results"}
    assert guest[0].time == datetime(2023, 11, 14, 22, 15, 3, tzinfo=UTC)
    assert len({event.session_id for event in guest}) == 1
    buyer = shop.of("customer-77")
    assert [(event.type, event.product_id, event.quantity) for event in buyer] == [
        ("purchase", "SKU_2", 3), ("purchase", "SKU_1", 1), ("refund", "SKU_1", 1),
    ]  # fmt: skip


def test_ga4_as_bigquery_names_it(shop: EventShop, tmp_path: Path) -> None:
    """BigQuery exports lines of JSON as .json, gzipped on request."""
    plain, packed = tmp_path / "events_20231114.json", tmp_path / "events_20231115.json.gz"
    shutil.copyfile(FILES / "ga4.jsonl", plain)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert shop.take(plain).n_new == 10
    again = shop.take(packed)
    assert (again.n_new, again.n_known) == (0, 10)


def test_segment(shop: EventShop) -> None:
    done = shop.take(FILES / "segment.jsonl")
    assert done.formats == {"segment.jsonl": "segment"}
    assert (done.n_records, done.n_new, done.exit_code) == (20, 12, 3)
    assert done.passed_over == {"page call": 1, "identify call": 1, "Checkout Started": 1}
    assert done.left_out == {"bot": 1, "duplicate": 1, "impossible time": 1, "invalid": 3}
    guest = shop.of("anon-1f")
    assert brief(guest) == [
        ("impression", "SKU_1", 0), ("impression", "SKU_2", 1), ("impression", "SKU_2", 0), ("click", "SKU_2", 1),
        ("view", "SKU_2", None), ("add_to_cart", "SKU_2", None), ("remove_from_cart", "SKU_2", None),
        ("favorite", "SKU_1", None),
    ]  # fmt: skip
    assert {event.query for event in guest} == {"black bag"}
    assert [event.list_id for event in guest[:4]] == ["deals", "deals", "today", None]
    assert guest[3].time == datetime(2026, 2, 23, 22, 29, 5, 500_000, tzinfo=UTC)
    buyer = shop.of("buyer-9")
    assert [(event.type, event.product_id, event.quantity, event.rating) for event in buyer] == [
        ("purchase", "SKU_2", 1, None), ("purchase", "SKU_1", 3, None), ("refund", "SKU_1", 1, None),
        ("rating", "SKU_2", None, 4.0),
    ]  # fmt: skip


def test_rudderstack(shop: EventShop) -> None:
    done = shop.take(FILES / "rudderstack.jsonl")
    assert done.formats == {"rudderstack.jsonl": "rudderstack"}
    assert (done.n_records, done.n_new, done.exit_code, done.left_out) == (6, 6, 0, {})
    guest = shop.of("e6ab2c5e-2cda-34a9-a962-e2f67df18bca")
    assert brief(guest) == [
        ("impression", "SKU_1", 0), ("impression", "SKU_2", 1), ("click", "SKU_1", 0), ("view", "SKU_1", None),
    ]  # fmt: skip
    assert {event.query for event in guest} == {"red tea"}
    assert {event.session_id is None for event in guest} == {False}
    assert [event.type for event in shop.of("buyer@example.com")] == ["purchase", "refund"]


POSTHOG_EVENTS = [
    ("impression", "SKU_1", 0), ("impression", "SKU_2", 1), ("click", "SKU_1", 0), ("view", "SKU_1", None),
    ("add_to_cart", "SKU_1", None),
]  # fmt: skip


def test_posthog(shop: EventShop) -> None:
    done = shop.take(FILES / "posthog.jsonl")
    assert done.formats == {"posthog.jsonl": "posthog"}
    assert (done.n_records, done.n_new, done.exit_code) == (8, 6, 0)
    assert done.passed_over == {"$pageview": 1, "$autocapture": 1}
    guest = shop.of("018f-anon")
    assert brief(guest) == POSTHOG_EVENTS
    # The cart was filled an hour after the search: that is no longer for its query.
    assert [event.query for event in guest] == ["红茶"] * 4 + [None]
    assert [(event.type, event.quantity) for event in shop.of("user-42")] == [("purchase", 2)]


def test_posthog_in_parquet_where_properties_are_text(shop: EventShop, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (FILES / "posthog.jsonl").read_text("utf-8").splitlines()]
    frame = pd.DataFrame(rows).assign(
        properties=[json.dumps(row["properties"]) for row in rows],
        timestamp=pd.to_datetime([row["timestamp"] for row in rows]),
    )
    frame.to_parquet(tmp_path / "export.parquet")
    assert shop.take(tmp_path / "export.parquet").n_new == 6
    assert brief(shop.of("018f-anon")) == POSTHOG_EVENTS
    assert shop.take(FILES / "posthog.jsonl").n_known == 6


def test_a_table_with_english_names(shop: EventShop) -> None:
    done = shop.take(FILES / "events_en.csv")
    assert "shopper = user_id, product = item_id, type = event_type" in done.formats["events_en.csv"]
    assert (done.n_records, done.n_new, done.exit_code) == (12, 5, 3)
    assert done.left_out == {
        "duplicate": 1, "impossible time": 2, "invalid": 2, "unknown product": 1, "unknown type": 1,
    }  # fmt: skip
    ann, bob = shop.of("ann"), shop.of("bob")
    assert [(event.type, event.quantity, event.query, event.position) for event in ann] == [
        ("view", None, "red tea", 0), ("add_to_cart", 2, None, None), ("purchase", 2, None, None),
    ]  # fmt: skip
    assert ann[0].time == bob[0].time == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert bob[0].query == "case, for [phone]"


CHINESE_EVENTS = [("view", "SKU_1"), ("add_to_cart", "SKU_1"), ("purchase", "SKU_1"), ("favorite", "SKU_2"),
                  ("not_interested", "SKU_2"), ("refund", "SKU_2")]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_with_chinese_names(shop: EventShop, tmp_path: Path, encoding: str) -> None:
    text = (FILES / "events_zh.csv").read_text("utf-8")
    (tmp_path / "行为.csv").write_text(text, encoding)
    done = shop.take(tmp_path / "行为.csv")
    assert (done.n_records, done.n_new, done.exit_code) == (9, 6, 3)
    assert done.left_out == {"impossible time": 1, "unknown product": 1, "unknown type": 1}
    assert shop.told() == CHINESE_EVENTS
    assert shop.of("13800138000")[0].query == "红茶 [phone]"
    assert shop.of("13800138000")[0].time == datetime(2026, 5, 1, 10, 10, tzinfo=UTC)


def test_a_table_through_a_mapping(shop: EventShop, write: Callable[[str, str], Path]) -> None:
    path = write(
        "orders.csv",
        "buyer,basket,done at,channel\nann,SKU_1|SKU_2-S,01.05.2026 12:30,web\nbob,SKU_2,02.05.2026 08:00,app\n"
        "eve,SKU_1,2026-05-02,app\nann,,03.05.2026 08:00,app\n",
    )
    done = shop.mapped(
        path,
        fields={"shopper": "buyer", "products": "basket", "time": "done at"},
        type="purchase",
        time_format="%d.%m.%Y %H:%M",
        time_zone="Asia/Shanghai",
    )
    assert (done.n_new, done.left_out) == (3, {"invalid": 2})
    assert [row.reason for row in done.examples] == [
        "is not written as the mapping's time_format '%d.%m.%Y %H:%M' says", "names no product",
    ]  # fmt: skip
    assert [(event.product_id, event.time.hour) for event in shop.of("ann")] == [("SKU_1", 4), ("SKU_2", 4)]


def test_words_labels_scales_and_places_of_a_mapping(shop: EventShop, write: Callable[[str, str], Path]) -> None:
    lines = [
        {"u": {"id": 7}, "what": "seen", "p": "SKU_1", "t": 1777630200, "rank": 1, "stars": 9, "event": "e1"},
        {"u": {"id": 7}, "what": "rated", "p": "SKU_1", "t": 1777630201, "rank": None, "stars": 9, "event": "e2"},
        {"u": {"id": 7}, "what": "logout", "p": None, "t": 1777630202, "rank": None, "stars": None, "event": "e3"},
        {"u": {"id": 7}, "what": "seen", "p": "SKU_2", "t": 1777630203, "rank": 2, "stars": None, "event": "e1"},
        {"u": {"id": 7}, "what": "seen", "p": "SKU_1", "t": 1777630204, "rank": 2, "stars": None, "event": "e1"},
    ]
    path = write("log.jsonl", "\n".join(map(json.dumps, lines)))
    done = shop.mapped(
        path,
        fields={
            "shopper": "u.id", "product": "p", "time": "t", "type": "what", "rating": "stars", "position": "rank",
            "message": "event",
        },
        types={"seen": "view", "rated": "rating"},
        ignore=["logout"],
        rating_scale=10,
        position_from=1,
    )  # fmt: skip
    assert (done.n_new, done.passed_over, done.left_out) == (3, {"logout": 1}, {"duplicate": 1})
    assert [(e.type, e.product_id, e.position, e.rating) for e in shop.of("7")] == [
        ("view", "SKU_1", 0, None), ("rating", "SKU_1", None, 4.5), ("view", "SKU_2", 1, None),
    ]  # fmt: skip


def test_labels_say_whether_an_impression_was_clicked(shop: EventShop, write: Callable[[str, str], Path]) -> None:
    path = write(
        "ctr.tsv", "user\titem\tlabel\tts\n1\tSKU_1\t1\t1777630200\n1\tSKU_2\t0\t1777630200\n1\tSKU_2\tx\t1777630200\n"
    )
    done = shop.take(path)
    assert shop.told() == [("click", "SKU_1"), ("impression", "SKU_2")]
    assert done.left_out == {"unknown type": 1}


def test_ratings(shop: EventShop) -> None:
    done = shop.take(FILES / "ratings.csv")
    assert (done.n_records, done.n_new, done.by_type, done.exit_code) == (5, 2, {"rating": 2}, 3)
    assert done.left_out == {"invalid": 2, "unknown product": 1}
    assert [(event.product_id, event.rating) for event in shop.of("1")] == [("SKU_2", 1.5), ("SKU_1", 4.0)]
    assert shop.of("1")[0].time == datetime(2000, 7, 30, 18, 20, 47, tzinfo=UTC)


def test_ratings_without_a_header_whose_items_are_told_by_title(shop: EventShop) -> None:
    done = shop.take(FILES / "u.data", items=(FILES / "u.item",))
    assert (done.n_records, done.n_new) == (4, 2)
    assert done.left_out == {"duplicate": 1, "unknown product": 1}
    assert [(event.product_id, event.rating) for event in shop.log.events()] == [("SKU_1", 3.0), ("SKU_2", 5.0)]


def test_items_that_name_their_product(shop: EventShop, write: Callable[[str, str], Path]) -> None:
    ratings = write("ratings.dat", "1::11::5::978300760\n1::12::3::978302109\n")
    items = write("items.csv", "item_id,sku,title\n11,SKU_2-M,whatever\n12,SKU_1,Red tea\n")
    assert shop.take(ratings, items=(items,)).n_new == 2
    assert shop.told() == [("rating", "SKU_2"), ("rating", "SKU_1")]
    with pytest.raises(FeedError, match=r"does not say which item is which product.*its columns are a, b"):
        shop.take(ratings, items=(write("bad.csv", "a,b\n1,2\n"),))


def test_what_is_not_recognised_is_refused_with_what_to_do(shop: EventShop, write: Callable[[str, str], Path]) -> None:
    with pytest.raises(FeedError, match=r"x.csv is no GA4, .* do not tell .*: colour, size\. Say so in a mapping"):
        shop.take(write("x.csv", "colour,size\nred,1\n"))
    with pytest.raises(FeedError, match="'ga3' is no format of events; the formats are ga4, segment"):
        shop.take(FILES / "ga4.jsonl", format="ga3")
    with pytest.raises(FeedError, match=r"products\.png is of no kind that is read"):
        shop.take(write("products.png", "x"))
    assert shop.log.count() == 0


def test_the_format_that_is_named_is_read_whatever_it_looks_like(shop: EventShop) -> None:
    done = shop.take(FILES / "posthog.jsonl", format="ga4")
    assert (done.n_new, done.exit_code, done.passed_over) == (0, 1, {"None": 8})
    assert choose_reader({"event": "x", "distinct_id": 1}, "f", "segment").name == "segment"


def test_several_files_and_formats_at_once(shop: EventShop) -> None:
    done = shop.take(FILES / "rudderstack.jsonl", FILES / "posthog.jsonl", FILES / "ratings.csv")
    assert (done.n_records, done.n_new) == (19, 14)
    assert set(done.formats) == {"rudderstack.jsonl", "posthog.jsonl", "ratings.csv"}
