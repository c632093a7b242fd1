"""Several models, attempts and conversations: who is asked when, for how long, and at whose expense."""

import logging
import os
import subprocess
import sys
import threading
import time

import pytest
from local_model import begin_stream, calls_tool, completion, in_turn, says, send_json, send_piece, served, streams
from pydantic import BaseModel
from writing_examples import RIDGE, TRAIL, a_step, recommended, the_evidence

from assistant.language_models import open_writer
from assistant.llm import Fallback, LlmSettings, TokenBudget, open_language_model
from assistant.llm.budget import MAX_SESSIONS
from assistant.writer import Writer
from retrieval.errors import LanguageModelError, NoLanguageModel, TokensSpent

KEY = "sk-test-abcdef0123456789"


def settings(*urls, **changes):
    """One model at each address, asked in turn."""
    options = {"timeout_s": 4.0, "first_token_s": 2.0, "max_retries": 0} | changes
    fallbacks = tuple(Fallback(f"openai:m{n}", url, KEY) for n, url in enumerate(urls[1:], start=2))
    return LlmSettings("openai:m1", base_url=urls[0], api_key=KEY, fallbacks=fallbacks, **options)


def status(code, **headers):
    def answer(handler, stopped):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def never(handler, stopped):
    stopped.wait(10)


def said_by(model, session_id=""):
    return "".join(model.stream("system", "user", session_id))


def breaks_off(handler, stopped):
    begin_stream(handler)
    send_piece(handler, "Take")


@pytest.mark.enable_socket
@pytest.mark.parametrize("fails", [status(500), status(401), status(404), never])
def test_where_one_model_fails_the_next_is_asked(fails, caplog):
    with served(fails) as (first, _), served(streams("Hello")) as (second, requests):
        model = open_language_model(settings(first, second, first_token_s=0.5))
        with caplog.at_level(logging.WARNING, "assistant"):
            assert said_by(model) == "Hello"
    [warning] = [record.getMessage() for record in caplog.records]
    assert warning.startswith("language model 'openai:m1'")
    assert warning.endswith("'openai:m2' is asked instead")
    assert KEY not in warning
    assert requests[0][2]["model"] == "m2"


@pytest.mark.enable_socket
def test_all_models_share_the_deadline():
    with served(never) as (first, _), served(never) as (second, _), served(never) as (third, requests):
        model = open_language_model(settings(first, second, third, timeout_s=1.2, first_token_s=1.0))
        started = time.monotonic()
        with pytest.raises(LanguageModelError, match=r"'openai:m3' gave no first words within 0\.4 s"):
            said_by(model)
        assert time.monotonic() - started < 1.5
    assert len(requests) == 1


@pytest.mark.enable_socket
def test_after_its_first_words_no_other_model_is_asked():
    with served(breaks_off) as (first, _), served(streams("Hello")) as (second, requests):
        stream = open_language_model(settings(first, second)).stream("s", "u")
        assert next(piece for piece in stream if piece) == "Take"
        with pytest.raises(LanguageModelError, match="'openai:m1' failed: ConnectionError: the answer broke off"):
            list(stream)
    assert requests == []


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("first", "n_requests"),
    [
        (status(500), 2),
        (status(429), 2),
        (status(429, Retry_After="0.1"), 2),
        (status(429, Retry_After="60"), 1),
        (status(429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), 1),
        (status(401), 1),
        (status(404), 1),
    ],
)
def test_one_more_attempt_where_it_may_help(first, n_requests):
    with served(in_turn(first, streams("Hello"))) as (url, requests):
        model = open_language_model(settings(url, max_retries=1))
        started = time.monotonic()
        if n_requests == 2:
            assert said_by(model) == "Hello"
        else:
            with pytest.raises(LanguageModelError):
                said_by(model)
        assert time.monotonic() - started < 1.5
    assert len(requests) == n_requests


@pytest.mark.enable_socket
def test_attempts_are_counted():
    with served(status(500)) as (url, requests), pytest.raises(LanguageModelError):
        said_by(open_language_model(settings(url, max_retries=2)))
    assert len(requests) == 3


class Form(BaseModel):
    """One word."""

    word: str


@pytest.mark.enable_socket
def test_a_form_is_filled_in_by_the_next_model_where_one_fails(caplog):
    with served(status(401)) as (first, _), served(calls_tool({"word": "tea"}, "Form")) as (second, _):
        model = open_language_model(settings(first, second))
        assert model.fill_in("s", "u", Form).word == "tea"
    assert ["'openai:m2' is asked instead" in record.getMessage() for record in caplog.records] == [True]


@pytest.mark.enable_socket
def test_an_endless_answer_is_cut_off_and_hung_up_on():
    gone = threading.Event()

    def endless(handler, stopped):
        try:
            streams(*["on and on " * 100] * 10_000)(handler, stopped)
        except OSError:
            gone.set()

    with served(endless) as (url, _):
        stream = open_language_model(settings(url, max_tokens=100)).stream("s", "u")
        with pytest.raises(LanguageModelError, match="much longer than max_tokens allows"):
            list(stream)
        assert gone.wait(2)


def test_a_model_without_a_key_is_left_out(monkeypatch, caplog):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(NoLanguageModel, match="'openai:a' failed"):
        open_language_model(LlmSettings("openai:a"))
    other = Fallback("openai:b", "http://127.0.0.1:9/v1")
    settings = LlmSettings("openai:a", fallbacks=(other,))
    assert open_language_model(settings).name == "openai:b"
    open_writer(settings, TokenBudget())
    [warning] = [record.getMessage() for record in caplog.records]
    assert "'openai:a' failed" in warning
    assert warning.endswith("; it is left out")


@pytest.mark.enable_socket
def test_a_conversation_that_used_its_tokens_is_answered_without_the_model(caplog):
    step = a_step()
    with served(streams("Take {p1.title}, or {p2.title}.")) as (url, requests):
        budget = TokenBudget(600)
        writer = Writer(open_language_model(settings(url), budget))
        replies = []
        with caplog.at_level(logging.WARNING, "assistant"):
            for _ in range(4):
                replies.append("".join(writer.write(step, recommended(step, TRAIL, RIDGE), the_evidence(step))))
    assert replies[0].startswith("Take Fellside")
    assert len(requests) < 4
    assert replies[-1].count(TRAIL.title) == replies[-1].count(RIDGE.title) == 1
    assert "$99.00" in replies[-1]
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == 1
    assert f"session {step.session.id} has used its 600 tokens" in warnings[0]


@pytest.mark.enable_socket
def test_tokens_are_the_providers_count_or_else_an_estimate():
    budget = TokenBudget(1_000_000)
    with served(streams("four" * 10)) as (url, _):
        said_by(open_language_model(settings(url), budget), "estimated")
    with served(says('{"word": "tea"}')) as (url, _):
        open_language_model(settings(url), budget).fill_in("s", "u", Form, "counted")
    assert budget.used("estimated") == 3 + 10
    # Twice two: it was asked for a tool call, then for JSON.
    assert budget.used("counted") in (2, 4)


def test_a_spent_budget_asks_nobody_and_is_one_sessions():
    budget = TokenBudget(10)
    model = open_language_model(settings("http://127.0.0.1:9/v1"), budget)
    budget.spend("s1", 10)
    with pytest.raises(TokensSpent):
        said_by(model, "s1")
    with pytest.raises(TokensSpent):
        model.fill_in("s", "u", Form, "s1")
    assert not budget.is_spent("s2")
    assert not TokenBudget(0).is_spent("s1")


def test_what_sessions_used_is_kept_for_the_latest_only():
    budget = TokenBudget(10)
    for n in range(MAX_SESSIONS + 5):
        budget.spend(f"s{n}", 1)
    assert [budget.used(f"s{n}") for n in (0, 4, 5, MAX_SESSIONS)] == [0, 0, 1, 1]


TRACED = """
import json, os, sys
from assistant.llm import LlmSettings, open_language_model
from langchain.chat_models import init_chat_model
from langchain_core.tracers.langchain import wait_for_all_tracers
options = {"base_url": sys.argv[1], "api_key": "none"}
if sys.argv[2] == "ours":
    model = open_language_model(LlmSettings("openai:m", **options, timeout_s=30, first_token_s=30))
    print("".join(model.stream("system", "a secret wish")))
else:
    print(init_chat_model("openai:m", **options).invoke("a secret wish").text)
wait_for_all_tracers()
"""


@pytest.mark.slow
@pytest.mark.enable_socket
@pytest.mark.parametrize(("whose", "is_traced"), [("ours", False), ("plain", True)])
def test_nothing_is_sent_to_langsmith_though_the_environment_asks_for_it(whose, is_traced):
    """LangChain by itself does send it there, so the tracing server would have seen ours."""

    def model(handler, stopped):
        if whose == "ours":
            streams("Hello")(handler, stopped)
        else:
            send_json(handler, completion({"content": "Hello"}))

    traces = []

    def tracing(handler, stopped):
        traces.append(handler.path)
        send_json(handler, {})

    with served(model) as (url, _), served(tracing, reads_json=False) as (endpoint, _):
        environment = {**os.environ, "LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "true",
                       "LANGSMITH_ENDPOINT": endpoint, "LANGSMITH_API_KEY": "lsv2_pt_0123456789"}  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", TRACED, url, whose],
            env=environment, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    assert done.stdout.strip() == "Hello"
    assert bool(traces) == is_traced
