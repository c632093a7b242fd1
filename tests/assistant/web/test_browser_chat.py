"""What a shopper sees, in a real browser, where the answer has to be scripted; see scripted_shop.py."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from recording_shop import RecordingShop
from scripted_shop import HOSTILE, ScriptedShop, Store
from web_shoppers import Shopper, serving

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket, pytest.mark.slow]

Visit = Callable[..., Shopper]


def test_what_a_feed_says_is_shown_and_never_run(scripted: ScriptedShop, visit: Visit) -> None:
    with serving(scripted) as address:
        shopper = visit(address)
        shopper.say("something hostile ${window.hacked='said'} {{constructor}} <img src=x onerror=window.hacked=1>")
        assert shopper.titles()[0] == " ".join(HOSTILE.split())
        assert shopper.texts()[1] == f"I found {HOSTILE}"
        assert shopper.texts()[0].endswith("<img src=x onerror=window.hacked=1>")
        assert "<img src=x onerror=" in shopper.page.locator(".card img").first.get_attribute("alt")
        shopper.page.reload()
        expect(shopper.page.locator("#chat .cards")).to_have_count(1)
        assert shopper.page.evaluate("window.hacked") is None
        assert shopper.page.locator("#chat img:not(.card-picture img), #chat a").count() == 0


def test_hostile_suggestions_and_conditions_are_inert(tmp_path: Path, visit: Visit) -> None:
    class Hostile(ScriptedShop):
        """A shop whose suggestions and constraints carry mark-up."""

        def starters(self, language: str) -> tuple[str, ...]:
            return (HOSTILE,)

        def constraints(self, session: object) -> list:
            return [type("Chip", (), {"key": HOSTILE, "value": HOSTILE, "label_en": HOSTILE, "label_zh": HOSTILE})()]

    with serving(Hostile(tmp_path)) as address:
        shopper = visit(address)
        shown = " ".join(HOSTILE.split())
        assert shopper.page.locator("#quick .chip").inner_text() == shown
        shopper.page.locator("#quick .chip").click()
        shopper.answered(1)
        assert shopper.texts()[0] == shown
        assert shopper.chips() == [shown]
        assert shopper.page.evaluate("window.hacked") is None


def test_a_failed_turn_is_a_sentence_and_the_words_are_not_lost(scripted: ScriptedShop, visit: Visit) -> None:
    with serving(scripted) as address:
        shopper = visit(address, locale="zh-CN")
        shopper.page.locator("#say textarea").fill("fail")
        shopper.page.keyboard.press("Enter")
        notice = shopper.page.locator("#chat .notice")
        expect(notice).to_have_text("我们这边出了点问题,您的消息没有得到回答。请再发送一次。 再试一次")
        assert shopper.page.locator(".notice .retry").get_attribute("data-say") == "fail"
        assert "script says so" not in shopper.page.content()
        shopper.page.locator("#say textarea").fill("靴子")
        shopper.page.keyboard.press("Enter")
        expect(notice).to_have_count(0)
        shopper.answered(1)


def test_a_message_that_is_too_long_is_named_and_kept(scripted: ScriptedShop, visit: Visit) -> None:
    with serving(scripted) as address:
        shopper = visit(address)
        box = shopper.page.locator("#say textarea")
        box.fill("x" * 2_001)
        box.press("Enter")
        expect(shopper.page.locator("#chat .notice")).to_have_text(
            "Your message has 2,001 characters; I can read up to 2,000. Please make it a little shorter."
        )
        expect(box).to_have_value("x" * 2_001)
        assert scripted.store.sessions == {}


def test_the_cards_are_there_before_the_words(scripted: ScriptedShop, visit: Visit) -> None:
    with serving(scripted) as address:
        shopper = visit(address)
        shopper.page.locator("#say textarea").fill("slow boots")
        shopper.page.keyboard.press("Enter")
        shopper.page.locator("#chat .cards").wait_for()
        words = shopper.page.locator("#chat .reply")
        early = words.inner_text() if words.count() else ""
        assert not early.endswith("on sale.")
        shopper.answered(1)
        assert words.inner_text().endswith("Ridgeline leads: it is on sale.")


def test_a_new_chat_breaks_the_reply_off(scripted: ScriptedShop, visit: Visit) -> None:
    with serving(scripted) as address:
        shopper = visit(address)
        shopper.page.locator("#say textarea").fill("slow boots")
        shopper.page.keyboard.press("Enter")
        expect(shopper.page.locator("#chat .card").first).to_be_visible()
        shopper.page.locator(".new-chat").click()
        expect(shopper.page.locator(".welcome")).to_be_visible()
        shopper.page.wait_for_timeout(1_000)
        assert shopper.texts() == []
        assert scripted.store.sessions == {}
        shopper.say("boots")
        assert len(scripted.store.sessions) == 1


def test_enter_that_ends_a_composition_does_not_send(scripted: ScriptedShop, visit: Visit) -> None:
    with serving(scripted) as address:
        shopper = visit(address, locale="zh-CN")
        box = shopper.page.locator("#say textarea")
        box.focus()
        keyboard = shopper.context.new_cdp_session(shopper.page)
        keyboard.send("Input.imeSetComposition", {"text": "跑步", "selectionStart": 2, "selectionEnd": 2})
        enter = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
        keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
        keyboard.send("Input.insertText", {"text": "跑步鞋"})
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
        shopper.page.wait_for_timeout(500)
        expect(shopper.page.locator("#chat .said")).to_have_count(0)
        expect(box).to_have_value("跑步鞋")
        box.press("Enter")
        shopper.answered(1)


def test_a_slow_chat_holds_up_nobody(scripted: ScriptedShop, visit: Visit) -> None:
    with serving(scripted) as address:
        slow, quick = visit(address), visit(address)
        slow.page.locator("#say textarea").fill("slow boots")
        slow.page.keyboard.press("Enter")
        slow.page.locator("#chat .thinking, #chat .cards").first.wait_for()
        quick.say("boots")
        assert slow.page.locator("#quick .chip").count() == 0
        slow.answered(1)


def test_a_session_that_was_lost_begins_anew(tmp_path: Path, visit: Visit) -> None:
    store = Store()
    with serving(ScriptedShop(tmp_path, store)) as address:
        shopper = visit(address)
        shopper.say("boots")
        [lost] = store.sessions
        store.sessions.clear()
        shopper.page.reload()
        expect(shopper.page.locator(".welcome")).to_be_visible()
        shopper.say("boots")
        assert [*store.sessions] != [lost]


def test_the_reply_is_read_from_its_beginning(scripted: ScriptedShop, visit: Visit) -> None:
    with serving(scripted) as address:
        shopper = visit(address, viewport={"width": 390, "height": 844}, has_touch=True)
        for _ in range(3):
            shopper.say("boots")
        log = shopper.page.locator("#chat [role=log]").bounding_box()
        last = shopper.page.locator("#chat .said").last.bounding_box()
        assert log
        assert last
        assert 0 <= last["y"] - log["y"] < 60


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_nothing_hangs_over_the_edge(scripted: ScriptedShop, visit: Visit, width: int) -> None:
    with serving(scripted) as address:
        shopper = visit(address, viewport={"width": width, "height": 800})
        shopper.say("boots")
        wide = "document.documentElement.scrollWidth"
        assert shopper.page.evaluate(wide) <= width
        box = shopper.page.locator("#say").bounding_box()
        assert box
        assert box["y"] + box["height"] <= 800
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


# ---- Stop, and try again ----


def test_a_reply_is_stopped_where_it_is_and_tried_again(scripted: ScriptedShop, visit: Visit) -> None:
    with serving(scripted) as address:
        shopper = visit(address)
        page = shopper.page
        page.locator("#say textarea").fill("slow boots")
        page.keyboard.press("Enter")
        page.locator("#chat .reply").wait_for()
        stop = page.locator("#say .stop-button")
        expect(stop).to_have_attribute("aria-label", "Stop")
        stop.click()
        expect(page.locator("#chat .notice")).to_have_text("Stopped. Try again")
        assert page.locator("#chat .reply").inner_text().startswith("These")
        assert scripted.store.sessions == {}
        expect(page.locator("#say .submit-button")).to_have_attribute("aria-label", "Send")
        page.locator("#chat .retry").click()
        shopper.answered(1)
        expect(page.locator("#chat .notice")).to_have_count(0)
        assert page.locator("#chat .reply").inner_text().endswith("Ridgeline leads: it is on sale.")


def test_a_failed_turn_is_tried_again_by_a_click(recording: RecordingShop, visit: Visit) -> None:
    with serving(recording) as address:
        shopper = visit(address)
        recording.fails = 1
        shopper.page.locator("#say textarea").fill("boots")
        shopper.page.keyboard.press("Enter")
        shopper.page.locator("#chat .retry").click()
        shopper.answered(1)
        assert shopper.texts()[0] == "boots"


# ---- Thumbs ----


@pytest.mark.parametrize(
    ("locale", "said", "bad", "reason", "send", "thanks"),
    [
        ("en-US", "boots", "Bad reply", "Wrong products", "Send feedback",
         "Thank you. It helps the shop to answer better."),
        ("zh-CN", "靴子", "回答得不好", "商品不对", "提交反馈", "谢谢,这会帮助本店改进回答。"),
    ],
)  # fmt: skip
def test_a_thumb_down_is_kept_at_once_and_its_reason_after_it(
    recording: RecordingShop, visit: Visit, locale: str, said: str, bad: str, reason: str, send: str, thanks: str
) -> None:
    with serving(recording) as address:
        shopper = visit(address, locale=locale)
        page = shopper.page
        shopper.say(said)
        shopper.say(said)
        page.get_by_role("button", name=bad).last.click()
        page.get_by_role("button", name=reason).click()
        page.locator(".reasons input").fill("<b>shoes")
        assert recording.thumbs == [(2, "down", "")]
        page.get_by_role("button", name=send).click()
        expect(page.locator("#noted .noted")).to_have_text(thanks)
        assert recording.thumbs == [(2, "down", ""), (2, "down", f"{reason}; <b>shoes")]
        page.locator(".thumb-up").first.click()
        expect(page.locator(".thumb-up").first).to_have_attribute("aria-pressed", "true")
        page.wait_for_timeout(500)
        assert recording.thumbs[2:] == [(1, "up", "")]


# ---- Cards ----


def test_up_to_four_are_chosen_and_compared(recording: RecordingShop, visit: Visit) -> None:
    with serving(recording) as address:
        shopper = visit(address)
        page, bar = shopper.page, shopper.page.locator("#noted .compare")
        shopper.say("boots")
        buttons = page.locator("[data-action=compare]")
        expect(bar).to_be_hidden()
        buttons.nth(0).click()
        expect(bar).to_contain_text("Choose one more product to compare.")
        expect(bar.locator("[data-compare=go]")).to_be_disabled()
        for place in (2, 3, 4, 1):
            buttons.nth(place).click()
        expect(bar).to_contain_text("Up to four products can be compared.")
        assert buttons.nth(1).get_attribute("aria-pressed") == "false"
        buttons.nth(3).click()
        expect(bar).to_contain_text("Chosen to compare: 3")
        bar.locator("[data-compare=go]").click()
        shopper.answered(2)
        assert page.locator("#chat .said").last.inner_text() == "compare the first, the third and the fifth"
        expect(bar).to_be_hidden()


def test_what_is_seen_and_done_is_kept_with_its_list(recording: RecordingShop, visit: Visit) -> None:
    with serving(recording) as address:
        shopper = visit(address)
        shopper.say("boots")
        shopper.page.locator("[data-action=not_for_me]").nth(1).click()
        expect(shopper.page.locator("#noted .noted")).to_contain_text("Fjell mid boots with arch support")
        acts = [(act["type"], act["product_id"], act["list_id"], act["position"]) for act in recording.acts]
        seen = [("impression", f"boot-{place + 1}", "list-1", place) for place in range(5)]
        assert sorted(acts) == [*seen, ("not_interested", "boot-2", "list-1", 1)]
        shopper.page.reload()
        expect(shopper.page.locator("#chat .cards")).to_have_count(1)
        shopper.say("black")
        shopper.page.wait_for_timeout(500)
        assert [act["list_id"] for act in recording.acts[6:]] == ["list-2"]


def test_a_table_in_a_reply_is_a_table(recording: RecordingShop, visit: Visit) -> None:
    with serving(recording) as address:
        shopper = visit(address)
        shopper.say("table")
        table = shopper.page.locator("#chat .reply table")
        assert table.locator("thead th").all_inner_texts() == ["1. Ridgeline", "2. <b>Fjell</b> | mid"]
        assert table.locator("tbody th").all_inner_texts() == ["Price"]
        assert table.locator("tbody td").all_inner_texts() == ["$99.00", "$115.00"]
        assert shopper.page.locator("#chat .reply p").all_inner_texts() == ["Side by side:", "Number 1 is cheaper."]


# ---- What is kept of the shopper ----


def test_a_new_chat_is_the_same_shoppers_and_deleting_is_the_end(recording: RecordingShop, visit: Visit) -> None:
    with serving(recording) as address:
        shopper = visit(address)
        page = shopper.page
        shopper.say("boots")
        [first] = recording.store.sessions.values()
        page.locator(".new-chat").click()
        expect(page.locator(".welcome")).to_be_visible()
        shopper.say("boots")
        [second] = recording.store.sessions.values()
        assert second.id != first.id
        assert second.shopper_id == first.shopper_id
        with page.expect_download() as download:
            page.get_by_role("link", name="Export my data").click()
        assert first.shopper_id in Path(download.value.path()).read_text()
        page.get_by_role("button", name="Delete my data").click()
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#panel .confirm")).to_be_hidden()
        assert recording.erased == []
        page.get_by_role("button", name="Delete my data").click()
        page.get_by_role("button", name="Delete everything").click()
        expect(page.locator(".welcome")).to_be_visible()
        expect(page.locator("#chat .said")).to_have_count(0)
        assert recording.erased == [first.shopper_id]
        assert recording.store.sessions == {}


# ---- How much the parts of a score count ----


@pytest.mark.parametrize(
    ("locale", "more", "less"),
    [("en-US", "Let it count more: fits the wish", "Let it count less: fits the wish"),
     ("zh-CN", "多看重一点:符合要求", "少看重一点:符合要求")],
)  # fmt: skip
def test_a_weight_is_moved_behind_why(
    recording: RecordingShop, visit: Visit, locale: str, more: str, less: str
) -> None:
    with serving(recording) as address:
        shopper = visit(address, locale=locale)
        page = shopper.page
        shopper.say("boots" if locale == "en-US" else "靴子")
        factors = [{"relevance": 2.0}, {"relevance": 4.0}, {"relevance": 2.0}]
        for place, factor in enumerate(factors):
            card = page.locator("#chat .cards").last.locator(".card").first
            card.locator("summary").click()
            card.get_by_role("button", name=more if place < 2 else less).click()
            expect(page.locator("#chat .cards")).to_have_count(place + 2)
            [session] = recording.store.sessions.values()
            assert session.weights == factor
        last = page.locator("#chat .cards").last.locator(".card").first
        last.locator("summary").click()
        assert last.locator(".times").all_inner_texts() == ["×2"]
        page.reload()
        expect(page.locator("#chat .cards")).to_have_count(4)
