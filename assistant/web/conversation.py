"""A conversation as the chat shows it.

In: a session, its turn in progress, a language. Out: messages for `gr.Chatbot` and HTML for what stands around it.
Knows the shop for its products, pictures and constraints only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import quote

from assistant.pictures import origin_of
from assistant.profile_words import Known
from assistant.types import Message, Recommendation, Reply, Session
from assistant.web.cards import cards_html, product_card, recommendation_card
from assistant.web.markup import render, reply_text, shopper_text
from assistant.web.texts import texts
from assistant.web.turns import ShownList, Turns
from retrieval.types import Product, Variant

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant

MESSAGES_SHOWN = 60
"""How much of a long conversation the page shows; the session keeps all of it."""

MAX_QUICK_REPLIES = 6


class ChatMessage(TypedDict):
    """A message as `gr.Chatbot` takes it: a role and blocks of HTML."""

    role: str
    content: list[Any]


@dataclass(frozen=True, slots=True)
class Chip:
    """A constraint as the panel shows it."""

    key: str
    value: str | None
    label: str


@dataclass(frozen=True, slots=True)
class _Point:
    """One thing known of the shopper, and how it can be changed: "value" (`value` is what stands there now), "taste" (a
    like and a dislike are each other's opposite), or "" (it can be forgotten only)."""

    key: str
    text: str
    origin: str
    change: str
    value: str

    @classmethod
    def of(cls, known: Known) -> "_Point":
        change, value = known.editable()
        return cls(known.key, known.text, known.origin, change, value)


class Suggestion(TypedDict):
    """A quick reply, and how many products it would leave, where that was counted."""

    text: str
    n_products: int | None


class Conversation:
    """Turns sessions into what the page shows."""

    def __init__(self, shop: "ShoppingAssistant", turns: Turns, image_origins: Sequence[str] = ()):
        self.shop = shop
        self.turns = turns
        self.image_origins = frozenset(image_origins)

    def messages(self, session: Session, language: str) -> list[ChatMessage]:
        """The session's last messages, with the cards under them."""
        start = max(0, len(session.messages) - MESSAGES_SHOWN)
        turns = _turns_of(session)
        return [
            self._message(message, self.turns.shown_list(session, place), session, language, turns[place])
            for place, message in enumerate(session.messages[start:], start)
            if message.text.strip() or message.product_ids
        ]

    def progress(
        self, words: str, recommendations: Sequence[Recommendation], language: str, list_id: str | None = None
    ) -> ChatMessage:
        """The reply so far: its words, or a sign that they are coming, and the cards."""
        said = reply_text(words) if words.strip() else render("thinking.html", t=texts(language))
        return _assistant(said, self.cards(recommendations, language, list_id))

    def chips(self, session: Session, language: str) -> list[Chip]:
        """The conditions of the wish so far."""
        found = self.shop.constraints(session)
        return [Chip(item.key, item.value, item.label_zh if language == "zh" else item.label_en) for item in found]

    def panel(self, session: Session | None, language: str) -> str:
        """The side panel: the constraints of the wish so far and what is known of the shopper, as chips."""
        return render(
            "panel.html",
            constraints=self.chips(session, language) if session else [],
            facts=self._points(session, language) if session else [],
            personalised=session.personalised if session else self.shop.shop.settings.personalised,
            recipient=session.recipient if session else None,
            t=texts(language),
        )

    def _points(self, session: Session, language: str) -> list[_Point]:
        return [_Point.of(known) for known in self.shop.profile(replace(session, language=language))]

    def starters(self, language: str) -> str:
        """What a shopper may begin with, as buttons."""
        return render(
            "quick.html", replies=self.shop.starters(language)[:MAX_QUICK_REPLIES], counts={}, t=texts(language)
        )

    def quick_replies(self, reply: Reply) -> str:
        """What a shopper may say next, as buttons."""
        suggested = self.suggestions(reply)
        counts = {item["text"]: item["n_products"] for item in suggested if item["n_products"] is not None}
        return render(
            "quick.html", replies=[item["text"] for item in suggested], counts=counts, t=texts(reply.language)
        )

    def suggestions(self, reply: Reply) -> list[Suggestion]:
        """What a shopper may say next; "show more" is among it while products are left."""
        counts = {option.text: option.n_products for option in reply.question.options} if reply.question else {}
        replies = [text for text in reply.quick_replies if text.strip()]
        more = texts(reply.language)("show_more")
        if reply.products and reply.n_left > 0 and more.lower() not in map(str.lower, replies):
            replies = [*replies[: max(len(replies), MAX_QUICK_REPLIES) - 1], more]
        return [{"text": text, "n_products": counts.get(text)} for text in replies]

    def cards(
        self,
        recommendations: Sequence[Recommendation],
        language: str,
        list_id: str | None = None,
        *,
        cart: bool = False,
        weights: Mapping[str, float] | None = None,
    ) -> str:
        """The products as cards, in HTML; `cart`: the page around has one; `weights`: the shopper can move them."""
        cards = [recommendation_card(item, language, self.picture, weights) for item in recommendations]
        return cards_html(cards, language, list_id, cart=cart)

    def shown(self, reply: Reply) -> dict[str, str]:
        """What a page shows of a whole reply, in HTML: its words and its cards."""
        cards = self.cards(reply.products, reply.language, reply.list_id, cart=True)
        return {"html": reply_text(reply.text), "cards_html": cards}

    def transcript(self, session: Session) -> list[dict[str, Any]]:
        """The session's last messages as values, each with the turn it belongs to and its HTML."""
        start = max(0, len(session.messages) - MESSAGES_SHOWN)
        turns = _turns_of(session)
        return [
            self._told(message, turns[start + place], self.turns.shown_list(session, start + place), session)
            for place, message in enumerate(session.messages[start:])
            if message.text.strip() or message.product_ids
        ]

    def _told(self, message: Message, turn: int, shown: ShownList | None, session: Session) -> dict[str, Any]:
        told: dict[str, Any] = {"role": message.role, "text": message.text, "turn": turn, "list_id": message.list_id}
        if message.role == "shopper":
            return {**told, "html": shopper_text(message.text), "cards_html": ""}
        return {
            **told,
            "html": reply_text(message.text),
            "cards_html": self._cards_under(message, shown, session, session.language, cart=True),
        }

    def picture(self, product: Product, variant: Variant) -> str | None:
        """Where the page gets the picture of a variant: from this server, or from where the merchant keeps it."""
        if self.shop.image_path(product, variant) is not None:
            chosen = f"?variant={quote(variant.id, safe='')}" if variant.image else ""
            return f"images/{quote(product.id, safe='')}{chosen}"
        stated = product.image_of(variant)
        return stated if stated and origin_of(stated) in self.image_origins else None

    def _message(
        self, message: Message, shown: ShownList | None, session: Session, language: str, turn: int
    ) -> ChatMessage:
        if message.role == "shopper":
            return shopper_message(message.text)
        cards = self._cards_under(message, shown, session, language, weights=session.weights)
        thumbs = render("feedback.html", t=texts(language), turn=turn)
        return _assistant(reply_text(message.text), cards + thumbs)

    def _cards_under(
        self,
        message: Message,
        shown: ShownList | None,
        session: Session,
        language: str,
        *,
        cart: bool = False,
        weights: Mapping[str, float] | None = None,
    ) -> str:
        if shown is not None:
            return self.cards(shown.recommendations, shown.language, message.list_id, cart=cart, weights=weights)
        return self._restored(message, language, "size" in session.filters.include, cart)

    def _restored(self, message: Message, language: str, sized: bool, cart: bool) -> str:
        """The cards of a list that this process no longer remembers, with the variants that were shown."""
        products = [product for product in map(self.shop.product, message.product_ids) if product is not None]
        chosen = dict(zip(message.product_ids, message.variant_ids, strict=False))
        cards = [
            product_card(product, language, self.picture, product.variant(chosen.get(product.id)), sized=sized)
            for product in products
        ]
        return cards_html(cards, language, message.list_id, cart=cart)


def _turns_of(session: Session) -> list[int]:
    """The turn of each message, from 1: every turn has left two."""
    n = len(session.messages)
    return [session.turn - (n - 1 - place) // 2 for place in range(n)]


def shopper_message(text: str) -> ChatMessage:
    """What the shopper wrote, as a message."""
    return {"role": "user", "content": [shopper_text(text)]}


def notice(text: str, retry: str = "", language: str = "en") -> ChatMessage:
    """A line of the page itself (an error, a limit), as a message; `retry`: what a button beside it says again."""
    return {"role": "assistant", "content": [render("notice.html", text=text, retry=retry, t=texts(language))]}


def _assistant(said: str, cards: str) -> ChatMessage:
    return {"role": "assistant", "content": [block for block in (said, cards) if block]}
