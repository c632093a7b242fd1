"""Replies to read: `python -m benchmarks.writing_samples CASES --out FILE [--n N] [--seed S]`.

In: conversations, a JSON line each with `turns` (the form of `benchmarks.parsing`). Out: a JSON line for each of N
turns of each language, drawn by the seed: what was said, and the replies of the built-in model and of the plain writer
to it, from one and the same state of the demo shop. `benchmarks/writing_read` holds what readers thought of such
replies.
"""

import json
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from assistant import ShoppingAssistant
from assistant.builtin.model import shipped
from assistant.types import LANGUAGES
from assistant.writer import Writer
from retrieval.text import has_cjk


@dataclass(frozen=True, slots=True)
class Sample:
    """One turn: all that was said up to it, and both replies."""

    said: tuple[str, ...]
    language: str
    builtin: str
    plain: str


def samples(assistant: ShoppingAssistant, conversations: Iterable[Sequence[str]]) -> Iterator[Sample]:
    """The last turn of each conversation, where the built-in model has something to phrase."""
    plain, builtin = Writer(), Writer(None, shipped)
    for number, turns in enumerate(conversations):
        # The plain writer's phrases go by the session's id.
        session = replace(assistant.new_session(), id=f"sample-{number}")
        assistant.writer = plain
        for text in turns[:-1]:
            session = assistant.respond(text, session).session
        theirs = assistant.respond(turns[-1], session)
        assistant.writer = builtin
        ours = assistant.respond(turns[-1], session)
        if ours.text != theirs.text:
            yield Sample(tuple(turns), ours.language, ours.text, theirs.text)


def drawn(conversations: Sequence[Sequence[str]], language: str, seed: int) -> Iterator[Sequence[str]]:
    """Those whose last message is of the language, in an order by chance."""
    found = [turns for turns in conversations if has_cjk(turns[-1]) == (language == "zh")]
    random.Random(seed).shuffle(found)
    return iter(found)


def main(
    cases: Annotated[list[Path], typer.Argument(help="Files of conversations, a JSON line each with `turns`.")],
    out: Annotated[Path, typer.Option(help="Where the samples go.")],
    n: Annotated[int, typer.Option(help="How many turns of each language.")] = 50,
    seed: int = 0,
) -> None:
    """Write N turns of each language with both replies."""
    lines = [line for file in cases for line in file.read_text(encoding="utf-8").splitlines()]
    conversations = [json.loads(line)["turns"] for line in lines]
    with tempfile.TemporaryDirectory() as folder, ShoppingAssistant.open(Path(folder) / "shop") as assistant:
        found = [
            sample
            for language in LANGUAGES
            for sample in islice(samples(assistant, drawn(conversations, language, seed)), n)
        ]
    written = "".join(json.dumps(asdict(sample), ensure_ascii=False) + "\n" for sample in found)
    out.write_text(written, encoding="utf-8")
    typer.echo(f"{len(found)} samples in {out}")


if __name__ == "__main__":
    typer.run(main)
