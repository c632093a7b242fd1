"""What Alembic runs for each command: the migrations on the connection that `assistant.migrations` hands in."""

from typing import Any, Literal

from alembic import context

from assistant.migrations import ALL_TABLES
from retrieval.database import UtcDateTime


def _render(kind: str, item: Any, _autogen_context: Any) -> str | Literal[False]:
    """Write our own column types into new revisions as what the database has."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ALL_TABLES,
    render_as_batch=True,
    render_item=_render,
)
context.run_migrations()
