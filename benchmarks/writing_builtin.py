"""The built-in model beside the plain writer, on the same turns of the demo shop and on briefs that it never saw.

Comes in: a seed and how many. Goes out: rows of `benchmarks.writing`. `violations` are numbers in a reply that no fact
of its turn holds, `incomplete` replies that do not name every product; `fact_error_rate` and what follows it are of the
model alone, without the rules it is served with (`free`) and with them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.builtin.brief import LANGUAGES
from assistant.builtin.model import shipped
from assistant.writer import Writer
from assistant.writing.briefing import briefed
from assistant.writing.plain import turn_of
from benchmarks.writer_figures import figures
from benchmarks.writing_turns import ShopTurn, demo_turns
from benchmarks.writing_variety import distinct_2, self_bleu

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def builtin_rows(n_replies: int, n_briefs: int, seed: int) -> list[dict[str, Any]]:
    """For each language the built-in model, the plain writer, and the model alone."""
    rows: list[dict[str, Any]] = []
    for language in LANGUAGES:
        turns = demo_turns(language, n_replies, seed + 2)
        rows.append(_row(f"built-in, {language}", Writer(None, shipped), turns))
        rows.append(_row(f"plain, {language}", Writer(), turns))
    return rows + [_alone(row) for row in figures(shipped(), n_briefs)]


def _alone(row: Mapping[str, Any]) -> dict[str, Any]:
    name = f"built-in, {row['language']}, unseen briefs, {row['system']}"
    return {**row, "system": name, "violations": int(row["system"] == "served" and row["fact_error_rate"] > 0)}


def _row(system: str, writer: Writer, turns: Sequence[ShopTurn]) -> dict[str, Any]:
    replies = ["".join(writer.write(turn.step, turn.recommendations, turn.evidence)) for turn in turns]
    return {
        "system": system,
        "replies": len(replies),
        "violations": sum(len(_foreign(turn, reply)) for turn, reply in zip(turns, replies, strict=True)),
        "incomplete": sum(not _names_all(turn, reply) for turn, reply in zip(turns, replies, strict=True)),
        "distinct_2": round(distinct_2(replies), 3),
        "self_bleu": round(self_bleu(replies), 3),
    }


def _foreign(turn: ShopTurn, reply: str) -> set[str]:
    told = briefed(turn_of(turn.step, turn.recommendations, turn.evidence))
    known = " ".join([*(told[1].values.values() if told else ()), turn.plain, *turn.titles])
    return set(_NUMBER.findall(reply)) - set(_NUMBER.findall(known))


def _names_all(turn: ShopTurn, reply: str) -> bool:
    return all(title in reply for title in turn.titles)
