import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_shop import PRODUCTS, ScriptedShop, Store
from turn_taking import n_rows, reply_to, run

from assistant.app import ShoppingAssistant
from assistant.looking.values import PageContext
from assistant.sessions import sessions_table
from assistant.types import (
    Finished,
    Message,
    Option,
    ProductsFound,
    Question,
    Reply,
    Session,
    StreamEvent,
    TextDelta,
)
from assistant.web.conversation import MESSAGES_SHOWN, Conversation
from assistant.web.turns import FRESH_SESSIONS, Turns
from retrieval.types import Product


@pytest.fixture(params=["scripted", "demo"])
def either_shop(request: pytest.FixtureRequest) -> Any:
    """The scripted shop, then the real one."""
    return request.getfixturevalue(request.param)


def test_cards_come_first_then_words_then_the_whole_reply(scripted: ScriptedShop) -> None:
    async def kinds() -> list[type]:
        turns = Turns(scripted)
        session = await turns.new_session("en")
        return [type(event) async for event in turns.stream(session.id, "boots")]

    order = run(kinds())
    assert order[0] is ProductsFound
    assert order[-1] is Finished
    assert set(order[1:-1]) == {TextDelta}


def test_a_session_that_was_not_given_out_is_refused(scripted: ScriptedShop) -> None:
    with pytest.raises(LookupError):
        run(reply_to(Turns(scripted), "guessed", "boots"))


def test_a_fresh_session_is_stored_by_its_first_turn_only(either_shop: Any) -> None:
    async def look() -> tuple[Session | None, Session | None, Session | None]:
        turns = Turns(either_shop)
        session = await turns.new_session("zh")
        known, stored = await turns.load(session.id), either_shop.load_session(session.id)
        await reply_to(turns, session.id, "靴子")
        return known, stored, either_shop.load_session(session.id)

    known, stored_before, stored_after = run(look())
    assert known
    assert known.language == "zh"
    assert stored_before is None
    assert stored_after
    assert stored_after.messages[0].text == "靴子"


def test_fresh_sessions_are_bounded_and_leave_no_row(demo: ShoppingAssistant) -> None:
    async def flood() -> tuple[Session | None, Session | None]:
        turns = Turns(demo)
        first = await turns.new_session("en")
        for _ in range(FRESH_SESSIONS):
            last = await turns.new_session("en")
        return await turns.load(first.id), await turns.load(last.id)

    before = n_rows(demo, sessions_table)
    first, last = run(flood())
    assert first is None
    assert last is not None
    assert n_rows(demo, sessions_table) == before


def test_two_tabs_of_one_browser_do_not_overwrite_each_other(scripted: ScriptedShop) -> None:
    async def both() -> Session | None:
        turns = Turns(scripted)
        session = await turns.new_session("en")
        await asyncio.gather(*(reply_to(turns, session.id, f"slow {n}") for n in range(3)))
        return await turns.load(session.id)

    session = run(both())
    said = [message.text for message in session.messages if message.role == "shopper"]
    assert sorted(said) == ["slow 0", "slow 1", "slow 2"]


def test_many_chats_run_at_once_and_the_pool_is_bounded(tmp_path: Path) -> None:
    running: list[int] = []
    lock = threading.Lock()
    now = 0

    class Busy(ScriptedShop):
        """A shop that counts how many of its turns are at work."""

        def stream(self, text: str, session: Session, *, context: PageContext | None = None) -> Iterator[StreamEvent]:
            nonlocal now
            with lock:
                now += 1
                running.append(now)
            time.sleep(0.1)
            with lock:
                now -= 1
            yield from super().stream(text, session)

    class Eager(Busy):
        """The same, at work in the call itself."""

        def stream(self, text: str, session: Session, *, context: PageContext | None = None) -> Iterator[StreamEvent]:
            return iter(list(super().stream(text, session)))

    async def crowd() -> None:
        turns = Turns(Eager(tmp_path), n_workers=4)
        sessions = [await turns.new_session("en") for _ in range(12)]
        await asyncio.gather(*(reply_to(turns, session.id, "boots") for session in sessions))

    run(crowd())
    assert len(running) == 12
    assert max(running) == 4


def test_replies_that_wait_for_a_model_hold_up_nobodys_products(tmp_path: Path) -> None:
    written = threading.Event()

    class Waiting(ScriptedShop):
        """A shop whose model writes nothing before `written`."""

        def stream(self, text: str, session: Session, *, context: PageContext | None = None) -> Iterator[StreamEvent]:
            for event in super().stream(text, session):
                yield event
                if isinstance(event, ProductsFound):
                    assert written.wait(30)

    async def crowd() -> list[StreamEvent]:
        turns = Turns(Waiting(tmp_path), n_workers=2, n_short=2)
        sessions = [await turns.new_session("en") for _ in range(20)]
        streams = [turns.stream(session.id, "boots") for session in sessions]
        first = [await asyncio.wait_for(anext(events), 5) for events in streams]
        rest = [asyncio.create_task(anext(events)) for events in streams]
        await asyncio.sleep(0.1)
        assert await asyncio.wait_for(turns.load(sessions[0].id), 5)
        assert not any(task.done() for task in rest)
        written.set()
        await asyncio.gather(*rest)
        for events in streams:
            await events.aclose()
        turns.close()
        return first

    assert {type(event) for event in run(crowd())} == {ProductsFound}


def test_a_turn_that_fails_lets_the_next_one_through(scripted: ScriptedShop) -> None:
    async def fail_then_ask() -> Reply:
        turns = Turns(scripted)
        session = await turns.new_session("en")
        with pytest.raises(RuntimeError):
            await reply_to(turns, session.id, "fail")
        return await reply_to(turns, session.id, "boots")

    assert len(run(fail_then_ask()).session.messages) == 2


def test_a_page_that_goes_away_frees_its_session(scripted: ScriptedShop) -> None:
    async def leave() -> Reply:
        turns = Turns(scripted)
        session = await turns.new_session("en")
        events = turns.stream(session.id, "slow")
        await anext(events)
        await events.aclose()
        return await asyncio.wait_for(reply_to(turns, session.id, "boots"), 5)

    assert len(run(leave()).session.messages) == 2


def test_reasons_are_shown_again_while_the_process_remembers_the_list(tmp_path: Path) -> None:
    store = Store()
    first, restarted = ScriptedShop(tmp_path, store), ScriptedShop(tmp_path, store)

    async def shown() -> tuple[str, str]:
        turns = Turns(first)
        session = await turns.new_session("en")
        reply = await reply_to(turns, session.id, "boots")
        again = Conversation(first, turns).messages(reply.session, "en")
        elsewhere = Conversation(restarted, Turns(restarted)).messages(reply.session, "en")
        return again[-1]["content"][1], elsewhere[-1]["content"][1]

    remembered, restored = run(shown())
    assert "Waterproof, as you asked" in remembered
    assert "Waterproof, as you asked" not in restored
    for html in (remembered, restored):
        assert "&#36;99.00" in html
        assert html.count("<article") == len(PRODUCTS)


def test_a_restored_card_shows_the_variant_that_was_shown(tmp_path: Path) -> None:
    store = Store()
    first, restarted = ScriptedShop(tmp_path, store), ScriptedShop(tmp_path, store)

    async def shown() -> tuple[Session, str]:
        turns = Turns(first)
        session = await turns.new_session("en")
        reply = await reply_to(turns, session.id, "black ones")
        return reply.session, Conversation(first, turns).messages(reply.session, "en")[-1]["content"][1]

    def restored(session: Session, language: str) -> str:
        html: str = Conversation(restarted, Turns(restarted)).messages(session, language)[-1]["content"][1]
        return html

    session, remembered = run(shown())
    for html in (remembered, restored(session, "en")):
        assert 'src="images/boot-6?variant=boot-6%2Fblack%2042" alt="Saddle boots, black"' in html
        assert '<p class="card-variant">Black</p>' in html
        assert "&#36;109.00" in html
    sized = replace(session, filters=replace(session.filters, include={"size": ("42",)}))
    assert '<p class="card-variant">黑色，42码</p>' in restored(sized, "zh")
    last = session.messages[-1]
    for variant_ids in ((), ("sold and gone",)):
        older = replace(session, messages=(replace(last, variant_ids=variant_ids),))
        assert '<p class="card-variant">Brown</p>' in restored(older, "en")
        assert 'src="images/boot-6?variant=boot-6%2Fbrown%2042"' in restored(older, "en")


def test_a_list_is_not_shown_under_another_reply(scripted: ScriptedShop) -> None:
    async def undone() -> None:
        turns = Turns(scripted)
        session = await turns.new_session("en")
        reply = await reply_to(turns, session.id, "boots")
        changed = replace(reply.session, messages=(Message("shopper", "x"), Message("assistant", "y", ("boot-1",))))
        assert turns.shown_list(reply.session, 1) is not None
        assert turns.shown_list(changed, 1) is None

    run(undone())


def test_a_list_is_found_where_the_session_has_dropped_its_first_messages(scripted: ScriptedShop) -> None:
    async def trimmed() -> None:
        turns = Turns(scripted)
        session = await turns.new_session("en")
        await reply_to(turns, session.id, "boots")
        await reply_to(turns, session.id, "black ones")
        reply = await reply_to(turns, session.id, "boots again")
        shorter = replace(reply.session, messages=reply.session.messages[2:])
        titles = [
            [item.ranked.product.id for item in shown.recommendations]
            for shown in (turns.shown_list(shorter, 1), turns.shown_list(shorter, 3))
            if shown is not None
        ]
        assert titles == [["boot-6"], [item.id for item in PRODUCTS]]

    run(trimmed())


@pytest.mark.parametrize(("n_matched", "n_left", "offered"), [(15, 10, True), (15, 0, False), (3, 1, True)])
def test_more_is_offered_while_products_are_left(
    scripted: ScriptedShop, n_matched: int, n_left: int, offered: bool
) -> None:
    turns = Turns(scripted)
    for message, more in (("boots", "Show more"), ("靴子", "还有吗")):
        session = run(turns.new_session("en"))
        reply = replace(run(reply_to(turns, session.id, message)), n_matched=n_matched, n_left=n_left)
        assert (more in Conversation(scripted, turns).quick_replies(reply)) is offered
    assert "Show more" not in Conversation(scripted, turns).quick_replies(replace(reply, products=(), language="en"))


def test_an_answer_shows_how_many_it_leaves_and_says_only_itself(scripted: ScriptedShop) -> None:
    turns = Turns(scripted)
    reply = run(reply_to(turns, run(turns.new_session("en")).id, "boots"))
    question = Question("color", (Option("In black", "black", 4), Option("In red", "red", 2)), 0.2, "It doesn't matter")
    asked = replace(reply, question=question, quick_replies=("In black", "In red", "It doesn't matter", "Show more"))
    html = Conversation(scripted, turns).quick_replies(asked)
    assert 'data-say="In black">In black (4)</button>' in html
    assert 'data-say="In red">In red (2)</button>' in html
    assert html.count("<button") == 4


def test_a_long_conversation_is_shown_from_its_end(scripted: ScriptedShop) -> None:
    messages = tuple(Message("shopper", f"message {n}") for n in range(MESSAGES_SHOWN + 5))
    session = Session("id", "shopper", messages=messages)
    shown = Conversation(scripted, Turns(scripted)).messages(session, "en")
    assert len(shown) == MESSAGES_SHOWN
    assert "message 5<" in shown[0]["content"][0]


def test_only_pictures_of_allowed_origins_are_shown(scripted: ScriptedShop) -> None:
    far = replace(PRODUCTS[4], image="https://cdn.example.com/p.jpg")
    turns = Turns(scripted)

    def picture(item: Product, *origins: str) -> str | None:
        return Conversation(scripted, turns, origins).picture(item, item.offer)

    assert picture(far) is None
    assert picture(far, "https://cdn.example.com") == "https://cdn.example.com/p.jpg"
    assert picture(far, "https://example.com") is None
    plain = replace(far, image="http://cdn.example.com/p.jpg")
    assert picture(plain, "https://cdn.example.com") is None
    assert picture(PRODUCTS[0]) == "images/boot-1"
    grey = replace(far, variants=(replace(far.offer, image="https://cdn.example.com/grey.jpg"),))
    assert picture(grey, "https://cdn.example.com") == "https://cdn.example.com/grey.jpg"
    assert picture(grey) is None
