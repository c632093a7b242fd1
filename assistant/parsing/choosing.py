"""Which intent a message has, by rules where they are sure and by the trained classifier where they are not.

In: a message, what the rules observed, and whether it names something of the catalog. Out: the intent ("wish" still to
be told apart into search and refine). Knows no session.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.parsing.classifier.model import INTENTS, Judgement, MessageClassifier, shipped
from assistant.parsing.intent import decide, score_intents
from assistant.parsing.senses import Item
from assistant.parsing.sentiment import weighed_sentiment
from retrieval.lexicon.matching import Token

OUTSIDE = "out_of_scope"

_POINTS = (*INTENTS, OUTSIDE)
_STATED = (
    "category",
    "department",
    "value",
    "brand",
    "price",
    "sort",
    "size",
    "quantity",
    "exclusion",
    "dropped",
    "lifted",
)
_OBSERVED = ("words_only", "question", "uncarried", *_STATED)
EVIDENCE = (
    OUTSIDE,
    *(f"log p of {name}" for name in INTENTS),
    *(f"points of {name}" for name in _POINTS),
    *_OBSERVED,
)
"""What is weighed: what the classifier says, the rules' points, what was observed."""

_NEUTRAL = frozenset({"search", "refine", "bundle"})
_BESIDE_GOODS = frozenset({"handoff", "smalltalk"})
_UNDOUBTED = frozenset({"arithmetic", "nothing_said"})
_FEWEST_POINTS, _MOST_POINTS = -3.0, 6.0
STRONG = 3.4
"""From these points on a rule is taken to be nearly sure."""
LEAD = 1.5
"""How far another intent must lead, in logits, over that of a rule that is nearly sure, or over a stated wish."""
FIRST_LEAD = 2.5
"""The same over a wish that opens a conversation and states what it is for."""
VETO = 2.0
"""How sure of a shop's business, in logits, the classifier must be where a strong cue says that it is none."""
DOUBT = 1.0
"""How sure of no shop's business it must be beside a strong cue of a shop's intent."""
WISH_DOUBT = 1.5
"""The same beside words that ask for something, which need not be known (do you stock balalaikas)."""
_UNSHOWN = 1.0
WISH_CUE = 2.2
"""The points of words that ask for something (I need, 想买)."""
PLAIN_WISH = 4.9
"""The points of a kind of thing that the shop sells, with words that ask for it."""
FEW_WORDS, FEW_CHARACTERS = 2, 5
_POINTING = frozenset({"reference", "focus_reference"})
_OF_PRODUCTS = frozenset({"bundle", "compare", "ask_product", "feedback"})
"""What is said of products that were shown; before any was, it takes a cue of the rules."""


@dataclass(frozen=True)
class Heard:
    """A message as the intent is chosen by it.

    `carried`: places of tokens that name a kind of thing that the shop sells, `named`: a value. `names_catalog`:
    whether it names anything that the catalog has, or points at a product that was shown.
    `settled`: whether what the rules read is beyond doubt (it goes on with the wish, or states a taste).
    `only_names`: whether it says nothing beside a kind of thing that the shop sells, and what it should be like.
    """

    text: str
    tokens: Sequence[Token]
    observations: frozenset[str]
    carried: Collection[int] = ()
    named: Collection[int] = ()
    names_catalog: bool = False
    settled: bool = False
    only_names: bool = False

    @cached_property
    def scores(self) -> Mapping[str, float]:
        """The rules' points for each intent."""
        return score_intents(self.tokens, self.observations, self.carried, self.named)


def names_catalog(items: Sequence[Item]) -> bool:
    """Whether a category, department, brand or value of the catalog is named; a relative ("my wife") is none."""
    return any(sense.values for item in items for sense in item.of("category", "department", "attribute", "brand"))


def carried_places(items: Sequence[Item]) -> frozenset[int]:
    """The places of the tokens that name a category or department of the shop."""
    named = (item for item in items if any(sense.values for sense in item.of("category", "department")))
    return frozenset(place for item in named for place in range(item.first, item.last))


def named_places(items: Sequence[Item]) -> frozenset[int]:
    """The places of the tokens that name a value of an attribute."""
    return frozenset(place for item in items if item.of("attribute") for place in range(item.first, item.last))


def evidence(judged: Judgement, heard: Heard) -> NDArray[np.float32]:
    """`(len(EVIDENCE),)`: logits and logarithms as they are, points in [-3, 6], and 1 for what was observed."""
    scores = heard.scores
    points = [min(_MOST_POINTS, max(_FEWEST_POINTS, scores.get(name, 0.0))) for name in _POINTS]
    observed = [float(name in heard.observations) for name in _OBSERVED]
    return np.array([judged.outside, *judged.intents, *points, *observed], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Choice:
    """The intent ("wish" for search and refine), and by how many logits each rival lies behind it.

    Below 0 a rule or a stated wish went before what was weighed. No rivals: it was settled by rules alone.
    """

    intent: str
    rivals: Mapping[str, float] = field(default_factory=dict)

    def near(self, margin: float) -> tuple[str, ...]:
        """The rivals that lie less than `margin` behind, the nearest first.

        >>> Choice("wish", {"faq": 0.4, "order": 3.0, "smalltalk": -0.2}).near(1.0)
        ('smalltalk', 'faq')
        """
        return tuple(name for name, behind in sorted(self.rivals.items(), key=lambda item: item[1]) if behind < margin)


@dataclass(frozen=True, slots=True)
class IntentChooser:
    """Chooses by rules and, where there is one, a classifier."""

    classifier: MessageClassifier | None

    @classmethod
    def of_shop(cls) -> "IntentChooser":
        """With the classifier that ships."""
        return cls(shipped())

    def choose(self, heard: Heard) -> str:
        """The intent; a message that names something of the catalog is out of scope only by the rules."""
        return self.weigh(heard).intent

    def weigh(self, heard: Heard) -> Choice:
        """The intent, and how near the others came."""
        scores = heard.scores
        ruled = decide(scores, heard.observations)
        if self.classifier is None or _is_settled(ruled, scores, heard):
            return Choice(ruled)
        weighed = self.classifier.weigh(evidence(self.classifier.judge(heard.text), heard))
        is_outside = _is_outside(float(weighed[0]), ruled, heard)
        chosen = OUTSIDE if is_outside else _best(weighed[1:], ruled, heard)
        return Choice(chosen, _rivals(chosen, weighed, heard))

    def is_wish(self, text: str) -> bool:
        """Whether the classifier surely takes a message for a wish and no remark."""
        if self.classifier is None:
            return False
        judged = self.classifier.judge(text).intents
        return float(judged[INTENTS.index("wish")] - judged[INTENTS.index("feedback")]) > LEAD

    def sentiment(self, text: str, said: str, intent: str) -> str:
        """The sentiment of a message whose words say `said`; a wish is as neutral as its words."""
        if self.classifier is None or intent in _NEUTRAL:
            return said
        return weighed_sentiment(self.classifier, self.classifier.judge(text), said, intent)


def _rivals(chosen: str, weighed: NDArray[np.float32], heard: Heard) -> Mapping[str, float]:
    """By how many logits each other intent lies behind the chosen one, where it could have been chosen.

    Out of scope is weighed against 0, the intents of a shop against each other.
    """
    logits = dict(zip(INTENTS, map(float, weighed[1:]), strict=True))
    allowed = [name for name in INTENTS if _is_allowed(name, heard)]
    if chosen == OUTSIDE:
        best = max(logits[name] for name in allowed)
        return {name: float(weighed[0]) + best - logits[name] for name in allowed}
    behind = {name: logits[chosen] - logits[name] for name in allowed if name != chosen}
    return behind if heard.names_catalog else behind | {OUTSIDE: -float(weighed[0])}


def _is_outside(logit: float, ruled: str, heard: Heard) -> bool:
    if ruled == OUTSIDE and heard.scores[OUTSIDE] >= STRONG:
        return logit > -VETO
    return logit > _doubt(ruled, heard) and not heard.names_catalog and not _is_bare(heard.tokens)


def _doubt(ruled: str, heard: Heard) -> float:
    """How sure the classifier must be beside a cue of a shop's intent; before anything was shown, "how many" alone is
    no question about a product."""
    if ruled == "wish":
        return WISH_DOUBT if heard.scores.get("wish", 0.0) >= WISH_CUE else 0.0
    if ruled == OUTSIDE:
        return 0.0
    points = heard.scores.get(ruled, 0.0) - (_UNSHOWN if _needs_shown(ruled, heard) else 0.0)
    return DOUBT if points >= STRONG else 0.0


def _best(logits: NDArray[np.float32], ruled: str, heard: Heard) -> str:
    """The likeliest intent of a shop, or that of the rules where it leads too little."""
    allowed = [name for name in INTENTS if _is_allowed(name, heard)]
    best = max(allowed, key=lambda name: logits[INTENTS.index(name)])
    if ruled in (OUTSIDE, best):
        return best
    lead = logits[INTENTS.index(best)] - logits[INTENTS.index(ruled)]
    return best if lead >= _needed_lead(ruled, heard) else ruled


def _is_allowed(intent: str, heard: Heard) -> bool:
    """Whether the classifier may say so: without a cue, no remark on what was not shown, and beside a thing of the
    catalog no call for a person (a tent for two persons) and no idle talk (tell me about your teas)."""
    if heard.scores.get(intent, 0.0) > 0:
        return True
    return not _needs_shown(intent, heard) and not (intent in _BESIDE_GOODS and heard.names_catalog)


def _needs_shown(intent: str, heard: Heard) -> bool:
    pointed = not _POINTING.isdisjoint(heard.observations)
    return intent in _OF_PRODUCTS and "never_shown" in heard.observations and not pointed


def _is_bare(tokens: Sequence[Token]) -> bool:
    """Whether a message is a word or two: what people type into a search field."""
    latin = sum(token.kind != "punctuation" and not token.is_cjk for token in tokens)
    chinese = sum(token.is_cjk for token in tokens)
    return latin <= FEW_WORDS and chinese <= FEW_CHARACTERS and min(latin, chinese) == 0


def _is_settled(ruled: str, scores: Mapping[str, float], heard: Heard) -> bool:
    """Whether the rules leave nothing to weigh: what is settled, an attack, a sum, nothing said; words that ask for a
    kind of thing and no other (我要沙发); out of scope beside a name of the catalog, which no classifier may say or
    deny."""
    if heard.settled or scores.get("attack", 0.0) > 0 or not _UNDOUBTED.isdisjoint(heard.observations):
        return True
    if not any(token.kind == "word" or token.is_cjk for token in heard.tokens):
        # A number alone is what was asked for last, not what it looks like.
        return True
    if heard.only_names and ruled == "wish" and (scores["wish"] >= PLAIN_WISH or _is_bare(heard.tokens)):
        return all(points <= 0 for intent, points in scores.items() if intent != "wish")
    return ruled == OUTSIDE and heard.names_catalog


def _needed_lead(ruled: str, heard: Heard) -> float:
    points = heard.scores.get(ruled, 0.0)
    if ruled != "wish":
        return LEAD if points >= STRONG else 0.0
    states = not heard.observations.isdisjoint(_STATED) or points >= WISH_CUE or _is_bare(heard.tokens)
    if states and points >= STRONG and "never_shown" in heard.observations:
        return FIRST_LEAD
    return LEAD if states else 0.0
