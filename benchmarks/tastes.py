"""What shoppers would say of their taste, concluded from what they took up: for `benchmarks.profile`.

In: what each shopper took up, oldest first, and what the catalog states of it. Out: `Taste`s, three preferences a
shopper, and utterances by the phrasings in `phrasings/likes.toml`. Knows neither parser nor ranker, and never sees what
is measured on.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path
from typing import Any

from assistant.writing.wording import display
from ranking.features import PRODUCT
from retrieval.types import Product

N_VALUES, N_PRODUCTS = 2, 1
"""So many values and so many products does a shopper speak of: three preferences together."""

PHRASINGS = Path(__file__).parent / "phrasings" / "likes.toml"

Value = tuple[str, str]
"""(attribute, value)."""

_ARTICLE = re.compile(r"^(?P<rest>.+), (?P<article>the|an?|les?|la|el|il|das|der|die)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Taken:
    """One thing that a shopper took up; `worth` tells how much they liked it, beside others of theirs."""

    product_id: str
    worth: float = 1.0


Told = Mapping[str, Sequence[Value]]
"""Product id -> what is stated of it and may be liked."""


def commonness(taken: Iterable[Sequence[Taken]], told: Told) -> dict[Value, float]:
    """The share of all that was taken up which has each value.

    >>> commonness([[Taken("a"), Taken("b")]], {"a": [("genre", "war")], "b": [("genre", "war"), ("genre", "crime")]})
    {('genre', 'war'): 1.0, ('genre', 'crime'): 0.5}
    """
    counts: Counter[Value] = Counter()
    n = 0
    for acts in taken:
        n += len(acts)
        counts.update(value for act in acts for value in told.get(act.product_id, ()))
    return {value: count / n for value, count in counts.items()}


def best_values(acts: Sequence[Taken], told: Told, common: Mapping[Value, float], k: int = N_VALUES) -> list[Value]:
    """The values that stand out most in what a shopper took up; only those taken up more often than is common.

    By how many standard deviations their number lies above what their commonness would make of as many acts (binomial),
    so that a rare value taken up once by chance does not count for more than a love.

    >>> told = {"a": [("genre", "war")], "b": [("genre", "drama")]}
    >>> best_values([Taken("a"), Taken("b")], told, {("genre", "war"): 0.1, ("genre", "drama"): 0.6})
    [('genre', 'war')]
    """
    counts = Counter(value for act in acts for value in told.get(act.product_id, ()))
    n = len(acts)
    above = {
        value: (count - n * common[value]) / sqrt(n * common[value] * (1 - common[value]))
        for value, count in counts.items()
        if count > n * common[value] and common[value] < 1.0
    }
    return sorted(above, key=lambda value: (-above[value], value))[:k]


def best_products(acts: Sequence[Taken], k: int = N_PRODUCTS) -> list[Value]:
    """The products that a shopper liked best, the latest of equals, as values of the attribute `PRODUCT`.

    >>> best_products([Taken("a", 5.0), Taken("b", 5.0), Taken("c", 4.0)])
    [('product', 'b')]
    """
    ordered = sorted(enumerate(acts), key=lambda place: (-place[1].worth, -place[0]))
    return [(PRODUCT, id_) for id_ in list(dict.fromkeys(act.product_id for _, act in ordered))[:k]]


@lru_cache
def phrasings() -> Mapping[str, Any]:
    """The file of phrasings, by language."""
    return tomllib.loads(PHRASINGS.read_text("utf-8"))


def ways(language: str, kind: str) -> list[tuple[str, bool]]:
    """The ways to say a preference in a language, each with whether it was kept out of the work on the parser.

    Args:
        language: "en" or "zh".
        kind: "value" or "product".
    """
    table = phrasings()[language]
    return [*((way, False) for way in table[kind]), *((way, True) for way in table["kept_out"][kind])]


def n_phrasings(language: str) -> int:
    """How many ways there are to say a preference in a language."""
    return len(ways(language, "value")) + len(ways(language, "product"))


def called(value: Value, products: Callable[[str], Product], language: str) -> str:
    """What a shopper calls a value or a product.

    >>> called(("color", "blue"), lambda _: None, "zh"), called(("genre", "war"), lambda _: None, "en")
    ('蓝色的东西', 'war films')
    """
    attribute, name = value
    table = phrasings()[language]
    if attribute == PRODUCT:
        return spoken_title(products(name).title_in(language))
    said = table.get(attribute, {}).get(name) or display(attribute, name, language)
    return str(table["of"].get(attribute, "{x}").replace("{x}", said))


def spoken_title(title: str) -> str:
    """A title as it is said: an article that was put behind stands in front, and nothing stands in brackets.

    >>> spoken_title("Usual Suspects, The (1995)")
    'The Usual Suspects'
    """
    plain = re.sub(r"\s*\([^)]*\)", "", title).strip() or title
    found = _ARTICLE.match(plain)
    return f"{found['article']} {found['rest']}" if found else plain


def utterance(value: Value, what: str, language: str, number: int) -> tuple[str, bool]:
    """A preference in words, and whether they were kept out of the work on the parser; phrasings go round by `number`.

    >>> utterance(("genre", "war"), "war films", "en", 0)
    ('I love war films', False)
    """
    found = ways(language, "product" if value[0] == PRODUCT else "value")
    way, kept_out = found[number % len(found)]
    return way.replace("{x}", what), kept_out
