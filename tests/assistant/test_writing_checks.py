"""What a reply's model may not say of the products shown: every class of lie, and the honest sentences beside it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from writing_examples import CLOUD, RIDGE, TRAIL, a_step, recommended, the_evidence

from assistant.rendering import Renderer, mixed_up
from assistant.writing.checks.known import known_of
from assistant.writing.checks.relations import unproven_relation
from assistant.writing.checks.untyped import is_open_question, untyped
from assistant.writing.facts import facts_of
from retrieval.text import has_cjk


def facts(language="en", *products):
    step = a_step(language=language)
    return facts_of(step, recommended(step, *(products or (TRAIL, RIDGE))), the_evidence(step))


def why(sentence, language="", *products):
    """What a sentence is dropped for in a reply of its language, as one word; None where it is shown."""
    renderer = Renderer(facts(language or ("zh" if has_cjk(sentence) else "en"), *products))
    shown = "".join(renderer.stream([sentence]))
    assert bool(shown) != bool(renderer.dropped)
    return renderer.dropped[0].why.split()[0] if renderer.dropped else None


LIES = {
    "name": """You might also like the Zephyr Glide.
{p1.title} is made by Nike.
{p1.title} fits an iPhone.
Kettara stands behind {p1.title}.
Buyers of {p1.title}, rated {p1.rating}, call it "a dream".
也可以看看「月光奔跑者」。
{p1.title}可以换Zephyr。""",
    "property": """{p1.title} has a titanium frame.
{p1.title} is bulletproof.
It has a solar panel.
{p1.title} works with any tent.
{p1.title} is made by hand.
{p1.title} comes with a mug.
The crocodile skin of {p1.title} shines.
{p1.title}自带太阳能板。
{p1.title}是华为的。
{p1.title}用的是钛。
{p1.title}里有个暗格。
{p1.title}能连手机。""",
    "comparison": """{p2.title} is cheaper than {p1.title}.
{p1.title} is better rated than {p2.title}.
{p2.title} is lighter.
{p1.title} has more reviews.
{p1.title} is not cheaper than {p2.title}.
Cheaper than {p1.title} is {p2.title}.
You pay less with {p2.title}.
It is the cheapest.
{p1.title} costs {p2.price}.
{p1.title} and {p2.title} cost {p2.price} and {p1.price}.
{p2.title}比{p1.title}便宜。
{p1.title}的评分比{p2.title}高。
{p2.title}更轻。""",
    "standing": """{p1.title} is a bestseller.
Nobody has ever regretted {p1.title}.
Experts love {p1.title}.
{p1.title}好评如潮。
顾客都爱{p1.title}。""",
    "commitment": """{p1.title} arrives tomorrow.
I have reserved {p1.title} for you.
You can return {p1.title}.
{p1.title}明天送到。
{p1.title}终身保修。""",
    "stock": """{p1.title} sells out fast.
{p1.title} is flying off the shelves.
{p1.title}快没货了。""",
    "discount": """{p1.title} is marked down.
There is a sale on {p1.title}.
{p1.title}本周大促。""",
    "amount": """{p1.title} costs next to nothing.
{p1.title} stays under fifty.
{p1.price}k is what it costs.
{p1.price} off.
{p1.title}几乎白送。
{p1.title}才一千三。""",
    "other": """Its sister model is worth a thought.
同系列的也不错。""",
}


@pytest.mark.parametrize(("kind", "lie"), [(kind, lie) for kind, lies in LIES.items() for lie in lies.splitlines()])
def test_a_lie_of_every_class_is_dropped_for_what_it_is(kind, lie):
    assert why(lie) == kind


@pytest.mark.parametrize("sentence", """{p1.title} is cheaper than {p2.title}.
{p2.title} has the better rating.
If you want something better rated, {p2.title} is there for {p2.price}.
{p2.title} has more reviews than {p1.title}.
Cheaper than {p2.title} is {p1.title}.
Unlike {p2.title}, {p1.title} is easy on the wallet.
Would you like something cheaper?
I can look for something lighter.
The rubber sole of {p1.title} grips wet rock.
Tarnock makes {p1.title}.
Buyers give {p1.title} {p1.rating} stars.
Do you have a brand in mind?
Is waterproof important to you?
Good Evening!
{p1.title} and {p2.title} cost {p1.price} and {p2.price}.
A buyer says {p1.quote} If you like that, take it.
{p1.title}比{p2.title}便宜。
{p2.title}的评分更高。
想看更便宜的吗？
买家给{p1.title}打了{p1.rating}分。
您对颜色有偏好吗？""".splitlines())  # fmt: skip
def test_what_the_figures_and_the_text_prove_is_said(sentence):
    assert why(sentence) is None


def test_a_word_must_be_of_every_product_that_the_sentence_names():
    assert why("{p1.title} has a rubber sole.") is None
    assert why("{p2.title} has a rubber sole.") == "property"
    assert why("{p1.title} and {p2.title} have rubber soles.") == "property"
    assert why("The rubber is fine.") == "property"


def test_words_side_by_side_must_stand_so_in_the_text():
    assert why("It has rubber soles and likes no stove.", "en", TRAIL) is None
    assert why("It has a rubber stove.", "en", TRAIL) == "property"


def test_what_the_catalog_does_not_state_cannot_be_compared():
    known = {f"p{n}": known_of(product, product.offer) for n, product in enumerate((TRAIL, CLOUD), start=1)}
    assert unproven_relation("{p2.title} is cheaper.", known) is None
    assert unproven_relation("{p1.title} is better rated.", known) == "better rated"
    assert unproven_relation("{p1.title} is rated {p1.rating}.", known) is None


def test_among_three_the_one_spoken_of_is_compared_with_all():
    assert why("{p3.title} is the cheapest.", "en", TRAIL, RIDGE, CLOUD) is None
    assert why("{p1.title} is cheaper.", "en", TRAIL, RIDGE, CLOUD) == "comparison"
    assert why("{p1.title} is cheaper than {p2.title}, {p3.title} even cheaper.", "en", TRAIL, RIDGE, CLOUD) is None


def test_a_question_that_speaks_of_no_product_states_nothing():
    assert is_open_question("Do you need it for the delivery?") is False
    assert untyped("Do you have a preference for the delivery?") is None
    assert untyped("The delivery is easy.") == "commitment"


def test_facts_keep_the_order_of_the_titles():
    assert mixed_up(["p1.title", "p2.title", "p2.price", "p1.price"]) == "price"
    assert mixed_up(["p1.title", "p2.title", "p1.price", "p2.price"]) is None
    assert mixed_up(["p1.price", "budget"]) is None


PIECES = [lie for lies in LIES.values() for lie in lies.splitlines()] + [
    "{p1.title} is a fine choice.", "先看{p1.title}。", " ", "\n", "“", "5", "k", "\u200b", "ｃｈｅａｐｅｒ ", "{p2.",
    "不",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.data())
def test_how_a_text_is_cut_never_changes_what_is_said(fragments, data):
    text = "".join(fragments)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    known = facts()
    whole, cut = Renderer(known), Renderer(known)
    assert "".join(whole.stream([text])) == "".join(cut.stream(pieces)) == "".join(Renderer(known).stream(text))
    assert (whole.dropped, whole.used) == (cut.dropped, cut.used)
