"""Briefs by chance, as widely spread as those of any shop.

Comes in: a random generator. Goes out: a `Brief`. Knows no sentence. `held_out` sets combinations of facts aside that
no text for training may hold, so that an evaluation can ask for what was never seen.
"""

import hashlib
import random

from assistant.builtin.brief import GROUPS, LANGUAGES, LENGTHS, MOVES, RECOMMENDING, TONES, VOICES, Brief

_HELD_OUT = 0.1
_WITH_COUNT = ("search_many", "search_all", "refine")
_WITH_WISH = (*_WITH_COUNT, "search_one", "search_free")

_WEIGHTS = [
    {"search_many": 6, "search_all": 3, "search_free": 4, "refine": 4, "compare": 5, "nothing": 3}.get(move, 1.5)
    if move in (*RECOMMENDING, "compare", "nothing", "no_more")
    else 0.5
    for move in MOVES
]

_OF_FIRST = (
    ("met", 5), ("under", 4), ("within", 2), ("near", 2), ("usual", 1), ("sale", 3), ("rating", 5),
    ("rating_alone", 1), ("praised", 4), ("praised_once", 1), ("quote", 4), ("liked", 2), ("disliked", 1),
    ("liked_other", 1), ("disliked_other", 1), ("own_size", 1), ("interest", 1), ("words", 2), ("available", 2),
)  # fmt: skip
_USUAL_ORDER = (
    "met", "liked", "liked_other", "own_size", "disliked", "disliked_other", "under", "within", "near", "usual", "sale",
    "rating", "rating_alone", "praised", "praised_once", "words", "interest", "available",
)  # fmt: skip
_OF_OTHERS = tuple((group, weight) for group, weight in _OF_FIRST if group != "quote")
_MONEY = {"under", "within", "near", "usual"}
_RATED = {"rating", "rating_alone"}
_PRAISED = {"praised", "praised_once"}
_OTHER = {"liked_other", "disliked_other"}
_OWN = {"liked", "disliked", "own_size", "usual"}
_EXCLUSIVE = (_MONEY, _RATED, _PRAISED)


def a_brief(chance: random.Random, language: str | None = None) -> Brief:
    """One brief; products are told of in the manner of `assistant.writing.briefing`."""
    move = chance.choices(MOVES, weights=_WEIGHTS)[0]
    language = language or chance.choice(LANGUAGES)
    voice, length = chance.choice(VOICES), chance.choice(LENGTHS)
    tone = "sorry" if chance.random() < 0.1 else TONES[0]
    if move in RECOMMENDING:
        shared, products = _recommendation(chance, move)
    elif move == "compare":
        shared, products = ("table",), _compared(chance)
    else:
        shared, products = _otherwise(chance, move), (("title",),) if move in ("liked", "disliked") else ()
    if move in ("hello", "thanks", "bye", "missed"):
        tone = "calm"
    if tone == "sorry" and chance.random() < 0.5:
        shared = (*(name for name in shared if name != "question"), "offer")
    return Brief(language, move, shared, products, voice, length, tone)


def _recommendation(chance: random.Random, move: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    shared: tuple[str, ...] = ()
    if move in _WITH_WISH and (move == "search_one" or chance.random() < 0.9):
        shared = ("wish", "n_matched") if move in _WITH_COUNT else ("wish",)
    if move != "search_one" and chance.random() < 0.2:
        shared = (*shared, "question")
    n_products = 1 if move == "search_one" else chance.choices(range(1, 9), weights=(2, 3, 5, 4, 8, 1, 1, 1))[0]
    topped = move != "search_one" and chance.random() < 0.12
    for_other = chance.random() < 0.3
    return shared, tuple(_product(chance, place, topped, for_other) for place in range(n_products))


def _compared(chance: random.Random) -> tuple[tuple[str, ...], ...]:
    groups = ("top", "met", "within", "liked", "disliked", "own_size", "praised")
    found = []
    for _ in range(chance.choices((2, 3, 4), weights=(5, 2, 1))[0]):
        told = chance.sample(groups, chance.choices((0, 1, 2, 3), weights=(3, 5, 3, 1))[0])
        found.append(("title", *(name for group in told for name in GROUPS[group])))
    return tuple(found)


def _otherwise(chance: random.Random, move: str) -> tuple[str, ...]:
    if move == "who":
        return ("shop",)
    if move not in ("nothing", "no_more"):
        return ()
    wish = ("wish",) if chance.random() < 0.85 else ()
    return (*wish, *chance.choices(((), ("steps",), ("question",)), weights=(3, 6, 1))[0])


def held_out(brief: Brief) -> bool:
    """Whether the combination of facts of any of its products is one of those set aside."""
    return any(_set_aside(facts) for facts in brief.products if len(facts) > 4)


def _set_aside(facts: tuple[str, ...]) -> bool:
    digest = hashlib.sha256(" ".join(sorted(facts)).encode()).digest()
    return digest[0] < _HELD_OUT * 256


def _product(chance: random.Random, place: int, topped: bool, for_other: bool) -> tuple[str, ...]:
    weights = _OF_FIRST if place == 0 else _OF_OTHERS
    n_groups = chance.choices((0, 1, 2, 3, 4), weights=(1, 3, 5, 6, 2) if place == 0 else (2, 6, 4, 1, 0))[0]
    shut_out = (_OWN - {"usual"}) if for_other else _OTHER
    chosen: list[str] = []
    while len(chosen) < n_groups:
        able = [(group, weight) for group, weight in weights if group not in shut_out and group not in chosen]
        able = [(group, weight) for group, weight in able if not _clashes(group, chosen)]
        chosen.append(chance.choices([group for group, _ in able], weights=[weight for _, weight in able])[0])
    if place == 0 and topped:
        chosen.append("top")
    if place > 0:
        chosen += chance.choices(([], ["less"], ["more"], ["differs"]), weights=(4, 2, 2, 2))[0]
    if chance.random() < 0.08 and "available" not in chosen:
        chosen.append("stock")
    names = [name for group in _ordered(chance, chosen) for name in GROUPS[group]]
    return tuple(dict.fromkeys(("title", "price", *names)))


def _ordered(chance: random.Random, chosen: list[str]) -> list[str]:
    """As they are to be said: the superlative first, stock and quotation last, what sets apart at either end."""
    ends = ("top", "less", "more", "differs", "stock", "quote")
    middle = sorted((group for group in chosen if group not in ends), key=_USUAL_ORDER.index)
    if chance.random() < 0.4:
        chance.shuffle(middle)
    apart = [group for group in chosen if group in ("less", "more", "differs")]
    row = [*apart, *middle] if chance.random() < 0.5 else [*middle, *apart]
    last = [group for group in ("stock", "quote") if group in chosen]
    return [*(group for group in chosen if group == "top"), *row, *last]


def _clashes(group: str, chosen: list[str]) -> bool:
    return any(group in alike and alike & set(chosen) for alike in _EXCLUSIVE)
