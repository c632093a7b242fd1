"""How likely a shopper is to look at all at each position of a list, read off the log.

In: events, among them impressions that say which product was shown at which position for which query. Out: an
`Examination`, the curve that training weighs clicks by. Knows no model and no features.

By the examination model a product d is taken up for a query q at position k with the chance p_k · r_qd. The same
product for the same query at different positions differs in p_k alone, whatever r_qd is. With n shown and c taken up,
summed over pairs (q, d), the curve p solves

    c_k = sum over pairs of n_qdk p_k · (c_qd / sum_j n_qdj p_j)

Each pair has a level of its own, which falls out; a pair that was only ever shown at one position says nothing. The
equation only asks that the mean of c_qdk be p_k r_qd n_qdk: shoppers may differ, as long as who sees a product where
does not depend on how much they want it.

Source: the same pair at different positions, Agarwal et al. 2019, Estimating position bias without intrusive
interventions, section 4; a level per pair, Hausman, Hall and Griliches 1984, Econometric models for count data with an
application to the patents-R&D relationship, section 2; the weights, Joachims et al. 2017, Unbiased learning-to-rank
with biased feedback, section 4.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranking.splitting import visit_of
from ranking.types import Event

MAX_POSITIONS = 50
"""Positions from here on are taken to be like the last one that is known."""

MIN_TAKEN_UP = 50
"""A position with fewer acts than this, on products that were also shown elsewhere, is not estimated."""

MIN_EXAMINATION = 0.1
"""No act counts for more than one over this: a weight of a hundred would be mostly noise."""

TAKEN_UP = ("click", "view", "add_to_cart", "favorite", "purchase", "like")
"""What a shopper does with a product in a list that they looked at."""

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Examination:
    """The chance to look at each position, from 0, as a share of that to look at the first one, which is 1.

    `n_taken_up` is how many acts it was read off.
    """

    curve: tuple[float, ...]
    n_taken_up: int

    def weight(self, position: int | None) -> float:
        """How much an act at a position counts, from 1 / `MIN_EXAMINATION` down; 1 where the position is not known.

        >>> [Examination((1.0, 0.5, 0.01), 100).weight(position) for position in (0, 1, 2, 9, None)]
        [1.0, 2.0, 10.0, 10.0, 1.0]
        """
        if position is None or position < 0:
            return 1.0
        return 1.0 / max(self.curve[min(position, len(self.curve) - 1)], MIN_EXAMINATION)


def estimate_examination(events: Iterable[Event]) -> Examination | None:
    """The curve of a log; None where its impressions don't tell (none, or no product ever moved between positions).

    An act counts where the same visit was shown the product for the same query, whether or not the act itself carries a
    position. Positions that cannot be told are taken to be like the one before.

    Args:
        events: of any shoppers, in any order.
    """
    shown, taken_up = _counts(list(events))
    moved = (shown > 0).sum(axis=1) > 1
    shown, taken_up = shown[moved], taken_up[moved]
    known = _comparable(shown, taken_up)
    if known.sum() < 2:
        return None
    curve = examination_curve(shown[:, known], taken_up[:, known])
    places = np.flatnonzero(known)
    last = np.searchsorted(places, np.arange(places[-1] + 1), side="right") - 1
    return Examination(tuple(float(curve[place]) for place in last), int(taken_up[:, known].sum()))


def examination_curve(shown: Table, taken_up: Table, n_iterations: int = 2000, tolerance: float = 1e-9) -> Table:
    """The curve that solves the module's equation, ``(n_positions,)``, 1 at the first position.

    Args:
        shown: ``(n_pairs, n_positions)``, how often each pair was shown there.
        taken_up: the same, how often it was then taken up; every position must have some.
        n_iterations: at most so many rounds.
        tolerance: stops when no value moves by more.

    >>> shown = np.array([[100.0, 100.0], [0.0, 50.0]])
    >>> examination_curve(shown, np.array([[40.0, 10.0], [0.0, 30.0]])).round(6).tolist()
    [1.0, 0.25]
    """
    totals = taken_up.sum(axis=1)
    known = totals > 0
    shown, totals, at_position = shown[known], totals[known], taken_up.sum(axis=0)
    curve = np.ones(shown.shape[1])
    for _ in range(n_iterations):
        levels = totals / (shown @ curve)
        renewed: Table = at_position / (levels @ shown)
        renewed = renewed / renewed[0]
        if np.abs(renewed - curve).max() < tolerance:
            return renewed
        curve = renewed
    return curve


def _counts(events: list[Event]) -> tuple[Table, Table]:
    """How often each (query, product) was shown at each position, and taken up there; ``(n_pairs, n_positions)``."""
    place: dict[tuple[tuple[str, str], str, str], int] = {}
    for event in events:
        position = MAX_POSITIONS if event.position is None else event.position
        if event.type == "impression" and event.query and 0 <= position < MAX_POSITIONS:
            place.setdefault((visit_of(event), event.query, event.product_id), position)
    acts = {
        (visit_of(event), event.query, event.product_id) for event in events if event.query and event.type in TAKEN_UP
    }
    pairs = {pair: row for row, pair in enumerate(sorted({(query, id_) for _, query, id_ in place}))}
    shown, taken_up = np.zeros((len(pairs), MAX_POSITIONS)), np.zeros((len(pairs), MAX_POSITIONS))
    for key, position in place.items():
        row = pairs[key[1], key[2]]
        shown[row, position] += 1
        taken_up[row, position] += key in acts
    return shown, taken_up


def _comparable(shown: Table, taken_up: Table) -> NDArray[np.bool_]:
    """The positions with enough acts that some chain of moved products links to the first one."""
    enough = taken_up.sum(axis=0) >= MIN_TAKEN_UP
    told = (shown[taken_up.sum(axis=1) > 0] > 0).astype(np.float64)
    linked = (told.T @ told > 0) & enough & enough[:, None]
    reached = np.zeros(shown.shape[1], dtype=np.bool_)
    reached[0] = enough[0]
    for _ in range(shown.shape[1]):
        reached |= linked[reached].any(axis=0)
    return reached
