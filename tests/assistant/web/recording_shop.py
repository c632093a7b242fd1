"""The scripted shop, where it is also told what shoppers do and think: it keeps that in lists."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scripted_shop import Chip, ScriptedShop

from assistant.looking.values import PageContext
from assistant.types import Finished, ProductsFound, Reply, Session, StreamEvent


class RecordingShop(ScriptedShop):
    """`acts` and `thumbs` are what was recorded; every list that is shown has an id, as in the log of a real shop."""

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self.acts: list[dict[str, Any]] = []
        self.thumbs: list[tuple[int, str, str]] = []
        self.erased: list[str] = []
        self.constraints_take_s = 0.0
        self.fails = 0

    def constraints(self, session: Session) -> list[Chip]:
        time.sleep(self.constraints_take_s)
        return super().constraints(session)

    def record(self, type: str, product_id: str, *_: Any, **stated: Any) -> None:
        self.acts.append({"type": type, "product_id": product_id, **stated})

    def record_feedback(self, session: Session, turn: int, verdict: str, reason: str = "") -> None:
        self.thumbs.append((turn, verdict, reason))

    def export_profile(self, session: Session) -> dict[str, Any]:
        return {"shopper_id": session.shopper_id}

    def weigh(self, session: Session, weights: Mapping[str, float]) -> Reply:
        kept = {name: factor for name, factor in {**session.weights, **weights}.items() if factor != 1}
        wish = "靴子" if session.language == "zh" else "boots"
        *_, last = self.stream(wish, replace(session, weights=kept))
        assert isinstance(last, Finished)
        return last.reply

    def erase_guest(self, session: Session) -> None:
        self.erased.append(session.shopper_id)

    def stream(self, text: str, session: Session, *, context: PageContext | None = None) -> Iterator[StreamEvent]:
        list_id = f"list-{session.turn + 1}"
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the script says so")
        for event in super().stream(text, session, context=context):
            if isinstance(event, ProductsFound):
                yield replace(event, list_id=list_id)
            elif isinstance(event, Finished):
                *before, last = event.reply.session.messages
                kept = replace(event.reply.session, messages=(*before, replace(last, list_id=list_id)))
                yield Finished(replace(event.reply, list_id=list_id, session=self._save(kept)))
            else:
                yield event
