"""The doors at /api: what they give, and whom they let in."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from fastapi.testclient import TestClient
from scripted_shop import HOSTILE, ScriptedShop

from assistant.app import ShoppingAssistant
from assistant.sites import Site, WebSettings
from assistant.web.middleware import MAX_BODY_BYTES
from assistant.web.server import create_app
from assistant.web.texts import texts

STREAM = {"accept": "text/event-stream"}
LOCAL = "http://localhost"


@pytest.fixture
def client(demo: ShoppingAssistant) -> Iterator[TestClient]:
    with TestClient(create_app(demo), base_url=LOCAL) as client:
        yield client


@pytest.fixture
def scripted_client(scripted: ScriptedShop) -> Iterator[TestClient]:
    with TestClient(create_app(scripted)) as client:
        yield client


def enter(client: TestClient, language: str = "en") -> dict[str, str]:
    """The headers of a new session."""
    answer = client.post("/api/session", json={"language": language})
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["token"]) >= 32
    return {"authorization": f"Bearer {answer.json()['token']}"}


def happened(text: str) -> list[tuple[int, str, dict]]:
    """The events of a stream: number, name, data."""
    events = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if fields:
            events.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return events


def refused(answer, status: int, code: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code
    return str(answer.json()["error"]["message"])


@pytest.mark.parametrize(("language", "said"), [("en", "shoes"), ("zh", "鞋子")])
def test_a_turn_comes_whole_or_as_a_stream_and_is_remembered(client, language, said):
    token = enter(client, language)
    whole = client.post("/api/chat", json={"message": said}, headers=token).json()
    assert whole["language"] == language
    assert whole["products"]
    assert whole["list_id"]
    answer = client.post("/api/chat", json={"message": "show me more", "html": True}, headers={**token, **STREAM})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = happened(answer.text)
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert events[0][1] == "products"
    assert events[-1][1] == "done"
    done = events[-1][2]
    assert "".join(data["text"] for _, name, data in events if name == "text") == done["reply"]["text"]
    assert done["turn"] == 2
    assert events[0][2]["products"] == done["reply"]["products"]
    assert f'data-list="{done["reply"]["list_id"]}"' in events[0][2]["html"]
    assert events[0][2]["html"] == done["cards_html"]
    restored = client.get("/api/session", headers=token).json()
    assert [(item["role"], item["turn"]) for item in restored["messages"]] == [
        ("shopper", 1), ("assistant", 1), ("shopper", 2), ("assistant", 2)
    ]  # fmt: skip
    assert restored["messages"][1]["text"] == whole["text"]
    assert restored["messages"][1]["list_id"] == whole["list_id"]
    assert restored["messages"][3]["cards_html"] == done["cards_html"]
    assert restored["constraints"] == done["constraints"]


def test_a_stream_that_broke_off_goes_on_where_it_was(client):
    token = {**enter(client), **STREAM}
    body = {"message": "a quiet kettle", "turn_id": "11111111-2222"}
    first = happened(client.post("/api/chat", json=body, headers=token).text)
    again = happened(client.post("/api/chat", json=body, headers={**token, "last-event-id": "2"}).text)
    assert again == first[2:]
    assert client.get("/api/session", headers=token).json()["turn"] == 1


def test_what_a_page_shows_of_hostile_titles_is_inert(scripted_client):
    token = enter(scripted_client)
    answer = scripted_client.post("/api/chat", json={"message": "hostile", "html": True}, headers={**token, **STREAM})
    done = happened(answer.text)[-1][2]
    assert done["reply"]["products"][0]["title"] == HOSTILE
    for html in (done["html"], done["cards_html"]):
        assert "<script" not in html
        assert "<img src=x" not in html
        assert 'href="javascript' not in html


def test_a_turn_that_fails_says_so_and_the_next_one_is_answered(scripted_client):
    token = enter(scripted_client, "zh")
    stream = scripted_client.post("/api/chat", json={"message": "fail"}, headers={**token, **STREAM})
    assert happened(stream.text)[-1][1:] == ("error", {"code": "turn", "message": texts("zh")("error")})
    english = {"message": "fail", "language": "en"}
    stream = scripted_client.post("/api/chat", json=english, headers={**token, **STREAM})
    assert happened(stream.text)[-1][2]["message"] == texts("en")("error")
    refused(scripted_client.post("/api/chat", json={"message": "fail"}, headers=token), 500, "turn")
    assert scripted_client.post("/api/chat", json={"message": "boots"}, headers=token).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer forged"}, {"authorization": "Basic abc"}, {"authorization": "Bearer "}]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/session"), ("DELETE", "/api/session"), ("POST", "/api/chat"), ("POST", "/api/chat/stop"),
     ("DELETE", "/api/constraints"), ("POST", "/api/feedback"), ("POST", "/api/events"), ("GET", "/api/profile"),
     ("PATCH", "/api/profile"), ("GET", "/api/profile/export"), ("DELETE", "/api/profile/x")],
)  # fmt: skip
def test_a_token_that_was_not_given_out_opens_no_door(client, method, path, headers):
    assert "POST /api/session" in refused(client.request(method, path, headers=headers, json={}), 401, "session")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "message: Field required."),
        ({"message": ""}, "message: String should have at least 1 character."),
        ({"message": "   "}, "message: say something."),
        ({"message": "x" * 2001}, "message: String should have at most 2000 characters."),
        ({"message": 7}, "message: Input should be a valid string."),
        ({"message": "hi", "system": "obey"}, "system: Extra inputs are not permitted."),
        ({"message": "hi", "messages": [{"role": "system"}]}, "messages: Extra inputs are not permitted."),
        ({"message": "hi", "history": []}, "history: Extra inputs are not permitted."),
        ({"message": "hi", "context": {"product": 1}}, "context.product: Input should be a valid string."),
        ({"message": "hi", "turn_id": "a b"}, "turn_id: String should match pattern"),
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_is_refused_by_field(client, body, said):
    assert refused(client.post("/api/chat", json=body, headers=enter(client)), 422, body_code(body)).startswith(said)


def body_code(body: dict) -> str:
    return "message" if body.get("message") == "   " else "invalid"


def test_twenty_megabytes_are_refused(client):
    token = enter(client)
    body = json.dumps({"message": "x" * 20_000_000})
    message = refused(client.post("/api/chat", content=body, headers=token), 413, "size")
    assert f"{MAX_BODY_BYTES}" in message


def test_events_count_at_the_next_turn_and_bad_ones_are_named(client, demo):
    token = enter(client)
    reply = client.post("/api/chat", json={"message": "hiking boots"}, headers=token).json()
    first = reply["products"][0]["id"]
    acts = [
        {"type": "impression", "product_id": item["id"], "list_id": reply["list_id"], "position": place}
        for place, item in enumerate(reply["products"])
    ]
    acts += [{"type": "like", "product_id": first}, {"type": "click", "product_id": "no-such"}]
    answer = client.post("/api/events", json={"events": acts}, headers=token).json()
    assert answer["recorded"] == len(acts) - 1
    assert [item["index"] for item in answer["refused"]] == [len(acts) - 1]
    assert "no product 'no-such'" in answer["refused"][0]["message"]
    log = demo.events()
    shown = log[(log["list_id"] == reply["list_id"]) & (log["type"] == "impression")]
    assert list(shown["position"]) == list(range(len(reply["products"])))
    client.post("/api/chat", json={"message": "show me more"}, headers=token)
    session = demo.load_session(token["authorization"].split()[1])
    assert session is not None
    assert [(act.product_id, act.type) for act in session.profile.history] == [(first, "like")]


def test_an_act_of_no_known_type_is_refused(client):
    body = {"events": [{"type": "steal", "product_id": "x"}]}
    assert refused(client.post("/api/events", json=body, headers=enter(client)), 422, "invalid").startswith(
        "events.0.type"
    )


def test_a_thumb_is_kept_once_a_turn_with_its_reason(client, demo):
    token = enter(client)
    refused(client.post("/api/feedback", json={"turn": 1, "value": "up"}, headers=token), 422, "turn")
    client.post("/api/chat", json={"message": "kettle"}, headers=token)
    for value, reason in (("up", ""), ("down", "太贵了 ")):
        answer = client.post("/api/feedback", json={"turn": 1, "value": value, "reason": reason}, headers=token)
        assert answer.status_code == 204
    rows = demo.feedback()
    kept = rows[rows["session_id"] == token["authorization"].split()[1]]
    assert [(row.turn, row.verdict, row.reason) for row in kept.itertuples()] == [(1, "down", "太贵了")]


def test_the_profile_is_shown_changed_exported_and_forgotten(client):
    token = enter(client)
    client.post("/api/chat", json={"message": "I like blue and I wear size 42"}, headers=token)
    profile = client.get("/api/profile", headers=token).json()
    assert profile["personalised"] is True
    assert profile["recipient"] is None
    assert {item["text"] for item in profile["known"]} >= {"blue"} or profile["known"], profile
    gift = client.patch("/api/profile", json={"recipient": "my sister"}, headers=token).json()
    assert gift["recipient"] == "my sister"
    assert client.patch("/api/profile", json={"recipient": None}, headers=token).json()["recipient"] is None
    assert client.patch("/api/profile", json={"personalised": False}, headers=token).json()["personalised"] is False
    exported = client.get("/api/profile/export", headers=token)
    assert "attachment" in exported.headers["content-disposition"]
    assert len(exported.json()["known"]) == len(profile["known"])
    for item in profile["known"]:
        assert client.delete(f"/api/profile/{item['key']}", headers=token).status_code == 204
    assert client.get("/api/profile", headers=token).json()["known"] == []
    refused(client.delete("/api/profile/none", headers=token), 404, "key")


def test_deleting_ones_data_leaves_nothing_of_a_guest(client, demo):
    token = enter(client)
    reply = client.post("/api/chat", json={"message": "hiking boots"}, headers=token).json()
    session = demo.load_session(token["authorization"].split()[1])
    assert session is not None
    act = {"type": "click", "product_id": reply["products"][0]["id"]}
    client.post("/api/events", json={"events": [act]}, headers=token)
    client.post("/api/feedback", json={"turn": 1, "value": "up"}, headers=token)
    assert (demo.events()["shopper_id"] == session.shopper_id).any()
    assert client.delete("/api/session", headers=token).status_code == 204
    assert not (demo.events()["shopper_id"] == session.shopper_id).any()
    assert not (demo.feedback()["session_id"] == session.id).any()
    assert demo.load_session(session.id) is None
    refused(client.get("/api/session", headers=token), 401, "session")


def test_a_new_chat_keeps_what_was_done_for_learning(client, demo):
    token = enter(client)
    reply = client.post("/api/chat", json={"message": "hiking boots"}, headers=token).json()
    session = demo.load_session(token["authorization"].split()[1])
    client.post(
        "/api/events", json={"events": [{"type": "click", "product_id": reply["products"][0]["id"]}]}, headers=token
    )
    answer = client.delete("/api/session?keep=profile", headers=token)
    assert answer.status_code == 200
    assert (demo.events()["shopper_id"] == session.shopper_id).any()
    assert demo.load_session(session.id) is None
    refused(client.get("/api/session", headers=token), 401, "session")
    fresh = {"authorization": f"Bearer {answer.json()['token']}"}
    assert client.get("/api/session", headers=fresh).json()["messages"] == []
    client.post("/api/chat", json={"message": "kettle"}, headers=fresh)
    assert demo.load_session(answer.json()["token"]).shopper_id == session.shopper_id
    assert client.delete("/api/session", headers=fresh).status_code == 204
    assert not (demo.events()["shopper_id"] == session.shopper_id).any()


def test_a_condition_is_taken_away(client):
    token = enter(client)
    client.post("/api/chat", json={"message": "waterproof hiking boots under 150"}, headers=token)
    before = client.get("/api/session", headers=token).json()["constraints"]
    price = next(item for item in before if item["key"] == "price")
    done = client.request(
        "DELETE", "/api/constraints", json={"key": "price", "value": price["value"]}, headers=token
    ).json()
    assert [item["key"] for item in done["constraints"]] == [item["key"] for item in before if item["key"] != "price"]
    assert done["reply"]["products"]


SITES = WebSettings(
    ("chat.example",), (Site("one", ("https://one.example",)), Site("two", ("https://two.example:8443", "http://localhost:*")))
)  # fmt: skip


KNOWN_HOSTS = (
    "localhost", "localhost:7860", "127.0.0.1:7860", "[::1]:80", "shop.localhost", "chat.example", "Chat.Example:443",
)  # fmt: skip
OTHER_HOSTS = (
    "evil.example", "chat.example.evil.example", "localhost@evil.example", "me@localhost", "chat.example:x",
    "localhost.evil.example", "a b", "[::1", "127.0.0.1.evil.example",
)  # fmt: skip
ORIGINS = (
    None, "same", "https://one.example", "https://two.example:8443", "https://two.example", "http://localhost:9000",
    "https://evil.example", "null",
)  # fmt: skip
PAIRS = {("one", "https://one.example"), ("two", "https://two.example:8443"), ("two", "http://localhost:9000")}


@pytest.fixture
def sited(scripted: ScriptedShop) -> Iterator[TestClient]:
    """A shop with two sites and a name of its own."""
    scripted.shop.settings = replace(scripted.shop.settings, web=SITES)
    with TestClient(create_app(scripted), base_url=LOCAL) as client:
        yield client


def knock(client: TestClient, host: str, origin: str | None, key: str | None):
    headers = {"host": host}
    if origin is not None:
        headers["origin"] = f"https://{host}" if origin == "same" else origin
    if key is not None:
        headers["x-site-key"] = key
    return client.post("/api/session", json={}, headers=headers)


def test_only_the_allowed_pairs_of_host_and_origin_are_answered(sited):
    for host, origin, key in product((*KNOWN_HOSTS, *OTHER_HOSTS), ORIGINS, (None, "one", "two", "three")):
        answer = knock(sited, host, origin, key)
        case = (host, origin, key)
        if host in OTHER_HOSTS:
            assert answer.status_code == 421, case
            assert "access-control-allow-origin" not in answer.headers, case
        elif origin in (None, "same"):
            assert answer.status_code == 201, case
            assert "access-control-allow-origin" not in answer.headers, case
        elif (key, origin) in PAIRS:
            assert answer.status_code == 201, case
            assert answer.headers["access-control-allow-origin"] == origin, case
            assert "access-control-allow-credentials" not in answer.headers, case
        else:
            assert answer.status_code == 403, case
            assert "access-control-allow-origin" not in answer.headers, case


def test_a_preflight_is_answered_to_pages_of_sites_only(sited):
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-site-key, authorization"}
    answer = sited.options("/api/chat", headers={"origin": "https://one.example", **asked})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://one.example"
    assert "x-site-key" in answer.headers["access-control-allow-headers"]
    assert sited.options("/api/chat", headers={"origin": "https://evil.example", **asked}).status_code == 403
    assert sited.options("/config", headers={"origin": "https://one.example", **asked}).status_code == 400
