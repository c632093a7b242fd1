"""Whether a wish is new or goes on with the session's.

In: what was read, and the session. Out: yes or no. Knows no filters beyond the category.
"""

import re
from functools import lru_cache

from assistant.parsing.data import load_grammar
from assistant.parsing.reading import Reading
from assistant.parsing.senses import Sense, category_departments
from assistant.types import Session
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import SurfaceIndex, tokenize
from retrieval.vocabulary import ordinary_words

_REFINING_MOVES = frozenset({"more", "cheaper", "similar", "undo", "remove"})


def canonical_category(session: Session) -> str | None:
    """The canonical category (or department) of the session's wish, carried by the shop or not."""
    lexicon = load_lexicon()
    name = session.filters.category
    if name:
        return lexicon.canonical("category", name) or lexicon.canonical("department", name) or name
    named = [match.payloads[0] for match in _categories().find_all(tokenize(session.wish))]
    return named[-1] if named else None


@lru_cache
def _categories() -> SurfaceIndex[str]:
    index: SurfaceIndex[str] = SurfaceIndex()
    for concept in load_lexicon().concepts:
        if concept.kind == "category":
            for surface in concept.surfaces:
                index.add(surface, concept.value)
    return index


def same_topic_categories(head: Sense | None, session: Session, page: str | None = None) -> frozenset[str]:
    """The canonical category spoken of and its department; where the message names none, the session's, or else that
    of the `page` (a category in the catalog's spelling)."""
    on_page = load_lexicon().canonical("category", page) or page if page else None
    category = head.value if head else canonical_category(session) or on_page
    if category is None:
        return frozenset()
    return frozenset(filter(None, (category, category_departments().get(category))))


def is_new_wish(reading: Reading, session: Session, current: str | None) -> bool:
    """Whether the message begins a new wish (search) instead of adding to the session's (refine)."""
    if reading.move == "restart":
        return True
    if session.turn == 0 or (session.filters.is_empty and not session.wish):
        goes_by_shown = reading.move in _REFINING_MOVES or reading.comparison is not None
        return not goes_by_shown or bool(reading.head)
    head = reading.head
    if head is None:
        return current is not None and _names_something_unknown(reading)
    if current is None or head.value == current:
        return False
    general = load_grammar()["heads"]["general"]
    if current in general.get(head.value, ()) or head.value in general.get(current, ()):
        return False
    departments = category_departments()
    return departments.get(head.value) != current and departments.get(current) != head.value


def _names_something_unknown(reading: Reading) -> bool:
    """'I'm looking for a violin': a new thing that neither the lexicon nor the catalog knows."""
    for phrase in load_grammar()["heads"]["new_wish"]:
        found = phrase in reading.folded and re.search(
            rf"(?<![a-z]){re.escape(phrase)}\s+([a-z]{{3,}})", reading.folded
        )
        if not found:
            continue
        token = next((t for t in reading.tokens if t.start == found.start(1)), None)
        item = next((i for i in reading.items if i.start == found.start(1)), None)
        if token and item and not item.senses and token.norm not in ordinary_words():
            return True
    return False
