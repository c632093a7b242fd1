"""Whose profile a message goes to: the shopper's own, that of the person bought for, or none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from understanding import after, facts, new_session, parser, say

from assistant.dialogue import advance
from assistant.personal import EARLIER_WISH_CONFIDENCE, EARLIER_WISH_LASTS, acting_profile
from assistant.types import Session
from ranking.types import Preference, ShopperProfile

SHOWN = ("hiking-boots-01", "hiking-boots-02")
OWN = (Preference("material", "wool", 1.0, "I love wool"), Preference("size", "42", 1.0, "I wear 42"))


def knowing() -> Session:
    return replace(new_session(), profile=ShopperProfile({"teas-01": 3.0}, 0.4, OWN))


def test_a_gift_leaves_the_own_profile_alone_and_goes_by_another() -> None:
    step = after(knowing(), "hiking boots for my son", "he loves blue", "I hate black", shown=SHOWN)
    assert step.session.recipient == "son"
    assert step.session.profile == knowing().profile
    assert [item.key for item in step.session.recipient_profile.stated] == ["color=blue", "color=black"]
    assert step.profile is not None
    assert step.profile.product_weights == {}
    assert [item.key for item in step.profile.stated] == ["color=blue", "color=black"]


def test_a_usual_budget_is_for_ones_own_wishes_and_one_said_of_a_gift_ends_with_it() -> None:
    own = after(knowing(), "I normally spend about 50 dollars", "show me kettles")
    gift = after(own.session, "hiking boots for my son")
    assert own.profile is not None
    assert gift.profile is not None
    assert (own.profile.budget_minor, gift.profile.budget_minor) == (5000, None)
    said = after(knowing(), "给我妈妈买的外套", "我一般花三百块左右")
    assert (said.session.profile.budget_minor, said.session.recipient_profile.budget_minor) == (None, 4167)
    later = after(said.session, "show me kettles")
    assert later.profile is not None
    assert later.profile.budget_minor is None


def test_what_is_said_of_a_gift_that_was_shown_is_about_the_gift() -> None:
    step = after(knowing(), "给我妈妈买的外套", "我喜欢第一个", shown=("jackets-01", "jackets-02"))
    assert step.session.profile == knowing().profile
    assert [item.key for item in step.session.recipient_profile.stated] == ["product=jackets-01"]
    assert set(step.session.recipient_profile.product_weights) == {"jackets-01"}
    assert [act.product_id for act in step.session.recipient_profile.history] == ["jackets-01"]


def test_a_gift_ends_with_its_topic_and_what_was_said_of_it_goes() -> None:
    step = after(knowing(), "hiking boots for my son, size 38", "show me kettles", shown=SHOWN)
    assert (step.session.recipient, step.session.recipient_profile) == (None, ShopperProfile())
    assert step.session.profile == knowing().profile
    assert step.profile == knowing().profile


def test_it_goes_on_for_the_same_person_and_ends_for_the_shopper() -> None:
    gift = after(knowing(), "hiking boots for my husband", "he loves blue")
    also = after(gift.session, "a jacket for him too")
    assert also.session.recipient == "husband"
    assert [item.key for item in also.session.recipient_profile.stated] == ["color=blue"]
    assert after(also.session, "a backpack for my daughter").session.recipient_profile == ShopperProfile()
    assert after(also.session, "it's for me").session.recipient is None


def test_undoing_brings_the_person_back_and_unlearns_nothing() -> None:
    gift = after(knowing(), "hiking boots for my son", "show me kettles")
    undone = after(gift.session, "undo")
    assert (gift.session.recipient, undone.session.recipient) == (None, "son")
    assert undone.session.profile == knowing().profile
    liked = after(new_session(), "show me jackets", "I usually wear size M", "undo")
    assert [item.key for item in liked.session.profile.stated] == ["size=m"]


def test_a_new_topic_keeps_the_size_and_the_dislikes_as_guesses_that_expire() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    first = say("running shoes in size 42 under 100 dollars, not black").session
    step = advance(first, parser().parse("show me jackets", first), facts(), now)
    assert step.query is not None
    assert (step.query.filters.include, step.query.filters.exclude) == ({}, {})
    assert step.query.filters.price_max_minor is None
    guesses = step.session.profile.stated
    assert [(item.key, item.weight) for item in guesses] == [("size=42", 1.0), ("color=black", -1.0)]
    assert all(item.inferred and item.confidence == EARLIER_WISH_CONFIDENCE for item in guesses)
    assert {item.expires for item in guesses} == {now + EARLIER_WISH_LASTS}
    assert step.profile is not None
    assert [item.weight for item in step.profile.stated] == [0.5, -0.5]
    assert acting_profile(step.session, now + EARLIER_WISH_LASTS).stated == ()


def test_a_guess_never_takes_the_place_of_what_was_said() -> None:
    step = after(new_session(), "I usually wear size 42", "running shoes in size 42", "show me jackets")
    (size,) = step.session.profile.stated
    assert (size.inferred, size.confidence) == (False, 1.0)


def test_without_personalisation_nothing_counts_and_nothing_is_noted() -> None:
    off = replace(knowing(), personalised=False)
    step = after(off, "I love linen")
    assert (step.action, step.session.profile) == ("noted", knowing().profile)
    found = after(off, "running shoes in size 42, not black", "show me jackets")
    assert found.profile == ShopperProfile()
    assert found.session.profile == knowing().profile


def test_a_wish_for_something_cheap_counts_also_without_personalisation() -> None:
    step = after(replace(knowing(), personalised=False), "cheap kettle")
    assert step.profile == ShopperProfile(price_level=0.0, price_level_is_said=True)


def test_what_has_expired_does_not_count() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    old = Preference("color", "red", 1.0, "red", expires=now - timedelta(seconds=1))
    session = replace(new_session(), profile=ShopperProfile(stated=(old, *OWN)))
    assert acting_profile(session, now).stated == OWN
