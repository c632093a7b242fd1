"""What a shopper sees of the real demo shop, in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from web_shoppers import PATIENCE_MS, Shopper, serving

from assistant.app import ShoppingAssistant
from assistant.looking.values import PageContext
from assistant.types import Session
from assistant.web.middleware import SESSION_COOKIE
from retrieval.demo.drawings.shapes import COLORS

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket, pytest.mark.slow]

Visit = Callable[..., Shopper]

BOOTS = "waterproof hiking boots under 120 dollars, not brown"
NOT_BROWN = "waterproof hiking boots, not brown, any price"
NOT_BROWN_ZH = "防水登山靴,不要棕色,价格不限"
SHOES = "三百块以内的跑步鞋,不要黑色"


def session_of(shopper: Shopper, shop: ShoppingAssistant) -> Session:
    token = next(cookie["value"] for cookie in shopper.context.cookies() if cookie["name"] == SESSION_COOKIE)
    session = shop.load_session(token)
    assert session is not None
    return session


def prices(shopper: Shopper) -> list[float]:
    shown = shopper.page.locator("#chat .cards").last.locator(".card-price strong").all_inner_texts()
    return [float(re.sub(r"[^\d.]", "", price)) for price in shown]


def test_an_english_wish_gives_cards_with_prices_and_pictures(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        shopper = visit(address)
        assert shopper.page.locator("html").get_attribute("lang") == "en"
        assert shopper.page.locator("#quick .chip").count() >= 3
        shopper.say(BOOTS)
        assert shopper.titles()
        assert all(price <= 120 for price in prices(shopper))
        assert shopper.unloaded_pictures() == []
        cards = shopper.page.locator("#chat .card")
        assert all(cards.nth(place).locator(".card-reasons li").count() >= 2 for place in range(cards.count()))
        first = shopper.page.locator("#chat .card-why").first
        first.locator("summary").click()
        expect(first.locator("dd").first).to_be_visible()
        pictures = shopper.page.locator("#chat .card img")
        shown = [pictures.nth(place).get_attribute("src") for place in range(pictures.count())]
        ids = [str(address).removeprefix("images/").partition("?")[0] for address in shown]
        assert ids == list(session_of(shopper, demo).last_shown())


def test_a_chinese_wish_gives_chinese_cards(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        shopper = visit(address, locale="zh-CN")
        assert shopper.page.locator("html").get_attribute("lang") == "zh"
        assert shopper.page.locator(".new-chat").inner_text() == "新对话"
        shopper.say(SHOES)
        assert shopper.titles()
        assert all(re.search(r"[一-鿿]", title) for title in shopper.titles())
        assert all(price <= 300 / 7.2 + 0.01 for price in prices(shopper))
        assert re.search(r"[一-鿿]", shopper.texts()[-1])
        assert shopper.unloaded_pictures() == []
        assert all(
            re.search(r"[一-鿿]", reason) for reason in shopper.page.locator(".card-reasons li").all_inner_texts()
        )


def highmoor(shopper: Shopper) -> tuple[str, str | None, str | None]:
    """Which variant the card of the Highmoor boots names, the address of its picture, and what that is said to show."""
    card = shopper.page.locator("#chat .card", has=shopper.page.locator('img[src*="hiking-boots-02"]'))
    picture = card.locator("img")
    return card.locator(".card-variant").inner_text(), picture.get_attribute("src"), picture.get_attribute("alt")


@pytest.mark.parametrize(
    ("wish", "locale", "named", "alt"),
    [
        (NOT_BROWN, "en-US", "Black", "Tarnock Highmoor Leather Hiking Boots, black"),
        (NOT_BROWN_ZH, "zh-CN", "黑色", "Tarnock 高原真皮登山靴，黑色"),
    ],
)
def test_a_card_shows_the_color_that_was_chosen_after_a_restart_too(
    own_demo: Path, visit: Visit, wish: str, locale: str, named: str, alt: str
) -> None:
    with ShoppingAssistant.open(own_demo) as shop, serving(shop) as address:
        shopper = visit(address, locale=locale)
        shopper.say(wish)
        src = "images/hiking-boots-02?variant=hiking-boots-02-black-40"
        assert highmoor(shopper) == (named, src, alt)
        assert shopper.unloaded_pictures() == []
        answer = shopper.page.request.get(f"{address}{src}")
        assert COLORS["black"] in answer.text()
        assert COLORS["brown"] not in answer.text()
        shopper.page.goto("about:blank")
    port = int(address.rsplit(":", 1)[1].strip("/"))
    with ShoppingAssistant.open(own_demo) as shop, serving(shop, port):
        shopper.open()
        expect(shopper.page.locator("#chat .cards")).to_have_count(1, timeout=PATIENCE_MS)
        assert highmoor(shopper) == (named, src, alt)
        assert shopper.unloaded_pictures() == []


def test_a_chip_taken_away_is_a_condition_less(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        shopper = visit(address)
        shopper.say(BOOTS)
        assert session_of(shopper, demo).filters.price_max_minor == 12_000
        before = shopper.chips()
        [price] = [label for label in before if "120" in label]
        shopper.page.locator("#panel .chip", has_text="120").click()
        expect(shopper.page.locator("#panel .chip")).to_have_count(len(before) - 1, timeout=PATIENCE_MS)
        assert shopper.chips() == [label for label in before if label != price]
        filters = session_of(shopper, demo).filters
        assert filters.price_max_minor is None
        assert filters.category == "hiking boots"
        assert shopper.titles()


@pytest.mark.parametrize(
    ("locale", "said", "shown", "origin", "turned"),
    [
        ("en-US", "I love wool and I usually wear size 42", ["likes wool", "size 42"], "you said: “I love wool",
         "dislikes wool"),
        ("zh-CN", "我喜欢羊毛,我平时穿42码", ["喜欢羊毛", "尺码42"], "你说过：“我喜欢羊毛", "不喜欢羊毛"),
    ],
)  # fmt: skip
def test_what_is_known_is_shown_with_its_source_put_right_and_forgotten(
    demo: ShoppingAssistant, visit: Visit, locale: str, said: str, shown: list[str], origin: str, turned: str
) -> None:
    with serving(demo) as address:
        shopper = visit(address, locale=locale)
        shopper.say(said)
        facts = shopper.page.locator("#panel .fact")
        assert facts.locator("summary").all_inner_texts() == shown
        facts.first.locator("summary").click()
        assert facts.first.locator(".origin").inner_text().startswith(origin)
        facts.first.locator("[data-flip]").click()
        expect(facts.locator("summary", has_text=turned)).to_have_count(1, timeout=PATIENCE_MS)
        sized = facts.filter(has_text=shown[1])
        sized.locator("summary").click()
        sized.locator("input").fill("43")
        sized.locator("input").press("Enter")
        expect(facts.locator("summary", has_text=shown[1].replace("42", "43"))).to_have_count(1, timeout=PATIENCE_MS)
        stated = {item.key: item.weight for item in session_of(shopper, demo).profile.stated}
        assert stated == {"material=wool": -1.0, "size=43": 1.0}
        disliked = facts.filter(has_text=turned)
        disliked.locator("summary").click()
        disliked.locator("[data-known]").click()
        expect(facts).to_have_count(1, timeout=PATIENCE_MS)
        assert [item.key for item in session_of(shopper, demo).profile.stated] == ["size=43"]
        shopper.open()
        expect(facts).to_have_count(1, timeout=PATIENCE_MS)


def test_personalisation_is_switched_off_and_on(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        shopper = visit(address)
        switch = shopper.page.locator("#panel .switch")
        expect(switch).to_have_attribute("aria-checked", "true", timeout=PATIENCE_MS)
        switch.click()
        expect(switch).to_have_attribute("aria-checked", "false", timeout=PATIENCE_MS)
        assert not session_of(shopper, demo).personalised
        shopper.say("I love wool")
        assert shopper.page.locator("#panel .fact").count() == 0
        switch.click()
        expect(switch).to_have_attribute("aria-checked", "true", timeout=PATIENCE_MS)
        shopper.say("I love wool")
        expect(shopper.page.locator("#panel .fact")).to_have_count(1, timeout=PATIENCE_MS)


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.mark.parametrize(
    ("locale", "label", "nothing", "off", "said", "known", "n_known", "gift", "for_whom"),
    [
        ("en-US", "Personalisation", "Nothing known of you yet", "Off: nothing is noted", "I love wool", "likes wool",
         "Known of you: 1",
         "a jacket as a gift for my wife", "For someone else (wife)"),
        ("zh-CN", "个性化", "还不了解您的喜好", "已关闭,不记录喜好", "我喜欢羊毛", "喜欢羊毛", "已了解 1 项",
         "给我妈妈买的外套", "给别人买(妈妈)"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", [320, 390])
def test_the_switch_is_at_hand_on_a_phone_before_anything_is_known(
    demo: ShoppingAssistant, visit: Visit, width: int, locale: str, label: str, nothing: str, off: str, said: str,
    known: str, n_known: str, gift: str, for_whom: str,
) -> None:  # fmt: skip
    with serving(demo) as address:
        shopper = visit(address, locale=locale, **{**PHONE, "viewport": {"width": width, "height": 844}})
        switch, line = shopper.page.locator("#panel .switch"), shopper.page.locator("#panel .about-you p:visible")

        def at_hand() -> None:
            """Label and knob are on the page and beside what stands left of them, and large enough for a thumb."""
            expect(switch).to_have_text(label, timeout=PATIENCE_MS)
            box = switch.bounding_box()
            assert box
            assert box["height"] >= 44
            assert box["x"] + box["width"] <= width
            beside = shopper.page.locator("#panel .about-you p:visible, #panel .facts:visible").bounding_box()
            assert beside
            assert beside["x"] + beside["width"] <= box["x"]
            assert abs(beside["y"] + beside["height"] / 2 - box["y"] - box["height"] / 2) < 12
            assert shopper.page.evaluate("document.documentElement.scrollWidth") <= width

        expect(line).to_have_text(nothing, timeout=PATIENCE_MS)
        at_hand()
        switch.tap()
        expect(switch).to_have_attribute("aria-checked", "false", timeout=PATIENCE_MS)
        expect(line).to_have_text(off)
        at_hand()
        assert not session_of(shopper, demo).personalised
        shopper.open()
        expect(line).to_have_text(off, timeout=PATIENCE_MS)
        switch.tap()
        expect(line).to_have_text(nothing, timeout=PATIENCE_MS)
        assert session_of(shopper, demo).personalised
        shopper.say(said)
        expect(line).to_have_text(n_known, timeout=PATIENCE_MS)
        at_hand()
        shopper.page.locator("#panel [data-more]").tap()
        expect(shopper.page.locator("#panel .fact summary")).to_have_text(known)
        shopper.page.locator("#panel [data-more]").tap()
        expect(shopper.page.locator("#panel .fact")).to_be_hidden()
        shopper.say(gift)
        expect(line).to_have_text(for_whom, timeout=PATIENCE_MS)
        at_hand()


@pytest.mark.parametrize(
    ("locale", "machine"), [("en-US", "You are talking to a machine"), ("zh-CN", "与您对话的是机器")]
)
@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (844, 390), (1280, 800)])
def test_the_welcome_is_read_from_its_beginning_and_one_is_told_once_that_this_is_a_machine(
    demo: ShoppingAssistant, visit: Visit, locale: str, machine: str, width: int, height: int
) -> None:
    with serving(demo) as address:
        shopper = visit(address, locale=locale, viewport={"width": width, "height": height})
        expect(shopper.page.locator("p:visible", has_text=machine)).to_have_count(1, timeout=PATIENCE_MS)
        chat, title = (shopper.page.locator(part).bounding_box() for part in ("#chat", ".welcome h2"))
        assert chat
        assert title
        assert chat["y"] <= title["y"] < title["y"] + title["height"] <= chat["y"] + chat["height"]


def test_the_page_says_that_a_gift_leaves_the_own_likes_alone(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        shopper = visit(address)
        shopper.say("I love wool")
        shopper.say("a jacket as a gift for my wife")
        expect(shopper.page.locator("#panel .about-you")).to_contain_text(
            "for someone else (wife)", timeout=PATIENCE_MS
        )
        shopper.say("show me kettles")
        expect(shopper.page.locator("#panel .about-you")).not_to_contain_text("someone else", timeout=PATIENCE_MS)


def test_a_gift_is_begun_and_ended_on_the_panel(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        shopper = visit(address, locale="zh-CN")
        panel = shopper.page.locator("#panel")
        panel.locator(".gift input").fill("妹妹")
        panel.locator("[data-gift]").click()
        expect(panel.locator(".about-you")).to_contain_text("给别人买(妹妹)", timeout=PATIENCE_MS)
        assert session_of(shopper, demo).recipient == "妹妹"
        panel.locator("[data-own]").click()
        expect(panel.locator(".gift input")).to_be_visible(timeout=PATIENCE_MS)
        assert session_of(shopper, demo).recipient is None


@pytest.mark.parametrize(
    ("locale", "said", "compare"), [("en-US", BOOTS, "the first and"), ("zh-CN", SHOES, "第一款和")]
)
def test_chosen_products_are_compared_in_a_table(
    demo: ShoppingAssistant, visit: Visit, locale: str, said: str, compare: str
) -> None:
    with serving(demo) as address:
        shopper = visit(address, locale=locale)
        shopper.say(said)
        titles = shopper.titles()
        for place in (0, 1):
            shopper.page.locator("[data-action=compare]").nth(place).click()
        shopper.page.locator("[data-compare=go]").click()
        shopper.answered(2)
        assert compare in shopper.page.locator("#chat .said").last.inner_text()
        heads = shopper.page.locator("#chat .reply table thead th").all_inner_texts()
        assert heads == [f"1. {titles[0]}", f"2. {titles[1]}"]
        assert shopper.page.locator("#chat .reply table tbody tr").count() >= 3


def test_two_browsers_never_see_each_others_conversation(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        anna, bo = visit(address), visit(address, locale="zh-CN")
        anna.say(BOOTS)
        bo.say(SHOES)
        anna.say("cheaper ones")
        bo.say("还有吗")
        assert session_of(anna, demo).id != session_of(bo, demo).id
        for shopper, own, other in ((anna, BOOTS, SHOES), (bo, SHOES, BOOTS)):
            shopper.page.reload()
            expect(shopper.page.locator("#chat .said")).to_have_count(2, timeout=PATIENCE_MS)
            assert own in shopper.texts()
            assert other not in shopper.page.content()
        visitor = visit(address)
        expect(visitor.page.locator(".welcome")).to_be_visible()
        assert visitor.texts() == []


def test_show_more_shows_others(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        shopper = visit(address)
        shopper.say("something for a rainy hike")
        first = shopper.titles()
        shopper.page.get_by_role("button", name="Show more").click()
        shopper.answered(2)
        assert shopper.titles()
        assert not set(first) & set(shopper.titles())


def test_new_chat_and_the_other_language(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        shopper = visit(address)
        shopper.say(BOOTS)
        old = session_of(shopper, demo).id
        shopper.page.get_by_role("button", name="中文").click()
        expect(shopper.page.locator(".new-chat")).to_have_text("新对话")
        assert shopper.page.locator("html").get_attribute("lang") == "zh"
        expect(shopper.page.locator("#chat .said")).to_have_count(1)
        shopper.page.locator(".new-chat").click()
        expect(shopper.page.locator("#chat .said")).to_have_count(0)
        expect(shopper.page.locator(".welcome")).to_be_visible()
        shopper.page.reload()
        expect(shopper.page.locator(".new-chat")).to_have_text("新对话")
        expect(shopper.page.locator(".welcome")).to_be_visible()
        assert demo.load_session(old) is None
        shopper.say(SHOES)
        assert session_of(shopper, demo).id != old


def test_a_reload_and_a_restart_keep_the_conversation(own_demo: Path, visit: Visit) -> None:
    with ShoppingAssistant.open(own_demo) as shop, serving(shop) as address:
        shopper = visit(address)
        shopper.say(BOOTS)
        texts, titles, chips = shopper.texts(), shopper.titles(), shopper.chips()
        shopper.page.reload()
        expect(shopper.page.locator("#chat .cards")).to_have_count(1, timeout=PATIENCE_MS)
        assert (shopper.texts(), shopper.titles(), shopper.chips()) == (texts, titles, chips)
        shopper.page.goto("about:blank")
    port = int(address.rsplit(":", 1)[1].strip("/"))
    with ShoppingAssistant.open(own_demo) as shop, serving(shop, port):
        shopper.open()
        expect(shopper.page.locator("#chat .cards")).to_have_count(1, timeout=PATIENCE_MS)
        assert (shopper.texts(), shopper.titles(), shopper.chips()) == (texts, titles, chips)
        shopper.say("cheaper ones")
        assert session_of(shopper, shop).turn == 2


def test_the_address_says_which_page_the_shopper_is_on(demo: ShoppingAssistant, visit: Visit) -> None:
    with serving(demo) as address:
        shopper = visit(address)
        shopper.page.goto(f"{address}?product=hiking-boots-01&cart=jackets-01,nothing-such")
        shopper.page.locator(".shop-header").wait_for()
        shopper.say("is it waterproof?")
        assert "Tarnock Fellside Waterproof Hiking Boots in Grey is listed as waterproof" in shopper.texts()[-1]
        assert session_of(shopper, demo).page == PageContext("hiking-boots-01", cart=("jackets-01",))
        shopper.page.goto(f"{address}?category=kettles")
        shopper.page.locator(".shop-header").wait_for()
        shopper.say("start over")
        shopper.say("under 50 dollars")
        assert session_of(shopper, demo).filters.category == "kettles"
        assert "kettles" in shopper.chips()


@pytest.mark.parametrize("context", [{}, {"color_scheme": "dark"}, {**PHONE, "locale": "zh-CN"}])
def test_axe_finds_nothing_serious(demo: ShoppingAssistant, visit: Visit, context: dict[str, Any]) -> None:
    def serious() -> list[str]:
        found = Axe().run(shopper.page).response["violations"]
        return [
            f"{rule['id']}: {[node['html'][:160] for node in rule['nodes']]}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
        ]

    with serving(demo) as address:
        shopper = visit(address, **{"reduced_motion": "reduce", **context})
        page = shopper.page
        shopper.say("我喜欢羊毛，我平时穿42码" if "locale" in context else "I love wool and I usually wear size 42")
        if page.locator("[data-more]").is_visible():
            page.locator("[data-more]").click()
        for summary in page.locator("#panel .fact summary").all():
            summary.click()
        page.locator("[data-erase]").click()
        assert serious() == []
        page.locator("[data-keep]").click()
        shopper.say("头戴耳机" if "locale" in context else "headphones")
        page.locator(".card-why summary").first.click()
        page.locator("[data-action=compare]").first.click()
        page.locator(".thumb-down").last.click()
        page.wait_for_timeout(300)
        assert serious() == []
        shopper.say("比较前两个" if "locale" in context else "compare the first two")
        assert serious() == []
