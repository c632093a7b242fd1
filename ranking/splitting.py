"""A log of events in three parts by time: to learn from, to choose by, to measure on.

In: events of any shoppers. Out: an `EventSplit`. Knows no model and no database.

Two moments cut the log for all shoppers alike, so that no event of a later part precedes one of an earlier part: what
is learned never comes from the time it is measured on. A visit is not cut in two: one that reaches over a moment is
left out of all parts, since half of it would tell how the other half goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ranking.types import Event
from retrieval.errors import ModelError

VALIDATION_SHARE, TEST_SHARE = 0.1, 0.1


@dataclass(frozen=True, slots=True)
class EventSplit:
    """Three parts, each oldest first and wholly before the next; `n_left_out` events belong to visits over a cut."""

    train: tuple[Event, ...]
    validation: tuple[Event, ...]
    test: tuple[Event, ...]
    n_left_out: int


def visit_of(event: Event) -> tuple[str, str]:
    """What keeps events together: the shopper and their session; without one, the shown list or nothing, of one day.

    >>> from datetime import UTC
    >>> visit_of(Event("s", "p", "view", datetime(2026, 1, 2, tzinfo=UTC)))
    ('s', '2026-01-02')
    """
    if event.session_id:
        return event.shopper_id, event.session_id
    day = event.time.date().isoformat()
    return event.shopper_id, f"{event.list_id} {day}" if event.list_id else day


def split_by_time(
    events: Iterable[Event], validation_share: float = VALIDATION_SHARE, test_share: float = TEST_SHARE
) -> EventSplit:
    """Cut a log at two moments, so that about the shares asked for lie between them and after them.

    Args:
        events: in any order.
        validation_share: of the events, in [0, 1).
        test_share: of the events, in [0, 1); the newest.

    Returns:
        The parts; any may be empty, where many events have one time or visits are long.

    Raises:
        ModelError: the shares are below 0, or leave nothing to train on.
    """
    if not (validation_share >= 0 and test_share >= 0 and validation_share + test_share < 1):
        raise ModelError(
            f"shares of {validation_share} for validation and {test_share} for test leave nothing to train on: "
            "both are 0 or more, together below 1"
        )
    ordered = sorted(events, key=lambda event: event.time)
    if not ordered:
        return EventSplit((), (), (), 0)
    cuts = [_cut(ordered, 1 - validation_share - test_share), _cut(ordered, 1 - test_share)]
    spans: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for event in ordered:
        first, _ = spans.get(visit_of(event), (event.time, event.time))
        spans[visit_of(event)] = (first, event.time)
    parts: tuple[list[Event], list[Event], list[Event]] = ([], [], [])
    for event in ordered:
        begins, ends = (sum(cut is not None and cut <= time for cut in cuts) for time in spans[visit_of(event)])
        if begins == ends:
            parts[begins].append(event)
    train, validation, test = map(tuple, parts)
    return EventSplit(train, validation, test, len(ordered) - len(train) - len(validation) - len(test))


def _cut(ordered: list[Event], share: float) -> datetime | None:
    """The moment from which the next part starts, where `share` of the events come before it; None: never."""
    place = round(len(ordered) * share)
    return ordered[place].time if place < len(ordered) else None
