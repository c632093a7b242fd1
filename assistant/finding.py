"""What of the catalog a step is answered with: candidates, things that go with a product, and what stands before one.

In: a step, and the catalog at this moment. Out: candidates and ranked products. Knows no wording and keeps nothing
about a shopper.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.behind import behind
from assistant.complements import complements, kinds_beside
from assistant.conditions import capped, filters_in_force, for_same_people
from assistant.live import Moment
from assistant.types import Step
from ranking.ranker import Ranker
from ranking.together import TogetherLog
from ranking.types import RankedProduct, ShopperProfile
from retrieval.cross_encoder import PairScorer, reread
from retrieval.errors import MissingRate
from retrieval.types import Product, Query, Retrieved

N_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds by what is bought `together`, and with a `reader` reads the nearest candidates once more."""

    ranker: Ranker
    together: TogetherLog
    reader: PairScorer | None = None

    def retrieve(self, query: Query | None, now: Moment, k: int = N_CANDIDATES) -> Retrieved:
        """The candidates for the query; none where there is none."""
        if query is None:
            return Retrieved((), 0)
        retrieved = now.search.retrieve(query, k)
        fit = now.search.fit(query, retrieved.query_vector)
        return reread(query, replace(retrieved, fit=fit), self.reader)

    def beside(self, step: Step, now: Moment, n: int) -> list[RankedProduct] | None:
        """Things of other kinds that go with the first product spoken of, within the price; None where none is."""
        anchor = now.facts.lookup(step.product_ids[:1]).get(step.product_ids[0]) if step.product_ids else None
        query = step.query
        if anchor is None or query is None:
            return None

        def rank(kind: str, n: int, at_most: int | None) -> Sequence[RankedProduct]:
            filters = capped(replace(query.filters, category=kind), at_most, now.facts.currency)
            asked = Query(step.parsed.query_text, filters, query.exclude_ids)
            found, profile = self.retrieve(asked, now), step.profile or ShopperProfile()
            fitting = tuple(item for item in found.candidates if for_same_people(item.product, anchor))
            return self.ranker.rank(asked, replace(found, candidates=fitting), profile, n)

        kinds = kinds_beside(anchor, self.together.now(now.search.revision), now.facts.vocabulary)
        left = next((int(arguments["left_minor"]) for kind, arguments in step.notes if kind == "in_all"), None)
        return complements(kinds, rank, left)[:n]

    def behind(self, step: Step, now: Moment) -> tuple[str, ...]:
        """On what the product asked for stands behind the first, by the wish as it is."""
        session = step.session
        try:
            filters = filters_in_force(session, now.facts)
        except MissingRate:
            return ()
        query = Query(session.wish, filters, frozenset(), session.semantic_wish or None)
        retrieved = self.retrieve(query, now)
        ranked = self.ranker.rank(query, retrieved, step.profile or ShopperProfile(), len(retrieved.candidates))
        return behind(ranked, step.product_ids[0])


def seen(step: Step, now: Moment) -> Sequence[Product]:
    """What was shown before, where the shopper asks for more or answers a question: it and its doubles come last."""
    if step.query is None or not (step.parsed.move == "more" or step.answers):
        return ()
    ids = {item.product_id for item in step.session.shown} if step.answers else step.query.exclude_ids
    return tuple(now.facts.lookup(tuple(sorted(ids))).values())
