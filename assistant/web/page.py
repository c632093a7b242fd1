"""The chat page: its layout and what happens when a shopper acts.

In: the browser's events. Out: updates of the page, streamed. Knows the shop only through `Turns` and `Conversation`.

The browser holds one thing, its session's token in an HttpOnly cookie; what it shows is drawn from the session.
"""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any
from uuid import uuid4

import gradio as gr

from assistant.app import MAX_MESSAGE
from assistant.looking.values import PageContext
from assistant.types import Finished, ProductsFound, Recommendation, Reply, Session, TextDelta
from assistant.web.acts import Acts
from assistant.web.cards import STEPS
from assistant.web.conversation import ChatMessage, Conversation, notice, shopper_message
from assistant.web.edge import Edge
from assistant.web.markup import render
from assistant.web.middleware import LANGUAGE_COOKIE, SESSION_COOKIE
from assistant.web.streams import BrokenOff, Busy, LiveTurns
from assistant.web.texts import preferred_language, texts
from assistant.web.turns import Turns

INPUT_CHARS = 4_000
REDRAW_SECONDS = 0.06
MAX_CHATS = 64
MAX_QUEUE = 256

Updates = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that handlers write to."""

    header: gr.HTML
    chat: gr.Chatbot
    quick: gr.HTML
    noted: gr.HTML
    box: gr.Textbox
    panel: gr.HTML


class ChatPage:
    """The handlers of the page. One object serves every shopper; nothing about one of them is kept here."""

    def __init__(self, turns: Turns, conversation: Conversation, live: LiveTurns, names: Mapping[str, str]):
        self.turns = turns
        self.conversation = conversation
        self.live = live
        self.acts = Acts(turns, conversation)
        self.names = names

    def build(self) -> gr.Blocks:
        """The page as Gradio Blocks, with its queue bounded."""
        blocks = gr.Blocks(title=self._name("en"), analytics_enabled=False, fill_width=True)
        with blocks:
            self._listen(blocks, self._layout())
        blocks.max_threads = MAX_CHATS
        blocks.queue(max_size=MAX_QUEUE, default_concurrency_limit=MAX_CHATS, api_open=False)
        return blocks

    async def restore(self, request: gr.Request) -> Updates:
        """The whole page as the session has it: on load, after a change of language, after "new chat"."""
        language = page_language(request)
        t = texts(language)
        session = await self._session(request)
        messages, panel, quick = await self.turns.run(self._drawn, session, language)
        return (
            render("header.html", t=t, shop_name=self._name(language)),
            gr.update(value=messages, placeholder=render("welcome.html", t=t)),
            quick,
            render("noted.html", t=t, text=""),
            _idle(placeholder=t("input_placeholder"), label=t("input_placeholder")),
            panel,
        )

    async def say(self, message: str, request: gr.Request) -> AsyncGenerator[Updates]:
        """One turn: the shopper's message at once, the cards when they are found, the words as they come."""
        async with aclosing(self._say(message, page_context(request), request)) as answer:
            async for updates in answer:
                yield updates

    async def _say(self, message: str, context: PageContext, request: gr.Request) -> AsyncGenerator[Updates]:
        language = page_language(request)
        message = (message or "").strip()
        if not message:
            return
        session = await self._session(request)
        before = await self.turns.run(self.conversation.messages, session, language) if session else []
        if len(message) > MAX_MESSAGE:
            warning = texts(language)("too_long", n=f"{len(message):,}", limit=f"{MAX_MESSAGE:,}")
            yield [*before, notice(warning)], gr.skip(), gr.skip(), gr.skip()
            return
        before.append(shopper_message(message))
        async with aclosing(self._answered(session, message, before, language, context)) as answer:
            async for updates in answer:
                yield updates

    async def say_suggestion(self, event: gr.EventData, request: gr.Request) -> AsyncGenerator[Updates]:
        """A click on a suggestion says it; so does one on a card, of its product."""
        if clicked(event, "weigh"):
            yield await self._weighed(event, request)
            return
        around = page_context(request)
        context = replace(around, product_id=clicked(event, "product") or around.product_id)
        async with aclosing(self._say(clicked(event, "say"), context, request)) as answer:
            async for updates in answer:
                yield updates

    async def _weighed(self, event: gr.EventData, request: gr.Request) -> Updates:
        """The same wish in the order that follows when a part of the score counts more, or less."""
        language, session = page_language(request), await self._session(request)
        part, factor = clicked(event, "weigh"), clicked(event, "factor")
        if session is None or factor not in map(str, STEPS):
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        with Edge("a weight that was moved"):
            reply = await self.turns.weigh(session.id, part, float(factor))
            messages, quick, panel = await self.turns.run(self._after, reply, language)
            return messages, quick, gr.skip(), panel
        before = await self.turns.run(self.conversation.messages, session, language)
        return [*before, notice(texts(language)("error"))], gr.skip(), gr.skip(), gr.skip()

    async def stop(self, request: gr.Request) -> None:
        """The shopper has read enough: what runs of theirs ends where it is."""
        session = await self._session(request)
        if session is not None:
            self.live.stop_all(session.id)

    async def act(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Keep what the shopper did or thinks: what they are told of it, and the side panel after it."""
        language, session = page_language(request), await self._session(request)
        if session is None:
            return gr.skip(), gr.skip()
        with Edge("an act of the shopper"):
            told = await self.acts.keep(session, {name: clicked(event, name) for name in Acts.FIELDS}, language)
            return self._told(told, language), await self.turns.run(self.conversation.panel, session, language)
        return self._told(texts(language)("act_lost"), language), gr.skip()

    def _told(self, text: str, language: str) -> str:
        return render("noted.html", t=texts(language), text=text)

    async def click_panel(self, event: gr.EventData, request: gr.Request) -> Updates:
        """A click on a chip takes a constraint away; the rest of the panel changes what is known of the shopper."""
        language = page_language(request)
        session = await self._session(request)
        if session is None:
            return gr.skip(), gr.skip(), gr.skip()
        with Edge("a click on the panel"):
            if clicked(event, "anew"):
                messages, panel, quick = await self.turns.run(self._drawn, session, language)
                return messages, quick, panel
            change = self.acts.change({name: clicked(event, name) for name in Acts.CHANGES})
            if change is not None:
                changed = await self.turns.change(session.id, change)
                return gr.skip(), gr.skip(), await self.turns.run(self.conversation.panel, changed, language)
            reply = await self.turns.remove_constraint(
                session.id, clicked(event, "key"), clicked(event, "value") or None
            )
            return await self.turns.run(self._after, reply, language)
        before = await self.turns.run(self.conversation.messages, session, language)
        return [*before, notice(texts(language)("error"))], gr.skip(), gr.skip()

    def _layout(self) -> Parts:
        header = gr.HTML(elem_id="header", js_on_load=_script("header.js"), apply_default_css=False)
        with gr.Row(elem_id="shop"):
            with gr.Column(elem_id="talk", scale=1):
                chat = gr.Chatbot(
                    elem_id="chat", show_label=False, container=False, height=None, buttons=[], feedback_options=None,
                    latex_delimiters=[], allow_tags=False, autoscroll=False, group_consecutive_messages=False,
                    # Every message was made safe by `markup`; Gradio's own cleaning would take the cards' data away.
                    sanitize_html=False,
                )  # fmt: skip
                quick = gr.HTML(elem_id="quick", js_on_load=_script("quick.js"), apply_default_css=False)
                noted = gr.HTML(elem_id="noted", js_on_load=_script("noted.js"), apply_default_css=False)
                box = gr.Textbox(
                    elem_id="say", show_label=False, container=False, lines=1, max_lines=5, autofocus=True,
                    max_length=INPUT_CHARS, submit_btn=True,
                    html_attributes=gr.InputHTMLAttributes(enterkeyhint="send", autocomplete="off"),
                )  # fmt: skip
            panel = gr.HTML(elem_id="panel", js_on_load=_script("panel.js"), apply_default_css=False)
        return Parts(header, chat, quick, noted, box, panel)

    def _listen(self, blocks: gr.Blocks, parts: Parts) -> None:
        whole = [parts.header, parts.chat, parts.quick, parts.noted, parts.box, parts.panel]
        turn = [parts.chat, parts.quick, parts.box, parts.panel]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        blocks.load(self.restore, None, whole, queue=False, **quiet)
        parts.header.click(self.restore, None, whole, queue=False, **quiet)
        parts.box.submit(self.say, [parts.box], turn, **quiet)
        parts.quick.click(self.say_suggestion, None, turn, **quiet)
        parts.box.stop(self.stop, None, None, queue=False, **quiet)
        parts.noted.click(self.act, None, [parts.noted, parts.panel], trigger_mode="multiple", **quiet)
        parts.panel.click(self.click_panel, None, [parts.chat, parts.quick, parts.panel], **quiet)

    async def _answered(
        self,
        session: Session | None,
        message: str,
        before: list[ChatMessage],
        language: str,
        context: PageContext,
    ) -> AsyncGenerator[Updates]:
        yield [*before, self.conversation.progress("", (), language)], "", _turning(value=""), gr.skip()
        with Edge("a turn"):
            if session is None:
                raise LookupError("the browser sent no session")
            async with aclosing(self._streamed(session.id, message, before, language, context)) as answer:
                async for updates in answer:
                    yield updates
            return
        yield [*before, notice(texts(language)("error"), message, language)], gr.skip(), _idle(value=message), gr.skip()

    async def _streamed(
        self, session_id: str, message: str, before: list[ChatMessage], language: str, context: PageContext
    ) -> AsyncGenerator[Updates]:
        turn_id = uuid4().hex
        try:
            turn = self.live.begin(session_id, turn_id, message, context)
        except Busy:
            busy = notice(texts(language)("busy"), message, language)
            yield [*before, busy], gr.skip(), _idle(value=message), gr.skip()
            return
        so_far = _SoFar(language)
        drawn_at = 0.0
        try:
            async with aclosing(self.live.follow(turn)) as happenings:
                async for happening in happenings:
                    if happening is None:
                        continue
                    _, event = happening
                    if isinstance(event, Finished):
                        messages, quick, panel = await self.turns.run(self._after, event.reply, language)
                        yield messages, quick, _idle(), panel
                        return
                    if isinstance(event, BrokenOff):
                        yield (
                            [*before, *self._broken_off(event, so_far, message, language)],
                            gr.skip(),
                            _idle(),
                            gr.skip(),
                        )
                        return
                    so_far.add(event)
                    if isinstance(event, TextDelta) and time.monotonic() - drawn_at < REDRAW_SECONDS:
                        continue
                    drawn_at = time.monotonic()
                    progress = await self.turns.run(self._progress, so_far)
                    yield [*before, progress], gr.skip(), gr.skip(), gr.skip()
        finally:
            # Whoever has left does not come back to this turn: the page draws a conversation from its session alone.
            self.live.stop(session_id, turn_id)

    def _progress(self, so_far: "_SoFar") -> ChatMessage:
        return self.conversation.progress(so_far.words, so_far.products, so_far.language, so_far.list_id)

    def _broken_off(self, end: BrokenOff, so_far: "_SoFar", message: str, language: str) -> list[ChatMessage]:
        """What had come of a reply that has no end, and a way to try again."""
        said = notice(texts(language)("frame_stopped" if end.stopped else "error"), message, language)
        return [self._progress(so_far), said] if end.stopped and so_far.words else [said]

    def _name(self, language: str) -> str:
        return self.names.get(language) or texts(language)("page_title")

    async def _session(self, request: gr.Request) -> Session | None:
        token = request.cookies.get(SESSION_COOKIE)
        return await self.turns.load(token) if token else None

    def _drawn(self, session: Session | None, language: str) -> tuple[list[ChatMessage], str, str]:
        messages = self.conversation.messages(session, language) if session else []
        quick = "" if messages else self.conversation.starters(language)
        return messages, self.conversation.panel(session, language), quick

    def _after(self, reply: Reply, language: str) -> tuple[list[ChatMessage], str, str]:
        return (
            self.conversation.messages(reply.session, language),
            self.conversation.quick_replies(reply),
            self.conversation.panel(reply.session, language),
        )


@dataclass(slots=True)
class _SoFar:
    """What has come of a reply."""

    language: str
    words: str = ""
    products: tuple[Recommendation, ...] = ()
    list_id: str | None = None

    def add(self, event: ProductsFound | TextDelta) -> None:
        if isinstance(event, TextDelta):
            self.words += event.text
            return
        self.products, self.list_id = event.products, event.list_id
        self.language = event.language or self.language


def _turning(**updates: Any) -> Any:
    """The box while a turn runs: its button stops it."""
    return gr.update(submit_btn=False, stop_btn=True, **updates)


def _idle(**updates: Any) -> Any:
    return gr.update(submit_btn=True, stop_btn=False, **updates)


def page_language(request: gr.Request) -> str:
    """The language that this browser's page is shown in."""
    return preferred_language(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))


def page_context(request: gr.Request) -> PageContext:
    """What the address of the chat page says of the shop's page around it: ?product=ID&category=NAME&cart=ID,ID."""
    parameters = request.query_params
    cart = parameters.get("cart", "").split(",")
    return PageContext.cleaned(parameters.get("product"), parameters.get("category"), cart)


def clicked(event: gr.EventData, name: str) -> str:
    """What a click carries under `name`; the empty string where it carries no such text."""
    data = event._data
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def style() -> str:
    """The page's style sheet; colours and cards are those of the embedded chat."""
    folder = files("assistant.web")
    sheets = ("widget/colors.css", "widget/cards.css", "page.css")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in sheets)


def head() -> str:
    """What the page adds to the document's head."""
    return f"<script>{_script('page.js')}</script>"


def theme() -> gr.themes.Base:
    """Gradio's plainest theme with the system's own fonts, so that no font is fetched from anywhere."""
    system = ["ui-sans-serif", "system-ui", "sans-serif"]
    return gr.themes.Base(font=system, font_mono=["ui-monospace", "monospace"], radius_size="lg")


def _script(name: str) -> str:
    return files("assistant.web").joinpath("scripts", name).read_text(encoding="utf-8")
