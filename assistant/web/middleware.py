"""What stands between a browser and Gradio: plain ASGI, one rule a class.

In: requests. Out: the same requests, cleaned, or a refusal. Knows nothing of pages or products.
"""

from collections.abc import Awaitable, Callable, Iterable
from http.cookies import SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION_COOKIE = "assistant_session"
LANGUAGE_COOKIE = "assistant_language"
SESSION_DAYS = 180
MAX_BODY_BYTES = 64 * 1024

PAGE_PATHS = (
    "/", "/config", "/config/", "/favicon.ico", "/healthz", "/robots.txt", "/session", "/theme.css",
    "/gradio_api/heartbeat/", "/gradio_api/queue/data", "/gradio_api/queue/join", "/gradio_api/reset",
    "/gradio_api/cancel", "/gradio_api/run/predict", "/gradio_api/startup-events", "/gradio_api/theme.css",
    "/assets/", "/images/", "/static/", "/svelte/",
)  # fmt: skip
"""Everything the page asks for; a path that ends in "/" stands for what is below it. Gradio has many more doors."""

JOIN_PATH = "/gradio_api/queue/join"
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
        await _refuse(404, "There is nothing here. The chat is at /.")(scope, receive, send)


class SameOrigin:
    """Refuses requests that change something and come from a page of another origin, unless that origin is allowed."""

    def __init__(self, app: ASGIApp, allowed_origins: Iterable[str] = ()):
        self.app = app
        self.allowed = frozenset(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or self._may_write(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        await _refuse(403, "This origin may not talk to the assistant.")(scope, receive, send)

    def _may_write(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin in self.allowed:
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        return origin is None or origin.partition("://")[2] == headers.get("host")


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
            await _refuse(413, f"A message may have up to {self.max_bytes} bytes.")(scope, receive, send)
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

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    present.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


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


def _refuse(status: int, reason: str) -> ASGIApp:
    return JSONResponse({"error": reason}, status_code=status)
