"""A merchant's page on an origin of its own, with the assistant's tag in it, and whoever visits it.

Why it exists: the widget's promises are about pages that are not ours. The page is served by a real server on another
host name, so that the browser keeps the two apart as it would anywhere.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, Frame, FrameLocator, expect
from web_shoppers import PATIENCE_MS, Watched

ANOTHER_SITE, SAME_SITE = "localhost", "127.0.0.1"
"""The shop answers at 127.0.0.1. `localhost` is another site, to which a new browser context gives no storage."""


def page_html(tag: str, body: str = "", head: str = "", language: str = "en") -> str:
    """A merchant's page with `tag` at its end."""
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title>{head}</head>'
        f"<body><main><h1>A shop</h1>{body}</main>{tag}</body></html>"
    )


def tag(address: str, attributes: str = "") -> str:
    """The tag as the documentation gives it."""
    return f'<script async src="{address}widget.js" data-key="demo" {attributes}></script>'


@contextmanager
def hosting(html: str, headers: Mapping[str, str] | None = None, name: str = ANOTHER_SITE) -> Iterator[str]:
    """`html` at every path of a server of its own; gives its address, under the host's `name`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = html.encode()
            self.send_response(200)
            for header, value in {"Content-Type": "text/html; charset=utf-8", **(headers or {})}.items():
                self.send_header(header, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests say what they need to know."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{name}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


class Visitor(Watched):
    """A browser on a merchant's page, and what the widget told the page."""

    def __init__(self, browser: Browser, address: str, **context: Any):
        super().__init__(browser, address, **{"viewport": {"width": 1200, "height": 820}, **context})
        self.page.add_init_script(
            """window.told = [];
            for (const name of "ready open close message product_click add_to_cart feedback handoff error".split(" ")) {
              const note = ({ detail }) => told.push([name, name === "ready" ? {} : detail]);
              addEventListener(`shopping-assistant:${name}`, note);
            }"""
        )
        self.page.goto(address)

    @property
    def launcher(self) -> Any:
        return self.page.locator("[data-shopping-assistant] button.launcher")

    @property
    def chat(self) -> FrameLocator:
        return self.page.frame_locator("[data-shopping-assistant] iframe")

    def frame(self) -> Frame:
        """The chat as a document to look into."""
        return next(frame for frame in self.page.frames if "/widget/frame" in frame.url)

    def open(self) -> FrameLocator:
        self.launcher.click()
        return self.opened()

    def opened(self) -> FrameLocator:
        """The chat, when it has drawn what there is."""
        self.chat.locator("#welcome:not([hidden]), #log .row").first.wait_for()
        return self.chat

    def say(self, text: str) -> None:
        """Writes `text`, sends it with Enter and waits until the reply is complete."""
        replies = self.chat.locator(".feedback").count()
        self.chat.locator("#box").fill(text)
        self.chat.locator("#box").press("Enter")
        self.answered(replies + 1)

    def answered(self, n_replies: int) -> None:
        expect(self.chat.locator(".feedback")).to_have_count(n_replies, timeout=PATIENCE_MS)
        expect(self.chat.locator(".coming")).to_have_count(0, timeout=PATIENCE_MS)

    def events(self, name: str) -> list[dict[str, Any]]:
        """What the page was told under `name` so far."""
        return [detail for told, detail in self.page.evaluate("told") if told == name]

    def wait_for_event(self, name: str) -> dict[str, Any]:
        self.page.wait_for_function("(name) => told.some(([each]) => each === name)", arg=name)
        return self.events(name)[-1]
