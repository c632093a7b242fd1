"""Whether an order is somebody's, and what a message says to prove it.

In: a message; an order and a claim. Out: numbers and contacts as written; yes or no. Knows no backend.
"""

import re
from dataclasses import dataclass

from assistant.service.types import Order
from retrieval.lexicon.matching import fold

MIN_PHONE_DIGITS = 7

Span = tuple[int, int]

_MASK = "•••"
_N_DIGITS_LEFT = 2

_EMAIL = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_AFTER_CUE = re.compile(
    r"(?:\border(?:\s*(?:number|no\.?|id|#))?|订单(?:编号|号码|号)?|单号|#)\s*(?:is|was|为|是)?\s*[:：#]?\s*"
    r"([a-z]{0,6}[-_]?\d[a-z0-9-]{2,30})"
)
_ALONE = re.compile(r"(?<![a-z0-9@.+-])([a-z]{1,6}[-_]?\d[\d-]{2,20}|\d{5,20})(?![a-z0-9@])")
_PHONE = re.compile(r"(?<![a-z0-9-])(\+?\d{7,15}|\+?\(?\d{1,5}\)?(?:[\s().-]{1,3}\d{2,5}){1,5})(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a message gives: an order's number, an e-mail address, telephone digits."""

    number: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.number is None and not self.has_contact

    @property
    def has_contact(self) -> bool:
        return self.email is not None or self.phone is not None


def read_claim(text: str, *, number_known: bool = False) -> Claim:
    """The order number and the contact in a message.

    Args:
        text: the message.
        number_known: the order is known already, so that digits alone are a telephone number where they can be.

    >>> read_claim("order LL-10023, ann@example.com")
    Claim(number='LL-10023', email='ann@example.com', phone=None)
    >>> read_claim("订单号 10023，手机13800138000")
    Claim(number='10023', email=None, phone='13800138000')
    """
    folded = fold(text)
    number, emails, phones = _spans(folded, number_known=number_known)
    return Claim(
        folded[slice(*number)].strip("-").upper() if number else None,
        folded[slice(*emails[0])] if emails else None,
        digits(folded[slice(*phones[0])]) if phones else None,
    )


def masked(text: str, *, number_known: bool = False) -> str:
    """The text without the e-mail addresses and telephone numbers that `read_claim` reads of it: only what tells one
    of them from another is left. An order's number stays.

    Args:
        text: the message.
        number_known: as in `read_claim`.

    >>> masked("order LL-10023, ann@example.com"), masked("订单号 10023，手机13800138000")
    ('order LL-10023, a•••@example.com', '订单号 10023，手机•••00')
    """
    folded = fold(text)
    _, emails, phones = _spans(folded, number_known=number_known)
    if not emails and not phones:
        return text
    # Places are those of the folded text; where it isn't as long as what was written, it stands in for that.
    shown = text if len(text) == len(folded) else folded
    hidden = [(span, shown[span[0]] + _MASK + folded[folded.index("@", span[0]) : span[1]]) for span in emails]
    hidden += [(span, _MASK + digits(folded[slice(*span)])[-_N_DIGITS_LEFT:]) for span in phones]
    for (start, end), mask in sorted(hidden, reverse=True):
        shown = shown[:start] + mask + shown[end:]
    return shown


def _spans(folded: str, *, number_known: bool) -> tuple[Span | None, list[Span], list[Span]]:
    """Where the order's number stands, the e-mail addresses, and the telephone numbers."""
    emails = [found.span() for found in _EMAIL.finditer(folded)]
    rest = folded
    for span in emails:
        rest = _blanked(rest, span)
    named = _AFTER_CUE.search(rest) or _number_alone(rest, number_known)
    number = named.span(1) if named else None
    if number is not None:
        rest = _blanked(rest, number)
    found = [match.span(1) for match in _PHONE.finditer(rest)]
    return number, emails, [span for span in found if len(digits(rest[slice(*span)])) >= MIN_PHONE_DIGITS]


def _number_alone(text: str, number_known: bool) -> re.Match[str] | None:
    found = list(_ALONE.finditer(text))
    lettered = [match for match in found if match.group(1)[0].isalpha()]
    plain = [match for match in found if match.group(1)[0].isdigit() and not _is_in_phone(text, match)]
    if number_known:
        # "13800138000" after "which telephone number?" is no other order.
        plain = [match for match in plain if len(match.group(1)) < MIN_PHONE_DIGITS]
    return next(iter(lettered or plain), None)


def _is_in_phone(text: str, match: re.Match[str]) -> bool:
    """Whether the digits are a part of a telephone number, or look like a mobile one beside another number."""
    start, end = match.span(1)
    around = next((p for p in _PHONE.finditer(text) if p.start(1) <= start and end <= p.end(1)), None)
    return around is not None and (around.span(1) != (start, end) or _is_mobile(match.group(1)))


def _is_mobile(number: str) -> bool:
    return len(number) == 11 and number[0] == "1" and number[1] in "3456789"


def _blanked(text: str, span: tuple[int, int]) -> str:
    return text[: span[0]] + " " * (span[1] - span[0]) + text[span[1] :]


def digits(text: str) -> str:
    """The digits of a text.

    >>> digits("+86 138-0013-8000")
    '8613800138000'
    """
    return "".join(char for char in text if char.isdigit() and char.isascii())


def is_theirs(order: Order, claim: Claim, customer_id: str | None) -> bool:
    """Whether an order is that of who claims it: the caller vouches for the customer, or e-mail or telephone is right.

    What the order does not state proves nothing. A telephone number may lack its country code or leading zero.

    >>> order = Order("7", "paid", email="Ann@Example.com", customer_id="c1")
    >>> is_theirs(order, Claim("7", "ann@example.com"), None), is_theirs(order, Claim("7"), "c2")
    (True, False)
    """
    if customer_id is not None and order.customer_id is not None and customer_id == order.customer_id:
        return True
    if claim.email is not None and order.email and claim.email.casefold() == order.email.strip().casefold():
        return True
    return claim.phone is not None and order.phone is not None and _same_phone(claim.phone, digits(order.phone))


def _same_phone(one: str, other: str) -> bool:
    short, long = sorted((one.lstrip("0"), other.lstrip("0")), key=len)
    return len(short) >= MIN_PHONE_DIGITS and long.endswith(short) and len(long) - len(short) <= 3
