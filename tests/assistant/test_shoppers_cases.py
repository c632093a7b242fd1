"""Cases by people who had not seen the parser: how many of them are read as meant.

They were written by the rules of the scorer and from the catalog alone. The parser was mended by those of "shoppers",
"newcomers" and "refusals"; by those of "unseen" and "exam" never: don't look at what fails there, write new ones.
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
    [
        ("shoppers_utterances", 450, 0.93, 0.98, 0.96),
        ("shoppers_dialogues", 190, 0.95, 0.98, 0.96),
        ("newcomers_utterances", 280, 0.96, 0.98, 0.95),
        ("newcomers_dialogues", 170, 0.94, 0.97, 0.94),
        ("refusals_utterances", 230, 0.95, 0.95, 0.84),
        ("refusals_dialogues", 180, 0.94, 0.95, 0.82),
        ("unseen_utterances", 200, 0.94, 0.96, 0.91),
        ("unseen_dialogues", 100, 0.92, 0.95, 0.83),
        ("exam_utterances", 200, 0.92, 0.96, 0.93),
        ("exam_dialogues", 100, 0.92, 0.95, 0.86),
    ],
)
def test_as_many_are_read_as_were(bench: Bench, file: str, n: int, intent: float, slot_f1: float, joint: float) -> None:
    cases = read_cases(CASES / f"{file}.jsonl")
    assert len(cases) == n
    row = score("parser", [bench.run(case) for case in cases])
    assert row["intent_accuracy"] >= intent
    assert row["slot_f1"] >= slot_f1
    assert row["joint_goal_accuracy"] >= joint
    assert row["language_accuracy"] >= 0.99
