"""Parquet to records, batch by batch.

In: a Parquet file; one that is compressed or inside a zip is unpacked into a temporary file first, since Parquet is
read from its end. Out: one record a row, dates as ISO text, fractions as `Decimal`, NaN as None. Needs pyarrow, which
is an extra. Knows no mapping.
"""

import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any, cast

from retrieval.errors import FeedError
from retrieval.feed.readers.json_rows import as_record
from retrieval.feed.readers.opening import MAX_FILE_BYTES, Source, open_source
from retrieval.feed.readers.records import MAX_COLUMNS, Reading, Record

BATCH_ROWS = 500


def read_parquet(source: Source, reading: Reading) -> Iterator[Record]:
    """Every row of a Parquet file.

    Raises:
        FeedError: pyarrow is not installed, or the file is damaged or too large.
    """
    try:
        import pyarrow  # heavy, and an extra
        from pyarrow import parquet
    except ImportError as error:
        raise FeedError(
            f"{source.name} is a Parquet file, which needs pyarrow: "
            'pip install "conversational-shopping-assistant[parquet]"'
        ) from error
    with _seekable(source) as file:
        try:
            table = parquet.ParquetFile(file)
            _check(table.metadata, source.name)
            line = 0
            for batch in table.iter_batches(batch_size=BATCH_ROWS):
                for row in batch.to_pylist():
                    line += 1
                    record = as_record(source.name, line, {str(name): _plain(cell) for name, cell in row.items()})
                    yield Record(record.file, record.line, record.values, record.problem, table.metadata.num_rows)
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
            raise FeedError(f"{source.name} is not a readable Parquet file: {error}") from error


def _check(metadata: Any, name: str) -> None:
    n_bytes = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    if n_bytes > MAX_FILE_BYTES:
        raise FeedError(
            f"{name} unpacks to {n_bytes:,} bytes, more than the {MAX_FILE_BYTES:,} that are read: split it"
        )
    if metadata.num_columns > MAX_COLUMNS:
        raise FeedError(f"{name} has {metadata.num_columns:,} columns, more than the {MAX_COLUMNS:,} that are read")


@contextmanager
def _seekable(source: Source) -> Iterator[IO[bytes]]:
    if source.entry is None and not source.path.name.lower().endswith(".gz"):
        with source.path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as unpacked:
        with open_source(source) as packed:
            shutil.copyfileobj(packed, unpacked)
        unpacked.seek(0)
        yield cast(IO[bytes], unpacked)


def _plain(cell: Any) -> Any:
    """A cell as JSON's types."""
    if isinstance(cell, float):
        return None if math.isnan(cell) else Decimal(repr(cell))
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    # Arrow gives a map as a list of pairs.
    is_map = isinstance(cell, list) and cell and all(isinstance(inner, tuple) and len(inner) == 2 for inner in cell)
    if isinstance(cell, dict) or is_map:
        pairs = cell.items() if isinstance(cell, dict) else cell
        return {str(name): _plain(inner) for name, inner in pairs}
    if isinstance(cell, list):
        return [_plain(inner) for inner in cell]
    return cell if cell is None or isinstance(cell, (str, int, Decimal)) else str(cell)
