"""The built-in model behind a server that fails: one deadline, one purse and one hanging up for all parts of a reply.

The server is a real one on this machine, the client the provider's own.
"""

import logging
import re
import threading
import time
from itertools import pairwise

import pytest
from local_model import begin_stream, in_turn, send_piece, served, streams
from writing_examples import CLOUD, RIDGE, TRAIL, a_step, recommended, the_evidence

from assistant.language_models import open_writer
from assistant.llm import LlmSettings, TokenBudget

pytestmark = pytest.mark.enable_socket

ALL = (TRAIL, RIDGE, CLOUD)
OPENING = streams("I found {n_matched} ", "{wi", "sh}.")
FIRST = streams(" Take {title} ", "at {price}.")


def never(handler, stopped):
    stopped.wait(20)


def settings(url, **changes):
    options = {"timeout_s": 4.0, "first_token_s": 2.0, "max_retries": 0} | changes
    return LlmSettings("openai:m", base_url=url, api_key="sk-test", briefs=True, **options)


def reply_of(writer, step=None):
    step = step or a_step()
    return "".join(writer.write(step, recommended(step, *ALL), the_evidence(step)))


def sent(requests):
    return [request[2]["messages"][-1]["content"] for request in requests]


def assert_complete(text):
    assert "{" not in text
    for product in ALL:
        assert text.count(product.title) == 1
    assert set(re.findall(r"\$([\d.,]*\d)", text)) >= {"99.00", "115.00", "80.50"}


def test_each_part_is_told_what_was_written_before_it():
    answers = [OPENING, FIRST, streams(" Or {title}."), streams(" Or {title}, {less} less."), streams()]
    with served(in_turn(*answers)) as (url, requests):
        text = reply_of(open_writer(settings(url)))
    assert text == (
        "I found 3 waterproof hiking boots under $120, none listed as brown. Take Fellside Trail Boot at $99.00. Or "
        "Highmoor Leather Boot. Or Cloud Walker, $18.50 less."
    )
    told = sent(requests)
    assert len(told) == 5
    assert told[0].endswith("<|open|>{wish}{n_matched}<|say|>")
    assert told[1].startswith(told[0] + "I found {n_matched} {wish}.<|end|><|first|>{title}{price}")
    assert all(later.startswith(earlier) for earlier, later in pairwise(told))


@pytest.mark.parametrize(
    ("third", "cause"),
    [
        (never, "gave no first words within"),
        (streams(), None),
    ],
)
def test_a_stall_in_the_third_part_ends_in_a_full_reply(third, cause, caplog):
    with served(in_turn(OPENING, FIRST, third)) as (url, _), caplog.at_level(logging.WARNING, "assistant"):
        started = time.monotonic()
        text = reply_of(open_writer(settings(url)))
        assert time.monotonic() - started < 5.0
    assert text.startswith("I found 3 waterproof hiking boots under $120, none listed as brown.")
    assert_complete(text)
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == (1 if cause else 0)
    assert all(cause in warning and warning.endswith("; the plain writer completes the reply") for warning in warnings)


def slow(seconds, text):
    """An answer whose pieces come in time, each for itself."""

    def answer(handler, stopped):
        begin_stream(handler)
        for piece in text.split(" "):
            send_piece(handler, f" {piece}")
            if stopped.wait(seconds):
                return
        send_piece(handler, "", "stop")
        handler.wfile.write(b"data: [DONE]\n\n")

    return answer


def test_all_parts_share_one_deadline(caplog):
    parts = [
        slow(0.4, "I found {n_matched} {wish}."),
        slow(0.4, "Take {title}."),
        slow(0.2, "Or {title}, " + "and so on " * 40),
    ]
    reply_of(open_writer(settings("http://127.0.0.1:9/v1")))  # the client's packages are imported
    caplog.clear()
    with served(in_turn(*parts)) as (url, requests), caplog.at_level(logging.WARNING, "assistant"):
        started = time.monotonic()
        text = reply_of(open_writer(settings(url, timeout_s=4.0)))
        assert 3.9 < time.monotonic() - started < 6.2  # each on its own: 6.4
    assert len(requests) == 3
    assert text.startswith("I found 3 waterproof hiking boots under $120, none listed as brown. Take Fellside")
    assert all(text.count(product.title) == 1 for product in ALL)
    [warning] = [record.getMessage() for record in caplog.records]
    assert "gave no answer within 4 s" in warning


def test_a_session_pays_for_every_part_and_is_then_answered_without(caplog):
    step = a_step()
    with served(in_turn(OPENING, FIRST, streams(" Or {title}."))) as (url, requests):
        budget = TokenBudget(60)
        writer = open_writer(settings(url), budget)
        with caplog.at_level(logging.WARNING, "assistant"):
            first = reply_of(writer, step)
            n_asked = len(requests)
            second = reply_of(writer, step)
    assert first.startswith("I found 3 waterproof")
    assert 1 <= n_asked < 5, "it stops as soon as the tokens are gone"
    assert len(requests) == n_asked, "a spent session asks nobody"
    assert_complete(first)
    assert_complete(second)
    assert budget.is_spent(step.session.id)
    assert not budget.is_spent("another")
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == 1
    assert f"session {step.session.id} has used its 60 tokens" in warnings[0]


def hung_up_on(gone):
    def answer(handler, stopped):
        begin_stream(handler)
        send_piece(handler, " Or {title}. And ")
        handler.connection.settimeout(8)
        if handler.connection.recv(1) == b"":
            gone.set()

    return answer


def test_closing_the_stream_hangs_up():
    gone = threading.Event()
    step = a_step()
    with served(in_turn(OPENING, FIRST, hung_up_on(gone))) as (url, requests):
        pieces = open_writer(settings(url)).write(step, recommended(step, *ALL), the_evidence(step))
        said = ""
        while "Highmoor" not in said:
            said += next(pieces)
        assert not gone.is_set()
        pieces.close()
        assert gone.wait(1)
    assert len(requests) == 3


def test_hanging_up_from_another_thread_ends_the_wait_and_asks_for_no_further_part():
    asked, gone = threading.Event(), threading.Event()

    def waits(handler, stopped):
        asked.set()
        handler.connection.settimeout(8)
        if handler.connection.recv(1) == b"":
            gone.set()

    step = a_step()
    with served(in_turn(OPENING, waits)) as (url, requests):
        writer = open_writer(settings(url, timeout_s=8.0, first_token_s=8.0))
        leaving = threading.Thread(target=lambda: asked.wait(5) and writer.hang_up(step.session.id))
        leaving.start()
        started = time.monotonic()
        text = reply_of(writer, step)
        assert time.monotonic() - started < 6
        assert gone.wait(1)
        leaving.join(5)
    assert len(requests) == 2
    assert_complete(text)
