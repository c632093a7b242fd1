"""A shopper says how much the parts of a score count for them."""

import pytest

from assistant import ShoppingAssistant
from retrieval.errors import ConfigError


@pytest.mark.parametrize(("wish", "says"), [("headphones", "rder"), ("头戴耳机", "排")])
def test_a_part_that_counts_more_moves_the_order_and_stays(demo: ShoppingAssistant, wish: str, says: str) -> None:
    first = demo.ask(wish)
    reply = demo.weigh(first.session, {"price_fit": 4.0, "popularity": 0.0})
    assert reply.session.weights == {"price_fit": 4.0, "popularity": 0.0}
    assert demo.load_session(reply.session.id) == reply.session
    assert reply.session.filters == first.session.filters
    assert says in reply.text
    for item in reply.products:
        assert item.ranked.contributions["popularity"] == 0.0
        assert item.ranked.score == pytest.approx(sum(item.ranked.contributions.values()))
    parts = {item.ranked.product.id: item.ranked.contributions["price_fit"] for item in first.products}
    moved = {item.ranked.product.id: item.ranked.contributions["price_fit"] for item in reply.products}
    both = parts.keys() & moved.keys()
    assert both
    for product_id in both:
        assert moved[product_id] == pytest.approx(4 * parts[product_id])
    later = demo.respond("show more" if wish == "headphones" else "还有吗", reply.session)
    assert all(item.ranked.contributions["popularity"] == 0.0 for item in later.products)
    once = demo.weigh(later.session, {"price_fit": 1.0, "popularity": 1.0})
    assert once.session.weights == {}
    again = [item.ranked.product.id for item in demo.weigh(first.session, {}).products]
    assert again == [item.ranked.product.id for item in first.products]


@pytest.mark.parametrize(("weights", "said"), [({"moon": 2.0}, "no part of a score"), ({"taste": -1.0}, "0 or more")])
def test_a_weight_that_cannot_be_changes_nothing(demo: ShoppingAssistant, weights: dict[str, float], said: str) -> None:
    session = demo.ask("kettles").session
    with pytest.raises(ConfigError, match=said):
        demo.weigh(session, weights)
    assert demo.load_session(session.id) == session
