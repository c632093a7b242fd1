"""Whether a message speaks of the cart.

In: folded text. Out: yes or no. Knows no cart.
"""

import re
from functools import lru_cache

from assistant.parsing.data import load_cart


def speaks_of_cart(text: str) -> bool:
    """Whether folded text speaks of what is in the cart; to put things there, or to pay, is none of it.

    >>> speaks_of_cart("what's in my cart?"), speaks_of_cart("add it to my cart"), speaks_of_cart("购物车")
    (True, False, True)
    """
    return _words("names").search(text) is not None and _words("changes").search(text) is None


@lru_cache
def _words(key: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<![a-z]){re.escape(word)}(?![a-z])" for word in load_cart()[key]))
