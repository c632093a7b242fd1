"""The door to LangChain, against a real HTTP server on this machine that speaks the OpenAI protocol."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langsmith.utils import tracing_is_enabled
from local_model import begin_stream, send_piece, served, streams
from writing_examples import RIDGE, TRAIL, a_step, recommended, the_evidence

from assistant.llm import LanguageModel, LlmSettings, open_language_model, redact
from assistant.llm.faults import EXTRAS
from assistant.writer import Writer
from retrieval.errors import LanguageModelError

KEY = "sk-test-abcdef0123456789"


def never(handler, stopped):
    stopped.wait(10)


def drips(handler, stopped):
    begin_stream(handler)
    while not stopped.wait(0.05):
        send_piece(handler, "and ")


def breaks_off(handler, stopped):
    begin_stream(handler)
    send_piece(handler, "Take {p1.title}, at {p1.price}. And th")
    handler.wfile.write(b"data: {not json\n\n")


def fails(handler, stopped):
    body = json.dumps({"error": {"message": f"boom {KEY}", "type": "server_error"}}).encode()
    handler.send_response(500)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def refuses(handler, stopped):
    handler.send_response(401)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def html(handler, stopped):
    body = b"<html>Welcome</html>"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


PATIENT = {"timeout_s": 60.0, "first_token_s": 30.0}
"""Where an answer is to come: the first one waits for the client's packages to be imported."""


def opened(url, **changes):
    options = {"timeout_s": 1.5, "first_token_s": 0.8, "max_retries": 0} | changes
    return open_language_model(LlmSettings("openai:test-model", base_url=url, api_key=KEY, **options))


def a_reply(model):
    step = a_step()
    return "".join(Writer(model).write(step, recommended(step, TRAIL, RIDGE), the_evidence(step)))


@pytest.mark.enable_socket
def test_a_real_server_streams_and_the_facts_are_filled_in():
    said = ["Take {p1.ti", "tle}, at {p1.price}", ". It is on", "ly $5. Or ", "{p2.title} at {p2.price}."]
    with served(streams(*said)) as (url, requests):
        said = a_reply(opened(url, **PATIENT))
    assert said == "Take Fellside Trail Boot, at $99.00. Or Highmoor Leather Boot at $115.00."
    path, headers, body = requests[0]
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert body["stream"] is True
    assert body["model"] == "test-model"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "{p1.title} = Fellside Trail Boot" in body["messages"][1]["content"]
    assert len(requests) == 1


@pytest.mark.enable_socket
def test_the_first_piece_arrives_before_the_last_is_sent():
    gate = threading.Event()

    def answer(handler, stopped):
        begin_stream(handler)
        send_piece(handler, "Hello")
        gate.wait(5)
        send_piece(handler, " there", "stop")
        handler.wfile.write(b"data: [DONE]\n\n")

    with served(answer) as (url, _):
        stream = opened(url, timeout_s=5.0, first_token_s=4.0).stream("s", "u")
        assert next(piece for piece in stream if piece) == "Hello"
        gate.set()
        assert "".join(stream).endswith("there")


@pytest.mark.enable_socket
@pytest.mark.parametrize("answer", [never, fails, refuses, html, drips, breaks_off, streams(), streams("   ")])
def test_whatever_the_server_does_the_reply_is_complete_in_time(answer, caplog):
    with served(answer) as (url, _), caplog.at_level(logging.WARNING, "assistant"):
        started = time.monotonic()
        text = a_reply(opened(url))
        seconds = time.monotonic() - started
    assert text.count(TRAIL.title) == text.count(RIDGE.title) == 1
    assert "$99.00" in text
    assert "$115.00" in text
    assert seconds < 3
    warnings = [record.getMessage() for record in caplog.records if record.name.startswith("assistant")]
    assert len(warnings) <= 1
    assert all(KEY not in warning for warning in warnings)


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("answer", "message"), [(never, "gave no first words within 0.8 s"), (drips, "gave no answer within")]
)
def test_the_deadlines_name_what_did_not_come(answer, message):
    with served(answer) as (url, _), pytest.raises(LanguageModelError, match=message):
        list(opened(url).stream("s", "u"))


@pytest.mark.enable_socket
def test_a_refused_connection_is_one_error_without_the_key():
    model = open_language_model(LlmSettings("openai:m", base_url="http://127.0.0.1:9/v1", api_key=KEY, max_retries=0))
    with pytest.raises(LanguageModelError, match=r"'openai:m' failed: \w*Connection") as caught:
        list(model.stream("s", "u"))
    assert KEY not in str(caught.value)


@pytest.mark.enable_socket
def test_the_providers_answer_cannot_leak_the_key():
    with served(fails) as (url, _), pytest.raises(LanguageModelError) as caught:
        list(opened(url, **PATIENT).stream("s", "u"))
    assert "boom" in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.enable_socket
def test_no_key_of_the_environment_goes_to_another_server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-openai-only-123456")
    with served(streams("Hi")) as (url, requests):
        model = open_language_model(LlmSettings("openai:m", base_url=url, max_retries=0))
        assert "".join(model.stream("s", "u")) == "Hi"
    assert "sk-for-openai" not in requests[0][1]["authorization"]


def test_no_model_configured_is_none():
    assert open_language_model(LlmSettings()) is None


MISSING = """
import sys
from assistant.llm import LlmSettings, open_language_model
from retrieval.errors import LanguageModelError
for provider in sys.argv[1:]:
    sys.modules[f"langchain_{provider}"] = None  # what Python itself takes for a package that is not there
    try:
        open_language_model(LlmSettings(f"{provider}:a-model", api_key="none"))
    except LanguageModelError as error:
        print(error)
"""


def test_a_missing_provider_package_is_named_with_its_extra():
    """In a process of its own: LangChain remembers which packages it has seen."""
    providers = [*sorted(EXTRAS), "groq"]
    done = subprocess.run(
        [sys.executable, "-c", MISSING, *providers], capture_output=True, text=True, timeout=60, check=True
    )
    for provider, said in zip(providers, done.stdout.splitlines(), strict=True):
        extra = f"pip install 'conversational-shopping-assistant[{provider}]', or " if provider in EXTRAS else ""
        assert said == (
            f"language model '{provider}:a-model' needs the package langchain-{provider}: "
            f"{extra}pip install langchain-{provider}"
        )


def test_every_extra_that_an_error_names_is_there():
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    for provider in EXTRAS:
        assert declared["optional-dependencies"][provider][0].startswith(f"langchain-{provider}>=")


@pytest.mark.parametrize("model", ["nonsense", "unknown:model"])
def test_an_unknown_provider_is_an_error_of_ours(model):
    with pytest.raises(LanguageModelError, match="Unable to infer model provider"):
        open_language_model(LlmSettings(model))


@pytest.mark.enable_socket
def test_a_missing_key_says_where_to_put_it(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(LanguageModelError, match=r"Check \[llm\] in shop.toml"):
        open_language_model(LlmSettings("openai:gpt-x"))


@pytest.mark.enable_socket
def test_the_key_is_in_no_repr():
    settings = LlmSettings("openai:gpt-x", api_key=KEY)
    assert KEY not in repr(settings)
    assert KEY not in repr(open_language_model(settings))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"bad key {KEY}", "bad key ***"),
        ("Authorization: Bearer sk-or-v1-0123456789abcdef", "Authorization: ***"),
        ("token 0123456789abcdef0123456789abcdef failed", "token *** failed"),
        ("model gpt-4o-mini not found", "model gpt-4o-mini not found"),
    ],
)
def test_what_looks_like_a_key_is_masked(text, expected):
    assert redact(text) == expected


def test_tracing_stays_off_whatever_the_environment_says(monkeypatch):
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    seen = []

    class Watching(GenericFakeChatModel):
        def _stream(self, *args, **kwargs):
            seen.append(tracing_is_enabled())
            yield from super()._stream(*args, **kwargs)

    model = LanguageModel(Watching(messages=iter([AIMessage("Hi")])), LlmSettings("fake:model"))
    assert "".join(model.stream("s", "u")) == "Hi"
    assert seen == [False]
    assert os.environ["LANGSMITH_TRACING"] == "true"


def test_leaving_early_stops_the_model():
    produced = []

    class Endless(GenericFakeChatModel):
        def _stream(self, *args, **kwargs):
            for chunk in super()._stream(*args, **kwargs):
                produced.append(chunk)
                time.sleep(0.02)
                yield chunk

    model = LanguageModel(Endless(messages=iter([AIMessage("word " * 500)])), LlmSettings("fake:model"))
    stream = model.stream("s", "u")
    next(stream)
    stream.close()
    time.sleep(0.15)
    n_after = len(produced)
    time.sleep(0.15)
    assert len(produced) == n_after < 50
