"""Keeps the last few results, where one question is asked in several ways one after the other.

In: keys, and how to make what belongs to them. Out: that. Knows nothing else.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")

N_KEPT = 2


class Lately(Generic[Value]):
    """The last `N_KEPT` values by their keys. Safe to share between threads; the values must not be changed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What belongs to a key, made where it was not asked for lately.

        >>> lately = Lately[int]()
        >>> lately.get("one", lambda: 1), lately.get("one", lambda: 2)
        (1, 1)
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = make()
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > N_KEPT:
                self._kept.popitem(last=False)
        return value
