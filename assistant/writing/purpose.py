"""What a product's kind says of what it is good for: hiking boots are for hiking.

Comes in: a question and a product. Goes out: a sentence that names the category, or none. Guesses nothing.
"""

from assistant.parsing.followups import follow_up
from assistant.writing.plain import Turn
from assistant.writing.wording import display_category
from prompts.untrusted import clean
from retrieval.lexicon.matching import fold
from retrieval.text import has_cjk, tokens
from retrieval.types import Product


def purpose(turn: Turn, product: Product) -> str | None:
    """That the product is listed among what is for the purpose that the question names; None where nothing says so."""
    asked = _asked(turn)
    if not asked or not product.category:
        return None
    label = display_category(product.category, turn.language)
    if not set(tokens(asked)) & _kind_words(label):
        return None
    return turn.say("answer.listed_under", title=clean(product.title_in(turn.language)), category=label)


def _asked(turn: Turn) -> str:
    """What stands behind "good for" or 适合, or is asked without a verb (and for hiking?, 那徒步呢); else empty."""
    question = fold(turn.step.parsed.text)
    bare = follow_up(question)
    if bare is not None and bare[0] in ("for", ""):
        return bare[1]
    found = [question.partition(cue)[2] for cue in turn.phrases.words("topic.purpose") if cue in question]
    return min(found, key=len, default="")


def _kind_words(label: str) -> frozenset[str]:
    """The words of a category's name that tell its purpose: all but the thing itself.

    >>> sorted(_kind_words("hiking boots")), sorted(_kind_words("登山靴"))
    (['hike'], ['登山'])
    """
    if has_cjk(label):
        return frozenset(word for word in tokens(label[:-1]) if len(word) > 1)
    return frozenset(tokens(label)[:-1])
