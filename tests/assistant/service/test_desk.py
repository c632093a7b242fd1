"""Customer service in whole conversations: a real database, a real webhook on loopback, the demo shop's orders."""

from pathlib import Path

import orjson
import pytest
from merchant import merchant, never, says

from assistant.service.backends import FileOrders, HttpOrders
from assistant.service.desk import MAX_FAILURES, ServiceDesk, Turn
from assistant.service.errors import HandoffError
from assistant.service.handoffs import Handoffs
from assistant.service.settings import HandoffSettings, OrderSettings
from assistant.service.types import ServiceState
from assistant.shop import Shop
from assistant.types import Message, ParsedMessage, Session, Step
from retrieval.demo import DEMO_FOLDER, ORDERS_FILE
from retrieval.types import Filters

TOKEN = "hand-0123456789-secret"
ORDERS = FileOrders(DEMO_FOLDER / ORDERS_FILE)


@pytest.fixture
def shop(tmp_path: Path):
    with Shop(tmp_path / "shop") as opened:
        yield opened


def desk(shop: Shop, url: str | None = None, orders=ORDERS, timeout_s: float = 0.5) -> ServiceDesk:
    return ServiceDesk(orders, Handoffs(shop.engine, HandoffSettings(url, TOKEN, timeout_s)), shop.sessions)


def say(service_desk, text, action, session=None, *, customer=None, answered=True, language="en"):
    session = session or Session("s1", "guest-1", language)
    parsed = service_desk.discreet(ParsedMessage(text, action, "neutral", language, Filters()), session)
    step, service = service_desk.attend(Turn(Step(action, session, parsed), text, answered, customer, "Lantern Lane"))
    return step.session, service


def told(service):
    return service.order.kind, [order.number for order in service.order.orders]


def test_an_order_is_told_of_once_number_and_contact_fit(shop):
    session, service = say(desk(shop), "where is my order", "order")
    assert told(service) == ("asks_identity", [])
    session, service = say(desk(shop), "LL-10023", "order", session)
    assert told(service) == ("asks_contact", [])
    session, service = say(desk(shop), "ann@example.com", "order", session)
    assert told(service) == ("found", ["LL-10023"])
    assert service.order.topic == "parcel"
    assert session.service.verified == ("LL-10023",)
    session, service = say(desk(shop), "can LL-10023 be cancelled", "order", session)
    assert (told(service), service.order.topic) == (("found", ["LL-10023"]), "cancel")


def test_what_proves_an_order_never_leaves_the_desk(shop):
    _, service = say(desk(shop), "order LL-10023 ann@example.com", "order")
    (order,) = service.order.orders
    assert (order.customer_id, order.email, order.phone) == (None, None, None)


def test_somebody_elses_order_and_no_order_are_told_of_alike(shop):
    for text in ("order LL-10023 li@example.com", "order LL-99999 li@example.com"):
        session, service = say(desk(shop), text, "order")
        assert told(service) == ("not_found", [])
        assert session.service.verified == ()


def test_guessing_ends_after_some_failures(shop):
    session = None
    for n in range(MAX_FAILURES):
        session, service = say(desk(shop), f"order LL-10023 guess{n}@example.com", "order", session)
    assert told(service) == ("too_many", [])
    _, service = say(desk(shop), "order LL-10023 ann@example.com", "order", session)
    assert told(service) == ("too_many", [])


def test_a_customer_whom_the_caller_vouches_for_sees_their_orders_only(shop):
    session, service = say(desk(shop), "where is my order", "order", customer="demo-ann")
    assert told(service) == ("which", ["LL-10023", "LL-10021", "LL-10022"])
    session, service = say(desk(shop), "order LL-10022", "order", session, customer="demo-ann")
    assert told(service) == ("found", ["LL-10022"])
    _, service = say(desk(shop), "order LL-10024", "order", session, customer="demo-ann")
    assert told(service) == ("not_found", [])
    _, service = say(desk(shop), "order LL-10022", "order", session)
    assert told(service) == ("asks_contact", []), "what a customer saw is not open to the session without them"
    _, service = say(desk(shop), "where is my order", "order", customer="nobody")
    assert told(service) == ("none", [])


@pytest.mark.enable_socket
def test_a_failing_order_system_is_told_as_such_and_a_person_offered(shop):
    with merchant(says(500)) as orders, merchant(says(200)) as hook:
        backend = HttpOrders(OrderSettings(orders.url, timeout_s=0.5, max_retries=0))
        session, service = say(desk(shop, hook.url, backend), "order LL-10001 ann@example.com", "order")
    assert told(service) == ("failed", [])
    assert (service.handoff.state, session.service.awaiting) == ("offered", "consent")
    assert hook.requests == []


@pytest.mark.enable_socket
def test_a_conversation_is_handed_over_after_a_clear_yes_only(shop):
    with merchant(says(202)) as hook:
        began = Session(
            "s1", "guest-1", wish="boots", messages=(Message("shopper", "hi"), Message("assistant", "hello"))
        )
        session, service = say(desk(shop, hook.url), "talk to a human", "handoff", began)
        assert (service.handoff.state, session.service.awaiting) == ("asked", "consent")
        unclear, service = say(desk(shop, hook.url), "a human!!", "handoff", session)
        assert (service.handoff.state, hook.requests) == ("asked", [])
        session, service = say(desk(shop, hook.url), "yes please", "handoff", unclear, customer="c1")
    ((method, path, headers, body),) = hook.requests
    assert (method, path, headers["authorization"]) == ("POST", "/api", f"Bearer {TOKEN}")
    assert (service.handoff.state, service.handoff.reference) == ("sent", body["reference"])
    assert headers["idempotency-key"] == body["reference"]
    assert [line["text"] for line in body["transcript"]] == ["hi", "hello", "yes please"]
    assert (body["reason"], body["customer_id"], body["summary"]["looking_for"]) == ("asked", "c1", "boots")
    assert "s1" not in orjson.dumps(body).decode(), "the session's id is the key to it"
    assert desk_waiting(shop) == []
    assert session.service.awaiting == ""


def desk_waiting(shop: Shop) -> list[str]:
    return [stored.reference for stored in Handoffs(shop.engine, HandoffSettings()).waiting()]


@pytest.mark.enable_socket
def test_a_no_hands_nothing_over(shop):
    with merchant(says(200)) as hook:
        session, _ = say(desk(shop, hook.url), "转人工", "handoff", language="zh")
        session, service = say(desk(shop, hook.url), "不用了", "handoff", session, language="zh")
        assert (service.handoff.state, session.service.awaiting, hook.requests) == ("declined", "", [])


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "answer", [says(500), says(404), says(401), says(302), never], ids=["500", "404", "401", "302", "never"]
)
def test_a_failed_hand_off_is_kept_and_can_be_sent_again(shop, answer):
    with merchant(answer) as hook:
        session, _ = say(desk(shop, hook.url), "a person please", "handoff")
        _, service = say(desk(shop, hook.url), "ok", "handoff", session)
        assert service.handoff.state == "kept"
        assert desk_waiting(shop) == [service.handoff.reference]
        broken = Handoffs(shop.engine, HandoffSettings(hook.url, TOKEN, 0.3))
        with pytest.raises(HandoffError) as failure:
            broken.retry(broken.waiting()[0])
        assert TOKEN not in str(failure.value)
        assert broken.waiting()[0].n_attempts == 2
    with merchant(says(200, raw=b"thanks, not JSON")) as hook:
        mended = Handoffs(shop.engine, HandoffSettings(hook.url, TOKEN))
        mended.retry(mended.waiting()[0])
        assert hook.requests[0][3]["reference"] == service.handoff.reference
        assert mended.waiting() == []


@pytest.mark.enable_socket
def test_forgetting_a_session_forgets_what_waits_to_be_handed_over(shop):
    session, _ = say(desk(shop, "http://127.0.0.1:9"), "a person please", "handoff")
    say(desk(shop, "http://127.0.0.1:9"), "yes", "handoff", session)
    assert len(desk_waiting(shop)) == 1
    shop.sessions.delete("s1")
    assert desk_waiting(shop) == []


@pytest.mark.parametrize(
    ("text", "action", "answered", "before", "reason"),
    [
        ("this is ridiculous", "feedback", True, "", "angry"),
        ("这是第三次问了，没人理", "recommend", True, "", "angry"),
        ("can I pay with bitcoin", "faq", False, "", "no_answer"),
        ("can I pay with bitcoin?", "faq", False, "Can I pay with bitcoin", "asked_twice"),
        ("is it waterproof", "ask_product", True, "", None),
        ("I don't like the first one", "feedback", True, "", None),
    ],
)
def test_a_person_is_offered_for_a_reason(shop, text, action, answered, before, reason):
    session = Session("s1", "guest-1", service=ServiceState(unanswered=before))
    session, service = say(desk(shop, "http://127.0.0.1:9"), text, action, session, answered=answered)
    assert session.service.reason == (reason or "")
    assert (service.handoff.state if service.handoff else None) == ("offered" if reason else None)
    _, service = say(desk(shop), text, action, answered=answered)
    assert service.handoff is None, "nobody is offered where there is nobody to hand over to"


@pytest.mark.enable_socket
def test_consent_is_for_the_next_message_only(shop):
    with merchant(says(200)) as hook:
        session, _ = say(desk(shop, hook.url), "talk to a human", "handoff")
        session, _ = say(desk(shop, hook.url), "show me boots", "recommend", session)
        assert session.service.awaiting == ""
        _, service = say(desk(shop, hook.url), "yes", "handoff", session)
        assert (service.handoff.state, hook.requests) == ("asked", [])
