"""What is left of a turn when its shopper leaves, and of a session that is forgotten."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_shop import ScriptedShop
from turn_taking import n_rows, reply_to, run

from assistant.app import ShoppingAssistant
from assistant.looking.values import PageContext
from assistant.sessions import sessions_table, turns_table
from assistant.types import Reply, Session, StreamEvent, TextDelta
from assistant.web.turns import Turns


class Held(ScriptedShop):
    """A shop that is held up inside "held" turns, until `release` is set."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.begun, self.release = threading.Event(), threading.Event()
        self.log: list[str] = []

    def stream(self, text: str, session: Session, *, context: PageContext | None = None) -> Iterator[StreamEvent]:
        self.log.append(f"{text} begins")
        try:
            if text.startswith("held"):
                yield TextDelta("Wait")
                self.begun.set()
                assert self.release.wait(10)
                if text == "held and failing":
                    raise RuntimeError("the script says so")
            yield from super().stream(text, session)
        finally:
            self.log.append(f"{text} ends")

    def remove_constraint(self, session: Session, key: str, value: str | None) -> Reply:
        self.begun.set()
        assert self.release.wait(10)
        return super().remove_constraint(session, key, value)


@pytest.mark.parametrize("n_cancellations", [1, 3])
def test_a_cancelled_turn_keeps_its_session_until_its_thread_is_done(tmp_path: Path, n_cancellations: int) -> None:
    shop = Held(tmp_path)

    async def leave() -> Reply:
        turns = Turns(shop)
        session = await turns.new_session("en")
        leaving = asyncio.create_task(reply_to(turns, session.id, "held"))
        assert await turns.run(shop.begun.wait, 10)
        second = asyncio.create_task(reply_to(turns, session.id, "boots"))
        for _ in range(n_cancellations):
            leaving.cancel()
            await asyncio.sleep(0.05)
        assert not leaving.done()
        assert shop.log == ["held begins"]
        shop.release.set()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        return await asyncio.wait_for(second, 10)

    said = [message.text for message in run(leave()).session.messages if message.role == "shopper"]
    assert said == ["boots"]
    assert shop.log == ["held begins", "held ends", "boots begins", "boots ends"]


def test_what_fails_after_the_shopper_left_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shop = Held(tmp_path)

    async def leave() -> None:
        turns = Turns(shop)
        session = await turns.new_session("en")
        leaving = asyncio.create_task(reply_to(turns, session.id, "held and failing"))
        assert await turns.run(shop.begun.wait, 10)
        leaving.cancel()
        await asyncio.sleep(0)
        shop.release.set()
        with pytest.raises(asyncio.CancelledError):
            await leaving

    run(leave())
    assert "the script says so" in caplog.text


def test_a_cancelled_click_on_a_chip_is_done_before_the_next_turn(tmp_path: Path) -> None:
    shop = Held(tmp_path)

    async def leave() -> Reply:
        turns = Turns(shop)
        session = await turns.new_session("en")
        leaving = asyncio.create_task(turns.remove_constraint(session.id, "price", None))
        assert await turns.run(shop.begun.wait, 10)
        second = asyncio.create_task(reply_to(turns, session.id, "boots"))
        leaving.cancel()
        await asyncio.sleep(0.05)
        assert shop.log == []
        shop.release.set()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        return await asyncio.wait_for(second, 10)

    assert run(leave()).session.turn == 2


def test_a_call_that_still_waits_for_a_thread_is_never_begun(tmp_path: Path) -> None:
    shop = Held(tmp_path)

    async def leave() -> None:
        turns = Turns(shop, n_short=1)
        busy = asyncio.create_task(turns.run(shop.release.wait, 10))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(turns.run(shop.log.append, "begun"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(waiting, 5)
        shop.release.set()
        assert await busy

    run(leave())
    assert shop.log == []


def test_leaving_the_real_shop_at_any_moment_costs_at_most_that_turn(demo: ShoppingAssistant) -> None:
    async def leave(seconds: float) -> Session:
        turns = Turns(demo)
        session = await turns.new_session("en")
        leaving = asyncio.create_task(reply_to(turns, session.id, "waterproof hiking boots"))
        await asyncio.sleep(seconds)
        if leaving.cancel():
            with pytest.raises(asyncio.CancelledError):
                await leaving
        return (await asyncio.wait_for(reply_to(turns, session.id, "only under 100 dollars"), 30)).session

    for seconds in (0.0, 0.001, 0.005, 0.01, 0.02, 0.04, 0.08):
        session = run(leave(seconds))
        assert session.turn in (1, 2)
        assert session.messages[-2].text == "only under 100 dollars"
        assert len(session.messages) == 2 * session.turn
        assert demo.load_session(session.id) == session
        assert n_rows(demo, turns_table, session.id) == session.turn


def test_a_forgotten_session_is_gone_with_its_turns(demo: ShoppingAssistant) -> None:
    async def forget() -> tuple[str, str]:
        turns = Turns(demo)
        session, other, fresh = [await turns.new_session("en") for _ in range(3)]
        reply = await reply_to(turns, session.id, "hiking boots")
        await reply_to(turns, other.id, "hiking boots")
        assert turns.shown_list(reply.session, 1) is not None
        assert (n_rows(demo, sessions_table, session.id), n_rows(demo, turns_table, session.id)) == (1, 1)
        await turns.forget(session.id)
        await turns.forget(fresh.id)
        await turns.forget("never given out")
        assert turns.shown_list(reply.session, 1) is None
        for gone in (session, fresh):
            assert await turns.load(gone.id) is None
            with pytest.raises(LookupError):
                await reply_to(turns, gone.id, "cheaper ones")
        return session.id, other.id

    gone, kept = run(forget())
    assert (n_rows(demo, sessions_table, gone), n_rows(demo, turns_table, gone)) == (0, 0)
    assert (n_rows(demo, sessions_table, kept), n_rows(demo, turns_table, kept)) == (1, 1)


def test_a_turn_under_way_does_not_bring_a_forgotten_session_back(tmp_path: Path) -> None:
    shop = Held(tmp_path)

    async def forget() -> list[StreamEvent]:
        turns = Turns(shop)
        session = await turns.new_session("en")

        async def talk() -> list[StreamEvent]:
            return [event async for event in turns.stream(session.id, "held")]

        under_way = asyncio.create_task(talk())
        assert await turns.run(shop.begun.wait, 10)
        waiting = asyncio.create_task(reply_to(turns, session.id, "boots"))
        await asyncio.sleep(0)
        forgetting = asyncio.create_task(turns.forget(session.id))
        await asyncio.sleep(0.05)
        assert not forgetting.done()
        shop.release.set()
        await asyncio.wait_for(forgetting, 10)
        with pytest.raises(LookupError):
            await waiting
        return await under_way

    assert run(forget()) == [TextDelta("Wait")]
    assert shop.store.sessions == {}
    assert shop.log == ["held begins", "held ends"]
