"""Which rows of a shopper lie close together in time.

In: shoppers and times. Out: numbers of visits. Knows no clicks.
"""

from dataclasses import dataclass

import numpy as np

from ranking.clicks.interactions import Codes


@dataclass(frozen=True, slots=True)
class Visits:
    """Runs of one shopper's rows, each no more than `gap_s` seconds after the one before.

    `keys` are shopper and time as one number, in order, and `visit` the visit of each.
    """

    gap_s: int
    first: int
    span: int
    keys: Codes
    visit: Codes
    n: int

    @classmethod
    def of(cls, shopper: Codes, second: Codes, gap_s: int) -> "Visits":
        """Find the visits of these rows."""
        first = int(second.min()) - gap_s - 1
        span = int(second.max()) - first + gap_s + 2
        keys = np.sort(shopper * span + (second - first))
        visit = np.concatenate([[0], np.cumsum(np.diff(keys) > gap_s)])
        return cls(gap_s, first, span, keys, visit, int(visit[-1]) + 1)

    def find(self, shopper: Codes, second: Codes) -> Codes:
        """The visit of each row: that of the nearest row known of the shopper, -1 where it is further than the gap.

        >>> visits = Visits.of(np.array([0, 0, 1]), np.array([100, 110, 105]), gap_s=30)
        >>> visits.find(np.array([0, 0, 1, 2]), np.array([130, 150, 100, 100])).tolist()
        [0, -1, 1, -1]
        """
        # The span leaves more than a gap between the keys of two shoppers.
        keys = shopper * self.span + np.clip(second - self.first, 0, self.span - 1)
        after = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        before = np.maximum(after - 1, 0)
        nearest = np.where(np.abs(self.keys[after] - keys) < np.abs(self.keys[before] - keys), after, before)
        return np.where(np.abs(self.keys[nearest] - keys) <= self.gap_s, self.visit[nearest], -1)
