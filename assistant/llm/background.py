"""One event loop in a thread of its own, for what has to be given up at once.

Comes in: a coroutine, from any thread. Goes out: what it hands over, as an iterator, or what it returns. A thread that
waits for a socket cannot be told to stop; a task can, and its connection closes with it. Clients keep their connections
for the loop that made them, so all share this one. Knows no model.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Generator
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

Result = TypeVar("Result")
Say = Callable[[str], None]


def relayed(work: Callable[[Say], Coroutine[Any, Any, None]], patience_s: float) -> Generator[str, None, None]:
    """What `work` says, piece by piece as it says it; closing the iterator cancels the work.

    >>> async def twice(say):
    ...     say("a")
    ...     say("b")
    >>> "".join(relayed(twice, 5.0))
    'ab'

    Raises:
        TimeoutError: `patience_s` passed since the beginning. What `work` raises comes through.
    """
    until = time.monotonic() + patience_s
    pieces: SimpleQueue[str | None] = SimpleQueue()

    async def run() -> None:
        try:
            await work(pieces.put)
        finally:
            pieces.put(None)

    future = asyncio.run_coroutine_threadsafe(run(), _loop())
    try:
        while (piece := pieces.get(timeout=max(until - time.monotonic(), 0.0))) is not None:
            yield piece
        future.result(patience_s)
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
