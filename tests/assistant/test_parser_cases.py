"""Our own cases, by the rules that everybody's cases follow; each is one test."""

import pytest
from understanding import CASES, bench

from benchmarks.parsing import Case, expected_triples, found_triples, read_cases


def cases(name: str) -> list[Case]:
    return read_cases(CASES / f"{name}.jsonl")


ALL = [*cases("utterances"), *cases("dialogues")]


def test_there_are_enough_in_both_languages() -> None:
    for name, least in (("utterances", 150), ("dialogues", 30)):
        languages = [case.expect["language"] for case in cases(name)]
        assert len(languages) >= least
        assert min(languages.count("en"), languages.count("zh")) >= least // 3


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_case(case: Case) -> None:
    outcome = bench().run(case)
    assert found_triples(case, outcome.filters) == expected_triples(case)
    said = {"intent": outcome.parsed.intent, "language": outcome.parsed.language, "sentiment": outcome.parsed.sentiment}
    assert {key: said[key] for key in said if key in case.expect} == {
        key: case.expect[key] for key in said if key in case.expect
    }
    if "brand" in case.expect:
        assert outcome.filters.include.get("brand", ()) == (case.expect["brand"],)
