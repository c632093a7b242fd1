"""Where a catalog's pictures lie that the shop does not hold itself.

In: products. Out: the origins of their pictures' addresses. Fetches nothing.
"""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from retrieval.types import Product

MAX_ORIGINS = 20


def origin_of(address: str) -> str | None:
    """Scheme and host of a web address, or None for anything else.

    >>> origin_of("https://cdn.example.com:8443/a/b.png"), origin_of("pictures/a.svg"), origin_of("javascript:alert(1)")
    ('https://cdn.example.com:8443', None, None)
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or not host.replace("-", "").replace(".", "").isalnum():
        return None
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


def image_origins(products: Iterable[Product]) -> tuple[str, ...]:
    """The origins of the catalog's pictures, the most frequent first, at most `MAX_ORIGINS`: what the page may load."""
    found: Counter[str] = Counter()
    for product in products:
        for address in (product.image, *(variant.image for variant in product.variants)):
            origin = origin_of(address) if address else None
            if origin:
                found[origin] += 1
    return tuple(origin for origin, _ in found.most_common(MAX_ORIGINS))
