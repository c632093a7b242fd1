"""A merchant's product feed to validated products: files, mapping, report.

Importing this package loads pandas; import it where a feed is read, not before.
"""

from retrieval.feed.importer import FeedResult, FeedRow, read_feed, read_rows
from retrieval.feed.mapping import Mapping, canonical_mapping, load_mapping
from retrieval.feed.partial import merge_rows
from retrieval.feed.report import ImportReport, RejectedRow
from retrieval.feed.staged import FeedFiles, StagedFeed, stage_feed

__all__ = [
    "FeedFiles",
    "FeedResult",
    "FeedRow",
    "ImportReport",
    "Mapping",
    "RejectedRow",
    "StagedFeed",
    "canonical_mapping",
    "load_mapping",
    "merge_rows",
    "read_feed",
    "read_rows",
    "stage_feed",
]
