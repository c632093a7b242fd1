"""What buyers praise and complain about, as shoppers read it: answers, comparisons and reasons in both languages."""

import re
from dataclasses import replace

import pytest
from writing_examples import PRODUCTS, REVIEWS, a_step, ranked, the_evidence

from assistant import ShoppingAssistant
from assistant.reasons import reasons
from assistant.writer import Writer
from assistant.writing import opinions
from assistant.writing.wording import phrases_for
from retrieval.opinions.aspects import Aspect, load_vocabulary
from retrieval.opinions.summary import AspectOpinion, Mention, ProductOpinions


def mention(aspect: str, review_id: str, sentence: str, language: str = "en") -> Mention:
    return Mention(Aspect(aspect), review_id, sentence, 0, 4, language, 0.5, 0.5)


MILE = mention("comfort", "r1", "Comfortable from the first mile.")
STEPS = mention("comfort", "r2", "下雨天走石阶很稳,鞋面防水。", "zh")
LACES = mention("quality", "r3", "The laces are bad and they are not waterproof at all.")
LIKED = ProductOpinions(
    3, (AspectOpinion(Aspect("comfort"), (MILE, STEPS), ()), AspectOpinion(Aspect("quality"), (), (LACES,)))
)
ONLY_LIKED = ProductOpinions(1, LIKED.aspects[:1])


def written(text: str, language: str = "en", said=LIKED, **more) -> str:
    step = a_step("ask_product", language, text, product_ids=("b1",), session_id="a", **more)
    return "".join(Writer().write(step, (), the_evidence(step, opinions={"b1": said})))


def test_an_answer_counts_praise_and_complaints_and_quotes_both() -> None:
    text = written("what do buyers say")
    assert "4.5 of 5, over 476 reviews" in text
    assert "comfort (2)" in text
    assert "“Comfortable from the first mile.”" in text
    assert "quality (1)" in text
    assert "“The laces are bad and they are not waterproof at all.”" in text


def test_an_answer_in_chinese_quotes_a_chinese_review_first() -> None:
    text = written("评价怎么样", "zh")
    assert "舒适度（2人）" in text
    assert "“下雨天走石阶很稳,鞋面防水。”" in text
    assert "做工质量（1人）" in text


@pytest.mark.parametrize(
    ("question", "language", "kept", "left_out"),
    [
        ("what do people complain about", "en", "quality (1)", "comfort"),
        ("any downsides?", "en", "quality (1)", "comfort"),
        ("有什么缺点", "zh", "做工质量（1人）", "舒适度"),
    ],
)
def test_asked_for_complaints_praise_is_left_out(question: str, language: str, kept: str, left_out: str) -> None:
    text = written(question, language)
    assert kept in text
    assert left_out not in text


@pytest.mark.parametrize(
    ("question", "language", "said"),
    [
        ("what do people complain about", "en", "no complaint that I could name"),
        ("有什么缺点", "zh", "没有找到说得清的缺点"),
    ],
)
def test_where_nobody_complains_that_is_said(question: str, language: str, said: str) -> None:
    assert said in written(question, language, ONLY_LIKED)


def test_a_question_about_one_aspect_is_answered_about_that() -> None:
    text = written("what do people think about the comfort")
    assert "On comfort, I count 2 for and 0 against" in text
    assert "quality" not in text
    assert "关于做工质量，评价里夸的有0人，不满意的有1人" in written("买家觉得做工怎么样", "zh")


def test_of_an_aspect_that_nobody_speaks_of_that_is_said() -> None:
    assert "no verdict on smell" in written("what do people say about the smell")
    assert "没有找到对气味的明确说法" in written("评价里气味怎么样", "zh")


def test_a_sentence_with_money_or_a_link_is_counted_and_not_shown() -> None:
    unsafe = (mention("price", "r9", "I saw it for $20 at www.example.com and it was fine."),)
    said = ProductOpinions(1, (AspectOpinion(Aspect("price"), (), unsafe),))
    text = written("what do people complain about", "en", said)
    assert "value for money (1)" in text
    assert "example" not in text


def test_a_comparison_has_a_row_of_praise_and_one_of_complaints() -> None:
    step = a_step("compare", product_ids=("b1", "b2"))
    text = "".join(Writer().write(step, (), the_evidence(step, opinions={"b1": LIKED, "b2": ONLY_LIKED})))
    assert "| Buyers praise | comfort (2) | comfort (2) |" in text
    assert re.search(r"\| Complaints, as I read the reviews \| quality \(1\) .*\| nothing that stands out \|", text)


def test_without_opinions_a_comparison_has_no_such_rows() -> None:
    step = a_step("compare", product_ids=("b1", "b2"))
    assert "Buyers praise" not in "".join(Writer().write(step, (), the_evidence(step)))


def test_what_two_buyers_praise_is_a_reason_with_their_reviews_as_source() -> None:
    step = a_step()
    found = reasons(ranked(PRODUCTS["b1"]), step, REVIEWS["b1"], "en", LIKED)
    assert ("Buyers praise its comfort (2 of them)", "reviews:r1,r2") in [(one.text, one.source) for one in found]
    single = replace(LIKED, aspects=(AspectOpinion(Aspect("comfort"), (MILE,), ()),))
    assert opinions.reason(single, "en") is None
    assert opinions.reason(LIKED, "zh").text == "2位买家称赞它的舒适度"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_aspect_has_a_name(language: str) -> None:
    assert all(phrases_for(language).say(f"aspect.{name}") for name in load_vocabulary())


@pytest.mark.parametrize(
    ("wish", "question", "counted"),
    [
        ("headphones", "what do people complain about the first one?", r"\w+ \(\d+\)|no complaint that I could name"),
        ("头戴耳机", "第一个有什么缺点？", r"（\d+人）|没有找到说得清的缺点"),
        (
            "headphones",
            "what do people say about the sound of the first one?",
            r"On sound, I count \d+ for and \d+ against|no verdict on sound",
        ),
    ],
)
def test_reviews_of_the_demo_shop_are_read(demo: ShoppingAssistant, wish: str, question: str, counted: str) -> None:
    reply = demo.ask(wish)
    answer = demo.respond(question, reply.session)
    assert re.search(counted, answer.text), answer.text
    texts = " ".join(review.text for review in demo.shop.catalog.reviews_of(reply.products[0].ranked.product.id))
    assert all(quote in texts for quote in re.findall("“(.+?)”", answer.text))


def test_a_comparison_in_the_demo_shop_reads_reviews(demo: ShoppingAssistant) -> None:
    reply = demo.ask("headphones")
    assert "| Buyers praise |" in demo.respond("compare the first two", reply.session).text
    assert "| 买家夸的 |" in demo.respond("比较前两个", demo.ask("头戴耳机").session).text
