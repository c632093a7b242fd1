"""Where orders are looked up: a merchant's HTTP system, or a JSON file.

In: an order's number or a customer's id. Out: `Order`s, strictly checked. Knows no shopper's claim to one.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import orjson
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError

from assistant.service.errors import OrderBackendError
from assistant.service.http import CallFailed, call
from assistant.service.settings import OrderSettings
from assistant.service.types import Order, OrderBackend, Parcel, Refund

MAX_ORDERS = 5

_Short = Field(default=None, max_length=200)


class _Row(BaseModel):
    """What the backend does not know it leaves out; what it adds is not read."""

    model_config = ConfigDict(extra="ignore", strict=False)


class _ParcelRow(_Row):
    carrier: str | None = _Short
    tracking_number: str | None = _Short
    tracking_url: HttpUrl | None = None
    expected_on: date | None = None
    delivered_on: date | None = None


class _RefundRow(_Row):
    state: Literal["pending", "paid", "refused"]
    amount_minor: int | None = Field(default=None, ge=0)
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    paid_on: date | None = None


class _OrderRow(_Row):
    number: str = Field(min_length=1, max_length=64)
    status: Literal["received", "paid", "packing", "shipped", "delivered", "cancelled", "returned"]
    placed_on: date | None = None
    items: list[str] = Field(default_factory=list, max_length=200)
    parcel: _ParcelRow | None = None
    can_cancel: bool | None = None
    return_until: date | None = None
    return_state: Literal["requested", "on_its_way", "received", "accepted", "refused"] | None = None
    refund: _RefundRow | None = None
    customer_id: str | None = None
    email: str | None = None
    phone: str | None = None


def order_of(row: Any) -> Order:
    """The order in a row of JSON.

    Raises:
        OrderBackendError: which field of it cannot be used.
    """
    try:
        read = _OrderRow.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the order"
        raise OrderBackendError(f"the order system's answer cannot be used: {field}: {first['msg']}") from None
    parcel, refund = read.parcel, read.refund
    stated = read.model_dump(exclude={"parcel", "refund", "items"})
    return Order(
        **stated,
        items=tuple(read.items),
        parcel=Parcel(**_plain(parcel)) if parcel else None,
        refund=Refund(**_plain(refund)) if refund else None,
    )


def _plain(row: BaseModel) -> dict[str, Any]:
    return {name: str(value) if name == "tracking_url" and value else value for name, value in row.model_dump().items()}


class HttpOrders:
    """`GET {url}/orders/{number}` (404: none) and `GET {url}/customers/{id}/orders`, see docs/customer-service.md."""

    def __init__(self, settings: OrderSettings) -> None:
        self._settings = settings

    def __repr__(self) -> str:
        return f"HttpOrders({self._settings.url!r})"

    def find(self, number: str) -> Order | None:
        """The order of that number, or None."""
        row = self._get(f"orders/{quote(number, safe='')}")
        order = None if row is None else order_of(row)
        if order is not None and _key(order.number) != _key(number):
            raise OrderBackendError("the order system answered with another order than the one asked for")
        return order

    def recent(self, customer_id: str) -> tuple[Order, ...]:
        """The latest orders of a customer, newest first."""
        rows = self._get(f"customers/{quote(customer_id, safe='')}/orders")
        if rows is not None and not isinstance(rows, list):
            raise OrderBackendError("the order system's answer cannot be used: a list of orders was expected")
        return _newest(order_of(row) for row in rows or ())

    def _get(self, path: str) -> Any:
        chosen = self._settings
        try:
            status, content = call(
                "GET", f"{chosen.url}/{path}", chosen.token, chosen.timeout_s, max_retries=chosen.max_retries
            )
        except CallFailed as error:
            raise OrderBackendError(f"the order system at {chosen.url} cannot be asked: {error}") from None
        if status == 404:
            return None
        if status in (401, 403):
            raise OrderBackendError(f"the order system at {chosen.url} refuses the token: check [orders] token")
        if status != 200 or content is None:
            raise OrderBackendError(f"the order system at {chosen.url} answered with status {status}")
        return content


class FileOrders:
    """The orders in a JSON file, a list; read again for each question, so that a changed file counts at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, number: str) -> Order | None:
        """The order of that number, or None."""
        return next((order for order in self._read() if _key(order.number) == _key(number)), None)

    def recent(self, customer_id: str) -> tuple[Order, ...]:
        """The latest orders of a customer, newest first."""
        return _newest(order for order in self._read() if order.customer_id == customer_id)

    def _read(self) -> list[Order]:
        try:
            rows = orjson.loads(self._path.read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise OrderBackendError(f"the orders in {self._path} cannot be read: {error}") from None
        if not isinstance(rows, list):
            raise OrderBackendError(f"the orders in {self._path} cannot be read: a list was expected")
        return [order_of(row) for row in rows]


def open_orders(settings: OrderSettings, shop_dir: Path) -> OrderBackend | None:
    """The backend that `shop.toml` names; None where it names none."""
    if settings.url is not None:
        return HttpOrders(settings)
    return FileOrders(shop_dir / settings.file) if settings.file is not None else None


def _newest(orders: Iterable[Order]) -> tuple[Order, ...]:
    return tuple(sorted(orders, key=lambda order: order.placed_on or date.min, reverse=True)[:MAX_ORDERS])


def _key(number: str) -> str:
    return "".join(char for char in number.casefold() if char.isalnum())
