"""One bounded call over HTTP to a system of the merchant's.

In: a method, an address, a token, a body. Out: the status and the JSON that came back. A call ends by its deadline
whatever the other side does, follows no redirect, and reads no more than `MAX_BYTES`.
"""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

import httpx
import orjson

MAX_BYTES = 1_000_000
PAUSE_S = 0.2
"""Before the first further attempt; twice as long before each next one."""

_PASSING = frozenset({429, 500, 502, 503, 504})


class CallFailed(Exception):
    """What kept a call from an answer that can be used; the text names neither token nor shopper."""


def call(
    method: str,
    url: str,
    token: str | None,
    timeout_s: float,
    *,
    body: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    max_retries: int = 0,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[int, Any]:
    """The status and the parsed body (None where it is empty) of one call.

    Args:
        method: "GET" or "POST".
        url: the whole address.
        token: sent as `Authorization: Bearer`.
        timeout_s: of each attempt, as a whole.
        body: sent as JSON.
        headers: further ones.
        max_retries: so many further attempts where the other side does not answer, or says that it cannot just now.
        sleep: what waits between attempts.

    Raises:
        CallFailed: no attempt had an answer, or it is no JSON, or too long.
    """
    sent = {"Accept": "application/json", **(headers or {})} | ({"Authorization": f"Bearer {token}"} if token else {})
    for attempt in range(max_retries + 1):
        last = attempt == max_retries
        try:
            status, content = _once(method, url, sent, timeout_s, body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if last:
                raise CallFailed(f"it does not answer ({type(error).__name__})") from None
        else:
            if status not in _PASSING or last:
                return status, _parsed(content, status, needs_json=method == "GET")
        sleep(PAUSE_S * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def _once(
    method: str, url: str, headers: dict[str, str], timeout_s: float, body: dict[str, Any] | None
) -> tuple[int, bytes]:
    """One attempt. It runs in a thread of its own: httpx bounds each read, not what a slow sender adds up to."""
    outcome: SimpleQueue[tuple[int, bytes] | Exception] = SimpleQueue()

    def attempt() -> None:
        try:
            outcome.put(_exchange(method, url, headers, timeout_s, body))
        except (httpx.HTTPError, httpx.InvalidURL, CallFailed) as error:
            outcome.put(error)

    threading.Thread(target=attempt, name="merchant-call", daemon=True).start()
    try:
        found = outcome.get(timeout=timeout_s)
    except Empty:
        raise httpx.ReadTimeout("the answer took too long") from None
    if isinstance(found, Exception):
        raise found
    return found


def _exchange(
    method: str, url: str, headers: dict[str, str], timeout_s: float, body: dict[str, Any] | None
) -> tuple[int, bytes]:
    deadline = time.monotonic() + timeout_s
    content = orjson.dumps(body) if body is not None else None
    if content is not None:
        headers = headers | {"Content-Type": "application/json"}
    # What the environment says of proxies is for the way out to the internet, not to the merchant's own system.
    with (
        httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False) as client,
        client.stream(method, url, headers=headers, content=content) as response,
    ):
        read = bytearray()
        for piece in response.iter_bytes():
            read += piece
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer took too long")
            if len(read) > MAX_BYTES:
                raise CallFailed(f"its answer is longer than {MAX_BYTES:,} bytes")
        return response.status_code, bytes(read)


def _parsed(content: bytes, status: int, *, needs_json: bool) -> Any:
    if not content.strip():
        return None
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        if needs_json and status < 400:
            raise CallFailed("its answer is no JSON") from None
        return None
