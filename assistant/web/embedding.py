"""What a merchant's page loads: the widget's script, the frame that it opens, and the page that builds the tag.

In: the settings of `[web]`. Out: files and pages, each with its own Content-Security-Policy. Knows no conversation.

The files are served under a version, a digest of them all, and never change there; `/widget.js` is always the newest.
"""

import base64
import hashlib
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from assistant.config import Settings
from assistant.sites import Site
from assistant.web.markup import page_html
from assistant.web.texts import preferred_language, texts

LOADER = "widget.js"
SHORT, FOREVER = "public, max-age=300", "public, max-age=31536000, immutable"
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The widget's files by name, under one version (12 hex digits of their digest)."""

    contents: Mapping[str, bytes]
    version: str

    def integrity(self, name: str) -> str:
        """What a tag's `integrity` says of a file (Subresource Integrity, section 3.2)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.contents[name]).digest()).decode()


@cache
def bundle() -> Bundle:
    """The files of `assistant/web/widget/`."""
    folder = files("assistant.web").joinpath("widget")
    contents = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith((".js", ".css"))}
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(name.encode() + b"\0" + contents[name] + b"\0")
    return Bundle(contents, digest.hexdigest()[:12])


def add_widget(router: APIRouter, settings: Settings, picture_origins: Iterable[str]) -> None:
    """The widget's paths on `router`."""
    pages = _Pages(settings, tuple(picture_origins))
    router.get(f"/{LOADER}")(pages.loader)
    router.get("/widget/frame")(pages.frame)
    router.get("/widget/{version}/{name}")(pages.file)
    router.get("/embed")(pages.embed)


def frame_policy(site: Site, picture_origins: Iterable[str]) -> str:
    """The frame's Content-Security-Policy: nothing but this server's files, within pages of the site."""
    ancestors = " ".join(("'self'", *site.origins))
    pictures = " ".join(("'self'", "data:", *picture_origins))
    return _policy(f"img-src {pictures}", "connect-src 'self'", f"frame-ancestors {ancestors}")


def _policy(*more: str) -> str:
    common = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "form-action 'none'")
    return "; ".join((*common, *more))


class _Pages:
    """The handlers."""

    def __init__(self, settings: Settings, picture_origins: tuple[str, ...]) -> None:
        self._settings = settings
        self._picture_origins = picture_origins

    async def loader(self) -> Response:
        """The newest loader, for a tag that names no version."""
        return _file(bundle().contents[LOADER], LOADER, SHORT)

    async def file(self, version: str, name: str) -> Response:
        """A file of this version; of another one there is none here."""
        content = bundle().contents.get(name)
        if content is None or version != bundle().version:
            raise HTTPException(404, "There is no such file: the page may be older than the server. Load it again.")
        return _file(content, name, FOREVER)

    async def frame(
        self, request: Request, key: str = "", origin: str = "", language: str = "", theme: str = "auto"
    ) -> Response:
        """The chat for a page of a site."""
        site = self._settings.web.site(key)
        if site is None:
            raise HTTPException(404, f"There is no site with the key {key!r}: add it to [[web.sites]] of shop.toml.")
        if origin and not (site.allows(origin) or _is_own_origin(request, origin)):
            raise HTTPException(403, f"{origin} is none of the origins of the site {key!r} in shop.toml.")
        t = texts(preferred_language(language or None, request.headers.get("accept-language")))
        html = page_html(
            "frame.html",
            t=t,
            shop_name=self._settings.name.get(t.language) or t("page_title"),
            language=t.language,
            version=bundle().version,
            key=key,
            parent_origin=origin,
            theme=theme if theme in THEMES else THEMES[0],
            privacy_url=self._settings.web.privacy_url or "",
        )
        headers = {"Content-Security-Policy": frame_policy(site, self._picture_origins), "Cache-Control": "no-store"}
        return HTMLResponse(html, headers=headers)

    async def embed(self, request: Request) -> Response:
        """The page on which a merchant's engineer puts the tag together."""
        t = texts(preferred_language(None, request.headers.get("accept-language")))
        html = page_html(
            "embed.html",
            t=t,
            language=t.language,
            version=bundle().version,
            integrity=bundle().integrity(LOADER),
            sites=self._settings.web.sites,
        )
        policy = _policy("img-src 'self' data:", "connect-src 'self'", "frame-src 'self'", "frame-ancestors 'none'")
        return HTMLResponse(html, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def _file(content: bytes, name: str, caching: str) -> Response:
    # The loader is asked for from other origins' pages with `crossorigin`, for its integrity to be checked.
    shared = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(content, media_type=mimetypes.guess_type(name)[0], headers={"Cache-Control": caching, **shared})


def _is_own_origin(request: Request, origin: str) -> bool:
    return origin.partition("://")[2] == request.headers.get("host")
