import string
import tomllib
from importlib.resources import files

import pytest

from assistant.web.texts import preferred_language, texts

TABLES = tomllib.loads(files("assistant.web").joinpath("texts.toml").read_text(encoding="utf-8"))


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_say_everything_with_the_same_facts() -> None:
    english, chinese = TABLES["en"], TABLES["zh"]
    assert english.keys() == chinese.keys()
    assert english["contributions"].keys() == chinese["contributions"].keys()
    for key in english.keys() - {"contributions"}:
        assert placeholders(english[key]) == placeholders(chinese[key]), key


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, None, "en"),
        (None, "", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, "de;q=1.0, zh-TW;q=0.7, en;q=0.3", "zh"),
        (None, "zh;q=0, en;q=0.1", "en"),
        (None, "zh;q=x", "en"),
        (None, "fr", "en"),
        ("zh", "en-US", "zh"),
        ("xx", "zh-CN", "zh"),
    ],
)
def test_the_page_speaks_the_browsers_language_unless_another_was_chosen(
    chosen: str | None, accepted: str | None, language: str
) -> None:
    assert preferred_language(chosen, accepted) == language


def test_every_part_of_a_score_has_a_name_in_both_languages() -> None:
    from ranking.matcher import CONTRIBUTIONS

    assert set(CONTRIBUTIONS) <= TABLES["en"]["contributions"].keys()


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        texts("en")("no_such_sentence")
