"""What was embedded for a generation of the index that is not finished yet, on disk as it is made.

In: keys of texts and their vectors. Out: the same again after the process was killed. Knows no text and no embedder.

A header line naming the embedder, then records of one length: the key, the vector, and a checksum of both. A record
that was cut off or damaged is as if it had never been there: its text is embedded again.
"""

import logging
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from retrieval.types import Matrix, Vector

logger = logging.getLogger(__name__)

MAX_RECORDS = 2_000_000
"""Nothing more is kept in a file of so many; it can only get there by builds that failed over and over."""


class UnfinishedVectors:
    """Vectors by their texts' keys, in a file that outlives the process. Close it, or use it in a `with`."""

    def __init__(self, file: Path, fingerprint: str, dimension: int) -> None:
        """Take up what the file holds; one of another embedder is begun anew, one that can't be used isn't used.

        Args:
            file: where.
            fingerprint: the embedder's.
            dimension: of its vectors.
        """
        self.file = file
        self._record = np.dtype([("key", "u1", 32), ("vector", "<f4", dimension), ("checksum", "<u4")])
        self._header = f"{fingerprint} {dimension}\n".encode()
        self._rows: dict[bytes, int] = {}
        self._records: Any = None
        self._out: IO[bytes] | None = None
        self._n = 0
        try:
            self._open()
        except (OSError, ValueError) as error:
            self._give_up(error)

    def __enter__(self) -> "UnfinishedVectors":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, key: str) -> Vector | None:
        """The vector that was kept before this was opened, `(d,)` float32, if its record is whole."""
        row = self._rows.get(bytes.fromhex(key))
        if row is None:
            return None
        record = self._records[row]
        if _checksum(record) != int(record["checksum"]):
            logger.warning("a vector in %s is damaged: its text is embedded again", self.file)
            return None
        return np.array(record["vector"], dtype=np.float32)

    def add(self, keys: Sequence[str], vectors: Matrix) -> None:
        """Keep these, `vectors[i]` being that of `keys[i]`; a disk that is full costs only embedding them again."""
        if self._out is None or self._n + len(keys) > MAX_RECORDS:
            return
        records = np.zeros(len(keys), dtype=self._record)
        records["key"] = np.frombuffer(b"".join(map(bytes.fromhex, keys)), np.uint8).reshape(-1, 32)
        records["vector"] = vectors
        records["checksum"] = [_checksum(record) for record in records]
        try:
            self._out.write(records.tobytes())
            self._out.flush()
            self._n += len(keys)
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Let go of the file; it stays."""
        self._rows, self._records = {}, None
        out, self._out = self._out, None
        if out is not None:
            try:
                out.close()
            except OSError as error:
                logger.warning("%s: %s", self.file, error)

    def _open(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        size = self.file.stat().st_size if self.file.is_file() else 0
        n_whole = (size - len(self._header)) // self._record.itemsize
        if n_whole > 0 and self._is_ours():
            whole = len(self._header) + n_whole * self._record.itemsize
            with self.file.open("r+b") as file:
                file.truncate(whole)
            self._records = np.memmap(self.file, self._record, "r", len(self._header), (n_whole,))
            self._rows = {bytes(key): row for row, key in enumerate(self._records["key"])}
            self._n = n_whole
            self._out = self.file.open("ab")
        else:
            self._out = self.file.open("wb")
            self._out.write(self._header)
            self._out.flush()

    def _is_ours(self) -> bool:
        with self.file.open("rb") as file:
            return file.read(len(self._header)) == self._header

    def _give_up(self, error: Exception) -> None:
        logger.warning("embeddings are not kept in %s while the index is built: %s", self.file, error)
        self.close()


def _checksum(record: Any) -> int:
    return zlib.crc32(record["vector"].tobytes(), zlib.crc32(record["key"].tobytes()))
