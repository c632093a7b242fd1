"""Wishes that a catalog can and cannot meet, made from the catalog itself and from a list of everyday goods.

In: products and the goods' file. Out: texts with what they should be taken for. Knows no estimate and no search.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ranking.adaptation.titles import chinese_names, plain_words, title_words
from retrieval.lexicon import load_lexicon
from retrieval.text import has_cjk
from retrieval.types import Product

GOODS_FILE = Path(__file__).parent / "wishes" / "goods.toml"

BRANDED = 0.4
"""The share of the described goods that come with a brand of the shop."""

_WORD = re.compile(r"[^\W_]+(?:[-'./][^\W_]+)*")
_BEFORE = (
    "",
    "",
    "",
    "",
    "red ",
    "black ",
    "cheap ",
    "waterproof ",
    "leather ",
    "wireless ",
    "small ",
    "large ",
    "best ",
)
_AFTER = ("", "", "", "", " for men", " for kids", " for my mum", " under 100 dollars", " for travel", " for home")
_BEFORE_ZH = ("", "", "", "红色", "黑色的", "便宜的", "想买", "有没有", "给妈妈买")


@dataclass(frozen=True, slots=True)
class Wish:
    """A text, and whether the shop carries what it asks for."""

    text: str
    answerable: bool


def from_goods(shop: str, products: Sequence[Product], seed: random.Random) -> Iterator[Wish]:
    """Goods of trades that the shop lacks: bare, described, and with a brand that it does carry."""
    table = tomllib.loads(GOODS_FILE.read_text("utf-8"))
    brands = sorted({product.brand for product in products if product.brand})
    excepted = frozenset(table["but"][shop])
    for trade in table["absent"][shop]:
        for entry in table["trades"][trade]:
            names = entry.split(" | ")
            if excepted & set(names):
                continue
            for name in names:
                yield Wish(name, False)
                if brands and not has_cjk(name) and seed.random() < BRANDED:
                    yield Wish(f"{seed.choice(brands)} {name}", False)
                else:
                    yield Wish(described(name, seed), False)


def from_categories(kept: Sequence[Product], removed: Sequence[Product], seed: random.Random) -> Iterator[Wish]:
    """The categories' names and what the lexicon calls them: those kept can be met, those taken out cannot."""
    names = [{p.category for p in part if p.category} for part in (kept, removed)]
    meant = {_canonical(name) for name in names[0]}
    for answerable, some in ((True, names[0]), (False, names[1])):
        for name in sorted(some):
            canonical = _canonical(name)
            if not answerable and canonical in meant and canonical:
                continue
            for surface in (_plain(name), *_surfaces(canonical, seed)):
                yield Wish(surface, answerable)
                yield Wish(described(surface, seed), answerable)


def from_titles(products: Sequence[Product], n: int, answerable: bool, seed: random.Random) -> Iterator[Wish]:
    """Parts of `n` titles as shoppers write them: the end, brand and end, with slips of the pen, model numbers."""
    for product in seed.choices(products, k=n):
        titles = [product.title, *(other.title for other in product.translations.values())]
        title = seed.choice(titles)
        if has_cjk(title):
            yield Wish(seed.choice(_BEFORE_ZH) + seed.choice(chinese_names(title)), answerable)
            continue
        said = _part_of(title, product, seed)
        if said:
            yield Wish(said, answerable)
            if seed.random() < 0.25 and len(max(said.split(), key=len)) > 5:
                yield Wish(misspelt(said, seed), answerable)
        codes = [w for w in _WORD.findall(title) if re.search(r"\d", w) and re.search(r"[A-Za-z]", w) and len(w) > 4]
        if codes and seed.random() < 0.15:
            yield Wish(seed.choice(codes), answerable)


def described(name: str, seed: random.Random) -> str:
    """The name with words around it that say nothing of what it is."""
    if has_cjk(name):
        return seed.choice(_BEFORE_ZH) + name
    return seed.choice(_BEFORE) + name + seed.choice(_AFTER)


def misspelt(text: str, seed: random.Random) -> str:
    """The text with one letter of its longest word left out, doubled or swapped with the next."""
    word = max(text.split(), key=len)
    place = seed.randrange(1, max(len(word) - 1, 2))
    slip = seed.choice(
        (
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
            word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :],
        )
    )
    return text.replace(word, slip)


def _part_of(title: str, product: Product, seed: random.Random) -> str:
    words = title_words(title, product.brand)
    plain = plain_words(words)
    if not plain:
        return ""
    kind = seed.random()
    if kind < 0.35:
        return " ".join(plain[-2:])
    if kind < 0.5:
        return " ".join(plain[-3:])
    if kind < 0.65 and product.brand:
        return f"{product.brand} {' '.join(plain[-2:])}"
    if kind < 0.8:
        return described(" ".join(plain[-2:]), seed)
    start = seed.randrange(len(words))
    return " ".join(words[start : start + 3])


def _canonical(name: str) -> str | None:
    lexicon = load_lexicon()
    readings = (name, _plain(name), _plain(name) + "s")
    return next(filter(None, (lexicon.canonical("category", reading) for reading in readings)), None)


def _plain(name: str) -> str:
    return name.replace("-", " ").replace("/", " ").replace("_", " ")


def _surfaces(canonical: str | None, seed: random.Random) -> list[str]:
    if canonical is None:
        return []
    concept = next(c for c in load_lexicon().concepts if c.kind == "category" and c.value == canonical)
    return seed.sample(concept.surfaces, min(6, len(concept.surfaces)))
