"""The web server: the chat page, the doors of the API, the widget, the products' pictures, a health check.

In: a `ShoppingAssistant`. Out: a FastAPI application, or a running server. Knows nothing of the conversation.
"""

import contextlib
import mimetypes
import socket
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Literal

import gradio as gr
import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import cookie_parser

from assistant.sites import WebSettings
from assistant.types import Session
from assistant.web.api import add_api, exported
from assistant.web.conversation import Conversation
from assistant.web.embedding import add_widget
from assistant.web.middleware import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    BodyLimit,
    KnownHosts,
    OnlyThePage,
    SameOrigin,
    SecurityHeaders,
    SessionCookie,
    SiteDoors,
    page_policy,
    session_cookie,
)
from assistant.web.page import ChatPage, head, style, theme
from assistant.web.streams import MAX_RUNNING, LiveTurns
from assistant.web.texts import preferred_language
from assistant.web.turns import Turns
from retrieval.errors import ConfigError

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant

GOODBYE_SECONDS = 3
"""How long open pages may hold up the end of the server."""

IMAGE_TYPES = frozenset({"image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"})
IMAGE_HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def create_app(
    shop: "ShoppingAssistant",
    *,
    allowed_origins: Sequence[str] = (),
    image_origins: Sequence[str] = (),
    max_turns: int = MAX_RUNNING,
) -> FastAPI:
    """The whole web application of one shop.

    Args:
        shop: The shop that answers.
        allowed_origins: Other origins ("https://www.example.com") whose pages may call this server. None by default.
        image_origins: Where the page may get the merchant's own pictures ("https://cdn.example.com"). None by default:
            what has no picture on this server is shown without one.
        max_turns: How many turns of `/api/chat` run at a time; one more is told to come back.

    Returns:
        A FastAPI application with the chat at `/`, the doors at `/api/`, the widget at `/widget.js` and `/embed`,
        pictures at `/images/{product_id}?variant={id}` and `/healthz`.
    """
    turns = Turns(shop)
    conversation = Conversation(shop, turns, image_origins)
    live = LiveTurns(turns, max_running=max_turns)
    app = FastAPI(
        title="Shopping assistant", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_closing(turns, live)
    )
    _add_routes(app, shop, turns)
    add_api(app, turns, conversation, live)
    widget = APIRouter()
    add_widget(widget, shop.shop.settings, image_origins)
    app.include_router(widget)
    page = ChatPage(turns, conversation, live, shop.shop.settings.name)
    gr.mount_gradio_app(
        app, page.build(), path="/", footer_links=[], run_history=False, show_error=False, max_file_size=0,
        ssr_mode=False, enable_monitoring=False, pwa=False, mcp_server=False, theme=theme(), css=style(), head=head(),
    )  # fmt: skip
    _add_middleware(app, turns, shop.shop.settings.web, allowed_origins, image_origins)
    return app


def run(shop: "ShoppingAssistant", host: str = "127.0.0.1", port: int = 7860, open_browser: bool = False) -> None:
    """Serves `shop` until interrupted, and prints the page's address when it answers.

    Raises:
        ConfigError: the address cannot be listened on (for instance, because another server is there).
    """
    listening = _listen(host, port)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 compared, not listened on
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{listening.getsockname()[1]}/"
    server = _Announcing(
        uvicorn.Config(
            create_app(shop, image_origins=shop.image_origins),
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=GOODBYE_SECONDS,
        ),
        address,
        open_browser,
    )
    with contextlib.closing(listening), contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host} port {port} ({error.strerror}): choose another --port") from error


class _Announcing(uvicorn.Server):
    """A server that says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, address: str, open_browser: bool):
        super().__init__(config)
        self.address = address
        self.open_browser = open_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.should_exit:
            return
        print(f"The shop is open at {self.address} (Ctrl+C closes it)", flush=True)
        if self.open_browser:
            webbrowser.open(self.address)


def _closing(turns: Turns, live: LiveTurns) -> Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await live.close()
        turns.close()

    return lifespan


def _add_routes(app: FastAPI, shop: "ShoppingAssistant", turns: Turns) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/images/{product_id:path}")
    def image(product_id: str, variant: str | None = None) -> FileResponse:
        product = shop.product(product_id)
        path = shop.image_path(product, product.variant(variant)) if product is not None else None
        media_type = mimetypes.guess_type(path.name)[0] if path is not None else None
        if path is None or media_type not in IMAGE_TYPES or not path.is_file():
            raise HTTPException(404, "There is no such picture.")
        return FileResponse(path, media_type=media_type, headers=IMAGE_HEADERS)

    @app.delete("/session", status_code=204)
    async def forget_session(request: Request, keep: Literal["profile"] | None = None) -> Response:
        """A new chat of the same shopper; without `keep` the end of all that is kept of a guest."""
        session = await _own_session(request, turns)
        token = ""
        if session is not None:
            token = (await turns.renewed(session)).id if keep else ""
            await turns.forget(session.id)
            if not keep:
                await turns.run(shop.erase_guest, session)
        secure = request.url.scheme == "https"
        return Response(status_code=204, headers={"Set-Cookie": session_cookie(token, secure=secure)})

    @app.get("/session/export")
    async def export(request: Request) -> Response:
        """All that is kept of the shopper, as a file."""
        session = await _own_session(request, turns)
        if session is None:
            raise HTTPException(404, "Nothing is kept of you: there is no conversation yet.")
        return exported(await turns.run(shop.export_profile, session))


async def _own_session(request: Request, turns: Turns) -> Session | None:
    """The session of the browser's cookie."""
    token = request.cookies.get(SESSION_COOKIE)
    return await turns.load(token) if token else None


def _add_middleware(
    app: FastAPI,
    turns: Turns,
    web: WebSettings,
    allowed_origins: Sequence[str],
    image_origins: Sequence[str],
) -> None:
    """The first one added stands nearest to the page."""

    async def is_known(token: str) -> bool:
        return await turns.load(token) is not None

    async def new_session(headers: Headers) -> str:
        chosen = cookie_parser(headers.get("cookie", "")).get(LANGUAGE_COOKIE)
        language = preferred_language(chosen, headers.get("accept-language"))
        return (await turns.new_session(language)).id

    app.add_middleware(SessionCookie, is_known=is_known, new_session=new_session)
    app.add_middleware(BodyLimit)
    app.add_middleware(SameOrigin, allowed_origins=allowed_origins)
    app.add_middleware(OnlyThePage)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(allowed_origins),
        allow_methods=["GET", "POST"],
        allow_headers=["content-type"],
    )
    app.add_middleware(SiteDoors, sites=web.sites)
    app.add_middleware(KnownHosts, hosts=web.hosts)
    app.add_middleware(
        SecurityHeaders,
        headers={
            "Content-Security-Policy": page_policy(image_origins),
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
