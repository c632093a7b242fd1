"""Which of the shop's intents a message has, by scored cues.

In: folded tokens and what the other rules observed. Out: the intent ("wish" still to be told apart into search and
refine by the parser). Knows no session and no catalog.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from assistant.parsing.data import load_cues
from assistant.parsing.moves import find_move
from assistant.parsing.senses import Item
from retrieval.lexicon.matching import Match, SurfaceIndex, Token

_ORDER = (
    "handoff", "order", "faq", "out_of_scope", "wish", "bundle", "compare", "ask_product", "feedback", "smalltalk",
)  # fmt: skip
"""Who wins where the points are equal."""
_FALLING = (1.0, 0.5, 0.25)
"""How much the best, the second and the third cue of an intent count."""
_ASIDE = 1.2
"""Small talk that is less than a third of a message is politeness (hi, ...; thanks)."""
_DENYING = frozenset({"not", "isnt", "arent", "别", "要", "能"})
"""Before 'too expensive' and its like: a wish for less, not a judgement (not too pricey, 别太重, 不要太贵)."""
_LIKING = frozenset({"i", "we", "really", "also", "quite", "actually", "do", "kinda", "did", "dont", "not"})
_WISH_EVIDENCE = frozenset({"category", "department", "value", "price", "uncarried"})


@lru_cache
def _index() -> SurfaceIndex[tuple[str, float]]:
    index: SurfaceIndex[tuple[str, float]] = SurfaceIndex()
    for intent, weights in load_cues()["intents"].items():
        for weight, surfaces in weights.items():
            for surface in surfaces:
                index.add(surface, (intent, float(weight)))
    return index


def score_intents(
    tokens: Sequence[Token],
    observations: Iterable[str],
    carried: Collection[int] = (),
    named: Collection[int] = (),
) -> dict[str, float]:
    """Points per intent: the cues' with falling weight, plus those of what was observed.

    Args:
        tokens: of the message.
        observations: by name.
        carried: places of tokens that name a kind of thing that the shop sells: a film is no idle talk where films are
            sold.
        named: places of tokens that name a value that is wanted: 能放 in 能放电脑 asks nothing.
    """
    cues: defaultdict[str, list[float]] = defaultdict(list)
    n_words = sum(token.kind != "punctuation" for token in tokens)
    for position in range(len(tokens)):
        match = _index().longest(tokens, position)
        denied = position > 0 and tokens[position - 1].norm in _DENYING
        for intent, weight in match.payloads if match else ():
            if intent == "feedback" and (denied or _is_likeness(tokens, position)):
                continue
            if intent == "ask_product" and match is not None and _all_in(match, named):
                continue
            if intent == "out_of_scope" and match is not None and carried and _all_in(match, carried):
                continue
            is_aside = intent == "smalltalk" and match is not None and 3 * (match.last - match.first) < n_words
            cues[intent].append(_ASIDE if is_aside else weight)
    scores: defaultdict[str, float] = defaultdict(float)
    for intent, weights in cues.items():
        falling = _FALLING[:1] if intent == "smalltalk" else _FALLING
        strongest = sorted(weights, reverse=True)
        scores[intent] = sum(w * f for w, f in zip(strongest, falling, strict=False)) + min(0.0, strongest[-1])
    for observation in observations:
        for intent, points in load_cues()["observations"].get(observation, {}).items():
            scores[intent] += points
    return dict(scores)


def _all_in(match: Match[tuple[str, float]], places: Collection[int]) -> bool:
    return all(place in places for place in range(match.first, match.last))


def speaks_of_products(tokens: Sequence[Token], items: Sequence[Item]) -> bool:
    """Whether the words ask about, compare or judge products, or start from one (cheaper than, similar to).

    >>> from retrieval.lexicon.matching import tokenize
    >>> [speaks_of_products(tokenize(text), []) for text in ("I love the cheapest one", "the cheapest one")]
    [True, False]
    """
    if find_move(tokens, items).name in ("similar", "cheaper", "why", "why_not"):
        return True
    scores = score_intents(tokens, ())
    return any(scores.get(intent, 0.0) > 0 for intent in ("compare", "ask_product", "feedback", "bundle", "order"))


def _is_likeness(tokens: Sequence[Token], position: int) -> bool:
    """Whether 'like' compares (more like the first) instead of praising (I like the first)."""
    return tokens[position].norm == "like" and (position == 0 or tokens[position - 1].norm not in _LIKING)


def decide(points: Mapping[str, float], seen: Collection[str]) -> str:
    """The intent with the most points; an attack gives way to a real wish beside it.

    >>> decide({"wish": 0.7, "faq": 5.0}, ()), decide({}, ("nothing_said",))
    ('faq', 'smalltalk')
    """
    scores = {intent: of_it for intent, of_it in points.items() if intent != "attack"}
    attack = points.get("attack", 0.0)
    if attack > 0:
        if not _WISH_EVIDENCE.isdisjoint(seen) and scores.get("wish", 0.0) >= 3.5:
            return "wish"
        return "out_of_scope"
    if not any(points > 0 for points in scores.values()):
        return "smalltalk" if "nothing_said" in seen else "wish"
    return max(scores, key=lambda intent: (scores[intent], -_ORDER.index(intent)))
