"""Whether a question finds its passage: `python -m benchmarks.policies --policies FILE --questions FILE [--json]`.

In: policies and questions (`benchmarks.policy_data` says in which form). Out: one row a system, all from one run.

bm25      bm25s with its defaults and English stop words over title and text; Chinese as single characters and bigrams
cosine    the encoder that ships, over title and text as they are written
ours      what the product does

`right_first`: of the questions that a passage answers, how many have one first, sure of it or not. `answered_right`:
how many are answered with it. `refused`: of the questions that none answers, how many are refused; `false_refusals`:
of those that one does. Both at the threshold that ships; a baseline has none, so its `refused@3%` is at the score below
which 3 % of these very answerable questions lie.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from assistant.policies.search import Answer, find_answer
from benchmarks.policy_data import Question, read_policies, read_questions
from benchmarks.report import print_report
from retrieval.embedder import Embedder, open_embedder
from retrieval.text import tokens
from retrieval.types import Policy

FALSE_REFUSALS = 0.03

Scores = NDArray[np.float64]
Scorer = Callable[[str], Scores]
Pool = tuple[Policy, ...]


def main(
    policies: Annotated[Path, typer.Option(help="Passages of a shop's rules.", exists=True)],
    questions: Annotated[Path, typer.Option(help="Questions with the ids that answer them.", exists=True)],
    only: Annotated[str, typer.Option(help="Keep the policies in one language only (en, zh).")] = "",
    embedder: Annotated[str, typer.Option(help="The shop's encoder: default, or a folder.")] = "default",
    show: Annotated[bool, typer.Option(help="Print the questions that went wrong.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask every system every question."""
    started = time.perf_counter()
    rules = [policy for policy in read_policies(policies) if only in ("", policy.language)]
    asked = read_questions(questions)
    encoder = open_embedder(embedder)
    answers, latencies = _ask(rules, asked, encoder)
    rows = [_peer("bm25", bm25, rules, asked), _peer("cosine", lambda pool: cosine(pool, encoder), rules, asked)]
    rows += [_ours(answers, asked, latencies)]
    rows += [
        _ours(*_part(answers, asked, language), ()) | {"system": f"ours, asked in {language}"}
        for language in sorted({question.language for question in asked})
    ]
    if show:
        _show_errors(answers, asked)
    counts = {
        "policies": len(rules),
        "questions": len(asked),
        "unanswerable": sum(not question.expect for question in asked),
        "questions_sha256": hashlib.sha256(questions.read_bytes()).hexdigest()[:12],
    }
    print_report("policies", counts, "ours", rows, time.perf_counter() - started, json_)


def _ask(rules: Sequence[Policy], asked: Sequence[Question], encoder: Embedder) -> tuple[list[Answer], list[float]]:
    answers, latencies = [], []
    for question in asked:
        began = time.perf_counter()
        answers.append(find_answer(question.text, rules, question.language, encoder))
        latencies.append((time.perf_counter() - began) * 1000)
    return answers, latencies


def _part(answers: Sequence[Answer], asked: Sequence[Question], language: str) -> tuple[list[Answer], list[Question]]:
    pairs = [pair for pair in zip(answers, asked, strict=True) if pair[1].language == language]
    return [answer for answer, _ in pairs], [question for _, question in pairs]


def _ours(answers: Sequence[Answer], asked: Sequence[Question], latencies: Sequence[float]) -> dict[str, Any]:
    met = [(answer, question) for answer, question in zip(answers, asked, strict=True) if question.expect]
    none = [answer for answer, question in zip(answers, asked, strict=True) if not question.expect]
    right = [answer.ranked[:1] != () and answer.ranked[0].id in question.expect for answer, question in met]
    said = [answer.is_sure and is_right for (answer, _), is_right in zip(met, right, strict=True)]
    row: dict[str, Any] = {
        "system": "ours",
        "right_first": _share(right),
        "answered_right": _share(said),
        "refused": _share([not answer.is_sure for answer in none]),
        "false_refusals": _share([not answer.is_sure for answer, _ in met]),
        "refused@3%": _refused_at([a.probability for a, _ in met], [a.probability for a in none]),
    }
    if latencies:
        row |= {"p50_ms": round(float(np.quantile(latencies, 0.5)), 1)}
    return row


def _peer(
    name: str, scorer_of: Callable[[Pool], Scorer], rules: Sequence[Policy], asked: Sequence[Question]
) -> dict[str, Any]:
    """A baseline over the same pools: the passages in the question's language, all where there are none."""
    scorers: dict[Pool, Scorer] = {}
    right: list[bool] = []
    met: list[float] = []
    none: list[float] = []
    for question in asked:
        pool = tuple(policy for policy in rules if policy.language == question.language) or tuple(rules)
        if pool not in scorers:
            scorers[pool] = scorer_of(pool)
        scores = scorers[pool](question.text)
        best = int(np.argmax(scores))
        (met if question.expect else none).append(float(scores[best]))
        if question.expect:
            right.append(bool(scores[best] > 0) and pool[best].id in question.expect)
    return {"system": name, "right_first": _share(right), "refused@3%": _refused_at(met, none)}


def bm25(pool: Pool) -> Scorer:
    """BM25 over title and text."""
    import bm25s

    index = bm25s.BM25()
    index.index([tokens(f"{policy.title} {policy.text}") or ["-"] for policy in pool], show_progress=False)

    def scores(question: str) -> Scores:
        asked = [word for word in tokens(question) if word in index.vocab_dict]
        return np.asarray(index.get_scores(asked), dtype=np.float64) if asked else np.zeros(len(pool))

    return scores


def cosine(pool: Pool, encoder: Embedder) -> Scorer:
    """The cosine of the question with title and text."""
    vectors = encoder.encode([f"{policy.title}. {policy.text}" for policy in pool])
    return lambda question: np.asarray(vectors @ encoder.encode([question])[0], dtype=np.float64)


def _refused_at(met: Sequence[float], none: Sequence[float]) -> float | None:
    if not met or not none:
        return None
    return round(float(np.mean(np.array(none) < np.quantile(met, FALSE_REFUSALS))), 4)


def _share(of: Sequence[bool]) -> float | None:
    return round(float(np.mean(of)), 4) if of else None


def _show_errors(answers: Sequence[Answer], asked: Sequence[Question]) -> None:
    for answer, question in zip(answers, asked, strict=True):
        first = answer.ranked[0].id if answer.ranked else "-"
        if question.expect and first not in question.expect:
            typer.echo(
                f"wrong: {question.text} -> {first}, not {sorted(question.expect)[0]} ({answer.probability:.2f})"
            )
        elif bool(question.expect) != answer.is_sure:
            typer.echo(f"{'refused' if question.expect else 'not refused'}: {question.text} ({answer.probability:.2f})")


if __name__ == "__main__":
    typer.run(main)
