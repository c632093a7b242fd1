"""How many tokens of a language model each conversation has used.

Comes in: what one call used, by its provider's count or an estimate. Goes out: whether another may be made. Kept in
memory of this process, for the latest conversations only. Knows no model.
"""

import logging
import threading
from collections import OrderedDict

log = logging.getLogger(__name__)

MAX_SESSIONS = 10_000
"""How many conversations are remembered; the one that used tokens longest ago is forgotten first."""


class TokenBudget:
    """What each session may use in all; `limit` 0 is no limit. Safe to share between threads."""

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._used: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def used(self, session_id: str) -> int:
        """Tokens that the session has used."""
        with self._lock:
            return self._used.get(session_id, 0)

    def is_spent(self, session_id: str) -> bool:
        """Whether the session has used all that it may."""
        return 0 < self._limit <= self.used(session_id)

    def spend(self, session_id: str, n_tokens: int) -> None:
        """Count `n_tokens` more; the call that uses the last of them is logged. No session, no count."""
        if not session_id or n_tokens <= 0:
            return
        with self._lock:
            before = self._used.pop(session_id, 0)
            self._used[session_id] = before + n_tokens
            while len(self._used) > MAX_SESSIONS:
                self._used.popitem(last=False)
        if before < self._limit <= before + n_tokens:
            log.warning(
                "session %s has used its %d tokens of the language model: from now on it is answered without; "
                "session_tokens under [llm] in shop.toml sets how many there are",
                session_id,
                self._limit,
            )


def estimated(text: str) -> int:
    """About how many tokens a text is: four letters each, and a Chinese character by itself.

    >>> estimated("hiking boots"), estimated("登山靴")
    (3, 3)
    """
    n_wide = sum(char >= "\u2e80" for char in text)
    return n_wide + (len(text) - n_wide + 3) // 4
