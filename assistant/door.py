"""The local door of a shop that is open: another process on this machine asks the one that owns it to change something.

In: handlers, each for one kind of request. Out: their answers, or their errors, in the process that asked. Knows no
catalog and no assistant: `assistant.handover` says what is asked for.

The door is a Unix socket in a directory of its own that only this user may enter (on Windows a named pipe); its address
and a random key lie in `door.json` (mode 0600) in the shop directory. Both sides prove that they know the key. Messages
are JSON of bounded size; nothing is ever unpickled. One request a connection; requests are carried out one at a time.
"""

import json
import logging
import os
import queue
import secrets
import shutil
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

import orjson

from assistant.files import write_private
from retrieval import errors
from retrieval.errors import ShopError, ShopLocked

logger = logging.getLogger(__name__)

DOOR_FILE = "door.json"
SOCKET = "door"
PREFIX = "shop-door-"
MAX_MESSAGE = 8 * 2**20
"""Bytes of one message."""

MAX_CALLERS = 8
PATIENCE_S = 10.0
"""How long either side waits for the other to send the next bytes of a message."""

HEARTBEAT_S = 2.0
"""How often a caller hears that its request is still being worked on."""

MAX_SOCKET_PATH = 100
"""Bytes; the smallest limit of a system we run on is 104."""

Json = Mapping[str, Any]
Tell = Callable[[Json], None]
"""Tells the caller how far its request is."""

Handler = Callable[[Json, Tell], Json]

BROKEN = (OSError, EOFError, AuthenticationError, AssertionError, ValueError)
"""What a connection can end in: `multiprocessing` asserts that a greeting is one, and `orjson` raises ValueErrors."""


class Door:
    """Listens until closed. Every handler runs on one and the same thread, one after the other."""

    def __init__(self, root: Path, handlers: Mapping[str, Handler]) -> None:
        """Open the door of the shop in `root`, which this process must own.

        Args:
            root: the shop directory.
            handlers: kind of request -> what carries it out. "ping" is answered by the door itself.

        Raises:
            OSError: there is no place for a socket.
        """
        remove_stale_door(root)
        self._root, self._handlers = root, handlers
        self._key = secrets.token_bytes(32)
        self._since = time.monotonic()
        self._closing = False
        self._callers = threading.BoundedSemaphore(MAX_CALLERS)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="door-worker")
        self._folder, self._listener = _listen()
        self.address = str(self._listener.address)
        self._accepting = threading.Thread(target=self._accept, name="door", daemon=True)
        self._accepting.start()
        try:
            write_private(root / DOOR_FILE, json.dumps({"address": self.address, "key": self._key.hex()}))
        except OSError:
            self.close()
            raise

    def __enter__(self) -> "Door":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, and wait until a request that is being carried out is done."""
        if self._closing:
            return
        self._closing = True
        (self._root / DOOR_FILE).unlink(missing_ok=True)
        with suppress(OSError):
            # Closing a socket wakes nobody who waits at it; a caller does.
            Client(self.address).close()
        self._accepting.join(PATIENCE_S)
        self._listener.close()
        self._worker.shutdown(wait=True, cancel_futures=True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        while not self._closing:
            self._callers.acquire()
            try:
                connection = self._listener.accept()
            except OSError as error:
                self._callers.release()
                if not self._closing:
                    logger.warning("a caller at the shop's door was lost: %s", error)
                    time.sleep(0.1)
                continue
            threading.Thread(target=self._receive, args=(connection,), name="door-caller", daemon=True).start()

    def _receive(self, connection: Connection) -> None:
        """One caller; whatever it does wrong ends its own connection and nothing else."""
        try:
            with closing(connection):
                if self._closing:
                    return
                _limit_waiting(connection)
                deliver_challenge(connection, self._key)
                answer_challenge(connection, self._key)
                _send(connection, self._hello())
                self._answer(connection, _receive(connection))
        except BROKEN as error:
            logger.info("a caller at the shop's door went away: %s", error)
        finally:
            self._callers.release()

    def _answer(self, connection: Connection, request: Json) -> None:
        kind = request.get("kind")
        handler = self._handlers.get(kind) if isinstance(kind, str) else None
        if kind == "ping":
            _send(connection, {"done": self._hello()})
        elif handler is None:
            _send(connection, {"error": "ShopError", "message": f"the running server knows no request {kind!r}"})
        else:
            self._carry_out(connection, handler, request)

    def _carry_out(self, connection: Connection, handler: Handler, request: Json) -> None:
        """The request is carried out to its end, even where the caller goes away meanwhile."""
        told: queue.SimpleQueue[Json] = queue.SimpleQueue()
        work = self._worker.submit(handler, request, told.put)
        work.add_done_callback(lambda done: told.put(_outcome(done)))
        while True:
            try:
                message = told.get(timeout=HEARTBEAT_S)
            except queue.Empty:
                message = {"working": True}
            _send(connection, message)
            if "done" in message or "error" in message:
                return

    def _hello(self) -> Json:
        uptime_s = round(time.monotonic() - self._since, 1)
        return {"pid": os.getpid(), "version": version("conversational-shopping-assistant"), "uptime_s": uptime_s}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came to, and who carried it out."""

    done: Json
    pid: int


class ServerGone(ShopLocked):
    """The process that owns the shop went away, or fell silent, before it had answered."""


def ask(root: Path, request: Json, on_progress: Tell | None = None) -> Answer | None:
    """Ask the process that owns the shop in `root`.

    Args:
        root: the shop directory.
        request: JSON values; `kind` names the handler.
        on_progress: called with what the handler tells.

    Returns:
        The answer; None where no door is open.

    Raises:
        ServerGone: the connection was lost after the request had been sent.
        ShopError: what the handler raised, as the same class; or the request is larger than `MAX_MESSAGE`.
    """
    message = orjson.dumps(request, default=str)
    if len(message) > MAX_MESSAGE:
        raise ShopError(
            f"this change has {len(message) / 2**20:.1f} MiB, a running server takes {MAX_MESSAGE // 2**20} at once: "
            "write it to a file and use `shopping-assistant import --partial`, or hand it over in parts"
        )
    opened = _knock(root)
    if opened is None:
        return None
    connection, pid = opened
    with closing(connection):
        try:
            connection.send_bytes(message)
            for reply in _replies(connection):
                if "done" in reply:
                    return Answer(reply["done"], pid)
                if "error" in reply:
                    raise _as_error(reply)
                if on_progress and "working" not in reply:
                    on_progress(reply)
        except BROKEN as error:
            raise ServerGone(
                f"the process that owns the shop in {root} ({pid}) went away before it had answered: the catalog is "
                "whole, either as it was or with all of this change in it; do it again once the server runs"
            ) from error
    raise AssertionError("replies end with an answer or an error")


def is_door_open(root: Path) -> bool:
    """Whether a process answers at the door of the shop in `root`."""
    opened = _knock(root)
    if opened:
        opened[0].close()
    return opened is not None


def remove_stale_door(root: Path) -> bool:
    """Remove the note and the socket of a door that a killed process left open; only for who owns the shop.

    Returns:
        Whether there was one.
    """
    stated = _read_note(root)
    (root / DOOR_FILE).unlink(missing_ok=True)
    if stated is None:
        return False
    folder = Path(stated[0]).parent
    if folder.name.startswith(PREFIX) and (folder / SOCKET).is_socket():
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _listen() -> tuple[Path | None, Listener]:
    if os.name == "nt":
        return None, Listener(rf"\\.\pipe\{PREFIX}{secrets.token_hex(16)}", "AF_PIPE", backlog=MAX_CALLERS)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    if len(os.fsencode(folder / SOCKET)) > MAX_SOCKET_PATH:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    try:
        return folder, Listener(str(folder / SOCKET), "AF_UNIX", backlog=MAX_CALLERS)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _knock(root: Path) -> tuple[Connection, int] | None:
    """A connection to whoever listens, and its process id; None where nobody does."""
    stated = _read_note(root)
    if stated is None:
        return None
    address, key = stated
    try:
        connection = Client(address)
    except (OSError, ValueError):
        return None
    try:
        _limit_waiting(connection)
        answer_challenge(connection, key)
        deliver_challenge(connection, key)
        return connection, int(_receive(connection)["pid"])
    except (*BROKEN, LookupError):
        connection.close()
        return None


def _read_note(root: Path) -> tuple[str, bytes] | None:
    try:
        stated = json.loads((root / DOOR_FILE).read_text("utf-8"))
        return str(stated["address"]), bytes.fromhex(stated["key"])
    except (OSError, ValueError, TypeError, LookupError):
        return None


def _limit_waiting(connection: Connection) -> None:
    """Let every read and write of a socket end after `PATIENCE_S`; a named pipe hands over whole messages anyway."""
    if os.name != "posix":
        return
    with socket.socket(socket.AF_UNIX, fileno=os.dup(connection.fileno())) as same:
        limit = struct.pack("ll", int(PATIENCE_S), 0)
        same.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def _send(connection: Connection, message: Json) -> None:
    connection.send_bytes(orjson.dumps(message, default=str))


def _receive(connection: Connection) -> Json:
    if not connection.poll(PATIENCE_S):
        raise TimeoutError(f"nothing came for {PATIENCE_S:.0f} s")
    message = orjson.loads(connection.recv_bytes(MAX_MESSAGE))
    if not isinstance(message, dict):
        raise ValueError("a message is a JSON object")
    return message


def _replies(connection: Connection) -> Iterator[Json]:
    while True:
        yield _receive(connection)


def _outcome(work: "Future[Json]") -> Json:
    if work.cancelled():
        return {"error": "ShopLocked", "message": "the server is closing: try again when it runs"}
    error = work.exception()
    if error is None:
        return {"done": work.result()}
    if isinstance(error, ShopError):
        return {"error": type(error).__name__, "message": str(error)}
    logger.error("a request at the shop's door failed", exc_info=error)
    return {"error": "ShopError", "message": f"the running server failed ({type(error).__name__}): see its log"}


def _as_error(reply: Json) -> ShopError:
    kind = getattr(errors, str(reply["error"]), ShopError)
    is_ours = isinstance(kind, type) and issubclass(kind, ShopError)
    return (kind if is_ours else ShopError)(str(reply.get("message", "")))
