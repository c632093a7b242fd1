"""What can happen to an index: the kinds of damage that `benchmarks.damage` does.

In: a shop's index that is open. Out: the same index, harmed. Knows nothing of what is measured.
"""

import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.catalog import Catalog
from retrieval.embedder import Embedder
from retrieval.retriever import Retriever, open_retriever

PATIENCE_S = 600.0
CRASHING = """
import os, sys, signal
from pathlib import Path
from retrieval.index import ProductIndex
index = ProductIndex(Path(sys.argv[1]))
index.nearest(index.vectors[0], 10)
os.kill(os.getpid(), signal.SIGSEGV)
"""
"""A process that dies in native code while it uses Chroma."""


@dataclass
class Ground:
    """A shop's catalog with an index to be damaged, and beside it a generation of an older catalog."""

    catalog: Catalog
    embedder: Embedder
    index_dir: Path
    stale: Path
    watch_s: float
    retriever: Retriever = field(init=False)

    def open(self) -> None:
        """Open the index."""
        self.retriever = open_retriever(self.catalog, self.embedder, self.index_dir, watch_s=self.watch_s)

    @property
    def folder(self) -> Path:
        """The generation that serves."""
        return self.retriever.index.folder

    def is_whole(self) -> bool:
        """Whether the search is as it should be."""
        return self.retriever.damage is None and self.retriever.index.has_chroma and not self.retriever.is_building


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of damage. `at_opening`: done while the shop is closed."""

    name: str
    harm: Callable[[Ground], None]
    at_opening: bool = False


def wait(condition: Callable[[], bool], complaint: str) -> None:
    """Wait until `condition` holds; a `RuntimeError` with the complaint where it never does."""
    ends = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > ends:
            raise RuntimeError(complaint)
        time.sleep(0.01)


def flipped(name: str) -> Callable[[Ground], None]:
    """Bits of a file are turned over in its middle; its size and times stay."""

    def harm(ground: Ground) -> None:
        path = found(ground.folder, name)
        stated = path.stat()
        content = bytearray(path.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 64] = bytes(byte ^ 0xFF for byte in content[middle : middle + 64])
        path.write_bytes(content)
        os.utime(path, ns=(stated.st_atime_ns, stated.st_mtime_ns))

    return harm


def truncated(name: str) -> Callable[[Ground], None]:
    """A file is cut to half, as the same file."""
    return lambda ground: _cut(found(ground.folder, name))


def zeroed(name: str) -> Callable[[Ground], None]:
    """A file's content becomes zeros."""
    return lambda ground: _overwrite(found(ground.folder, name), lambda content: bytes(len(content)))


def deleted(name: str) -> Callable[[Ground], None]:
    """A file goes."""
    return lambda ground: found(ground.folder, name).unlink()


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _overwrite(path: Path, how: Callable[[bytes], bytes]) -> None:
    with path.open("rb+") as file:
        content = how(file.read())
        file.seek(0)
        file.write(content)
        file.truncate()


def found(folder: Path, name: str) -> Path:
    """The one file of that name in a generation."""
    (path,) = folder.rglob(name)
    return path


def chroma_of(ground: Ground) -> Any:
    """The collection itself, for what only another program would do to it."""
    return ground.retriever.index.chroma._collection


def lose_rows(ground: Ground) -> None:
    """Every third product goes from Chroma."""
    ids = ground.retriever.index.ids[::3]
    for start in range(0, len(ids), 5000):
        chroma_of(ground).delete(ids=ids[start : start + 5000])


def swap_rows(ground: Ground) -> None:
    """A hundred products have the vectors of others in Chroma."""
    index = ground.retriever.index
    rows = np.arange(min(100, len(index)))
    chroma_of(ground).update(ids=[index.ids[row] for row in rows.tolist()], embeddings=index.vectors[np.roll(rows, 1)])


def lose_collection(ground: Ground) -> None:
    """Another program deletes the collection."""
    ground.retriever.index.chroma._client.delete_collection("products")


def flip_memory(ground: Ground) -> None:
    """The vectors in memory are overwritten, as by a stray write of native code."""
    vectors = ground.retriever.index.vectors.halves
    ctypes.memset(vectors.ctypes.data + vectors.nbytes // 2, 0x3F, min(vectors.nbytes // 4, 2**20))


def forget_folder(ground: Ground) -> None:
    """The generation's folder goes."""
    shutil.rmtree(ground.folder)


def forget_index(ground: Ground) -> None:
    """The whole index goes."""
    # Out of the way at once: the watch notes what it finds in the folder that is being deleted.
    shutil.rmtree(ground.index_dir.rename(ground.index_dir.with_name("index-gone")))


def point_nowhere(ground: Ground) -> None:
    """The file `current` is garbage."""
    (ground.index_dir / "current").write_bytes(b"\x00\xff no such thing")


def point_to_stale(ground: Ground) -> None:
    """The file `current` names an index of an older catalog."""
    old = ground.index_dir / ground.stale.name
    shutil.copytree(ground.stale, old, dirs_exist_ok=True)
    (ground.index_dir / "current").write_text(old.name)


def copy_stale(ground: Ground) -> None:
    """The files of an older catalog's index are copied over those that serve."""
    shutil.copytree(ground.stale, ground.folder, dirs_exist_ok=True)


def foreign_vectors(ground: Ground) -> None:
    """Vectors of another embedder, with a digest that fits them."""
    vectors = np.random.default_rng(7).standard_normal(ground.retriever.index.vectors.shape).astype(np.float32)
    _forge(ground.folder, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def other_dimension(ground: Ground) -> None:
    """Vectors of another dimension, with a digest and a description that fit them."""
    _forge(ground.folder, np.ascontiguousarray(ground.retriever.index.vectors[:][:, : ground.embedder.dimension // 2]))


def _forge(folder: Path, vectors: Any) -> None:
    np.save(folder / "vectors.npy", vectors.astype(np.float16))
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    meta["files"]["vectors.npy"] = sha256((folder / "vectors.npy").read_bytes()).hexdigest()
    (folder / "meta.json").write_text(json.dumps({**meta, "dimension": vectors.shape[1]}), "utf-8")


def crash(ground: Ground) -> None:
    """A process dies by SIGSEGV while it uses Chroma."""
    command = [sys.executable, "-c", CRASHING, str(ground.folder)]
    done = subprocess.run(command, check=False)  # noqa: S603 our own words
    if done.returncode != -signal.SIGSEGV:
        raise RuntimeError(f"the process that was to crash ended with {done.returncode}")


def full_disk(ground: Ground) -> None:
    """A file goes, and the disk is full when the index is rebuilt; there is room again after the first failure."""
    with _no_room(ground.retriever.index.vectors.halves.nbytes // 2):
        deleted("lengths.npy")(ground)
        wait(lambda: ground.retriever.n_failed > 0, "a build on a full disk did not fail")


@contextmanager
def _no_room(limit: int) -> Iterator[None]:
    """No file can grow beyond `limit` bytes: the write fails, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


KINDS = (
    Kind("none", lambda ground: None),
    Kind("vectors cut short", truncated("vectors.npy")),
    Kind("vectors: bits flipped", flipped("vectors.npy")),
    Kind("ids zeroed", zeroed("ids.json")),
    Kind("words deleted", deleted("terms.json")),
    Kind("meta.json zeroed", zeroed("meta.json")),
    Kind("HNSW: bits flipped", flipped("data_level0.bin")),
    Kind("HNSW: links cut short", truncated("link_lists.bin")),
    Kind("Chroma's SQLite zeroed", zeroed("chroma.sqlite3")),
    Kind("Chroma: collection deleted", lose_collection),
    Kind("Chroma: a third of the rows gone", lose_rows),
    Kind("Chroma: vectors under wrong ids", swap_rows),
    Kind("vectors in memory overwritten", flip_memory),
    Kind("folder of the generation gone", forget_folder),
    Kind("whole index gone", forget_index),
    Kind("current: garbage", point_nowhere),
    Kind("current: an older catalog's index", point_to_stale),
    Kind("an older catalog's files copied over", copy_stale),
    Kind("disk full while rebuilding", full_disk),
    Kind("another embedder's vectors", foreign_vectors, at_opening=True),
    Kind("wrong dimension", other_dimension, at_opening=True),
    Kind("native crash, then a restart", crash, at_opening=True),
)
