"""How well the built-in language model writes briefs that it never saw.

Comes in: a model and a number. Goes out: figures for each language over briefs whose combinations of facts no training
text held (`benchmarks.writing_corpus.briefs.held_out`): what it gets wrong when nothing holds it back, what is left of
that under the rules it is served with, and how fast it is.
"""

import math
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.builtin.brief import LANGUAGES, Brief
from assistant.builtin.constraints import faults
from assistant.builtin.model import BuiltinModel, Sampling
from assistant.rendering import Facts, Renderer
from assistant.writing.wording import mentioned
from benchmarks.writing_corpus.briefs import a_brief, held_out
from benchmarks.writing_corpus.composing import compose, joined

_FACT = re.compile(r"(\{[a-z0-9_.]+\})")
_SEED = 20_261_130


@dataclass(frozen=True, slots=True)
class Written:
    """One brief with the text of each part of its reply, and the seconds from the start to each piece of it."""

    brief: Brief
    texts: Sequence[str]
    seconds: Sequence[float]

    @property
    def reply(self) -> str:
        return joined(self.brief, self.texts)


def unseen_briefs(n: int, language: str, seed: int = _SEED) -> list[Brief]:
    """So many briefs of the language that are held out."""
    chance = random.Random(f"{seed}/{language}")
    found: list[Brief] = []
    while len(found) < n:
        brief = a_brief(chance, language)
        if held_out(brief):
            found.append(brief)
    return found


def written(model: BuiltinModel, briefs: Sequence[Brief]) -> list[Written]:
    """Each brief with the model's reply."""
    found = []
    for brief in briefs:
        started, seconds, texts = time.perf_counter(), [], []
        for _, pieces in model.parts(brief):
            texts.append("")
            for piece in pieces:
                seconds.append(time.perf_counter() - started)
                texts[-1] += piece
        found.append(Written(brief, texts, seconds))
    return found


def figures(model: BuiltinModel, n: int) -> list[Mapping[str, Any]]:
    """A row for each language with and without the rules."""
    rows: list[Mapping[str, Any]] = []
    for language in LANGUAGES:
        briefs = unseen_briefs(n, language)
        for system, constrained in (("free", False), ("served", True)):
            sampling = Sampling(constrained=constrained)
            rows.append(
                {"language": language, "system": system, **_row(model, written(model.sampled(sampling), briefs))}
            )
    return rows


def _row(model: BuiltinModel, replies: Sequence[Written]) -> Mapping[str, float]:
    n_facts = sum(len(_FACT.findall(each.reply)) for each in replies)
    wrong = [_wrong(each) for each in replies]
    dropped = [_dropped(each) for each in replies]
    first = [_first_sentence(each) for each in replies]
    rates = [len(each.seconds) / each.seconds[-1] for each in replies if len(each.seconds) > 1]
    return {
        "n": len(replies),
        "fact_error_rate": sum(wrong) / max(1, n_facts),
        "replies_with_error": float(np.mean([count > 0 for count in wrong])),
        "sentences_dropped": sum(lost for lost, _ in dropped) / max(1, sum(all_ for _, all_ in dropped)),
        "facts_told": float(np.mean([_told(each) for each in replies])),
        "perplexity": perplexity(model, [each.brief for each in replies]),
        "first_text_p95_ms": float(np.quantile(first, 0.95)) * 1000,
        "tokens_per_s_p05": float(np.quantile(rates, 0.05)),
    }


def _wrong(each: Written) -> int:
    """Facts that the part was not told or that stand twice, and parts that are not whole."""
    return sum(len(faults(part, text)) for part, text in zip(each.brief.parts(), each.texts, strict=True))


def _dropped(each: Written) -> tuple[int, int]:
    """How many sentences the renderer takes out, and of how many."""
    values = dict.fromkeys(each.brief.facts(), "x")
    keys = [f"p{place}" for place in range(1, len(each.brief.products) + 1)]
    renderer = Renderer(Facts(values, each.brief.language, {key: frozenset() for key in keys}, mentioned))
    for _ in renderer.stream([each.reply]):
        pass
    return len(renderer.dropped), len(renderer.dropped) + renderer.n_kept


def _told(each: Written) -> float:
    """The share of the brief's facts that the reply tells."""
    facts = each.brief.facts()
    told = set(_FACT.findall(each.reply))
    return sum(f"{{{name}}}" in told for name in facts) / len(facts) if facts else 1.0


def _first_sentence(each: Written) -> float:
    """Seconds until the first sentence stands, which is when the shopper sees text."""
    found = re.search(r"[.!?。！？\n]", each.reply)
    share = (found.end() if found else len(each.reply)) / max(1, len(each.reply))
    return each.seconds[min(len(each.seconds) - 1, math.ceil(share * len(each.seconds)))] if each.seconds else 0.0


def perplexity(model: BuiltinModel, briefs: Sequence[Brief]) -> float:
    """Of one composed reply to each brief: e to the mean cross-entropy of its tokens; lower is better."""
    chance = random.Random(_SEED)
    losses = [model.cross_entropy(brief, compose(brief, chance)) for brief in briefs]
    return math.exp(sum(loss for loss, _ in losses) / sum(n for _, n in losses))
