"""Cases by people who had not seen the parser: how many of them are read as meant.

They were written by the rules of the scorer and from the catalog alone. What the parser was mended by is no measure of
how it reads what it has not seen: docs/figures.md has that.
"""

from pathlib import Path

import pytest

from benchmarks.parsing import Bench, demo_products, read_cases, score

CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(demo_products())


@pytest.mark.parametrize(
    ("file", "n", "intent", "slot_f1", "joint"),
    [("shoppers_utterances", 450, 0.87, 0.98, 0.95), ("shoppers_dialogues", 190, 0.90, 0.98, 0.96)],
)
def test_as_many_are_read_as_were(bench: Bench, file: str, n: int, intent: float, slot_f1: float, joint: float) -> None:
    cases = read_cases(CASES / f"{file}.jsonl")
    assert len(cases) == n
    row = score("parser", [bench.run(case) for case in cases])
    assert row["intent_accuracy"] >= intent
    assert row["slot_f1"] >= slot_f1
    assert row["joint_goal_accuracy"] >= joint
    assert row["language_accuracy"] >= 0.99
