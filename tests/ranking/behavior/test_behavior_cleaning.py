"""What an import leaves out and why; what comes twice; and that nothing is half imported."""

import csv
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from event_shop import FILES, EventShop, make_shop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ranking.behavior.bots import FOR_MINUTES, PER_DAY, PER_MINUTE, Machines
from ranking.behavior.times import BadTime, read_time
from ranking.types import EVENT_TYPES
from retrieval.errors import FeedError
from retrieval.types import Product, Variant

Write = Callable[[str, str], Path]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MAY = 1_777_630_200
HEADER = "shopper,product,type,time\n"


def rows(*given: str) -> str:
    return HEADER + "".join(f"{row}\n" for row in given)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1700000000", (1_700_000_000_000_000, "seconds")),
        (1_700_000_000.5, (1_700_000_000_500_000, "seconds")),
        ("1.7e9", (1_700_000_000_000_000, "seconds")),
        (1_700_000_000_123, (1_700_000_000_123_000, "milliseconds")),
        ("1700000000123456", (1_700_000_000_123_456, "microseconds")),
        (1_700_000_000_123_456_789, (1_700_000_000_123_456, "nanoseconds")),
        ("2023-11-14T22:13:20Z", (1_700_000_000_000_000, "ISO 8601")),
        ("2023-11-15 06:13:20+08:00", (1_700_000_000_000_000, "ISO 8601")),
        ("2023/11/14 22:13:20", (1_700_000_000_000_000, "ISO 8601")),
        (datetime(2023, 11, 14, 22, 13, 20), (1_700_000_000_000_000, "ISO 8601")),
        ("2023-11-14", (1_699_920_000_000_000, "ISO 8601")),
        ("2026-11-21T12:59:00Z", (1_795_265_940_000_000, "ISO 8601")),
    ],
)
def test_times_are_recognised_by_their_size(cell: object, expected: tuple[int, str]) -> None:
    assert read_time(cell, NOW) == expected


@pytest.mark.parametrize(
    ("cell", "impossible"),
    [
        ("0", True), ("-5", True), ("20231114", True), ("99999999999", True), ("1994-12-31T23:59:59Z", True),
        ("2026-11-21T13:00:01Z", True), ("9999-12-31T23:59:59-12:00", True), (1_795_300_000, True),
        ("1e400", False),
        ("", False), ("yesterday", False), ("NaN", False), ("14.11.2023", False), ("１７０００", False),
        (None, False), ("1_700_000_000", False), ("9" * 5000, False), ({}, False), ("2023-02-30", False),
    ],
)  # fmt: skip
def test_what_is_no_time_is_told_from_what_is_impossible(cell: object, impossible: bool) -> None:
    with pytest.raises(BadTime) as refused:
        read_time(cell, NOW)
    assert refused.value.impossible == impossible


@given(st.datetimes(datetime(1995, 1, 1), datetime(2026, 11, 21)), st.sampled_from([1, 10**3, 10**6]))
def test_every_time_in_every_unit_is_read_back(moment: datetime, per_second: int) -> None:
    whole = moment.replace(tzinfo=UTC, microsecond=0)
    found, unit = read_time(int(whole.timestamp()) * per_second, NOW)
    assert found == int(whole.timestamp()) * 10**6
    assert unit == {1: "seconds", 10**3: "milliseconds", 10**6: "microseconds"}[per_second]


def test_each_file_has_one_unit_of_its_own(shop: EventShop, write: Write) -> None:
    seconds = write("a.csv", rows(f"a,SKU_1,view,{MAY}", f"a,SKU_1,view,{MAY + 1}", f"a,SKU_1,view,{MAY}000"))
    millis = write("b.csv", rows(f"b,SKU_1,view,{MAY}000", f"b,SKU_1,view,{MAY + 1}000", f"b,SKU_1,view,{MAY}"))
    done = shop.take(seconds, millis)
    assert (done.n_new, done.left_out) == (4, {"impossible time": 2})
    assert {(row.file, row.line, row.value) for row in done.examples} == {
        ("a.csv", 4, "2026-05-01T10:10:00Z"), ("b.csv", 4, "2026-05-01T10:10:00Z"),
    }  # fmt: skip


def test_the_report_names_every_row_and_calculates_nothing(shop: EventShop, tmp_path: Path) -> None:
    done = shop.take(FILES / "events_en.csv", report=tmp_path / "out" / "report.csv")
    with (tmp_path / "out" / "report.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert [(row["line"], row["field"]) for row in told] == [
        ("6", "product"), ("7", "event_type"), ("8", "user_id"), ("9", "product"), ("10", "time"), ("11", "time"),
        ("12", "position"),
    ]  # fmt: skip
    assert sum(done.left_out.values()) == len(told)
    assert not [cell for row in told for cell in row.values() if cell[:1] in "=+-@\t\r" and cell]


def test_a_report_holds_no_shoppers_id(shop: EventShop, write: Write, tmp_path: Path) -> None:
    path = write("x.csv", rows(f"{'ann@example.com' * 20},SKU_1,view,{MAY}", f"ann@example.com,SKU_8,view,{MAY}"))
    done = shop.take(path, report=tmp_path / "report.csv")
    assert done.left_out == {"invalid": 1, "unknown product": 1}
    assert "ann@" not in (tmp_path / "report.csv").read_text("utf-8")


def test_unknown_products_can_be_kept(shop: EventShop, write: Write) -> None:
    path = write("x.csv", rows(f"a,SKU_8,view,{MAY}", f"a,SKU_2-M,view,{MAY}"))
    done = shop.take(path, keep_unknown=True)
    assert (done.n_new, done.exit_code) == (2, 0)
    assert sorted(shop.told()) == [("view", "SKU_2"), ("view", "SKU_8")]


def test_retired_products_are_known(shop: EventShop, write: Write) -> None:
    shop.catalog.delete(["SKU_1"])
    assert shop.take(write("x.csv", rows(f"a,SKU_1,view,{MAY}"))).n_new == 1


def test_a_variant_of_two_products_is_no_product(tmp_path: Path, write: Write) -> None:
    twins = [Product(id_, id_, "USD", (Variant("M", 100), Variant(f"{id_}-S", 100))) for id_ in ("p", "q")]
    shop = make_shop(tmp_path, twins)
    done = shop.take(write("x.csv", rows(f"a,M,view,{MAY}", f"a,q-S,view,{MAY}")))
    assert (done.left_out, shop.told()) == ({"unknown product": 1}, [("view", "q")])


def test_what_comes_twice_is_taken_once(shop: EventShop, write: Write) -> None:
    first = write("a.csv", rows(f"a,SKU_1,view,{MAY}", f"a,SKU_1,view,{MAY}", f"a,SKU_1,click,{MAY}"))
    longer = write("b.csv", rows(f"a,SKU_1,view,{MAY}", f"a,SKU_1,view,{MAY + 1}"))
    done = shop.take(first, write("c.csv", rows(f"a,SKU_1,click,{MAY}")))
    assert (done.n_new, done.left_out) == (2, {"duplicate": 2})
    done = shop.take(longer)
    assert (done.n_new, done.n_known, done.left_out, done.exit_code) == (1, 1, {}, 0)
    done = shop.take(longer)
    assert (done.n_new, done.n_known, done.by_type, done.exit_code) == (0, 2, {}, 0)


def test_a_dry_run_counts_and_changes_nothing(shop: EventShop) -> None:
    done = shop.take(FILES / "segment.jsonl", dry_run=True)
    assert (done.n_new, done.is_dry, shop.log.count()) == (12, True, 0)
    assert shop.take(FILES / "segment.jsonl").by_type == done.by_type


def test_a_file_that_breaks_leaves_all_of_them_out(shop: EventShop, write: Write) -> None:
    broken = write("broken.json", '[{"shopper": "a", "product": "SKU_1", "type": "view", "time": 1777630200}, {"a": ')
    with pytest.raises(FeedError, match=r"broken\.json is not JSON"):
        shop.take(FILES / "segment.jsonl", broken)
    assert shop.log.count() == 0
    assert [path.name for path in shop.database.parent.iterdir() if path.is_dir()] == []


def test_broken_lines_cost_only_themselves(shop: EventShop, write: Write) -> None:
    good = (FILES / "rudderstack.jsonl").read_text("utf-8")
    done = shop.take(write("x.jsonl", "{broken\n[1]\n" + good + '"text"\n'))
    assert (done.n_records, done.n_new, done.left_out) == (9, 6, {"invalid": 3})


def visits(shopper: str, n_minutes: int, per_minute: int, start: int = MAY - MAY % 60) -> list[str]:
    return [
        f"{shopper},SKU_1,view,{(start + minute * 60) * 1000 + n * 60_000 // per_minute}"
        for minute in range(n_minutes) for n in range(per_minute)
    ]  # fmt: skip


def test_shoppers_that_no_hand_could_keep_up_with_are_machines(shop: EventShop, write: Write) -> None:
    path = write(
        "x.csv",
        rows(
            *visits("fast", FOR_MINUTES, PER_MINUTE + 1),
            *visits("human", FOR_MINUTES, PER_MINUTE),
            *visits("burst", FOR_MINUTES - 1, PER_MINUTE * 2),
            *visits("steady", PER_DAY // 10 + 1, 10, MAY - MAY % 86_400),
        ),
    )
    done = shop.take(path)
    assert done.left_out == {"bot": FOR_MINUTES * (PER_MINUTE + 1) + PER_DAY + 10}
    assert {(row.value, row.reason) for row in done.examples} == {
        (shop.pseudonyms.shopper("fast"), "did more than 30 things a minute for 5 minutes on end: a machine"),
        (shop.pseudonyms.shopper("steady"), "did more than 3,000 things on one day: a machine"),
    }
    assert len(shop.of("human")) == FOR_MINUTES * PER_MINUTE
    assert len(shop.of("burst")) == (FOR_MINUTES - 1) * PER_MINUTE * 2


def test_an_order_of_many_lines_is_one_act() -> None:
    machines = Machines()
    for minute in range(20):
        for _ in range(500):
            machines.see("s", minute * 60_000_000, False)
    assert list(machines.found()) == []


def test_user_agents_that_say_so(shop: EventShop, write: Write) -> None:
    lines = [f"{n},SKU_1,view,{MAY},{agent}" for n, agent in enumerate(["Googlebot/2.1", "curl/8.5", "Safari/605"])]
    path = write("x.csv", "shopper,product,type,time,user_agent\n" + "\n".join(lines) + "\n")
    assert shop.take(path).left_out == {"bot": 2}


def test_a_search_gives_its_query_to_what_follows_in_its_session(shop: EventShop, write: Write) -> None:
    given = [
        ("a", 0, "search", "", "red tea", "1"), ("a", 60, "view", "SKU_1", "", "1"), 
        ("a", 61, "view", "SKU_2", "bag", "1"),
        ("a", 62, "view", "SKU_1", "", "2"), ("b", 63, "view", "SKU_1", "", "1"), ("a", 90, "search", "", "mug", "1"),
        ("a", 91, "click", "SKU_1", "", "1"), ("a", 90 + 1801, "purchase", "SKU_1", "", "1"),
    ]  # fmt: skip
    lines = [
        f"{shopper},{product},{type_},{MAY + s},{query},{session}"
        for shopper, s, type_, product, query, session in given
    ]
    path = write("x.csv", "shopper,product,type,time,query,session\n" + "\n".join(lines) + "\n")
    assert shop.take(path).left_out == {}
    assert [(event.type, event.query) for event in shop.of("a")] == [
        ("view", "red tea"), ("view", "bag"), ("view", None), ("click", "mug"), ("purchase", None),
    ]  # fmt: skip
    assert shop.of("b")[0].query is None


cells = st.sampled_from(
    ["", " ", "a", "SKU_1", "SKU_2-S", "view", "购买", "NaN", "1e400", "１２", "-1", "=1+1", "\x00",
     "\u202e", "9" * 300, str(MAY), f"{MAY}000", "2026-05-01", "null", "1_000", "3.5"]
) | st.text(st.characters(codec="utf-8", exclude_characters='\r\n"'), max_size=12)  # fmt: skip
tables = st.lists(st.tuples(*[cells] * 7), max_size=30)


@given(tables)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_is_taken_or_told_row_by_row(shop: EventShop, tmp_path: Path, given: list[tuple[str, ...]]) -> None:
    shop.log.clear()
    names = ("shopper", "product", "type", "time", "rating", "query", "position")
    path = tmp_path / "any.jsonl"
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in given), "utf-8")
    done = shop.take(path)
    assert done.n_records == len(given)
    assert done.n_new == shop.log.count()
    events = shop.log.events()
    assert all(event.type in EVENT_TYPES and event.product_id in ("SKU_1", "SKU_2") for event in events)
    assert done.n_new + done.n_left_out <= len(given)
    again = shop.take(path)
    assert (again.n_new, again.n_known) == (0, done.n_new)


KILLED = """
    import sys
    from pathlib import Path
    from event_shop import KEY
    from ranking.behavior.importer import import_events
    from ranking.behavior.pseudonyms import Pseudonyms
    from ranking.events import EventStore
    from retrieval.database import open_engine

    database = Path(sys.argv[1])
    print("started", flush=True)
    import_events(database, EventStore(open_engine(database)), Pseudonyms(KEY), [Path(sys.argv[2])])
    print("done", flush=True)
"""


@pytest.mark.slow
def test_killed_anywhere_nothing_is_half_imported(shop: EventShop, write: Write) -> None:
    n = 20_000
    path = write("big.csv", rows(*(f"s{i % 997},SKU_{1 + i % 2},view,{MAY + i * 7}" for i in range(n))))
    for seconds in (0.1, 0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0):
        worker = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(KILLED), str(shop.database), str(path)],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        )  # fmt: skip
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(seconds)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert shop.log.count() in (0, n)
    assert shop.take(path).n_new + shop.take(path).n_known >= n
    assert shop.log.count() == n


def test_leftovers_of_killed_imports_are_removed(shop: EventShop) -> None:
    old, fresh = (shop.database.parent / f"import-events-{name}" for name in ("old", "fresh"))
    for folder in (old, fresh):
        folder.mkdir()
    long_ago = time.time() - timedelta(days=2).total_seconds()
    os.utime(old, (long_ago, long_ago))
    shop.take(FILES / "rudderstack.jsonl")
    assert (old.exists(), fresh.exists()) == (False, True)
