"""What the built-in language model is told: a move, a manner, and part by part the names of facts it may speak of.

Comes in: names. Goes out: a `Brief`, its parts, and the texts that stand for them. Knows no value of any fact: no word
of a product, a review or a shopper ever reaches the model, so that none can lead it astray.

A reply is written part by part: an opening, one part for each product, a close. The model is told the facts of a part,
writes the part, and is told the next:

    <|en|><|search_many|><|warm|><|full|><|calm|><|n2|>
    <|open|>{wish}{n_matched}<|say|>I found {n_matched} {wish}.<|end|>
    <|first|>{title}{price}{met}<|say|> I'd start with {title} at {price}: {met}.<|end|>
    <|next|><|n1|>{title}{price}{less}<|say|> To spend {less} less, look at {title} at {price}.<|end|>
    <|close|><|say|><|end|>
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LANGUAGES = ("en", "zh")
MOVES = (
    "search_many", "search_all", "search_one", "search_free", "refine", "more", "cheaper", "similar", "undo", "bundle",
    "objection", "compare", "nothing", "no_more", "refuse", "liked", "disliked", "missed", "hello", "thanks", "bye",
    "who", "restart", "resume", "listening",
)  # fmt: skip
"""What a reply does. search_many: `n_matched` meet the wish; search_all: all of them are shown; search_one: a single
one does; search_free: what comes closest to a wish in free words. objection: others after something was held against a
product. nothing: nothing meets the wish; no_more: all that does was seen. refuse: this is no shop's business. liked,
disliked: the shopper said so of a product; missed: or of no product in particular. resume: small talk while products
are on the table; listening: other small talk."""
RECOMMENDING = MOVES[: MOVES.index("compare")]
"""The moves that show products in order."""
VOICES = ("warm", "plain", "lively")
LENGTHS = ("short", "full")
TONES = ("calm", "sorry")
"""How the shopper sounds: to an annoyed one the reply begins with an apology."""

SHARED_FACTS = ("wish", "n_matched", "steps", "table", "question", "offer", "shop")
"""What may be told of no product: wish ("waterproof boots under $120", a noun), n_matched (how many meet it), steps
(what smaller wishes would find: "3 in grey (from $20)"), table (lines that compare the products), question (a whole
question with its answers), offer (whole sentences that offer a person), shop (its name).
"""
PRODUCT_FACTS = (
    "title", "price", "stock", "top", "met", "under", "budget", "near", "usual", "list_price", "discount", "rating",
    "n_reviews", "praised", "n_praised", "quote", "liked", "disliked", "liked_other", "disliked_other", "own_size",
    "interest", "words", "available", "less", "more", "differs",
)  # fmt: skip
"""What may be told of a product, each in the words that code puts there:

title, price, list_price, discount ("34%"), rating ("4.6 out of 5"), n_reviews ("1,203"), stock ("only 3 left"; told
where it matters); top ("the cheapest of these", a noun); met (what of the wish it meets, after "it is": "waterproof,
in grey");
under (money left of `budget`), budget (kept to), near (the amount it is close to), usual (what the shopper spends
usually and it keeps to); praised (what buyers praise: "comfort"), n_praised (by how many); quote (a buyer's words with
quotation marks); liked, liked_other (what the shopper, or the one bought for, likes; after "it is"), disliked,
disliked_other (what it is not; a noun); own_size (after "it is"); interest ("one you have shown interest in before");
words (of its title, with quotation marks); available ("in stock"); less, more (the amount between its price and the
first one's); differs (what it has otherwise than the first; after "it is").
"""
MAX_PRODUCTS = 8
KINDS = ("open", "first", "next", "close")
"""The parts of a reply: all of a reply that shows no products in order is its opening."""
ENDINGS = ("question", "offer")
"""Shared facts that are told in the close."""
SAY = "<|say|>"
END = "<|end|>"

_OF_ONE = ("liked", "disliked")
"""Moves whose opening names the product."""

GROUPS = {
    "met": ("met",),
    "under": ("under", "budget"),
    "within": ("budget",),
    "near": ("near",),
    "usual": ("usual",),
    "sale": ("list_price", "discount"),
    "rating": ("rating", "n_reviews"),
    "rating_alone": ("rating",),
    "praised": ("praised", "n_praised"),
    "praised_once": ("praised",),
    "quote": ("quote",),
    "liked": ("liked",),
    "disliked": ("disliked",),
    "liked_other": ("liked_other",),
    "disliked_other": ("disliked_other",),
    "own_size": ("own_size",),
    "interest": ("interest",),
    "words": ("words",),
    "available": ("available",),
    "stock": ("stock",),
    "top": ("top",),
    "less": ("less",),
    "more": ("more",),
    "differs": ("differs",),
}
"""Facts that are said together, under the name of what they say."""

_MARK = re.compile(r"<\|([a-z0-9_]+)\|>")
_FACT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a reply: its kind, the names of its facts in the order in which they are to be said, the place of its
    product from 1 (0: of none), and how many products are still to be told, with this one (0: that is not said)."""

    kind: str
    facts: tuple[str, ...] = ()
    place: int = 0
    left: int = 0

    def text(self) -> str:
        """The part as the model reads it before it writes.

        >>> Part("next", ("title", "price"), 2, 3).text()
        '<|next|><|n3|>{title}{price}<|say|>'
        """
        left = f"<|n{self.left}|>" if self.left else ""
        return f"<|{self.kind}|>{left}" + "".join(f"{{{name}}}" for name in self.facts) + SAY

    def named(self, text: str) -> str:
        """What the model wrote, with the product's place in the names of its facts.

        >>> Part("next", ("title",), 2).named("Then {title}.")
        'Then {p2.title}.'
        """
        return _FACT.sub(rf"{{p{self.place}.\1}}", text) if self.place else text


@dataclass(frozen=True, slots=True)
class Brief:
    """One reply to write. `shared` are facts of the wish, `products` those of each product in order, title first,
    the others as they are to be said.

    Raises:
        ValueError: a name is unknown, or there are more than `MAX_PRODUCTS` products.
    """

    language: str
    move: str
    shared: tuple[str, ...] = ()
    products: tuple[tuple[str, ...], ...] = ()
    voice: str = "warm"
    length: str = "full"
    tone: str = "calm"

    def __post_init__(self) -> None:
        for said, known in (
            ((self.language,), LANGUAGES),
            ((self.move,), MOVES),
            ((self.voice,), VOICES),
            ((self.length,), LENGTHS),
            ((self.tone,), TONES),
            (self.shared, SHARED_FACTS),
            ([name for facts in self.products for name in facts], PRODUCT_FACTS),
        ):
            unknown = [name for name in said if name not in known]
            if unknown:
                raise ValueError(f"{unknown[0]!r} is none of {', '.join(known)}")
        if len(self.products) > MAX_PRODUCTS:
            raise ValueError(f"a brief speaks of at most {MAX_PRODUCTS} products, not {len(self.products)}")

    def facts(self) -> tuple[str, ...]:
        """The names of all placeholders that the reply may hold.

        >>> Brief("en", "more", ("wish",), (("title", "price"),)).facts()
        ('wish', 'p1.title', 'p1.price')
        """
        own = (f"p{place}.{name}" for place, facts in enumerate(self.products, start=1) for name in facts)
        return (*self.shared, *own)

    def head(self) -> str:
        """What the model reads first."""
        names = (self.language, self.move, self.voice, self.length, self.tone, f"n{len(self.products)}")
        return "".join(f"<|{name}|>" for name in names)

    def parts(self) -> tuple[Part, ...]:
        """The parts of the reply, in order."""
        endings = tuple(name for name in self.shared if name in ENDINGS)
        opening = Part("open", tuple(name for name in self.shared if name not in ENDINGS))
        if self.products and self.move in _OF_ONE:
            return (Part("open", self.products[0], 1), Part("close", endings))
        n = len(self.products)
        own = [Part("first", self.products[0], 1), *self._further(n)] if n else []
        # What is compared is named in the table; of a product for which nothing speaks there is nothing to say.
        told = own if self.move != "compare" else [part for part in own if len(part.facts) > 1]
        return (opening, *told, Part("close", endings))

    def _further(self, n: int) -> Iterator[Part]:
        for place in range(2, n + 1):
            yield Part("next", self.products[place - 1], place, n - place + 1)

    def text(self) -> str:
        """The brief as one text, by which it can be handed on."""
        return self.head() + "\n" + "\n".join(part.text() for part in self._all_parts())

    def _all_parts(self) -> list[Part]:
        own = [Part("next", facts, place) for place, facts in enumerate(self.products, start=1)]
        return [Part("open", self.shared), *own]


def read_brief(text: str) -> Brief:
    """The brief that a text stands for.

    >>> brief = Brief("zh", "similar", (), (("title", "price"), ("title", "less")))
    >>> read_brief(brief.text()) == brief
    True

    Raises:
        ValueError: it stands for none.
    """
    head, *lines = text.split("\n")
    marks = _MARK.findall(head)
    if len(marks) != 6 or not lines:
        raise ValueError(f"a brief has six marks and a line for each part, not {len(marks)} and {len(lines)}")
    language, move, voice, length, tone, _ = marks
    shared, *told = [tuple(_FACT.findall(line)) for line in lines]
    return Brief(language, move, shared, tuple(told), voice, length, tone)


def groups_of(facts: Sequence[str]) -> list[str]:
    """What the facts of a product say, in their order; title and price are said with its name.

    >>> groups_of(("title", "price", "rating", "n_reviews", "under", "budget"))
    ['rating', 'under']
    """
    left = list(facts)
    found = []
    while left:
        fits = [group for group, names in GROUPS.items() if names[0] == left[0] and set(names) <= set(left)]
        group = max(fits, key=lambda group: len(GROUPS[group]), default=None)
        told = GROUPS[group] if group else left[:1]
        found += [group] if group else []
        left = [name for name in left if name not in told]
    return found


def atoms() -> Iterator[str]:
    """Every piece of a brief or a reply that is one token."""
    counts = tuple(f"n{n}" for n in range(MAX_PRODUCTS + 1))
    for names in (LANGUAGES, MOVES, VOICES, LENGTHS, TONES, counts, KINDS):
        yield from (f"<|{name}|>" for name in names)
    yield from (SAY, END)
    yield from (f"{{{name}}}" for name in (*SHARED_FACTS, *PRODUCT_FACTS))
