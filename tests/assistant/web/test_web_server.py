import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from scripted_shop import COLORS, ScriptedShop, product
from turn_taking import n_rows

from assistant.app import ShoppingAssistant
from assistant.sessions import sessions_table
from assistant.types import Session
from assistant.web.middleware import MAX_BODY_BYTES, SESSION_COOKIE
from assistant.web.server import create_app, run
from retrieval.errors import ConfigError

JOIN = "/gradio_api/queue/join"


@pytest.fixture
def client(scripted: ScriptedShop) -> Iterator[TestClient]:
    with TestClient(create_app(scripted)) as client:
        yield client


def join(client: TestClient, **headers: str) -> str | None:
    """Sends a message as the page does; the token of the session that the answer sets, if any."""
    config = client.get("/config").json()
    say = next(event for event in config["dependencies"] if any(name == "submit" for _, name in event["targets"]))
    body = {"data": ["boots"], "fn_index": say["id"], "session_hash": "abc", "event_data": None, "trigger_id": None}
    answer = client.post(JOIN, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.cookies.get(SESSION_COOKIE)


def test_the_server_says_that_it_is_well(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_picture_is_served_so_that_it_can_do_nothing(client: TestClient) -> None:
    answer = client.get("/images/boot-1")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.text.startswith("<svg")


@pytest.mark.parametrize("path", ["/images/none-such", "/images/boot-5", "/images/", "/images/..%2f..%2fetc%2fpasswd"])
def test_there_are_no_other_pictures(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_variant_has_its_own_picture_and_an_unknown_one_the_products(client: TestClient) -> None:
    served = {
        query: COLORS[name] in client.get(f"/images/boot-6{query}").text
        for query, name in (
            ("", "boot-6"),
            ("?variant=boot-6%2Fbrown%2042", "boot-6-brown"),
            ("?variant=boot-6%2Fblack%2042", "boot-6-black"),
            ("?variant=..%2f..%2fetc%2fpasswd", "boot-6"),
            ("?variant=", "boot-6"),
        )
    }
    assert set(served.values()) == {True}, served
    assert client.get("/images/none-such?variant=boot-6%2Fblack%2042").status_code == 404


def test_only_pictures_are_served_as_pictures(tmp_path: Path) -> None:
    class Misfiled(ScriptedShop):
        """A shop whose picture file is a web page."""

        def image_path(self, product: object, variant: object = None) -> Path:
            return self.folder / "page.html"

    (tmp_path / "page.html").write_text("<script>x()</script>")
    with TestClient(create_app(Misfiled(tmp_path))) as client:
        assert client.get("/images/boot-1").status_code == 404


def test_an_id_with_a_slash_has_its_picture(tmp_path: Path) -> None:
    class Filed(ScriptedShop):
        """A shop that keeps one picture for everything."""

        def image_path(self, product: object, variant: object = None) -> Path:
            return self.folder / "boot-1.svg"

    with TestClient(create_app(Filed(tmp_path, products=[product("a/b c", "A")]))) as client:
        assert client.get("/images/a%2Fb%20c").status_code == 200


def test_the_page_may_load_nothing_from_elsewhere(client: TestClient) -> None:
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "https:" not in policy
    assert "fonts.googleapis" not in answer.text


def test_pictures_of_allowed_hosts_are_let_in(scripted: ScriptedShop) -> None:
    with TestClient(create_app(scripted, image_origins=["https://cdn.example.com"])) as client:
        assert (
            "img-src 'self' data: blob: https://cdn.example.com;" in client.get("/").headers["content-security-policy"]
        )


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/upload", "/gradio_api/call/say", "/gradio_api/api/say", "/gradio_api/info", "/docs", "/monitoring",
     "/gradio_api/file=/etc/passwd", "/gradio_api/proxy=https://evil.example", "/gradio_api/vibe-edit", "/login",
     "/gradio_api/openapi.json", "/gradio_api/runs", "/gradio_api/mcp/sse"],
)  # fmt: skip
def test_gradios_other_doors_are_shut(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, json={}).status_code == 404


def test_no_endpoint_is_published(client: TestClient) -> None:
    events = client.get("/config").json()["dependencies"]
    assert events
    assert {event["api_visibility"] for event in events} == {"private"}


def test_a_turn_cannot_skip_the_queue(client: TestClient) -> None:
    say = next(event["id"] for event in client.get("/config").json()["dependencies"] if event["queue"])
    answer = client.post("/gradio_api/run/predict", json={"data": ["boots"], "fn_index": say, "session_hash": "abc"})
    assert answer.status_code == 404


def test_other_origins_are_told_nothing(client: TestClient) -> None:
    for path in ("/", "/healthz", "/images/boot-1", "/config"):
        answer = client.get(path, headers={"origin": "https://evil.example"})
        assert not any(name.startswith("access-control") for name in answer.headers), path
    preflight = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert client.options(JOIN, headers=preflight).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://testserver:81"},
        {"origin": "null"},
        {"origin": "http://testserver", "sec-fetch-site": "same-site"},
        {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
    ],
)
def test_other_origins_may_not_write(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post(JOIN, json={}, headers=headers).status_code == 403
    assert client.delete("/session", headers=headers).status_code == 403


def test_an_allowed_origin_may(scripted: ScriptedShop) -> None:
    with TestClient(create_app(scripted, allowed_origins=["https://shop.example"])) as client:
        ours, other = {"origin": "https://shop.example"}, {"origin": "https://evil.example"}
        assert client.get("/healthz", headers=ours).headers["access-control-allow-origin"] == "https://shop.example"
        assert "access-control-allow-origin" not in client.get("/healthz", headers=other).headers
        assert client.delete("/session", headers=ours).status_code == 204
        assert client.delete("/session", headers=other).status_code == 403


def test_a_body_that_is_too_long_is_refused(client: TestClient) -> None:
    assert client.post(JOIN, content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
    assert client.post(JOIN, content=(b"x" * 1024 for _ in range(MAX_BODY_BYTES // 1024 + 1))).status_code == 413
    assert client.post(JOIN, content=b"x" * MAX_BODY_BYTES).status_code == 422


def test_the_first_message_gives_the_browser_a_session_that_scripts_cannot_read(client: TestClient) -> None:
    assert SESSION_COOKIE not in client.get("/").cookies
    config = client.get("/config").json()
    body = {"data": ["boots"], "fn_index": config["dependencies"][-1]["id"], "session_hash": "abc"}
    cookie = client.post(JOIN, json=body).headers["set-cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert len(cookie.partition("=")[2].partition(";")[0]) >= 32
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_stays_there(scripted: ScriptedShop) -> None:
    with TestClient(create_app(scripted), base_url="https://testserver") as client:
        body = {"data": [], "fn_index": 2, "session_hash": "abc"}
        assert "Secure" in client.post(JOIN, json=body).headers["set-cookie"]


def test_a_known_session_is_kept_and_a_forged_one_is_replaced(client: TestClient) -> None:
    token = join(client)
    assert token
    assert join(client) is None
    client.cookies.clear()
    forged = join(client, cookie=f"{SESSION_COOKIE}=mine; other=1")
    assert forged not in (None, "mine", token)


def test_two_browsers_get_two_sessions(scripted: ScriptedShop) -> None:
    app = create_app(scripted)
    with TestClient(app) as one:
        other = TestClient(app)
        assert join(one) != join(other)


def test_new_chat_forgets_the_session_and_its_cookie(scripted: ScriptedShop) -> None:
    for session_id in ("mine", "another"):
        scripted.store.sessions[session_id] = Session(session_id, "guest")
    with TestClient(create_app(scripted)) as client:
        answer = client.delete("/session", headers={"cookie": f"{SESSION_COOKIE}=mine"})
    assert answer.status_code == 204
    assert f'{SESSION_COOKIE}=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert set(scripted.store.sessions) == {"another"}


def test_a_new_chat_keeps_the_shopper_where_it_is_asked_to(demo: ShoppingAssistant) -> None:
    session = demo.ask("I love wool").session
    with TestClient(create_app(demo), base_url="http://localhost") as client:
        mine = {"cookie": f"{SESSION_COOKIE}={session.id}"}
        saved = client.get("/session/export", headers=mine)
        assert saved.headers["content-disposition"] == 'attachment; filename="profile.json"'
        assert saved.json()["shopper_id"] == session.shopper_id
        assert [item["text"] for item in saved.json()["known"]] == ["likes wool"]
        answer = client.delete("/session?keep=profile", headers=mine)
        token = answer.cookies[SESSION_COOKIE]
        assert token not in ("", session.id)
        assert demo.load_session(session.id) is None
        client.cookies.clear()
        assert client.get("/session/export", headers=mine).status_code == 404
        kept = client.get("/session/export", headers={"cookie": f"{SESSION_COOKIE}={token}"}).json()
        assert kept["shopper_id"] == session.shopper_id
        assert client.get("/session/export").status_code == 404
        client.delete("/session", headers={"cookie": f"{SESSION_COOKIE}={token}"})
        assert client.get("/session/export", headers={"cookie": f"{SESSION_COOKIE}={token}"}).status_code == 404


def test_new_chat_without_a_session_or_from_elsewhere_deletes_nothing(scripted: ScriptedShop) -> None:
    scripted.store.sessions["mine"] = Session("mine", "guest")
    with TestClient(create_app(scripted)) as client:
        assert client.delete("/session").status_code == 204
        headers = {"cookie": f"{SESSION_COOKIE}=mine", "origin": "https://evil.example"}
        assert client.delete("/session", headers=headers).status_code == 403
    assert set(scripted.store.sessions) == {"mine"}


def test_a_request_that_says_nothing_leaves_no_row(demo: ShoppingAssistant) -> None:
    before = n_rows(demo, sessions_table)
    with TestClient(create_app(demo), base_url="http://localhost") as client:
        evil = {"origin": "https://evil.example"}
        assert client.post(JOIN, json={}, headers=evil).status_code == 403
        assert client.post(JOIN, content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
        answer = client.post(JOIN, content=b"no json")
        assert answer.status_code == 422
        token = answer.cookies[SESSION_COOKIE]
        assert demo.load_session(token) is None
        assert client.delete("/session").status_code == 204
        client.cookies.clear()
        assert client.post(JOIN, content=b"no json").cookies[SESSION_COOKIE] != token
    assert n_rows(demo, sessions_table) == before


@pytest.mark.enable_socket
def test_a_taken_port_is_named_before_anything_is_served(scripted: ScriptedShop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="choose another --port"):
        run(scripted, port=taken.getsockname()[1])
