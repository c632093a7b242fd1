"""Prices and numbers out of feed cells: exactly, or refused."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.feed.amounts import parse_number, parse_price


@pytest.mark.parametrize(
    ("cell", "currency", "unit", "minor"),
    [
        ("19.99", "USD", "major", 1999),
        ("1,299.00", "USD", "major", 129900),
        ("1,299", "USD", "major", 129900),
        ("$19.99", "USD", "major", 1999),
        (" US$ 19.9 ", "USD", "major", 1990),
        ("19.99 usd", "USD", "major", 1999),
        ("¥300", "CNY", "major", 30000),
        ("¥1,299.5", "CNY", "major", 129950),
        ("300元", "CNY", "major", 30000),
        ("¥300", "JPY", "major", 300),
        ("€5", "EUR", "major", 500),
        ("1.250", "KWD", "major", 1250),
        (Decimal("19.99"), "USD", "major", 1999),
        (Decimal("19.990"), "USD", "major", 1999),
        (Decimal("19.989999999999998"), "USD", "major", 1999),
        (0.29, "USD", "major", 29),
        (45, "USD", "major", 4500),
        (1999, "USD", "minor", 1999),
        ("1999", "USD", "minor", 1999),
        ("1,999", "USD", "minor", 1999),
        (Decimal("1999.0"), "USD", "minor", 1999),
        (0, "USD", "minor", 0),
    ],
)
def test_amounts_that_are_read(cell: object, currency: str, unit: str, minor: int) -> None:
    assert parse_price(cell, currency, unit) == minor


@pytest.mark.parametrize(
    ("cell", "currency", "unit", "reason"),
    [
        ("19,99", "USD", "major", "is not a number"),
        ("1.299,00", "USD", "major", "is not a number"),
        ("1.299", "USD", "major", "has 3 decimals, but USD has 2"),
        ("0,299", "USD", "major", "is not a number"),
        ("12,99,000", "USD", "major", "is not a number"),
        ("19.99", "JPY", "major", "has 2 decimals, but JPY has 0"),
        ("€19.99", "USD", "major", "'€'"),
        ("19.99 EUR", "USD", "major", "'EUR'"),
        ("¥300", "USD", "major", "'¥'"),
        ("from 19.99", "USD", "major", "'from'"),
        ("10-20", "USD", "major", "is not a number"),
        ("1e3", "USD", "major", "is not a number"),
        ("1 299", "USD", "major", "is not a number"),
        ("three hundred", "USD", "major", "is not a number"),
        ("-5", "USD", "major", "must lie between"),
        (Decimal("19.995"), "USD", "major", "has 3 decimals"),
        (Decimal("Infinity"), "USD", "major", "finite"),
        (Decimal("1e999999"), "USD", "major", "must lie between"),
        (float("nan"), "USD", "major", "finite"),
        (True, "USD", "major", "is not a number"),
        ([1999], "USD", "major", "is not a number"),
        ("19.99", "USD", "minor", "must be whole"),
        ("$1999", "USD", "minor", "is not a number"),
        (Decimal("19.99"), "USD", "minor", "must be whole"),
        (10**13, "USD", "minor", "must lie between"),
    ],
)
def test_amounts_that_are_refused(cell: object, currency: str, unit: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("'", ".")):
        parse_price(cell, currency, unit)


@given(st.integers(0, 10**12))
def test_every_amount_survives_every_way_of_writing_it(minor: int) -> None:
    major = f"{minor // 100}.{minor % 100:02}"
    assert parse_price(major, "USD", "major") == minor
    assert parse_price(f"${minor // 100:,}.{minor % 100:02}", "USD", "major") == minor
    assert parse_price(Decimal(major), "USD", "major") == minor
    assert parse_price(str(minor), "USD", "minor") == minor


@given(st.text(max_size=12) | st.decimals() | st.floats() | st.integers() | st.none() | st.booleans())
def test_anything_else_is_refused_with_a_reason(cell: object) -> None:
    reason = ""
    try:
        assert 0 <= parse_price(cell, "USD", "major") <= 10**12
    except ValueError as refused:
        reason = str(refused)
    assert "\n" not in reason
    assert len(reason) < 200


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_numbers_are_exact(number: Decimal) -> None:
    assert Fraction(parse_number(format(number, "f"))) == Fraction(number)
    assert parse_number(number) == number
