"""The page's own words.

In: a language and a key of `texts.toml`. Out: the sentence, filled in. Knows nothing of the page or of products.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of one language; an unknown key is a `KeyError`."""

    language: str
    sentences: Mapping[str, str]
    contributions: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence `key` with its `{…}` filled in."""
        return self.sentences[key].format(**values)

    def ordinal(self, place: int) -> str:
        """The place of a card (from 1) as a shopper says it.

        >>> texts("en").ordinal(2), texts("zh").ordinal(2), texts("en").ordinal(9)
        ('the second', '第二款', 'number 9')
        """
        words = self.sentences["ordinals"].split("|")
        return words[place - 1] if place <= len(words) else self("ordinal_beyond", n=place)

    def contribution(self, name: str) -> str:
        """What a part of the ranker's score is called; the part's own name where nobody has put it into words."""
        return self.contributions.get(name, name.replace("_", " "))


@cache
def texts(language: str) -> Texts:
    """The page's words in `language` ("en" or "zh"; any other language reads English).

    >>> texts("zh")("new_chat"), texts("fr").language
    ('新对话', 'en')
    """
    tables = tomllib.loads(files("assistant.web").joinpath("texts.toml").read_text(encoding="utf-8"))
    chosen = language if language in tables else "en"
    sentences = dict(tables[chosen])
    return Texts(chosen, sentences, sentences.pop("contributions"))


def preferred_language(chosen: str | None, accept_language: str | None) -> str:
    """The page's language: what the shopper chose, else the browser's best one that we speak, else English.

    >>> preferred_language(None, "fr-CH, zh-CN;q=0.9, en;q=0.8"), preferred_language("en", "zh")
    ('zh', 'en')
    """
    if chosen in ("en", "zh"):
        return str(chosen)
    weighted = []
    for place, part in enumerate((accept_language or "").split(",")):
        tag, _, parameters = part.strip().partition(";")
        weighted.append((-_quality(parameters), place, tag.split("-")[0].lower()))
    return next((tag for quality, _, tag in sorted(weighted) if quality < 0 and tag in ("en", "zh")), "en")


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
