"""The constraints in force: how a message changes them, how one is taken away, and how the page names them.

In: filters as the shopper said them, and a parsed message. Out: new filters, and labels in both languages. Knows no
query and no shop currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.parsing.senses import category_departments
from assistant.types import ParsedMessage, Session
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import SurfaceIndex, norms, tokenize
from retrieval.money import format_money, to_major
from retrieval.types import Attributes, Filters

CHEAPER = "cheaper"
"""The key of the bound that 'anything cheaper?' set."""

BEYOND = "beyond:"
"""Before an attribute's name: the comparison with a product that was shown."""

STOCK = "stock"
"""The key of 'what is sold out, too'."""

WISH_WORD = "wish"
"""The key of a dropped word of the wish ("wish=oolong")."""

EXCLUDED = "not:"
"""Before an attribute's name: its excluded values."""

_PRICE_LABELS = {
    "range": ("{low} to {high}", "{low}至{high}"),
    "maximum": ("up to {high}", "{high}以内"),
    "minimum": ("from {low}", "{low}以上"),
    "around": ("around {around}", "{around}左右"),
}
_SORT_LABELS = {
    "price_asc": ("cheapest first", "价格从低到高"),
    "price_desc": ("dearest first", "价格从高到低"),
    "rating": ("best rated first", "评分从高到低"),
    "newest": ("newest first", "最新优先"),
    "popular": ("most popular first", "最热门优先"),
}
_COMPARED_LABELS = {
    ("weight", 1): ("heavier than that one", "比那款重"),
    ("weight", -1): ("lighter than that one", "比那款轻"),
    ("size", 1): ("bigger than that one", "比那款大"),
    ("size", -1): ("smaller than that one", "比那款小"),
    ("battery", 1): ("lasts longer than that one", "续航比那款久"),
    ("battery", -1): ("lasts shorter than that one", "续航比那款短"),
    ("rating", 1): ("better rated than that one", "评分比那款高"),
    ("rating", -1): ("worse rated than that one", "评分比那款低"),
}


@dataclass(frozen=True, slots=True)
class Constraint:
    """One condition in force. `key` and `value` are what `dialogue.remove_constraint` takes; the labels are shown."""

    key: str
    value: str | None
    label_en: str
    label_zh: str


def merge_filters(old: Filters, parsed: ParsedMessage) -> Filters:
    """The filters after a message that adds to, corrects or drops some of them.

    A value that is included is no longer excluded, and the other way round. A new price bound replaces its like; a
    range, an 'around' or a bound that contradicts the other replaces both. The currency stays when only the number
    changes. A category that is refused is no longer the one wanted.
    """
    said = parsed.filters
    kept = without(old, parsed.dropped)
    include = dict(kept.include)
    for name, values in said.include.items():
        before = () if name in parsed.replaces else include.get(name, ())
        include[name] = tuple(dict.fromkeys((*before, *values)))
    exclude = dict(kept.exclude)
    for name, values in said.exclude.items():
        exclude[name] = tuple(dict.fromkeys((*exclude.get(name, ()), *values)))
    category = said.category or kept.category
    if category in (*said.exclude.get("category", ()), *said.exclude.get("department", ())):
        category = None
    wished = {"category": (category,), "department": (category,)} if category else {}
    exclude = _minus(_minus(_minus(exclude, parsed.lifted), said.include), wished)
    return replace(
        _merge_price(kept, said),
        category=category,
        include=_minus(include, said.exclude),
        exclude=exclude,
        in_stock_only=STOCK in parsed.replaces or (kept.in_stock_only and said.in_stock_only),
        sort=said.sort or kept.sort,
        quantity=said.quantity or kept.quantity,
    )


def refined_filters(session: Session, parsed: ParsedMessage) -> Filters:
    """The session's filters after a message; who gives up a category is back in the department that it narrowed."""
    filters = merge_filters(session.filters, parsed)
    if "category" in parsed.dropped and filters.category is None:
        return replace(filters, category=_wider_category(session))
    return filters


def _wider_category(session: Session) -> str | None:
    """That of an earlier state of the wish, where it is the department of its category.

    >>> wide = Session("s", "p", filters=Filters(category="shoes"), wish="shoes")
    >>> _wider_category(Session("s", "p", filters=Filters(category="sandals"), wish="shoes sandals", previous=wide))
    'shoes'
    """
    category, state = session.filters.category, session.previous
    while state is not None and state.filters.category == category:
        state = state.previous
    before = state.filters.category if state is not None else None
    lexicon = load_lexicon()
    department = category_departments().get(lexicon.canonical("category", category or "") or category or "")
    is_wider = before is not None and lexicon.canonical("department", before) == department and department is not None
    return before if is_wider else None


def _minus(values: Attributes, gone: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    left = {name: tuple(value for value in each if value not in gone.get(name, ())) for name, each in values.items()}
    return {name: each for name, each in left.items() if each}


def _merge_price(old: Filters, said: Filters) -> Filters:
    low, high = said.price_min_minor, said.price_max_minor
    if low is None and high is None:
        return old
    currency = said.currency or old.currency
    if (low is not None and high is not None) or old.around_minor is not None or currency != old.currency:
        pass
    elif low is None and (old.price_min_minor or 0) < (high or 0):
        low = old.price_min_minor
    elif high is None and (old.price_max_minor or 0) > (low or 0):
        high = old.price_max_minor
    return replace(old, price_min_minor=low, price_max_minor=high, around_minor=said.around_minor, currency=currency)


def without(filters: Filters, dropped: Iterable[str]) -> Filters:
    """The filters without the keys ("color", "price") and single values ("feature=waterproof") named.

    >>> wish = Filters(include={"color": ("red",), "feature": ("vegan", "organic")})
    >>> without(wish, ["color", "feature=vegan"]).include
    {'feature': ('organic',)}
    """
    for key in dropped:
        name, _, value = key.partition("=")
        filters = _without_one(filters, name, value or None)
    return filters


_EMPTY = {
    "price": ("price_min_minor", "price_max_minor", "around_minor", "currency"),
    "price_max": ("price_max_minor", "around_minor"),
    "price_min": ("price_min_minor", "around_minor"),
    "category": ("category",),
    "sort": ("sort",),
    "quantity": ("quantity",),
}
"""What a dropped key empties."""


def _without_one(filters: Filters, name: str, value: str | None) -> Filters:
    if name == STOCK:
        return replace(filters, in_stock_only=True)
    if name in _EMPTY:
        return replace(filters, **dict.fromkeys(_EMPTY[name]))  # type: ignore[arg-type]
    if name.startswith(EXCLUDED):
        return replace(filters, exclude=_without_value(filters.exclude, name.removeprefix(EXCLUDED), value))
    include = _without_value(filters.include, name, value)
    if value is None:
        return replace(filters, include=include, exclude=_without_value(filters.exclude, name, None))
    return replace(filters, include=include)


def _without_value(values: Attributes, name: str, value: str | None) -> dict[str, tuple[str, ...]]:
    gone = values.get(name, ()) if value is None else (value,)
    return _minus(values, {name: gone})


def merge_wish(old: str, new: str) -> str:
    """The words of a wish with those that a further message adds, none twice.

    >>> merge_wish("red dress", "dress with pockets")
    'red dress with pockets'
    """
    known = set(norms(old))
    added = [word for word in new.split() if not set(norms(word)) <= known]
    return " ".join(filter(None, (old, *added)))


def without_values(wish: str, gone: Attributes) -> str:
    """The words of a wish without those that name values no longer wished.

    >>> without_values("crimson dress", {"color": ("red",)})
    'dress'
    """
    if not gone or not wish:
        return wish
    tokens = tokenize(wish)
    cut = [
        (tokens[match.first].start, tokens[match.last - 1].end)
        for match in _surfaces().find_all(tokens)
        if any(value in gone.get(name, ()) for name, value in match.payloads)
    ]
    for start, end in reversed(cut):
        wish = wish[:start] + wish[end:]
    return " ".join(wish.split())


def without_words(wish: str, refused: Iterable[str]) -> str:
    """The words of a wish without those refused.

    >>> without_words("oolong tea", ["oolong"])
    'tea'
    """
    gone = {norms(word) for word in refused}
    return " ".join(word for word in wish.split() if norms(word) not in gone)


@lru_cache
def _surfaces() -> SurfaceIndex[tuple[str, str]]:
    index: SurfaceIndex[tuple[str, str]] = SurfaceIndex()
    for concept in load_lexicon().concepts:
        for surface in concept.surfaces:
            index.add(surface, (concept.attribute or concept.kind, concept.value))
    return index


def constraints(session: Session, currency: str = "USD") -> list[Constraint]:
    """The conditions in force, in the order category, attributes, exclusions, price, stock, order, quantity.

    Args:
        session: the session.
        currency: the shop's, in whose minor units bare amounts are.
    """
    filters = session.filters
    found = []
    if filters.category:
        found.append(Constraint("category", filters.category, filters.category, _chinese("category", filters.category)))
    for name, values in filters.include.items():
        for value in values:
            found.append(Constraint(name, value, value, _chinese(name, value)))
    for name, values in filters.exclude.items():
        for value in values:
            found.append(Constraint(EXCLUDED + name, value, f"not {value}", f"不要{_chinese(name, value)}"))
    price = _price_constraint(filters, currency)
    found += [price] if price else []
    if session.cheaper_than_minor is not None:
        bound = Filters(price_max_minor=session.cheaper_than_minor, currency=currency)
        cheaper = _price_constraint(bound, currency)
        found += [replace(cheaper, key=CHEAPER)] if cheaper else []
    for one in session.beyond:
        labels = _COMPARED_LABELS[one.comparison.attribute, one.comparison.sign]
        found.append(Constraint(BEYOND + one.comparison.attribute, None, *labels))
    if not filters.in_stock_only:
        found.append(Constraint(STOCK, None, "sold out, too", "包括缺货的"))
    if filters.sort:
        found.append(Constraint("sort", filters.sort, *_SORT_LABELS[filters.sort]))
    if filters.quantity:
        found.append(
            Constraint("quantity", str(filters.quantity), f"{filters.quantity} pieces", f"{filters.quantity}件")
        )
    return found


def _price_constraint(filters: Filters, currency: str) -> Constraint | None:
    low, high, around = filters.price_min_minor, filters.price_max_minor, filters.around_minor
    if low is None and high is None:
        return None
    kind = "range" if high is not None and low is not None else "maximum" if high is not None else "minimum"
    templates = _PRICE_LABELS["around" if around is not None else kind]
    labels = (
        template.format(
            **{
                name: _money(amount, filters.currency, currency, language)
                for name, amount in (("low", low), ("high", high), ("around", around))
                if amount is not None
            }
        )
        for template, language in zip(templates, ("en", "zh"), strict=True)
    )
    return Constraint("price", None, *labels)


def _money(amount_minor: int, said: str | None, shop: str, language: str) -> str:
    """With its currency where one was said; a bare number stays bare, for the shop's own."""
    if said is not None:
        return format_money(amount_minor, said, language)
    return f"{to_major(amount_minor, shop):,f}".removesuffix(".00")


@lru_cache
def _chinese_names() -> Mapping[tuple[str, str], str]:
    names = {}
    for concept in load_lexicon().concepts:
        chinese = next((surface for surface in concept.surfaces if not surface.isascii()), concept.value)
        names[concept.attribute or concept.kind, concept.value] = chinese
    return names


def _chinese(name: str, value: str) -> str:
    names = _chinese_names()
    return names.get((name, value)) or names.get(("department", value), value)
