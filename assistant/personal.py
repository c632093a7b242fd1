"""Whose profile a turn goes by, and what a message adds to it: the shopper's own, or that of the person bought for.

In: a session and a parsed message. Out: the session with the preferences noted, and the profile that the ranker sees.
Knows no database. A message that only says what somebody likes changes no constraint.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from assistant.types import ParsedMessage, Session
from ranking.features import PRODUCT
from ranking.profile import in_force, with_product_stated, with_stated
from ranking.types import BUDGET, Preference, ShopperProfile
from retrieval.errors import MissingRate
from retrieval.money import ExchangeRates
from retrieval.types import Filters

EARLIER_WISH_CONFIDENCE = 0.5
"""How sure it is that a size asked for once is the shopper's own, or that a thing refused once is disliked."""

EARLIER_WISH_LASTS = timedelta(days=180)

_MAKES_WISHES = frozenset({"search", "refine", "bundle"})
_SAYS_FOR_WHOM = frozenset({"feedback", "smalltalk", "ask_product"})
"""What 'it's for me' is taken for where nothing else is said."""
_OWN_SIZE = re.compile(r"\d{2}(?:\.5)?|(?:\d?x*)?[sml]|xx?s|one size")
_TASTE = ("color", "material", "brand", "feature")
_MAX_SOURCE = 300


def acting_profile(session: Session, now: datetime) -> ShopperProfile:
    """The profile that counts: of the shopper, or of the person the wish is for; an empty one without personalisation.

    Preferences that have expired are left out, and weights are scaled by confidence.
    """
    if not session.personalised:
        return ShopperProfile()
    return in_force(session.recipient_profile if session.recipient else session.profile, now)


def with_acting(session: Session, change: Callable[[ShopperProfile], ShopperProfile]) -> Session:
    """The session after a change of the profile that counts; without personalisation nothing is written down."""
    if not session.personalised:
        return session
    if session.recipient:
        return replace(session, recipient_profile=change(session.recipient_profile))
    return replace(session, profile=change(session.profile))


def for_whom(session: Session, parsed: ParsedMessage) -> Session:
    """The session with the person that the wish is for, who leaves with the topic or when it is for the shopper."""
    if parsed.for_self and parsed.recipient is None and parsed.intent in _SAYS_FOR_WHOM:
        return bought_for(session, None)
    if parsed.intent not in _MAKES_WISHES or parsed.move == "undo":
        return session
    if parsed.recipient is not None:
        return bought_for(session, parsed.recipient)
    if parsed.for_self or parsed.intent == "search":
        return bought_for(session, None)
    return session


def bought_for(session: Session, recipient: str | None) -> Session:
    """The session with that person bought for, of whom nothing is known yet unless it is the same one."""
    if recipient == session.recipient:
        return session
    return replace(session, recipient=recipient, recipient_profile=ShopperProfile())


def noted(session: Session, parsed: ParsedMessage, rates: ExchangeRates, currency: str, now: datetime) -> Session:
    """The session with what the message says of persons, in the profile that counts.

    Args:
        session: for whom the wish is must be settled already.
        parsed: the message.
        rates: to convert what the shopper usually spends.
        currency: the shop's.
        now: when it was said.
    """
    said = [*parsed.preferences, *(parsed.other_preferences if session.recipient else ())]
    budget = _budget(parsed, rates, currency)
    if budget is not None:
        said.append(budget)
    if not said:
        return session
    return with_acting(session, lambda profile: _with_all(profile, (replace(item, since=now) for item in said)))


def _with_all(profile: ShopperProfile, preferences: Iterable[Preference]) -> ShopperProfile:
    for preference in preferences:
        is_product = preference.attribute == PRODUCT
        profile = with_product_stated(profile, preference) if is_product else with_stated(profile, preference)
    return profile


def _budget(parsed: ParsedMessage, rates: ExchangeRates, currency: str) -> Preference | None:
    """What the shopper usually spends, in the shop's currency; None where that cannot be converted."""
    said = parsed.usual_price
    if said is None:
        return None
    low, high = said.price_min_minor, said.price_max_minor
    amount = said.around_minor or ((low + high) // 2 if low is not None and high is not None else high or low)
    if amount is None:
        return None
    try:
        converted = rates.convert(amount, said.currency or currency, currency)
    except MissingRate:
        return None
    return Preference(BUDGET, str(converted), 1.0, parsed.text)


def with_earlier_wish(session: Session, before: Session, now: datetime) -> Session:
    """The session with what an earlier wish tells of the person: their size, and what they refused.

    It is a guess, so it counts half and not for ever; what was said in so many words is left as it is. A wish for
    somebody else tells nothing of the shopper.
    """
    if before.recipient or not before.personalised:
        return session
    source = " / ".join(message.text for message in before.messages if message.role == "shopper")[-_MAX_SOURCE:]
    known = {stated.key for stated in session.profile.stated if not stated.inferred}
    guesses = [
        Preference(
            name, value, weight, source, EARLIER_WISH_CONFIDENCE, now + EARLIER_WISH_LASTS, inferred=True, since=now
        )
        for name, value, weight in _of_person(before.filters)
    ]
    return replace(session, profile=_with_all(session.profile, (guess for guess in guesses if guess.key not in known)))


def _of_person(filters: Filters) -> list[tuple[str, str, float]]:
    sizes = [value for value in filters.include.get("size", ()) if _OWN_SIZE.fullmatch(value)]
    refused = [(name, value) for name in _TASTE for value in filters.exclude.get(name, ())]
    return [*(("size", value, 1.0) for value in sizes), *((name, value, -1.0) for name, value in refused)]
