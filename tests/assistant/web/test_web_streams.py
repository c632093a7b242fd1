"""Turns that can be lost hold of, taken up again, stopped and left."""

import asyncio
import time
from contextlib import aclosing

import pytest
from fastapi.testclient import TestClient
from scripted_shop import ScriptedShop
from turn_taking import run

from assistant.looking.values import PageContext
from assistant.types import Finished, ProductsFound, Session, TextDelta
from assistant.web.server import create_app
from assistant.web.streams import BrokenOff, Busy, LiveTurn, LiveTurns
from assistant.web.turns import Turns

NOWHERE = PageContext()


@pytest.fixture
def turns(scripted: ScriptedShop):
    scripted.store.sessions["s1"] = Session("s1", "guest")
    turns = Turns(scripted, 4)
    yield turns
    turns.close()


async def followed(live: LiveTurns, turn: LiveTurn, after: int = 0, most: int | None = None):
    """What happens from there on, at most so much of it."""
    found = []
    async with aclosing(live.follow(turn, after)) as happenings:
        async for happening in happenings:
            assert happening is not None
            found.append(happening)
            if len(found) == most:
                break
    return found


def test_whoever_loses_hold_goes_on_where_they_were_and_a_turn_runs_once(turns: Turns, scripted: ScriptedShop) -> None:
    async def scene() -> None:
        live = LiveTurns(turns)
        turn = live.begin("s1", "turn-0001", "slow boots", NOWHERE)
        first = await followed(live, turn, most=3)
        assert live.begin("s1", "turn-0001", "slow boots", NOWHERE) is turn
        rest = await followed(live, turn, after=3)
        whole = await followed(live, turn)
        assert first + rest == whole
        assert [number for number, _ in whole] == list(range(1, len(whole) + 1))
        kinds = [type(event) for _, event in whole]
        assert kinds == [ProductsFound, *[TextDelta] * (len(kinds) - 2), Finished]
        assert live.n_running == 0

    run(scene())
    assert scripted.store.sessions["s1"].turn == 1


def test_a_turn_that_is_stopped_says_so_and_leaves_nothing(turns: Turns, scripted: ScriptedShop) -> None:
    async def scene() -> None:
        live = LiveTurns(turns)
        turn = live.begin("s1", "turn-0001", "slow boots", NOWHERE)
        await followed(live, turn, most=2)
        live.stop("s1", "turn-0001")
        live.stop("s1", "no-such-turn")
        assert (await followed(live, turn))[-1][1] == BrokenOff(stopped=True)
        assert live.n_running == 0

    run(scene())
    assert scripted.store.sessions["s1"].turn == 0


def test_a_turn_whose_shopper_has_left_is_ended_and_one_who_comes_back_in_time_is_not(
    turns: Turns, scripted: ScriptedShop
) -> None:
    async def scene() -> None:
        live = LiveTurns(turns, left_after_s=0.3)
        turn = live.begin("s1", "turn-0001", "slow boots", NOWHERE)
        await followed(live, turn, most=1)
        assert isinstance((await followed(live, turn, after=1))[-1][1], Finished)
        left = live.begin("s1", "turn-0002", "slow boots", NOWHERE)
        await followed(live, left, most=1)
        ends = time.monotonic() + 10
        while not left.ended and time.monotonic() < ends:
            await asyncio.sleep(0.05)
        assert left.happened[-1] == BrokenOff(stopped=True)

    run(scene())
    assert scripted.store.sessions["s1"].turn == 1


def test_more_than_can_be_done_at_a_time_is_refused_and_what_failed_says_so(turns: Turns) -> None:
    async def scene() -> None:
        live = LiveTurns(turns, max_running=1, kept_for_s=0.0)
        first = live.begin("s1", "turn-0001", "slow boots", NOWHERE)
        with pytest.raises(Busy):
            live.begin("s1", "turn-0002", "boots", NOWHERE)
        await followed(live, first)
        failed = live.begin("s1", "turn-0002", "fail", NOWHERE)
        assert (await followed(live, failed))[-1][1] == BrokenOff(stopped=False)
        await live.close()

    run(scene())


def test_one_more_is_refused_while_too_many_have_found_nothing_yet(turns: Turns) -> None:
    async def scene() -> None:
        live = LiveTurns(turns, max_waiting=2)
        begun = [live.begin("s1", f"turn-000{n}", "slow boots", NOWHERE) for n in range(2)]
        assert live.n_waiting == 2
        with pytest.raises(Busy):
            live.begin("s1", "turn-0009", "boots", NOWHERE)
        await followed(live, begun[0], most=1)
        assert (live.n_running, live.n_waiting) == (2, 1)
        await followed(live, live.begin("s1", "turn-0009", "boots", NOWHERE))
        await live.close()

    run(scene())


def test_an_idle_turn_gives_signs_of_life(turns: Turns) -> None:
    async def scene() -> None:
        live = LiveTurns(turns)
        turn = live.begin("s1", "turn-0001", "slow boots", NOWHERE)
        async with aclosing(live.follow(turn, ping_s=0.02)) as happenings:
            found = [happening async for happening in happenings]
        assert None in found
        assert isinstance(found[-1][1], Finished)

    run(scene())


def test_a_busy_server_says_when_to_come_back(scripted: ScriptedShop) -> None:
    app = create_app(scripted, max_turns=0)
    with TestClient(app) as client:
        token = client.post("/api/session", json={}).json()["token"]
        answer = client.post("/api/chat", json={"message": "boots"}, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"]["code"] == "busy"


def test_a_busy_server_reads_nothing_before_it_refuses(scripted: ScriptedShop) -> None:
    body, stranger = {"message": "boots"}, {"authorization": "Bearer nobody"}
    with TestClient(create_app(scripted, max_turns=0)) as full:
        assert full.post("/api/chat", json=body, headers=stranger).status_code == 503
        assert full.get("/api/session", headers=stranger).status_code == 401
    with TestClient(create_app(scripted)) as free:
        assert free.post("/api/chat", json=body, headers=stranger).status_code == 401
