"""What the chat says of bodies in the profile: the measures as said, and the size that a chart makes of them.

In: a session, what a message says of bodies, and an advice. Out: the session with the preferences noted. Knows no
chart.

The shopper's own measures go to their own profile, also in the middle of a gift; those of somebody else to the profile
of the person bought for, and nowhere where nobody is.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from assistant.sizing.values import KINDS, BodyMeasure, SizeAdvice
from assistant.types import ParsedMessage, Session
from ranking.profile import with_stated
from ranking.types import BODY, Preference, ShopperProfile

BY_CHART = "size chart: "
"""How the source of a size begins that was read off a chart."""

CONFIDENCE = {"fits": 0.8, "between": 0.5}
"""How sure it is that a size read off a chart is the person's, by verdict."""

SIZE_LASTS = timedelta(days=365)

_MAX_SOURCE = 300


def with_body(session: Session, parsed: ParsedMessage, now: datetime) -> Session:
    """The session with the measures that a message states; without personalisation nothing is written down."""
    if not session.personalised or not parsed.body.measures:
        return session
    own, theirs = [], []
    for measure in parsed.body.measures:
        if is_own(measure, session, parsed):
            own.append(_preference(measure, parsed.text, now))
        elif session.recipient:
            theirs.append(_preference(measure, parsed.text, now))
    return replace(
        session,
        profile=_with_all(session.profile, own),
        recipient_profile=_with_all(session.recipient_profile, theirs),
    )


def is_own(measure: BodyMeasure, session: Session, parsed: ParsedMessage) -> bool:
    """Whether a measure is the shopper's: said so, or of nobody while nobody else is bought for."""
    return measure.own is True or (measure.own is None and not session.recipient and not parsed.recipient)


def with_size(session: Session, advice: SizeAdvice, said: str, now: datetime) -> Session:
    """The session with the size that a chart makes of a body, as a soft preference in place of the earlier one.

    Its source is what was said of the body, now or before.
    """
    if advice.verdict not in CONFIDENCE or not advice.offers or not session.personalised:
        return session
    if not advice.own and not session.recipient:
        return session
    profile = session.profile if advice.own else session.recipient_profile
    if advice.is_known:
        said = " / ".join(dict.fromkeys(stated.source for stated in profile.stated if stated.attribute in BODY))
    offer = advice.advised or advice.offers[-1]
    size = Preference(
        "size", (offer.listed or offer.size).lower(), 1.0, f"{BY_CHART}{said}"[:_MAX_SOURCE],
        CONFIDENCE[advice.verdict], now + SIZE_LASTS, inferred=True, since=now,
    )  # fmt: skip
    if any(stated.key == size.key and not stated.inferred for stated in profile.stated):
        # They said so themselves, which is more than a chart knows.
        return session
    kept = tuple(stated for stated in profile.stated if not _is_replaced(stated, size))
    profile = with_stated(replace(profile, stated=kept), size)
    return replace(session, profile=profile) if advice.own else replace(session, recipient_profile=profile)


def _is_replaced(old: Preference, new: Preference) -> bool:
    """Whether a size was read off a chart earlier, and is a number as the new one is, or letters as the new one is."""
    return old.source.startswith(BY_CHART) and old.value[:1].isdigit() == new.value[:1].isdigit()


def known_body(profile: ShopperProfile) -> dict[str, BodyMeasure]:
    """The measures in a profile, by kind.

    >>> known_body(ShopperProfile(stated=(Preference("body height", "172 cm", 1.0, ""),)))["height"].text
    '172 cm'
    """
    found = {}
    for stated in profile.stated:
        kind = stated.attribute.removeprefix("body ")
        if stated.attribute in BODY and kind in KINDS:
            try:
                found[kind] = BodyMeasure(kind, Decimal(stated.value.partition(" ")[0]))
            except InvalidOperation:
                continue
    return found


def _preference(measure: BodyMeasure, said: str, now: datetime) -> Preference:
    return Preference(f"body {measure.kind}", measure.text, 1.0, said[:_MAX_SOURCE], since=now)


def _with_all(profile: ShopperProfile, preferences: Iterable[Preference]) -> ShopperProfile:
    for preference in preferences:
        profile = with_stated(profile, preference)
    return profile
