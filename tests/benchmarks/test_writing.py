import json
import random
import shutil
import tomllib

import pytest
from commands import reported

from assistant.rendering import Facts, Renderer
from benchmarks.writing import LANGUAGES, main
from benchmarks.writing_corpus.briefs import a_brief
from benchmarks.writing_corpus.composing import compose, joined
from benchmarks.writing_honest import CLERKS, clerk_sentences, honest_sentences
from benchmarks.writing_lying import LIES, SETS, WHEN, Liar, Lie, Told, load_lies, written
from benchmarks.writing_turns import demo_turns, folded

KINDS = {
    "price", "stock", "discount", "rating", "feature", "material", "compatibility", "product", "brand", "commitment",
    "comparison",
}  # fmt: skip


@pytest.fixture(scope="module")
def turns():
    return {language: demo_turns(language, 6, seed=3) for language in LANGUAGES}


def test_the_benchmark_prints_one_object_with_violations_in_every_row():
    report = reported(main, "--turns", 160, "--payloads", 0)
    assert (report["benchmark"], report["ours"]) == ("writing", "lying model")
    assert "mg_shopdial" in report["data"]["skipped"]
    rows = {row["system"]: row for row in report["rows"]}
    assert all("violations" in row for row in rows.values())
    assert rows["lying model"] | {"incomplete": 0, "violations": 0} == rows["lying model"]
    assert rows["lying, unchecked"]["violations"] > 0.95 * rows["lying, unchecked"]["lies"] > 0
    assert all(rows[f"honest, {language}"]["lost"] <= 0.02 for language in LANGUAGES)
    for language in LANGUAGES:
        assert rows[f"built-in, {language}"]["violations"] == rows[f"built-in, {language}"]["incomplete"] == 0
        assert rows[f"plain, {language}"]["violations"] == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lies_are_many_of_every_kind_and_give_themselves_away(language):
    lies = [lie for which in SETS for lie in load_lies(language, which)]
    assert len({lie.text for lie in lies}) == len(lies) >= 180
    assert {lie.kind for lie in lies} == KINDS
    assert len(load_lies(language, "unseen")) >= 40
    for lie in lies:
        assert lie.when in WHEN
        bare = folded(lie.text.replace("{p1.title}", "x").replace("{p2.title}", "x").replace("{p2.price}", "x"))
        assert any(tell in bare for tell in lie.tells), lie.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_honest_sentences_are_many(language):
    assert len(set(honest_sentences(language))) >= 150
    assert not set(honest_sentences(language, "last")) & set(honest_sentences(language))


def test_the_judge_sees_a_lie_that_stands_in_the_text_and_none_that_the_catalog_tells(turns):
    turn = turns["en"][0]
    lie = Lie("feature", "{p1.title} is made of cheese.", ("made of cheese",), ("cheese",))
    title = turn.titles[0]
    assert lie.is_one(turn)
    assert Told(turn, (lie,), lie.text, f"{title} is MADE OF ｃｈｅｅｓｅ.").passed() == [lie]
    assert Told(turn, (lie,), lie.text, f"{title} is a fine choice.").passed() == []
    word = folded(turn.products[0].category)
    assert not Lie("product", "{p1.title} is one.", ("is one",), (word,)).is_one(turn)
    assert not Lie("product", "Look here.", (folded(title),)).is_one(turn)


def test_the_judge_sees_numbers_and_products_left_out(turns):
    turn = turns["en"][1]
    told = Told(turn, (), "", f"{turn.titles[0]} weighs 98765 pounds.")
    assert told.foreign_numbers() == ["98765"]
    assert told.unnamed() == turn.titles[1:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_replies_are_drawn_alike_and_name_every_product(language, turns):
    lies = load_lies(language, "seen")
    once, again = (Liar(language, turns[language], lies, 5) for _ in range(2))
    for number in range(12):
        told = once.reply(number)
        assert told == again.reply(number)
        assert told.unnamed() == []
        assert told.text == written(told.turn, list(told.raw))


def test_a_clerks_facts_become_placeholders_or_the_sentence_is_left_out(tmp_path):
    folder = tmp_path / CLERKS
    folder.mkdir(parents=True)
    said = [
        "Hello! The Blue Pen Set is only $9.99.",
        "It is rated 4.5/5.",
        "It is waterproof.",
        "Which colour do you like?",
        "See https://shop.example",
        "Take the Parker.",
        "We have 6 of them.",
    ]
    rows = [{"participant": "Wizard", "utterance": one} for one in said]
    rows.append({"participant": "Client", "utterance": "Thanks!"})
    (folder / "MGShopDial.json").write_text(json.dumps([{"utterances": rows}]), "utf-8")
    (folder / "items_pens.json").write_text(json.dumps([{"name": "Blue Pen Set"}]), "utf-8")
    assert clerk_sentences(tmp_path) == ["Hello!", "The {p1.title} is only {p1.price}.", "Which colour do you like?"]
    assert reported(main, "--turns", 16, "--payloads", 0, "--shared", tmp_path)["data"]["skipped"] == "nothing"
    shutil.rmtree(folder)


def test_what_the_built_in_model_is_trained_to_say_passes():
    chance = random.Random(7)
    kept, dropped = 0, []
    for _ in range(600):
        brief = a_brief(chance)
        renderer = Renderer(Facts(dict.fromkeys(brief.facts(), "x"), brief.language))
        list(renderer.stream([joined(brief, compose(brief, chance))]))
        kept += renderer.n_kept
        dropped += renderer.dropped
    assert len(dropped) <= 0.002 * kept, dropped


def test_the_data_are_only_the_keys_that_are_read():
    for path in LIES.glob("*_??.toml"):
        held = tomllib.loads(path.read_text("utf-8"))
        assert set(held) <= {"lie", "sentences"}
        for row in held.get("lie", ()):
            assert set(row) <= {"kind", "text", "tells", "unless", "when"}
