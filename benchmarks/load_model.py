"""A scripted chat model behind the OpenAI protocol: `python -m benchmarks.load_model [--first-token-s S] [--rate N]`.

In: requests for chat completions. Out: replies that name each product of the prompt, streamed at a steady pace. It
computes next to nothing, so that many can be written at a time beside the server that asks. Knows no shop.

Prints its address when it answers, and ends when its standard input does.
"""

import asyncio
import contextlib
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from retrieval.text import has_cjk

FIRST_TOKEN_S, RATE = 0.3, 50.0
LETTERS_PER_TOKEN = {"en": 4, "zh": 2}
OPENINGS = {"en": "Here is what I picked out for you, first ", "zh": "给您挑了这些，先看看"}
"""How a reply of this model begins, and no other writer's."""
_SAID = {
    "en": (
        "Here is what I picked out for you, first {{{0}.title}} at {{{0}.price}}.",
        "Then there is {{{0}.title}}, which comes at {{{0}.price}}, so have a look at that one as well.",
        "Tell me which of them comes closest to what you have in mind, and I will look further.",
    ),
    "zh": (
        "给您挑了这些，先看看{{{0}.title}}，价格是{{{0}.price}}。",
        "另外还有{{{0}.title}}，价格是{{{0}.price}}，您也可以一起看看。",
        "您看哪一款比较接近您的想法，告诉我，我再帮您找找。",
    ),
}
_FACT = re.compile(r"^\{(p\d+)\.title\} = ", re.MULTILINE)
_IN_CHINESE = "Simplified Chinese"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to the first token, and tokens a second from there."""

    first_token_s: float = FIRST_TOKEN_S
    rate: float = RATE

    def due_s(self, token: int) -> float:
        """When token `token` (from 0) is due after the request.

        >>> Pace(0.3, 50).due_s(0), Pace(0.3, 50).due_s(5)
        (0.3, 0.4)
        """
        return self.first_token_s + token / self.rate


def reply_to(system: str, user: str) -> str:
    """The reply to the prompt: one sentence a product that it names, in the language that it asks for."""
    language = "zh" if _IN_CHINESE in system else "en"
    first, other, last = _SAID[language]
    products = list(dict.fromkeys(_FACT.findall(user)))
    said = [(first if number == 0 else other).format(product) for number, product in enumerate(products)]
    return ("" if language == "zh" else " ").join([*said, last])


def is_scripted(text: str) -> bool:
    """Whether a shown reply was begun by this model.

    >>> is_scripted("Here is what I picked out for you, first Trail Boot at $99."), is_scripted("I found 3 boots.")
    (True, False)
    """
    return any(opening in text for opening in OPENINGS.values())


def tokens_of(text: str) -> list[str]:
    """The text in pieces as long as a token usually is."""
    size = LETTERS_PER_TOKEN["zh" if has_cjk(text) else "en"]
    return [text[start : start + size] for start in range(0, len(text), size)]


async def serve(pace: Pace, port: int = 0) -> asyncio.Server:
    """A server on loopback that answers every POST with a stream of chunks."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while (body := await _request(reader)) is not None:
                await _stream(writer, body, pace)
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port)


async def _request(reader: asyncio.StreamReader) -> Mapping[str, Any] | None:
    """The JSON of the next request; None where the client is gone."""
    length = 0
    if not (line := await reader.readline()):
        return None
    while line := (await reader.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body: Mapping[str, Any] = json.loads(await reader.readexactly(length))
    return body


async def _stream(writer: asyncio.StreamWriter, body: Mapping[str, Any], pace: Pace) -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    told = {message["role"]: str(message["content"]) for message in body["messages"]}
    pieces = tokens_of(reply_to(told.get("system", ""), told.get("user", "")))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for number, piece in enumerate(pieces):
        await asyncio.sleep(max(0.0, began + pace.due_s(number) - clock()))
        writer.write(_chunk(_event(piece, None)))
        await writer.drain()
    for last in (_event("", "stop"), b"data: [DONE]\n\n"):
        writer.write(_chunk(last))
    writer.write(_chunk(b""))
    await writer.drain()


def _event(piece: str, finish: str | None) -> bytes:
    choice = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def main(
    first_token_s: Annotated[float, typer.Option(help="Seconds to the first token.")] = FIRST_TOKEN_S,
    rate: Annotated[float, typer.Option(help="Tokens a second after it.")] = RATE,
) -> None:
    """Answer until standard input ends."""

    async def run() -> None:
        server = await serve(Pace(first_token_s, rate))
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
        await asyncio.to_thread(sys.stdin.read)

    asyncio.run(run())


if __name__ == "__main__":
    typer.run(main)
