"""What a message says of the shopper: likes, dislikes, size, usual budget, age, and for whom the thing is.

In: folded text, its items, sizes and price, and what the catalog says of itself. Out: `Said`. Knows no session.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from assistant.parsing.about_me import Region, bare, find_regions, has_wish, pieces
from assistant.parsing.data import load_preferences
from assistant.parsing.measures import Age, Size, same_size
from assistant.parsing.money import PriceSaid
from assistant.parsing.persons import find_described, find_recipient
from assistant.parsing.senses import Item, Sense
from assistant.parsing.slots import is_general_name
from assistant.parsing.stances import Stance, find_stances, is_anothers, may_state
from assistant.parsing.things import find_things
from ranking.features import PRODUCT
from ranking.types import Preference
from retrieval.lexicon.matching import SurfaceIndex, fold, tokenize
from retrieval.types import ALL_NEEDED, Product
from retrieval.vocabulary import Vocabulary

Span = tuple[int, int]

MAX_TITLES = 100_000
"""Titles beyond so many are not kept in memory; such products are liked by pointing at them."""

_ARTICLES = frozenset({"the", "a", "an"})

_EXCLUSIVE = re.compile(
    r"\b(?:only|exclusively|solely|nothing but|must|has to|have to|got to|gotta|needs? to)\b"
    r"|\b(?:live|do|go) without\b|(?<!不)只|必须|一定要|非.{1,8}不|就得|务必|少不了|离不开|不能没有|缺不了|必不可少"
)
_WANTED = re.compile(r"\s*(?:an?|some|any|one|another|two|three|\d+)\s")
_SPEAKER = re.compile(
    r"(?<![a-z'])(?:i|i'm|i've|i'd|me|my|mine|is|are|was|beats?|makes?|gets?|wins?|never|always|fondness|weakness"
    r"|passion|soft spot|love|lover|fan|thing for)(?![a-z])"
)
_NO_TASTE = frozenset({"audience", "condition", "size"})
"""Attributes whose values nobody likes as such (I don't like children)."""

_LETTERS = frozenset({"shoe", "letter", ""})
"""Units of sizes that belong to a person: shoe sizes and letters."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of the shopper (`own`) and of the person bought for (`other`), without a source's time.

    `usual_price`: the price in it is what the shopper usually spends. `recipient`: whom the thing is for, as said;
    `for_self`: the shopper buys for themselves. `only`: it says nothing else. `spans`: places of likes that are no
    part of a wish beside them.
    """

    own: tuple[Preference, ...] = ()
    other: tuple[Preference, ...] = ()
    usual_price: bool = False
    recipient: str | None = None
    for_self: bool = False
    only: bool = False
    regions: tuple[Region, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(slots=True)
class ValueIndex:
    """The catalog's attribute values, brands, categories and titles by the words a shopper may use for them.

    Wider than what may become a filter: "I like action" can only mean the genre.
    """

    vocabulary: Vocabulary
    titles: Mapping[str, str] = field(default_factory=dict)
    _title_starts: frozenset[str] = frozenset()
    _index: SurfaceIndex[Sense] = field(default_factory=SurfaceIndex)

    def __post_init__(self) -> None:
        self._title_starts = frozenset(word for title in self.titles for word in _starts(title))
        chinese: dict[str, list[str]] = {}
        for word, english in load_preferences()["values"].items():
            chinese.setdefault(english, []).append(word)
        for attribute, values in self.vocabulary.attributes.items():
            for value in values if attribute not in _NO_TASTE else ():
                if sum(map(str.isalpha, value)) >= (3 if value.isascii() else 2):
                    sense = Sense("attribute", attribute, value, (value,))
                    for surface in (value, *chinese.get(value.lower(), ())):
                        self._index.add(surface, sense)
        for brand in self.vocabulary.brands:
            self._index.add(brand, Sense("brand", "brand", brand, (brand,)))

    def title(self, text: str) -> str | None:
        """The id of the product whose title `text` is."""
        return self.titles.get(title_key(text))

    def may_begin_title(self, word: str) -> bool:
        """Whether a title begins with the word."""
        return word in self._title_starts or (bool(self.titles) and word in _ARTICLES)

    def read(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, Sense]]:
        """(start, end, sense) of the catalog's values between two places of folded text."""
        tokens = [token for token in tokenize(text) if start <= token.start and token.end <= end]
        for match in self._index.find_all(tokens):
            yield tokens[match.first].start, tokens[match.last - 1].end, match.payloads[0]


def title_key(title: str) -> str:
    """What is compared of a title: no case, punctuation, year in brackets or article.

    >>> title_key("Usual Suspects, The (1995)"), title_key("the usual suspects")
    ('usual suspects', 'usual suspects')
    """
    plain = re.sub(r"\([^)]*\)", " ", fold(title))
    words = re.sub(r"[^\w']+", " ", plain).split()
    if words and words[0] in _ARTICLES and len(words) > 1:
        words = words[1:]
    if words and words[-1] in _ARTICLES and len(words) > 1:
        words = words[:-1]
    return " ".join(words)


def _starts(title: str) -> Iterator[str]:
    """What a text that is this title may begin with: its first word, its first letter where that is no English one."""
    first = next(iter(title.split()), "")
    yield next(iter(re.findall(r"^[a-z']+|^\d+", first)), first[:1])


def titles_of(products: Iterable[Product]) -> dict[str, str]:
    """`title_key` -> id of the products that can be liked by name, in any language that the catalog has; of the first
    `MAX_TITLES` of a catalog."""
    return {
        title_key(title): product.id
        for product in islice(products, MAX_TITLES)
        for title in (product.title, *(translation.title for translation in product.translations.values()))
    }


def read_preferences(
    text: str,
    items: Sequence[Item],
    before: Sequence[Item],
    sizes: Sequence[Size],
    ages: Sequence[Age],
    price: PriceSaid,
    values: ValueIndex,
    taken: Sequence[Span],
) -> Said:
    """What a message says of persons.

    Args:
        text: the folded message.
        items: its items with their polarity.
        before: the same before relatives were settled.
        sizes: its sizes.
        ages: its ages.
        price: its price.
        values: what the catalog can be liked for.
        taken: places that point at products shown.
    """
    regions = tuple(
        region
        for region in find_regions(text, items, lambda piece: values.title(piece) is not None)
        if region.names_title or not any(region.start < end and start < region.end for start, end in taken)
        if region.other or region.likes(region.begin) is None or not _is_anothers(region, text)
    )
    own: dict[str, Preference] = {}
    other: dict[str, Preference] = {}
    used: list[Region] = []
    usual = False
    for region in regions:
        found = {item.key: item for item in _of_region(region, text, items, sizes, values)}
        spends = "budget" in region.kinds and any(region.holds(*span) for span in price.spans)
        usual = usual or (spends and not region.other)
        if found or spends:
            used.append(region)
        (other if region.other else own).update(found)
    for region, stated in _stances(text, items, values, taken):
        read = any(_meet(region, earlier) for earlier in used)
        own.update({key: item for key, item in stated.items() if not read or key in own})
        used += [] if read else [region]
    described, places = find_described(text, values.vocabulary)
    own.update({item.key: item for item in described})
    covered = [*((region.start, region.end) for region in used), *places]
    only = bool(own or usual) and _nothing_else(text, items, sizes, price, covered)
    recipient = find_recipient(text, items, before, ages)
    soft = () if only else _soft(text, items, used)
    for_self = recipient is None and any(phrase in text for phrase in load_preferences()["recipient"]["own"])
    return Said(
        tuple(own.values()), tuple(other.values()), usual, recipient, for_self, only, tuple(used), soft
    )  # fmt: skip


def _is_anothers(region: Region, text: str) -> bool:
    """Whether a like or dislike is not the shopper's; persons in a title ("Mother") are none."""
    said = blanked(text, [(region.begin, region.until or region.end)]) if region.names_title else text
    return is_anothers(said, region.start, region.end)


def _stances(
    text: str, items: Sequence[Item], values: ValueIndex, taken: Sequence[Span]
) -> list[tuple[Region, dict[str, Preference]]]:
    """The lasting stances that clauses take, with where that stands; `taken` places point at what was shown."""
    if not may_state(text):
        return []
    named = [(start, end) for start, end, _ in values.read(text, 0, len(text))]
    things = find_things(text, items, named, values, _NO_TASTE)
    things = [thing for thing in things if thing.is_title or not _hits(taken, thing.start, thing.end)]
    found = []
    for stance in find_stances(text, things):
        if stance.likes and _is_wanted(text[stance.start : stance.end]):
            # A hotel that takes our dog: what is wanted, not what is liked.
            continue
        region = Region(("like" if stance.likes else "dislike",), stance.start, stance.start, stance.end)
        found.append((region, _of_stance(stance, text, items, values)))
    return [(region, stated) for region, stated in found if stated]


def _is_wanted(clause: str) -> bool:
    """Whether a clause names a thing that is wanted and says nothing of it or of the speaker."""
    return _WANTED.match(clause) is not None and _SPEAKER.search(clause) is None


def _of_stance(stance: Stance, text: str, items: Sequence[Item], values: ValueIndex) -> dict[str, Preference]:
    """The things of a stance as preferences; a negation in its words is part of them and refuses nothing by itself."""
    stated: dict[str, Preference] = {}
    for thing in stance.things:
        kind = "like" if stance.likes else "dislike"
        region = Region((kind,), thing.start, thing.start, thing.end, names_title=thing.is_title)
        named = [replace(item, polarity="wanted") for item in items if region.holds(item.start, item.end)]
        found = _of_region(region, text, () if thing.is_title else named, (), values)
        stated.update({preference.key: preference for preference in found})
    return stated


def blanked(text: str, spans: Iterable[Span]) -> str:
    """The text with spaces in some places.

    >>> blanked("i like tea", [(0, 6)])
    '       tea'
    """
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _of_region(
    region: Region, text: str, items: Sequence[Item], sizes: Sequence[Size], values: ValueIndex
) -> Iterator[Preference]:
    if "size" in region.kinds:
        yield from _own_sizes(region, sizes, values.vocabulary)
    if region.likes(region.begin) is None:
        return
    covered: list[Span] = []
    for start, end, piece in _placed(text, region):
        product_id = values.title(piece)
        if product_id is not None and not _hits(covered, start, end) and not _is_all_mention(items, start, end):
            covered.append((start, end))
            yield _preference(PRODUCT, product_id, region, start)
    for item in items:
        inside = region.begin <= item.start and item.end <= region.end
        if not inside or item.polarity in ("lifted", "unneeded") or _hits(covered, item.start, item.end):
            continue
        for sense in _first_of_each(item):
            if sense.kind in ("category", "department") and not (
                region.likes(item.start) or is_general_name(item, sense)
            ):
                # Nuts are some of the snacks: who can't eat them may like the rest.
                continue
            if sense.kind == "category" and all(values.vocabulary.is_everything(value) for value in sense.values):
                # Where films are sold and nothing else, "science fiction films" tells of science fiction.
                continue
            covered.append((item.start, item.end))
            for value in sense.values:
                yield _preference(sense.name, value, region, item.start, refused=item.polarity == "excluded")
    for start, end, sense in values.read(text, region.begin, region.end):
        if not _hits(covered, start, end):
            refused = any(i.polarity == "excluded" and i.start <= start < i.end for i in items)
            yield _preference(sense.name, sense.value, region, start, refused=refused)


def _preference(attribute: str, value: str, region: Region, start: int, *, refused: bool = False) -> Preference:
    liked = bool(region.likes(start)) and not refused
    return Preference(attribute, value, 1.0 if liked else -1.0, "")


def _first_of_each(item: Item) -> list[Sense]:
    """The senses that are a matter of taste; one feature at most."""
    kinds = item.of("category", "department", "attribute", "brand")
    carried = [sense for sense in kinds if sense.values and sense.name not in _NO_TASTE]
    features = [sense for sense in carried if sense.name in ALL_NEEDED]
    return [sense for sense in carried if sense.name not in ALL_NEEDED or sense is features[0]]


def _own_sizes(region: Region, sizes: Sequence[Size], vocabulary: Vocabulary) -> Iterator[Preference]:
    stated = vocabulary.attributes.get("size", {})
    for size in sizes:
        if stated and size.unit in _LETTERS and region.holds(*size.span):
            said = size.text()
            yield Preference("size", next((value for value in stated if same_size(said, value)), said), 1.0, "")


def _placed(text: str, region: Region) -> Iterator[tuple[int, int, str]]:
    """The parts of a region's list from start to end, the longest first, each as it might be a name."""
    said = text[region.begin : region.until or region.end]
    start = region.begin
    for part in dict.fromkeys((said.strip(" .!?"), *_up_to_breaks(said), *pieces(said))):
        place = text.find(part, start, region.until or region.end)
        if part and place >= 0:
            yield place, place + len(part), part
            if bare(part) != part:
                yield place, place + len(part), bare(part)


def _up_to_breaks(said: str) -> list[str]:
    """The list up to each of its commas, from the last: a title may hold some."""
    return [said[: comma.start()].strip(" .!?") for comma in reversed([*re.finditer(r"[,、]", said)])]


def _is_all_mention(items: Sequence[Item], start: int, end: int) -> bool:
    inside = [item for item in items if start <= item.start and item.end <= end and item.norm[:1].isalnum()]
    return bool(inside) and all(item.is_mention for item in inside)


def _meet(one: Region, other: Region) -> bool:
    return one.start < other.end and other.start < one.end


def _hits(spans: Sequence[Span], start: int, end: int) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in spans)


def _nothing_else(
    text: str, items: Sequence[Item], sizes: Sequence[Size], price: PriceSaid, covered: Sequence[Span]
) -> bool:
    """Whether the message says nothing but what is covered: no wish, no thing, no price, no question."""
    rest = blanked(text, covered)
    outside = [item for item in items if not _hits(covered, item.start, item.end)]
    if any(item.is_mention or item.of("key") for item in outside):
        return False
    if any(not _hits(covered, *span) for span in (*(size.span for size in sizes), *price.spans)):
        return False
    return not has_wish(rest) and "?" not in rest


def _soft(text: str, items: Sequence[Item], regions: Sequence[Region]) -> tuple[Span, ...]:
    """The likes that are no part of the wish beside them, where there is one with words of its own.

    What somebody takes only, or must have, is a part of it.
    """
    outside = [item for item in items if not any(region.holds(item.start, item.end) for region in regions)]
    if not any(item.is_mention for item in outside):
        return ()
    regions = [region for region in regions if not _EXCLUSIVE.search(text[region.start : region.end])]
    return tuple(
        (region.start, region.turns or region.end)
        for region in regions
        if (region.likes(region.begin) or "budget" in region.kinds) and not region.mild and not region.other
    )
