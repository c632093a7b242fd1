"""Takes the screenshots of docs/screenshots from the demo shop, in a real browser.

    python tests/assistant/web/take_screenshots.py docs/screenshots

Each state is taken of a fresh shopper; names say page, state, language, theme and size.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import CHROMIUM, FLAGS
from host_pages import Visitor, hosting, page_html, tag
from playwright.sync_api import Browser, Page, sync_playwright
from web_shoppers import Shopper, serving

from assistant import ShoppingAssistant

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "device_scale_factor": 1}
DARK: dict[str, Any] = {"color_scheme": "dark"}
ZH: dict[str, Any] = {"locale": "zh-CN"}
STATES: dict[str, tuple[dict[str, Any], str]] = {
    "en-light-desktop": (DESKTOP, "en"),
    "zh-light-desktop": ({**DESKTOP, **ZH}, "zh"),
    "en-dark-desktop": ({**DESKTOP, **DARK}, "en"),
    "zh-dark-phone": ({**PHONE, **DARK, **ZH}, "zh"),
    "en-light-phone": (PHONE, "en"),
}
WISH = {"en": "waterproof hiking boots", "zh": "防水的登山靴"}
PAIR = {"en": "compare the first two", "zh": "比较前两个"}
LIKES = {"en": "I love wool and I usually wear size 42", "zh": "我喜欢羊毛，我平时穿42码"}
POLICY = {"en": "how long do I have to return something?", "zh": "多久之内可以退货？"}
PERSON = {"en": "I want to talk to a person", "zh": "我要找人工客服"}
NOTHING = {"en": "a red waterproof kettle under 5 dollars", "zh": "5美元以内的红色电水壶"}


def answer(shopper: Shopper, *said: str) -> None:
    """Says all of it, one after the other."""
    for text in said:
        shopper.say(text)
    shopper.page.wait_for_timeout(700)


def why(shopper: Shopper, language: str) -> None:
    answer(shopper, WISH[language])
    shopper.page.locator(".card-why summary").first.click()
    shopper.page.locator(".card-why[open] [data-weigh]").nth(3).scroll_into_view_if_needed()


def choice(shopper: Shopper, language: str) -> None:
    answer(shopper, WISH[language])
    for place in (0, 1):
        shopper.page.locator("[data-action=compare]").nth(place).click()
    shopper.page.wait_for_timeout(300)


def thumb(shopper: Shopper, language: str) -> None:
    answer(shopper, WISH[language])
    shopper.page.locator(".thumb-down").last.click()
    shopper.page.wait_for_timeout(300)


def known(shopper: Shopper, language: str) -> None:
    answer(shopper, LIKES[language])
    more = shopper.page.locator("[data-more]")
    if more.is_visible():
        more.click()
    shopper.page.locator("#panel .fact summary").first.click()
    shopper.page.locator("[data-erase]").click()
    shopper.page.wait_for_timeout(300)


CHAT: dict[str, Callable[[Shopper, str], None]] = {
    "welcome": lambda shopper, language: None,
    "cards": lambda shopper, language: answer(shopper, WISH[language]),
    "comparison": lambda shopper, language: answer(shopper, WISH[language], PAIR[language]),
    "why": why,
    "choice": choice,
    "thumb": thumb,
    "known": known,
    "nothing": lambda shopper, language: answer(shopper, NOTHING[language]),
    "policy": lambda shopper, language: answer(shopper, POLICY[language]),
    "person": lambda shopper, language: answer(shopper, PERSON[language]),
}


def erase(visitor: Visitor, language: str) -> None:
    visitor.open()
    visitor.chat.locator("#menu-button").click()
    visitor.chat.locator("#erase").click()


def talk(visitor: Visitor, *said: str) -> None:
    visitor.open()
    for text in said:
        visitor.say(text)
    visitor.page.wait_for_timeout(700)


WIDGET: dict[str, Callable[[Visitor, str], None]] = {
    "launcher": lambda visitor, language: visitor.launcher.wait_for(),
    "welcome": lambda visitor, language: talk(visitor),
    "cards": lambda visitor, language: talk(visitor, WISH[language]),
    "comparison": lambda visitor, language: talk(visitor, WISH[language], PAIR[language]),
    "person": lambda visitor, language: talk(visitor, PERSON[language]),
    "delete": erase,
}


def save(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=str(folder / f"{name}.jpg"), type="jpeg", quality=72)
    print(name, flush=True)


def take(browser: Browser, address: str, folder: Path) -> None:
    """All of them."""
    for size, (context, language) in STATES.items():
        for state, act in CHAT.items():
            shopper = Shopper(browser, address, **context)
            act(shopper, language)
            save(shopper.page, folder, f"chat-{state}-{size}")
            shopper.context.close()
        body = "<p style='max-width: 40em'>Everything for the lane.</p>" * 3
        with hosting(page_html(tag(address), body=body, language=language)) as host:
            for state, look in WIDGET.items():
                visitor = Visitor(browser, host, **context)
                look(visitor, language)
                save(visitor.page, folder, f"widget-{state}-{size}")
                visitor.context.close()
        page = browser.new_context(**context).new_page()
        page.goto(f"{address}embed")
        page.wait_for_timeout(1_500)
        save(page, folder, f"embed-{size}")
        page.context.close()


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with ShoppingAssistant.open(None) as shop, serving(shop) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        take(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main()
