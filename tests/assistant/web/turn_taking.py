"""Turns taken without a page, and what they leave in the database."""

import asyncio
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

from sqlalchemy import Table, func, select

from assistant.app import ShoppingAssistant
from assistant.sessions import sessions_table
from assistant.types import Finished, Reply
from assistant.web.turns import Turns


async def reply_to(turns: Turns, session_id: str, message: str) -> Reply:
    async with aclosing(turns.stream(session_id, message)) as events:
        async for event in events:
            if isinstance(event, Finished):
                return event.reply
    raise AssertionError("the turn did not finish")


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def n_rows(shop: ShoppingAssistant, table: Table, session_id: str | None = None) -> int:
    """Rows of `table`, or those of one session."""
    statement = select(func.count()).select_from(table)
    if session_id is not None:
        statement = statement.where((table.c.id if table is sessions_table else table.c.session_id) == session_id)
    with shop.shop.engine.connect() as connection:
        return int(connection.scalar(statement) or 0)
