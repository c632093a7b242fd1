"""The doors of the web: `/api/…`, in JSON, and turns as server-sent events.

In: requests with a session's token (`Authorization: Bearer …`). Out: replies, in the shape of `Reply.to_dict()`. Knows
the shop through `Turns` and `Conversation` only. docs/web-api.md describes every door.

A session is whoever holds its token, which nobody can guess; a browser sends nothing else that is believed. Its
history, its filters and its profile are the server's.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from assistant.serialize import recommendations_to_dicts
from assistant.types import Finished, ProductsFound, Reply, Session, TextDelta
from assistant.web.bodies import Acts, Constraint, Language, NewSession, ProfileChange, Say, Stop, Thumb
from assistant.web.conversation import Conversation
from assistant.web.streams import BrokenOff, Busy, Happening, LiveTurn, LiveTurns
from assistant.web.texts import preferred_language, texts
from assistant.web.turns import Turns
from retrieval.errors import CatalogError

RETRY_AFTER_S = 2
EVENT_STREAM = "text/event-stream"


class Refusal(Exception):
    """An answer that is no: its status, a word for programs, and a sentence for people."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def add_api(app: FastAPI, turns: Turns, conversation: Conversation, live: LiveTurns) -> None:
    """The doors on `app`."""
    app.include_router(_Doors(turns, conversation, live).router())
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)


class _Doors:
    """The handlers; nothing about one shopper is kept here."""

    def __init__(self, turns: Turns, conversation: Conversation, live: LiveTurns) -> None:
        self.turns = turns
        self.conversation = conversation
        self.shop = conversation.shop
        self.live = live

    def router(self) -> APIRouter:
        """Which path is whose."""
        router = APIRouter(prefix="/api")
        router.post("/session", status_code=201)(self.new_session)
        router.get("/starters")(self.starters)
        session, admitted = Depends(self.session), Depends(self.admitted)
        for method, path, handler, status in (
            ("GET", "/session", self.restored, 200),
            ("DELETE", "/session", self.delete_session, 204),
            ("POST", "/chat", self.chat, 200),
            ("POST", "/chat/stop", self.stop, 204),
            ("DELETE", "/constraints", self.remove_constraint, 200),
            ("POST", "/feedback", self.feedback, 204),
            ("POST", "/events", self.events, 200),
            ("GET", "/profile", self.profile, 200),
            ("PATCH", "/profile", self.change_profile, 200),
            ("GET", "/profile/export", self.export, 200),
            ("DELETE", "/profile/{key:path}", self.forget, 204),
        ):
            first = [admitted, session] if handler == self.chat else [session]
            router.add_api_route(
                path, handler, methods=[method], status_code=status, dependencies=first, response_model=None
            )
        return router

    async def admitted(self, authorization: Annotated[str, Header()] = "") -> None:
        """Refuses a turn that would find no place, before anything is read for it; one that goes on is let through."""
        if self.live.is_full and not self.live.has_turns(_token(authorization)):
            raise _busy()

    async def session(self, request: Request, authorization: Annotated[str, Header()] = "") -> None:
        """Finds the session of the request's token, for the handler: `request.state.session`."""
        token = _token(authorization)
        session = await self.turns.load(token) if token else None
        if session is None:
            raise Refusal(401, "session", "There is no such session: ask POST /api/session for one.")
        request.state.session = session

    async def new_session(self, request: Request, asked: NewSession) -> dict[str, str]:
        """A session for a new shopper."""
        language = asked.language or preferred_language(None, request.headers.get("accept-language"))
        session = await self.turns.new_session(language)
        return {"token": session.id, "language": session.language}

    async def starters(self, language: Language = "en") -> dict[str, list[str]]:
        """What a shopper may begin with."""
        return {"starters": list(await self.turns.run(self.shop.starters, language))}

    async def restored(self, request: Request) -> dict[str, Any]:
        """The conversation so far."""
        session = _session(request)
        return {
            "language": session.language,
            "turn": session.turn,
            "messages": await self.turns.run(self.conversation.transcript, session),
            "constraints": await self.turns.run(self._constraints, session),
        }

    async def delete_session(self, request: Request, keep: Literal["profile"] | None = None) -> Response:
        """A new chat of the same shopper, under a new token; without `keep` the end of all that is kept of a guest."""
        session = _session(request)
        fresh = await self.turns.renewed(session) if keep else None
        await self.turns.forget(session.id)
        if fresh is not None:
            return JSONResponse({"token": fresh.id, "language": fresh.language})
        await self.turns.run(self.shop.erase_guest, session)
        return Response(status_code=204)

    async def chat(
        self, request: Request, said: Say, last_event_id: Annotated[int, Header(ge=0)] = 0
    ) -> Response | dict[str, Any]:
        """One turn, streamed where the caller takes a stream."""
        session = _session(request)
        message = said.message.strip()
        if not message:
            raise Refusal(422, "message", "message: say something.")
        turn_id = said.turn_id or uuid4().hex
        try:
            turn = self.live.begin(session.id, turn_id, message, said.context.context())
        except Busy as error:
            raise _busy() from error
        if EVENT_STREAM in request.headers.get("accept", ""):
            language = said.language or session.language
            return EventSourceResponse(
                self._events(turn, last_event_id, said.html, language),
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
        return await self._whole(turn)

    async def stop(self, request: Request, asked: Stop) -> None:
        """End the turn where it is."""
        self.live.stop(_session(request).id, asked.turn_id)

    async def remove_constraint(self, request: Request, constraint: Constraint) -> dict[str, Any]:
        """The reply without that condition."""
        reply = await self.turns.remove_constraint(_session(request).id, constraint.key, constraint.value)
        return await self.turns.run(self._done, reply, html=True)

    async def feedback(self, request: Request, thumb: Thumb) -> None:
        """Keep what the shopper thinks of a reply."""
        try:
            record = self.shop.record_feedback
            await self.turns.run(record, _session(request), thumb.turn, thumb.value, thumb.reason)
        except CatalogError as error:
            raise Refusal(422, "turn", f"turn: {error}.") from error

    async def events(self, request: Request, acts: Acts) -> dict[str, Any]:
        """Keep what the shopper did; it counts at their next message."""
        session = _session(request)
        refused = []
        for index, act in enumerate(acts.events):
            record = partial(self.shop.record, **act.model_dump(), shopper_id=session.shopper_id, session_id=session.id)
            try:
                await self.turns.run(record)
            except CatalogError as error:
                refused.append({"index": index, "message": str(error)})
        return {"recorded": len(acts.events) - len(refused), "refused": refused}

    async def profile(self, request: Request) -> dict[str, Any]:
        """What is known of the shopper."""
        return await self.turns.run(self._profile, _session(request))

    async def change_profile(self, request: Request, change: ProfileChange) -> dict[str, Any]:
        """Personalisation on or off; for whom the shopper buys."""
        changed = await self.turns.change(_session(request).id, partial(self._changed, change))
        return await self.turns.run(self._profile, changed)

    async def export(self, request: Request) -> Response:
        """All that is kept of the shopper, as a file."""
        return exported(await self.turns.run(self.shop.export_profile, _session(request)))

    async def forget(self, request: Request, key: str) -> None:
        """Forget one thing known."""
        try:
            await self.turns.change(_session(request).id, lambda session: self.shop.forget_preference(session, key))
        except CatalogError as error:
            raise Refusal(404, "key", str(error)) from error

    def _changed(self, change: ProfileChange, session: Session) -> Session:
        if change.personalised is not None and change.personalised != session.personalised:
            session = self.shop.personalise(session, on=change.personalised)
        if "recipient" in change.model_fields_set:
            session = self.shop.buying_for(session, (change.recipient or "").strip() or None)
        return session

    def _profile(self, session: Session) -> dict[str, Any]:
        known = self.shop.profile(session)
        return {
            "personalised": session.personalised,
            "recipient": session.recipient,
            "known": [{"key": item.key, "text": item.text, "origin": item.origin} for item in known],
        }

    def _constraints(self, session: Session) -> list[dict[str, str | None]]:
        chips = self.conversation.chips(session, session.language)
        return [{"key": chip.key, "value": chip.value, "label": chip.label} for chip in chips]

    async def _events(self, turn: LiveTurn, after: int, html: bool, language: str) -> AsyncIterator[bytes]:
        async with aclosing(self.live.follow(turn, after)) as happenings:
            async for happening in happenings:
                if happening is None:
                    yield KEEPALIVE_COMMENT
                    continue
                number, event = happening
                name, data = await self.turns.run(self._told, event, html, language)
                yield format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False), id=str(number))

    def _told(self, event: Happening, html: bool, language: str) -> tuple[str, dict[str, Any]]:
        if isinstance(event, ProductsFound):
            spoken = event.language or language
            cards = {"html": self.conversation.cards(event.products, spoken, event.list_id, cart=True)} if html else {}
            return "products", {
                "products": recommendations_to_dicts(event.products, spoken), "language": spoken, **cards
            }  # fmt: skip
        if isinstance(event, TextDelta):
            return "text", {"text": event.text}
        if isinstance(event, Finished):
            return "done", self._done(event.reply, html=html)
        code, said = ("stopped", "frame_stopped") if event.stopped else ("turn", "error")
        return "error", {"code": code, "message": texts(language)(said)}

    def _done(self, reply: Reply, *, html: bool) -> dict[str, Any]:
        shown, plain = self.conversation.shown(reply) if html else {}, reply.to_dict()
        return {
            "reply": plain,
            "turn": reply.session.turn,
            "quick_replies": self.conversation.suggestions(reply),
            "constraints": self._constraints(reply.session),
            "handoff": plain["handoff"],
            **shown,
        }

    async def _whole(self, turn: LiveTurn) -> dict[str, Any]:
        happenings: AsyncGenerator[tuple[int, Happening] | None] = self.live.follow(turn)
        async with aclosing(happenings):
            async for happening in happenings:
                if happening is not None and isinstance(happening[1], Finished):
                    return happening[1].reply.to_dict()
                if happening is not None and isinstance(happening[1], BrokenOff) and happening[1].stopped:
                    raise Refusal(409, "stopped", "The turn was stopped.")
        raise Refusal(500, "turn", "The message was not answered. Please send it again.")


def exported(profile: Mapping[str, Any]) -> Response:
    """What is kept of a shopper, as a file to save."""
    content = json.dumps(profile, ensure_ascii=False, indent=1, default=str)
    disposition = {"Content-Disposition": 'attachment; filename="profile.json"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=disposition)


def _token(authorization: str) -> str:
    """The session's token of a request; "" where there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _busy() -> Refusal:
    said = "too many shoppers are being answered at the moment: try again."
    return Refusal(503, "busy", said, {"Retry-After": str(RETRY_AFTER_S)})


def _session(request: Request) -> Session:
    session: Session = request.state.session
    return session


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    content = {"error": {"code": error.code, "message": error.message}}
    return JSONResponse(content, error.status, headers=error.headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "header")) or "body"
    content = {"error": {"code": "invalid", "message": f"{field}: {first['msg']}."}}
    return JSONResponse(content, 422)
