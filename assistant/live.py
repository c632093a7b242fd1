"""What the assistant knows of the catalog, kept in step with it while it answers.

In: an open shop and its retriever. Out: a `Moment` for each message. Knows no session and no stage.

Filters and texts follow a change at once. What is read off all products (the parser's vocabulary, first messages,
where prices lie) is read anew in the background, once for all that has changed meanwhile, and swapped as one value.
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from assistant.parser import Parser
from assistant.parsing.preferences import titles_of
from assistant.pictures import image_origins
from assistant.shop import Shop
from assistant.shop_facts import ShopFacts
from assistant.starters import starters
from assistant.types import LANGUAGES
from ranking.profile import price_positions_by_id
from retrieval.errors import ShopError
from retrieval.generations import Contents
from retrieval.money import ExchangeRates
from retrieval.retriever import Retriever
from retrieval.types import Products
from retrieval.view import SearchView
from retrieval.vocabulary import Vocabulary

logger = logging.getLogger(__name__)

REST = 5.0
"""After all products were read, that is not done again for so many times as long as it took, however much changes."""


@dataclass(frozen=True, slots=True)
class CatalogDigest:
    """What is read off all products, beside the vocabulary."""

    starters: Mapping[str, tuple[str, ...]]
    image_origins: tuple[str, ...]
    price_positions: Mapping[str, float]

    @classmethod
    def of(cls, products: Products) -> "CatalogDigest":
        """The digest of a catalog."""
        first_messages = {language: starters(products, language) for language in LANGUAGES}
        return cls(first_messages, image_origins(products), price_positions_by_id(products))


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What was read off all products as they were at `revision`."""

    revision: int
    parser: Parser
    facts: ShopFacts
    digest: CatalogDigest

    @classmethod
    def of(cls, shop: Shop, contents: Contents) -> "Knowledge":
        """What these contents of the shop's catalog say."""
        vocabulary = Vocabulary.from_products(contents.products)
        currency, lookup = shop.catalog.currency(), shop.catalog.get_many
        rates = shop.settings.rates or ExchangeRates(currency)
        facts = ShopFacts(currency, rates, vocabulary, lookup, size_charts=shop.size_charts)
        parser = Parser(vocabulary, lookup, currency, titles_of(contents.products))
        return cls(contents.revision, parser, facts, CatalogDigest.of(contents.products))


@dataclass(frozen=True, slots=True)
class Moment:
    """The shop as one message sees it, from its first stage to its last."""

    shop: Shop
    search: SearchView
    parser: Parser
    facts: ShopFacts
    digest: CatalogDigest

    def starters(self, language: str) -> tuple[str, ...]:
        """First messages that this shop can answer."""
        return self.digest.starters.get(language, self.digest.starters[LANGUAGES[0]])


class LiveCatalog:
    """The retriever and the knowledge that serve now. Safe to share between threads."""

    def __init__(self, shop: Shop, retriever: Retriever, contents: Contents) -> None:
        """`contents` are those that the retriever was opened with."""
        self.retriever = retriever
        self.knowledge = Knowledge.of(shop, contents)
        self._shop = shop
        self._reading = threading.Lock()
        self._starting = threading.Lock()
        self._closing = threading.Event()
        self._follower: threading.Thread | None = None
        self._rests_until = time.monotonic()

    def now(self) -> Moment:
        """The shop as it is now: what changed in the catalog, by whichever process, is taken in where that is quick.

        What takes longer is done in the background, and this moment is then that of before.
        """
        is_current = self.retriever.catch_up()
        knowledge, search = self.knowledge, self.retriever.view
        if not is_current or knowledge.revision != search.revision:
            self._follow()
        facts = replace(knowledge.facts, facets=search.facets)
        return Moment(self._shop, search, knowledge.parser, facts, knowledge.digest)

    def refresh(self) -> bool:
        """Take in all that changed in the catalog, and wait for it; whether there was anything."""
        changed = self.retriever.refresh()
        return self._read() or changed

    def taken_in(self) -> None:
        """After a change by this process: search follows before this returns, knowledge in the background."""
        self.retriever.refresh()
        self._follow()

    def close(self) -> None:
        """Stop what goes on in the background, and let go of the index."""
        self._closing.set()
        self.retriever.call_off()
        follower = self._follower
        if follower is not None:
            follower.join()
        self.retriever.close()

    def _read(self) -> bool:
        """Read all products, unless nothing changed since the last time; whether they were read."""
        with self._reading:
            if self.knowledge.revision == self._shop.catalog.revision():
                return False
            started = time.monotonic()
            self.knowledge = Knowledge.of(self._shop, Contents.of(self._shop.catalog))
            self._rests_until = time.monotonic() + REST * (time.monotonic() - started)
            return True

    def _follow(self) -> None:
        with self._starting:
            is_following = self._follower is not None and self._follower.is_alive()
            if not is_following and not self._closing.is_set():
                self._follower = threading.Thread(target=self._catch_up, name="catalog-follower", daemon=True)
                self._follower.start()

    def _catch_up(self) -> None:
        try:
            self.retriever.refresh()
            if not self._closing.wait(max(0.0, self._rests_until - time.monotonic())):
                self._read()
        except ShopError as error:
            logger.error("what changed in the catalog could not be taken in: %s", error)
