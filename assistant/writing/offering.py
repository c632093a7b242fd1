"""What the plain writer answers to a question about price or stock: of the version shown, or of those asked for.

Comes in: a turn, a product and the values that the question names. Goes out: one sentence. Never speaks of a version
that the question did not mean.
"""

from collections.abc import Sequence

from assistant.reasons import FEW_LEFT, discount_text
from assistant.writing.plain import Turn
from assistant.writing.versions import apart, name_of, telling
from assistant.writing.wording import listing, sizes_listing
from prompts.untrusted import clean
from retrieval.money import format_money
from retrieval.types import Product, Variant


def price(turn: Turn, product: Product, meant: Sequence[Variant]) -> str:
    """What these versions cost; a range where that differs."""
    low = min(meant, key=lambda variant: variant.price_minor)
    high = max(meant, key=lambda variant: variant.price_minor)
    tells = len({variant.price_minor for variant in product.variants}) > 1
    title = _title(turn, product, meant if tells else ())
    money = _money(turn, product, low)
    if low.price_minor != high.price_minor:
        return turn.say("answer.price_range", title=title, low=money, high=_money(turn, product, high))
    old = low.list_price_minor
    if old is None or old <= low.price_minor or any(variant.list_price_minor != old for variant in meant):
        return turn.say("answer.price", title=title, price=money)
    return turn.say(
        "answer.price_sale",
        title=title,
        price=money,
        list_price=format_money(old, product.currency, turn.language),
        discount=discount_text(low),
    )


def stock(turn: Turn, product: Product, meant: Sequence[Variant]) -> str:
    """Whether these versions are there; which of them, where it is only some."""
    there = [variant for variant in meant if variant.in_stock]
    gone = [variant for variant in meant if not variant.in_stock]
    title = _title(turn, product, meant)
    if not there:
        return turn.say("answer.stock_no", title=title)
    if gone:
        return _some(turn, title, meant, there, gone)
    if any(variant.stock is None for variant in meant):
        return turn.say("answer.stock_unstated", title=title)
    left = sum(variant.stock or 0 for variant in meant)
    if left == 1:
        return turn.say("answer.stock_one", title=title)
    if left <= FEW_LEFT:
        return turn.say("answer.stock_few", title=title, n=str(left))
    return turn.say("answer.stock_yes", title=title)


def _some(turn: Turn, title: str, meant: Sequence[Variant], there: Sequence[Variant], gone: Sequence[Variant]) -> str:
    differing = telling(meant)
    sizes = [[size for one in part for size in one.attributes.get("size", ())] for part in (there, gone)]
    if differing == {"size"} and all(sizes) and not any(" " in size for part in sizes for size in part):
        shown = [sizes_listing(part, turn.language) for part in sizes]
        return turn.say("answer.stock_sizes", title=title, there=shown[0], gone=shown[1])
    names = [listing(apart(meant, part, turn.language), turn.language) for part in (there, gone)]
    return turn.say("answer.stock_some", title=title, there=names[0], gone=names[1])


def _title(turn: Turn, product: Product, meant: Sequence[Variant]) -> str:
    """The title, with what tells the versions meant from the others."""
    title = clean(product.title_in(turn.language))
    name = name_of(product, meant, turn.language) if meant else ""
    if not name:
        return title
    return f"{title}（{name}）" if turn.language == "zh" else f"{title} ({name})"


def _money(turn: Turn, product: Product, variant: Variant) -> str:
    return format_money(variant.price_minor, product.currency, turn.language)
