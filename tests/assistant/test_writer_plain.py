import re
from dataclasses import replace

import pytest
from writing_examples import CLOUD, POLICIES, PRODUCTS, RIDGE, TRAIL, WISH, a_step, recommended, the_evidence

from assistant.types import Recommendation
from assistant.writer import Relaxation, Writer, quick_replies
from ranking.types import RankedProduct
from retrieval.money import format_money
from retrieval.relaxation import Change
from retrieval.types import Filters, Policy, Product, Variant

LANGUAGES = ("en", "zh")
TURNS = range(12)


def written(step, recommendations=(), **evidence):
    return "".join(Writer().write(step, recommendations, the_evidence(step, **evidence)))


def assert_clean(text, language):
    assert text.strip() == text != ""
    assert not re.search(r"[{}]|None|\bnan\b|  |\.\.|。。|，，", text), text
    if language == "zh":
        assert re.search(r"[\u4e00-\u9fff]", text)
    else:
        assert not re.search(r"[\u4e00-\u9fff]", text), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("move", [None, "more", "cheaper", "similar", "undo"])
@pytest.mark.parametrize("sort", [None, "price_asc", "price_desc", "rating", "newest", "popular"])
def test_every_shown_product_is_named_once_with_its_price(language, n, move, sort):
    products = [TRAIL, RIDGE, CLOUD][:n]
    for turn in TURNS:
        step = a_step(language=language, turn=turn, move=move, filters=replace(WISH, sort=sort))
        text = written(step, recommended(step, *products), n_matched=n)
        assert_clean(text, language)
        for product in products:
            assert text.count(product.title_in(language)) == 1
            assert text.count(format_money(product.price_minor, "USD", language)) == 1


def test_a_recommendation_in_english_word_for_word():
    step = a_step(session_id="a")
    assert written(step, recommended(step, TRAIL, RIDGE)) == (
        "The shop has 3 waterproof hiking boots under $120, none listed as brown. "
        "My first pick is Fellside Trail Boot ($99.00, only 4 left): down from $150.00 (34% off) "
        "and rated 4.5 of 5 in 476 reviews. A buyer says: “Truly waterproof, even in deep streams!”\n"
        "Another one to consider:\n"
        "- Highmoor Leather Boot, $115.00: $5 under the $120 limit"
    )


def test_a_recommendation_in_chinese_word_for_word():
    step = a_step(session_id="a", language="zh")
    assert written(step, recommended(step, TRAIL, RIDGE)) == (
        "帮你找到了3款US$120以内的防水登山靴（都没有标棕色）。"
        "我会先看山侧登山靴（US$99.00，仅剩4件）：原价US$150.00，便宜了34%，476条评价，平均4.5分。"
        "买过的人说：“下雨天走石阶很稳,鞋面防水。”\n"
        "另一款也可以看看：\n"
        "- 高原真皮登山靴，US$115.00：比US$120的上限便宜US$5"
    )


def test_a_limit_that_everything_keeps_is_told_where_there_is_nothing_better():
    step = a_step(filters=replace(WISH, price_max_minor=1_200_000))
    lines = written(step, recommended(step, TRAIL, replace(RIDGE, id="without reviews"), CLOUD)).splitlines()
    assert lines[-2:] == [
        "- Highmoor Leather Boot, $115.00: rated 4.7 of 5 in 1,164 reviews",
        "- Cloud Walker, $80.50, out of stock: within the $12,000 limit",
    ]


def test_what_is_out_of_stock_is_said_to_be():
    step = a_step()
    assert "$80.50, out of stock" in written(step, recommended(step, CLOUD))


@pytest.mark.parametrize(
    ("language", "converted", "unstated"), [("en", "¥300", "noise cancelling"), ("zh", "¥300", "降噪")]
)
def test_notes_are_always_mentioned(language, converted, unstated):
    notes = (("converted", {"from": "¥300", "to": "$41.67"}), ("unstated", {"wish": "noise cancelling"}))
    for turn in TURNS:
        step = a_step(language=language, notes=notes, turn=turn)
        text = written(step, recommended(step, TRAIL, RIDGE))
        assert converted in text
        assert "$41.67" in text
        assert unstated in text


def test_the_same_turn_is_said_the_same_way_and_others_differ():
    texts = set()
    for turn in range(30):
        step = a_step(turn=turn)
        first = written(step, recommended(step, TRAIL))
        assert first == written(step, recommended(step, TRAIL))
        texts.add(first)
    assert len(texts) > 3


def test_without_a_category_no_count_is_claimed():
    step = a_step(filters=Filters(), wish="something for rain")
    text = written(step, recommended(step, TRAIL, RIDGE), n_matched=54)
    assert "54" not in text
    assert "“something for rain”" in text


def test_a_link_or_markup_in_the_wish_is_not_repeated():
    step = a_step(filters=Filters(), wish="boots <b>http://evil.example</b>")
    assert "evil" not in written(step, recommended(step, TRAIL))


UNDER = Change("under", 0.33, "price", high_minor=16000)
BLUE = Change("value", 0.3, "color", "blue")
DRY = Change("drop", 0.55, "feature", "waterproof")
BROWN = Change("allow", 0.65, "color", "brown")
RELAXATIONS = (
    Relaxation((BLUE,), 3, 9900),
    Relaxation((UNDER,), 2, 15900),
    Relaxation((DRY,), 7, 8000, at_least=True),
    Relaxation((BROWN,), 1, 8900),
)


def test_nothing_matched_says_the_smallest_steps_in_english():
    step = a_step(session_id="a")
    assert written(step, (), n_matched=0, relaxations=RELAXATIONS) == (
        "There's no match for waterproof hiking boots under $120 (not brown) right now. Close to it: "
        "3 in blue (from $99.00), or 2 under $160 (from $159.00), "
        "or at least 7 if waterproof isn't a must (from $80.00)."
    )


def test_nothing_matched_says_the_smallest_steps_in_chinese():
    step = a_step(session_id="a", language="zh")
    text = written(step, (), n_matched=0, relaxations=RELAXATIONS)
    assert text.endswith(
        "最接近的：换成蓝色有3款（US$99.00起）；US$160以内有2款（US$159.00起）；不要求防水至少有7款（US$80.00起）。"
    )
    assert "US$120以内的防水登山靴（不要棕色）" in text


@pytest.mark.parametrize(
    ("language", "said", "quick"),
    [
        ("en", "one under $160 if brown is fine after all (at $89.00)", "Up to $160, brown is fine"),
        ("zh", "US$160以内、棕色也可以的话有一款（US$89.00）", "US$160以内，棕色也可以"),
    ],
)
def test_two_steps_at_once_are_said_as_one(language, said, quick):
    step = a_step(language=language)
    pair = (Relaxation((BROWN, UNDER), 1, 8900),)
    assert said in written(step, (), n_matched=0, relaxations=pair)
    assert quick_replies(step, the_evidence(step, n_matched=0, relaxations=pair), ())[0] == quick


CHANGES = (
    UNDER,
    Change("above", 0.2, "price", low_minor=4000),
    Change("range", 0.2, "price", low_minor=4000, high_minor=7000),
    *(
        Change(kind, 0.5, name, value)
        for kind in ("value", "drop")
        for name, value in (
            ("color", "red"),
            ("material", "leather"),
            ("size", "43"),
            ("brand", "sony"),
            ("audience", "women"),
            ("season", "winter"),
            ("feature", "waterproof"),
            ("heel_height", "e"),
        )
    ),
    BROWN,
    Change("stock", 0.75),
    Change("department", 0.9, "category", "shoes"),
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change.kind}-{change.attribute}")
def test_every_kind_of_relaxation_can_be_said(language, change):
    step = a_step(language=language)
    for n, at_least in ((1, False), (5, False), (5, True)):
        relaxed = (Relaxation((change,), n, 900, at_least=at_least),)
        assert_clean(written(step, (), n_matched=0, relaxations=relaxed), language)


@pytest.mark.parametrize(("language", "said"), [("en", "“umbrella”"), ("zh", "“雨伞”")])
def test_what_the_shop_most_likely_lacks_is_not_relaxed_but_said(language, said):
    wish = said[1:-1]
    for turn in TURNS:
        step = a_step(language=language, filters=Filters(), wish=wish, text=wish, turn=turn)
        text = written(step, (), n_matched=0, absent=True, unseen=(wish,))
        assert said in text
        assert_clean(text, language)
        near = written(step, recommended(step, TRAIL), absent=True, unseen=(wish,))
        assert said in near.splitlines()[0]
        assert ("the closest is" if language == "en" else "最接近的是") in near.splitlines()[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_more_left(language):
    for turn in TURNS:
        step = a_step(language=language, move="more", turn=turn)
        text = written(step, (), n_matched=3)
        assert_clean(text, language)
        assert ("seen" if language == "en" else "都给你看过" if "看过" in text else "没有更多") in text


def test_a_comparison_word_for_word():
    step = a_step("compare", session_id="a", product_ids=("b1", "b2"))
    assert written(step) == (
        "Put next to each other:\n"
        "| | 1. Fellside Trail Boot | 2. Highmoor Leather Boot |\n"
        "| --- | --- | --- |\n"
        "| Price | $99.00 | $115.00 |\n"
        "| Rating | 4.5 (476) | 4.7 (1,164) |\n"
        "| Color | grey | black |\n"
        "| Material | polyester | leather |\n"
        "| Features | waterproof and lightweight | waterproof and wide fit |\n"
        "| Sizes | 42 and 43 | 42 |\n"
        "| Availability | only 4 left | in stock |\n"
        "Number 1 saves you $16.00. Number 1 is kinder to the budget; number 2 has the happier buyers."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ids", [("b1", "b2"), ("b2", "b3"), ("b1", "b2", "b3"), ("b1", "b1")])
def test_a_comparison_names_each_and_is_clean(language, ids):
    for turn in TURNS:
        step = a_step("compare", language=language, product_ids=ids, turn=turn)
        text = written(step)
        assert_clean(text, language)
        for product_id in ids:
            assert text.count(PRODUCTS[product_id].title_in(language)) == ids.count(product_id)


def test_a_judgement_is_only_made_where_all_are_rated():
    step = a_step("compare", product_ids=("b1", "b3"))
    last = written(step).splitlines()[-1]
    assert "number 2" in last
    assert "rated" not in last
    assert "happier" not in last


QUESTIONS = [
    ("is it waterproof?", "Yes, Fellside Trail Boot is listed as waterproof."),
    ("does it come in red?", "Fellside Trail Boot comes in grey. Red isn't among what's listed."),
    ("does it come in grey?", "Yes, Fellside Trail Boot comes in grey. That's from its title."),
    ("what sizes are there", "Fellside Trail Boot comes in these sizes: 42 and 43."),
    ("what's the material", "Fellside Trail Boot is made of polyester."),
    ("how much is it", "Fellside Trail Boot costs $99.00, down from $150.00 (34% off)."),
    ("who makes it, what brand", "Fellside Trail Boot is by Tarnock."),
    ("what is its weight", "For Fellside Trail Boot the shop states Weight: 480 g each."),
]


@pytest.mark.parametrize(("question", "answer"), QUESTIONS)
def test_a_question_is_answered_from_the_product(question, answer):
    assert written(a_step("ask_product", text=question, product_ids=("b1",), session_id="a")) == answer


FRAGMENTS = [
    ("will the sole hold on wet rock", "b1", "en", "“The rubber sole grips wet rock.”"),
    ("what do buyers say", "b1", "en", "4.5 of 5, over 476 reviews"),
    ("what do buyers say", "b1", "en", "“The laces are bad and they are not waterproof at all.”"),
    ("is it in stock", "b3", "en", "out of stock"),
    ("is it vegan?", "b1", "en", "The shop doesn't say whether Fellside Trail Boot is vegan"),
    ("does it have wide fit", "b2", "en", "Yes, Highmoor Leather Boot comes with wide fit."),
    ("can I use it as an anvil", "b3", "en", "Cloud Walker"),
    ("它防水吗", "b1", "zh", "是的，「山侧登山靴」注明了防水。"),
    ("有红色的吗", "b1", "zh", "「山侧登山靴」的颜色有：灰色。"),
    ("有哪些尺码", "b1", "zh", "42、43"),
    ("多少钱", "b2", "zh", "「高原真皮登山靴」的价格是US$115.00。"),
    ("评价怎么样", "b1", "zh", "476条评价，平均4.5分"),
    ("有货吗", "b3", "zh", "「云行者登山靴」"),
    ("湿石头上防滑吗", "b1", "zh", "防滑"),
]


@pytest.mark.parametrize(("question", "product_id", "language", "fragment"), FRAGMENTS)
def test_an_answer_holds_what_the_shop_states(question, product_id, language, fragment):
    step = a_step("ask_product", text=question, product_ids=(product_id,), language=language, session_id="a")
    assert fragment in written(step)


def test_a_question_with_an_opposite_word_gets_no_yes():
    step = a_step("ask_product", text="重不重", product_ids=("b1",), language="zh")
    assert "是的" not in written(step)


def test_why_and_why_not():
    why = a_step("ask_product", text="why this one", product_ids=("b1",), move="why", session_id="a")
    assert written(why) == (
        "What speaks for Fellside Trail Boot: waterproof and down from $150.00 (34% off). "
        "One writes: “Truly waterproof, even in deep streams!”"
    )
    strict = Filters(category="sandals", price_max_minor=5000, exclude={"material": ("leather",)})
    why_not = a_step("ask_product", text="why not that", product_ids=("b2",), move="why_not", filters=strict)
    assert written(why_not) == (
        "Highmoor Leather Boot doesn't fit because it's listed under hiking boots, "
        "it costs $115, above your $50, and it's listed as leather, which you ruled out."
    )


def test_a_policy_is_quoted_word_for_word():
    step = a_step("faq", text="return policy?")
    assert POLICIES[0].text in written(step, policies=POLICIES[:1])
    inner = Policy("x", "t", "zh", "转人工", "说“转人工”即可。")
    assert "“说‘转人工’即可。”" in written(a_step("faq", language="zh"), policies=(inner,))


def test_small_talk_knows_thanks_from_hello():
    assert "welcome" in written(a_step("smalltalk", text="thank you!", session_id="a")).lower()
    assert written(a_step("smalltalk", text="你好", language="zh")).startswith("你好")
    assert "Lantern Lane" in written(a_step("smalltalk", text="who are you"))


def test_an_unknown_rate_names_both_currencies():
    step = a_step("ask_rate", said=Filters(price_max_minor=30000, currency="THB"))
    assert re.search("Thai baht", written(step))
    assert "US dollars" in written(step)
    assert "泰铢" in written(a_step("ask_rate", language="zh", said=Filters(currency="THB")))


ACTIONS = [
    "recommend", "bundle", "compare", "ask_product", "faq", "order", "handoff", "feedback", "smalltalk", "out_of_scope",
    "ask_rate", "nothing_to_refer_to",
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("sentiment", ["positive", "neutral", "negative"])
@pytest.mark.parametrize("bare", [False, True])
def test_every_action_has_a_clean_reply_and_quick_replies(language, action, sentiment, bare):
    for turn in TURNS:
        ids = () if bare else ("b1", "b2")
        filters = Filters() if bare else WISH
        step = a_step(
            action, language, filters=filters, sentiment=sentiment, product_ids=ids, turn=turn, shown=ids, text="?"
        )
        recommendations = recommended(step, TRAIL, RIDGE) if action in ("recommend", "bundle") and not bare else []
        policies = tuple(policy for policy in POLICIES if policy.language == language) if not bare else ()
        assert_clean(written(step, recommendations, policies=policies), language)
        replies = quick_replies(step, the_evidence(step), recommendations)
        assert len(replies) <= 4
        assert len(set(replies)) == len(replies)
        for reply in replies:
            assert_clean(reply, language)


def test_quick_replies_after_products_and_after_nothing():
    step = a_step()
    assert quick_replies(step, the_evidence(step, n_matched=9), recommended(step, TRAIL, RIDGE)) == (
        "Show more",
        "Compare the first two",
        "Cheaper than the first",
        "What do buyers say about the first one?",
    )
    step = a_step(language="zh")
    nothing = the_evidence(step, n_matched=0, relaxations=RELAXATIONS)
    assert quick_replies(step, nothing, ()) == ("蓝色的", "US$160以内", "不一定要防水", "重新开始")


def test_a_bare_product_of_a_strange_catalog_is_written_too():
    bare = Product("x", "Thing", "JPY", (Variant("x", 500),), attributes={"voltage": ("12 v",)})
    step = a_step(filters=Filters(include={"voltage": ("12 v",)}), wish="thing")
    item = Recommendation(RankedProduct(bare, bare.offer, 0.0, {}, {"voltage": ("12 v",)}))
    text = "".join(Writer().write(step, [item], the_evidence(step, currency="JPY", n_matched=1)))
    assert_clean(text, "en")
    assert "Thing" in text
    assert "¥500" in text
