"""Reviews and policies that come in files of their own.

In: CSV, JSON or JSONL files whose columns have our names (id, product_id, rating, language, title, text; id, topic,
language, title, text, kind). Out: typed values and a report line per fault. Knows no database.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from retrieval.feed.cells import present
from retrieval.feed.mapping import Mapping
from retrieval.feed.reader import find_sources, read_records
from retrieval.feed.report import RejectedRow, rejected
from retrieval.feed.row_models import PolicyRow, ReviewRow
from retrieval.feed.rows import validate
from retrieval.types import Policy, Product, Review

Model = TypeVar("Model", bound=BaseModel)


def read_reviews(
    paths: Sequence[Path], mapping: Mapping, products: Iterable[Product]
) -> tuple[tuple[Review, ...], tuple[RejectedRow, ...]]:
    """The reviews in `paths` of these `products`; a review of no product, or repeated, is reported.

    Raises:
        FeedError: a file cannot be read.
    """
    known = {product.id for product in products}
    taken: dict[tuple[str, str], Review] = {}
    faults: list[RejectedRow] = []
    for place, row in _rows(ReviewRow, paths, mapping, faults):
        if row.product_id not in known:
            faults.append(rejected(*place, "reviews.product_id", row.product_id, "is no product of this import"))
        elif (row.product_id, row.id) in taken:
            faults.append(rejected(*place, "reviews.id", row.id, "repeats the id of another review of this product"))
        else:
            taken[row.product_id, row.id] = Review(**row.model_dump())
    return tuple(taken.values()), tuple(faults)


def read_policies(paths: Sequence[Path], mapping: Mapping) -> tuple[tuple[Policy, ...], tuple[RejectedRow, ...]]:
    """The shop's rules and questions with answers in `paths`; one repeated in the same language is reported.

    Raises:
        FeedError: a file cannot be read.
    """
    taken: dict[tuple[str, str], Policy] = {}
    faults: list[RejectedRow] = []
    for place, row in _rows(PolicyRow, paths, mapping, faults):
        if (row.id, row.language) in taken:
            faults.append(rejected(*place, "policies.id", row.id, "repeats the id of another policy in this language"))
        else:
            taken[row.id, row.language] = Policy(**row.model_dump())
    return tuple(taken.values()), tuple(faults)


def _rows(
    model: type[Model], paths: Sequence[Path], mapping: Mapping, faults: list[RejectedRow]
) -> Iterator[tuple[tuple[str, int], Model]]:
    """The valid rows with their places; what is wrong with the others is added to `faults`."""
    kind = "reviews" if issubclass(model, ReviewRow) else "policies"
    for source in find_sources(paths):
        for record in read_records(source, mapping.encoding):
            if record.problem is not None:
                faults.append(rejected(record.file, record.line, kind, None, record.problem))
                continue
            row, wrong = validate(model, {"language": mapping.language} | present(record.values), mapping)
            faults.extend(
                rejected(record.file, record.line, f"{kind}.{field}", value, reason) for field, value, reason in wrong
            )
            if row is not None:
                yield (record.file, record.line), row
