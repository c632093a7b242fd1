"""The behaviour log: order, limits, the frame, and eight writers at once."""

import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ranking.events import EventStore
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


FULL = event("ann", 3, type="purchase", session_id="s", query="靴子", list_id="l", position=0)


def test_events_come_back_oldest_first(store: EventStore) -> None:
    assert store.add([FULL, event("bob", 1), event("ann", 2)]) == 3
    assert store.add([event("ann", 0)]) == 1
    assert store.events() == [event("ann", 0), event("bob", 1), event("ann", 2), FULL]
    assert store.events("ann") == [event("ann", 0), event("ann", 2), FULL]
    assert store.events(limit=2) == [event("ann", 2), FULL]
    assert store.events("ann", limit=1) == [FULL]
    assert (store.events("eve"), store.count()) == ([], 4)


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
        (Event("ann", "p1", "stare", NOON), "'stare' is no type of event; the types are impression, view"),
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
        "shopper_id", "product_id", "type", "time", "session_id", "query", "list_id", "position",
    ]  # fmt: skip
    assert frame["shopper_id"].tolist() == ["bob", "ann"]
    assert frame["time"].tolist() == [NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)]
    assert str(frame["time"].dt.tz) == "UTC"
    assert frame["position"].isna().tolist() == [True, False]
    assert frame["position"][1] == 0


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
    ),
    max_size=8,
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
            store.add([Event(sys.argv[2], f"p{n}", "view", datetime.now(UTC))] * 2)
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
