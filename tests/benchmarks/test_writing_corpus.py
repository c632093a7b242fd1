"""The sentences that the built-in model learns from: every one may be said, and none is learnt that is set aside."""

import random
import re
from collections import Counter
from itertools import islice

import pytest

from assistant.builtin.brief import GROUPS, LANGUAGES, MOVES, PRODUCT_FACTS, RECOMMENDING, SHARED_FACTS, VOICES
from assistant.builtin.constraints import faults
from assistant.rendering import Facts, Renderer
from assistant.writing.wording import mentioned
from benchmarks.writer_training import texts
from benchmarks.writing_corpus.briefs import a_brief, held_out
from benchmarks.writing_corpus.composing import compose, joined, ways

N = 1500


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_composed_reply_breaks_a_rule_or_loses_a_sentence(language):
    chance = random.Random(11)
    for _ in range(N):
        brief = a_brief(chance, language)
        parts = compose(brief, chance)
        assert [fault for part, text in zip(brief.parts(), parts, strict=True) for fault in faults(part, text)] == []
        reply = joined(brief, parts)
        keys = [f"p{place}" for place in range(1, len(brief.products) + 1)]
        facts = Facts(dict.fromkeys(brief.facts(), "x"), language, {key: frozenset() for key in keys}, mentioned)
        renderer = Renderer(facts)
        "".join(renderer.stream([reply]))
        assert renderer.dropped == [], reply


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_move_and_every_fact_occurs_in_every_voice(language):
    chance = random.Random(5)
    briefs = [a_brief(chance, language) for _ in range(4 * N)]
    assert {brief.move for brief in briefs} == set(MOVES)
    told = Counter(fact for brief in briefs for fact in brief.facts())
    assert {name.partition(".")[2] for name in told if "." in name} == set(PRODUCT_FACTS)
    assert {name for name in told if "." not in name} == set(SHARED_FACTS)
    assert {brief.voice for brief in briefs} == set(VOICES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_have_the_same_tables_and_only_facts_that_exist(language):
    assert set(ways(language)) == set(ways("en"))
    known = {*SHARED_FACTS, *PRODUCT_FACTS}
    for name, alternatives in ways(language).items():
        assert len({way.text for way in alternatives}) == len(alternatives), name
        for way in alternatives:
            assert way.facts <= known, f"{name}: {way.text}"
            assert way.voice or "|" not in way.text, f"{name}: {way.text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_group_can_be_said_beside_the_name_and_alone(language):
    for group, names in GROUPS.items():
        for table in ("part", "sentence"):
            alternatives = ways(language).get(f"{table}.{group}", ())
            if group == "quote" and table == "part":
                continue
            if table == "sentence" and group in ("top", "less", "more", "differs"):
                continue
            assert alternatives, f"{table}.{group}"
            assert all(way.facts == set(names) for way in alternatives), f"{table}.{group}"


def test_what_is_set_aside_is_never_learnt_from_and_is_enough_to_measure_with():
    assert not any(held_out(brief) for brief, _ in islice(texts(0), N))
    chance = random.Random(0)
    assert 0.05 < sum(held_out(a_brief(chance)) for _ in range(N)) / N < 0.3


def test_a_reply_says_everything_it_is_told_of_the_first_product():
    chance = random.Random(3)
    for _ in range(N):
        brief = a_brief(chance)
        if brief.move not in RECOMMENDING:
            continue
        told = set(re.findall(r"\{([a-z0-9_.]+)\}", joined(brief, compose(brief, chance))))
        assert {f"p1.{name}" for name in brief.products[0]} <= told
