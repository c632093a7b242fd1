"""Each provider's own client against a real HTTP server on this machine that speaks that provider's protocol.

A provider whose package is not installed is left out.
"""

import json
import logging
import socket
import threading

import pytest
from local_model import begin_stream, served

from assistant.llm import LlmSettings, TokenBudget, open_language_model
from retrieval.errors import LanguageModelError, NoLanguageModel

KEY = "sk-test-abcdef0123456789"
N_READ, N_WRITTEN = 11, 4


def event(handler, content, name=None):
    line = f"event: {name}\n" if name else ""
    handler.wfile.write(f"{line}data: {json.dumps(content)}\n\n".encode())
    handler.wfile.flush()


class OpenAi:
    """Chat completions, as OpenAI and DeepSeek have them."""

    path, model = "/v1", "openai:a-model"

    def begins(self, handler):
        begin_stream(handler)

    def piece(self, handler, text, finish=None):
        choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        event(handler, {**chunk, "choices": [choice]})

    def ends(self, handler):
        self.piece(handler, "", "stop")
        usage = {"prompt_tokens": N_READ, "completion_tokens": N_WRITTEN, "total_tokens": N_READ + N_WRITTEN}
        event(handler, {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
                        "usage": usage})  # fmt: skip
        handler.wfile.write(b"data: [DONE]\n\n")


class DeepSeek(OpenAi):
    model = "deepseek:a-model"


class Anthropic:
    """Messages."""

    path, model = "", "anthropic:a-model"

    def begins(self, handler):
        begin_stream(handler)
        usage = {"input_tokens": N_READ, "output_tokens": 0}
        message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m", "stop_reason": None}
        event(handler, {"type": "message_start", "message": {**message, "usage": usage}}, "message_start")
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        event(handler, block, "content_block_start")

    def piece(self, handler, text):
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
        event(handler, delta, "content_block_delta")

    def ends(self, handler):
        event(handler, {"type": "content_block_stop", "index": 0}, "content_block_stop")
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        usage = {"input_tokens": N_READ, "output_tokens": N_WRITTEN}
        event(handler, {"type": "message_delta", "delta": delta, "usage": usage}, "message_delta")
        event(handler, {"type": "message_stop"}, "message_stop")


class Ollama:
    """A line of JSON for each piece."""

    path, model = "", "ollama:a-model"

    def line(self, handler, **content):
        said = {"model": "m", "created_at": "2026-11-20T00:00:00Z", **content}
        handler.wfile.write(json.dumps(said).encode() + b"\n")
        handler.wfile.flush()

    def begins(self, handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/x-ndjson")
        handler.end_headers()

    def piece(self, handler, text):
        self.line(handler, message={"role": "assistant", "content": text}, done=False)

    def ends(self, handler):
        self.line(handler, message={"role": "assistant", "content": ""}, done=True, done_reason="stop",
                  prompt_eval_count=N_READ, eval_count=N_WRITTEN)  # fmt: skip


PROTOCOLS = [
    pytest.param(protocol, id=protocol.model.partition(":")[0])
    for protocol in (OpenAi(), DeepSeek(), Anthropic(), Ollama())
]
providers = pytest.mark.parametrize("protocol", PROTOCOLS)


def opened(protocol, url, budget=None, **changes):
    options = {"timeout_s": 8.0, "first_token_s": 4.0, "max_retries": 0} | changes
    url = url.removesuffix("/v1") + protocol.path
    return open_language_model(LlmSettings(protocol.model, base_url=url, api_key=KEY, **options), budget)


@providers
@pytest.mark.enable_socket
def test_it_streams_piece_by_piece_with_its_key_and_counts_its_tokens(protocol, caplog):
    caplog.set_level(logging.DEBUG)
    gate = threading.Event()

    def answer(handler, stopped):
        protocol.begins(handler)
        protocol.piece(handler, "Take {p1.")
        gate.wait(5)
        protocol.piece(handler, "title}.")
        protocol.ends(handler)

    budget = TokenBudget(1_000)
    with served(answer) as (url, requests):
        stream = opened(protocol, url, budget).stream("Be brief.", "Boots?", "s1")
        assert next(piece for piece in stream if piece) == "Take {p1."
        gate.set()
        assert "".join(stream) == "title}."
    _, headers, body = requests[0]
    assert any(value.removeprefix("Bearer ") == KEY for value in headers.values())
    assert "Boots?" in json.dumps(body["messages"])
    assert "Be brief." in json.dumps(body)
    assert body["model"] == "a-model"
    assert body["stream"] is True
    assert len(requests) == 1
    assert budget.used("s1") == N_READ + N_WRITTEN
    assert KEY not in caplog.text


def waits_for_the_end(protocol, n_pieces, gone):
    """A server that begins an answer, then waits for its client to hang up."""

    def answer(handler, stopped):
        protocol.begins(handler)
        for _ in range(n_pieces):
            protocol.piece(handler, "Take")
        handler.connection.settimeout(8)
        if handler.connection.recv(1) == b"":
            gone.set()

    return answer


@providers
@pytest.mark.enable_socket
def test_closing_the_stream_closes_the_connection(protocol):
    gone = threading.Event()
    with served(waits_for_the_end(protocol, 1, gone)) as (url, _):
        stream = opened(protocol, url).stream("s", "u")
        assert next(piece for piece in stream if piece) == "Take"
        assert not gone.is_set()
        stream.close()
        assert gone.wait(1)


@providers
@pytest.mark.enable_socket
def test_a_deadline_that_passes_closes_the_connection(protocol):
    gone = threading.Event()
    with served(waits_for_the_end(protocol, 0, gone)) as (url, _):
        with pytest.raises(LanguageModelError, match=r"gave no first words within 0\.5 s"):
            list(opened(protocol, url, first_token_s=0.5).stream("s", "u"))
        assert gone.wait(1)


@providers
@pytest.mark.enable_socket
def test_an_answer_that_breaks_off_is_an_error(protocol):
    def answer(handler, stopped):
        protocol.begins(handler)
        protocol.piece(handler, "Take")
        handler.connection.shutdown(socket.SHUT_RDWR)

    with served(answer) as (url, _):
        stream = opened(protocol, url).stream("s", "u")
        assert next(piece for piece in stream if piece) == "Take"
        with pytest.raises(LanguageModelError, match=f"'{protocol.model}' failed"):
            list(stream)


@pytest.mark.enable_socket
def test_a_package_that_checks_what_it_is_told_says_what_is_missing(monkeypatch):
    pytest.importorskip("langchain_deepseek")
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    with pytest.raises(NoLanguageModel, match="DEEPSEEK_API_KEY must be set"):
        open_language_model(LlmSettings("deepseek:a-model"))


@providers
@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [404, 500])
def test_what_its_server_refuses_is_told_without_the_key(protocol, status, caplog):
    caplog.set_level(logging.DEBUG)

    def answer(handler, stopped):
        body = json.dumps({"error": {"type": "an_error", "message": f"no such model for {KEY}"}}).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with served(answer) as (url, requests), pytest.raises(LanguageModelError, match="no such model") as caught:
        list(opened(protocol, url, max_retries=1).stream("s", "u"))
    assert KEY not in str(caught.value) + repr(caught.value.__cause__) + caplog.text
    assert len(requests) == (1 if status == 404 else 2)
