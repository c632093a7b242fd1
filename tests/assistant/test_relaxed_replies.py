"""Nothing matches: the step that a quick reply offers opens what the reply said it would."""

import re

import pytest

from assistant.dialogue import advance
from assistant.evidence import collect

NOTHING = [
    "hiking boots under 20 dollars",
    "green sofas under $100",
    "waterproof running shoes under $30",
    "noise cancelling headphones under $20",
    "backpacks by Aurivox",
    "laptops around 20 dollars",
    "jackets between 1 and 5 dollars",
    "sunscreens over 500 dollars",
    "hiking boots in size 50",
    "leather sofas with 7 seats",
    "laptops 18 inch",
    "20美元以内的登山靴",
    "100美元以内的绿色沙发",
    "防水的跑步鞋，30美元以内",
    "500美元以上的防晒霜",
    "20美元左右的笔记本电脑",
    "18寸的笔记本电脑",
    "100块人民币以内的登山靴",
]


@pytest.mark.parametrize("wish", NOTHING)
def test_a_quick_reply_opens_what_was_said(demo, wish):
    session = demo.new_session()
    now = demo.live.now()
    step = advance(session, now.parser.parse(wish, session), now.facts)
    relaxed = collect(step, (), 0, now).relaxations
    assert relaxed
    reply = demo.respond(wish, session)
    assert not reply.products
    said = {(r.n, r.price_from_minor) for r in relaxed}
    offered = [text for text in reply.quick_replies if not re.match(r"Start over|重新开始|Any|.*都可以$|.*不限$", text)]
    assert offered
    for text in offered:
        after = demo.respond(text, reply.session)
        cheapest = demo.respond("cheapest first" if after.language == "en" else "最便宜的", after.session)
        assert after.products, text
        assert (after.n_matched, cheapest.products[0].ranked.variant.price_minor) in said, text
