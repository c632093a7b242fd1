"""The behaviour log: order, limits, the frame, what comes twice, and eight writers at once."""

import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ranking.events import COLUMNS, EventStore, act_key, microseconds
from ranking.types import EVENT_TYPES, Event
from retrieval.database import metadata, open_engine
from retrieval.errors import CatalogError

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> EventStore:
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    return EventStore(engine)


def event(shopper: str, minutes: int, **fields: object) -> Event:
    stated = {"type": "view", "product_id": "p1", **fields}
    return Event(shopper_id=shopper, time=NOON + timedelta(minutes=minutes), **stated)


FULL = event("ann", 3, type="purchase", session_id="s", query="靴子", list_id="l", position=0, quantity=2)


def test_events_come_back_oldest_first(store: EventStore) -> None:
    assert store.add([FULL, event("bob", 1), event("ann", 2)]) == 3
    assert store.add([event("ann", 0)]) == 1
    assert store.events() == [event("ann", 0), event("bob", 1), event("ann", 2), FULL]
    assert store.events("ann") == [event("ann", 0), event("ann", 2), FULL]
    assert store.events(limit=2) == [event("ann", 2), FULL]
    assert store.events("ann", limit=1) == [FULL]
    assert (store.events("eve"), store.count()) == ([], 4)


def test_what_is_new_of_one_shopper_is_read_by_its_place_in_the_log(store: EventStore) -> None:
    store.add([event("ann", 5), event("bob", 1)])
    (first,) = store.since("ann")
    assert (first.event, first.recipient) == (event("ann", 5), None)
    assert store.since("ann", first.place) == []
    store.add([event("ann", 9), event("ann", 2)])
    assert [item.event for item in store.since("ann", first.place)] == [event("ann", 2), event("ann", 9)]
    with store._engine.connect() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM events WHERE shopper_id = 'a' AND id > 3")
        assert "ix_events_shopper_id_time" in str(plan.all())


def test_an_act_for_someone_else_is_marked_and_a_shopper_can_be_forgotten(store: EventStore) -> None:
    store.add([event("ann", 1), event("ann", 2), event("bob", 1)])
    place = store.place(event("ann", 2))
    assert place is not None
    store.was_for([place], "son")
    assert [item.recipient for item in store.since("ann")] == [None, "son"]
    assert store.place(event("eve", 1)) is None
    assert (store.forget("ann"), store.forget("ann")) == (2, 0)
    assert store.events() == [event("bob", 1)]


def test_the_same_act_is_stored_once(store: EventStore) -> None:
    assert store.add([FULL, FULL, event("ann", 3, type="purchase", query="boots")]) == 1
    beijing = FULL.time.astimezone(timezone(timedelta(hours=8)))
    assert store.add([replace(FULL, time=beijing), event("ann", 3, type="refund")]) == 1
    assert [(stored.type, stored.query) for stored in store.events()] == [("purchase", "靴子"), ("refund", None)]


def staged(path: Path, *rows: tuple[object, ...]) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE ready ({', '.join(COLUMNS)}, key)")
        database.executemany(f"INSERT INTO ready VALUES ({', '.join('?' * (len(COLUMNS) + 1))})", rows)
        database.commit()
    return path


def test_a_staged_import_is_merged_in_order_of_time(store: EventStore, tmp_path: Path) -> None:
    late, early = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), datetime(1995, 1, 1, tzinfo=UTC)
    store.add([Event("ann", "p", "view", late)])
    row = ("s", "q", "l", 3, None, None)
    path = staged(
        tmp_path / "staged.db",
        ("ann", "p", "view", microseconds(late), *row, act_key("ann", "p", "view", microseconds(late))),
        ("bob", "p", "rating", microseconds(late) + 1, None, None, None, None, 4.5, None, "k1"),
        ("bob", "p", "view", microseconds(early), *row, "k2"),
    )
    assert store.merge(path) == 2
    assert store.events() == [
        Event("bob", "p", "view", early, "s", "q", "l", 3),
        Event("ann", "p", "view", late),
        Event("bob", "p", "rating", late + timedelta(microseconds=1), rating=4.5),
    ]
    assert (store.merge(path), store.count()) == (0, 3)


def test_clearing_forgets_everything(store: EventStore) -> None:
    store.add([FULL, event("bob", 1)])
    assert (store.clear(), store.count(), store.clear()) == (2, 0, 0)


def test_events_of_one_moment_keep_the_order_they_were_added_in(store: EventStore) -> None:
    same = [event("ann", 0, product_id=f"p{n}") for n in range(50)]
    store.add(same)
    assert store.events() == same
    assert store.events(limit=3) == same[-3:]


def test_times_are_stored_in_utc(store: EventStore) -> None:
    beijing = datetime(2026, 11, 21, 20, 0, 0, 123456, timezone(timedelta(hours=8)))
    store.add([Event("ann", "p1", "view", beijing)])
    (stored,) = store.events()
    assert stored.time == beijing
    assert stored.time.isoformat() == "2026-11-21T12:00:00.123456+00:00"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (Event("ann", "p1", "stare", NOON), "'stare' is no type of event; the types are impression, click"),
        (Event("ann", "p1", "view", NOON.replace(tzinfo=None)), "no time zone"),
    ],
)
def test_one_bad_event_keeps_all_out(store: EventStore, bad: Event, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        store.add([*(event("ann", n) for n in range(2_500)), bad])
    assert store.count() == 0


def test_the_frame(store: EventStore) -> None:
    store.add([FULL, event("bob", 1)])
    frame = store.frame()
    assert list(frame.columns) == [
        "shopper_id", "product_id", "type", "time", "session_id", "query", "list_id", "position", "rating", "quantity",
        "recipient",
    ]  # fmt: skip
    assert frame["shopper_id"].tolist() == ["bob", "ann"]
    assert frame["time"].tolist() == [NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)]
    assert str(frame["time"].dt.tz) == "UTC"
    assert frame["position"].isna().tolist() == [True, False]
    assert frame["position"][1] == 0
    assert frame["quantity"].tolist()[1] == 2
    assert (str(frame["rating"].dtype), str(frame["quantity"].dtype)) == ("float64", "Int64")


def test_the_frame_of_no_events(store: EventStore) -> None:
    frame = store.frame()
    assert (len(frame), str(frame["time"].dt.tz)) == (0, "UTC")


words = st.text(max_size=8)
some_events = st.lists(
    st.builds(
        Event,
        words,
        words,
        st.sampled_from(EVENT_TYPES),
        st.datetimes(timezones=st.just(UTC)),
        st.none() | words,
        st.none() | words,
        st.none() | words,
        st.none() | st.integers(0, 10**6),
        st.none() | st.floats(0, 5),
        st.none() | st.integers(1, 10**6),
    ),
    max_size=8,
    unique_by=lambda event: (event.shopper_id, event.product_id, event.type, event.time),
)


@given(some_events)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_events_come_back(store: EventStore, wanted: list[Event]) -> None:
    store.clear()
    store.add(wanted)
    assert store.events() == sorted(wanted, key=lambda event: event.time)


def test_eight_processes_write_at_once_and_lose_nothing(tmp_path: Path, store: EventStore) -> None:
    script = textwrap.dedent("""
        import sys
        from datetime import UTC, datetime
        from pathlib import Path
        from ranking.events import EventStore
        from ranking.types import Event
        from retrieval.database import open_engine

        store = EventStore(open_engine(Path(sys.argv[1])))
        for n in range(40):
            now = datetime.now(UTC)
            store.add([Event(sys.argv[2], f"p{n}", type_, now) for type_ in ("view", "click")])
    """)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "shop.db"), f"shopper{n}"], stderr=subprocess.PIPE, text=True
        )
        for n in range(8)
    ]
    told = [writer.communicate(timeout=120)[1] for writer in writers]
    assert told == [""] * 8
    assert store.count() == 8 * 40 * 2
    assert [event.product_id for event in store.events("shopper5")] == [f"p{n}" for n in range(40) for _ in range(2)]
