"""What is known of each shopper: kept in step with what they do and say, shown, changed, exported and erased.

In: an open shop, and a session or a shopper's id. Out: sessions with the profile as it is now, and what is known as
values. Knows neither ranking nor pages.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from assistant.profile_words import Known, known_of
from assistant.types import Session
from ranking.events import LoggedEvent
from ranking.features import PRODUCT, states
from ranking.profile import (
    MAX_ACTS,
    TAKEN_BACK,
    build_profile,
    interests,
    with_event,
    with_stated,
    without_stated,
)
from ranking.types import BUDGET, Event, Preference, ShopperProfile
from retrieval.errors import CatalogError
from retrieval.money import to_minor
from retrieval.types import Product

if TYPE_CHECKING:
    from assistant.shop import Shop

SWITCH = "personalisation"
"""The attribute of a `Preference` of no weight that remembers whether a shopper wants to be known."""

GIFT_LASTS = timedelta(hours=12)
"""So long after its last turn a conversation about a gift still says whom a shopper's acts are for."""


MAX_VALUE = 20
"""Characters of a size that is written by hand."""

MAX_BUDGET_MINOR = 10**14


class Shoppers:
    """The shoppers of one shop. Holds nothing about any of them; safe to share between threads."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop

    def begin(self, session: Session, positions: Mapping[str, float] | None = None) -> Session:
        """A fresh session with what is known of its shopper.

        Args:
            session: of a shopper by pseudonym, or of a guest.
            positions: `price_positions_by_id` of the catalog; None: read off the products.
        """
        session = replace(session, personalised=self._shop.settings.personalised)
        stated = self._shop.preferences.load(session.shopper_id) if is_known(session.shopper_id) else ()
        switch = next((item.value for item in stated if item.attribute == SWITCH), None)
        profile, seen = self._built(session.shopper_id, stated, positions)
        return replace(
            session,
            profile=replace(profile, session_start=datetime.now(UTC)),
            events_seen=seen,
            personalised=session.personalised if switch is None else switch == "on",
        )

    def caught_up(self, session: Session, positions: Mapping[str, float] | None = None) -> Session:
        """The session with what its shopper did and said since, here or elsewhere.

        Only events that are new in the log are read. Those that came while the wish is for someone else go to that
        person's profile.
        """
        if not session.shopper_id:
            return session
        if is_known(session.shopper_id):
            stated = self._shop.preferences.load(session.shopper_id)
            session = replace(session, profile=replace(session.profile, stated=stated))
        logged = self._shop.event_log.since(session.shopper_id, session.events_seen)
        if not logged:
            return session
        seen = max(session.events_seen, *(item.place for item in logged))
        session = replace(self._for_recipient(session, logged, positions), events_seen=seen)
        own = [item.event for item in logged if item.recipient is None]
        if session.recipient or not own:
            return session
        if len(session.profile.history) >= MAX_ACTS and any(event.type in TAKEN_BACK for event in own):
            # What it takes back may be older than the acts that are kept.
            profile, _ = self._built(session.shopper_id, session.profile.stated, positions)
            return replace(session, profile=replace(profile, session_start=session.profile.session_start))
        return replace(session, profile=self._with(session.profile, own, positions))

    def _for_recipient(
        self, session: Session, logged: list[LoggedEvent], positions: Mapping[str, float] | None
    ) -> Session:
        if not session.recipient:
            return session
        unmarked = [item.place for item in logged if item.recipient is None]
        if unmarked:
            self._shop.event_log.was_for(unmarked, session.recipient)
        theirs = [item.event for item in logged if item.recipient in (None, session.recipient)]
        return replace(session, recipient_profile=self._with(session.recipient_profile, theirs, positions))

    def _with(
        self, profile: ShopperProfile, events: list[Event], positions: Mapping[str, float] | None
    ) -> ShopperProfile:
        now = datetime.now(UTC)
        products = self._shop.catalog.get_many({event.product_id for event in events})
        for event in events:
            product = products.get(event.product_id)
            if product is not None and event.time <= now and _counts(event, product, profile.stated):
                profile = with_event(profile, event, now, positions=positions)
        return profile

    def _built(
        self, shopper_id: str, stated: tuple[Preference, ...], positions: Mapping[str, float] | None
    ) -> tuple[ShopperProfile, int]:
        """The profile of a known shopper from all they did and said, and the place in the log that it reaches to."""
        logged = self._shop.event_log.since(shopper_id)
        said = [
            Event(shopper_id, item.value, "like" if item.weight > 0 else "dislike", item.since)
            for item in stated
            if item.attribute == PRODUCT and item.since is not None and item.weight
        ]
        events = [*(item.event for item in logged if item.recipient is None), *said]
        products = self._shop.catalog.get_many({event.product_id for event in events}) if events else {}
        counted = [
            event
            for event in events
            if event.product_id in products and _counts(event, products[event.product_id], stated)
        ]
        profile = build_profile(counted, products, datetime.now(UTC), positions=positions or {})
        return replace(profile, stated=stated), max((item.place for item in logged), default=0)

    def store(self, before: Session, after: Session) -> None:
        """Keep what a turn has learnt of a known shopper beyond the session."""
        if is_known(after.shopper_id) and before.profile.stated != after.profile.stated:
            self._shop.preferences.change(after.shopper_id, before.profile.stated, after.profile.stated)

    def whom_for(self, event: Event) -> None:
        """Note of an act that has just been recorded whom it was for, if its shopper is looking for a gift."""
        recipient = self._shop.sessions.recipient(event.shopper_id, datetime.now(UTC) - GIFT_LASTS)
        place = self._shop.event_log.place(event) if recipient is not None else None
        if recipient is not None and place is not None:
            self._shop.event_log.was_for([place], recipient)

    def known(self, session: Session) -> tuple[Known, ...]:
        """What is known of the session's shopper in words of the session's language: what they said, then interests."""
        now = datetime.now(UTC)
        profile = session.profile
        acts = {act.product_id for act in profile.history}
        liked = {item.value for item in profile.stated if item.attribute == PRODUCT}
        products = self._shop.catalog.get_many(acts | liked) if acts | liked else {}
        said = [item for item in profile.stated if item.weight and (item.expires is None or now < item.expires)]
        shown = (*said, *interests(profile, products, now))
        return known_of(shown, products, self._shop.catalog.currency(), session.language)

    def forget(self, session: Session, key: str) -> Session:
        """The session without one thing that was known.

        An interest read off behaviour is left out from now on: what the shopper did so far with such products no
        longer counts.

        Args:
            session: the shopper's.
            key: `Known.key`.

        Raises:
            CatalogError: nothing of that key is known.
        """
        known = next((item for item in self.known(session) if item.key == key), None)
        if known is None:
            raise CatalogError(f"nothing is known under {key!r}: the keys are those that the profile shows")
        before = session
        preference = known.preference
        profile = without_stated(session.profile, preference.key)
        if preference.attribute == PRODUCT:
            profile = _without_product(profile, preference.value)
        if known.kind == "interest":
            marker = Preference(preference.attribute, preference.value, 0.0, "", inferred=True, since=datetime.now(UTC))
            profile = self._without_interest(with_stated(profile, marker), marker)
        session = replace(session, profile=profile)
        self.store(before, session)
        return session

    def _without_interest(self, profile: ShopperProfile, marker: Preference) -> ShopperProfile:
        ids = {*profile.product_weights, *(act.product_id for act in profile.history)}
        products = self._shop.catalog.get_many(ids)
        for product_id in ids:
            product = products.get(product_id)
            if product is not None and states(product, marker.attribute, marker.value):
                profile = _without_product(profile, product_id)
        return profile

    def set(self, session: Session, preference: Preference) -> Session:
        """The session with one preference stated, in place of an earlier one on the same attribute and value.

        Raises:
            ValueError: weight or confidence cannot be.
        """
        before = session
        said = replace(preference, since=preference.since or datetime.now(UTC))
        session = replace(session, profile=with_stated(session.profile, said))
        self.store(before, session)
        return session

    def edit(self, session: Session, key: str, value: str | None) -> Session:
        """The session with one thing known put right by hand; see `OpenShop.edit_preference`.

        Raises:
            CatalogError: nothing of that key is known, or it cannot be changed so.
        """
        known = next((item for item in self.known(session) if item.key == key), None)
        how, _ = known.editable() if known is not None else ("", "")
        if known is None or how != ("taste" if value is None else "value"):
            raise CatalogError(f"{key!r} cannot be changed so: forget it, or say it anew in the chat")
        old = known.preference
        if value is None:
            changed = Preference(old.attribute, old.value, -old.weight, "")
        else:
            changed = Preference(old.attribute, self._stated_value(old.attribute, value), 1.0, "")
        return self.set(self.forget(session, key), changed)

    def _stated_value(self, attribute: str, said: str) -> str:
        value = said.strip().lower()
        if attribute != BUDGET:
            if not value or len(value) > MAX_VALUE:
                raise CatalogError(f"a size has 1 to {MAX_VALUE} characters, not {len(value)}")
            return value
        try:
            minor = to_minor(Decimal(value.replace(",", "")), self._shop.catalog.currency())
        except (ArithmeticError, ValueError) as error:
            raise CatalogError(f"a budget is an amount such as 80 or 79.50, not {said!r}") from error
        if not 0 < minor <= MAX_BUDGET_MINOR:
            raise CatalogError(f"a budget is an amount between nothing and a trillion, not {said!r}")
        return str(minor)

    def personalise(self, session: Session, *, on: bool) -> Session:
        """The session with personalisation switched on or off; for a known shopper it stays so."""
        session = replace(session, personalised=on)
        if not is_known(session.shopper_id):
            return session
        before = session
        kept = tuple(item for item in session.profile.stated if item.attribute != SWITCH)
        switch = Preference(SWITCH, "on" if on else "off", 0.0, "", since=datetime.now(UTC))
        session = replace(session, profile=replace(session.profile, stated=(*kept, switch)))
        self.store(before, session)
        return session

    def export(self, session: Session) -> dict[str, Any]:
        """All that is kept of the session's shopper, as plain JSON values."""
        from assistant.session_json import to_plain

        log = self._shop.event_log.since(session.shopper_id)
        return {
            "shopper_id": session.shopper_id,
            "exported_at": datetime.now(UTC).isoformat(),
            "personalised": session.personalised,
            "known": [item.to_dict() for item in self.known(session)],
            "preferences": [to_plain(item) for item in session.profile.stated],
            "price_level": session.profile.price_level,
            "product_weights": dict(session.profile.product_weights),
            "events": [to_plain(item.event) for item in log],
            "conversations": self._shop.sessions.conversations(session.shopper_id),
        }

    def erase(self, shopper_id: str) -> dict[str, int]:
        """Forget a shopper: events, conversations and preferences go; lists that they were shown lose their name.

        Args:
            shopper_id: the pseudonym, or a guest's id.

        Returns:
            How many of each there were.
        """
        return {
            "events": self._shop.event_log.forget(shopper_id),
            "sessions": self._shop.sessions.forget_shopper(shopper_id),
            "preferences": self._shop.preferences.forget(shopper_id),
            "shown_lists": self._shop.shown_lists.forget_shopper(shopper_id),
        }


def is_known(shopper_id: str) -> bool:
    """Whether a shopper has an id of the merchant's, under which they come back; a guest has none.

    >>> is_known("guest-abc"), is_known("shopper-abc"), is_known("")
    (False, True, False)
    """
    return bool(shopper_id) and not shopper_id.startswith("guest-")


def _counts(event: Event, product: Product, stated: tuple[Preference, ...]) -> bool:
    """Whether an act may count: the shopper has not had such an interest forgotten since."""
    return not any(
        not item.weight and item.since is not None and event.time <= item.since
        and states(product, item.attribute, item.value)
        for item in stated
    )  # fmt: skip


def _without_product(profile: ShopperProfile, product_id: str) -> ShopperProfile:
    weights = {id_: weight for id_, weight in profile.product_weights.items() if id_ != product_id}
    history = tuple(act for act in profile.history if act.product_id != product_id)
    return replace(profile, product_weights=weights, history=history)
