"""Turns without blocking the server: the synchronous shop behind an async door.

In: a session's id and what the shopper said. Out: the shop's stream of events. Knows nothing of HTML or Gradio.

The shop's stages run in a pool of a fixed size; a session's turns run one after another, so that two tabs of one
browser can't overwrite each other. Nothing that a browser sends is believed but its session's id.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from assistant.types import Finished, Recommendation, Reply, Session, StreamEvent

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant

P = ParamSpec("P")
T = TypeVar("T")

N_WORKERS = 16
REMEMBERED_LISTS = 2_000
FRESH_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class ShownList:
    """The recommendations under one reply, and the language that their reasons are written in."""

    recommendations: tuple[Recommendation, ...]
    language: str


class Turns:
    """Runs turns of many sessions at once on one shop."""

    def __init__(self, shop: "ShoppingAssistant", n_workers: int = N_WORKERS):
        self.shop = shop
        self._pool = ThreadPoolExecutor(n_workers, thread_name_prefix="turn")
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._fresh: OrderedDict[str, Session] = OrderedDict()
        self._lists: OrderedDict[tuple[str, int], ShownList] = OrderedDict()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`function` called in the pool."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: function(*args, **kwargs))

    async def new_session(self, language: str) -> Session:
        """A fresh session; until its first turn it lives in this process only."""
        session = await self.run(self.shop.new_session, language)
        self._fresh[session.id] = session
        if len(self._fresh) > FRESH_SESSIONS:
            self._fresh.popitem(last=False)
        return session

    async def load(self, session_id: str) -> Session | None:
        """The session that this server gave out under that id, or None."""
        return await self.run(self.shop.load_session, session_id) or self._fresh.get(session_id)

    async def stream(self, session_id: str, message: str) -> AsyncIterator[StreamEvent]:
        """The events of one turn, as `ShoppingAssistant.stream` gives them.

        Raises:
            LookupError: there is no such session.
        """
        async with self._session(session_id) as session:
            events = await self.run(self.shop.stream, message, session)
            try:
                while (event := await self.run(next, events, None)) is not None:
                    if isinstance(event, Finished):
                        self._remember(event.reply)
                    yield event
            finally:
                close = getattr(events, "close", None)
                if close is not None:
                    await self.run(close)

    async def remove_constraint(self, session_id: str, key: str, value: str | None) -> Reply:
        """The reply to a click on a constraint's chip.

        Raises:
            LookupError: there is no such session.
        """
        async with self._session(session_id) as session:
            reply = await self.run(self.shop.remove_constraint, session, key, value)
            self._remember(reply)
            return reply

    def shown_list(self, session: Session, index: int) -> ShownList | None:
        """The list under message `index` of `session`, where this process still remembers it."""
        shown = self._lists.get((session.id, index))
        if shown is None or _ids(shown.recommendations) != session.messages[index].product_ids:
            return None
        return shown

    def close(self) -> None:
        """Lets running turns end and frees the pool."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @asynccontextmanager
    async def _session(self, session_id: str) -> AsyncIterator[Session]:
        lock = self._locks.setdefault(session_id, asyncio.Lock())
        async with lock:
            session = await self.load(session_id)
            if session is None:
                raise LookupError("no such session")
            yield session

    def _remember(self, reply: Reply) -> None:
        self._fresh.pop(reply.session.id, None)
        index = len(reply.session.messages) - 1
        if not reply.products or index < 0:
            return
        self._lists[reply.session.id, index] = ShownList(reply.products, reply.language)
        while len(self._lists) > REMEMBERED_LISTS:
            self._lists.popitem(last=False)


def _ids(recommendations: tuple[Recommendation, ...]) -> tuple[str, ...]:
    return tuple(recommendation.ranked.product.id for recommendation in recommendations)
