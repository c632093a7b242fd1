"""What the chat reveals, on a shop of films small enough to know what it must say."""

import doctest
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer import Typer
from typer.testing import CliRunner, Result

from assistant.app import ShoppingAssistant
from assistant.types import LANGUAGES
from benchmarks import profile, rated, tastes
from benchmarks.profile import hear, others, turns_of
from benchmarks.rated import of_ratings, rated_shop
from benchmarks.tastes import Taken, best_values, commonness, phrasings, ways

APP = Typer()
APP.command()(profile.main)

N_FILMS, N_SHOPPERS = 24, 8
"""Half of the films are westerns of the war, half musicals for children; half of the shoppers like either."""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, list(arguments))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("films")
    kinds = ("Western War", "Musical Children's")
    films = [f"{number}\tFilm called {chr(65 + number)}{chr(97 + number)}\t{kinds[number % 2]}" for number in range(24)]
    items = folder / "films.item"
    items.write_text("\n".join(["item_id:token\tmovie_title:token_seq\tclass:token_seq", *films]), "utf-8")
    acts = []
    for shopper in range(N_SHOPPERS):
        own = [number for number in range(N_FILMS) if number % 2 == shopper % 2]
        # Nine of their kind, each shopper others, one of the other kind that they did not like, and the test.
        rated_ = [*((own[(shopper + place) % 12], 5) for place in range(9)), ((shopper + 1) % 2, 1)]
        rated_.append((own[(shopper + 9) % 12], 4))
        acts += [f"{shopper}\t{film}\t{rating}\t{when}" for when, (film, rating) in enumerate(rated_)]
    interactions = folder / "films.inter"
    interactions.write_text("\n".join(["user_id:token\titem_id:token\trating:float\ttimestamp:float", *acts]), "utf-8")
    return interactions, items


@pytest.fixture(scope="module")
def assistant(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("shop")
    rated_shop(folder, files[1], files[0])
    with ShoppingAssistant.open(folder) as opened:
        yield opened


@pytest.mark.parametrize("module", [profile, rated, tastes])
def test_the_examples_in_the_docstrings_hold(module) -> None:
    assert doctest.testmod(module).failed == 0


@given(st.integers(2, 200), st.integers(0, 2**32 - 1))
def test_everybody_gets_the_profile_of_another_one(n: int, seed: int) -> None:
    other = others(n, seed)
    assert sorted(other) == list(range(n))
    assert all(place != own for own, place in enumerate(other))


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_ten_ways_and_more_to_say_each_all_different(language: str) -> None:
    for kind in ("value", "product"):
        found = [way for way, _ in ways(language, kind)]
        assert len(set(found)) == len(found) >= 10
        assert all(way.count("{x}") == 1 for way in found)
    assert set(phrasings()["zh"]["genre"]) == set(phrasings()["en"]["genre"])


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_what_stands_out_was_taken_up_more_than_is_common(own: list[str], others_: list[str]) -> None:
    told = {name: [("genre", name)] for name in "abc"}
    acts = [Taken(name) for name in own]
    common = commonness([acts, [Taken(name) for name in others_]], told)
    for _, value in best_values(acts, told, common, k=3):
        assert Counter(own)[value] / len(own) > common["genre", value]


def test_shoppers_speak_of_what_they_took_up_before_and_are_measured_on_the_last(files, assistant) -> None:
    cases = of_ratings(files[0], assistant)
    assert len(cases) == N_SHOPPERS
    first = cases[0]
    assert first.likes == (("genre", "war"), ("genre", "western"), ("product", "16"))
    assert (dict(first.gains), first.n_candidates) == ({"18": 1}, N_FILMS)
    assert first.left_out == {*(str(number) for number in range(0, 18, 2)), "1"}


def test_the_test_is_no_part_of_what_they_say(files, assistant, tmp_path) -> None:
    rows = [line.split("\t") for line in files[0].read_text("utf-8").splitlines()]
    other = [[row[0], str((int(row[1]) + 2) % N_FILMS), "5", row[3]] if row[2] == "4" else row for row in rows]
    (tmp_path / "other.inter").write_text("\n".join("\t".join(row) for row in other), "utf-8")
    before, after = (
        {case.shopper: case for case in of_ratings(path, assistant)} for path in (files[0], tmp_path / "other.inter")
    )
    assert len(after) == N_SHOPPERS
    assert all(before[shopper].gains != after[shopper].gains for shopper in after)
    assert all(before[shopper].likes == after[shopper].likes for shopper in after)


@pytest.mark.parametrize("n_likes", [2, 3])
def test_every_phrasing_gets_its_turn(n_likes: int) -> None:
    likes = (*(("color", str(number)) for number in range(n_likes - 1)), ("product", "a"))
    turns = {
        (kind, turn) for number in range(100) for (kind, _), turn in zip(likes, turns_of(likes, number), strict=True)
    }
    for language in LANGUAGES:
        for kind, named in (("value", "color"), ("product", "product")):
            n = len(ways(language, kind))
            assert {turn % n for found, turn in turns if found == named} == set(range(n))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_profile_holds_what_was_said_and_nothing_that_was_done(files, assistant, language: str) -> None:
    case = of_ratings(files[0], assistant)[0]
    heard = hear(assistant, case, language, number=0)
    assert heard.as_meant == (True, True, True)
    assert [item.key for item in heard.profile.stated] == ["genre=war", "genre=western", "product=16"]
    assert set(heard.profile.product_weights) == {"16"}


def test_what_is_said_raises_what_is_liked_and_another_ones_words_do_not(files) -> None:
    arguments = ["--interactions", str(files[0]), "--items", str(files[1]), "--json"]
    done = run(*arguments)
    report = json.loads(done.stdout)
    assert report["data"] == {
        "products": N_FILMS, "shoppers": N_SHOPPERS, "phrasings_en": 41, "phrasings_zh": 40, "seed": 0,
    }  # fmt: skip
    rows = {(row["system"], row["said in"]): row for row in report["rows"]}
    assert list(rows) == [
        (system, language)
        for language in ("en+zh", "en", "zh")
        for system in ("empty profile", "own profile", "another's profile")
    ]
    empty, own = rows["empty profile", "en+zh"], rows["own profile", "en+zh"]
    assert own["ndcg@10"] == pytest.approx(empty["ndcg@10"] + own["over_empty"], abs=1e-4)
    assert own["relative"] == pytest.approx(own["over_empty"] / empty["ndcg@10"], abs=2e-3)
    # Three of their kind are left to them: whoever is understood has the one in question among the first three.
    assert own["ndcg@10"] >= 0.5
    assert own["low"] > 0.0
    assert rows["another's profile", "en+zh"]["ndcg@10"] < own["ndcg@10"]
    assert json.loads(run(*arguments).stdout)["rows"] == report["rows"]


def test_one_source_must_be_named(files) -> None:
    for arguments in ([], ["--demo", "--interactions", str(files[0]), "--items", str(files[1])]):
        done = run(*arguments)
        assert done.exit_code == 1
        assert "one of the three" in done.stderr
