"""The path of one message. Start reading at `ShoppingAssistant.stream`.

In: a message and a `Session`. Out: a `Reply` with the new session. Knows every stage by its one call and nothing of how
a stage works; nothing about one shopper is kept here.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.asking import with_question
from assistant.beyond import narrowed
from assistant.clarifying import clarify
from assistant.conditions import filters_in_force
from assistant.dialogue import Constraint, advance, constraints, with_weights, without_constraint
from assistant.evidence import collect, is_absent
from assistant.finding import N_CANDIDATES, Finder, seen
from assistant.language_models import open_second_reader, open_writer
from assistant.live import LiveCatalog, Moment
from assistant.llm import TokenBudget
from assistant.looking.applying import looked_at
from assistant.looking.values import PageContext
from assistant.open_shop import OpenShop
from assistant.policies.routing import as_question
from assistant.reasons import reasons
from assistant.service.backends import open_orders
from assistant.service.desk import ServiceDesk, is_answered
from assistant.service.desk import Turn as ServiceTurn
from assistant.service.handoffs import Handoffs
from assistant.service.hearing import heard
from assistant.shop import Shop
from assistant.types import (
    Finished,
    Message,
    ParsedMessage,
    ProductsFound,
    Question,
    Reason,
    Recommendation,
    Reply,
    Session,
    ShownProduct,
    Step,
    StreamEvent,
    TextDelta,
)
from assistant.writer import Writer, quick_replies
from ranking.factors import checked_factors, known_factors
from ranking.ranker import Ranker
from ranking.together import TogetherLog
from ranking.types import RankedProduct, ShopperProfile
from retrieval.cores import one_blas_thread
from retrieval.cross_encoder import CrossEncoder, PairScorer
from retrieval.embedder import Progress
from retrieval.facets import Facets
from retrieval.generations import Contents
from retrieval.retriever import open_retriever
from retrieval.types import Filters, Query, Retrieved, Review

if TYPE_CHECKING:
    from assistant.langchain_retriever import ShopRetriever

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


class ShoppingAssistant(OpenShop):
    """A shop that answers. `open` makes one; safe to share between threads."""

    def __init__(
        self,
        shop: Shop,
        live: LiveCatalog,
        ranker: Ranker,
        writer: Writer,
        reader: PairScorer | None = None,
        budget: TokenBudget | None = None,
    ) -> None:
        """`budget` is what conversations may use of a language model; the writer has it too."""
        super().__init__(shop, live, ranker)
        self.asks = True  # clarifying questions; a benchmark measures what they are worth
        self.keeps = True  # what was said and shown; off where a conversation is only tried
        self.writer = writer
        self.finder = Finder(ranker, TogetherLog(shop.engine), reader)
        self.second_reader = open_second_reader(shop.settings.llm, live.knowledge.facts.currency, budget)
        self.handoffs = Handoffs(shop.engine, shop.settings.handoff)
        self.desk = ServiceDesk(open_orders(shop.settings.orders, shop.paths.root), self.handoffs, shop.sessions)

    @property
    def retriever(self) -> "ShopRetriever":
        """The shop as a LangChain retriever: a message in, `Document`s out, hard filters held; see its `k`."""
        from assistant.langchain_retriever import ShopRetriever

        return ShopRetriever(shop=self)

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

        From then on NumPy computes with one thread in this process (`retrieval.cores.one_blas_thread` says why).

        Args:
            shop_dir: a shop directory.
            own: take the shop's lock where it is free.
            must_own: refuse to open beside another owner.
            on_progress: called with (texts embedded, texts to embed) while the index is built.

        Raises:
            ShopError: what keeps the shop from opening, and what to do about it.
        """
        one_blas_thread()
        shop = Shop(Path(shop_dir) if shop_dir else None, own=own, must_own=must_own)
        with ExitStack() as on_failure:
            on_failure.callback(shop.close)
            if shop.is_empty and shop.owner:
                shop.make_demo()
            embedder = shop.embedder()
            contents = Contents.of(shop.catalog)
            retriever = open_retriever(
                shop.catalog,
                embedder,
                shop.paths.index,
                owner=shop.owner,
                on_progress=on_progress,
                contents=contents,
                server=shop.chroma_server,
                synonyms=shop.learnt_words(),
            )
            on_failure.callback(retriever.close)
            ranker, _ = shop.ranker(embedder, retriever.vectors_of)
            budget = TokenBudget(shop.settings.llm.session_tokens)
            writer = open_writer(shop.settings.llm, budget, shop.settings.house)
            model = shop.settings.cross_encoder
            reader = CrossEncoder(model) if model else None
            assistant = cls(shop, LiveCatalog(shop, retriever, contents), ranker, writer, reader, budget)
            on_failure.pop_all()
        return assistant

    def __enter__(self) -> "ShoppingAssistant":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stream(
        self, text: str, session: Session, *, context: PageContext | None = None, customer_id: str | None = None
    ) -> Iterator[StreamEvent]:
        """One message through every stage: the products first, then the text as it is written, then the whole reply.

        The session in the reply is saved; pass it in with the next message.

        Args:
            text: what the shopper wrote.
            session: the conversation so far.
            context: what the shopper looks at now and has in the cart; see docs/page-context.md.
            customer_id: who is logged in at the shop, verified by the caller, for questions about orders. It is not
                stored: pass it with each message.
        """
        clock = _Clock()
        now = self.live.now()
        session = looked_at(self.shoppers.caught_up(session, now.digest.price_positions), context, now.facts)
        parsed = self._read(text[:MAX_MESSAGE], session, now)
        if parsed.read_by != "rules":
            clock.lap("read_again")
        parsed = heard(parsed, session)
        parsed = as_question(parsed, self.shop.catalog.policies, now.search.embedder)
        step = advance(session, self.desk.discreet(parsed, session), now.facts)
        if self.keeps:
            self.shoppers.store(session, step.session)
        clock.lap("understand")
        yield from self._answer(step, text[:MAX_MESSAGE], clock, now, customer_id)

    def _read(self, text: str, session: Session, now: Moment) -> ParsedMessage:
        if self.second_reader is None:
            return now.parser.parse(text, session)
        return self.second_reader.parse(text, session, now.parser)

    def _answer(
        self, step: Step, text: str, clock: _Clock, now: Moment, customer_id: str | None = None
    ) -> Iterator[StreamEvent]:
        step, retrieved = narrowed(step, self.finder.retrieve(step.query, now), now.facts.lookup)
        n_found = retrieved.n_matched
        if is_absent(step, retrieved.fit) and not now.search.is_near(retrieved):
            retrieved = Retrieved((), 0, fit=retrieved.fit)
        clock.lap("find")
        query, profile = step.query or Query(""), step.profile or ShopperProfile()
        beside = self.finder.beside(step, now, N_SHOWN) if step.action == "bundle" else None
        if beside is not None:
            n_found = len(beside)
            retrieved = replace(retrieved, candidates=(), n_matched=n_found)
        judged = self.ranker.judge(query, retrieved, profile)
        weights = known_factors(step.session.weights)
        ranked = beside or self.ranker.order(judged, N_SHOWN, seen(step, now), weights=weights)
        list_id = self._log_list(step, ranked)
        clock.lap("order")
        evidence = collect(step, [item.product.id for item in ranked], n_found, now, retrieved.fit)
        if step.parsed.move == "why_not" and step.product_ids:
            evidence = replace(evidence, behind=self.finder.behind(step, now))
        if self.asks and not evidence.absent:
            evidence = replace(evidence, question=clarify(step, judged, len(ranked), self.ranker, now))
        clock.lap("ask")
        if self.keeps:
            answered = is_answered(step.action, len(evidence.policies))
            step, service = self.desk.attend(ServiceTurn(step, text, answered, customer_id, evidence.shop_name))
            evidence = replace(evidence, service=service)
        recommendations = tuple(
            Recommendation(item, self._reasons(item, step, evidence.reviews.get(item.product.id, ())))
            for item in ranked
        )
        replies = quick_replies(step, evidence, recommendations)
        yield ProductsFound(recommendations, replies, step.session.language, list_id)
        pieces: list[str] = []
        for piece in self.writer.write(step, recommendations, evidence):
            pieces.append(piece)
            yield TextDelta(piece)
        clock.lap("write")
        reply = Reply(
            text="".join(pieces),
            language=step.session.language,
            parsed=step.parsed,
            session=_after(step, "".join(pieces), recommendations, evidence.question, list_id),
            products=recommendations,
            quick_replies=replies,
            question=evidence.question,
            n_matched=retrieved.n_matched,
            n_left=retrieved.n_matched - len(recommendations),
            currency=now.facts.currency,
            list_id=list_id,
            timings_ms=clock.laps,
            handoff=evidence.service.handoff,
        )
        if self.keeps:
            self.shop.sessions.record_turn(reply)
        yield Finished(reply)

    def hang_up(self, session_id: str) -> None:
        """The session's shopper has left: a language model that writes to them is left alone. From any thread."""
        self.writer.hang_up(session_id)

    def respond(
        self, text: str, session: Session, *, context: PageContext | None = None, customer_id: str | None = None
    ) -> Reply:
        """The whole reply to one message; what `stream` ends in."""
        return _last(self.stream(text, session, context=context, customer_id=customer_id))

    def ask(
        self,
        text: str,
        session: Session | None = None,
        *,
        context: PageContext | None = None,
        customer_id: str | None = None,
    ) -> Reply:
        """The reply to a message of a new session, or of the one given."""
        return self.respond(text, session or self.new_session(), context=context, customer_id=customer_id)

    def find(self, text: str, k: int = N_CANDIDATES) -> tuple[Query, Retrieved]:
        """What `text` as a first message retrieves, before it is ranked; nothing is recorded."""
        session, now = Session(id="", shopper_id=""), self.live.now()
        step = advance(session, now.parser.parse(text, session), now.facts)
        return step.query or Query(""), self.finder.retrieve(step.query, now, k)

    def understand(self, text: str, session: Session | None = None) -> tuple[ParsedMessage, Filters]:
        """How a message is read, and the conditions in force after it; nothing is recorded."""
        session, now = session or Session(id="", shopper_id=""), self.live.now()
        parsed = self._read(text, session, now)
        return parsed, advance(session, parsed, now.facts).session.filters

    def remove_constraint(self, session: Session, key: str, value: str | None = None) -> Reply:
        """The reply when the shopper takes one condition away (a chip on the page)."""
        now = self.live.now()
        session = self.shoppers.caught_up(session, now.digest.price_positions)
        step = without_constraint(session, key, value, now.facts)
        return _last(self._answer(step, step.parsed.text, _Clock(), now))

    def weigh(self, session: Session, weights: Mapping[str, float]) -> Reply:
        """The reply when the shopper says how much parts of a score count for them: the same wish in another order.

        Args:
            session: the conversation so far.
            weights: part of a score -> how many times it counts from now on, as in `Ranker.rank`; what is not named
                counts as before.

        Raises:
            ConfigError: there is no such part, or a weight is not a number of 0 or more.
        """
        now = self.live.now()
        session = self.shoppers.caught_up(session, now.digest.price_positions)
        step = with_weights(session, checked_factors(weights, "weights"), now.facts)
        return _last(self._answer(step, step.parsed.text, _Clock(), now))

    def constraints(self, session: Session) -> Sequence[Constraint]:
        """The conditions in force, for the page to show."""
        return constraints(session, self.facts.currency)

    def facets(self, session: Session) -> Facets:
        """What the products that meet the conditions in force could be narrowed down by, with counts.

        Raises:
            MissingRate: a price limit is in a currency that the shop has no rate for.
        """
        now = self.live.now()
        return now.search.facets(filters_in_force(session, now.facts))

    def _reasons(self, item: RankedProduct, step: Step, reviews: Sequence[Review]) -> tuple[Reason, ...]:
        praised = self.shop.reviews.buyers().praised(item.product.id, step.query) if step.query else ()
        return reasons(item, step, reviews, step.session.language, praised=praised)

    def _log_list(self, step: Step, ranked: Sequence[RankedProduct]) -> str | None:
        """Log what is about to be shown, found or not: a shopper may leave before the text ends."""
        if step.query is None or not self.keeps:
            return None
        session = replace(step.session, turn=step.session.turn + 1)
        return self.shop.shown_lists.record(session, step.query, ranked, self.model_versions())


def _after(
    step: Step, answer: str, shown: Sequence[Recommendation], question: Question | None, list_id: str | None
) -> Session:
    session, turn = step.session, step.session.turn + 1
    ids = tuple(item.ranked.product.id for item in shown)
    variant_ids = tuple(item.ranked.variant.id for item in shown)
    return replace(
        session,
        turn=turn,
        asking=with_question(session.asking, question),
        shown=(*session.shown, *(ShownProduct(product_id, turn, i) for i, product_id in enumerate(ids)))[-MAX_SHOWN:],
        messages=(
            *session.messages,
            Message("shopper", step.parsed.text),
            Message("assistant", answer, ids, variant_ids, list_id if ids else None),
        )[-MAX_MESSAGES:],
    )


def _last(events: Iterator[StreamEvent]) -> Reply:
    reply = None
    for event in events:
        if isinstance(event, Finished):
            reply = event.reply
    assert reply is not None, "a stream ends with Finished"
    return reply
