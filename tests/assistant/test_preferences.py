"""What shoppers say of themselves, in both languages, read by the real parser."""

import pytest
from understanding import after, new_session, parser, say

from assistant.parser import Parser
from assistant.parsing.preferences import title_key, titles_of
from assistant.types import ParsedMessage, Session
from retrieval.types import Product, Translation, Variant
from retrieval.vocabulary import Vocabulary

GENRES = {
    "Toy Story (1995)": ("animation", "children's", "comedy"),
    "Heat (1995)": ("action", "crime", "thriller"),
    "Usual Suspects, The (1995)": ("crime", "thriller"),
    "Alien (1979)": ("action", "horror", "sci-fi"),
    "Casablanca (1942)": ("drama", "romance", "war"),
    "Unforgiven (1992)": ("western",),
    "L.A. Confidential (1997)": ("film-noir", "mystery", "thriller"),
    "Fantasia (1940)": ("animation", "musical"),
    "Hoop Dreams (1994)": ("documentary",),
}
MOVIES = tuple(
    Product(f"m{i}", title, "USD", (Variant(f"m{i}", 1000),), category="movies", attributes={"genre": genres})
    for i, (title, genres) in enumerate(GENRES.items())
)


@pytest.fixture(scope="module")
def movies() -> Parser:
    return Parser(Vocabulary.from_products(MOVIES), lambda ids: {}, "USD", titles_of(MOVIES))


def said(parsed: ParsedMessage) -> dict[str, float]:
    return {item.key: item.weight for item in parsed.preferences}


ABOUT_ME = [
    ("I love wool", {"material=wool": 1}),
    ("I really like wool and linen", {"material=wool": 1, "material=linen": 1}),
    ("I'm fond of wool", {"material=wool": 1}),
    ("My favourite colour is blue", {"color=blue": 1}),
    ("my favorite brand is Tarnock", {"brand=tarnock": 1}),
    ("I always buy Tarnock", {"brand=tarnock": 1}),
    ("I usually wear size 42", {"size=42": 1}),
    ("I'm a size 42", {"size=42": 1}),
    ("my size is M", {"size=m": 1}),
    ("I don't like leather", {"material=leather": -1}),
    ("I'm not a fan of leather", {"material=leather": -1}),
    ("I never wear leather", {"material=leather": -1}),
    ("I'm allergic to wool", {"material=wool": -1}),
    ("I can't stand polyester", {"material=polyester": -1}),
    ("Wool is my favourite, leather isn't my thing", {"material=wool": 1, "material=leather": -1}),
    ("I like wool, but I never wear leather", {"material=wool": 1, "material=leather": -1}),
    ("I like red and blue but not black", {"color=red": 1, "color=blue": 1, "color=black": -1}),
    ("I'm a tea lover", {"category=teas": 1}),
    ("I love hiking boots", {"category=hiking boots": 1}),
    ("I'm 28", {"age group=25-34": 1}),
    ("I am 35 years old", {"age group=35-44": 1}),
    ("I'm a woman", {"audience=women": 1}),
    ("Hi! I love wool.", {"material=wool": 1}),
    ("我喜欢羊毛", {"material=wool": 1}),
    ("我超爱羊毛", {"material=wool": 1}),
    ("我喜欢Tarnock这个牌子", {"brand=tarnock": 1}),
    ("我最喜欢的颜色是蓝色", {"color=blue": 1}),
    ("我平时穿42码", {"size=42": 1}),
    ("我平时穿M码", {"size=m": 1}),
    ("我不喜欢皮革", {"material=leather": -1}),
    ("我讨厌皮革", {"material=leather": -1}),
    ("我对羊毛过敏", {"material=wool": -1}),
    ("羊毛我很喜欢,皮革我不喜欢", {"material=wool": 1, "material=leather": -1}),
    ("我喜欢红色和蓝色,不喜欢黑色", {"color=red": 1, "color=blue": 1, "color=black": -1}),
    ("我是茶迷", {"category=teas": 1}),
    ("我今年28岁", {"age group=25-34": 1}),
    ("我是女生", {"audience=women": 1}),
]


@pytest.mark.parametrize(("message", "expected"), ABOUT_ME)
def test_a_message_about_oneself_is_noted_and_starts_no_search(message: str, expected: dict[str, float]) -> None:
    parsed = parser().parse(message, new_session())
    assert said(parsed) == expected
    assert {item.source for item in parsed.preferences} == {message}
    assert (parsed.intent, parsed.filters.is_empty) == ("feedback", True)
    step = say(message)
    assert (step.action, step.query) == ("noted", None)
    assert {item.key: item.weight for item in step.session.profile.stated} == expected
    assert step.session.filters.is_empty


FILMS = [
    ("I like comedies", {"genre=comedy": 1}),
    ("I like drama and thriller, but not horror", {"genre=drama": 1, "genre=thriller": 1, "genre=horror": -1}),
    ("I'm a huge fan of sci-fi", {"genre=sci-fi": 1}),
    ("I'm a sci-fi fan", {"genre=sci-fi": 1}),
    ("I can't stand westerns", {"genre=western": -1}),
    ("I usually watch documentaries", {"genre=documentary": 1}),
    ("horror isn't my thing", {"genre=horror": -1}),
    ("I'm into crime, mystery and film-noir", {"genre=crime": 1, "genre=mystery": 1, "genre=film-noir": 1}),
    ("I loved Toy Story and Heat", {"product=m0": 1, "product=m1": 1}),
    ("My favourite film is The Usual Suspects", {"product=m2": 1}),
    ("I enjoyed L.A. Confidential, Casablanca and Fantasia", {"product=m6": 1, "product=m4": 1, "product=m7": 1}),
    ("我喜欢喜剧片", {"genre=comedy": 1}),
    ("我爱看科幻电影,不喜欢恐怖片", {"genre=sci-fi": 1, "genre=horror": -1}),
    ("我平时看动画片", {"genre=animation": 1}),
    ("我喜欢《Heat》和《Alien》", {"product=m1": 1, "product=m3": 1}),
    ("我讨厌战争片", {"genre=war": -1}),
    ("Honestly, nothing beats westerns", {"genre=western": 1}),
    ("Give me horror any day", {"genre=horror": 1}),
    ("I live for sci-fi movies", {"genre=sci-fi": 1}),
    ("Toy Story was brilliant", {"product=m0": 1}),
    ("I thought The Usual Suspects was great", {"product=m2": 1}),
    ("One of my all-time favourites is L.A. Confidential", {"product=m6": 1}),
    ("Heat is one of my favourites", {"product=m1": 1}),
    ("我对恐怖片情有独钟", {"genre=horror": 1}),
    ("我这个人就喜欢喜剧片", {"genre=comedy": 1}),
    ("没什么比西部片更合我心意了", {"genre=western": 1}),
    ("《Toy Story》是我的最爱", {"product=m0": 1}),
    ("我很喜欢L.A. Confidential", {"product=m6": 1}),
    ("我觉得Heat特别棒", {"product=m1": 1}),
    ("说真的,我爱死The Usual Suspects了", {"product=m2": 1}),
    ("我是《Alien》的铁粉", {"product=m3": 1}),
]


@pytest.mark.parametrize(("message", "expected"), FILMS)
def test_what_can_be_liked_is_learnt_from_the_catalog(message: str, expected: dict[str, float], movies: Parser) -> None:
    parsed = movies.parse(message, Session("s", "p"))
    assert (said(parsed), parsed.intent) == (expected, "feedback")


@pytest.mark.parametrize(
    "message", ["The delivery was great", "this one is brilliant", "Comedy is great", "快递太棒了"]
)
def test_praise_of_what_has_no_title_tells_nothing_of_the_shopper(message: str, movies: Parser) -> None:
    assert movies.parse(message, Session("s", "p")).preferences == ()


ROOM = Product(
    "room", "Havenrow Second Street Hotel, Vienna", "USD", (Variant("room", 9000),), brand="Havenrow",
    category="hotels", attributes={"color": ("pink",)}, translations={"zh": Translation("Havenrow 第二街酒店,维也纳")},
)  # fmt: skip


@pytest.mark.parametrize(
    "message",
    [
        "I loved Havenrow Second Street Hotel, Vienna",
        "I loved the Havenrow Second Street Hotel, Vienna, what a place",
        "Havenrow Second Street Hotel, Vienna is one of my favourites",
        "I thought Havenrow Second Street Hotel, Vienna was wonderful",
        "我很喜欢Havenrow 第二街酒店,维也纳",
        "Havenrow 第二街酒店,维也纳真的太棒了",
    ],
)
def test_a_title_is_heard_whole_and_means_nothing_else(message: str) -> None:
    catalog = (ROOM, *MOVIES)
    rooms = Parser(Vocabulary.from_products(catalog), lambda ids: {}, "USD", titles_of(catalog))
    parsed = rooms.parse(message, Session("s", "p"))
    assert (said(parsed), parsed.intent) == ({"product=room": 1}, "feedback")


def test_more_may_be_named_behind_a_title(movies: Parser) -> None:
    parsed = movies.parse("I loved L.A. Confidential, Heat and Alien, more than I can say", Session("s", "p"))
    assert said(parsed) == {"product=m6": 1, "product=m1": 1, "product=m3": 1}


@pytest.mark.parametrize("message", ["movies", "recommend a movie", "电影", "推荐几部电影", "有什么电影"])
def test_what_the_shop_sells_is_asked_for_whatever_else_it_might_be_talk_of(message: str, movies: Parser) -> None:
    parsed = movies.parse(message, Session("s", "p"))
    assert (parsed.intent, parsed.filters.category) == ("search", "movies")
    assert say(message).parsed.intent == "out_of_scope"


@pytest.mark.parametrize(
    ("message", "budget"),
    [
        ("I normally spend about 50", "5000"),
        ("I usually spend 50 to 80 dollars", "6500"),
        ("I never spend more than 40 dollars", "4000"),
        ("我一般买五十块左右的", "694"),
        ("我平时花300块左右", "4167"),
    ],
)
def test_what_one_usually_spends_is_a_habit_in_the_shops_currency(message: str, budget: str) -> None:
    step = say(message)
    assert (step.action, step.session.filters.is_empty) == ("noted", True)
    assert [(item.attribute, item.value, item.source) for item in step.session.profile.stated] == [
        ("budget", budget, message)
    ]
    assert step.session.profile.budget_minor == int(budget)


def test_a_habit_in_a_currency_without_a_rate_is_not_kept() -> None:
    step = say("我平时花300块左右", rates={})
    assert (step.action, step.session.profile.stated) == ("noted", ())


@pytest.mark.parametrize(
    ("message", "category", "include", "stated"),
    [
        ("I like wool, show me jackets", "jackets", {}, {"material=wool": 1}),
        ("show me jackets, I love wool", "jackets", {}, {"material=wool": 1}),
        ("what jackets do you have? I like wool", "jackets", {}, {"material=wool": 1}),
        ("我喜欢羊毛,给我看看外套", "jackets", {}, {"material=wool": 1}),
        ("show me boots, I usually wear size 42", "hiking boots", {"size": ("42",)}, {"size=42": 1}),
        ("running shoes, I prefer black ones", "running shoes", {"color": ("black",)}, {"color=black": 1}),
    ],
)
def test_a_wish_beside_it_is_searched_for_and_likes_stay_soft(
    message: str, category: str, include: dict[str, tuple[str, ...]], stated: dict[str, float]
) -> None:
    step = say(message)
    assert step.action == "recommend"
    assert step.query is not None
    assert (step.query.filters.category, dict(step.query.filters.include)) == (category, include)
    assert {item.key: item.weight for item in step.session.profile.stated} == stated


def test_a_dislike_beside_a_wish_is_a_condition_of_it_as_before_and_is_remembered() -> None:
    step = say("I hate plastic. kettle please")
    assert step.session.filters.exclude == {"material": ("plastic",)}
    assert [item.key for item in step.session.profile.stated] == ["material=plastic"]
    later = after(step.session, "show me jackets")
    assert later.query is not None
    assert later.query.filters.exclude == {}


def test_a_usual_budget_beside_a_wish_is_no_filter() -> None:
    step = say("kettle please. I normally spend around 50 dollars")
    assert step.query is not None
    assert step.query.filters.price_max_minor is None
    assert step.session.profile.budget_minor == 5000


def test_in_the_middle_of_a_wish_a_like_of_it_refines_and_of_something_else_does_not() -> None:
    refined = say("show me jackets", "I don't like black")
    assert refined.action == "recommend"
    assert refined.session.filters.exclude == {"color": ("black",)}
    assert [item.key for item in refined.session.profile.stated] == ["color=black"]
    aside = say("show me jackets", "I love tea")
    assert (aside.action, aside.session.filters.category) == ("noted", "jackets")


@pytest.mark.parametrize(
    "message",
    ["I like your shop", "I love the blue one", "I would like leather boots", "I'd love a red dress", "我想要羊毛外套",
     "I like this", "我喜欢", "I don't want leather", "do you like wool?", "I'm looking for wool jackets"],
)  # fmt: skip
def test_what_is_no_statement_about_oneself_is_none(message: str) -> None:
    assert parser().parse(message, new_session()).preferences == ()


def test_nuts_are_not_all_snacks() -> None:
    assert said(parser().parse("我对坚果过敏", new_session())) == {}


@pytest.mark.parametrize(
    ("message", "recipient"),
    [
        ("I need boots for my son", "son"),
        ("as a gift for my wife", "wife"),
        ("a dress for my best friend", "friend"),
        ("I'm looking for a gift", "someone"),
        ("sandals for a 6-year-old", "child"),
        ("给我妈妈买的外套", "妈妈"),
        ("送朋友的茶", "朋友"),
        ("想找个生日礼物", "someone"),
        ("a gift for myself", None),
        ("送给自己的礼物", None),
        ("waterproof hiking boots", None),
        ("my wife says it's good. a kettle", None),
        ("do you have gift cards?", None),
    ],
)
def test_for_whom_a_thing_is(message: str, recipient: str | None) -> None:
    assert parser().parse(message, new_session()).recipient == recipient


def test_a_gift_is_no_size() -> None:
    assert parser().parse("as a gift for my wife: a dress", new_session()).filters.include == {"audience": ("women",)}


def test_titles_are_compared_without_articles_years_and_case() -> None:
    assert title_key("Matrix, The (1999)") == title_key("the MATRIX") == "matrix"
    assert titles_of(MOVIES)["usual suspects"] == "m2"
