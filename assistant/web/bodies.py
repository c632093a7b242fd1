"""What the doors of the API take: each body with its fields and their limits; a field that is not known is refused."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.app import MAX_MESSAGE
from assistant.feedback import MAX_REASON
from assistant.looking.values import MAX_CART, PageContext
from ranking.types import EVENT_TYPES

MAX_EVENTS = 50

Language = Literal["en", "zh"]
TurnId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]
"""What the page calls a turn, so that it can take it up again."""
Id = Annotated[str, Field(min_length=1, max_length=200)]


class Body(BaseModel):
    """A request's body: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewSession(Body):
    """`POST /api/session`."""

    language: Language | None = None


class Page(Body):
    """What the shopper looks at; see docs/page-context.md."""

    product: str | None = None
    category: str | None = None
    cart: list[str] = Field(default_factory=list, max_length=MAX_CART)

    def context(self) -> PageContext:
        """The same, cleaned."""
        return PageContext.cleaned(self.product, self.category, self.cart)


class Say(Body):
    """`POST /api/chat`: one message. `html`: with what a page shows of the reply."""

    message: Annotated[str, Field(min_length=1, max_length=MAX_MESSAGE)]
    turn_id: TurnId | None = None
    language: Language | None = None
    context: Page = Page()
    html: bool = False


class Stop(Body):
    """`POST /api/chat/stop`."""

    turn_id: TurnId


class Constraint(Body):
    """`DELETE /api/constraints`: one condition of the wish."""

    key: Id
    value: str | None = None


class Thumb(Body):
    """`POST /api/feedback`: what the shopper thinks of the reply of a turn."""

    turn: Annotated[int, Field(ge=1)]
    value: Literal["up", "down"]
    reason: Annotated[str, Field(max_length=MAX_REASON)] = ""


class Act(Body):
    """What the shopper did with a product; `position` in the list, from 0."""

    type: Literal[EVENT_TYPES]  # type: ignore[valid-type]
    product_id: Id
    list_id: Id | None = None
    position: Annotated[int, Field(ge=0, lt=1000)] | None = None
    quantity: Annotated[int, Field(ge=1, le=10_000)] | None = None


class Acts(Body):
    """`POST /api/events`."""

    events: Annotated[list[Act], Field(min_length=1, max_length=MAX_EVENTS)]


class ProfileChange(Body):
    """`PATCH /api/profile`: what is said is changed. `recipient` null: the shopper themselves."""

    personalised: bool | None = None
    recipient: Annotated[str, Field(max_length=80)] | None = None
