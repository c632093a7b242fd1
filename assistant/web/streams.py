"""Turns that a shopper can lose hold of and take up again, stop, or leave.

In: a session, a message, and an id that the shopper's page gave the turn. Out: the turn's events with their numbers,
from any of them on. Knows nothing of HTTP.

A turn runs on its own. Whoever follows it may break off and follow again from where they were, for a minute after its
end; one that nobody has followed for a while is ended, since its shopper has left.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.looking.values import PageContext
from assistant.types import Finished, StreamEvent
from assistant.web.edge import Edge
from assistant.web.turns import Turns
from retrieval.errors import ShopError

MAX_RUNNING, MAX_WAITING = 64, 16
"""Turns at a time, and those of them that have not found their products: these compute, the others mostly wait."""
LEFT_AFTER_S = 10.0
KEPT_FOR_S = 60.0
PING_S = 15.0


class Busy(ShopError):
    """As many turns are running as the server can do at a time."""


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """The turn has no end: it was `stopped`, or something went wrong, which was logged."""

    stopped: bool


Happening = StreamEvent | BrokenOff


@dataclass(eq=False)
class LiveTurn:
    """What has happened in a turn so far. `ended`: nothing more will."""

    happened: list[Happening] = field(default_factory=list)
    ended: bool = False
    n_followers: int = 0
    task: asyncio.Task[None] | None = None
    news: asyncio.Condition = field(default_factory=asyncio.Condition)


class LiveTurns:
    """The turns that run, or have just ended, of all sessions. Lives on one event loop."""

    def __init__(
        self,
        turns: Turns,
        *,
        max_running: int = MAX_RUNNING,
        max_waiting: int = MAX_WAITING,
        left_after_s: float = LEFT_AFTER_S,
        kept_for_s: float = KEPT_FOR_S,
    ) -> None:
        self._turns = turns
        self._max_running = max_running
        self._max_waiting = max_waiting
        self._left_after_s = left_after_s
        self._kept_for_s = kept_for_s
        self._live: dict[tuple[str, str], LiveTurn] = {}

    @property
    def n_running(self) -> int:
        """How many turns have not ended."""
        return sum(not turn.ended for turn in self._live.values())

    @property
    def n_waiting(self) -> int:
        """How many of those have found nothing yet."""
        return sum(not turn.ended and not turn.happened for turn in self._live.values())

    @property
    def is_full(self) -> bool:
        """Whether another turn would be refused."""
        return self.n_running >= self._max_running or self.n_waiting >= self._max_waiting

    def has_turns(self, session_id: str) -> bool:
        """Whether a turn of the session is there to be taken up again."""
        return any(of == session_id for of, _ in self._live)

    def begin(self, session_id: str, turn_id: str, message: str, context: PageContext) -> LiveTurn:
        """The turn of that id, begun if it is new.

        Raises:
            Busy: too many are running, or so many have found nothing yet that this one would be late.
        """
        key = (session_id, turn_id)
        if key in self._live:
            return self._live[key]
        if self.is_full:
            raise Busy("too many shoppers are being answered at the moment")
        turn = self._live[key] = LiveTurn()
        turn.task = asyncio.create_task(self._run(key, turn, message, context))
        return turn

    async def follow(
        self, turn: LiveTurn, after: int = 0, ping_s: float = PING_S
    ) -> AsyncGenerator[tuple[int, Happening] | None]:
        """What happened after event `after` (they count from 1), and what happens; None where `ping_s` passed idly."""
        turn.n_followers += 1
        try:
            number = max(0, after)
            while True:
                while number < len(turn.happened):
                    number += 1
                    yield number, turn.happened[number - 1]
                if turn.ended:
                    return
                if not await _has_news(turn, number, ping_s):
                    yield None
        finally:
            turn.n_followers -= 1
            if not turn.n_followers and not turn.ended:
                asyncio.get_running_loop().call_later(self._left_after_s, self._end_if_left, turn)

    def stop(self, session_id: str, turn_id: str) -> None:
        """End the turn where it is; nothing of it is kept."""
        turn = self._live.get((session_id, turn_id))
        if turn is not None and turn.task is not None:
            turn.task.cancel()

    def stop_all(self, session_id: str) -> None:
        """End all turns of a session."""
        for of, turn_id in list(self._live):
            if of == session_id:
                self.stop(of, turn_id)

    async def close(self) -> None:
        """End all of them."""
        tasks = [turn.task for turn in self._live.values() if turn.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: tuple[str, str], turn: LiveTurn, message: str, context: PageContext) -> None:
        stopped = True
        try:
            with Edge("a turn"):
                async with aclosing(self._turns.stream(key[0], message, context)) as events:
                    async for event in events:
                        await _add(turn, event)
            stopped = False
        finally:
            if not turn.happened or not isinstance(turn.happened[-1], Finished):
                turn.happened.append(BrokenOff(stopped))
            turn.ended = True
            asyncio.get_running_loop().call_later(self._kept_for_s, self._live.pop, key, None)
            async with turn.news:
                turn.news.notify_all()

    def _end_if_left(self, turn: LiveTurn) -> None:
        if not turn.n_followers and turn.task is not None:
            turn.task.cancel()


async def _add(turn: LiveTurn, event: Happening) -> None:
    turn.happened.append(event)
    async with turn.news:
        turn.news.notify_all()


async def _has_news(turn: LiveTurn, seen: int, ping_s: float) -> bool:
    """Whether there is anything after event `seen` before so many seconds have passed."""
    async with turn.news:
        try:
            async with asyncio.timeout(ping_s):
                await turn.news.wait_for(lambda: turn.ended or len(turn.happened) > seen)
        except TimeoutError:
            return False
    return True
