"""Finding the passage of the shop's rules that answers a question.

Comes in: a question, the shop's policies and a language. Goes out: the passages that answer it, best first, or none.
Knows no session. Lexical: shared words weighed by how rare they are among the passages, plus topics that words of
either language belong to, so that "money back" finds "Refunds".
"""

import math
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources

from rapidfuzz import fuzz

from retrieval.text import has_cjk, tokens
from retrieval.types import Policy

THRESHOLD = 0.4
"""The least share of the question's weight that a passage must meet."""
_SAME = 85.0
"""Per cent of characters that two wordings of one question share."""
_TITLE_WEIGHT = 1.0
_TEXT_WEIGHT = 0.5
_TOPIC_WEIGHT = 3.0
_QUALIFIERS = frozenset({"#when", "#cost"})
"""Topics that say what is asked about another one, and answer nothing alone."""
_UNSEEN = {False: 0.35, True: 0.12}
"""Weight of a word that no passage holds, beside the rarest one: half of all Chinese bigrams are accidents."""
_GENERAL = re.compile(r"(?i)\b(?:polic(?:y|ies)|rules?|terms|conditions)\b|政策|规则|规定|条款")
_IDLE = frozenset(
    """do does did can could you your my me how what when where which who why it is are there any shop if about get have
    has use please tell know much many long order product item thing buy bought someth anyth take like don t s go work
    polici rule term condit will after befor am still also until doesn isn send back be thing""".split()
)
_IDLE_ZH = re.compile(
    r"请问|我想|知道|一下|你们|我们|是什么|什么|怎么|可以|多少|吗|呢|的|了|啊|有没有|能不能|是不是|我|你|店"
)


@lru_cache
def _topics() -> Mapping[str, tuple[str, ...]]:
    text = resources.files("assistant.writing").joinpath("policy_words.toml").read_text(encoding="utf-8")
    return {topic: tuple(words) for topic, words in tomllib.loads(text).items()}


def topics_of(text: str) -> frozenset[str]:
    """The topics that a text's words belong to.

    >>> sorted(topics_of("Can I get my money back?")), sorted(topics_of("运费多少钱"))
    (['refund'], ['cost', 'shipping'])
    """
    return _split(text)[0]


def _split(text: str) -> tuple[frozenset[str], str]:
    """The topics, and what is left of the text without the words that named them."""
    folded = unicodedata.normalize("NFKC", text).lower()
    topics = set()
    rest = folded
    for topic, words in _topics().items():
        for word in words:
            pattern = re.escape(word) if has_cjk(word) else rf"\b{re.escape(word)}\w*"
            if re.search(pattern, folded):
                topics.add(topic)
                rest = re.sub(pattern, " ", rest)
    return frozenset(topics), rest


def find_policies(question: str, policies: Sequence[Policy], language: str, k: int = 1) -> list[Policy]:
    """At most `k` passages that answer the question, best first; none when nothing comes close.

    Args:
        question: in either language.
        policies: all of the shop's; those in `language` are searched, all where there are none.
        language: "en" or "zh".
        k: at most so many.
    """
    pool = [policy for policy in policies if policy.language == language] or list(policies)
    asked = _terms(question, without_topic_words=True)
    if not pool or not asked:
        return []
    heads = [_terms(f"{policy.title} {policy.topic}") for policy in pool]
    bodies = [_terms(policy.text) for policy in pool]
    weights = _weights(asked, [head | body for head, body in zip(heads, bodies, strict=True)])
    general = bool(_GENERAL.search(question)) or all(term[0] == "#" for term in asked if weights[term] > 1)
    scored = []
    for policy, head, body in zip(pool, heads, bodies, strict=True):
        share = 2.0 if _same_question(question, policy.title) else _share(weights, head, body)
        if share >= THRESHOLD:
            scored.append(((round(share, 6), (policy.kind == "policy") == general, -len(head)), policy))
    return [policy for _, policy in sorted(scored, key=lambda item: item[0], reverse=True)[:k]]


def _same_question(question: str, title: str) -> bool:
    return fuzz.ratio(question.casefold(), title.casefold()) >= _SAME


def _terms(text: str, *, without_topic_words: bool = False) -> frozenset[str]:
    topics, rest = _split(text)
    words = [token for token in tokens(_IDLE_ZH.sub(" ", rest if without_topic_words else text)) if token not in _IDLE]
    kept = {word for word in words if not has_cjk(word) or len(word) > 1}
    return frozenset(kept | {f"#{topic}" for topic in topics})


def _weights(asked: frozenset[str], documents: Sequence[frozenset[str]]) -> Mapping[str, float]:
    counts = Counter(term for document in documents for term in document if term in asked)
    n = len(documents)
    weights = {}
    for term in asked:
        if term[0] == "#":
            weights[term] = _TOPIC_WEIGHT / 2 if term in _QUALIFIERS else _TOPIC_WEIGHT
        else:
            rarity = math.log(1 + (n - counts[term] + 0.5) / (counts[term] + 0.5))
            weights[term] = rarity if counts[term] else rarity * _UNSEEN[has_cjk(term)]
    return weights


def _share(weights: Mapping[str, float], head: frozenset[str], body: frozenset[str]) -> float:
    met = {term: _TITLE_WEIGHT if term in head else _TEXT_WEIGHT for term in weights if term in head or term in body}
    telling = met.keys() - _QUALIFIERS
    # One shared word beside words that no passage knows is an accident ("price" in "do you price match").
    alone = len(telling) == 1 and not any(term[0] == "#" for term in telling) and len(met) < len(weights)
    if alone or not any(term in head for term in telling):
        return 0.0
    return sum(share * weights[term] for term, share in met.items()) / sum(weights.values())
