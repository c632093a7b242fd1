"""A server on a free port, and shoppers with real browsers."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, expect

from assistant.web.server import create_app

PATIENCE_MS = 30_000


class Watched:
    """One browser with its own cookies: what it asked of which host, and what went wrong in it."""

    def __init__(self, browser: Browser, address: str, **context: Any):
        self.context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **context})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.requested: list[str] = []
        self.errors: list[str] = []
        self.context.on("request", lambda request: self.requested.append(request.url))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.address = address

    def strangers(self, *known: str) -> list[str]:
        """Requests to anybody but the page's own server and the `known`."""
        return [url for url in self.requested if not url.startswith((self.address, *known, "data:", "blob:"))]


class Shopper(Watched):
    """A browser on the chat page: what it does and sees."""

    def __init__(self, browser: Browser, address: str, **context: Any):
        super().__init__(browser, address, **context)
        self.open()

    def open(self) -> None:
        self.page.goto(self.address)
        self.page.locator(".shop-header").wait_for()

    def say(self, text: str) -> None:
        """Writes `text`, sends it with Enter and waits until the reply is complete."""
        said = self.page.locator("#chat .said").count()
        self.page.locator("#say textarea").fill(text)
        self.page.keyboard.press("Enter")
        self.answered(said + 1)

    def answered(self, n_said: int) -> None:
        expect(self.page.locator("#chat .said")).to_have_count(n_said, timeout=PATIENCE_MS)
        expect(self.page.locator("#chat .thinking")).to_have_count(0, timeout=PATIENCE_MS)
        expect(self.page.locator("#quick .chip").first).to_be_visible(timeout=PATIENCE_MS)

    def titles(self) -> list[str]:
        """Titles of the newest cards."""
        return self.page.locator("#chat .cards").last.locator(".card-title").all_inner_texts()

    def chips(self) -> list[str]:
        return [re.sub(r"\s*×$", "", text) for text in self.page.locator("#panel .chip").all_inner_texts()]

    def texts(self) -> list[str]:
        """All that was said, by either side."""
        return self.page.locator("#chat .said, #chat .reply, #chat .notice").all_inner_texts()

    def unloaded_pictures(self) -> list[str]:
        """Addresses of card pictures that did not load."""
        pictures = self.page.locator("#chat .card img")
        for place in range(pictures.count()):
            pictures.nth(place).scroll_into_view_if_needed()
        self.page.wait_for_function("[...document.querySelectorAll('#chat .card img')].every(image => image.complete)")
        return self.page.evaluate(
            "[...document.querySelectorAll('#chat .card img')].filter(i => i.naturalWidth === 0).map(i => i.src)"
        )


@contextmanager
def serving(shop: Any, port: int = 0) -> Iterator[str]:
    """`shop` behind a real server in a thread; gives its address."""
    listening = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(create_app(shop), log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listening.close()
    assert not thread.is_alive(), "the server did not stop"
