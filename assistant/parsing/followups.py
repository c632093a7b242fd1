"""Questions without a verb that go on about the thing in hand: and for hiking?, in a 43?, 那徒步呢.

In: folded text, and what was read of it. Out: what is asked, and what that makes of the intent on a product's page.
Knows no catalog.
"""

import re

from assistant.parsing.reading import Reading
from assistant.types import Session

_ENGLISH = re.compile(
    r"^\W*(?:(?:and|but|ok|okay|so|then|what about|how about)\b[\s,]*)*"
    r"(?P<how>for|in|with|on|at|as|during|by|under)\s+(?P<asked>[^?!.,;]{2,40}?)\W*$"
)
_CHINESE = re.compile(r"^\W*(?:那么?|还有|要是|如果|可是)?(?P<asked>[^\s,。?!]{1,10}?)(?:的话)?呢\W*$")
_VERB = re.compile(
    r"\b(?:is|are|do|does|did|can|could|will|would|should|have|has|show|find|want|need|looking|give|get|something|"
    r"anything|ones?|any|else|others?)\b|[有要买找看推荐给想]"
)
_THERE_IS = re.compile(
    r"\b(?:is there|are there|do you have|have you got|got any|any(?:thing)?|something|show me|find me|other)\b"
    r"|有吗|有没|有么|有木有|还有|有哪些|有什么|推荐|来几|找"
)
_OF_VERSIONS = frozenset({"size", "color"})


def follow_up(text: str) -> tuple[str, str] | None:
    """The preposition ("" in Chinese) and what is asked, where folded text is such a question and nothing else.

    >>> follow_up("and for hiking?"), follow_up("那徒步呢"), follow_up("in a 43?")
    (('for', 'hiking'), ('', '徒步'), ('in', 'a 43'))
    >>> follow_up("for hiking I need something"), follow_up("帐篷")
    (None, None)
    """
    found = _ENGLISH.match(text)
    if found is not None and (text.rstrip().endswith("?") or re.match(r"\W*(?:and|but|so|what|how)\b", text)):
        return None if _VERB.search(found["asked"]) else (found["how"], found["asked"].strip())
    found = _CHINESE.match(text)
    return None if found is None or _VERB.search(found["asked"]) else ("", found["asked"])


def page_in_hand(session: Session) -> str | None:
    """The product whose page it is, while nothing else was shown or spoken of since."""
    page = session.page.product_id
    return page if page is not None and page == session.focus_id else None


def intent_on_page(reading: Reading, intent: str) -> str:
    """The intent on a product's page: a smaller one is a wish; what has no verb asks about the product (and for
    hiking?), unless it names a price or, with no "for", another kind of thing."""
    if reading.comparison is not None:
        return "wish"
    if intent == "faq" and reading.asks and reading.slots.include and not reading.slots.include.keys() - _OF_VERSIONS:
        # Do you have it in red: nothing that the rules of the shop could tell.
        return "ask_product"
    asked = follow_up(reading.folded)
    if asked is None or not reading.price.is_empty or (reading.head and asked[0] != "for"):
        return intent
    return "ask_product"


def asks_for_more(text: str) -> bool:
    """Whether folded text asks whether there is such a thing (类似这款的有吗), not what a thing is like.

    >>> asks_for_more("类似这款的有吗"), asks_for_more("is this one similar to that one?")
    (True, False)
    """
    return _THERE_IS.search(text) is not None
