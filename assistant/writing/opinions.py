"""What the plain writer says of reviews: what buyers praise and complain about, with counts and their own sentences.

Comes in: a turn whose evidence holds a product's opinions and reviews. Goes out: sentences. Judges nothing itself.
"""

from collections.abc import Iterator, Sequence

from assistant.types import Reason
from assistant.writing.plain import Turn
from assistant.writing.quotes import Quote, quotable
from assistant.writing.wording import display, listing, number, phrases_for
from retrieval.opinions.aspects import Aspect, find
from retrieval.opinions.store import AspectCount
from retrieval.opinions.summary import AspectOpinion, Mention, ProductOpinions
from retrieval.types import Product

MAX_NAMED = 3
LEAST_PRAISED = 2
"""From so many buyers on, their praise of an aspect is a reason."""

LONGEST_QUOTE = 120


def said_of(turn: Turn, product: Product) -> ProductOpinions | None:
    """What the reviews of a product were read to say; None where they were not read."""
    return turn.evidence.opinions.get(product.id)


def wants_complaints(turn: Turn) -> bool:
    """Whether the question is for complaints alone."""
    question = turn.step.parsed.text.lower()
    return any(word in question for word in turn.phrases.words("topic.complaints"))


def summary(turn: Turn, opinions: ProductOpinions) -> Iterator[str]:
    """What is praised and complained about, with how many buyers do and a sentence of one of each."""
    praised, criticised = opinions.praised(), opinions.criticised()
    only_complaints = wants_complaints(turn)
    if praised and not only_complaints:
        yield turn.say("opinions.praised", aspects=counted(praised, "praise", turn.language))
        yield from _quoted(turn, praised, "praise", "answer.pro")
    if criticised:
        yield turn.say("opinions.criticised", aspects=counted(criticised, "complaints", turn.language))
        yield from _quoted(turn, criticised, "complaints", "opinions.complaint")
    elif only_complaints:
        yield turn.say("opinions.no_complaints", n=number(opinions.n_reviews, turn.language))


def on_aspect(turn: Turn, product: Product, opinions: ProductOpinions) -> Iterator[str]:
    """What is said of the aspects that the question names, or that nothing is; nothing where it names none."""
    for spoken in find(turn.step.parsed.text, product):
        opinion = opinions.of(spoken.aspect)
        if opinion is None:
            n_read = number(opinions.n_reviews, turn.language)
            yield turn.say("opinions.silent", aspect=named(spoken.aspect, turn.language), n=n_read)
            continue
        n_praise, n_complaints = (number(len(part), turn.language) for part in (opinion.praise, opinion.complaints))
        name = named(opinion.aspect, turn.language)
        yield turn.say("opinions.on_aspect", aspect=name, praise=n_praise, complaints=n_complaints)
        yield from _quoted(turn, [opinion], "praise", "answer.pro")
        yield from _quoted(turn, [opinion], "complaints", "opinions.complaint")


def rows(turn: Turn, products: Sequence[Product]) -> Iterator[tuple[str, list[str]]]:
    """The rows of a comparison, each with its label: what of each product is praised, and what is complained about."""
    known = [said_of(turn, product) for product in products]
    for polarity in ("praise", "complaints"):
        found = [_chosen(opinions, polarity) for opinions in known]
        if any(found):
            nothing = turn.say("opinions.nothing")
            shown = [counted(part, polarity, turn.language) if part else nothing for part in found]
            yield turn.say(f"compare.{polarity}"), shown


def reason(opinions: ProductOpinions, language: str) -> Reason | None:
    """What most buyers praise, where at least `LEAST_PRAISED` do; with the reviews' ids as its source."""
    best = next((opinion for opinion in opinions.praised() if len(opinion.praise) >= LEAST_PRAISED), None)
    if best is None:
        return None
    n = number(len(best.praise), language)
    return _praised(named(best.aspect, language), n, [mention.review_id for mention in best.praise], language)


def wished_reason(praised: Sequence[AspectCount], language: str) -> Reason | None:
    """That buyers praise what the wish asks for, the first of `praised`; with the reviews' ids as its source."""
    if not praised:
        return None
    n, aspect = praised[0].n_praise, named(praised[0].aspect, language)
    return _praised(aspect, number(n, language) if n >= LEAST_PRAISED else "", praised[0].praised_by, language)


def _praised(aspect: str, n: str, review_ids: Sequence[str], language: str) -> Reason:
    say, source = phrases_for(language).say, "reviews:" + ",".join(review_ids)
    if not n:
        return Reason(say("reason.praised_once", aspect=aspect), source, {"praised": aspect})
    return Reason(say("reason.praised", aspect=aspect, n=n), source, {"praised": aspect, "n_praised": n})


def _chosen(opinions: ProductOpinions | None, polarity: str) -> list[AspectOpinion]:
    if opinions is None:
        return []
    return opinions.praised() if polarity == "praise" else opinions.criticised()


def counted(opinions: Sequence[AspectOpinion], polarity: str, language: str) -> str:
    """The most named aspects with the number of buyers: "comfort (3), fit (1)"."""
    say = phrases_for(language).say
    return listing(
        [
            say("opinions.counted", aspect=named(one.aspect, language), n=number(len(getattr(one, polarity)), language))
            for one in opinions[:MAX_NAMED]
        ],
        language,
    )


def named(aspect: Aspect, language: str) -> str:
    """What an aspect is called."""
    if aspect.attribute is not None:
        return display(aspect.attribute, aspect.name, language)
    return phrases_for(language).say(f"aspect.{aspect.name}")


def _quoted(turn: Turn, opinions: Sequence[AspectOpinion], polarity: str, move: str) -> Iterator[str]:
    quote = best_quote(opinions, polarity, turn.language)
    if quote is not None:
        yield turn.say(move, quote=quote.text)


def best_quote(opinions: Sequence[AspectOpinion], polarity: str, language: str) -> Quote | None:
    """A sentence that may be shown, of the aspects' in order; those in the shopper's language come first."""
    found = [mention for opinion in opinions for mention in getattr(opinion, polarity) if _may_be_shown(mention)]
    found.sort(key=lambda mention: mention.language != language)
    return Quote(found[0].review_id, found[0].sentence, found[0].language) if found else None


def _may_be_shown(mention: Mention) -> bool:
    return len(mention.sentence) <= LONGEST_QUOTE and quotable(mention.sentence)
