import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.service.identity import Claim, digits, is_theirs, masked, read_claim
from assistant.service.types import Order

ORDER = Order("LL-10023", "paid", customer_id="c1", email="Ann@Example.com", phone="+86 138 0013 8000")


@pytest.mark.parametrize(
    ("text", "number", "email", "phone"),
    [
        ("Where is order LL-10023?", "LL-10023", None, None),
        ("order number: 556677, e-mail ANN@example.com", "556677", "ann@example.com", None),
        ("ll-10023 ann@example.com", "LL-10023", "ann@example.com", None),
        ("my order #A1009 phone +1 (555) 010-0021", "A1009", None, "15550100021"),
        ("订单号是20261123，电话13800138000", "20261123", None, "13800138000"),
        ("我的订单LL10023到哪了", "LL10023", None, None),
        ("２０２６１１２３ 13800138000", "20261123", None, "13800138000"),
        ("13800138000", None, None, "13800138000"),
        ("ann.lee+shop@mail.example.co.uk", None, "ann.lee+shop@mail.example.co.uk", None),
        ("where is my order", None, None, None),
        ("", None, None, None),
    ],
)
def test_numbers_and_contacts_are_told_apart(text, number, email, phone):
    assert read_claim(text) == Claim(number, email, phone)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("LL-10023 ANN@example.com, thanks", "LL-10023 A•••@example.com, thanks"),
        ("my order #A1009 phone +1 (555) 010-0021", "my order #A1009 phone •••21"),
        ("订单号是20261123，电话13800138000", "订单号是20261123，电话•••00"),
        ("LL-10024，邮箱li@example.com或a.lee+shop@b.co.uk", "LL-10024，邮箱l•••@example.com或a•••@b.co.uk"),
        ("where is order LL-10023?", "where is order LL-10023?"),
    ],
)  # fmt: skip
def test_what_proves_is_masked_and_the_orders_number_is_not(text, kept):
    assert masked(text) == kept


@given(st.text(max_size=60), st.booleans())
def test_nothing_that_proves_is_left_by_the_mask(text, known):
    claim, kept = read_claim(text, number_known=known), masked(text, number_known=known)
    assert claim.email is None or claim.email not in kept.lower()
    assert claim.phone is None or claim.phone not in digits(kept)


def test_digits_alone_are_a_telephone_number_once_the_order_is_known():
    assert read_claim("5550100021", number_known=True) == Claim(None, None, "5550100021")
    assert read_claim("it's LL-10024", number_known=True) == Claim("LL-10024", None, None)


@pytest.mark.parametrize(
    ("claim", "customer", "theirs"),
    [
        (Claim(email="ann@example.com"), None, True),
        (Claim(phone="13800138000"), None, True),
        (Claim(phone="8613800138000"), None, True),
        (Claim(), "c1", True),
        (Claim(email="bob@example.com"), None, False),
        (Claim(email="bob@example.com"), "c2", False),
        (Claim(phone="8000"), None, False),
        (Claim(phone="13800138001"), None, False),
        (Claim(), "c2", False),
        (Claim(), None, False),
    ],
)
def test_only_the_right_contact_or_customer_proves_it(claim, customer, theirs):
    assert is_theirs(ORDER, claim, customer) is theirs


def test_an_order_that_states_nothing_is_nobodys():
    nameless = Order("LL-1", "paid")
    assert not is_theirs(nameless, Claim(email="ann@example.com", phone="13800138000"), "c1")


@given(st.emails(), st.text(alphabet="0123456789", max_size=12), st.text(max_size=6))
def test_nobody_elses_contact_opens_an_order(email, phone, customer):
    order = Order("LL-1", "paid", customer_id="the owner", email="owner@shop.example", phone="+49 170 5554433")
    claim = Claim(email=email, phone=phone)
    same_phone = len(phone.lstrip("0")) >= 7 and "491705554433".endswith(phone.lstrip("0"))
    assert is_theirs(order, claim, customer) == (email.casefold() == "owner@shop.example" or same_phone)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    claim = read_claim(text)
    assert claim.phone is None or claim.phone.isdigit()
