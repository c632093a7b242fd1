"""Which format a file of events is in, told by its first record.

In: a record's names. Out: the reader for its file, or an error that says what is missing.
"""

from collections.abc import Mapping
from typing import Any

from ranking.behavior.acts import EventReader, as_object
from ranking.behavior.ecommerce_spec import PostHogReader, SegmentReader
from ranking.behavior.ga4 import Ga4Reader
from ranking.behavior.mapping import EventMapping, guess_mapping
from ranking.behavior.tables import TableReader
from retrieval.errors import FeedError

FORMATS = ("ga4", "segment", "rudderstack", "posthog", "ratings", "table")
"""What `--format` may say; "ratings" and "table" are both tables, whose columns are told by their names."""

NAMED_COLUMNS = 40


def choose_reader(
    values: Mapping[str, Any], file: str, format_: str | None = None, mapping: EventMapping | None = None
) -> EventReader:
    """The reader for a file whose first record this is.

    Args:
        values: the record.
        file: what messages call the file.
        format_: one of `FORMATS`; None: whatever the record looks like.
        mapping: of a table, where the merchant wrote one; it then is a table whatever it looks like.

    Raises:
        FeedError: there is no such format, or nothing tells which column is what.
    """
    if format_ is not None and format_ not in FORMATS:
        raise FeedError(f"{format_!r} is no format of events; the formats are {', '.join(FORMATS)}")
    if mapping is not None:
        return TableReader(mapping)
    name = format_ or _recognise(values)
    if name == "ga4":
        return Ga4Reader()
    if name == "posthog":
        return PostHogReader()
    if name in ("segment", "rudderstack"):
        return SegmentReader(name)
    guessed = guess_mapping(values)
    if guessed is None:
        shown = ", ".join(map(str, list(values)[:NAMED_COLUMNS]))
        raise FeedError(
            f"{file} is no GA4, Segment, RudderStack or PostHog export, and its columns do not tell what is the "
            f"shopper, the product, the time and the type (or rating): {shown}. Say so in a mapping (--mapping, see "
            "docs/events.md)"
        )
    return TableReader(guessed)


def _recognise(values: Mapping[str, Any]) -> str:
    """The format whose names a record has.

    >>> _recognise({"event_name": "purchase", "event_timestamp": 1, "items": []})
    'ga4'
    """
    names = values.keys()
    if {"event_name", "event_timestamp"} <= names and names & {"event_params", "user_pseudo_id", "items"}:
        return "ga4"
    if {"event", "distinct_id"} <= names:
        return "posthog"
    if names & {"anonymousId", "userId"} and names & {"messageId", "context", "properties", "traits"}:
        library = as_object(as_object(values.get("context")).get("library")).get("name")
        is_rudder = "rudderId" in names or "rudder" in str(library).casefold()
        return "rudderstack" if is_rudder else "segment"
    return "table"
