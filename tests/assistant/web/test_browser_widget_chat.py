"""What a shopper does in the embedded chat, in a real browser; the answers are scripted, see scripted_shop.py."""

import gzip
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from host_pages import ANOTHER_SITE, SAME_SITE, Visitor, hosting, page_html, tag
from playwright.sync_api import Page, Route, expect
from recording_shop import RecordingShop
from scripted_shop import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket, pytest.mark.slow]

WIDGET = files("assistant.web").joinpath("widget")
Visit = Callable[..., Visitor]


# ---- The conversation ----


@pytest.mark.parametrize("site", [ANOTHER_SITE, SAME_SITE])
def test_reloading_brings_the_conversation_back(widget_shop: str, come: Visit, site: str) -> None:
    with hosting(page_html(tag(widget_shop)), name=site) as address:
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


def test_what_is_typed_before_the_script_has_come_is_kept(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visitor.page.route("**/composer.js", hold)
    with visitor.page.expect_request("**/composer.js"):
        visitor.launcher.click()
    visitor.chat.locator("#box").fill("boots")
    held[0].continue_()
    visitor.opened()
    expect(visitor.chat.locator("#box")).to_have_value("boots")
    visitor.chat.locator("#box").press("Enter")
    visitor.answered(1)


def test_what_is_said_before_the_conversation_is_back_comes_after_it(
    merchant: str, recording: RecordingShop, come: Visit
) -> None:
    visitor = come(merchant)
    visitor.open()
    visitor.say("boots")
    recording.constraints_take_s = 1.5
    visitor.page.reload()
    visitor.chat.locator("#box").fill("black")
    visitor.page.wait_for_timeout(700)
    visitor.chat.locator("#box").press("Enter")
    visitor.answered(2)
    assert visitor.chat.locator(".said").all_inner_texts() == ["boots", "black"]


def test_two_shoppers_do_not_see_each_other(merchant: str, recording: RecordingShop, come: Visit) -> None:
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
    assert len(recording.store.sessions) == 2


def test_deleting_my_data_empties_both_sides(merchant: str, recording: RecordingShop, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("boots")
    assert len(recording.store.sessions) == 1
    chat.locator("#menu-button").click()
    chat.locator("#erase").click()
    expect(chat.locator("#confirm-no")).to_be_focused()
    chat.locator("#confirm-yes").click()
    expect(chat.locator("#welcome")).to_be_visible()
    expect(chat.locator("#log .row")).to_have_count(0)
    expect(chat.locator("#status")).to_have_text("Your data is deleted.")
    assert recording.store.sessions == {}
    assert len(recording.erased) == 1
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


def test_what_a_feed_says_is_shown_and_never_run(merchant: str, widget_shop: str, come: Visit) -> None:
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
    assert visitor.strangers(widget_shop) == []


def test_html_that_was_not_cleaned_is_cleaned_here(widget_shop: str, come: Visit) -> None:
    visitor = come(f"{widget_shop}widget/frame?key=demo")
    visitor.page.locator("#welcome:not([hidden])").wait_for()
    dirty = """<p onclick="window.hacked=1" style="position:fixed">a</p><script>window.hacked=1</script>
      <img src="https://evil.example/x.png" onerror="window.hacked=1"><svg onload="window.hacked=1"></svg>
      <a href="javascript:window.hacked=1">b</a><a href="/ok">c</a><form action="https://evil.example"><input></form>
      <iframe srcdoc="<script>parent.hacked=1</script>"></iframe>"""
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
            products = 'id: 1\nevent: products\ndata: {"products": [], "html": "", "language": "en"}\n\n'
            words = 'id: 2\nevent: text\ndata: {"text": "These "}\n\n'
            route.fulfill(status=200, content_type="text/event-stream", body=products + words)
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


def test_a_reply_can_be_stopped(merchant: str, recording: RecordingShop, come: Visit) -> None:
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
    [session] = recording.store.sessions.values()
    assert session.messages[0].text == "boots"


def test_conditions_are_chips_that_a_click_takes_away(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("boots")
    assert chat.locator("#constraints .chip").all_inner_texts() == ["hiking boots×", "up to $120×", "not brown×"]
    chat.locator("#constraints .chip").nth(2).click()
    visitor.answered(2)
    expect(chat.locator("#constraints .chip")).to_have_count(2)


# ---- Cards ----


def test_what_is_done_with_cards_is_said_and_recorded(merchant: str, recording: RecordingShop, come: Visit) -> None:
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
    acts = [(act["type"], act["product_id"], act["list_id"], act["position"]) for act in recording.acts]
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


def test_a_thumb_down_asks_why(merchant: str, recording: RecordingShop, come: Visit) -> None:
    visitor = come(merchant)
    chat = visitor.open()
    visitor.say("boots")
    chat.locator("[aria-label='Bad reply']").click()
    chat.locator(".reasons .chip").nth(1).click()
    chat.locator(".reasons input").fill("I said socks")
    chat.locator(".reasons [type=submit]").click()
    expect(chat.locator(".thanks")).to_have_text("Thank you. It helps the shop to answer better.")
    assert recording.thumbs == [(1, "down", ""), (1, "down", "Misunderstood me; I said socks")]
    assert visitor.events("feedback")[-1]["value"] == "down"


def test_a_hand_off_is_labelled_and_told(merchant: str, come: Visit) -> None:
    visitor = come(merchant)
    visitor.page.route(
        "**/api/chat", lambda route: route.fulfill(status=200, content_type="text/event-stream", body=handed_over())
    )
    chat = visitor.open()
    visitor.say("a person, please")
    expect(chat.locator("#person")).to_contain_text("Passed on to a person. Your reference: H-7.")
    assert visitor.events("handoff") == [{"state": "sent", "reference": "H-7"}]


def handed_over() -> str:
    done = {
        "reply": {"text": "Passed on."}, "html": "<div class='reply'><p>Passed on.</p></div>", "cards_html": "",
        "turn": 1, "quick_replies": [], "constraints": [], "handoff": {"state": "sent", "reference": "H-7"},
    }  # fmt: skip
    return f"id: 1\nevent: done\ndata: {json.dumps(done)}\n\n"


# ---- Modules and sizes ----


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["event: text\ndata: a\n\n"], [["text", "a", ""]]),
        (["event: te", "xt\r", "\ndata: a\r\n\r", "\n"], [["text", "a", ""]]),
        (["id: 7\ndata: a\ndata: b\n\n: ping\n\ndata: c\n\n"], [["message", "a\nb", "7"], ["message", "c", "7"]]),
        (["data:a\rdata:  b\r\r", "x"], [["message", "a\n b", ""]]),
        (['event: x\n\ndata: {"a": "中', '文"}\n\n'], [["message", '{"a": "中文"}', ""]]),
        (["data\n\nretry: 5\nnonsense\n\ndata: cut"], [["message", "", ""]]),
    ],
)
def test_the_event_parser_reads_whatever_the_network_cuts(
    widget_shop: str, come: Visit, pieces: list[str], expected: list[list[str]]
) -> None:
    visitor = come(f"{widget_shop}widget/frame?key=demo")
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


def test_a_pages_accent_is_made_readable(widget_shop: str, come: Visit) -> None:
    visitor = come(f"{widget_shop}widget/frame?key=demo")
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


def test_the_embed_page_builds_a_tag_that_works(widget_shop: str, come: Visit) -> None:
    visitor = come(f"{widget_shop}embed?key=demo")
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
    visitor.context.on(
        "response", lambda answer: sizes.update({answer.url: len(answer.body())}) if "/widget" in answer.url else None
    )
    visitor.open()
    visitor.page.wait_for_load_state("networkidle")
    assert len(sizes) > 5
    assert sum(sizes.values()) < 300_000


def test_no_script_of_the_widget_makes_code_out_of_text() -> None:
    for path in Path(str(WIDGET)).glob("*.js"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", source), (
            path.name
        )


def module(page: Page, name: str) -> str:
    """The address of one of the widget's modules."""
    source: str = page.evaluate("document.querySelector('script[type=module]').src")
    return source.replace("frame.js", name)
