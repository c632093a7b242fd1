"""The edge of the web: the one place where whatever fails inside is caught."""

import logging

log = logging.getLogger(__name__)


class Edge:
    """The edge of the web: whatever fails inside is logged and ends there. What follows tells the shopper."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        log.error("%s failed", self._what, exc_info=error)
        return True
