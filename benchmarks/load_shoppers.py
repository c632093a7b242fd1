"""Simulated shoppers who chat over `/api/`, many at a time.

In: conversations (what is said, turn by turn), and a server's address. Out: what each turn came to and how long it
took. Knows no shop: products, words and the end of a reply are events of a stream.

A shopper says a conversation's turns one after the other, thinks in between, and leaves; then the next one comes. The
time to think is exponentially distributed, so that at any moment some type and most read.
"""

import asyncio
import json
import math
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import httpx

from benchmarks.load_model import is_scripted

TURN_LIMIT_S = 30.0
"""A turn without an end after so long is an error."""
REFUSALS = (429, 503)

Place = tuple[int, int]
"""Which conversation, and which turn of it; both from 0."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one shopper says, in one language."""

    language: str
    turns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message came to. Seconds from the request: to the products, the first words and the end of the reply.

    `error` names what went wrong, "" nothing. `retry_after_s`: it was refused, and may come back after so long.
    """

    place: Place
    products_s: float | None = None
    text_s: float | None = None
    done_s: float | None = None
    scripted: bool = False
    retry_after_s: float | None = None
    error: str = ""

    @property
    def answered(self) -> bool:
        """Whether a whole reply came."""
        return not self.error and self.retry_after_s is None


@dataclass(frozen=True, slots=True)
class Habits:
    """`think_s` is the mean time between a reply and the next message, `arriving_s` how long the first ones take to
    come, evenly spread; `seed` is of all that is drawn. One who was refused comes back `late_s` later than told, on
    average.
    """

    think_s: float
    arriving_s: float
    seed: int
    late_s: float = 1.0


class Shop:
    """A server's doors, as a shopper's page uses them."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def enter(self, language: str) -> tuple[str, Turn]:
        """A new session's token, and what asking for it came to; without a token, why."""
        nothing = Turn((-1, -1))
        try:
            response = await self._client.post("/api/session", json={"language": language})
        except httpx.HTTPError as error:
            return "", replace(nothing, error=type(error).__name__)
        if response.status_code != 201:
            return "", _refused(nothing, response)
        return str(response.json()["token"]), nothing

    async def say(self, token: str, place: Place, message: str) -> Turn:
        """One message, its reply followed to the end."""
        turn, started = Turn(place), time.perf_counter()
        try:
            async with asyncio.timeout(TURN_LIMIT_S):
                return await self._followed(token, turn, message, started)
        except TimeoutError:
            return replace(turn, error="timeout")
        except httpx.HTTPError as error:
            return replace(turn, error=type(error).__name__)

    async def _followed(self, token: str, turn: Turn, message: str, started: float) -> Turn:
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        async with self._client.stream("POST", "/api/chat", json={"message": message}, headers=headers) as response:
            if response.status_code != 200:
                return _refused(turn, response)
            said = ""
            async for event, data in _events(response):
                elapsed = time.perf_counter() - started
                if event == "products" and turn.products_s is None:
                    turn = replace(turn, products_s=elapsed)
                elif event == "text":
                    said += data["text"]
                    turn = turn if turn.text_s is not None else replace(turn, text_s=elapsed)
                elif event == "error":
                    return replace(turn, error=f"error event: {data['code']}")
                elif event == "done":
                    error = "" if turn.products_s is not None and said else "incomplete"
                    return replace(turn, done_s=elapsed, scripted=is_scripted(said), error=error)
        return replace(turn, error="broken off")


async def alone(shop: Shop, conversations: Sequence[Conversation]) -> list[Turn]:
    """Every turn of every conversation, one after the other and nobody else there."""
    turns = []
    for number, conversation in enumerate(conversations):
        token, entry = await shop.enter(conversation.language)
        if not token:
            turns.append(entry)
            continue
        for place, message in enumerate(conversation.turns):
            turns.append(await shop.say(token, (number, place), message))
    return turns


async def crowd(
    shop: Shop, conversations: Sequence[Conversation], habits: Habits, n_chats: int, seconds: float
) -> list[Turn]:
    """`n_chats` shoppers at a time, who begin messages for so long and wait for every reply."""
    ends = time.perf_counter() + seconds
    chats = [_Chat(shop, conversations, habits, number, ends) for number in range(n_chats)]
    await asyncio.gather(*(chat.run() for chat in chats))
    return [turn for chat in chats for turn in chat.turns]


async def rush(
    shop: Shop, conversations: Sequence[Conversation], habits: Habits, n_chats: int, seconds: float
) -> list[Turn]:
    """As `crowd`, but after so long all leave as they are, in the middle of a reply or not."""
    chats = [_Chat(shop, conversations, habits, number, math.inf) for number in range(n_chats)]
    tasks = [asyncio.create_task(chat.run()) for chat in chats]
    done, left = await asyncio.wait(tasks, timeout=seconds)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for task in done:
        task.result()
    return [turn for chat in chats for turn in chat.turns]


class _Chat:
    """A place in the shop: one shopper after the other, and what came of their messages."""

    def __init__(
        self, shop: Shop, conversations: Sequence[Conversation], habits: Habits, number: int, ends: float
    ) -> None:
        self.turns: list[Turn] = []
        self._shop = shop
        self._conversations = conversations
        self._habits = habits
        self._chance = random.Random(f"{habits.seed}/{number}")
        self._ends = ends

    async def run(self) -> None:
        """Until nobody begins anything more."""
        await asyncio.sleep(self._chance.uniform(0, self._habits.arriving_s))
        while self._goes_on():
            await self._visit(self._chance.randrange(len(self._conversations)))

    async def _visit(self, number: int) -> None:
        """One shopper's conversation."""
        conversation = self._conversations[number]
        token, entry = await self._shop.enter(conversation.language)
        if not token:
            self.turns.append(entry)
            await self._think(entry.retry_after_s)
            return
        for place, message in enumerate(conversation.turns):
            while self._goes_on():
                turn = await self._shop.say(token, (number, place), message)
                self.turns.append(turn)
                await self._think(turn.retry_after_s)
                if turn.retry_after_s is None:
                    break

    async def _think(self, told_s: float | None) -> None:
        """Read and type; or, told to come back, do so a little later than asked."""
        mean_s = self._habits.think_s if told_s is None else self._habits.late_s
        pause_s = (told_s or 0.0) + self._chance.expovariate(1 / mean_s)
        await asyncio.sleep(min(pause_s, max(0.0, self._ends - time.perf_counter())))

    def _goes_on(self) -> bool:
        return time.perf_counter() < self._ends


async def _events(response: httpx.Response) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """The server-sent events of a response: name and data, of which only texts are of interest."""
    event = ""
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data":
            yield event, json.loads(value)


def _refused(turn: Turn, response: httpx.Response) -> Turn:
    """A refusal says when to come back; anything else that is no answer is an error."""
    after = response.headers.get("retry-after", "")
    if response.status_code in REFUSALS and after.isdecimal():
        return replace(turn, retry_after_s=float(after))
    without = " without Retry-After" if response.status_code in REFUSALS else ""
    return replace(turn, error=f"status {response.status_code}{without}")
