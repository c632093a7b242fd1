"""What is said of the cart: what is in it, and what the shop states of a product and of those in it alike or otherwise.

Comes in: a turn whose evidence holds the product spoken of, if there is one, and those in the cart. Goes out:
sentences; whether two things suit each other is left to the shopper. Knows no taste.
"""

from collections.abc import Iterator, Sequence

from assistant.writing.plain import Turn
from assistant.writing.wording import display, display_category, listing
from prompts.untrusted import clean
from retrieval.types import Product

MAX_COMPARED = 3
MAX_NAMED = 5
_SHARED = ("season", "color", "material")


def answer(turn: Turn) -> Iterator[str]:
    """How the product spoken of goes with the cart; without one, what is in the cart."""
    in_cart = set(turn.step.session.page.cart)
    cart = [product for product in turn.evidence.products if product.id in in_cart]
    product = next((product for product in turn.evidence.products if product.id not in in_cart), None)
    yield _holds(turn, cart)
    if product is None:
        return
    for other in cart[:MAX_COMPARED]:
        yield from _beside(turn, product, other)
    yield turn.say("cart.judge")


def _holds(turn: Turn, cart: Sequence[Product]) -> str:
    titles = listing([_title(turn, product) for product in cart[:MAX_NAMED]], turn.language)
    if len(cart) > MAX_NAMED:
        return turn.say("cart.holds_more", titles=titles, n=str(len(cart) - MAX_NAMED))
    return turn.say("cart.holds", titles=titles)


def _beside(turn: Turn, product: Product, other: Product) -> Iterator[str]:
    """What is stated of both alike, and what keeps them apart."""
    about = {"title": _title(turn, product), "other": _title(turn, other)}
    shared = [
        display(name, value, turn.language)
        for name in _SHARED
        for value in product.values(name)
        if value in other.values(name)
    ]
    apart = _apart(product, other)
    if product.category and product.category == other.category:
        yield turn.say("cart.same_kind", category=display_category(product.category, turn.language), **about)
    if shared:
        yield turn.say("cart.shared", values=listing(shared, turn.language), **about)
    if apart is not None:
        one, another = (display("audience", audience, turn.language) for audience in apart)
        yield turn.say("cart.audiences", one=one, another=another, **about)
    if not shared and apart is None and product.category != other.category:
        yield turn.say("cart.nothing", **about)


def _apart(product: Product, other: Product) -> tuple[str, str] | None:
    """Whom each is for, where that is stated and nobody is both."""
    one, another = product.values("audience"), other.values("audience")
    if not one or not another or "unisex" in (*one, *another) or set(one) & set(another):
        return None
    return one[0], another[0]


def _title(turn: Turn, product: Product) -> str:
    return clean(product.title_in(turn.language))
