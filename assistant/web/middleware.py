"""What stands between a browser and the application: plain ASGI, one rule a class.

In: requests. Out: the same requests, cleaned, or a refusal. Knows nothing of pages or products.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.sites import Site

SESSION_COOKIE = "assistant_session"
LANGUAGE_COOKIE = "assistant_language"
SESSION_DAYS = 180
MAX_BODY_BYTES = 64 * 1024

PAGE_PATHS = (
    "/", "/config", "/config/", "/favicon.ico", "/healthz", "/robots.txt", "/session", "/session/export", "/theme.css",
    "/gradio_api/heartbeat/", "/gradio_api/queue/data", "/gradio_api/queue/join", "/gradio_api/reset",
    "/gradio_api/cancel", "/gradio_api/run/predict", "/gradio_api/startup-events", "/gradio_api/theme.css",
    "/assets/", "/images/", "/static/", "/svelte/", "/api/", "/widget.js", "/widget/", "/embed",
)  # fmt: skip
"""Everything the page asks for; a path that ends in "/" stands for what is below it. Gradio has many more doors."""

JOIN_PATH = "/gradio_api/queue/join"
API_PREFIX = "/api/"
SITE_KEY_HEADER = "x-site-key"
API_METHODS = "GET, POST, PATCH, DELETE"
API_HEADERS = "authorization, content-type, last-event-id, x-site-key"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class OnlyThePage:
    """Refuses every path that the page does not use: uploads, the file proxy, Gradio's client API."""

    def __init__(self, app: ASGIApp, paths: Iterable[str] = PAGE_PATHS):
        self.app = app
        self.exact = frozenset(paths)
        self.folders = tuple(path for path in self.exact if path.endswith("/") and path != "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path in self.exact or path.startswith(self.folders):
            await self.app(scope, receive, send)
            return
        await _refuse(404, "path", "There is nothing here. The chat is at /.")(scope, receive, send)


class KnownHosts:
    """Refuses requests to a name that this server does not go by: a stranger's domain that points here (DNS rebinding)
    would be its own origin. "localhost" and bare addresses are known; a merchant's name is, once it is stated."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()):
        self.app = app
        self.hosts = frozenset(name.lower() for name in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else "localhost"
        if self._is_known(host):
            await self.app(scope, receive, send)
            return
        reason = f"This server does not answer to {host!r}: add it to hosts in [web] of shop.toml, or use its address."
        await _refuse(421, "host", reason)(scope, receive, send)

    def _is_known(self, host: str) -> bool:
        try:
            address = urlsplit(f"//{host}")
            name, _ = (address.hostname or "").lower(), address.port
        except ValueError:
            return False
        if "@" in host:
            return False
        return name == "localhost" or name.endswith(".localhost") or name in self.hosts or _is_address(name)


class SiteDoors:
    """Lets pages of the merchant's sites in at `/api/`: a page of another origin has to give the key of a site that it
    belongs to. Pages of this server, and callers that are no pages, need none; they have no other's cookies to use."""

    def __init__(self, app: ASGIApp, sites: Iterable[Site] = ()):
        self.app = app
        self.sites = {site.key: site for site in sites}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin")
        if scope["type"] != "http" or not scope["path"].startswith(API_PREFIX) or _is_own(headers):
            await self.app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and any(site.allows(origin or "") for site in self.sites.values()):
            # A preflight cannot carry the key; the request itself is held to it.
            await Response(status_code=204, headers=_allowing(origin or ""))(scope, receive, send)
        elif self._may_enter(headers):
            await self.app(scope, receive, _with_headers(send, _allowing(origin or "")))
        else:
            reason = "This page may not talk to the assistant: its origin and the site's key do not belong together."
            await _refuse(403, "origin", reason)(scope, receive, send)

    def _may_enter(self, headers: Headers) -> bool:
        site = self.sites.get(headers.get(SITE_KEY_HEADER, ""))
        return site is not None and site.allows(headers.get("origin", ""))


class SameOrigin:
    """Refuses requests that change something and come from a page of another origin, unless that origin is allowed.
    `/api/` has a door of its own (`SiteDoors`)."""

    def __init__(self, app: ASGIApp, allowed_origins: Iterable[str] = ()):
        self.app = app
        self.allowed = frozenset(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or self._may_write(scope):
            await self.app(scope, receive, send)
            return
        await _refuse(403, "origin", "This origin may not talk to the assistant.")(scope, receive, send)

    def _may_write(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        return scope["path"].startswith(API_PREFIX) or headers.get("origin") in self.allowed or _is_own(headers)


class BodyLimit:
    """Refuses bodies over `max_bytes`, whether their length was announced or not."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES):
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        body = None if not announced.isdigit() or int(announced) > self.max_bytes else await self._read(receive)
        if body is None:
            await _refuse(413, "size", f"A message may have up to {self.max_bytes} bytes.")(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The whole body, or None as soon as it is too long."""
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.max_bytes:
                return None
        return body


class SessionCookie:
    """Gives a browser its session when its first message arrives, in a cookie that no script can read.

    A token that the server did not give out (`is_known` says no) is replaced, never adopted.
    """

    def __init__(
        self,
        app: ASGIApp,
        is_known: Callable[[str], Awaitable[bool]],
        new_session: Callable[[Headers], Awaitable[str]],
    ):
        self.app = app
        self.is_known = is_known
        self.new_session = new_session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != JOIN_PATH:
            await self.app(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        token = cookies.get(SESSION_COOKIE)
        if token and await self.is_known(token):
            await self.app(scope, receive, send)
            return
        token = await self.new_session(headers)
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in {**cookies, SESSION_COOKIE: token}.items())
        cookie = session_cookie(token, secure=scope.get("scheme") == "https")

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_with_cookie)


class SecurityHeaders:
    """Adds `headers` to every response that does not set them itself."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]):
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        await self.app(scope, receive, _with_headers(send, self.headers))


def session_cookie(token: str, *, secure: bool) -> str:
    """The `Set-Cookie` header that keeps `token`; an empty token forgets it."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[SESSION_COOKIE] = token
    morsel = cookie[SESSION_COOKIE]
    morsel["path"] = "/"
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"
    morsel["max-age"] = SESSION_DAYS * 24 * 3600 if token else 0
    morsel["secure"] = secure
    return morsel.OutputString()


def page_policy(image_origins: Iterable[str] = ()) -> str:
    """The page's Content-Security-Policy: nothing from elsewhere but pictures of `image_origins`.

    Gradio needs inline scripts and `eval`; what they could fetch is held to this server.
    """
    pictures = " ".join(["'self'", "data:", "blob:", *image_origins])
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            f"img-src {pictures}",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives `body` once and then listens on."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    """A `send` that adds the headers which a response does not set itself."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = MutableHeaders(scope=message)
            for name, value in headers.items():
                present.setdefault(name, value)
        await send(message)

    return send_with_headers


def _is_own(headers: Headers) -> bool:
    """Whether a page of this server sent the request, or no page at all."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _allowing(origin: str) -> dict[str, str]:
    """The CORS headers for a page of that origin; without credentials."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": API_METHODS,
        "Access-Control-Allow-Headers": API_HEADERS,
        "Access-Control-Expose-Headers": "retry-after",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }


def _refuse(status: int, code: str, reason: str) -> ASGIApp:
    return JSONResponse({"error": {"code": code, "message": reason}}, status_code=status)
