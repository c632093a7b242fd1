"""A shop that is open, but for the conversation: its products, its shoppers' profiles and acts, changes to the catalog.

In: calls of the merchant's engineer and of the page. Out: values. Knows no message: `assistant.app` answers those.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.live import CatalogDigest, LiveCatalog
from assistant.llm import open_language_model
from assistant.parser import Parser
from assistant.personal import bought_for
from assistant.policies.search import find_answer
from assistant.profile_words import Known
from assistant.rewriting import Rewrite, rewrite
from assistant.shop import Shop
from assistant.shop_facts import ShopFacts
from assistant.shoppers import Shoppers, is_known
from assistant.types import LANGUAGES, Session
from assistant.upserting import Row, delete, upsert
from ranking.ranker import Ranker
from ranking.types import Event, Preference
from retrieval.changes import Applied
from retrieval.errors import CatalogError, NoLanguageModel
from retrieval.retriever import Retriever
from retrieval.types import Product, Variant

if TYPE_CHECKING:
    import pandas as pd


class OpenShop:
    """Everything of an open shop that is no conversation; safe to share between threads."""

    def __init__(self, shop: Shop, live: LiveCatalog, ranker: Ranker) -> None:
        self.shop = shop
        self.shoppers = Shoppers(shop)
        self.live = live
        self.ranker = ranker
        shop.reviews.buyers()  # now rather than in the first turn

    def close(self) -> None:
        """Let go of the index, the database and the lock."""
        self.live.close()
        self.shop.close()

    @property
    def search(self) -> Retriever:
        """Finds candidates in the catalog as it is now."""
        return self.live.retriever

    @property
    def parser(self) -> Parser:
        """Reads messages by what the catalog says now."""
        return self.live.knowledge.parser

    @property
    def facts(self) -> ShopFacts:
        """What the dialogue knows of the shop now."""
        return self.live.knowledge.facts

    @property
    def digest(self) -> CatalogDigest:
        """What was read off the products last."""
        return self.live.knowledge.digest

    def rewrite(self, product_id: str, audience: str = "", language: str = "en") -> Rewrite:
        """A title and a description of the product as a proposal, for `audience`, by the shop's language model if any.

        Raises:
            CatalogError: there is no such product, or the language is none that the assistant writes.
            LanguageModelError: the configured provider is unknown, or its package is missing.
        """
        product = self.shop.catalog.get(product_id)
        if product is None:
            raise CatalogError(f"there is no product {product_id!r}: give the id that the feed gives it")
        if language not in LANGUAGES:
            raise CatalogError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
        settings = self.shop.settings
        with suppress(NoLanguageModel):
            model = open_language_model(settings.llm) if not settings.llm.briefs else None
            return rewrite(product, audience, language, settings.name[language], model)
        return rewrite(product, audience, language, settings.name[language])

    def new_session(self, language: str = "en", shopper_id: str | None = None) -> Session:
        """An empty session, stored by its first turn; a known shopper's starts with the profile of their events.

        Args:
            language: "en" or "zh", until the shopper writes.
            shopper_id: the merchant's own id, as in the events that were imported or recorded; the session holds its
                pseudonym. None: a guest.
        """
        shopper_id = self.shop.pseudonym(shopper_id) if shopper_id else None
        return self.shoppers.begin(self.shop.sessions.new(language, shopper_id), self.digest.price_positions)

    def renewed(self, session: Session) -> Session:
        """An empty session of the same shopper, for a new chat; stored by its first turn."""
        fresh = self.shop.sessions.new(session.language, session.shopper_id)
        return replace(
            fresh, profile=session.profile, personalised=session.personalised, events_seen=session.events_seen
        )

    def load_session(self, session_id: str) -> Session | None:
        """The session as its last turn left it, or None."""
        return self.shop.sessions.load(session_id)

    def delete_session(self, session_id: str) -> None:
        """Forget a session with its turns; the shown lists stay, without its words, for what is learned from them."""
        self.shop.sessions.delete(session_id)

    def _saved(self, session: Session) -> Session:
        self.shop.sessions.save(session)
        return session

    def profile(self, session: Session) -> tuple[Known, ...]:
        """What is known of the session's shopper, in words of the session's language; see docs/profile.md."""
        return self.shoppers.known(self.shoppers.caught_up(session, self.digest.price_positions))

    def forget_preference(self, session: Session, key: str) -> Session:
        """The session without one thing known of its shopper (`Known.key`); it is saved.

        Raises:
            CatalogError: nothing of that key is known.
        """
        return self._saved(self.shoppers.forget(self.shoppers.caught_up(session, self.digest.price_positions), key))

    def set_preference(self, session: Session, attribute: str, value: str, weight: float = 1.0) -> Session:
        """The session with one like (`weight` up to 1) or dislike (down to -1) stated by hand; it is saved.

        Raises:
            ValueError: the weight is outside [-1, 1].
        """
        caught_up = self.shoppers.caught_up(session, self.digest.price_positions)
        return self._saved(self.shoppers.set(caught_up, Preference(attribute, value, weight, "")))

    def edit_preference(self, session: Session, key: str, value: str | None = None) -> Session:
        """The session with one thing that the shopper said put right by hand; it is saved.

        Args:
            session: the shopper's.
            key: `Known.key`.
            value: the new size, or the new budget in major units of the shop's currency ("80"); None turns a like into
                a dislike and the other way round.

        Raises:
            CatalogError: nothing of that key is known, or it cannot be changed so.
        """
        return self._saved(
            self.shoppers.edit(self.shoppers.caught_up(session, self.digest.price_positions), key, value)
        )

    def personalise(self, session: Session, *, on: bool) -> Session:
        """The session with personalisation on or off; it is saved. Off, products come in the same order for anybody."""
        return self._saved(self.shoppers.personalise(session, on=on))

    def export_profile(self, session: Session) -> dict[str, Any]:
        """All that is kept of the session's shopper, as plain JSON values."""
        return self.shoppers.export(self.shoppers.caught_up(session, self.digest.price_positions))

    def buying_for(self, session: Session, recipient: str | None) -> Session:
        """The session whose wish is for that person (as the shopper calls them), or again for the shopper; it is
        saved. What is said and done for somebody else does not go to the shopper's own profile."""
        return self._saved(bought_for(session, recipient))

    def erase_guest(self, session: Session) -> None:
        """Forget the session and, where it is a guest's, all that is kept of them. Who has an account at the shop is
        forgotten with `erase`, once the caller knows that it is they who ask."""
        self.delete_session(session.id)
        if not is_known(session.shopper_id):
            self.shoppers.erase(session.shopper_id)

    def erase(self, shopper_id: str) -> dict[str, int]:
        """Forget a shopper's events, conversations and preferences; how many there were. See `Shoppers.erase`."""
        return self.shoppers.erase(self.shop.pseudonym(shopper_id))

    def pseudonym(self, shopper_id: str) -> str:
        """The id under which a shopper of the merchant's stands in the event log and in sessions."""
        return self.shop.pseudonym(shopper_id)

    def record(
        self,
        type: str,
        product_id: str,
        shopper_id: str,
        session_id: str | None = None,
        time: datetime | None = None,
        list_id: str | None = None,
        position: int | None = None,
        rating: float | None = None,
        *,
        quantity: int | None = None,
        query: str | None = None,
    ) -> Event:
        """Store what a shopper did; it is kept when this returns, and counts at their next turn.

        See `ranking.behavior.recording.Recorder.record` for the arguments.

        Raises:
            CatalogError: the type, product, time, position, rating or quantity cannot be; nothing is stored.
        """
        event = self.shop.recorder().record(
            type, product_id, shopper_id, session_id, time, list_id, position, rating, quantity, query
        )
        self.shoppers.whom_for(event)
        return event

    def record_feedback(self, session: Session, turn: int, verdict: str, reason: str = "") -> None:
        """Keep what the shopper thinks ("up" or "down") of the reply of a turn; see `assistant.feedback.Feedback`.

        Raises:
            CatalogError: the verdict, the turn or the reason cannot be; nothing is stored.
        """
        self.shop.feedback.record(session, turn, verdict, reason)

    def feedback(self) -> "pd.DataFrame":
        """What shoppers thought of replies, a row each; see `assistant.feedback.Feedback.frame`."""
        return self.shop.feedback.frame()

    def events(self) -> "pd.DataFrame":
        """The event log in order of time; see `assistant.shop.Shop.events`."""
        return self.shop.events()

    def exposure(self) -> "pd.DataFrame":
        """Which brands shoppers were shown, a row per brand; see `assistant.shown_lists.ShownLists.exposure`."""
        return self.shop.exposure()

    def products(self) -> "pd.DataFrame":
        """The catalog, a row per product; see `retrieval.frames.products_frame`."""
        return self.shop.products()

    def product(self, product_id: str) -> Product | None:
        """A product as the catalog has it now."""
        return self.shop.catalog.get(product_id)

    def image_path(self, product: Product, variant: Variant | None = None) -> Path | None:
        """The file of the picture that shows `variant`, or the product as such, where the shop holds one itself."""
        address = product.image_of(variant)
        if not address or "://" in address:
            return None
        try:
            path = (self.shop.paths.root / address).resolve()
        except ValueError:
            return None
        inside = path.is_relative_to(self.shop.paths.pictures.resolve())
        return path if inside and path.is_file() else None

    def starters(self, language: str) -> tuple[str, ...]:
        """First messages that this shop can answer."""
        return self.digest.starters.get(language, self.digest.starters[LANGUAGES[0]])

    @property
    def image_origins(self) -> tuple[str, ...]:
        """Where the catalog's pictures lie that the shop does not hold itself."""
        return self.digest.image_origins

    def upsert(self, rows: Iterable[Row]) -> Applied:
        """Add products or change them, all of these or none; the next message sees them.

        Where another process owns the shop, it is asked to do so, if it takes changes (`serve` does).

        Args:
            rows: one mapping per product, by our names (docs/importing.md), prices in units of the shop's currency, or
                `Product`s. Of a known id only what changes need be said; a new one must be a whole product.

        Returns:
            What it did, by counts.

        Raises:
            FeedError: an item is at fault: which one, which field, what stood there and why it cannot be taken.
            CatalogError: the database refused.
            ShopLocked: another process owns the shop and takes no changes.
        """
        applied = upsert(self.shop, rows)
        self.live.taken_in()
        return applied

    def delete(self, ids: Iterable[str]) -> Applied:
        """Take products off sale, all of these or none; ids that are not on sale are left out (`retired` counts).

        What was said and done about them stays in the log.

        Raises:
            CatalogError: the database refused.
            ShopLocked: another process owns the shop and takes no changes.
        """
        applied = delete(self.shop, ids)
        self.live.taken_in()
        return applied

    def refresh(self) -> bool:
        """Take in all that changed in the catalog, by whichever process, and wait for it; whether anything did.

        Messages do so by themselves; what takes long then follows in the background.
        """
        return self.live.refresh()

    def read_rules(self) -> None:
        """Read the shop's rules now rather than at the first question about them."""
        policies = self.shop.catalog.policies()
        for language in LANGUAGES:
            find_answer("-x", policies, language, self.search.embedder)

    def model_versions(self) -> Mapping[str, str]:
        """What made an order, for the log of shown lists."""
        embedder = self.search.embedder
        return {
            "matcher": self.ranker.model_version,
            "embedder": embedder.fingerprint,
            "queries": embedder.query_fingerprint,
        }
