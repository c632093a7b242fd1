"""What the caller says of the page that the shopper is on.

In: ids and names, from whoever embeds the chat. Out: a `PageContext`. Knows no catalog.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

log = logging.getLogger(__name__)

MAX_ID = 200
"""Characters of an id or a category's name."""

MAX_CART = 100


@dataclass(frozen=True, slots=True)
class PageContext:
    """The page and the cart that belong to one message.

    Args:
        product_id: the product whose page it is.
        category: the category whose page it is, by the catalog's name or a usual one.
        cart: ids of the products in the cart.

    Raises:
        ValueError: a value is no text, empty, too long or not printable, or the cart is too long.
    """

    product_id: str | None = None
    category: str | None = None
    cart: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in (("product_id", self.product_id), ("category", self.category)):
            if value is not None and not is_plain(value):
                raise ValueError(f"{name} must be a printable text of 1 to {MAX_ID} characters, not {value!r:.60}")
        if not isinstance(self.cart, tuple) or not all(map(is_plain, self.cart)):
            raise ValueError(f"cart must be a tuple of product ids, each a printable text of 1 to {MAX_ID} characters")
        if len(self.cart) > MAX_CART:
            raise ValueError(f"the cart holds {len(self.cart)} ids: pass the newest {MAX_CART}")

    @property
    def is_empty(self) -> bool:
        return self.product_id is None and self.category is None and not self.cart

    @classmethod
    def cleaned(cls, product_id: str | None, category: str | None, cart: Iterable[str]) -> "PageContext":
        """The context of values that nobody vouches for, such as those of an address: what cannot be is left out.

        >>> PageContext.cleaned(" boots-1 ", "x" * 500, ["a", "", "a", "b"])
        PageContext(product_id='boots-1', category=None, cart=('a', 'b'))
        """
        ids = dict.fromkeys(kept for item in cart if (kept := _cleaned(item, "cart")))
        return cls(_cleaned(product_id, "product"), _cleaned(category, "category"), tuple(ids)[:MAX_CART])


def is_plain(value: object) -> bool:
    """Whether a value may be an id or a name."""
    return isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= MAX_ID and value.isprintable()


def _cleaned(value: str | None, what: str) -> str | None:
    if value is None or not value.strip():
        return None
    if not is_plain(value.strip()):
        log.warning("the page's %s cannot be read and is left out: %r", what, value[:40])
        return None
    return value.strip()
