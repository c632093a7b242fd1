"""The embedded chat on a merchant's page, in a real browser; the answers are scripted, see scripted_shop.py."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from host_pages import PATIENCE_MS, Visitor, hosting, page_html, tag
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket, pytest.mark.slow]

HOSTILE_STYLE = """<style nonce="n0nce">
* { all: unset !important; }
:not(html) { transform: scale(0.1) !important; opacity: 0 !important; pointer-events: none !important; }
iframe, div, button { display: none !important; visibility: hidden !important; }
html { font-size: 3px !important; }
</style>"""
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

Visit = Callable[..., Visitor]


# ---- The host page ----


def test_a_merchants_page_gets_the_chat_from_one_tag(merchant: str, widget_shop: str, come: Visit) -> None:
    visitor = come(merchant)
    expect(visitor.launcher).to_have_attribute("aria-expanded", "false")
    assert not [url for url in visitor.requested if "/widget/frame" in url]
    visitor.open()
    expect(visitor.launcher).to_have_attribute("aria-expanded", "true")
    visitor.say("boots")
    expect(visitor.chat.locator(".card")).to_have_count(5)
    assert [event["role"] for event in visitor.events("message")] == ["shopper", "assistant"]
    assert visitor.events("ready")
    assert visitor.events("open")
    assert visitor.strangers(widget_shop) == []


def test_a_hostile_page_neither_hides_nor_breaks_it(widget_shop: str, come: Visit) -> None:
    globals_of_the_page = """<script nonce="n0nce">
      window.ShoppingAssistant = "mine"; window.toggle = window.open = () => { throw new Error("not yours"); };
      window.api = window.options = window.state = "mine";
      Object.prototype.polluted = "yes"; Array.prototype.extra = () => 1;
    </script><form id="host"></form><div id="panel"></div>"""
    html = page_html(tag(widget_shop, 'nonce="n0nce"'), body=globals_of_the_page, head=HOSTILE_STYLE)
    with hosting(html) as address:
        visitor = come(address)
        visitor.launcher.wait_for(state="visible")
        box = visitor.launcher.bounding_box()
        assert box
        assert (box["width"], box["height"]) == (56, 56)
        assert box["x"] + box["width"] == pytest.approx(1200 - 20, abs=16)
        visitor.open()
        visitor.say("boots")
        assert visitor.page.evaluate("window.ShoppingAssistant") == "mine"
        visitor.page.evaluate("ShoppingAssistantWidget.close()")
        expect(visitor.page.locator("[data-shopping-assistant] iframe")).to_be_hidden()


def test_it_needs_two_lines_of_a_strict_policy(widget_shop: str, come: Visit) -> None:
    origin = widget_shop.rstrip("/")
    policy = f"default-src 'none'; script-src 'nonce-n0nce'; frame-src {origin}; require-trusted-types-for 'script'"
    with hosting(page_html(tag(widget_shop, 'nonce="n0nce"')), {"Content-Security-Policy": policy}) as address:
        visitor = come(address)
        visitor.launcher.wait_for()
        box = visitor.launcher.bounding_box()
        assert box
        assert box["width"] == 56
        visitor.open()
        visitor.say("boots")


def test_a_page_whose_policy_forbids_the_frame_is_told(widget_shop: str, come: Visit) -> None:
    with hosting(page_html(tag(widget_shop, 'nonce="n"')), {"Content-Security-Policy": "frame-src 'none'"}) as address:
        visitor = come(address)
        visitor.page.clock.install()
        visitor.launcher.click()
        visitor.page.clock.run_for(16_000)
        expect(visitor.page.locator("[data-shopping-assistant] .again")).to_be_visible()
        assert visitor.wait_for_event("error")["code"] == "frame_unreachable"
        visitor.page.locator("[data-shopping-assistant] .shut").click()
        expect(visitor.launcher).to_have_attribute("aria-expanded", "false")
        visitor.errors.clear()


def test_the_chat_survives_a_page_that_swaps_its_body(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    visitor.open()
    visitor.say("boots")
    visitor.page.evaluate("""() => {
      history.pushState({}, "", "/another");
      const body = document.createElement("body");
      body.innerHTML = "<h1>Another page</h1>";
      document.body.replaceWith(body);
    }""")
    expect(visitor.chat.locator(".card")).to_have_count(5)
    visitor.page.evaluate("document.querySelector('[data-shopping-assistant]').remove()")
    visitor.opened()
    expect(visitor.chat.locator(".card")).to_have_count(5)
    visitor.page.go_back()
    expect(visitor.launcher).to_be_visible()
    visitor.page.evaluate("ShoppingAssistant.destroy()")
    visitor.page.wait_for_timeout(300)
    expect(visitor.page.locator("[data-shopping-assistant]")).to_have_count(0)
    assert visitor.page.evaluate("'ShoppingAssistant' in window") is False


def test_two_tags_make_one_chat(widget_shop: str, come: Visit) -> None:
    with hosting(page_html(tag(widget_shop) * 2)) as address:
        visitor = come(address)
        visitor.launcher.wait_for()
        visitor.page.wait_for_load_state("networkidle")
        assert visitor.page.locator("[data-shopping-assistant]").count() == 1


@pytest.mark.parametrize("style", ["position: fixed; bottom: 0", "position: sticky; bottom: 0"])
def test_a_cookie_banner_stays_free(widget_shop: str, come: Visit, style: str) -> None:
    look = f"{style}; left: 0; right: 0; height: 140px; background: #ddd"
    banner = f"<div id='cookies' style='{look}'><button>OK</button></div>"
    with hosting(page_html(tag(widget_shop), body="<p style='height: 2000px'>Goods</p>" + banner)) as address:
        visitor = come(address)
        visitor.launcher.wait_for()
        bar = visitor.page.locator("#cookies").bounding_box()
        launcher = visitor.launcher.bounding_box()
        assert bar
        assert launcher
        assert launcher["y"] + launcher["height"] <= bar["y"]
        visitor.page.locator("#cookies button").click()
        visitor.page.evaluate("document.getElementById('cookies').remove()")
        expect(visitor.launcher).to_have_css("bottom", re.compile(r"^20px$"))


def test_inline_and_page_modes_fill_what_they_are_given(widget_shop: str, come: Visit) -> None:
    inline = page_html(
        tag(widget_shop, "data-mode=inline data-target='#here'"), body="<div id='here' style='width: 700px'></div>"
    )
    with hosting(inline) as address:
        visitor = come(address)
        visitor.opened()
        box = visitor.page.locator("#here iframe").bounding_box()
        assert box
        assert box["width"] == pytest.approx(698, abs=2)
        assert visitor.page.locator(".launcher").count() == 0
        expect(visitor.chat.locator("#close")).to_be_hidden()
    with hosting(page_html(tag(widget_shop, "data-mode=page data-language=zh"))) as address:
        visitor = come(address)
        visitor.opened()
        box = visitor.page.locator("iframe").bounding_box()
        assert box
        assert (box["width"], box["height"]) == (1200, 820)
        expect(visitor.chat.locator("#welcome h2")).to_have_text("今天想找点什么?")


# ---- Keys, phones, assistive technology ----


def test_everything_can_be_done_with_the_keyboard(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    visitor.launcher.wait_for()
    press = visitor.page.keyboard.press
    press("Tab")
    assert visitor.page.evaluate("document.activeElement.shadowRoot.activeElement.className") == "launcher"
    press("Enter")
    visitor.opened()
    expect(visitor.chat.locator("#box")).to_be_focused()
    visitor.page.keyboard.type("boots")
    press("Enter")
    visitor.answered(1)
    for _ in range(60):
        if visitor.frame().evaluate("document.activeElement.dataset?.action") == "compare":
            break
        press("Shift+Tab")
    press("Enter")
    expect(visitor.chat.locator(".card.chosen")).to_have_count(1)
    press("Escape")
    expect(visitor.page.locator("[data-shopping-assistant] iframe")).to_be_hidden()
    assert visitor.page.evaluate("document.activeElement.shadowRoot.activeElement.className") == "launcher"
    press("Space")
    expect(visitor.chat.locator("#box")).to_be_focused()


def test_escape_closes_the_menu_first(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    chat.locator("#menu-button").click()
    expect(chat.locator("#new-chat")).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(chat.locator("#menu")).to_be_hidden()
    expect(chat.locator("#menu-button")).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(visitor.launcher).to_have_attribute("aria-expanded", "false")


def test_enter_that_ends_a_composition_does_not_send(widget_shop: str, come: Visit) -> None:
    visitor = come(f"{widget_shop}widget/frame?key=demo&language=zh", locale="zh-CN")
    page = visitor.page
    page.locator("#welcome:not([hidden])").wait_for()
    box = page.locator("#box")
    box.focus()
    keyboard = visitor.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "跑步", "selectionStart": 2, "selectionEnd": 2})
    enter = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keyboard.send("Input.insertText", {"text": "跑步鞋"})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    page.wait_for_timeout(400)
    expect(page.locator(".said")).to_have_count(0)
    expect(box).to_have_value("跑步鞋")
    box.press("Shift+Enter")
    expect(box).to_have_value("跑步鞋\n")
    box.press("Enter")
    expect(page.locator(".feedback")).to_have_count(1)
    expect(page.locator(".said")).to_have_text("跑步鞋")


def test_a_phone_shows_the_chat_alone_and_gives_the_page_back(merchant: str, come: Visit) -> None:
    visitor = come(merchant, **PHONE)
    visitor.page.evaluate("document.documentElement.style.overflow = 'auto'; scrollTo(0, 300)")
    visitor.open()
    box = visitor.page.locator("[data-shopping-assistant] iframe").bounding_box()
    assert box
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    assert visitor.page.evaluate("[getComputedStyle(document.documentElement).overflow, document.body.inert]") == [
        "hidden",
        True,
    ]
    visitor.say("boots")
    small = visitor.frame().evaluate("""() => [...document.querySelectorAll("button, textarea, .menu a")]
      .filter((each) => each.checkVisibility())
      .filter((each) => Math.min(each.getBoundingClientRect().width, each.getBoundingClientRect().height) < 43.5)
      .map((each) => each.textContent.trim() || each.ariaLabel)""")
    assert small == []
    assert visitor.frame().evaluate("document.documentElement.scrollWidth") <= 390
    visitor.chat.locator("#close").click()
    expect(visitor.launcher).to_be_visible()
    assert visitor.page.evaluate("[document.documentElement.style.overflow, document.body.inert, scrollY]") == [
        "auto",
        False,
        300,
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(widget_shop: str, come: Visit, scheme: str) -> None:
    axe = Axe()

    def serious(where: Any) -> list[str]:
        found = axe.run(where).response["violations"]
        return [
            f"{rule['id']}: {[node['html'][:160] for node in rule['nodes']]}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
        ]

    with hosting(page_html(tag(widget_shop))) as address:
        visitor = come(address, color_scheme=scheme, reduced_motion="reduce")
        chat = visitor.open()
        visitor.page.evaluate("void ShoppingAssistant.on('add_to_cart', () => {})")
        assert serious(visitor.frame()) == []
        visitor.say("boots")
        chat.locator("[data-action=compare]").nth(0).click()
        chat.locator("[data-action=compare]").nth(1).click()
        chat.locator(".feedback [aria-label='Bad reply']").click()
        chat.locator("#menu-button").click()
        assert serious(visitor.frame()) == []
        chat.locator("#erase").click()
        assert serious(visitor.frame()) == []
        assert serious(visitor.page) == []
    visitor = come(f"{widget_shop}embed", color_scheme=scheme)
    visitor.launcher.wait_for()
    assert serious(visitor.page) == []


# ---- The API and the messages ----


def test_the_api_sends_themes_translates_and_follows_the_page(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    visitor.launcher.wait_for()
    visitor.page.evaluate("ShoppingAssistant.send('boots')")
    visitor.answered(1)
    visitor.page.evaluate(
        "ShoppingAssistant.setTheme({ scheme: 'dark', accent: '#ffb400', font: 'url(https://evil.example/f)' })"
    )
    expect(visitor.chat.locator("body.dark")).to_have_count(1)
    assert (
        visitor.frame().evaluate("document.documentElement.style.getPropertyValue('--accent-fill')") == "rgb(255 180 0)"
    )
    assert visitor.frame().evaluate("document.documentElement.style.getPropertyValue('--frame-font')") == ""
    visitor.page.evaluate("ShoppingAssistant.setLocale('zh-CN')")
    expect(visitor.chat.locator("#box")).to_have_attribute("placeholder", "说说您想找什么")
    expect(visitor.chat.locator(".card")).to_have_count(5)
    visitor.page.evaluate("ShoppingAssistant.toggle()")
    expect(visitor.launcher).to_have_attribute("aria-expanded", "false")
    visitor.page.evaluate("ShoppingAssistant.setUser({ id: 'u-1' })")
    visitor.page.evaluate("ShoppingAssistant.open()")
    assert [event for event in visitor.strangers("http://127.0.0.1") if "evil" in event] == []


def test_an_answer_that_comes_while_it_is_closed_leaves_a_dot(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    chat.locator("#box").fill("slow boots")
    chat.locator("#box").press("Enter")
    visitor.launcher.click()
    expect(visitor.page.locator(".dot")).to_be_visible(timeout=PATIENCE_MS)
    expect(visitor.launcher).to_have_attribute("aria-label", re.compile("new reply"))
    visitor.launcher.click()
    expect(visitor.page.locator(".dot")).to_be_hidden()


def test_messages_of_another_origin_version_or_shape_are_ignored(merchant: str, widget_shop: str, come: Visit) -> None:
    visitor = come(merchant)
    visitor.open()
    visitor.page.evaluate("""() => {
      const { shadowRoot } = document.querySelector("[data-shopping-assistant]");
      const frame = shadowRoot.querySelector("iframe").contentWindow;
      const ours = { app: "shopping-assistant", v: 1 };
      const wrong = [{ type: "say", text: "boots" }, { ...ours, v: 2, type: "say", text: "boots" },
        { ...ours, type: "say", text: 7 }, { ...ours, type: "toString" },
        { ...ours, type: "theme", scheme: 1, theme: null }, "say", null];
      for (const each of wrong) frame.postMessage(each, "*");
      const error = { code: "x", message: "y" };
      for (const type of ["close", "error", "ready"]) window.postMessage({ ...ours, ...error, type }, "*");
    }""")
    visitor.page.wait_for_timeout(400)
    expect(visitor.chat.locator(".said")).to_have_count(0)
    expect(visitor.launcher).to_have_attribute("aria-expanded", "true")
    assert visitor.events("error") == []
    stranger = f'<iframe src="{widget_shop}widget/frame?key=demo&origin={merchant.rstrip("/")}"></iframe>'
    with hosting(page_html("", body=stranger)) as other:
        thief = come(other)
        thief.page.frame_locator("iframe").locator("#welcome:not([hidden])").wait_for()
        thief.page.evaluate(
            "frames[0].postMessage({ app: 'shopping-assistant', v: 1, type: 'say', text: 'boots' }, '*')"
        )
        thief.page.wait_for_timeout(400)
        expect(thief.page.frame_locator("iframe").locator(".said")).to_have_count(0)
        thief.errors.clear()
