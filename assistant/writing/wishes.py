"""How a wish is said: "waterproof hiking boots under $120, none listed as brown".

Comes in: filters, and the shopper's own words where no category stands for them. Goes out: a noun with what belongs to
it, in the shopper's language. Knows no product and no session.
"""

from collections.abc import Sequence
from functools import lru_cache

from assistant.writing.wording import display, display_category, limit_money, listing, phrases_for, quoted
from retrieval.lexicon import load_lexicon
from retrieval.types import Filters

_SHORT_ZH = 12


def wish_phrase(
    filters: Filters,
    words: str,
    currency: str,
    language: str,
    *,
    shown: bool = True,
    noun: str | None = None,
    counted: bool = False,
) -> str:
    """The wish in the shopper's language, e.g. "waterproof hiking boots under $120, none listed as brown".

    Args:
        filters: the conditions, amounts in `filters.currency` (None: `currency`).
        words: the wish in the shopper's own words; stands for the category where there is none.
        currency: the shop's currency.
        language: "en" or "zh".
        shown: speaks of products that are shown, so that an exclusion is a statement about them.
        noun: what to call the products instead of the category's name.
        counted: stands after a number of two or more, so that "blue luggage" must become "blue luggage options".
    """
    what = noun or _noun(filters, words, language)
    if counted and filters.category and noun is None:
        what = _countable(what, language)
    # Words that stand for the category name colors and features themselves.
    if filters.category or not words.strip():
        what = _qualified(filters, what, language)
    what = _with_price(filters, what, currency, language)
    return _with_exclusions(filters, what, language, shown)


def _qualified(filters: Filters, what: str, language: str) -> str:
    before, after = _described(filters, language)
    if language == "zh" and (kinds := _kinds(filters, what)):
        # 登机箱 is a 行李箱 already: 硬壳登机箱, not 登机箱硬壳行李箱.
        *others, what = kinds
        before = [*(shown for shown in before if shown not in kinds), *others]
    what = _join_before(before, what, language)
    for move, values in after:
        what = phrases_for(language).say(f"wish.{move}", **{move: values, "what": what})
    return _with_features(filters, what, language)


def _kinds(filters: Filters, noun: str) -> list[str]:
    """The features whose Chinese names are nouns for the category's products themselves.

    >>> _kinds(Filters(category="luggage", include={"feature": ("carry-on", "hard shell")}), "行李箱")
    ['登机箱']
    """
    shown = [display("feature", value, "zh") for value in filters.include.get("feature", ())]
    names = _names().get((filters.category or "").lower(), frozenset())
    return [name for name in shown if name[-1:] == noun[-1:] and (name in names or name.endswith(noun))]


@lru_cache
def _names() -> dict[str, frozenset[str]]:
    """What products of each category are called."""
    concepts = load_lexicon().concepts
    return {concept.value.lower(): frozenset(concept.surfaces) for concept in concepts if concept.kind == "category"}


def _countable(noun: str, language: str) -> str:
    """The noun as it stands after a number.

    >>> _countable("luggage", "en"), _countable("hiking boots", "en"), _countable("行李箱", "zh")
    ('luggage options', 'hiking boots', '行李箱')
    """
    phrases = phrases_for(language)
    last = noun.lower().rpartition(" ")[2]
    is_mass = last in phrases.words("mass.nouns") or last.endswith(phrases.words("mass.endings"))
    return phrases.say("wish.counted", what=noun) if is_mass else noun


def _noun(filters: Filters, words: str, language: str) -> str:
    phrases = phrases_for(language)
    if filters.category:
        return display_category(filters.category, language)
    return phrases.say("wish.quoted", words=quoted(words)) if words.strip() else phrases.say("wish.nothing")


def _described(filters: Filters, language: str) -> tuple[list[str], list[tuple[str, str]]]:
    before: list[str] = []
    after: list[tuple[str, str]] = []
    for attribute in (*(name for name in _order(language) if name in filters.include), "feature"):
        values = filters.include.get(attribute, ())
        if attribute == "feature":
            values = tuple(v for v in values if language == "zh" or not _is_noun(v, language))
            shown = [display(attribute, value, language) for value in values]
            before = [*before, *shown] if language == "zh" else [*shown, *before]
        elif values:
            before.append((" or " if language == "en" else "或").join(display(attribute, v, language) for v in values))
    for attribute, move in (("audience", "audience"), ("season", "season")):
        if values := filters.include.get(attribute, ()):
            after.append((move, listing([display(attribute, value, language) for value in values], language)))
    if sizes := filters.include.get("size", ()):
        move = "measures" if any(" " in size for size in sizes) else "sizes"
        after.append((move, _or([display("size", size, language) for size in sizes], language)))
    known = {"color", "material", "brand", "feature", "audience", "season", "size"}
    before[:0] = [display(name, v, language) for name, vs in filters.include.items() if name not in known for v in vs]
    return before, after


def _order(language: str) -> tuple[str, ...]:
    return ("brand", "color", "material") if language == "zh" else ("color", "material", "brand")


def _is_noun(feature: str, language: str) -> bool:
    return feature in phrases_for(language).words("with.features")


def _join_before(before: list[str], what: str, language: str) -> str:
    if not before:
        return what
    if language != "zh":
        return " ".join([*before, what])
    # Short Chinese modifiers stand together before the noun; many of them want commas and a 的.
    return "".join(before) + what if len("".join(before)) <= _SHORT_ZH else f"{'、'.join(before)}的{what}"


def _with_features(filters: Filters, what: str, language: str) -> str:
    nouns = [value for value in filters.include.get("feature", ()) if language == "en" and _is_noun(value, language)]
    if not nouns:
        return what
    shown = listing([display("feature", value, language) for value in nouns], language)
    return phrases_for(language).say("wish.with", what=what, features=shown)


def _with_price(filters: Filters, what: str, currency: str, language: str) -> str:
    def money(amount: int) -> str:
        return limit_money(amount, filters.currency or currency, language)

    say = phrases_for(language).say
    low, high = filters.price_min_minor, filters.price_max_minor
    if filters.around_minor is not None:
        return say("wish.around", what=what, around=money(filters.around_minor))
    if low is not None and high is not None:
        return say("wish.range", what=what, min=money(low), max=money(high))
    if high is not None:
        return say("wish.max", what=what, max=money(high))
    return say("wish.min", what=what, min=money(low)) if low is not None else what


def _with_exclusions(filters: Filters, what: str, language: str, shown: bool) -> str:
    phrases = phrases_for(language)
    move = "without" if shown else "plain"
    brands = filters.exclude.get("brand", ())
    others = [(name, value) for name, values in filters.exclude.items() if name != "brand" for value in values]
    if others:
        values = _or([display(name, value, language) for name, value in others], language)
        what = phrases.say(f"wish.{move}", what=what, values=values)
    if brands:
        values = _or([display("brand", value, language) for value in brands], language)
        what = phrases.say(f"wish.{move}_brand", what=what, values=values)
    return what


def _or(items: Sequence[str], language: str) -> str:
    if language == "zh":
        return "、".join(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"
