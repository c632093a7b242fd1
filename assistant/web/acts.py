"""What a shopper does on the chat page besides talking: with a card, with a reply, with what is known of them.

In: what a click carries, as strings that nobody has checked. Out: what is kept of it, and the sentence that says so.
Knows nothing of Gradio.
"""

from collections.abc import Callable, Mapping

from assistant.types import Session
from assistant.web.conversation import Conversation
from assistant.web.texts import texts
from assistant.web.turns import Turns

MAX_RECIPIENT = 80
ON_A_CARD = frozenset({"click", "not_interested"})


class Acts:
    """Keeps what shoppers do; nothing about one of them is kept here."""

    FIELDS = ("act", "product", "list", "position", "title", "turn", "value", "reason")
    """What an act carries."""

    CHANGES = ("known", "flip", "edit", "value", "personalise", "gift", "own")
    """What a change of the profile carries."""

    def __init__(self, turns: Turns, conversation: Conversation) -> None:
        self._turns = turns
        self._shop = conversation.shop

    async def keep(self, session: Session, act: Mapping[str, str], language: str) -> str:
        """Keep an act; what the shopper is told of it, "" for nothing.

        Raises:
            CatalogError: there is no such product, turn or verdict; nothing is kept.
        """
        if act["act"] == "feedback":
            turn = int(act["turn"]) if act["turn"].isdecimal() else 0
            record = self._shop.record_feedback
            await self._turns.run(record, session, turn, act["value"], act["reason"])
            return texts(language)("frame_thanks") if act["value"] == "up" or act["reason"] else ""
        if act["act"] == "impression":
            await self._turns.run(self._seen, session, act["list"])
        elif act["act"] in ON_A_CARD:
            position = int(act["position"]) if act["position"].isdecimal() else None
            await self._record(session, act["act"], act["product"], act["list"] or None, position)
        return texts(language)("frame_hidden", title=act["title"]) if act["act"] == "not_interested" else ""

    def change(self, asked: Mapping[str, str]) -> Callable[[Session], Session] | None:
        """What a click does to the profile; None where it is about something else."""
        shop = self._shop
        if key := asked["known"]:
            return lambda session: shop.forget_preference(session, key)
        if key := asked["flip"]:
            return lambda session: shop.edit_preference(session, key)
        if key := asked["edit"]:
            return lambda session: shop.edit_preference(session, key, asked["value"])
        if asked["personalise"]:
            return lambda session: shop.personalise(session, on=asked["personalise"] == "on")
        if who := asked["gift"].strip()[:MAX_RECIPIENT]:
            return lambda session: shop.buying_for(session, who)
        return (lambda session: shop.buying_for(session, None)) if asked["own"] else None

    async def _record(
        self, session: Session, type: str, product_id: str, list_id: str | None, position: int | None
    ) -> None:
        await self._turns.run(
            self._shop.record,
            type,
            product_id,
            session.shopper_id,
            session.id,
            list_id=list_id,
            position=position,
        )

    def _seen(self, session: Session, list_id: str) -> None:
        """The products of a list were on the shopper's screen; what it held is the server's to say."""
        shown = next((message.product_ids for message in session.messages if message.list_id == list_id), ())
        for position, product_id in enumerate(shown if list_id else ()):
            self._shop.record(
                "impression", product_id, session.shopper_id, session.id, list_id=list_id, position=position
            )
