import json
import time
from datetime import date

import pytest
from merchant import drips, merchant, never, says

from assistant.service.backends import FileOrders, HttpOrders, open_orders, order_of
from assistant.service.errors import OrderBackendError
from assistant.service.settings import OrderSettings
from assistant.service.types import Order, Parcel, Refund
from retrieval.demo import DEMO_FOLDER, ORDERS_FILE

TOKEN = "tok-0123456789-secret"
ROW = {
    "number": "LL-7",
    "status": "shipped",
    "items": ["Boots"],
    "parcel": {"carrier": "Northway", "expected_on": "2026-12-01", "tracking_url": "https://t.example.com/7"},
    "refund": {"state": "paid", "amount_minor": 990, "currency": "USD", "paid_on": "2026-11-01"},
    "email": "ann@example.com",
    "loyalty_tier": "gold",
}
ORDER = Order(
    "LL-7",
    "shipped",
    items=("Boots",),
    parcel=Parcel("Northway", tracking_url="https://t.example.com/7", expected_on=date(2026, 12, 1)),
    refund=Refund("paid", 990, "USD", date(2026, 11, 1)),
    email="ann@example.com",
)


def orders_at(url: str, **settings: object) -> HttpOrders:
    return HttpOrders(OrderSettings(url, TOKEN, **({"timeout_s": 0.5, "max_retries": 0} | settings)))


def test_an_order_is_read_field_by_field():
    assert order_of(ROW) == ORDER


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "teleported"}, "status"),
        ({"number": ""}, "number"),
        ({"refund": {"state": "maybe"}}, "refund.state"),
        ({"refund": {"state": "paid", "currency": "dollars"}}, "refund.currency"),
        ({"parcel": {"expected_on": "soon"}}, "parcel.expected_on"),
        ({"parcel": {"tracking_url": "javascript:alert(1)"}}, "parcel.tracking_url"),
    ],
)
def test_what_cannot_be_used_is_named(change, field):
    with pytest.raises(OrderBackendError, match=f"cannot be used: {field}"):
        order_of({**ROW, **change})


@pytest.mark.enable_socket
def test_an_order_is_fetched_with_the_token_and_its_number_escaped():
    with merchant(says(200, {**ROW, "number": "LL/7"})) as shop:
        assert orders_at(shop.url).find("LL/7").status == "shipped"
    method, path, headers, _ = shop.requests[0]
    assert (method, path, headers["authorization"]) == ("GET", "/api/orders/LL%2F7", f"Bearer {TOKEN}")


@pytest.mark.enable_socket
def test_an_unknown_order_is_none_and_a_customers_orders_come_newest_first():
    rows = [{"number": "1", "status": "paid", "placed_on": f"2026-11-0{day}"} for day in (3, 9, 5)]
    with merchant(says(404, {"detail": "no"}), says(200, rows)) as shop:
        assert orders_at(shop.url).find("LL-8") is None
        assert [order.placed_on.day for order in orders_at(shop.url).recent("c 1")] == [9, 5, 3]
    assert shop.requests[1][1] == "/api/customers/c%201/orders"


@pytest.mark.enable_socket
def test_a_passing_failure_is_tried_again_as_often_as_allowed():
    with merchant(says(503), says(200, ROW)) as shop:
        assert orders_at(shop.url, max_retries=1).find("LL-7") == ORDER
    assert len(shop.requests) == 2
    with merchant(says(500)) as shop:
        with pytest.raises(OrderBackendError, match="answered with status 500"):
            orders_at(shop.url, max_retries=2).find("LL-7")
        assert len(shop.requests) == 3


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (says(200, raw=b"<html>hello</html>"), "no JSON"),
        (says(200, raw=b""), "status 200"),
        (says(200, {"number": "LL-7"}), "cannot be used: status"),
        (says(200, {**ROW, "number": "LL-8"}), "another order"),
        (says(200, [ROW]), "cannot be used: the order"),
        (says(200, raw=b" " * 1_100_000), "longer than"),
        (says(401), "refuses the token"),
        (says(302), "status 302"),
    ],
    ids=["html", "empty", "half", "another", "list", "long", "forbidden", "redirect"],
)
def test_garbage_is_refused_and_no_secret_is_told(answer, told):
    with merchant(answer) as shop, pytest.raises(OrderBackendError, match=told) as refusal:
        orders_at(shop.url).find("LL-7")
    assert TOKEN not in str(refusal.value)
    assert TOKEN not in repr(orders_at(shop.url))


@pytest.mark.enable_socket
@pytest.mark.parametrize("answer", [never, drips])
def test_a_call_ends_by_its_deadline(answer):
    with merchant(answer) as shop:
        began = time.monotonic()
        with pytest.raises(OrderBackendError, match="does not answer"):
            orders_at(shop.url).find("LL-7")
        assert time.monotonic() - began < 2.0


@pytest.mark.enable_socket
def test_nobody_listening_is_an_error_that_says_where():
    with pytest.raises(OrderBackendError, match=r"http://127\.0\.0\.1:9/api cannot be asked"):
        orders_at("http://127.0.0.1:9/api").find("LL-7")


def test_the_demo_orders_are_valid_and_found_by_any_spelling():
    orders = FileOrders(DEMO_FOLDER / ORDERS_FILE)
    assert orders.find("ll 10023") == orders.find("LL-10023")
    assert [order.number for order in orders.recent("demo-ann")] == ["LL-10023", "LL-10021", "LL-10022"]
    assert orders.find("LL-1") is None
    for row in json.loads((DEMO_FOLDER / ORDERS_FILE).read_text("utf-8")):
        assert orders.find(row["number"]) == order_of(row)


def test_a_broken_file_says_so(tmp_path):
    (tmp_path / "o.json").write_text("{}", "utf-8")
    for name in ("o.json", "missing.json"):
        backend = open_orders(OrderSettings(file=name), tmp_path)
        with pytest.raises(OrderBackendError, match="cannot be read"):
            backend.find("LL-7")
    assert open_orders(OrderSettings(), tmp_path) is None
