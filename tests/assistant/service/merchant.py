"""A merchant's system on loopback that answers as a test says; it keeps the requests that it got."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler, threading.Event], None]


@dataclass
class Merchant:
    """Where it is, and what it was asked: (method, path, headers, parsed body)."""

    url: str
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)


@contextmanager
def merchant(*answers: Answer) -> Iterator[Merchant]:
    """The answers in turn, the last one for ever."""
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._handle(None)

        def do_POST(self) -> None:
            self._handle(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _handle(self, body: Any) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.requests.append((self.command, self.path, headers, body))
            try:
                answers[min(len(found.requests), len(answers)) - 1](self, stopped)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Merchant(f"http://127.0.0.1:{server.server_port}/api")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def says(status: int, body: object = None, raw: bytes | None = None) -> Answer:
    """Answers with a status and JSON, or with bytes as they are."""

    def answer(handler: BaseHTTPRequestHandler, stopped: threading.Event) -> None:
        content = raw if raw is not None else json.dumps(body).encode()
        handler.send_response(status)
        if status in (301, 302, 307):
            handler.send_header("Location", "http://127.0.0.1:9/elsewhere")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def never(handler: BaseHTTPRequestHandler, stopped: threading.Event) -> None:
    """Takes the request and stays silent."""
    stopped.wait(20)


def drips(handler: BaseHTTPRequestHandler, stopped: threading.Event) -> None:
    """Sends one byte after the other, for ever."""
    handler.send_response(200)
    handler.end_headers()
    while not stopped.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()
