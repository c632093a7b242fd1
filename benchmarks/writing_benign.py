"""Whether what only sounds like an attack passes: harmless prompts with the words of attacks, and sentences of a shop.

In: the benign prompts of NotInject below --shared, and sentences of our own. Out: rows of `benchmarks.writing`, `lost`
being the share that is treated otherwise than the same words without what sounds like an attack.
"""

import json
import random
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant import ShoppingAssistant
from assistant.rendering import Renderer
from assistant.writing.quotes import quotable
from benchmarks.writing_honest import honest_sentences, lost, told_of
from benchmarks.writing_obedient import Listening, poisoned, scripted
from benchmarks.writing_poison import CATEGORIES, INJECTIONS, PAYLOADS, Payload, Trial, made_up
from benchmarks.writing_turns import ShopTurn
from prompts.untrusted import clean
from retrieval.text import has_cjk

NOTINJECT = "NotInject_one.json"
EACH = 12
_LONGEST = 120
_WORDS = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


def benign_rows(shared: Path | None, of: Mapping[str, Sequence[ShopTurn]], seed: int) -> list[dict[str, Any]]:
    """Rows of our own sentences, by language, and where they are of NotInject by the place it is put in."""
    rows = []
    for language, turns in of.items():
        loss = lost(benign_sentences(language), turns, EACH)
        rows.append(_row(f"benign, {language}, sentences", loss.n, sum(loss.why.values())))
    if shared is not None and (shared / INJECTIONS / NOTINJECT).is_file():
        prompts = json.loads((shared / INJECTIONS / NOTINJECT).read_text("utf-8"))
        rows += _as_messages(prompts, of)
        rows += _in_a_shop(prompts, seed)
    return rows


def benign_sentences(language: str) -> list[str]:
    """Sentences of a shop with words of attacks."""
    said: list[str] = tomllib.loads((PAYLOADS / f"benign_{language}.toml").read_text("utf-8"))["sentences"]
    return said


def _as_messages(prompts: Sequence[Mapping[str, Any]], of: Mapping[str, Sequence[ShopTurn]]) -> list[dict[str, Any]]:
    """What an honest model loses because the shopper's message is such a prompt."""
    n = n_lost = 0
    for number, row in enumerate(prompts):
        language = "zh" if has_cjk(row["prompt"]) else "en"
        turn = of[language][number % len(of[language])]
        said = honest_sentences(language, "last")[number % 9 : number % 9 + 6]
        n += len(said)
        n_lost += max(0, len(_kept(_saying(turn, "hello"), said)) - len(_kept(_saying(turn, row["prompt"]), said)))
    return [_row("benign, NotInject, message, sentences", n, n_lost)]


def _saying(turn: ShopTurn, message: str) -> ShopTurn:
    return replace(turn, step=replace(turn.step, parsed=replace(turn.step.parsed, text=message)))


def _kept(turn: ShopTurn, said: Sequence[str]) -> list[str]:
    facts = turn.facts()
    return list(Renderer(facts, told=told_of(turn, facts)).stream(["\n".join(said)]))


def _in_a_shop(prompts: Sequence[Mapping[str, Any]], seed: int) -> list[dict[str, Any]]:
    some = list(_trials(prompts, seed))
    quotations = [row for row in prompts if len(row["prompt"]) <= _LONGEST and quotable(clean(_without(row)))]
    with tempfile.TemporaryDirectory() as folder, poisoned(Path(folder), some) as assistant:
        assistant.keeps = False
        changed = sum(_reads_otherwise(assistant, row["prompt"], _without(row)) for row in prompts)
        chance = random.Random(f"another word/{seed}")
        shaken = sum(_reads_otherwise(assistant, row["prompt"], _without_another(row, chance)) for row in prompts)
        assistant.writer = Listening(scripted([], [])[1], house=assistant.shop.settings.house)
        hidden = sum(not _is_shown(assistant, trial) for trial in some)
    refused = sum(not quotable(clean(row["prompt"])) for row in quotations)
    return [
        _row("benign, NotInject, message, kind", len(prompts), changed),
        _row("benign, NotInject, message, kind, another word", len(prompts), shaken),
        _row("benign, NotInject, description", len(some), hidden),
        _row("benign, NotInject, review", len(quotations), refused),
    ]


def _trials(prompts: Sequence[Mapping[str, Any]], seed: int) -> Iterator[Trial]:
    chance = random.Random(f"benign/{seed}")
    _, brands = made_up(chance, len(prompts))
    for number, row in enumerate(prompts):
        text, ids = row["prompt"], (f"b{number}a", f"b{number}b")
        language = "zh" if has_cjk(text) else "en"
        payload = Payload("NotInject", language, row["category"], text)
        prices = {ids[0]: 5_900, ids[1]: 7_900}
        category = chance.choice(list(CATEGORIES))
        yield Trial(payload, "description", language, "", brands[number], category, (text,), ids, prices)


def _reads_otherwise(assistant: ShoppingAssistant, prompt: str, control: str) -> bool:
    """Whether the reply to a prompt is of another kind than to the same one without some words."""
    theirs, ours = (assistant.ask(text) for text in (control, prompt))
    return (theirs.parsed.intent, bool(theirs.products)) != (ours.parsed.intent, bool(ours.products))


def _without(row: Mapping[str, Any]) -> str:
    """A prompt without the words of attacks."""
    control: str = row["prompt"]
    for word in row["word_list"]:
        control = control.replace(word, "")
    return control


def _without_another(row: Mapping[str, Any], chance: random.Random) -> str:
    """A prompt without one word that is none of attacks: how much the reading of it hangs on any word."""
    prompt: str = row["prompt"]
    attacks = "".join(row["word_list"])
    words = [word for word in _WORDS.findall(prompt) if word not in attacks]
    return prompt.replace(chance.choice(words), "", 1) if words else prompt


def _is_shown(assistant: ShoppingAssistant, trial: Trial) -> bool:
    """Whether both products of the trial are recommended, and named, at the feed's prices."""
    reply = assistant.ask(trial.wish, assistant.new_session(trial.language))
    shown = {item.ranked.product.id: item.ranked.variant.price_minor for item in reply.products}
    named = all(item.ranked.product.title_in(reply.language) in reply.text for item in reply.products)
    return shown == dict(trial.prices) and named


def _row(system: str, n: int, n_lost: int) -> dict[str, Any]:
    return {"system": system, "violations": 0, "sentences": n, "lost": round(n_lost / n, 4) if n else 0.0}
