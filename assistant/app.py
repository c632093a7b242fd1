"""The path of one message. Start reading at `ShoppingAssistant.stream`.

In: a message and a `Session`. Out: a `Reply` with the new session. Knows every stage by its one call and nothing of how
a stage works; nothing about one shopper is kept here.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from assistant.dialogue import Constraint, ShopFacts, advance, constraints, without_constraint
from assistant.evidence import collect
from assistant.llm import open_language_model
from assistant.parser import Parser
from assistant.pictures import image_origins
from assistant.reasons import reasons
from assistant.shop import Shop
from assistant.starters import starters
from assistant.types import (
    LANGUAGES,
    Finished,
    Message,
    ParsedMessage,
    ProductsFound,
    Recommendation,
    Reply,
    Session,
    ShownProduct,
    Step,
    StreamEvent,
    TextDelta,
)
from assistant.writer import Writer, quick_replies
from ranking.profile import build_profile, price_positions_by_id
from ranking.ranker import Ranker
from ranking.types import RankedProduct
from retrieval.embedder import Progress
from retrieval.money import ExchangeRates
from retrieval.retriever import Retriever, open_retriever
from retrieval.types import Filters, Product, Query, Retrieved, Variant
from retrieval.vocabulary import Vocabulary

N_CANDIDATES = 200
N_SHOWN = 5
MAX_MESSAGE = 2000
"""Characters of a message that are read."""

MAX_MESSAGES, MAX_SHOWN = 200, 500
"""What a session keeps of a long conversation; the `turns` table keeps all of it."""


@dataclass(slots=True)
class _Clock:
    """How long each stage took."""

    laps: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = round((now - self._last) * 1000, 2)
        self._last = now


@dataclass(frozen=True, slots=True)
class CatalogDigest:
    """What is read off all products once, when a shop opens."""

    starters: Mapping[str, tuple[str, ...]]
    image_origins: tuple[str, ...]
    price_positions: Mapping[str, float]

    @classmethod
    def of(cls, products: Sequence[Product]) -> "CatalogDigest":
        """The digest of a catalog."""
        first_messages = {language: starters(products, language) for language in LANGUAGES}
        return cls(first_messages, image_origins(products), price_positions_by_id(products))


class ShoppingAssistant:
    """A shop that answers. `open` makes one; safe to share between threads."""

    def __init__(
        self, shop: Shop, retriever: Retriever, ranker: Ranker, parser: Parser, writer: Writer, digest: CatalogDigest
    ) -> None:
        self.shop = shop
        self.retriever = retriever
        self.ranker = ranker
        self.parser = parser
        self.writer = writer
        self.digest = digest
        currency, lookup = shop.catalog.currency(), shop.catalog.get_many
        self.facts = ShopFacts(currency, shop.settings.rates or ExchangeRates(currency), parser.vocabulary, lookup)

    @classmethod
    def open(
        cls,
        shop_dir: Path | str | None = None,
        *,
        own: bool = True,
        must_own: bool = False,
        on_progress: Progress | None = None,
    ) -> "ShoppingAssistant":
        """Open the shop in `shop_dir` (None: the default place). An empty one is filled with the demo shop.

        Beside a process that owns the shop it only reads catalog and index (exact search, no rebuilding); conversations
        are stored all the same, since SQLite takes several writers.

        Args:
            shop_dir: a shop directory.
            own: take the shop's lock where it is free.
            must_own: refuse to open beside another owner.
            on_progress: called with (texts embedded, texts to embed) while the index is built.

        Raises:
            ShopError: what keeps the shop from opening, and what to do about it.
        """
        shop = Shop(Path(shop_dir) if shop_dir else None, own=own, must_own=must_own)
        with ExitStack() as on_failure:
            on_failure.callback(shop.close)
            if shop.is_empty and shop.owner:
                shop.make_demo()
            embedder = shop.embedder()
            products = list(shop.catalog.products())
            retriever = open_retriever(
                shop.catalog, embedder, shop.paths.index, owner=shop.owner, on_progress=on_progress, products=products
            )
            on_failure.callback(retriever.index.close)
            ranker, _ = shop.ranker(embedder, retriever.index.vectors_of)
            parser = Parser(Vocabulary.from_products(products), shop.catalog.get_many, shop.catalog.currency())
            writer = Writer(open_language_model(shop.settings.llm))
            assistant = cls(shop, retriever, ranker, parser, writer, CatalogDigest.of(products))
            on_failure.pop_all()
        return assistant

    def __enter__(self) -> "ShoppingAssistant":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index, the database and the lock."""
        self.retriever.index.close()
        self.shop.close()

    def stream(self, text: str, session: Session) -> Iterator[StreamEvent]:
        """One message through every stage: the products first, then the text as it is written, then the whole reply.

        The session in the reply is saved; pass it in with the next message.
        """
        clock = _Clock()
        parsed = self.parser.parse(text[:MAX_MESSAGE], session)
        step = advance(session, parsed, self.facts)
        clock.lap("understand")
        yield from self._answer(step, text[:MAX_MESSAGE], clock)

    def _answer(self, step: Step, text: str, clock: _Clock) -> Iterator[StreamEvent]:
        retrieved = self.retriever.retrieve(step.query, N_CANDIDATES) if step.query else Retrieved((), 0)
        clock.lap("find")
        ranked = self.ranker.rank(step.query or Query(""), retrieved, step.profile or step.session.profile, N_SHOWN)
        list_id = self._log_list(step, ranked)
        clock.lap("order")
        evidence = collect(step, [item.product.id for item in ranked], retrieved.n_matched, self)
        recommendations = tuple(
            Recommendation(item, reasons(item, step, evidence.reviews.get(item.product.id, ()), step.session.language))
            for item in ranked
        )
        replies = quick_replies(step, evidence, recommendations)
        yield ProductsFound(recommendations, replies, step.session.language)
        pieces: list[str] = []
        for piece in self.writer.write(step, recommendations, evidence):
            pieces.append(piece)
            yield TextDelta(piece)
        clock.lap("write")
        reply = Reply(
            text="".join(pieces),
            language=step.session.language,
            parsed=step.parsed,
            session=_after(step, text, "".join(pieces), recommendations),
            products=recommendations,
            quick_replies=replies,
            n_matched=retrieved.n_matched,
            n_left=retrieved.n_matched - len(recommendations),
            currency=self.facts.currency,
            list_id=list_id,
            timings_ms=clock.laps,
        )
        self.shop.sessions.record_turn(reply)
        yield Finished(reply)

    def respond(self, text: str, session: Session) -> Reply:
        """The whole reply to one message; what `stream` ends in."""
        return _last(self.stream(text, session))

    def ask(self, text: str, session: Session | None = None) -> Reply:
        """The reply to a message of a new session, or of the one given."""
        return self.respond(text, session or self.new_session())

    def find(self, text: str, k: int = N_CANDIDATES) -> tuple[Query, Retrieved]:
        """What `text` as a first message retrieves, before it is ranked; nothing is recorded."""
        session = Session(id="", shopper_id="")
        step = advance(session, self.parser.parse(text, session), self.facts)
        if step.query is None:
            return Query(""), Retrieved((), 0)
        return step.query, self.retriever.retrieve(step.query, k)

    def understand(self, text: str, session: Session | None = None) -> tuple[ParsedMessage, Filters]:
        """How a message is read, and the conditions in force after it; nothing is recorded."""
        session = session or Session(id="", shopper_id="")
        parsed = self.parser.parse(text, session)
        return parsed, advance(session, parsed, self.facts).session.filters

    def remove_constraint(self, session: Session, key: str, value: str | None = None) -> Reply:
        """The reply when the shopper takes one condition away (a chip on the page)."""
        step = without_constraint(session, key, value, self.facts)
        return _last(self._answer(step, step.parsed.text, _Clock()))

    def constraints(self, session: Session) -> Sequence[Constraint]:
        """The conditions in force, for the page to show."""
        return constraints(session, self.facts.currency)

    def new_session(self, language: str = "en", shopper_id: str | None = None) -> Session:
        """An empty session, stored by its first turn; a known shopper's starts with the profile of their events."""
        session = self.shop.sessions.new(language, shopper_id)
        events = self.shop.events.events(shopper_id) if shopper_id else []
        if events:
            products = self.shop.catalog.get_many({event.product_id for event in events})
            profile = build_profile(events, products, datetime.now(UTC), positions=self.digest.price_positions)
            session = replace(session, profile=profile)
        return session

    def load_session(self, session_id: str) -> Session | None:
        """The session as its last turn left it, or None."""
        return self.shop.sessions.load(session_id)

    def delete_session(self, session_id: str) -> None:
        """Forget a session with its turns; the shown lists stay, without its words, for what is learned from them."""
        self.shop.sessions.delete(session_id)

    def product(self, product_id: str) -> Product | None:
        """A product as the catalog has it now."""
        return self.shop.catalog.get(product_id)

    def image_path(self, product: Product, variant: Variant | None = None) -> Path | None:
        """The file of the picture that shows `variant`, or the product as such, where the shop holds one itself."""
        address = product.image_of(variant)
        if not address or "://" in address:
            return None
        try:
            path = (self.shop.paths.root / address).resolve()
        except ValueError:
            return None
        inside = path.is_relative_to(self.shop.paths.pictures.resolve())
        return path if inside and path.is_file() else None

    def starters(self, language: str) -> tuple[str, ...]:
        """First messages that this shop can answer."""
        return self.digest.starters.get(language, self.digest.starters[LANGUAGES[0]])

    @property
    def image_origins(self) -> tuple[str, ...]:
        """Where the catalog's pictures lie that the shop does not hold itself."""
        return self.digest.image_origins

    def model_versions(self) -> Mapping[str, str]:
        """What made an order, for the log of shown lists."""
        return {"matcher": self.ranker.model_version, "embedder": self.retriever.embedder.fingerprint}

    def _log_list(self, step: Step, ranked: Sequence[RankedProduct]) -> str | None:
        """Log what is about to be shown, found or not: a shopper may leave before the text ends."""
        if step.query is None:
            return None
        session = replace(step.session, turn=step.session.turn + 1)
        return self.shop.shown_lists.record(session, step.query, ranked, self.model_versions())


def _after(step: Step, text: str, answer: str, shown: Sequence[Recommendation]) -> Session:
    session, turn = step.session, step.session.turn + 1
    ids = tuple(item.ranked.product.id for item in shown)
    variant_ids = tuple(item.ranked.variant.id for item in shown)
    return replace(
        session,
        turn=turn,
        shown=(*session.shown, *(ShownProduct(product_id, turn, i) for i, product_id in enumerate(ids)))[-MAX_SHOWN:],
        messages=(*session.messages, Message("shopper", text), Message("assistant", answer, ids, variant_ids))[
            -MAX_MESSAGES:
        ],
    )


def _last(events: Iterator[StreamEvent]) -> Reply:
    reply = None
    for event in events:
        if isinstance(event, Finished):
            reply = event.reply
    assert reply is not None, "a stream ends with Finished"
    return reply
