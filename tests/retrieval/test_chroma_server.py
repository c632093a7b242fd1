"""A real Chroma server (`chroma run`, in Rust), started by the test, comes and goes while the shop answers."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings
from hashed_embedder import HashedEmbedder
from test_retriever import catalog_of, named

from retrieval.chroma import ChromaServer, OpenChroma
from retrieval.errors import ChromaUnavailable
from retrieval.retriever import Retriever, open_retriever
from retrieval.types import Query

BINARY = Path(sys.executable).parent / "chroma"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.enable_socket,
]
N = 300


class Server:
    """`chroma run` on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(BINARY), "run", "--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        pytest.fail("the Chroma server did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def names(self) -> list[str]:
        return sorted(collection.name for collection in self.client().list_collections())

    def client(self) -> chromadb.ClientAPI:
        return chromadb.HttpClient("127.0.0.1", self.port, settings=Settings(anonymized_telemetry=False))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server")
    server.start()
    yield server
    server.stop()


def opened(tmp_path: Path, server: Server, n: int = N) -> Retriever:
    catalog = catalog_of(named([f"lamp {number}" for number in range(n)]), tmp_path)
    return open_retriever(catalog, HashedEmbedder(), tmp_path / "index", server=chroma(server), watch_s=0.1)


def chroma(server: Server) -> ChromaServer:
    return ChromaServer(server.url, "lamps-0badcafe", token="hidden-token", timeout_s=5)


def finds_itself(retriever: Retriever) -> bool:
    index = retriever.index
    return all(row in index.nearest(index.vectors[row], 10) for row in range(0, len(index), 37))


def test_a_generation_has_its_collection_on_the_server_and_old_ones_go(tmp_path: Path, server: Server) -> None:
    retriever = opened(tmp_path, server)
    first = f"lamps-0badcafe-{retriever.index.folder.name}"
    assert server.names() == [first]
    assert retriever.index.has_chroma
    assert not (retriever.index.folder / "chroma").exists()
    assert finds_itself(retriever)
    retriever.catalog.upsert(named([f"torch {number}" for number in range(N)]))
    retriever.refresh()
    retriever.settle(60)
    second = f"lamps-0badcafe-{retriever.index.folder.name}"
    assert second != first
    assert retriever.watch.wait_until(lambda _: server.names() == [second], 60)
    assert finds_itself(retriever)
    retriever.close()
    again = opened(tmp_path, server, N)
    assert "hidden-token" not in repr(chroma(server))
    again.close()


def test_a_server_that_goes_away_leaves_exact_search_and_is_used_when_it_is_back(
    tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    retriever = opened(tmp_path, server)
    generation = retriever.index.folder
    server.stop()
    assert retriever.watch.wait_until(lambda watch: watch.damage is not None, 60)
    assert "does not answer" in retriever.damage.text
    assert retriever.retrieve(Query("lamp 7"), 1).candidates[0].product.id == "lamp 7"
    assert not retriever.index.has_chroma
    server.start()
    assert retriever.watch.wait_until(lambda watch: watch.damage is None, 60)
    assert finds_itself(retriever)
    assert retriever.index.folder == generation
    assert "every search is exact until Chroma can be used again" in caplog.text
    assert "hidden-token" not in caplog.text
    retriever.close()


def test_a_shop_opens_without_its_server_and_fills_it_later(tmp_path: Path, server: Server) -> None:
    server.stop()
    retriever = opened(tmp_path, server)
    assert retriever.retrieve(Query("lamp 7"), 1).candidates[0].product.id == "lamp 7"
    assert not retriever.index.has_chroma
    server.start()
    assert retriever.watch.wait_until(lambda watch: watch.n_found > 0 and watch.damage is None, 60)
    assert finds_itself(retriever)
    retriever.close()


@pytest.mark.parametrize("what", ["collection deleted", "rows deleted", "vectors swapped"])
def test_damage_on_the_server_is_found_and_the_collection_filled_again(
    tmp_path: Path, server: Server, what: str
) -> None:
    retriever = opened(tmp_path, server)
    index = retriever.index
    (name,) = server.names()
    collection = server.client().get_collection(name, embedding_function=None)
    if what == "collection deleted":
        server.client().delete_collection(name)
    elif what == "rows deleted":
        collection.delete(ids=index.ids[:30])
    else:
        collection.update(ids=index.ids[:30], embeddings=np.roll(index.vectors[:30], 1, axis=0))
    assert retriever.watch.wait_until(lambda watch: watch.n_found > 0 and watch.damage is None, 60)
    assert retriever.index is index
    assert finds_itself(retriever)
    retriever.close()


class _PythonServer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def version_string(self) -> str:
        return "uvicorn"

    def log_message(self, *_: object) -> None:
        pass


def test_the_server_in_python_is_refused(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), _PythonServer) as other:
        thread = Thread(target=other.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{other.server_port}"
            with pytest.raises(ChromaUnavailable, match="CVE-2026-45829"):
                OpenChroma(tmp_path, ChromaServer(url, "lamps")).open()
        finally:
            other.shutdown()
            thread.join()


def test_a_server_that_never_answers_costs_no_more_than_its_timeout(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ChromaUnavailable, match="does not answer as it should"):
            OpenChroma(tmp_path, ChromaServer(url, "lamps", timeout_s=0.2)).open()
