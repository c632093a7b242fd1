"""Which of the products shown a message points at: by place, by 'it', by colour, price or name.

In: folded text, items, the session, and the shown products. Out: `References`, and the places that said so.
Knows nothing of what the shopper wants with them.
"""

import re
from collections.abc import Mapping, Sequence

from assistant.parsing.senses import Item
from assistant.types import References, Session
from retrieval.lexicon.matching import norms
from retrieval.types import Product
from retrieval.vocabulary import ordinary_words

Span = tuple[int, int]

_EN_ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "sixth": 6, "6th": 6, "seventh": 7, "7th": 7, "eighth": 8, "8th": 8, "ninth": 9, "9th": 9, "tenth": 10, "10th": 10,
    "last": -1,
}  # fmt: skip
_ZH_ORDINALS = {char: place for place, char in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_ZH_ORDINALS |= {str(place): place for place in range(1, 11)}
_NUMBER_WORDS = {
    word: place for place, word in enumerate("one two three four five six seven eight nine ten".split(), 1)
}

_EN = re.compile(
    r"(?<![a-z])(?:the |that |your |my )?(?:first (?P<firsts>two|three|2|3)"
    r"|last (?P<lasts>two|2)(?! (?:years?|months?|weeks?|days?))"
    r"|(?P<ordinal>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|1st|2nd|3rd|10th|[4-9]th)"
    r"(?! (?:time|year|week|month|night|order|hand|grader?|of all|floor|purchase|class|minute|summer|winter|name|trip))"
    r"(?! day)"
    r"|(?:number|no\.?|option|product|item)\s?#?(?P<number>10|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten)(?!\d)"
    r"|#(?P<hash>10|[1-9])(?!\d)|(?P<both>both(?: of (?:them|these))?)(?= |$|[?.!,]))(?![a-z0-9])"
)
_ZH = re.compile(
    r"前(?P<firsts>[两二三23])[个款双件台]?|第(?P<ordinal>10|[一二三四五六七八九十1-9])(?=$|[^\d一二三四五六七八九十年次天月周季代页句])[个款双件条台只部套瓶包顶种把]?"
    r"|(?P<last>最后(?:那|面)?(?:一)?[个款双件条台只部套瓶包顶]|倒数第一[个款])"
    r"|(?P<number>(?<!\d)[1-6一二三四五])号(?:款|产品|商品)?(?!码|线|楼)"
)
_EN_FOCUS = re.compile(
    r"(?<![a-z])(?:it(?! (?:possible|ok|okay|true|safe|be possible|free))|this one|that one|this|that|this product"
    r"|this item|it's|its|these|those|them|they|these ones|that pair|this pair)(?![a-z])"
)
_PIECE = "[个款双件条台只部套瓶包顶种把张家盏]"
_ZH_FOCUS = re.compile(
    rf"[这那]{_PIECE}(?!颜色|价|预算|牌)|它|刚才(?:那|的)|该款|呢[个款对]|嗰[个款对]|此款|这(?=和|跟|比)|[这那](?=[锅鞋包壶灯床杯裙衣帽车箱伞][^的]?)"
)
_SINGULAR_EN = re.compile(r"(?:the|that|this)\s(?P<what>[a-z' -]{2,40}?)\s(?:one|pair|model)(?![a-z])")
_SINGULAR_ZH = re.compile(
    rf"[那这]{_PIECE}(?P<after>[^,。?!,]{{1,6}})的(?:$|[^\u3400-\u9fff])"
    rf"|(?P<before>[\u3400-\u9fff]{{1,5}}?)的?[那这]{_PIECE}(?!就?(?:去掉|取消|删|不要|算了|免了|拿掉|撤|不需要|不用))"
)
_NOT_ALL = (
    r"(?!\s(?:(?:that )?you (?:have|sell|carry|stock|got)|you've got|in (?:stock|the shop|your)|available|there is))"
)
_CHEAPEST = re.compile(rf"(?:the|that) (?:cheapest|least expensive)(?: one)?{_NOT_ALL}|最便宜的?(?:那|这)[个款双件台]")
_DEAREST = re.compile(
    rf"(?:the|that) (?:most expensive|dearest|priciest)(?: one)?{_NOT_ALL}|最贵的?(?:那|这)[个款双件台]"
)
_MIN_TITLE_WORDS = 2


def find_references(
    text: str, items: Sequence[Item], session: Session, products: Mapping[str, Product], *, speaks_of: bool = True
) -> tuple[References, tuple[Span, ...]]:
    """What a message points at.

    Args:
        text: folded text.
        items: its items.
        session: with what was shown.
        products: the shown products by id.
        speaks_of: whether the message asks about, judges or compares products; else 'the cheapest one' is a wish for
            the cheapest there is, not the cheapest of those shown.

    Returns:
        The references with `product_ids` resolved where that is possible, and the places that named them.
    """
    ordinals, spans = _ordinals(text)
    shown = session.last_shown()
    ids = [shown[position] for position in _positions(ordinals, len(shown))]
    if not ids and speaks_of and (by_price := _by_price(text, session, products)):
        ordinals, ids = [place + 1 for place in by_price], [shown[place] for place in by_price]
        spans = (*spans, *by_price.values())
    if not ids:
        for resolve in (_by_description, _by_name):
            named, named_spans = resolve(text, items, session, products)
            if named:
                ids, spans = named, (*spans, *named_spans)
                break
    focus = _focus_span(text)
    if focus and not ids and session.focus_id:
        ids = [session.focus_id]
    return References(tuple(ordinals), focus is not None and not ordinals, tuple(dict.fromkeys(ids))), spans


def _ordinals(text: str) -> tuple[list[int], tuple[Span, ...]]:
    found: list[tuple[Span, list[int]]] = []
    for match in _EN.finditer(text):
        found.append((match.span(), _english_ordinals(match)))
    for match in _ZH.finditer(text):
        if match["firsts"]:
            found.append((match.span(), list(range(1, _ZH_ORDINALS[match["firsts"]] + 1))))
        elif match["last"]:
            found.append((match.span(), [-1]))
        else:
            found.append((match.span(), [_ZH_ORDINALS[match["ordinal"] or match["number"]]]))
    found.sort()
    ordinals = [ordinal for _, each in found for ordinal in each]
    return list(dict.fromkeys(ordinals)), tuple(span for span, _ in found)


def _english_ordinals(match: re.Match[str]) -> list[int]:
    if match["firsts"]:
        return list(range(1, (_NUMBER_WORDS.get(match["firsts"]) or int(match["firsts"])) + 1))
    if match["lasts"]:
        return [-2, -1]
    if match["both"]:
        return [1, 2]
    if match["ordinal"]:
        return [_EN_ORDINALS[match["ordinal"]]]
    number = match["number"] or match["hash"]
    return [_NUMBER_WORDS.get(number) or int(number)]


def _positions(ordinals: Sequence[int], n_shown: int) -> list[int]:
    positions = [ordinal - 1 if ordinal > 0 else n_shown + ordinal for ordinal in ordinals]
    return [position for position in positions if 0 <= position < n_shown]


def _focus_span(text: str) -> Span | None:
    match = _EN_FOCUS.search(text) or _ZH_FOCUS.search(text)
    return match.span() if match else None


_Found = tuple[list[str], tuple[Span, ...]]


def _by_price(text: str, session: Session, products: Mapping[str, Product]) -> dict[int, Span]:
    """The places of the cheapest and the dearest of those shown last, as far as named, and where they were."""
    prices = {i: products[shown].price_minor for i, shown in enumerate(session.last_shown()) if shown in products}
    found = []
    for pattern, sign in ((_CHEAPEST, 1), (_DEAREST, -1)):
        match = pattern.search(text)
        if match and prices:
            found.append((match.span(), min(prices, key=lambda place: (sign * prices[place], place))))
    return {place: span for span, place in sorted(found)}


def _by_description(text: str, items: Sequence[Item], session: Session, products: Mapping[str, Product]) -> _Found:
    """'the blue one', 蓝色那款: the newest shown products that state all the values named."""
    match = _SINGULAR_EN.search(text) or _SINGULAR_ZH.search(text)
    if match is None:
        return [], ()
    inside = [item for item in items if match.start() <= item.start and item.end <= match.end()]
    wanted = [sense for item in inside for sense in item.of("attribute", "brand", "category") if sense.values]
    if not wanted:
        return [], ()
    for ids in _lists(session):
        fitting = [
            product_id
            for product_id in ids
            if product_id in products and all(_states(products[product_id], s.kind, s.name, s.values) for s in wanted)
        ]
        if fitting:
            return fitting[:1], (match.span(),)
    return [], ()


def _states(product: Product, kind: str, name: str, values: Sequence[str]) -> bool:
    if kind == "category":
        return product.category in values
    return any(value in product.values(name) for value in values)


def _by_name(text: str, items: Sequence[Item], session: Session, products: Mapping[str, Product]) -> _Found:
    """The shown product most of whose own title words the message says."""
    said = set(norms(text))
    chinese = "".join(norm for norm in norms(text) if "\u3400" <= norm[:1] <= "\u9fff")
    best: tuple[int, str] | None = None
    for ids in _lists(session):
        for product_id in ids:
            if product_id not in products:
                continue
            overlap = _overlap(products[product_id], said, chinese, items)
            if overlap >= _MIN_TITLE_WORDS and (best is None or overlap > best[0]):
                best = (overlap, product_id)
        if best:
            return [best[1]], ()
    return [], ()


def _overlap(product: Product, said: set[str], chinese: str, items: Sequence[Item]) -> int:
    known = {item.norm for item in items if item.of("category", "department", "attribute")}
    own = {
        word for word in norms(product.title) if word.isascii() and word not in ordinary_words() and word not in known
    }
    hits = len(own & said)
    title = "".join(word for word in norms(product.title_in("zh")) if "\u3400" <= word[:1] <= "\u9fff")
    if len(chinese) >= 4 and (title in chinese or chinese in title):
        hits += _MIN_TITLE_WORDS
    if product.brand and set(norms(product.brand)) <= said and hits:
        hits += 0 if hits >= _MIN_TITLE_WORDS else 1
    return hits


def _lists(session: Session) -> list[list[str]]:
    """Ids of the shown lists, the newest list first, best first."""
    turns: dict[int, list[str]] = {}
    for item in session.shown:
        turns.setdefault(item.turn, []).append(item.product_id)
    return [turns[turn] for turn in sorted(turns, reverse=True)]
