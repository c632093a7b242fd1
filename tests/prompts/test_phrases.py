import re

import pytest

from prompts import Phrases, PromptError, load_phrases


def variables(text):
    return set(re.findall(r"\{(\w+)\}", text))


def test_both_languages_have_the_same_moves_with_the_same_variables():
    english, chinese = load_phrases("en").variants, load_phrases("zh").variants
    only_english = {"with.features", "mass.nouns", "mass.endings"}
    assert english.keys() - only_english == chinese.keys()
    for move in chinese:
        assert variables(english[move][0]) == variables(chinese[move][0]), move


def test_no_chinese_sentence_has_ascii_punctuation():
    for move, texts in load_phrases("zh").variants.items():
        for text in texts:
            assert not re.search(r"[\u4e00-\u9fff}][,:;?!]|\([\u4e00-\u9fff]", text), (move, text)


def test_the_variant_depends_on_the_seed_alone():
    phrases = Phrases("en", {"a.b": ("one", "two", "three")})
    assert phrases.say("a.b", "s1/4") == phrases.say("a.b", "s1/4")
    assert {phrases.say("a.b", f"s/{turn}") for turn in range(40)} == {"one", "two", "three"}


def test_errors_name_the_move_and_the_variable():
    phrases = Phrases("en", {"a.b": ("Hello {name}",)})
    with pytest.raises(PromptError, match=r"'a\.b' \(en\) needs a value for name"):
        phrases.say("a.b")
    with pytest.raises(PromptError, match=r"has no variable size"):
        phrases.say("a.b", name="x", size="y")
    with pytest.raises(PromptError, match=r"no move 'a\.c'"):
        phrases.say("a.c")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[a]\nb = ["{x}", "{y}"]', "must all use the same variables"),
        ("[a]\nb = []", "must all use the same variables"),
        ('[a]\nb = "{Big}"', "brace that belongs to no variable"),
        ("[a\n", "cannot read"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, toml, message):
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "en.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(PromptError, match=message):
        load_phrases("en", tmp_path)
