"""Per product, what buyers praise and complain about: counts, and their own sentences with the reviews' ids.

In: a product and its reviews. Out: `ProductOpinions`. Knows no SQL and no wording of replies.

A product is read when it is first asked for, and again when it or its reviews changed.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.opinions.aspects import Aspect, Mentioned, find, sentences
from retrieval.opinions.grounds import grounds
from retrieval.text import has_cjk
from retrieval.types import Product, Review

LEAST_SURE = 0.65
"""A mention less likely of one polarity than this counts for neither."""

STARS_LOG_ODDS = {1: -1.5, 2: -1.0, 3: -0.5, 4: 0.5, 5: 1.0}
"""What a review's stars add to the logarithm of the odds that a mention in it is praise."""

N_KEPT = 2_000
"""So many products' opinions are remembered."""


class Polarities(Protocol):
    """What tells praise from complaints; `retrieval.opinions.model.OpinionModel` is one."""

    def aspect_probabilities(self, mentions: Sequence[Mentioned], language: str) -> NDArray[np.float32]:
        """`(n, 3)`: how likely each mention is negative, neutral, positive."""
        ...


@dataclass(frozen=True, slots=True)
class Mention:
    """An aspect named in one sentence of one review. `praise` is in [0, 1], `complaint` too; the rest is neither."""

    aspect: Aspect
    review_id: str
    sentence: str
    start: int
    end: int
    language: str
    complaint: float = 0.0
    praise: float = 0.0


@dataclass(frozen=True, slots=True)
class AspectOpinion:
    """Who praises an aspect and who complains about it: one mention a review, the surest first."""

    aspect: Aspect
    praise: tuple[Mention, ...]
    complaints: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class ProductOpinions:
    """`aspects`: those with praise or complaints, the most spoken of first; `n_reviews`: how many were read."""

    n_reviews: int
    aspects: tuple[AspectOpinion, ...]

    def praised(self) -> list[AspectOpinion]:
        """Aspects more praised than complained about, the most praised first."""
        found = [opinion for opinion in self.aspects if len(opinion.praise) > len(opinion.complaints)]
        return sorted(found, key=lambda opinion: -len(opinion.praise))

    def criticised(self) -> list[AspectOpinion]:
        """Aspects that anybody complains about, the most complaints first."""
        found = [opinion for opinion in self.aspects if opinion.complaints]
        return sorted(found, key=lambda opinion: -len(opinion.complaints))

    def of(self, aspect: Aspect) -> AspectOpinion | None:
        """What is said of one aspect, or None."""
        return next((opinion for opinion in self.aspects if opinion.aspect == aspect), None)


def summarise(product: Product, reviews: Sequence[Review], model: Polarities) -> ProductOpinions:
    """What the reviews of a product praise and complain about.

    Args:
        product: the reviews of others are ignored.
        reviews: in any language that the aspects have words for.
        model: tells praise from complaints.
    """
    own = [review for review in reviews if review.product_id == product.id]
    judged = [
        mention
        for language in ("en", "zh")
        for mention in _judged(list(_mentions(product, own, language)), own, language, model)
    ]
    by_aspect: dict[Aspect, list[Mention]] = {}
    for mention in judged:
        by_aspect.setdefault(mention.aspect, []).append(mention)
    opinions = [
        AspectOpinion(aspect, _surest(found, "praise"), _surest(found, "complaint"))
        for aspect, found in by_aspect.items()
    ]
    kept = [opinion for opinion in opinions if opinion.praise or opinion.complaints]
    return ProductOpinions(len(own), tuple(sorted(kept, key=lambda one: -len(one.praise) - len(one.complaints))))


def _mentions(product: Product, reviews: Sequence[Review], language: str) -> Iterator[Mention]:
    for review in reviews:
        for sentence in sentences(review.text):
            if has_cjk(sentence) == (language == "zh"):
                for spoken in find(sentence, product):
                    yield Mention(spoken.aspect, review.id, sentence, spoken.start, spoken.end, language)


def _judged(
    mentions: Sequence[Mention], reviews: Sequence[Review], language: str, model: Polarities
) -> Iterator[Mention]:
    stars = {review.id: review.rating for review in reviews}
    probabilities = model.aspect_probabilities(mentions, language)
    for mention, row in zip(mentions, probabilities.tolist(), strict=True):
        against, for_it = counted(mention, row, stars[mention.review_id])
        yield Mention(
            mention.aspect, mention.review_id, mention.sentence, mention.start, mention.end, language,
            against, for_it,
        )  # fmt: skip


def counted(mention: Mentioned, probabilities: Sequence[float], stars: int | None) -> tuple[float, float]:
    """How likely a mention is a complaint, and praise; 0 for what its clause gives no grounds to count.

    Args:
        mention: a sentence with the place of the words.
        probabilities: see `with_stars`.
        stars: of its review, 1 to 5, or None.
    """
    ground = grounds(mention)
    complaint, praise = with_stars(ground.turned(probabilities), stars)
    return complaint if ground.bears_complaint(stars) else 0.0, praise if ground.bears_praise() else 0.0


def with_stars(probabilities: Sequence[float], stars: int | None) -> tuple[float, float]:
    """How likely a mention is a complaint, and praise, in a review of so many stars (None where they are not known).

    Args:
        probabilities: of negative, neutral and positive by the words alone; they sum to 1.
        stars: 1 to 5.

    >>> with_stars([0.5, 0.0, 0.5], None), [round(x, 2) for x in with_stars([0.5, 0.0, 0.5], 5)]
    ((0.5, 0.5), [0.27, 0.73])
    """
    complaint, neutral, praise = probabilities
    # Half of what the stars say goes to each side, so that neutral mentions keep their share.
    half = math.exp(STARS_LOG_ODDS.get(stars or 0, 0.0) / 2)
    total = complaint / half + neutral + praise * half
    return complaint / half / total, praise * half / total


def _surest(mentions: Sequence[Mention], polarity: str) -> tuple[Mention, ...]:
    """The surest mention of each review that is at least `LEAST_SURE` of that polarity."""
    best: dict[str, Mention] = {}
    for mention in sorted(mentions, key=lambda one: -float(getattr(one, polarity))):
        if getattr(mention, polarity) >= LEAST_SURE:
            best.setdefault(mention.review_id, mention)
    return tuple(best.values())


class OpinionBook:
    """The opinions on a shop's products, read when first asked for. Safe to share between threads."""

    def __init__(self, model: Polarities) -> None:
        self._model = model
        self._known: OrderedDict[str, tuple[Product, tuple[Review, ...], ProductOpinions]] = OrderedDict()
        self._turning = threading.Lock()

    def of(self, product: Product, reviews: Sequence[Review]) -> ProductOpinions:
        """What these reviews say of the product; read anew only where either has changed."""
        given = tuple(reviews)
        with self._turning:
            known = self._known.get(product.id)
        if known is not None and known[1] == given and known[0] == product:
            return known[2]
        opinions = summarise(product, given, self._model)
        with self._turning:
            self._known[product.id] = (product, given, opinions)
            self._known.move_to_end(product.id)
            while len(self._known) > N_KEPT:
                self._known.popitem(last=False)
        return opinions
