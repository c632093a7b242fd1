"""Turns without blocking the server: the synchronous shop behind an async door.

In: a session's id and what the shopper said. Out: the shop's stream of events. Knows nothing of HTML or Gradio.

The shop's stages run in pools of a fixed size: one for what finds the products, which computes; one for what follows
them, which mostly waits for a language model; one for all that is short, which must wait for neither. A session's turns
run one after another, so that two tabs of one browser can't overwrite each other. Nothing that a browser sends is
believed but its session's id.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from assistant.looking.values import PageContext
from assistant.types import Finished, ProductsFound, Recommendation, Reply, Session, StreamEvent

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

N_WORKERS, N_SHORT, N_WRITING = 4, 8, 128
"""Turns whose products are being found at a time, short calls at a time, and replies being written at a time."""
REMEMBERED_LISTS = 2_000
FRESH_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class ShownList:
    """The recommendations under one reply, and the language that their reasons are written in."""

    recommendations: tuple[Recommendation, ...]
    language: str


@dataclass(eq=False)
class _Line:
    """Where the turns of one session wait for each other; none begins or goes on once the session is forgotten."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_forgotten: bool = False


class Turns:
    """Runs turns of many sessions at once on one shop."""

    def __init__(self, shop: "ShoppingAssistant", n_workers: int = N_WORKERS, n_short: int = N_SHORT):
        self.shop = shop
        self._finding = ThreadPoolExecutor(n_workers, thread_name_prefix="turn")
        self._writing = ThreadPoolExecutor(N_WRITING, thread_name_prefix="writing")
        self._short = ThreadPoolExecutor(n_short, thread_name_prefix="short")
        self._lines: WeakValueDictionary[str, _Line] = WeakValueDictionary()
        self._fresh: OrderedDict[str, Session] = OrderedDict()
        self._lists: OrderedDict[tuple[str, int], ShownList] = OrderedDict()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`function`, which takes a short time, called in a pool.

        A caller who is cancelled leaves only when the call has ended, or was never begun: no thread is still at work on
        a stream that is about to be closed, or on a session that is about to be let go.
        """
        return await self._run(self._short, partial(function, *args, **kwargs))

    async def _run(
        self, pool: ThreadPoolExecutor, function: Callable[[], T], on_leaving: Callable[[], None] | None = None
    ) -> T:
        call = pool.submit(function)
        outcome = asyncio.wrap_future(call)
        try:
            return await asyncio.shield(outcome)
        except asyncio.CancelledError:
            if not call.cancel():
                if on_leaving is not None:
                    on_leaving()
                await _ended(outcome)
            raise

    async def new_session(self, language: str) -> Session:
        """A fresh session; until its first turn it lives in this process only."""
        return self._begun(await self.run(self.shop.new_session, language))

    async def renewed(self, session: Session) -> Session:
        """A fresh session of the same shopper, as `new_session`; the one before stays as it is."""
        return self._begun(await self.run(self.shop.renewed, session))

    def _begun(self, session: Session) -> Session:
        self._fresh[session.id] = session
        if len(self._fresh) > FRESH_SESSIONS:
            self._fresh.popitem(last=False)
        return session

    async def load(self, session_id: str) -> Session | None:
        """The session that this server gave out under that id, or None."""
        return await self.run(self.shop.load_session, session_id) or self._fresh.get(session_id)

    async def stream(
        self, session_id: str, message: str, context: PageContext | None = None
    ) -> AsyncGenerator[StreamEvent]:
        """The events of one turn, as `ShoppingAssistant.stream` gives them, until the session is forgotten.

        Raises:
            LookupError: there is no such session.
        """
        line = self._line(session_id)
        async with self._session(session_id) as session:
            pool = self._finding
            events = await self._run(pool, partial(self.shop.stream, message, session, context=context))
            step, hang_up = partial(next, events, None), partial(self.shop.hang_up, session_id)
            try:
                while (event := await self._run(pool, step, hang_up)) is not None and not line.is_forgotten:
                    if isinstance(event, ProductsFound):
                        pool = self._writing
                    elif isinstance(event, Finished):
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
            reply = await self._run(self._writing, partial(self.shop.remove_constraint, session, key, value))
            self._remember(reply)
            return reply

    async def weigh(self, session_id: str, part: str, factor: float) -> Reply:
        """The reply when a part of the score counts so many times from now on.

        Raises:
            LookupError: there is no such session.
            ConfigError: there is no such part.
        """
        async with self._session(session_id) as session:
            reply = await self._run(self._writing, partial(self.shop.weigh, session, {part: factor}))
            self._remember(reply)
            return reply

    async def change(self, session_id: str, change: Callable[[Session], Session]) -> Session:
        """The session after a change that is no turn, such as forgetting what is known of the shopper.

        Args:
            session_id: whose session.
            change: gives the new session, and saves it.

        Raises:
            LookupError: there is no such session.
        """
        async with self._session(session_id) as session:
            changed = await self.run(change, session)
            self._fresh.pop(session_id, None)
            return changed

    async def forget(self, session_id: str) -> None:
        """Deletes a session with all that was said in it; a turn under way is broken off at its next event."""
        line = self._line(session_id)
        line.is_forgotten = True
        self.shop.hang_up(session_id)
        async with line.lock:
            self._fresh.pop(session_id, None)
            for key in [key for key in self._lists if key[0] == session_id]:
                del self._lists[key]
            await self.run(self.shop.delete_session, session_id)

    def shown_list(self, session: Session, index: int) -> ShownList | None:
        """The list under message `index` of `session`, where this process still remembers it."""
        later = sum(message.role == "assistant" for message in session.messages[index + 1 :])
        shown = self._lists.get((session.id, session.turn - later))
        if shown is None or _ids(shown.recommendations) != session.messages[index].product_ids:
            return None
        return shown

    def close(self) -> None:
        """Lets running turns end and frees the pools."""
        for pool in (self._finding, self._writing, self._short):
            pool.shutdown(wait=True, cancel_futures=True)

    def _line(self, session_id: str) -> _Line:
        return self._lines.setdefault(session_id, _Line())

    @asynccontextmanager
    async def _session(self, session_id: str) -> AsyncIterator[Session]:
        line = self._line(session_id)
        async with line.lock:
            session = None if line.is_forgotten else await self.load(session_id)
            if session is None:
                raise LookupError("no such session")
            yield session

    def _remember(self, reply: Reply) -> None:
        self._fresh.pop(reply.session.id, None)
        if not reply.products:
            return
        self._lists[reply.session.id, reply.session.turn] = ShownList(reply.products, reply.language)
        while len(self._lists) > REMEMBERED_LISTS:
            self._lists.popitem(last=False)


async def _ended(outcome: asyncio.Future[T]) -> None:
    """Waits for a call that nobody will take the outcome of, however often the waiting itself is cancelled."""
    while not outcome.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([outcome])
    if not outcome.cancelled() and (error := outcome.exception()) is not None:
        log.error("a turn failed after its shopper had left", exc_info=error)


def _ids(recommendations: tuple[Recommendation, ...]) -> tuple[str, ...]:
    return tuple(recommendation.ranked.product.id for recommendation in recommendations)
