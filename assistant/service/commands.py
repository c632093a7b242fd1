"""What `shopping-assistant handoffs` does: lists the requests that wait for a person, and sends them again.

In: a shop directory. Out: lines of text. Prints no transcript.
"""

from pathlib import Path

from assistant.service.errors import HandoffError
from assistant.service.handoffs import Handoffs
from assistant.shop import Shop


def handoffs_lines(shop_dir: Path | None, *, retry: bool) -> tuple[list[str], int]:
    """The lines to print, and how many requests still wait.

    Args:
        shop_dir: None: the default place.
        retry: send each one again.
    """
    with Shop(shop_dir, own=False) as shop:
        handoffs = Handoffs(shop.engine, shop.settings.handoff)
        lines = []
        n_left = 0
        for stored in handoffs.waiting():
            said = f"waits since {stored.created_at:%Y-%m-%d %H:%M} UTC, tried {stored.n_attempts} times"
            if retry:
                try:
                    handoffs.retry(stored)
                    said = "sent"
                except HandoffError as error:
                    said = str(error)
            n_left += said != "sent"
            lines.append(f"{stored.reference}  {said}")
        return lines or ["no conversation waits to be handed over"], n_left
