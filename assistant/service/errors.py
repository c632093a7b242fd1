"""What can go wrong outside: the merchant's order system and where conversations are handed to.

In: nothing. Out: errors whose messages name no shopper and no secret.
"""

from retrieval.errors import ShopError


class OrderBackendError(ShopError):
    """The merchant's order system cannot be asked, or its answer cannot be used."""


class HandoffError(ShopError):
    """A conversation could not be handed to a person."""
