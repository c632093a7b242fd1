"""What the built-in language model is told: a move, a manner, and the facts it may speak of, by their names alone.

Comes in: names. Goes out: a `Brief`, and the one text that stands for it. Knows no value of any fact: no word of a
product, a review or a shopper ever reaches the model, so that none can lead it astray.

    <|en|><|search_many|><|warm|><|full|><|calm|>
    {wish}{n_matched}
    {p1.title}{p1.price}{p1.met}{p1.rating}{p1.n_reviews}
    <|last|>{p2.title}{p2.price}{p2.less}
    <|reply|>
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
LAST = "<|last|>"
"""Stands before the last product."""
REPLY = "<|reply|>"
END = "<|end|>"

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

_MARK = re.compile(r"<\|([a-z_]+)\|>")
_FACT = re.compile(r"\{([a-z0-9_.]+)\}")


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

    def text(self) -> str:
        """The brief as the model reads it."""
        marks = "".join(f"<|{name}|>" for name in (self.language, self.move, self.voice, self.length, self.tone))
        lines = [marks]
        if self.shared:
            lines.append("".join(f"{{{name}}}" for name in self.shared))
        for place, facts in enumerate(self.products, start=1):
            last = LAST if place == len(self.products) else ""
            lines.append(last + "".join(f"{{p{place}.{name}}}" for name in facts))
        return "\n".join(lines) + f"\n{REPLY}"


def read_brief(text: str) -> Brief:
    """The brief that a text stands for.

    >>> brief = Brief("zh", "similar", (), (("title", "price"), ("title", "less")))
    >>> read_brief(brief.text()) == brief
    True

    Raises:
        ValueError: it stands for none.
    """
    marks = _MARK.findall(text.replace(LAST, ""))
    if len(marks) != 6:
        raise ValueError(f"a brief has six marks, not {len(marks)}")
    shared: list[str] = []
    products: dict[str, list[str]] = {}
    for name in _FACT.findall(text):
        key, dot, fact = name.partition(".")
        (products.setdefault(key, []) if dot else shared).append(fact if dot else key)
    language, move, voice, length, tone, _ = marks
    told = tuple(tuple(facts) for facts in products.values())
    return Brief(language, move, tuple(shared), told, voice, length, tone)


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
    for names in (LANGUAGES, MOVES, VOICES, LENGTHS, TONES):
        yield from (f"<|{name}|>" for name in names)
    yield from (LAST, REPLY, END)
    yield from (f"{{{name}}}" for name in SHARED_FACTS)
    yield from (f"{{p{n}.{name}}}" for n in range(1, MAX_PRODUCTS + 1) for name in PRODUCT_FACTS)
