"""A merchant's product feed to validated products: files, mapping, report.

Importing this package loads pandas; import it where a feed is read, not before.
"""

from retrieval.feed.importer import FeedResult, ImportReport, import_feed, read_feed
from retrieval.feed.mapping import Mapping, canonical_mapping, load_mapping
from retrieval.feed.passages import read_policies, read_reviews
from retrieval.feed.report import RejectedRow, write_report

__all__ = [
    "FeedResult",
    "ImportReport",
    "Mapping",
    "RejectedRow",
    "canonical_mapping",
    "import_feed",
    "load_mapping",
    "read_feed",
    "read_policies",
    "read_reviews",
    "write_report",
]
