"""One event loop in a thread of its own, for what has to be given up at once.

Comes in: a coroutine, from any thread. Goes out: what it hands over, as an iterator, or what it returns. A thread that
waits for a socket cannot be told to stop; a task can, and its connection closes with it. Clients keep their connections
for the loop that made them, so all share this one. Knows no model.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

Result = TypeVar("Result")
Piece = TypeVar("Piece")


class Calls:
    """The calls under way, by whose they are: a thread that waits for one cannot close its iterator, another can."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[str, set[Future[None]]] = {}

    def give_up(self, owner: str) -> None:
        """Cancel the owner's calls; who waits for them is told that no more comes."""
        with self._lock:
            calls = tuple(self._under_way.get(owner, ()))
        for call in calls:
            call.cancel()

    @contextmanager
    def noted(self, owner: str, call: Future[None]) -> Iterator[None]:
        """Within it the call is the owner's and under way."""
        with self._lock:
            self._under_way.setdefault(owner, set()).add(call)
        try:
            yield
        finally:
            with self._lock:
                self._under_way[owner].discard(call)
                if not self._under_way[owner]:
                    del self._under_way[owner]


def relayed(
    work: Callable[[Callable[[Piece], None]], Coroutine[Any, Any, None]],
    patience_s: float,
    calls: Calls | None = None,
    owner: str = "",
) -> Generator[Piece, None, None]:
    """What `work` says, piece by piece as it says it; closing the iterator cancels the work.

    Given up in `calls` by its `owner` it ends without an error.

    >>> async def twice(say):
    ...     say("a")
    ...     say("b")
    >>> "".join(relayed(twice, 5.0))
    'ab'

    Raises:
        TimeoutError: `patience_s` passed since the beginning. What `work` raises comes through.
    """
    until = time.monotonic() + patience_s
    pieces: SimpleQueue[Piece | None] = SimpleQueue()

    async def run() -> None:
        try:
            await work(pieces.put)
        finally:
            pieces.put(None)

    future = asyncio.run_coroutine_threadsafe(run(), _loop())
    try:
        with (calls or Calls()).noted(owner, future):
            while (piece := pieces.get(timeout=max(until - time.monotonic(), 0.0))) is not None:
                yield piece
        future.result(patience_s)
    except CancelledError:
        return
    except Empty:
        raise TimeoutError from None
    finally:
        future.cancel()


def result_of(work: Coroutine[Any, Any, Result], patience_s: float) -> Result:
    """What `work` returns.

    Raises:
        TimeoutError: `patience_s` passed; the work is cancelled. What `work` raises comes through.
    """
    future = asyncio.run_coroutine_threadsafe(work, _loop())
    try:
        return future.result(patience_s)
    finally:
        future.cancel()


_starting = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        return _started()


@lru_cache(maxsize=1)
def _started() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True, name="language-model").start()
    return loop
