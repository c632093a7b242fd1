"""Approximate search by Chroma, embedded or on a server: one collection for each generation of the index.

In: ids and vectors. Out: ids with their cosine. Knows no product, no SQL and no row. The door to chromadb.

Embedded, a collection lies in the generation's folder. On a server it is named by shop and generation, so that shops
can share one. The server is Chroma's own in Rust (`chroma run`); the one written in Python lets anybody run code on it
(CVE-2026-45829) and is refused where it shows itself.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from retrieval.crashes import mark, refuse_if_marked, unmark
from retrieval.errors import ChromaUnavailable, IndexDamaged
from retrieval.quantized import HalfMatrix
from retrieval.types import Matrix, Vector

logger = logging.getLogger(__name__)

COLLECTION = "products"
FOLDER = "chroma"
UPSERT_ROWS = 500
"""Chroma takes at most 5,461 rows a call, and lets no other thread run meanwhile (130 ms for 500 rows)."""

FILL_TIMEOUT_S = 120.0
"""How long a server may take for each call while a collection is filled; the last one waits until all is written."""

EF_SEARCH = 400
NEIGHBORS = 48

HNSW_FLUSHED = "index_metadata.pickle"
"""Chroma writes it beside an HNSW graph on disk. Below 1,000 rows there is none: the graph is made at every opening."""


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """A Chroma server, and under which name a shop has its collections there."""

    url: str
    shop: str
    token: str | None = field(default=None, repr=False)
    timeout_s: float = 5.0

    def collection_of(self, folder: Path) -> str:
        """The name of a generation's collection.

        >>> ChromaServer("http://127.0.0.1:8000", "kettles-1a2b").collection_of(Path("index/20261121T041200-00c0ffee"))
        'kettles-1a2b-20261121T041200-00c0ffee'
        """
        return f"{self.shop}-{folder.name}"


class OpenChroma:
    """What is open of a generation's Chroma, apart from its `ProductIndex`, so that it can be closed after that."""

    def __init__(self, folder: Path, server: ChromaServer | None = None) -> None:
        self.folder = folder
        self.server = server
        self.is_retired = False
        self._collection: Any = None
        self._client: Any = None

    @property
    def is_open(self) -> bool:
        """Whether it can be asked."""
        return self._collection is not None

    @property
    def _where(self) -> str:
        return str(self.folder / FOLDER) if self.server is None else self.server.url

    def open(self, *, despite_mark: bool = False, marking: bool = True) -> None:
        """Open the collection.

        Args:
            despite_mark: also where a process that used it ended without closing it.
            marking: leave a mark for as long as it is open.

        Raises:
            IndexDamaged: there is none, or Chroma failed.
            ChromaUnavailable: the server does not answer, or a process that used the files came to a bad end.
        """
        self.let_go()
        if self.server is None:
            if not (self.folder / FOLDER).is_dir():
                raise IndexDamaged(f"there is no {self.folder / FOLDER}")
            if not despite_mark:
                refuse_if_marked(self.folder)
            if marking:
                mark(self.folder)
        try:
            self._client = self._connected()
            with self._errors():
                name = COLLECTION if self.server is None else self.server.collection_of(self.folder)
                self._collection = self._client.get_collection(name, embedding_function=None)
        except IndexDamaged:
            self.let_go()
            raise

    def fill(self, ids: Sequence[str], vectors: Matrix | HalfMatrix, check: Callable[[], None]) -> None:
        """Write a new collection with these rows, in place of one that is there; `check` is called now and then.

        Raises:
            IndexDamaged: Chroma failed.
            ChromaUnavailable: the server does not answer.
        """
        self.let_go()
        self._client = self._connected(FILL_TIMEOUT_S)
        try:
            with self._errors():
                self._fill(ids, vectors, check)
        finally:
            self.let_go()

    def count(self) -> int:
        """How many products it holds.

        Raises:
            IndexDamaged: Chroma failed, or is not open.
        """
        with self._errors():
            return int(self._asked().count())

    def nearest(self, vector: Vector, k: int) -> tuple[list[str], NDArray[np.float32]]:
        """Ids of the about `k` nearest, nearest first, and the cosine of each with `vector` as Chroma says it.

        Raises:
            IndexDamaged: Chroma failed, or is not open.
        """
        with self._errors():
            found = self._asked().query(query_embeddings=[vector], n_results=k, include=["distances"])
            return found["ids"][0], 1.0 - np.asarray(found["distances"][0], dtype=np.float32)

    def vectors_of(self, ids: Sequence[str]) -> dict[str, Vector]:
        """The vectors that it holds of these products, unit length.

        Raises:
            IndexDamaged: Chroma failed, or is not open.
        """
        with self._errors():
            held = self._asked().get(ids=list(ids), include=["embeddings"])
            return dict(zip(held["ids"], np.asarray(held["embeddings"], dtype=np.float32), strict=True))

    def give_up(self) -> None:
        """Answer no further question; files stay open for those that are being answered."""
        self._collection = None

    def let_go(self) -> None:
        """Close what is open."""
        self._collection = None
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):  # a client that never came up has nothing to close
                client.close()
            if self.server is None:
                unmark(self.folder)

    def close(self) -> None:
        """Close what is open; a retired generation is deleted."""
        self.let_go()
        if not self.is_retired:
            return
        if self.server is None:
            self.delete()
        else:
            # Whoever lets go of a generation last may be a shopper's thread, which does not wait for a server.
            threading.Thread(target=self.delete, name="collection-deleter", daemon=True).start()

    def delete(self) -> None:
        """Delete the generation: its collection on the server, where that answers, and its folder."""
        if self.server is not None:
            try:
                client = self._connected()
                with self._errors():
                    client.delete_collection(self.server.collection_of(self.folder))
                client.close()
            except IndexDamaged as error:
                logger.info("the collection of %s is not deleted: %s", self.folder, error)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _fill(self, ids: Sequence[str], vectors: Matrix | HalfMatrix, check: Callable[[], None]) -> None:
        from chromadb.errors import NotFoundError

        name = COLLECTION
        if self.server is not None:
            name = self.server.collection_of(self.folder)
            with suppress(NotFoundError):
                self._client.delete_collection(name)
        collection = self._client.create_collection(
            name,
            configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH, "max_neighbors": NEIGHBORS}},
            embedding_function=None,
        )
        for start in range(0, len(ids), UPSERT_ROWS):
            check()
            rows = slice(start, start + UPSERT_ROWS)
            collection.upsert(ids=list(ids[rows]), embeddings=vectors[rows])
        if ids:
            # A query waits until Chroma has flushed what it will flush.
            collection.query(query_embeddings=[vectors[0]], n_results=1, include=["distances"])

    def _asked(self) -> Any:
        if self._collection is None:
            raise IndexDamaged("this process searches without Chroma: use exact search")
        return self._collection

    def _connected(self, timeout_s: float | None = None) -> Any:
        with self._errors():
            return _local(self.folder / FOLDER) if self.server is None else _remote(self.server, timeout_s)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        from chromadb.errors import ChromaError, NotFoundError

        try:
            yield
        except IndexDamaged:
            raise
        except NotFoundError as error:
            raise IndexDamaged(f"Chroma at {self._where} has lost its collection ({error})") from error
        # AttributeError: a client that was closed, or never came up, has lost its bindings.
        except (ChromaError, OSError, ValueError, LookupError, AttributeError, TypeError) as error:
            raise self._failed(error) from error
        except Exception as error:
            # Chroma's client has no class for what a server behind a proxy may answer, nor for a broken connection.
            if self.server is None or type(error) not in (Exception, *_transport_errors()):
                raise
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> IndexDamaged:
        if self.server is None:
            return IndexDamaged(f"Chroma failed in {self._where}: {error}")
        return ChromaUnavailable(f"the Chroma server {self._where} does not answer as it should ({error})")


def _transport_errors() -> tuple[type[Exception], ...]:
    import httpx

    return tuple(_subclasses(httpx.TransportError))


def _subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _subclasses(below)


def _local(path: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(path), settings=Settings(anonymized_telemetry=False))


def _remote(server: ChromaServer, timeout_s: float | None = None) -> Any:
    import chromadb
    import httpx
    from chromadb.config import Settings

    headers = {"Authorization": f"Bearer {server.token}", "X-Chroma-Token": server.token} if server.token else {}
    # Chroma's client waits for ever by default, and asks before it can be told otherwise.
    asked = httpx.get(f"{server.url}/api/v2/heartbeat", headers=headers, timeout=server.timeout_s)
    if "uvicorn" in asked.headers.get("server", ""):
        raise ChromaUnavailable(
            f"{server.url} is Chroma's Python server, which lets anybody run code on it (CVE-2026-45829): "
            "use the one that `chroma run` starts"
        )
    asked.raise_for_status()
    address = urlsplit(server.url)
    is_secure = address.scheme == "https"
    client = chromadb.HttpClient(
        host=address.hostname or "",
        port=address.port or (443 if is_secure else 80),
        ssl=is_secure,
        headers=headers,
        settings=Settings(anonymized_telemetry=False),
    )
    client._server._session.timeout = httpx.Timeout(timeout_s or server.timeout_s)  # type: ignore[attr-defined]
    return client
