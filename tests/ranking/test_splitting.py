"""A log in three parts by time: nothing of a later part precedes an earlier one, and no visit is cut in two."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.splitting import split_by_time, visit_of
from ranking.types import Event
from retrieval.errors import ModelError

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: float, shopper: str = "s", session: str | None = None, list_id: str | None = None) -> Event:
    return Event(shopper, "p", "view", START + timedelta(hours=hours), session, list_id=list_id)


events = st.lists(
    st.builds(
        at,
        st.integers(0, 24 * 6) | st.floats(0, 100),
        st.sampled_from(["ann", "bob", "eve"]),
        st.none() | st.sampled_from(["1", "2", "3"]),
        st.none() | st.sampled_from(["x", "y"]),
    ),
    max_size=40,
)
shares = st.tuples(st.floats(0, 0.6), st.floats(0, 0.39))


@given(events, shares)
def test_no_event_of_a_later_part_precedes_one_of_an_earlier(log: list[Event], stated: tuple[float, float]) -> None:
    split = split_by_time(log, *stated)
    parts = [part for part in (split.train, split.validation, split.test) if part]
    for earlier, later in pairwise(parts):
        assert max(event.time for event in earlier) < min(event.time for event in later)


@given(events, shares)
def test_a_visit_is_whole_in_one_part_or_in_none(log: list[Event], stated: tuple[float, float]) -> None:
    split = split_by_time(log, *stated)
    sizes = Counter(map(visit_of, log))
    for part in (split.train, split.validation, split.test):
        assert all(sizes[visit] == n for visit, n in Counter(map(visit_of, part)).items())
        assert list(part) == sorted(part, key=lambda event: event.time)


@given(events, shares)
def test_every_event_is_in_one_part_or_counted_as_left_out(log: list[Event], stated: tuple[float, float]) -> None:
    split = split_by_time(log, *stated)
    kept = [*split.train, *split.validation, *split.test]
    assert len(kept) + split.n_left_out == len(log)
    assert not Counter(kept) - Counter(log)


def test_the_shares_are_of_the_events_and_the_newest_are_the_test() -> None:
    log = [at(n, session=str(n)) for n in range(100)]
    split = split_by_time(log[::-1], 0.15, 0.25)
    assert (split.train, split.validation, split.test) == (tuple(log[:60]), tuple(log[60:75]), tuple(log[75:]))
    assert split.n_left_out == 0


def test_a_session_over_a_cut_is_left_out_of_all_parts() -> None:
    log = [at(n, session="long" if n in (3, 9) else str(n)) for n in range(10)]
    split = split_by_time(log, 0.2, 0.2)
    assert [event.session_id for event in split.train] == ["0", "1", "2", "4", "5"]
    assert [event.session_id for event in split.validation] == ["6", "7"]
    assert [event.session_id for event in split.test] == ["8"]
    assert split.n_left_out == 2


def test_sessions_of_two_shoppers_may_have_one_name() -> None:
    log = [at(n, shopper=f"s{n}", session="1") for n in range(10)]
    assert split_by_time(log).n_left_out == 0


def test_without_validation_or_events() -> None:
    split = split_by_time([at(n, session=str(n)) for n in range(10)], 0.0, 0.2)
    assert (len(split.train), len(split.validation), len(split.test)) == (8, 0, 2)
    assert split_by_time([]).train == ()


@pytest.mark.parametrize("stated", [(-0.1, 0.1), (0.5, 0.5), (0.1, float("nan"))])
def test_shares_that_leave_nothing_to_train_on_are_refused(stated: tuple[float, float]) -> None:
    with pytest.raises(ModelError, match="both are 0 or more, together below 1"):
        split_by_time([at(0)], *stated)
