"""A language model's server in every bad state, and the whole assistant before it.

The server is a real one on this machine, the client the provider's own.
"""

import asyncio
import logging
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest
from local_model import begin_stream, in_turn, send_json, send_piece, served, streams

from assistant import ShoppingAssistant
from assistant.config import read_settings
from assistant.language_models import open_writer
from assistant.llm import TokenBudget
from assistant.types import Finished, ProductsFound, Reply
from assistant.web.turns import Turns

KEY = "sk-test-abcdef0123456789"
WISH = "waterproof hiking boots under 120 dollars, not brown"
SOON_S, TURN_S = 0.3, 8.0
SHORTENED = "timeout_s = 1.2\nfirst_token_s = 0.6\n"

Answer = Callable[[BaseHTTPRequestHandler, Event], None]


def answers(status: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, stopped: Event) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def never(handler: BaseHTTPRequestHandler, stopped: Event) -> None:
    stopped.wait(20)


def ends_in_the_middle(handler: BaseHTTPRequestHandler, stopped: Event) -> None:
    begin_stream(handler)
    send_piece(handler, "Take {p1.title}, at {p1.price}. And th")


def drips(seconds: float, start: str = "") -> Answer:
    """A byte at a time, after a beginning that comes at once."""

    def answer(handler: BaseHTTPRequestHandler, stopped: Event) -> None:
        begin_stream(handler)
        if start:
            send_piece(handler, start)
        for byte in b'data: {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"':
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            if stopped.wait(seconds):
                return

    return answer


def goes_on(handler: BaseHTTPRequestHandler, stopped: Event) -> None:
    begin_stream(handler)
    while not stopped.is_set():
        send_piece(handler, "and on and on ")


def unknown_model(handler: BaseHTTPRequestHandler, stopped: Event) -> None:
    send_json(handler, {"error": {"message": f"no model m for {KEY}", "code": "model_not_found"}}, 404)


def at(address: str) -> Callable[[Path], AbstractContextManager[str]]:
    return lambda _: nullcontext(address)


def server(answer: Answer, scheme: str = "http") -> Callable[[Path], AbstractContextManager[str]]:
    @contextmanager
    def opened(_: Path) -> Iterator[str]:
        with served(answer) as (url, _requests):
            yield url.replace("http", scheme, 1)

    return opened


@contextmanager
def unknown_certificate(folder: Path) -> Iterator[str]:
    """A TLS server that vouches for itself."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with served(streams("Hello."), tls=context) as (url, _):
        yield url


@contextmanager
def nobody(_: Path) -> Iterator[str]:
    """A port that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


FAULTS = {
    "refuses the connection": (nobody, "Connection"),
    "accepts and never answers": (server(never), "gave no first words"),
    "500": (server(answers(500, b'{"error": {"message": "boom"}}')), "boom"),
    "429": (server(answers(429)), "RateLimit"),
    "429, try in a moment": (server(answers(429, Retry_After="0.1")), "RateLimit"),
    "429, try in a minute": (server(answers(429, Retry_After="60")), "RateLimit"),
    "401": (server(answers(401, b'{"error": {"message": "bad key ' + KEY.encode() + b'"}}')), "bad key"),
    "ends in the middle": (server(ends_in_the_middle), "broke off"),
    "a byte at a time": (server(drips(0.1)), "gave no first words"),
    "begins, then a byte at a time": (server(drips(0.1, "Take {p1.title}, at {p1.price}. ")), "gave no answer"),
    "HTML": (server(answers(200, b"<html>Welcome</html>", "text/html")), "failed"),
    "an empty body": (server(answers(200, b"")), "failed"),
    "an empty stream": (server(answers(200, b"", "text/event-stream")), "failed"),
    "no JSON": (server(answers(200, b"data: {not json\n\n", "text/event-stream")), "failed"),
    "an endless answer": (server(goes_on), "longer than max_tokens|gave no answer"),
    "an unknown host": (at("http://no-such-host.invalid/v1"), "Connection"),
    "no TLS": (server(streams("Hello."), "https"), "Connection"),
    "an unknown certificate": (unknown_certificate, "Connection"),
    "an unknown model": (server(unknown_model), "no model m"),
    "fails once more": (server(in_turn(answers(500), never)), "gave no first words"),
}


def assistant_with(demo: ShoppingAssistant, folder: Path, llm: str) -> ShoppingAssistant:
    """The demo shop with a language model as its `shop.toml` has it."""
    (folder / "shop.toml").write_text(f"[llm]\n{llm}", "utf-8")
    settings = read_settings(folder).llm
    budget = TokenBudget(settings.session_tokens)
    return ShoppingAssistant(demo.shop, demo.live, demo.ranker, open_writer(settings, budget), budget=budget)


def timed_turn(assistant: ShoppingAssistant, message: str) -> tuple[float, float, Reply]:
    """Seconds until the products, seconds in all, and the reply."""
    session = assistant.new_session()
    started, found, reply = time.monotonic(), None, None
    for event in assistant.stream(message, session):
        if isinstance(event, ProductsFound):
            found = time.monotonic() - started
        elif isinstance(event, Finished):
            reply = event.reply
    assert found is not None
    assert reply is not None
    return found, time.monotonic() - started, reply


def assert_complete(reply: Reply) -> None:
    """Every product is named, once, with its price, and nothing of the machinery shows."""
    assert [item.ranked.product.id for item in reply.products] == ["hiking-boots-01", "hiking-boots-05"]
    for item in reply.products:
        assert reply.text.count(item.ranked.product.title) == 1
    assert "$99.00" in reply.text
    assert "{" not in reply.text
    assert reply.text == reply.session.messages[-1].text


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.fixture
def warm(demo: ShoppingAssistant) -> ShoppingAssistant:
    """A shop that has answered before."""
    demo.ask(WISH)
    return demo


@pytest.mark.enable_socket
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_server_does_the_shopper_has_products_at_once_and_a_full_reply(
    warm: ShoppingAssistant, fault: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened, cause = FAULTS[fault]
    caplog.set_level(logging.DEBUG)  # the clients' own logs, too, are not to hold the key
    with opened(tmp_path) as url:
        assistant = assistant_with(
            warm, tmp_path, f'model = "openai:m"\nbase_url = "{url}"\napi_key = "{KEY}"\n{SHORTENED}'
        )
        found, took, reply = timed_turn(assistant, WISH)
    assert found < SOON_S
    assert took < 2.0
    assert_complete(reply)
    [warning] = warnings_in(caplog)
    assert warning.endswith("; the plain writer completes the reply")
    assert re.search(cause, warning)
    assert KEY not in caplog.text


@pytest.mark.enable_socket
def test_without_a_key_the_shop_opens_and_answers(
    own_demo: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("OPENAI_API_KEY", "SHOPPING_ASSISTANT_LLM_KEY"):
        monkeypatch.delenv(name, raising=False)
    (own_demo / "shop.toml").write_text('[llm]\nmodel = "openai:gpt-4o-mini"\nparse = true\n', "utf-8")
    with ShoppingAssistant.open(own_demo) as assistant:
        assistant.ask(WISH)
        found, took, reply = timed_turn(assistant, WISH)
    assert found < SOON_S
    assert took < SOON_S
    assert_complete(reply)
    warnings = [warning for warning in warnings_in(caplog) if "language model" in warning]
    assert len(warnings) == 1
    assert "'openai:gpt-4o-mini' failed" in warnings[0]
    assert "the shop answers without it" in warnings[0]


@pytest.mark.enable_socket
def test_a_fallback_answers_in_time(warm: ShoppingAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    said = streams("Take {p1.title}. Or {p2.title}, at {p2.price}.")
    with served(never) as (first, _), served(said) as (second, _):
        other = f'{{ model = "openai:n", base_url = "{second}", api_key = "{KEY}" }}'
        llm = f'model = "openai:m"\nbase_url = "{first}"\nfallbacks = [{other}]\n{SHORTENED}'
        found, took, reply = timed_turn(assistant_with(warm, tmp_path, llm), WISH)
    assert found < SOON_S
    assert took < 2.0
    assert reply.text.startswith(f"Take {reply.products[0].ranked.product.title}. Or ")
    [warning] = warnings_in(caplog)
    assert warning.endswith("'openai:n' is asked instead")
    assert KEY not in caplog.text


@pytest.mark.enable_socket
def test_leaving_the_turn_hangs_up(warm: ShoppingAssistant, tmp_path: Path) -> None:
    gone = Event()

    def answer(handler: BaseHTTPRequestHandler, stopped: Event) -> None:
        begin_stream(handler)
        send_piece(handler, "Take {p1.title}. And then ")
        handler.connection.settimeout(8)
        if handler.connection.recv(1) == b"":
            gone.set()

    with served(answer) as (url, _):
        assistant = assistant_with(warm, tmp_path, f'model = "openai:m"\nbase_url = "{url}"\n')
        events = assistant.stream(WISH, assistant.new_session())
        assert isinstance(next(events), ProductsFound)
        next(events)
        assert not gone.is_set()
        events.close()
        assert gone.wait(1)


@pytest.mark.enable_socket
def test_a_shopper_who_closes_the_page_while_the_model_thinks_hangs_up(warm: ShoppingAssistant, tmp_path: Path) -> None:
    """The turn's thread waits for the first words; it is let go, and the next turn of the session can begin."""
    asked, gone = Event(), Event()

    def answer(handler: BaseHTTPRequestHandler, stopped: Event) -> None:
        asked.set()
        handler.connection.settimeout(8)
        if handler.connection.recv(1) == b"":
            gone.set()

    async def leave(turns: Turns) -> float:
        session = await turns.new_session("en")
        events = turns.stream(session.id, WISH)
        assert isinstance(await anext(events), ProductsFound)
        waiting = asyncio.ensure_future(anext(events))
        assert await turns.run(asked.wait, 5)
        waiting.cancel()
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await events.aclose()
        return time.monotonic() - started

    with served(answer) as (url, _):
        turns = Turns(assistant_with(warm, tmp_path, f'model = "openai:m"\nbase_url = "{url}"\n'))
        assert asyncio.run(leave(turns)) < 1
        assert gone.wait(1)
    turns.close()


@pytest.mark.slow
@pytest.mark.enable_socket
def test_with_the_default_deadlines_the_slowest_turn_ends_within_eight_seconds(
    own_demo: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is read again, which takes as long as that may, then written, which begins and goes on a byte a second."""
    writes = drips(1.0, "Take {p1.title}. ")

    def answer(handler: BaseHTTPRequestHandler, stopped: Event) -> None:
        asked = requests[-1][2]
        (writes if asked.get("stream") else never)(handler, stopped)

    with served(answer) as (url, requests):
        (own_demo / "shop.toml").write_text(f'[llm]\nmodel = "openai:m"\nbase_url = "{url}"\nparse = true\n', "utf-8")
        with ShoppingAssistant.open(own_demo) as assistant:
            _, took, reply = timed_turn(assistant, f"{WISH}, with zorbified flanges")
    assert 7.0 < took < TURN_S
    assert [request[2].get("stream", False) for request in requests] == [False, True]
    assert f"Take {reply.products[0].ranked.product.title}." in reply.text
    for item in reply.products:
        assert reply.text.count(item.ranked.product.title) == 1
    warnings = [warning for warning in warnings_in(caplog) if "language model" in warning]
    assert len(warnings) == 2
