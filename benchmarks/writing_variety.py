"""How much replies vary, as the field measures it.

Comes in: replies in one language. Goes out: figures. Knows no writer. Chinese is counted by characters.

Source: distinct-n: Li et al. 2016, A diversity-promoting objective function, section 5.3; self-BLEU: Zhu et al. 2018,
Texygen, section 3.2, by sacrebleu.
"""

import random
import re
from collections.abc import Sequence
from itertools import pairwise

from sacrebleu.metrics.bleu import BLEU

from retrieval.text import has_cjk

N_REFERENCES = 50
_WORD = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+|[^\w\s]")


def distinct_2(replies: Sequence[str]) -> float:
    """The share of pairs of neighbouring words that are not repeated anywhere; higher is more varied.

    >>> distinct_2(["a fine pair", "a fine tent"])
    0.75
    """
    pairs = [pair for reply in replies for pair in pairwise(_WORD.findall(reply.lower()))]
    return len(set(pairs)) / len(pairs) if pairs else 0.0


def self_bleu(replies: Sequence[str], seed: int = 0) -> float:
    """Mean BLEU-4 of each reply against `N_REFERENCES` others, in [0, 1]; lower is more varied."""
    chance = random.Random(seed)
    score = BLEU(tokenize="zh" if any(map(has_cjk, replies)) else "13a", effective_order=True)
    found = []
    for place, reply in enumerate(replies):
        others = [*replies[:place], *replies[place + 1 :]]
        references = chance.sample(others, min(N_REFERENCES, len(others)))
        found.append(score.sentence_score(reply, references).score / 100)
    return sum(found) / len(found)
