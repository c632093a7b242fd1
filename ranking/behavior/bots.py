"""Which shoppers are machines: those that say so, and those that no hand could keep up with.

In: acts of one shopper after the other, each in order of time. Out: who is a machine, and why. Knows no table.

Acts at the very same time count as one: an order of thirty lines or a page of twenty products is one act of a person.
"""

import re
from collections.abc import Iterator

PER_MINUTE, FOR_MINUTES = 30, 5
"""More acts than this in each of so many minutes on end: one every two seconds, for five minutes, without a pause."""

PER_DAY = 3_000
"""More acts than this on one day (UTC): one every ten seconds for more than eight hours."""

MINUTE_US, DAY_US = 60_000_000, 86_400_000_000

AGENT = re.compile(
    r"bot\b|bot[/;)_-]|crawl|spider|slurp|scrap|headless|phantomjs|selenium|playwright|puppeteer|lighthouse|pingdom"
    r"|python-requests|python-urllib|aiohttp|httpx|curl/|wget|go-http-client"
    r"|java/|libwww|scrapy|facebookexternalhit",
    re.IGNORECASE,
)


def says_bot(agent: object) -> bool:
    """Whether a browser's name for itself is a machine's.

    >>> says_bot("Mozilla/5.0 (compatible; Googlebot/2.1)"), says_bot("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0)")
    (True, False)
    """
    return isinstance(agent, str) and bool(AGENT.search(agent))


class Machines:
    """Looks at shoppers one after the other."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}
        self._shopper: str | None = None
        self._last: int | None = None
        self._minute = self._day = -1
        self._in_minute = self._in_day = self._busy_minutes = 0

    def see(self, shopper: str, time_us: int, says_so: bool) -> None:
        """Look at the next act: all of a shopper come together, in order of time (microseconds)."""
        if shopper != self._shopper:
            self._shopper, self._last = shopper, None
            self._minute = self._day = -1
            self._in_minute = self._in_day = self._busy_minutes = 0
        if says_so:
            self._found.setdefault(shopper, "its user agent says that it is a machine")
        if time_us == self._last:
            return
        self._last = time_us
        self._count_minute(shopper, time_us // MINUTE_US)
        self._count_day(shopper, time_us // DAY_US)

    def found(self) -> Iterator[tuple[str, str]]:
        """(Shopper, why) of those that are machines."""
        yield from self._found.items()

    def _count_minute(self, shopper: str, minute: int) -> None:
        if minute != self._minute:
            went_on = minute == self._minute + 1 and self._in_minute > PER_MINUTE
            self._busy_minutes = self._busy_minutes if went_on else 0
            self._minute, self._in_minute = minute, 0
        self._in_minute += 1
        if self._in_minute == PER_MINUTE + 1:
            self._busy_minutes += 1
            if self._busy_minutes >= FOR_MINUTES:
                self._found.setdefault(
                    shopper, f"did more than {PER_MINUTE} things a minute for {FOR_MINUTES} minutes on end: a machine"
                )

    def _count_day(self, shopper: str, day: int) -> None:
        self._in_day = self._in_day + 1 if day == self._day else 1
        self._day = day
        if self._in_day > PER_DAY:
            self._found.setdefault(shopper, f"did more than {PER_DAY:,} things on one day: a machine")
