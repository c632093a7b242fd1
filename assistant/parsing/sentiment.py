"""Whether a message sounds pleased, annoyed or neither: by words with their negations, and by the trained classifier.

In: folded tokens, the intent and, where there is one, what the classifier judges. Out: "positive", "neutral" or
"negative". A wish is neutral though it names dislikes.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.parsing.classifier.model import SENTIMENTS, Judgement, MessageClassifier
from assistant.parsing.data import load_cues
from retrieval.lexicon.matching import SurfaceIndex, Token, norms

_STRONG = 2.0
_LEAD = 1.25
"""How far, in logits, the classifier must lead over what the words say."""
_MILD = 1.0
_TURN_TOKENS = 2
_INTENTS = (
    "search", "refine", "bundle", "compare", "ask_product", "feedback", "faq", "order", "handoff", "smalltalk",
    "out_of_scope",
)  # fmt: skip
EVIDENCE = (
    *(f"log p of {name}" for name in SENTIMENTS),
    *(f"words say {name}" for name in SENTIMENTS),
    *(f"intent is {name}" for name in _INTENTS),
)
"""What is weighed: what the classifier says of the message, what its words say, and its intent."""
_OPPOSITE = {"positive": "negative", "negative": "positive"}


@lru_cache
def _index() -> SurfaceIndex[tuple[str, float]]:
    index: SurfaceIndex[tuple[str, float]] = SurfaceIndex()
    table = load_cues()["sentiment"]
    for strength, weight in (("strong", _STRONG), ("mild", _MILD)):
        for polarity in ("positive", "negative"):
            for surface in table[strength][polarity]:
                index.add(surface, (polarity, weight))
    for surface in table["idle"]:
        index.add(surface, ("idle", 0.0))
    return index


@lru_cache
def _turning() -> frozenset[str]:
    return frozenset(norm for word in load_cues()["sentiment"]["turning"] for norm in norms(word))


def read_sentiment(tokens: Sequence[Token], intent: str, *, refuses: bool = False) -> str:
    """The sentiment of a message of this intent; `refuses` = it names things that are not wanted."""
    table = load_cues()["sentiment"]
    judges = intent in table["judging"]
    points = {"positive": 0.0, "negative": 0.0}
    for match in _index().find_all(tokens):
        if any(polarity == "idle" for polarity, _ in match.payloads):
            continue
        for polarity, weight in match.payloads[:1]:
            turned = _is_turned(tokens, match.first)
            if (weight < _STRONG or not judges) and (turned or not judges) and (turned or weight < _STRONG):
                continue
            side = _OPPOSITE[polarity] if turned else polarity
            points[side] += weight / 2 if turned else weight
    if refuses and not judges:
        points["negative"] -= _STRONG / 2
    if points["negative"] > 0 and points["negative"] >= points["positive"]:
        return "negative"
    return "positive" if points["positive"] > 0 else "neutral"


def mood_evidence(judged: Judgement, said: str, intent: str) -> NDArray[np.float32]:
    """`(len(EVIDENCE),)`: logarithms as they are, and 1 for what is so.

    Args:
        judged: what the classifier says.
        said: what the words say.
        intent: of the message.
    """
    words = [float(name == said) for name in SENTIMENTS]
    return np.array([*judged.sentiments, *words, *(float(name == intent) for name in _INTENTS)], dtype=np.float32)


def weighed_sentiment(classifier: MessageClassifier, judged: Judgement, said: str, intent: str) -> str:
    """The sentiment after the classifier was weighed against the words: what they say it takes back only by far."""
    logits = classifier.weigh_mood(mood_evidence(judged, said, intent))
    best = SENTIMENTS[int(logits.argmax())]
    lead = float(logits.max() - logits[SENTIMENTS.index(said)])
    return said if best == _OPPOSITE.get(said) or lead < _LEAD else best


def _is_turned(tokens: Sequence[Token], first: int) -> bool:
    before = tokens[max(0, first - _TURN_TOKENS) : first]
    return any(token.norm in _turning() for token in before)
