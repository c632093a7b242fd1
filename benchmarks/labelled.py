"""Messages with what they are for: our own, and those of public development sets.

In: `benchmarks/utterances/` and a folder of data sets. Out: `Labelled` texts, each in the training or the test part.
Knows no parser and no model.

CLINC150 keeps its publisher's parts; of the other public sets every fifth distinct text is for testing. Our own shop
utterances are all for training (cross-validation tells how well they are understood); our own texts that are none of a
shop's business keep the parts of their file.
"""

import csv
import json
import random
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.training_wishes import GOODS_FILE
from retrieval.lexicon import load_lexicon
from retrieval.text import has_cjk

OUTSIDE = "out_of_scope"
FOLDER = Path(__file__).parent / "utterances"

CLINC_SHOP: Mapping[str, str | None] = {
    "order_status": "order",
    "order": "wish",
    "shopping_list": None,
    "shopping_list_update": None,
    "card_declined": None,
    "book_hotel": None,
    "greeting": "smalltalk",
    "goodbye": "smalltalk",
    "thank_you": "smalltalk",
    "are_you_a_bot": "smalltalk",
    "what_is_your_name": "smalltalk",
    "who_made_you": "smalltalk",
    "who_do_you_work_for": "smalltalk",
    "what_can_i_ask_you": "smalltalk",
    "how_old_are_you": "smalltalk",
    "where_are_you_from": "smalltalk",
    "what_are_your_hobbies": "smalltalk",
    "do_you_have_pets": "smalltalk",
    "yes": "smalltalk",
    "no": "smalltalk",
    "maybe": "smalltalk",
    "cancel": None,
    "repeat": None,
    "change_language": None,
}
"""Intents of CLINC150 that a shop is asked too, with ours (None: of several): orders and buying, a card that a till
refused, stays (the demo shop sells them), courtesy and questions to the assistant itself, and answers and turns of the
dialogue (yes, cancel that, say it again, speak Spanish). All others, and the texts of `oos`, are none of a shop's
business."""

BITEXT: Mapping[str, str | None] = {
    "cancel_order": "order",
    "change_order": "order",
    "track_order": "order",
    "check_invoice": "order",
    "get_invoice": "order",
    "payment_issue": "order",
    "change_shipping_address": "order",
    "set_up_shipping_address": "order",
    "track_refund": "order",
    "get_refund": "order",
    "check_refund_policy": "faq",
    "delivery_options": "faq",
    "delivery_period": "faq",
    "check_payment_methods": "faq",
    "check_cancellation_fee": "faq",
    "recover_password": "faq",
    "create_account": "faq",
    "delete_account": "faq",
    "edit_account": "faq",
    "switch_account": "faq",
    "registration_problems": "faq",
    "newsletter_subscription": "faq",
    "review": "faq",
    "contact_human_agent": "handoff",
}
"""Intents of bitext as ours; the others are a shop's business without one of ours that fits."""

BANK_ONLY = frozenset(
    "top_up topping_up atm cash_withdrawal pin passcode transfer exchange_rate exchange_via_app verify virtual_card "
    "identity beneficiary fiat_currency apple_pay_or".split()
)
"""Parts of the names of BANKING77's intents that only a bank is asked."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what it is for. `intent`: None where only known to be a shop's business. `sentiment`: None = unknown.
    `source`: the set it comes from. `testing`: whether it is never trained on."""

    text: str
    intent: str | None
    source: str
    sentiment: str | None = None
    testing: bool = False

    @property
    def is_outside(self) -> bool:
        """Whether it is none of a shop's business."""
        return self.intent == OUTSIDE


@lru_cache
def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def own_utterances() -> Iterator[Labelled]:
    """What shoppers say, written by us."""
    tables = (_table("shop.toml"), _table("more_shop.toml"), _table("chats.toml"))
    for intent, languages in (entry for table in tables for entry in table.items() if entry[0] != "frames"):
        for language, sentiments in languages.items():
            for sentiment, texts in sentiments.items():
                yield from (Labelled(text, intent, f"own_{language}", sentiment) for text in texts)


def own_outside() -> Iterator[Labelled]:
    """What no shop is asked, written by us."""
    for part in ("training", "more", "test"):
        for language, texts in _table("scope.toml")[part].items():
            source = f"own_{language}"
            yield from (Labelled(text, OUTSIDE, source, "neutral", part == "test") for text in texts)


def filled_templates(n_each: int = 12, seed: int = 0) -> Iterator[Labelled]:
    """Our sentences with slots, each filled `n_each` times: of shoppers, and what no shop is asked."""
    draw = random.Random(seed)
    asked, outside = _table("asked.toml"), _table("scope.toml")
    groups = [
        (intent, templates, asked["slots"][language])
        for language, intents in asked["templates"].items()
        for intent, templates in intents.items()
    ]
    groups.append((OUTSIDE, outside["templates"]["zh"], outside["slots"]))
    for intent, templates, slots in groups:
        for template in templates:
            filled = {template.format(**_drawn(slots, draw)) for _ in range(n_each)}
            yield from (Labelled(text, intent, "filled") for text in sorted(filled))


def _drawn(slots: Mapping[str, Sequence[str]], draw: random.Random) -> Mapping[str, str]:
    return {name: draw.choice(words) for name, words in slots.items()}


def framed_things(n_each: int = 4, seed: int = 0) -> Iterator[Labelled]:
    """Our sentences about any thing, with things of the lexicon and of trades of all kinds in them."""
    draw = random.Random(seed)
    frames = {
        language: [(frame, intent) for intent, each in intents.items() for frame in each]
        for language, intents in _table("shop.toml")["frames"].items()
    }
    for thing in _things():
        chosen = frames["zh" if has_cjk(thing) else "en"]
        for frame, intent in draw.sample(chosen, n_each):
            yield Labelled(frame.format(x=thing), intent, "framed", None)


def _things() -> list[str]:
    goods = tomllib.loads(GOODS_FILE.read_text("utf-8"))["trades"]
    named = {name for entries in goods.values() for entry in entries for name in entry.split(" | ")}
    named |= {
        surface for concept in load_lexicon().concepts if concept.kind == "category" for surface in concept.surfaces
    }
    return sorted(named)


def clinc(folder: Path) -> Iterator[Labelled]:
    """CLINC150 with its `oos` texts; the validation parts are for testing."""
    parts = json.loads((folder / "clinc150" / "data_train_val.json").read_text("utf-8"))
    for name, rows in parts.items():
        for text, intent in rows:
            yield Labelled(text, CLINC_SHOP.get(intent, OUTSIDE), "clinc", None, name.endswith("val"))


def webshop(folder: Path) -> Iterator[Labelled]:
    """Shopping instructions, and the searches that people typed for them."""
    goals = json.loads((folder / "webshop_goals" / "human_goals.json").read_text("utf-8"))
    typed = json.loads((folder / "webshop_goals" / "goal_query_map.json").read_text("utf-8"))
    for goal in _every_fifth(Labelled(goal, "wish", "webshop") for goal in goals):
        yield goal
        yield from (
            Labelled(query, "wish", "webshop_queries", None, goal.testing) for query in typed.get(goal.text, ())
        )


def bitext(folder: Path) -> Iterator[Labelled]:
    """Questions to customer service."""
    with (folder / "bitext" / "dev.csv").open(encoding="utf-8", newline="") as file:
        rows = [Labelled(row["utterance"], BITEXT.get(row["intent"]), "bitext") for row in csv.DictReader(file)]
    yield from _every_fifth(rows)


def banking(folder: Path) -> Iterator[Labelled]:
    """Questions that only a bank is asked."""
    with (folder / "banking77" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = [row["text"] for row in csv.DictReader(file) if any(name in row["category"] for name in BANK_ONLY)]
    yield from _every_fifth(Labelled(" ".join(text.split()), OUTSIDE, "banking") for text in rows)


def shop_questions(folder: Path) -> Iterator[Labelled]:
    """The questions of a shop's FAQ."""
    path = folder / "ecommerce_faq" / "Ecommerce_FAQ_Chatbot_dataset.json"
    questions = json.loads(path.read_text("utf-8"))["questions"]
    yield from _every_fifth(Labelled(entry["question"], "faq", "ecommerce_faq") for entry in questions)


def dialogues(folder: Path) -> Iterator[Labelled]:
    """What the shoppers of MG-ShopDial say, greetings and all."""
    talks = json.loads((folder / "mg_shopdial" / "MGShopDial.json").read_text("utf-8"))
    for number, talk in enumerate(talks):
        for turn in talk["utterances"]:
            if turn["participant"] == "Client" and turn["utterance"].strip():
                yield Labelled(turn["utterance"], None, "mg_shopdial", None, number % 5 == 0)


def _every_fifth(rows: Iterable[Labelled]) -> Iterator[Labelled]:
    distinct = {row.text.strip().lower(): row for row in rows}
    for number, row in enumerate(distinct.values()):
        yield Labelled(row.text, row.intent, row.source, row.sentiment, number % 5 == 0)


def everything(folder: Path) -> list[Labelled]:
    """All labelled texts, in a fixed order."""
    public = (clinc, webshop, bitext, banking, shop_questions, dialogues)
    return [
        *own_utterances(),
        *own_outside(),
        *filled_templates(),
        *framed_things(),
        *(row for read in public for row in read(folder)),
    ]
