"""What of a language model's claims stands in the shopper's words, and is in the catalog.

In: `Claims`, the message, what was in doubt, the parser. Out: `Hints` for the parser. Nothing a model writes becomes a
condition: it points at words, and the lexicon, the catalog and the grammar say what those are. Knows no model.
"""

import re
from collections.abc import Sequence

from assistant.parser import MAX_CHARACTERS, Parser
from assistant.parsing.doubts import Doubts
from assistant.parsing.hints import Gloss, Hints, SpanHint
from assistant.second_reading.claims import MAX_CLAIMS, Claim, Claims
from assistant.second_reading.naming import is_of_catalog, is_ordinary, place_named, sense_of
from retrieval.lexicon.matching import fold, norms, tokenize
from retrieval.vocabulary import Vocabulary

Span = tuple[int, int]

MAX_MEANING_WORDS = 4
WORD = "word"
"""The attribute of a claim that words mean words of the catalog's texts."""
_POLARITIES = {False: frozenset({"wanted", "accepted"}), True: frozenset({"excluded"})}


def checked(claims: Claims, message: str, doubts: Doubts, parser: Parser) -> Hints:
    """What of the claims can be shown to be said.

    - An intent must be one of those in doubt.
    - A value must be the catalog's, and the words quoted must stand in the message and name it: in the catalog's
      spelling, in one of the lexicon's, or with a slip in a word that nobody knows. An ordinary word is a name only as
      a brand written with a capital. Refused or wanted it is only where the grammar finds the same.
    - Words that nobody knows may mean a value or a word of the catalog: to search by it, never as a condition. What
      kind of thing is meant they do not say so: a shop that has no surfboards shall not answer with its nearest kind.

    Of prices, sizes and numbers a model has nothing to say.
    """
    text = fold(message[:MAX_CHARACTERS])
    spans, glosses = [], []
    for claim in claims.claims[:MAX_CLAIMS]:
        place = find_quote(claim.quote, text)
        if place is None:
            continue
        hint = _named(claim, place, message, doubts, parser.vocabulary)
        if hint is not None:
            spans.append(hint)
        elif gloss := _gloss(claim, message[slice(*place)], doubts, parser.vocabulary):
            glosses.append(gloss)
    intent = claims.intent if claims.intent in doubts.intents[1:] else None
    agreed = _agreed(spans, message, parser)
    refused = [text[hint.start : hint.end] for hint in spans if hint.refused]
    return Hints(agreed, intent, _wanted(glosses, refused, message, parser))


def find_quote(quote: str, text: str) -> Span | None:
    """Where the quoted words stand in folded `text`, as whole words, however they are spaced.

    >>> find_quote("Gap  jeans", "any gap jeans?"), find_quote("gap", "a gaping hole"), find_quote("蓝色", "要蓝色的")
    ((4, 13), None, (1, 3))
    """
    pieces = [re.escape(piece) for piece in fold(quote).split()]
    if not pieces:
        return None
    words = r"\s+".join(pieces)
    # Chinese words have no edges.
    before, after = (r"(?<![a-z0-9])" if words[0].isascii() else ""), (r"(?![a-z0-9])" if words[-1].isascii() else "")
    found = re.search(before + words + after, text)
    return found.span() if found else None


def _named(claim: Claim, place: Span, message: str, doubts: Doubts, vocabulary: Vocabulary) -> SpanHint | None:
    sense = sense_of(claim.attribute, claim.value, vocabulary)
    if sense is None:
        return None
    tokens = [token for token in tokenize(message) if place[0] <= token.start and token.end <= place[1]]
    unread = {norm for word in doubts.words for norm in norms(word)}
    named = place_named(sense, tokens, unread)
    if named is None:
        return None
    start, end = tokens[named[0]].start, tokens[named[1] - 1].end
    if is_ordinary(message[start:end]) and not (sense.kind == "brand" and _is_written_as_name(message, start)):
        return None
    return SpanHint(start, end, sense, claim.refused)


def _is_written_as_name(message: str, start: int) -> bool:
    """Whether the word at `start` has a capital that is not a sentence's (jeans from Next)."""
    return message[start].isupper() and re.search(r"[^\s.!?。！？\"'(]\s*$", message[:start]) is not None


def _agreed(hints: Sequence[SpanHint], message: str, parser: Parser) -> tuple[SpanHint, ...]:
    """The hints at words that the rules know nothing of, and that the grammar finds refused or wanted as claimed.

    What is left out may change how the rest is read, so the rest is read again.
    """
    agreed = tuple(hints)
    while True:
        polarities = {(item.start, item.end, item.senses): item.polarity for item in parser.items(message, agreed)}
        kept = tuple(
            hint
            for hint in agreed
            if polarities.get((hint.start, hint.end, (hint.sense,))) in _POLARITIES[hint.refused]
        )
        if kept == agreed:
            return kept
        agreed = kept


def _gloss(claim: Claim, said: str, doubts: Doubts, vocabulary: Vocabulary) -> Gloss | None:
    """What unread words mean, where that is a value of the catalog or a word of its texts."""
    if claim.refused or not any(fold(word) in fold(said) or fold(said) in fold(word) for word in doubts.words):
        return None
    sense = sense_of(claim.attribute, claim.value, vocabulary)
    if sense is not None and sense.kind != "attribute":
        return None
    if sense is None and (claim.attribute != WORD or not is_of_catalog(claim.value, vocabulary)):
        return None
    meaning = " ".join(fold(sense.value if sense else claim.value).split())
    is_new = len(meaning.split()) <= MAX_MEANING_WORDS and fold(said) != meaning
    return Gloss(said, meaning) if is_new else None


def _wanted(glosses: Sequence[Gloss], refused: Sequence[str], message: str, parser: Parser) -> tuple[Gloss, ...]:
    """The glosses of words that the grammar does not find refused."""
    items = parser.items(message)
    excluded = [*refused, *(fold(item.said) for item in items if item.polarity == "excluded")]
    return tuple(gloss for gloss in glosses if not any(word in fold(gloss.said) for word in excluded))
