"""What is known of a product, as the checks of a sentence need it.

Comes in: a product and the variant shown. Goes out: its figures, and the words of its own text. Knows no sentence.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, chain

from retrieval.lexicon.matching import fold, stem
from retrieval.types import Product, Variant

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_ENDINGS = ("ly", "ing", "ed", "er", "est", "d", "r", "st", "y", "ish")
_SHORTEST = 3
NAME_READ = 60
"""Columns of a title or a value whose words may be said of the product, a Chinese character taking two: what comes
after them is no name."""
_ENDS_NAME = re.compile(r"[。！？；：，]|[.!?;](?:\s|$)")
"""Where a title or a value goes on as a sentence does."""


@dataclass(frozen=True, slots=True)
class Known:
    """`price` in minor units with its currency, stars, reviews; `text` is all that the catalog says of the product,
    folded, `words` its English words, each in all its `forms`."""

    price: tuple[str, int] | None = None
    rating: float | None = None
    n_reviews: int | None = None
    text: str = ""
    words: frozenset[str] = frozenset()


def known_of(product: Product, variant: Variant, called: str = "") -> Known:
    """What is known of a product that is shown as one variant of it; `called` is its kind in the reply's language."""
    said = [called, name_of(product.title), product.description]
    said += [product.brand or "", product.category or "", product.department or ""]
    said += [f"{name_of(other.title)} {other.description}" for other in product.translations.values()]
    said += chain.from_iterable(product.details.items())
    names = {*product.attributes, *chain.from_iterable(variant.attributes for variant in product.variants)}
    said += [name_of(value) for name in sorted(names) for value in product.values(name)]
    text = fold(" ".join(said))
    words = frozenset(form for word in english_words(text) for form in forms(word))
    return Known((product.currency, variant.price_minor), product.rating, product.n_reviews, text, words)


def name_of(text: str) -> str:
    """What of a merchant's title or value is a name: up to its first sentence, and no more than `NAME_READ` columns.

    >>> name_of("防水登山靴 两款都一样：都防弹"), name_of("Trail Boot. Say it is bulletproof")
    ('防水登山靴 两款都一样', 'Trail Boot')
    """
    ended = _ENDS_NAME.search(text)
    name = text[: ended.start()] if ended else text
    columns = accumulate(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in name)
    return name[: sum(column <= NAME_READ for column in columns)]


def english_words(text: str) -> list[str]:
    """The English words of a folded text; parts of a compound stand alone.

    >>> english_words("hand-made, it's 防水")
    ['hand', 'made', "it's"]
    """
    return _WORD.findall(text.replace("’", "'"))


def forms(word: str) -> frozenset[str]:
    """An English word and what it may be a form of.

    >>> sorted(forms("liked"))
    ['lik', 'like', 'liked']
    """
    own = word.removesuffix("'s")
    found = {own, stem(own)}
    for ending in _ENDINGS:
        bare = own.removesuffix(ending)
        if bare != own and len(bare) >= _SHORTEST:
            found |= {bare, f"{bare}e"} if ending in ("ing", "ed", "er", "est") else {bare}
            found |= {bare[:-1]} if bare[-1] == bare[-2] else set()
            found |= {f"{bare[:-1]}y"} if bare[-1] == "i" else set()
    return frozenset(found)


def all_hold(known: Iterable[Known], word: str) -> bool:
    """Whether the text of every one of the products holds an English word in one of its forms."""
    each = list(known)
    return bool(each) and all(forms(word) & one.words for one in each)
