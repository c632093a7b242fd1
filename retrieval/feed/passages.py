"""Reviews and policies that come in files of their own.

In: files of any kind that is read, whose columns have our names or usual ones (reviews: id, product_id, rating,
language, title, text; policies: id, topic, language, title, text, kind). Out: typed values with their places, one at a
time; faults go to whoever listens. Knows no database and no product.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Cells
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from retrieval.feed.cells import present
from retrieval.feed.mapping import Mapping
from retrieval.feed.reader import find_sources, read_records
from retrieval.feed.report import RejectedRow, rejected
from retrieval.feed.row_models import FeedModel, PolicyRow, ReviewRow
from retrieval.feed.rows import validate
from retrieval.staging import Place
from retrieval.types import Policy, Review

Model = TypeVar("Model", bound=FeedModel)
Value = TypeVar("Value")
OnFault = Callable[[RejectedRow], None]
OnNote = Callable[[str], None]


class Passage(NamedTuple, Generic[Value]):
    """One review or policy, where it stood, and the cells under our names that it was read out of."""

    place: Place
    value: Value
    stated: Cells[str, Any]


def read_reviews(
    paths: Sequence[Path], mapping: Mapping, on_fault: OnFault, on_note: OnNote | None = None
) -> Iterator[Passage[Review]]:
    """The reviews in `paths` with their places, whatever their product.

    Raises:
        FeedError: a file cannot be read.
    """
    for place, row, stated in _rows(ReviewRow, paths, mapping, on_fault, on_note):
        yield Passage(place, Review(**row.model_dump()), stated)


def read_policies(
    paths: Sequence[Path], mapping: Mapping, on_fault: OnFault, on_note: OnNote | None = None
) -> Iterator[Passage[Policy]]:
    """The shop's rules and questions with answers in `paths`, with their places.

    Raises:
        FeedError: a file cannot be read.
    """
    for place, row, stated in _rows(PolicyRow, paths, mapping, on_fault, on_note):
        yield Passage(place, Policy(**row.model_dump()), stated)


def _rows(
    model: type[Model], paths: Sequence[Path], mapping: Mapping, on_fault: OnFault, on_note: OnNote | None
) -> Iterator[Passage[Model]]:
    kind = "reviews" if issubclass(model, ReviewRow) else "policies"
    for source in find_sources(paths, on_note) if paths else ():
        for record in read_records(source, mapping.encoding, on_note=on_note):
            if record.problem is not None:
                on_fault(rejected(record.file, record.line, f"{kind}.row", None, record.problem))
                continue
            row, wrong = validate(model, {"language": mapping.language} | present(record.values), mapping)
            for field, value, reason in wrong:
                on_fault(rejected(record.file, record.line, f"{kind}.{field}", value, reason))
            if row is not None:
                yield Passage(Place(record.file, record.line), row, model.stated(record.values))
