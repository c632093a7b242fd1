"""Which candidates have more or less of something than a product that was shown (lighter than the first).

In: a `Step` whose session holds comparisons, and the candidates found. Out: those that meet them, and notes on what the
shop does not state. Knows no ranking and no wording.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from assistant.parsing.data import load_grammar
from assistant.types import Beyond, Comparison, Session, Step
from retrieval.quantities import Quantity, quantity_of
from retrieval.types import Candidate, Product, Retrieved

RATING = "rating"

Lookup = Callable[[Sequence[str]], Mapping[str, Product]]


def with_beyond(session: Session, comparison: Comparison, product_id: str) -> Session:
    """The session whose wish has to go beyond a product; an earlier comparison of the same attribute gives way."""
    others = tuple(one for one in session.beyond if one.comparison.attribute != comparison.attribute)
    return replace(session, beyond=(*others, Beyond(comparison, product_id)))


def narrowed(step: Step, retrieved: Retrieved, lookup: Lookup) -> tuple[Step, Retrieved]:
    """The candidates that meet the step's comparisons.

    Where the shop doesn't state the attribute of the product compared with, or of any candidate, all stay, the step has
    the note ("uncompared", {"attribute": …}), and the comparison is no condition any more.
    """
    conditions = (*step.session.beyond, *step.for_now)
    if step.query is None or not conditions:
        return step, retrieved
    anchors = lookup(tuple(one.product_id for one in conditions))
    for one in conditions:
        if not retrieved.candidates:
            break
        anchor = anchors.get(one.product_id)
        kept = _beyond(one.comparison, anchor, retrieved.candidates) if anchor else None
        if kept is None:
            step = _uncompared(step, one)
        else:
            retrieved = replace(retrieved, candidates=kept, n_matched=len(kept))
    return step, retrieved


def _uncompared(step: Step, one: Beyond) -> Step:
    """The step without a comparison that can't be made, which its notes say instead of what would have come of it."""
    left = tuple(other for other in step.session.beyond if other != one)
    note = ("uncompared", {"attribute": one.comparison.attribute})
    kept = tuple(said for said in step.notes if said != note and not (one in step.for_now and said[0] == "objection"))
    return replace(step, session=replace(step.session, beyond=left), notes=(*kept, note))


def _beyond(comparison: Comparison, anchor: Product, candidates: Sequence[Candidate]) -> tuple[Candidate, ...] | None:
    """The candidates on the right side of the anchor; None where it, or all of them, can't be told."""
    limits = measured(anchor, comparison.attribute)
    if not limits:
        return None
    limit = max(limits, key=lambda one: comparison.sign * one.amount)
    told = False
    kept = []
    for candidate in candidates:
        amounts = [
            one.amount for one in measured(candidate.product, comparison.attribute) if one.dimension == limit.dimension
        ]
        told = told or bool(amounts)
        if any(comparison.sign * (amount - limit.amount) > 0 for amount in amounts):
            kept.append(candidate)
    return tuple(kept) if told else None


def measured(product: Product, attribute: str) -> tuple[Quantity, ...]:
    """How much of "weight", "size", "battery" or "rating" a product states, one for each of its values.

    >>> product = Product("t", "Tent", "USD", (), attributes={"weight": ("2.1 kg",)})
    >>> measured(product, "weight"), measured(product, "size")
    ((Quantity(dimension='[mass]', amount=2.1),), ())
    """
    if attribute == RATING:
        return () if product.rating is None else (Quantity("stars", product.rating),)
    for name in load_grammar()["comparatives"][attribute]["names"]:
        found = tuple(filter(None, (quantity_of(value) for value in product.values(name))))
        if found:
            return found
    return ()
