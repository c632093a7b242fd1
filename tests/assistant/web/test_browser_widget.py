"""The embedded chat on a merchant's page, in a real browser; the answers are scripted, see scripted_shop.py."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from host_pages import ANOTHER_SITE, PATIENCE_MS, SAME_SITE, Visitor, hosting, page_html, tag
from playwright.sync_api import Browser, Page, Route, expect
from recording_shop import RecordingShop
from scripted_shop import HOSTILE
from web_shoppers import serving

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket, pytest.mark.slow]

WIDGET = files("assistant.web").joinpath("widget")
HOSTILE_STYLE = """<style nonce="n0nce">
* { all: unset !important; }
:not(html) { transform: scale(0.1) !important; opacity: 0 !important; pointer-events: none !important; }
iframe, div, button { display: none !important; visibility: hidden !important; }
html { font-size: 3px !important; }
</style>"""
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

Visit = Callable[..., Visitor]


@pytest.fixture
def scripted(tmp_path: Path) -> RecordingShop:
    return RecordingShop(tmp_path)


@pytest.fixture
def shop(scripted: RecordingShop) -> Iterator[str]:
    with serving(scripted) as address:
        yield address


@pytest.fixture
def come(browser: Browser) -> Iterator[Visit]:
    """Opens a merchant's page as a new visitor; in the end nobody may have seen an error that a test did not expect."""
    visitors: list[Visitor] = []

    def visit(address: str, **context: Any) -> Visitor:
        visitors.append(Visitor(browser, address, **context))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []


@pytest.fixture
def merchant(shop: str) -> Iterator[str]:
    """A plain merchant's page with the tag."""
    with hosting(page_html(tag(shop), body="<p style='height: 2000px'>Goods</p>")) as address:
        yield address


# ---- The host page ----


def test_a_merchants_page_gets_the_chat_from_one_tag(merchant: str, shop: str, come: Visit) -> None:
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
    assert visitor.strangers(shop) == []


def test_a_hostile_page_neither_hides_nor_breaks_it(shop: str, come: Visit) -> None:
    globals_of_the_page = """<script nonce="n0nce">
      window.ShoppingAssistant = "mine"; window.toggle = window.open = () => { throw new Error("not yours"); };
      window.api = window.options = window.state = "mine"; Object.prototype.polluted = "yes"; Array.prototype.extra = () => 1;
    </script><form id="host"></form><div id="panel"></div>"""
    html = page_html(tag(shop, 'nonce="n0nce"'), body=globals_of_the_page, head=HOSTILE_STYLE)
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


def test_it_needs_two_lines_of_a_strict_policy(shop: str, come: Visit) -> None:
    origin = shop.rstrip("/")
    policy = f"default-src 'none'; script-src 'nonce-n0nce'; frame-src {origin}; base-uri 'none'; require-trusted-types-for 'script'"
    with hosting(page_html(tag(shop, 'nonce="n0nce"')), {"Content-Security-Policy": policy}) as address:
        visitor = come(address)
        visitor.launcher.wait_for()
        box = visitor.launcher.bounding_box()
        assert box
        assert box["width"] == 56
        visitor.open()
        visitor.say("boots")


def test_a_page_whose_policy_forbids_the_frame_is_told(shop: str, come: Visit) -> None:
    with hosting(page_html(tag(shop, 'nonce="n"')), {"Content-Security-Policy": "frame-src 'none'"}) as address:
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


def test_two_tags_make_one_chat(shop: str, come: Visit) -> None:
    with hosting(page_html(tag(shop) * 2)) as address:
        visitor = come(address)
        visitor.launcher.wait_for()
        visitor.page.wait_for_load_state("networkidle")
        assert visitor.page.locator("[data-shopping-assistant]").count() == 1


@pytest.mark.parametrize("style", ["position: fixed; bottom: 0", "position: sticky; bottom: 0"])
def test_a_cookie_banner_stays_free(shop: str, come: Visit, style: str) -> None:
    banner = f"<div id='cookies' style='{style}; left: 0; right: 0; height: 140px; background: #ddd'><button>OK</button></div>"
    with hosting(page_html(tag(shop), body="<p style='height: 2000px'>Goods</p>" + banner)) as address:
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


def test_inline_and_page_modes_fill_what_they_are_given(shop: str, come: Visit) -> None:
    inline = page_html(tag(shop, "data-mode=inline data-target='#here'"), body="<div id='here' style='width: 700px'></div>")
    with hosting(inline) as address:
        visitor = come(address)
        visitor.opened()
        box = visitor.page.locator("#here iframe").bounding_box()
        assert box
        assert box["width"] == pytest.approx(698, abs=2)
        assert visitor.page.locator(".launcher").count() == 0
        expect(visitor.chat.locator("#close")).to_be_hidden()
    with hosting(page_html(tag(shop, "data-mode=page data-language=zh"))) as address:
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


def test_enter_that_ends_a_composition_does_not_send(shop: str, come: Visit) -> None:
    visitor = come(f"{shop}widget/frame?key=demo&language=zh", locale="zh-CN")
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
    assert visitor.page.evaluate("[getComputedStyle(document.documentElement).overflow, document.body.inert]") == ["hidden", True]
    visitor.say("boots")
    small = visitor.frame().evaluate("""() => [...document.querySelectorAll("button, textarea, .menu a")]
      .filter((each) => each.checkVisibility()).map((each) => [each.textContent.trim() || each.ariaLabel, each.getBoundingClientRect()])
      .filter(([, box]) => box.height < 43.5 || box.width < 43.5).map(([name]) => name)""")
    assert small == []
    assert visitor.frame().evaluate("document.documentElement.scrollWidth") <= 390
    visitor.chat.locator("#close").click()
    expect(visitor.launcher).to_be_visible()
    assert visitor.page.evaluate("[document.documentElement.style.overflow, document.body.inert, scrollY]") == ["auto", False, 300]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(shop: str, come: Visit, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def serious(where: Any) -> list[str]:
        found = axe.run(where).response["violations"]
        return [
            f"{rule['id']}: {[node['html'][:160] for node in rule['nodes']]}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
        ]

    with hosting(page_html(tag(shop))) as address:
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
    visitor = come(f"{shop}embed", color_scheme=scheme)
    visitor.launcher.wait_for()
    assert serious(visitor.page) == []


# ---- The conversation ----


@pytest.mark.parametrize("site", [ANOTHER_SITE, SAME_SITE])
def test_reloading_brings_the_conversation_back(shop: str, come: Visit, site: str) -> None:
    with hosting(page_html(tag(shop)), name=site) as address:
        visitor = come(address)
        _reload_and_compare(visitor, keeps_drafts=site == SAME_SITE)


def _reload_and_compare(visitor: Visitor, *, keeps_drafts: bool) -> None:
    visitor.open()
    visitor.say("boots")
    visitor.chat.locator("#box").fill("not sent yet")
    said, titles = (visitor.chat.locator(each).all_inner_texts() for each in (".said, .reply", ".card-title"))
    visitor.page.reload()
    chat = visitor.opened()
    expect(chat.locator(".card")).to_have_count(5)
    assert chat.locator(".said, .reply").all_inner_texts() == said
    assert chat.locator(".card-title").all_inner_texts() == titles
    expect(chat.locator("#constraints .chip")).to_have_count(3)
    expect(chat.locator("#box")).to_have_value("not sent yet" if keeps_drafts else "")


def test_two_shoppers_do_not_see_each_other(merchant: str, scripted: RecordingShop, come: Visit) -> None:
    slow, quick = come(merchant), come(merchant)
    slow.open()
    quick.open()
    slow.chat.locator("#box").fill("slow boots")
    slow.chat.locator("#box").press("Enter")
    slow.chat.locator(".coming .cards").wait_for()
    quick.say("black")
    slow.answered(1)
    assert slow.chat.locator(".said").all_inner_texts() == ["slow boots"]
    assert quick.chat.locator(".said").all_inner_texts() == ["black"]
    assert len(scripted.store.sessions) == 2


def test_deleting_my_data_empties_both_sides(merchant: str, scripted: RecordingShop, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("boots")
    assert len(scripted.store.sessions) == 1
    chat.locator("#menu-button").click()
    chat.locator("#erase").click()
    expect(chat.locator("#confirm-no")).to_be_focused()
    chat.locator("#confirm-yes").click()
    expect(chat.locator("#welcome")).to_be_visible()
    expect(chat.locator("#log .row")).to_have_count(0)
    expect(chat.locator("#status")).to_have_text("Your data is deleted.")
    assert scripted.store.sessions == {}
    assert len(scripted.erased) == 1
    assert visitor.context.cookies() == []
    visitor.page.reload()
    expect(visitor.opened().locator("#welcome")).to_be_visible()
    visitor.say("boots")


def test_a_new_chat_leaves_the_old_one(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("boots")
    visitor.page.evaluate("ShoppingAssistant.reset()")
    expect(chat.locator("#welcome")).to_be_visible()
    visitor.say("black")
    assert chat.locator(".said").all_inner_texts() == ["black"]


def test_what_a_feed_says_is_shown_and_never_run(merchant: str, shop: str, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("something hostile ${window.hacked='said'} {{constructor}} <img src=x onerror=window.hacked=1>")
    assert chat.locator(".card-title").first.inner_text() == " ".join(HOSTILE.split())
    assert chat.locator(".said").inner_text().endswith("<img src=x onerror=window.hacked=1>")
    assert chat.locator(".reply").inner_text() == f"I found {HOSTILE}"
    visitor.page.reload()
    expect(visitor.opened().locator(".card")).to_have_count(2)
    assert visitor.frame().evaluate("window.hacked") is None
    assert visitor.page.evaluate("window.hacked") is None
    assert chat.locator("#log a, #log img:not(.card-picture img)").count() == 0
    assert visitor.strangers(shop) == []


def test_html_that_was_not_cleaned_is_cleaned_here(shop: str, come: Visit) -> None:
    visitor = come(f"{shop}widget/frame?key=demo")
    visitor.page.locator("#welcome:not([hidden])").wait_for()
    dirty = """<p onclick="window.hacked=1" style="position:fixed">a<img src="https://evil.example/x.png" onerror="window.hacked=1">
      <script>window.hacked=1</script><a href="javascript:window.hacked=1">b</a><a href="/ok">c</a><svg onload="window.hacked=1"></svg>
      <iframe srcdoc="<script>parent.hacked=1</script>"></iframe><form action="https://evil.example"><input></form></p>"""
    clean = visitor.page.evaluate(
        """async ([path, html]) => {
          const { fragment } = await import(path);
          const box = document.createElement("div");
          box.append(fragment(html));
          return box.innerHTML;
        }""",
        [module(visitor.page, "html.js"), dirty],
    )
    for forbidden in ("onclick", "onerror", "style", "<script", "javascript:", "<svg", "<iframe", "<form"):
        assert forbidden not in clean
    assert 'rel="noopener noreferrer nofollow"' in clean
    assert visitor.page.evaluate("window.hacked") is None
    visitor.errors.clear()  # the policy has refused the style and the handlers, too, and says so


def test_a_reply_that_breaks_off_is_taken_up_behind_the_last_event(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    visitor.open()
    asked: list[str | None] = []

    def cut(route: Route) -> None:
        asked.append(route.request.headers.get("last-event-id"))
        if len(asked) == 1:
            events = 'id: 1\nevent: products\ndata: {"products": [], "html": "", "language": "en"}\n\nid: 2\nevent: text\ndata: {"text": "These "}\n\n'
            route.fulfill(status=200, content_type="text/event-stream", body=events)
        else:
            route.continue_()

    visitor.page.route("**/api/chat", cut)
    visitor.say("boots")
    assert asked == [None, "2"]
    expect(visitor.chat.locator("#connection")).to_be_hidden()
    assert visitor.chat.locator(".reply").inner_text().endswith("it is on sale.")


def test_a_failed_turn_can_be_tried_again_and_loses_no_words(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    chat.locator("#box").fill("fail")
    chat.locator("#box").press("Enter")
    expect(chat.locator(".notice p")).to_contain_text("Something went wrong on our side")
    expect(chat.locator("#box")).to_have_value("fail")
    assert visitor.wait_for_event("error")["code"]
    chat.locator(".notice button").click()
    expect(chat.locator(".said")).to_have_count(1)
    expect(chat.locator(".notice")).to_have_count(1)
    visitor.say("boots")
    expect(chat.locator(".notice")).to_have_count(0)
    assert chat.locator(".said").all_inner_texts() == ["boots"]


def test_offline_is_told_and_nothing_is_lost(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.context.set_offline(True)
    expect(chat.locator("#connection")).to_be_visible()
    chat.locator("#box").fill("boots")
    chat.locator("#box").press("Enter")
    expect(chat.locator("#box")).to_have_value("boots")
    visitor.context.set_offline(False)
    expect(chat.locator("#connection")).to_be_hidden()
    chat.locator("#box").press("Enter")
    visitor.answered(1)


def test_a_reply_can_be_stopped(merchant: str, scripted: RecordingShop, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    chat.locator("#box").fill("slow boots")
    chat.locator("#box").press("Enter")
    chat.locator(".coming .growing").wait_for()
    expect(chat.locator("#send")).to_be_hidden()
    chat.locator("#stop").click()
    expect(chat.locator(".coming")).to_have_count(0)
    expect(chat.locator("#send")).to_be_visible()
    expect(chat.locator("#box")).to_have_value("slow boots")
    visitor.say("boots")
    assert [message.text for session in scripted.store.sessions.values() for message in session.messages][0] == "boots"


def test_conditions_are_chips_that_a_click_takes_away(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("boots")
    assert chat.locator("#constraints .chip").all_inner_texts() == ["hiking boots×", "up to $120×", "not brown×"]
    chat.locator("#constraints .chip").nth(2).click()
    visitor.answered(2)
    expect(chat.locator("#constraints .chip")).to_have_count(2)


# ---- Cards ----


def test_what_is_done_with_cards_is_said_recorded_and_told(
    merchant: str, scripted: RecordingShop, come: Visit
) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("boots")
    expect(chat.locator("[data-action=add_to_cart]").first).to_be_hidden()
    visitor.page.evaluate("void ShoppingAssistant.on('add_to_cart', (item) => { window.cart = item; })")
    chat.locator("[data-action=add_to_cart]").nth(1).click()
    assert visitor.wait_for_event("add_to_cart")["product_id"] == "boot-2"
    assert visitor.page.evaluate("window.cart.quantity") == 1
    chat.locator("[data-action=not_for_me]").nth(3).click()
    chat.locator(".card-undo").click()
    expect(chat.locator(".card.refused")).to_have_count(0)
    chat.locator("[data-action=not_for_me]").nth(2).click()
    chat.locator("[data-action=compare]").nth(0).click()
    expect(chat.locator("#compare-go")).to_be_disabled()
    chat.locator("[data-action=compare]").nth(4).click()
    chat.locator("#compare-go").click()
    visitor.answered(2)
    assert chat.locator(".said").last.inner_text() == "compare the first and the fifth"
    acts = [(act["type"], act["product_id"], act["list_id"], act["position"]) for act in scripted.acts]
    assert acts[:5] == [("impression", f"boot-{n}", "list-1", n - 1) for n in range(1, 6)]
    assert acts[5:7] == [("add_to_cart", "boot-2", "list-1", 1), ("not_interested", "boot-3", "list-1", 2)]


def test_more_like_this_says_so_about_the_product(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("boots")
    visitor.page.evaluate("ShoppingAssistant.setContext({ category: 'boots', cart: ['boot-9'] })")
    with visitor.page.expect_request("**/api/chat") as sent:
        chat.locator("[data-action=similar]").nth(1).click()
    visitor.answered(2)
    body = sent.value.post_data_json
    assert body["context"] == {"product": "boot-2", "category": "boots", "cart": ["boot-9"]}
    assert chat.locator(".said").last.inner_text() == "Something like this"


def test_a_thumb_down_asks_why(merchant: str, scripted: RecordingShop, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("boots")
    chat.locator("[aria-label='Bad reply']").click()
    chat.locator(".reasons .chip").nth(1).click()
    chat.locator(".reasons input").fill("I said socks")
    chat.locator(".reasons [type=submit]").click()
    expect(chat.locator(".thanks")).to_have_text("Thank you. It helps the shop to answer better.")
    assert scripted.thumbs == [(1, "down", ""), (1, "down", "Misunderstood me; I said socks")]
    assert visitor.events("feedback")[-1]["value"] == "down"


def test_a_hand_off_is_labelled_and_told(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    visitor.page.route("**/api/chat", lambda route: route.fulfill(status=200, content_type="text/event-stream", body=handed_over()))
    chat = visitor.open()
    visitor.say("a person, please")
    expect(chat.locator("#person")).to_contain_text("Passed on to a person. Your reference: H-7.")
    assert visitor.events("handoff") == [{"state": "sent", "reference": "H-7"}]


def handed_over() -> str:
    done = {
        "reply": {"text": "Passed on."}, "html": "<div class='reply'><p>Passed on.</p></div>", "cards_html": "", "turn": 1,
        "quick_replies": [], "constraints": [], "handoff": {"state": "sent", "reference": "H-7"},
    }  # fmt: skip
    return f"id: 1\nevent: done\ndata: {json.dumps(done)}\n\n"


# ---- The API and the messages ----


def test_the_api_sends_themes_translates_and_follows_the_page(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    visitor.launcher.wait_for()
    visitor.page.evaluate("ShoppingAssistant.send('boots')")
    visitor.answered(1)
    visitor.page.evaluate("ShoppingAssistant.setTheme({ scheme: 'dark', accent: '#ffb400', font: 'url(https://evil.example/f)' })")
    expect(visitor.chat.locator("body.dark")).to_have_count(1)
    assert visitor.frame().evaluate("document.documentElement.style.getPropertyValue('--accent-fill')") == "rgb(255 180 0)"
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


def test_messages_of_another_origin_version_or_shape_are_ignored(merchant: str, shop: str, come: Visit) -> None:
    visitor = come(merchant)
    visitor.open()
    visitor.page.evaluate("""() => {
      const frame = document.querySelector("[data-shopping-assistant]").shadowRoot.querySelector("iframe").contentWindow;
      const wrong = [{ type: "say", text: "boots" }, { app: "shopping-assistant", v: 2, type: "say", text: "boots" },
        { app: "shopping-assistant", v: 1, type: "say", text: 7 }, { app: "shopping-assistant", v: 1, type: "toString" },
        { app: "shopping-assistant", v: 1, type: "theme", scheme: 1, theme: null }, "say", null];
      for (const each of wrong) frame.postMessage(each, "*");
      for (const type of ["close", "error", "ready"]) window.postMessage({ app: "shopping-assistant", v: 1, type, code: "x", message: "y" }, "*");
    }""")
    visitor.page.wait_for_timeout(400)
    expect(visitor.chat.locator(".said")).to_have_count(0)
    expect(visitor.launcher).to_have_attribute("aria-expanded", "true")
    assert visitor.events("error") == []
    stranger = f'<iframe src="{shop}widget/frame?key=demo&origin={merchant.rstrip("/")}"></iframe>'
    with hosting(page_html("", body=stranger)) as other:
        thief = come(other)
        thief.page.frame_locator("iframe").locator("#welcome:not([hidden])").wait_for()
        thief.page.evaluate(
            "frames[0].postMessage({ app: 'shopping-assistant', v: 1, type: 'say', text: 'boots' }, '*')"
        )
        thief.page.wait_for_timeout(400)
        expect(thief.page.frame_locator("iframe").locator(".said")).to_have_count(0)
        thief.errors.clear()


# ---- Modules and sizes ----


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["event: text\ndata: a\n\n"], [["text", "a", ""]]),
        (["event: te", "xt\r", "\ndata: a\r\n\r", "\n"], [["text", "a", ""]]),
        (["id: 7\ndata: a\ndata: b\n\n: ping\n\ndata: c\n\n"], [["message", "a\nb", "7"], ["message", "c", "7"]]),
        (["data:a\rdata:  b\r\r", "x"], [["message", "a\n b", ""]]),
        (["event: x\n\ndata: {\"a\": \"中", "文\"}\n\n"], [["message", '{"a": "中文"}', ""]]),
        (["data\n\nretry: 5\nnonsense\n\ndata: cut"], [["message", "", ""]]),
    ],
)
def test_the_event_parser_reads_whatever_the_network_cuts(
    shop: str, come: Visit, pieces: list[str], expected: list[list[str]]
) -> None:
    visitor = come(f"{shop}widget/frame?key=demo")
    visitor.page.locator("#welcome:not([hidden])").wait_for()
    found = visitor.page.evaluate(
        """async ([path, pieces]) => {
          const { EventParser } = await import(path);
          const found = [];
          const parser = new EventParser(({ type, data, id }) => found.push([type, data, id]));
          for (const piece of pieces) parser.push(piece);
          return found;
        }""",
        [module(visitor.page, "sse.js"), pieces],
    )
    assert found == expected


def test_a_pages_accent_is_made_readable(shop: str, come: Visit) -> None:
    visitor = come(f"{shop}widget/frame?key=demo")
    visitor.page.locator("#welcome:not([hidden])").wait_for()
    contrasts = visitor.page.evaluate(
        """async (path) => {
          const { contrast, readable } = await import(path);
          const papers = [[[255, 255, 255]], [[33, 31, 28]]];
          const colors = [[255, 180, 0], [255, 255, 255], [0, 0, 0], [120, 120, 120], [29, 92, 72]];
          return papers.flatMap((paper) => colors.map((color) => contrast(readable(color, paper), paper[0])));
        }""",
        module(visitor.page, "theme.js"),
    )
    assert min(contrasts) >= 4.5


def test_the_embed_page_builds_a_tag_that_works(shop: str, come: Visit) -> None:
    visitor = come(f"{shop}embed?key=demo")
    visitor.launcher.wait_for()
    page = visitor.page
    page.locator("[name=pinned]").check()
    page.locator("[name=theme]").select_option("dark")
    page.locator("[name=position]").select_option("left")
    snippet = page.locator("#snippet").inner_text()
    assert 'data-key="demo"' in snippet
    assert 'data-position="left"' in snippet
    assert 'crossorigin="anonymous"' in snippet
    assert "frame-src" in page.locator("#policy").inner_text()
    with hosting(page_html(snippet)) as address:
        other = come(address)
        other.open()
        other.say("boots")
        expect(other.chat.locator("body.dark")).to_have_count(1)
        box = other.launcher.bounding_box()
        assert box
        assert box["x"] < 100
    page.locator("[name=mode]").select_option("inline")
    expect(page.locator("#assistant-preview iframe")).to_be_visible()


def test_the_loader_and_the_frame_stay_small(merchant: str, come: Visit) -> None:
    loader = WIDGET.joinpath("widget.js").read_bytes()
    assert len(gzip.compress(loader, 6)) < 30_000
    visitor = come(merchant)
    sizes: dict[str, int] = {}
    visitor.context.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}) if "/widget" in answer.url else None)
    visitor.open()
    visitor.page.wait_for_load_state("networkidle")
    assert len(sizes) > 5
    assert sum(sizes.values()) < 300_000


def test_no_script_of_the_widget_makes_code_out_of_text() -> None:
    for path in Path(str(WIDGET)).glob("*.js"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", source), path.name


def module(page: Page, name: str) -> str:
    """The address of one of the widget's modules."""
    source: str = page.evaluate("document.querySelector('script[type=module]').src")
    return source.replace("frame.js", name)
