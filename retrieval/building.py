"""Builds a generation of the index beside the one that serves, and swaps it in.

In: the products, an embedder, and the vectors that are known. Out: a folder as `retrieval.index` reads it, and the file
`current` naming it. Knows no SQL and no search.
"""

import json
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from retrieval.chroma import FOLDER, HNSW_FLUSHED, OpenChroma
from retrieval.embedder import Embedder, Progress
from retrieval.index import (
    FORMAT,
    GENERATION,
    LEXICAL,
    META_FILE,
    TEXTS_FILE,
    IndexMeta,
    file_digest,
)
from retrieval.lexical import LexicalIndex
from retrieval.quantized import HalfMatrix
from retrieval.records import product_digests
from retrieval.terms import document_terms
from retrieval.text import embedding_text
from retrieval.types import Matrix, Products, Vector
from retrieval.unfinished import UnfinishedVectors
from retrieval.vectors import Known, embed, text_key

UNFINISHED_FILE = "unfinished.vectors"
"""What was embedded for a generation that is not finished."""


def build(
    index_dir: Path,
    products: Products,
    embedder: Embedder,
    known: Known = lambda _: None,
    on_progress: Progress | None = None,
    is_called_off: Callable[[], bool] = lambda: False,
    *,
    with_chroma: bool = True,
) -> Path | None:
    """Build a new generation and make it the current one.

    Args:
        index_dir: where the generations lie.
        products: the whole catalog; row `i` of the index is `products[i]`.
        embedder: embeds the texts that are not known.
        known: vectors of texts that it embedded before.
        on_progress: called with (texts embedded, texts to embed).
        is_called_off: asked now and then.
        with_chroma: keep a Chroma in the folder; not where a server has the collections.

    Returns:
        The new generation's folder, or None where it was called off. Where building fails nothing is left of it;
        where it is called off, interrupted or killed, the next build takes up what was embedded.
    """
    texts = [embedding_text(product, embedder.languages) for product in products]
    folder = index_dir / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"

    def check() -> None:
        if is_called_off():
            raise _CalledOff

    def report(n_done: int, n_total: int) -> None:
        check()
        if on_progress:
            on_progress(n_done, n_total)

    with ExitStack() as on_failure:
        on_failure.callback(shutil.rmtree, folder, ignore_errors=True)
        on_failure.push(partial(_make_room, index_dir / UNFINISHED_FILE))
        try:
            vectors = _embedded(index_dir, texts, embedder, known, report)
            _write_generation(folder, products, texts, vectors, check)
            if with_chroma:
                (folder / FOLDER).mkdir()
                OpenChroma(folder).fill([product.id for product in products], vectors, check)
            _describe(folder, embedder, len(products))
        except _CalledOff:
            return None
        point_to(folder)
        on_failure.pop_all()
    (index_dir / UNFINISHED_FILE).unlink(missing_ok=True)
    return folder


def _make_room(unfinished: Path, kind: type[BaseException] | None, *_: object) -> None:
    """A build that failed leaves nothing, since a full disk may be why; one that was interrupted is gone on with."""
    if kind is not None and issubclass(kind, Exception):
        unfinished.unlink(missing_ok=True)


def point_to(folder: Path) -> None:
    """Make the generation in `folder` the current one."""
    part = folder.parent / "current.part"
    _write_through(part, folder.name)
    part.replace(folder.parent / "current")
    _sync_folder(folder.parent)


class _CalledOff(Exception):
    """Ends a build from inside; never leaves `build`."""


def _embedded(index_dir: Path, texts: Sequence[str], embedder: Embedder, known: Known, on_progress: Progress) -> Matrix:
    """The texts' vectors, kept as they are made, so that a build that was killed is gone on with by the next one."""
    with UnfinishedVectors(index_dir / UNFINISHED_FILE, embedder.fingerprint, embedder.dimension) as unfinished:

        def known_by_now(key: str) -> Vector | None:
            vector = known(key)
            return unfinished.get(key) if vector is None else vector

        return embed(texts, embedder, known_by_now, on_progress, unfinished.add)


def old_generations(index_dir: Path, current: Path) -> list[Path]:
    """The folders of every generation but the current one, and what builds that were killed have left."""
    return [path for path in index_dir.iterdir() if path != current and GENERATION.fullmatch(path.name)]


def _write_generation(
    folder: Path, products: Products, texts: Sequence[str], vectors: Matrix, check: Callable[[], None]
) -> None:
    folder.mkdir(parents=True)
    np.save(folder / "vectors.npy", HalfMatrix.of(vectors).halves)
    ids = [product.id for product in products]
    digests = [product_digests(product)[1] for product in products]
    lists = {"ids.json": ids, "text_digests.json": digests, TEXTS_FILE: [text_key(text) for text in texts]}
    for name, values in lists.items():
        (folder / name).write_text(json.dumps(values), "utf-8")
    check()
    LexicalIndex.of(document_terms(product) for product in products).save(folder / LEXICAL)


def _describe(folder: Path, embedder: Embedder, n_products: int) -> None:
    meta = IndexMeta(
        format=FORMAT,
        embedder=embedder.name,
        embedder_fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        n_products=n_products,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        files=_sealed(folder),
    )
    _write_through(folder / META_FILE, json.dumps(asdict(meta), indent=2))


def _sealed(folder: Path) -> dict[str, str]:
    """Every file written through to the disk; the digests of those that don't change from here on.

    Chroma goes on writing to its SQLite file, and to the files of a graph that it hasn't flushed.
    """
    digests = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            _sync_folder(path)
            continue
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        if not path.is_relative_to(folder / FOLDER) or (path.parent / HNSW_FLUSHED).is_file():
            digests[path.relative_to(folder).as_posix()] = file_digest(path)
    return digests


def _write_through(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
