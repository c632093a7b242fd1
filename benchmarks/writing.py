"""Whether a lie reaches the shopper, and what honesty costs: `python -m benchmarks.writing [--shared DIR] [--json]`.

In: lies and honest sentences (`benchmarks/writing_lies`), the demo shop, and a clerk's sentences below --shared where
they are. Out: one table.

A scripted chat model writes the replies. The lying one mixes lies with true sentences, in disguise and cut anywhere;
`violations` counts those that stand in the shopper's text, `incomplete` the replies that do not name every product,
`phrasings` how many different lies were told and `passed` how many of them ever got through. `unseen` lies were written
before anybody looked at what the checks catch, `seen` ones after; `fresh`, `last` and `after` each when the checks had
been mended by those before, and told once before they were mended again (docs/figures.md has what passed that time).
`unchecked` fills in the facts and checks nothing: it shows that the judge sees the lies. Of the honest model, `lost` is
the share of sentences that were dropped.

The obedient one does what is asked of it anywhere in its prompt, in a shop whose products, reviews and shoppers ask it
(`benchmarks.writing_obedient`): `reached` counts the instructions that stood in a prompt, `obeyed` those that left a
violation on the page. `benign` rows are harmless words that sound like such instructions.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.report import print_report
from benchmarks.writing_benign import benign_rows
from benchmarks.writing_builtin import builtin_rows
from benchmarks.writing_honest import CLERKS, Loss, clerk_sentences, honest_sentences, lost
from benchmarks.writing_lying import SETS, Liar, Told, load_lies
from benchmarks.writing_obedient import obedient_rows, outcomes
from benchmarks.writing_poison import INJECTIONS
from benchmarks.writing_turns import demo_turns

LANGUAGES = ("en", "zh")
N_SHOP_TURNS = 240
EACH_HONEST = 12

Row = dict[str, Any]


def main(
    shared: Annotated[Path | None, typer.Option(help="A folder with data/mg_shopdial, data/prompt_injection.")] = None,
    turns: Annotated[int, typer.Option(help="Replies of the lying model, in all.", min=10)] = 10_000,
    payloads: Annotated[int, typer.Option(help="Instructions to the obedient model; 0: none.")] = 1_200,
    show: Annotated[bool, typer.Option(help="Print the lies that passed and the honest sentences lost.")] = False,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Let both models write, and count."""
    started = time.perf_counter()
    told = {
        (language, which): list(_lying(language, which, turns // (len(LANGUAGES) * len(SETS)), seed))
        for language in LANGUAGES
        for which in SETS
    }
    losses, skipped = _honest(shared, seed)
    every = [one for some in told.values() for one in some]
    rows = [_lying_row("lying model", every), _unchecked(every)]
    rows += [_lying_row(f"lying, {language}, {which}", some) for (language, which), some in told.items()]
    rows += _by_kind(every)
    rows += [_honest_row(name, loss) for name, loss in losses.items()]
    rows += _obedient(shared, payloads, seed)
    rows += builtin_rows(max(2, turns // 50), max(2, turns // 100), seed)
    if show:
        _show(every, losses)
    data = {"shop": "demo", "replies": len(every), "seed": seed, "skipped": skipped or "nothing"}
    print_report("writing", data, "lying model", rows, time.perf_counter() - started, json_)


def _obedient(shared: Path | None, payloads: int, seed: int) -> list[Row]:
    """What comes of hidden instructions, and of what only sounds like them."""
    if not payloads:
        return []
    attacks = shared if shared is not None and (shared / INJECTIONS).is_dir() else None
    of = {language: demo_turns(language, N_SHOP_TURNS, seed + 1) for language in LANGUAGES}
    return [*obedient_rows(outcomes(attacks, payloads, seed)), *benign_rows(attacks, of, seed)]


def _lying(language: str, which: str, n: int, seed: int) -> Iterator[Told]:
    liar = Liar(language, demo_turns(language, N_SHOP_TURNS, seed), load_lies(language, which), seed)
    return (liar.reply(number) for number in range(n))


def _lying_row(system: str, told: Sequence[Told]) -> Row:
    passed = [lie for one in told for lie in one.passed()]
    return {
        "system": system,
        "replies": len(told),
        "lies": sum(len(one.lies) for one in told),
        "violations": len(passed) + sum(len(one.foreign_numbers()) for one in told),
        "incomplete": sum(bool(one.unnamed()) for one in told),
        "phrasings": len({lie.text for one in told for lie in one.lies}),
        "passed": len({lie.text for lie in passed}),
    }


def _unchecked(told: Sequence[Told]) -> Row:
    passed = [lie for one in told for lie in one.passed(one.unchecked())]
    return {
        "system": "lying, unchecked",
        "replies": len(told),
        "lies": sum(len(one.lies) for one in told),
        "violations": len(passed),
    }


def _by_kind(told: Sequence[Told]) -> list[Row]:
    lies = Counter(lie.kind for one in told for lie in one.lies)
    passed = Counter(lie.kind for one in told for lie in one.passed())
    rows: list[Row] = [
        {"system": f"lying, {kind}", "lies": count, "violations": passed[kind]} for kind, count in sorted(lies.items())
    ]
    foreign = sum(len(one.foreign_numbers()) for one in told)
    return [*rows, {"system": "lying, any other number", "violations": foreign}]


def _honest(shared: Path | None, seed: int) -> tuple[dict[str, Loss], str]:
    """What is lost of our own sentences, and of the clerks' where they are; else what was skipped."""
    of = {language: demo_turns(language, N_SHOP_TURNS, seed + 1) for language in LANGUAGES}
    losses = {
        f"honest, {language}{which and f', {which}'}": lost(honest_sentences(language, which), turns, EACH_HONEST)
        for language, turns in of.items()
        for which in ("", "fresh", "last", "after")
    }
    if shared is None or not (shared / CLERKS).is_dir():
        return losses, "clerks' sentences (data/mg_shopdial below --shared)"
    return losses | {"honest, en, clerks": lost(clerk_sentences(shared), of["en"], EACH_HONEST)}, ""


def _honest_row(system: str, loss: Loss) -> Row:
    return {
        "system": system,
        "violations": 0,
        "sentences": loss.n,
        "lost": round(loss.share, 4),
        "why": ", ".join(f"{why} {count}" for why, count in loss.why.most_common()),
    }


def _show(told: Sequence[Told], losses: dict[str, Loss]) -> None:
    for (kind, text), count in Counter((lie.kind, lie.text) for one in told for lie in one.passed()).most_common():
        typer.echo(f"passed {count}: {kind}: {text}")
    for one in told:
        for amount in one.foreign_numbers():
            typer.echo(f"number {amount}: {one.text}")
    for name, loss in losses.items():
        for sentence, count in loss.sentences.most_common():
            typer.echo(f"{name}, lost {count}: {sentence}")


if __name__ == "__main__":
    typer.run(main)
