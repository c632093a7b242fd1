"""Whether products speak of what the shopper wished for.

Comes in: the words of a wish, the conditions already read from it, and products. Goes out: the words that name
something, and whether a product's text holds them. Knows no session and no reply.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from assistant.parsing.data import load_fillers
from assistant.state import without_values
from assistant.writing.checks.tables import concrete, prose, things
from assistant.writing.wished import is_chat, wished_properties, wished_properties_zh
from assistant.writing.wording import mentioned
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import norms
from retrieval.text import STOP_WORDS, has_cjk, tokens
from retrieval.types import Filters, Product
from retrieval.vocabulary import ordinary_words

_WORD = re.compile(r"[^\W_\u3400-\u9fff]+(?:['’-][^\W_\u3400-\u9fff]+)*|[\u3400-\u9fff]+")
_IDLE_FORM = re.compile(r"['’](?:ll|d|ve|re|m|s|t)$|(?:teen|ie)th$|iest$")
"""Contractions, numbers in a row, and what is most of all ("priciest")."""
_SAME = 84.0
"""Per cent of characters that a word shares with its misspelling."""
_SHORTEST_SLIP = 5
_SHORTEST_NAME = 2
_PRODUCT_NAMES = frozenset("iphone ipad macbook chromebook airpods earpods kindle playstation xbox".split())
"""Names of one maker's things that a shopper's lexicon takes for their kind."""
_MOODS = frozenset(
    "cosy cozy stylish trendy fashionable cute pretty romantic unique funny thoughtful luxurious modern".split()
)
"""Words for a taste, which no product's text need repeat."""
_GIFTS = frozenset("gift gifts present presents 礼物 礼品 送礼 伴手礼".split())
"""What anything can be."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a wish as it was `said`; `stems` are its English tokens, all of which a text must hold.

    `kinds` are the tokens of each name of the kind of thing that it names; empty where it names none. A thing is of a
    kind when its title or category says so: a bag that takes an umbrella is none.
    """

    said: str
    stems: frozenset[str]
    kinds: frozenset[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Text:
    """A product's words in lower case and as tokens: those that say what it is, and all of them."""

    head: str
    head_stems: frozenset[str]
    whole: str
    stems: frozenset[str]
    has_english: bool
    has_chinese: bool

    @classmethod
    def of(cls, product: Product) -> "Text":
        """The title, category and department of a product, and with its description in every language it has, its
        details and its attributes."""
        titles = [product.title, *(other.title for other in product.translations.values())]
        said = [product.description, *(other.description for other in product.translations.values())]
        said += [f"{name} {value}" for name, value in product.details.items()]
        said += [f"{name} {value}" for name in _stated(product) for value in product.values(name)]
        head = " ".join(part for part in (*titles, product.brand, product.category, product.department) if part)
        whole = " ".join((head, *said))
        has_english = any(not has_cjk(title) for title in titles)
        stems = frozenset(tokens(head)), frozenset(tokens(whole))
        return cls(head.lower(), stems[0], whole.lower(), stems[1], has_english, any(map(has_cjk, titles)))

    def holds(self, term: Term) -> bool:
        """Whether the text speaks of the term; a slip of the pen counts, and so does a text in another language.

        >>> Text.of(Product("p", "Rain Jacket", "USD", ())).holds(Term("jackets", frozenset({"jacket"})))
        True
        """
        text, stems = (self.head, self.head_stems) if term.kinds else (self.whole, self.stems)
        if (term.stems and term.stems <= stems) or any(kind <= stems for kind in term.kinds):
            return True
        said = term.said.lower()
        if has_cjk(said):
            return said in text or not (term.stems or self.has_chinese)
        if not self.has_english:
            return True
        if len(said) < _SHORTEST_SLIP:
            return False
        words = (word for word in _WORD.findall(text) if word[0] == said[0] and abs(len(word) - len(said)) <= 2)
        return any(fuzz.ratio(said, word) >= _SAME for word in words)


def _stated(product: Product) -> tuple[str, ...]:
    """The names of the attributes of a product and its versions."""
    names = (*product.attributes, *(name for variant in product.variants for name in variant.attributes))
    return tuple(dict.fromkeys(names))


def terms(wish: str, filters: Filters) -> tuple[Term, ...]:
    """The words of a wish that no condition expresses yet, without fillers, numbers and stop words.

    >>> [term.said for term in terms("red noise cancelling headphones", Filters(include={"color": ("red",)}))]
    ['noise', 'cancelling', 'headphones']
    """
    values = {**filters.include, **({"category": (filters.category,)} if filters.category else {})}
    things = " ".join(word for word in wish.split() if norms(word) not in _relatives())
    rest = without_values(things, {name: tuple(v for v in said if v) for name, said in values.items()})
    expressed = frozenset(token for said in values.values() for value in said for token in tokens(value or ""))
    found = {}
    for said in _WORD.findall(rest):
        term = _term(said)
        if _says_something(term) and not (term.stems and term.stems <= expressed):
            found[said.lower()] = term
    return tuple(found.values())


def _term(said: str) -> Term:
    english = load_lexicon().translate(said) if has_cjk(said) else said
    is_name = said.lower() in _PRODUCT_NAMES
    kinds = frozenset[frozenset[str]]() if is_name else _kinds().get(norms(said), frozenset())
    return Term(said, frozenset(tokens(english)), kinds)


def _says_something(term: Term) -> bool:
    english, chinese = load_fillers()
    said = term.said.lower()
    idle = said in STOP_WORDS | english | _MOODS | _GIFTS or said in chinese or norms(said) in _relatives()
    return len(said) > 1 and not idle and not said[0].isdigit() and not is_chat(said)


@lru_cache
def _relatives() -> frozenset[tuple[str, ...]]:
    """People that things are bought for: said of an audience, not of a thing."""
    return frozenset(norms(surface) for concept in load_lexicon().relatives for surface in concept.surfaces)


def names(found: Sequence[Term]) -> tuple[Term, ...]:
    """The terms that name a thing: not words that everybody uses of anything.

    >>> [term.said for term in names(terms("nice umbrella for my birthday", Filters()))]
    ['umbrella']
    """
    return tuple(term for term in found if _is_name(term))


def _is_name(term: Term) -> bool:
    if term.kinds:
        return True
    english = load_lexicon().translate(term.said) if has_cjk(term.said) else term.said
    return not english or any(word not in ordinary_words() for word in norms(english))


@lru_cache
def _kinds() -> Mapping[tuple[str, ...], frozenset[frozenset[str]]]:
    """Every name of a kind of thing -> the tokens of all English names of that kind."""
    kinds: dict[tuple[str, ...], frozenset[frozenset[str]]] = {}
    for concept in load_lexicon().concepts:
        if concept.kind == "category":
            english = (name for name in (concept.value, *concept.surfaces) if name.isascii())
            stems = frozenset(frozenset(tokens(name)) for name in english if name not in _PRODUCT_NAMES)
            for surface in concept.surfaces:
                kinds[norms(surface)] = kinds.get(norms(surface), frozenset()) | stems
    return kinds


def particulars(message: str, wish: str, filters: Filters) -> tuple[Term, ...]:
    """Where a category is known, what is named beyond it: properties and places where a message words such a wish, and
    names of makers' things and a closer kind ("green tea") anywhere in the wish.

    >>> [term.said for term in particulars("hotel in Paris poss", "hotel paris poss", Filters("hotels"))]
    ['Paris']
    >>> [term.said for term in particulars("绿茶", "绿茶", Filters("teas"))]
    ['绿茶']
    """
    category = filters.category or ""
    phrases = wished_properties(message, category)
    said = [_term(named) for phrase in phrases for named in _particular_part(phrase, filters)]
    # Word for word: a kangaroo's leather is not told by "leather".
    chinese = wished_properties_zh(message, category)
    said += [Term(word, frozenset()) for word in chinese if _is_open(word, filters)]
    known = {word for term in said for word in term.said.lower().split()}
    products = [name for name in _WORD.findall(wish) if name.lower() in _PRODUCT_NAMES - known]
    said += [_term(name) for name in products]
    return (*said, *_closer_kinds(wish, category))


def _particular_part(phrase: str, filters: Filters) -> Iterator[str]:
    """The runs of a phrase's words that no condition expresses, from a particular word on.

    >>> list(_particular_part("small cup holders", Filters()))
    ['cup holders']
    """
    open_words = {term.said for term in terms(phrase, filters)}
    run: list[str] = []
    for word in phrase.split():
        if word in open_words and (_is_particular(word.lower()) or (run and word.lower() not in prose())):
            run.append(word)
        elif run:
            yield " ".join(run)
            run = []
    if run:
        yield " ".join(run)


def _is_particular(word: str) -> bool:
    """A word for a property, or one that is neither ordinary nor in the lexicon: "sauna", "paris", not "that'll"."""
    if mentioned(word, _attributes()) or _IDLE_FORM.search(word):
        return False
    words = norms(word)
    if word in things() or word in concrete():
        return not any(word in _lexicon_words() for word in words)
    return not any(word in ordinary_words() or word in prose() or word in _lexicon_words() for word in words)


def _is_open(word: str, filters: Filters) -> bool:
    """Whether a Chinese word says more than the conditions read from it: 黄 in 姜黄 is no yellow."""
    left = "".join(term.said for term in terms(word, filters))
    return bool(left) or (len(word) > _SHORTEST_NAME and not mentioned(word, _attributes()))


@lru_cache
def _attributes() -> tuple[str, ...]:
    return tuple({concept.attribute for concept in load_lexicon().concepts if concept.attribute})


@lru_cache
def _lexicon_words() -> frozenset[str]:
    lexicon = load_lexicon()
    surfaces = [surface for concept in lexicon.concepts for surface in concept.surfaces if concept.kind != "brand"]
    return frozenset(word for surface in (*surfaces, *lexicon.glossary.values()) for word in norms(surface))


def _closer_kinds(wish: str, category: str) -> Iterator[Term]:
    """Names of the category that say more than it does and end like it: "green tea" among teas."""
    own = frozenset(tokens(category))
    pieces = [wish] if not has_cjk(wish) else wish.split()
    for piece in pieces:
        english = load_lexicon().translate(piece) if has_cjk(piece) else piece
        words = [word for word in _WORD.findall(english) if tokens(word)]
        for first in range(len(words) - 1):
            kind = words[first:]
            stems = [token for word in kind for token in tokens(word)]
            if stems[-1] in own and not set(stems[:-1]) & own and norms(" ".join(kind)) in _kinds():
                yield Term(piece if has_cjk(piece) else " ".join(kind), frozenset(stems))
                break


def holds_value(product: Product, value: str, shown: str) -> bool:
    """Whether the title or the description speaks of a value, `shown` being what it is called in the reply."""
    text = " ".join(
        (product.title, product.description, *(f"{t.title} {t.description}" for t in product.translations.values()))
    )
    if any(claim[1] == value for claim in mentioned(text, _attributes())):
        return True
    own = frozenset(tokens(text))
    return any(
        word.lower() in text.lower() if has_cjk(word) else frozenset(tokens(word)) <= own for word in (value, shown)
    )
