"""A browser, and the shop that answers from a script."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from host_pages import Visitor, hosting, page_html, tag
from playwright.sync_api import Browser, sync_playwright
from recording_shop import RecordingShop
from scripted_shop import ScriptedShop
from web_shoppers import Shopper, serving

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for one test file: Playwright keeps an event loop running, which later files may not find."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: apt-get install -y chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Shopper]]:
    """Opens a page as a new shopper; in the end no page may have logged an error or asked another host for anything."""
    shoppers: list[Shopper] = []

    def open_page(address: str, **context: Any) -> Shopper:
        shoppers.append(Shopper(browser, address, **context))
        return shoppers[-1]

    yield open_page
    errors = [error for shopper in shoppers for error in shopper.errors]  # a page that is being closed may say anything
    for shopper in shoppers:
        shopper.context.close()
    assert errors == []
    assert [url for shopper in shoppers for url in shopper.strangers()] == []


@pytest.fixture
def scripted(tmp_path: Path) -> ScriptedShop:
    return ScriptedShop(tmp_path)


@pytest.fixture
def recording(tmp_path: Path) -> RecordingShop:
    return RecordingShop(tmp_path)


@pytest.fixture
def widget_shop(recording: RecordingShop) -> Iterator[str]:
    with serving(recording) as address:
        yield address


@pytest.fixture
def come(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Opens a merchant's page as a new visitor; in the end nobody may have seen an error that a test did not expect."""
    visitors: list[Visitor] = []

    def visit(address: str, **context: Any) -> Visitor:
        visitors.append(Visitor(browser, address, **context))
        return visitors[-1]

    yield visit
    errors = [error for visitor in visitors for error in visitor.errors]  # as above
    for visitor in visitors:
        visitor.context.close()
    assert errors == []


@pytest.fixture
def merchant(widget_shop: str) -> Iterator[str]:
    """A plain merchant's page with the tag."""
    with hosting(page_html(tag(widget_shop), body="<p style='height: 2000px'>Goods</p>")) as address:
        yield address
