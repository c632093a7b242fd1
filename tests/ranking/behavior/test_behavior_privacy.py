"""Nobody's id, address or number gets into the shop: pseudonyms, refused columns, masked queries."""

import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from event_shop import FILES, KEY, EventShop

from ranking.behavior.personal import is_personal, mask
from ranking.behavior.pseudonyms import Pseudonyms, shop_key
from retrieval.errors import ConfigError, FeedError

Write = Callable[[str, str], Path]
MAY = 1_777_630_200


def test_a_pseudonym_is_keyed_and_the_same_every_time() -> None:
    ann = Pseudonyms(KEY).shopper("ann@example.com")
    assert ann == Pseudonyms(KEY).shopper("ann@example.com") != Pseudonyms(KEY + "!").shopper("ann@example.com")
    assert ann.startswith("shopper-")
    assert len(ann) == len("shopper-") + 32
    assert Pseudonyms(KEY).shopper("Ann@example.com") != ann


@pytest.mark.parametrize("own", ["shopper-" + "0a" * 16, "guest-" + "Ab_-" * 8, "simulated-00012"])
def test_ids_of_our_own_making_stay(own: str) -> None:
    assert Pseudonyms(KEY).shopper(own) == own


def test_sessions_of_two_shoppers_differ_under_one_id() -> None:
    names = Pseudonyms(KEY)
    one, other = names.session("shopper-1", "1700000100"), names.session("shopper-2", "1700000100")
    assert one != other
    assert names.session("shopper-2", one) == one


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "pseudonym.key"
    key = shop_key(path)
    assert len(key) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert shop_key(path) == key
    assert [found.name for found in tmp_path.iterdir()] == ["pseudonym.key"]


def test_processes_that_come_first_at_once_read_one_key(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ranking.behavior.pseudonyms import shop_key; "
        "print(shop_key(Path(sys.argv[1])))"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "k")], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    assert len({worker.communicate(timeout=60)[0] for worker in workers}) == 1


def test_a_damaged_key_is_refused_and_no_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("short\n")
    with pytest.raises(ConfigError, match="does not hold a key any more: bring it back from a backup") as refused:
        shop_key(tmp_path / "k")
    assert "short" not in str(refused.value)
    with pytest.raises(ConfigError, match="at least 16 are needed") as refused:
        Pseudonyms("secret")
    assert "secret" not in str(refused.value)
    assert KEY not in repr(Pseudonyms(KEY))


RAW = {
    "ga4.jsonl": ("1182634021.1700000100", "customer-77", "ann@example.com", "1700000100"),
    "segment.jsonl": ("anon-1f", "buyer-9", "8.8.8.8"),
    "rudderstack.jsonl": ("buyer@example.com", "e6ab2c5e", "1662365560"),
    "posthog.jsonl": ("018f-anon", "user-42", "s-1", "Leeds"),
    "events_zh.csv": ("13800138000", "李雷", "会话一"),
}


@pytest.mark.parametrize("name", RAW)
def test_no_raw_id_is_stored_anywhere(shop: EventShop, tmp_path: Path, name: str) -> None:
    shop.take(FILES / name, report=tmp_path / "report.csv")
    with sqlite3.connect(shop.database) as database:
        stored = "\n".join(database.iterdump()) + (tmp_path / "report.csv").read_text("utf-8")
    assert shop.log.count() > 0
    for raw in RAW[name]:
        assert f"'{raw}'" not in stored
        assert raw not in stored or raw == "s-1"


PERSONAL = [
    "email", "E-Mail", "user_email", "customerEmail", "mail", "phone", "Phone Number", "mobile", "telephone", "ip",
    "ip_address", "name", "first_name", "lastName", "user_name", "customer name", "address", "shipping_address",
    "birthday",
    "date_of_birth", "ssn", "id_card", "手机", "手机号",
    "电话", "邮箱", "身份证号", "姓名", "收货地址", "地址", "生日", "收货人", "微信号",
    "user_properties.email", "context.ip", "traits.email", "context.traits.firstName", "user.address.street",
]  # fmt: skip
HARMLESS = [
    "event_name", "item_name", "product_name", "商品名称", "list_name", "category", "properties.name", "products.name",
    "description", "image_url", "图片地址", "shipping", "tip", "zip_code_area", "equipment", "emailed_campaign_id",
    "is_mobile",
    "model_name", "telescope", "sku", "type", "time", "age_group",
]  # fmt: skip


@pytest.mark.parametrize("name", PERSONAL)
def test_names_that_look_personal(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_names_that_do_not(name: str) -> None:
    assert not is_personal(name)


@pytest.mark.parametrize("column", ["email", "手机号", "收货地址"])
def test_a_personal_column_is_refused_by_name_unless_allowed(shop: EventShop, write: Write, column: str) -> None:
    path = write("x.csv", f"shopper,product,type,time,{column}\na,SKU_1,view,{MAY},x\n")
    with pytest.raises(FeedError, match=rf"x\.csv line 2 has what looks personal: '{column}'\. Nothing was imported"):
        shop.take(path)
    assert shop.log.count() == 0
    assert shop.take(path, allow_columns=frozenset({column})).n_new == 1


def test_the_column_that_becomes_a_pseudonym_may_be_a_name(shop: EventShop, write: Write) -> None:
    path = write("x.csv", f"phone,product,type,time\n13800138000,SKU_1,view,{MAY}\n")
    fields = {"shopper": "phone", "product": "product", "type": "type", "time": "time"}
    assert shop.mapped(path, fields=fields).n_new == 1
    assert len(shop.of("13800138000")) == 1
    more = write("y.csv", f"phone,product,type,time,mail\n13800138000,SKU_1,view,{MAY + 1},x\n")
    with pytest.raises(FeedError, match="'mail'"):
        shop.mapped(more, fields=fields)
    assert shop.mapped(more, fields=fields, allow_columns=["mail"]).n_new == 1


def changed(name: str, change: Callable[[dict], None]) -> str:
    lines = [json.loads(line) for line in (FILES / name).read_text("utf-8").splitlines()]
    for line in lines:
        change(line)
    return "\n".join(map(json.dumps, lines))


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("ga4.jsonl", lambda row: row["user_properties"].append({"key": "email", "value": {}}),
         "user_properties.email"),
        ("ga4.jsonl", lambda row: row["event_params"].append({"key": "phone", "value": {}}), "event_params.phone"),
        ("segment.jsonl", lambda row: row["context"].update(traits={"email": "x"}), "context.traits.email"),
        ("segment.jsonl", lambda row: row["properties"].update(email="x"), "properties.email"),
        ("rudderstack.jsonl", lambda row: row["context"]["traits"].update(firstname="x"), "context.traits.firstname"),
        ("posthog.jsonl", lambda row: row.update(person_properties={"email": "x"}), "person_properties.email"),
        ("posthog.jsonl",
         lambda row: row.update(properties=json.dumps({**row["properties"], "$set": {"phone": 1}})),
         "properties.$set.phone"),
    ],
)  # fmt: skip
def test_nested_personal_names_are_refused(
    shop: EventShop, write: Write, name: str, change: Callable[[dict], None], told: str
) -> None:
    path = write(name, changed(name, change))
    with pytest.raises(FeedError) as refused:
        shop.take(path)
    assert f"looks personal: '{told}'. Nothing was imported" in str(refused.value)
    assert shop.log.count() == 0
    assert shop.take(path, allow_columns=frozenset({told})).n_new > 0


def test_what_envelopes_always_carry_is_dropped_unread(shop: EventShop) -> None:
    """context.ip (Segment), geo (GA4) and $ip (PostHog) are in every export: refusing them would refuse them all."""
    for name in ("ga4.jsonl", "segment.jsonl", "rudderstack.jsonl", "posthog.jsonl"):
        assert shop.take(FILES / name).n_new > 0


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("send to ann.lee+x@mail.example.co.uk", "send to [email]"),
        ("手机壳 13800138000", "手机壳 [phone]"),
        ("+86 138-0013-8000 call", "[phone] call"),
        ("call (020) 555-0123", "call [phone]"),
        ("11010519491231002X 身份证套", "[id] 身份证套"),
        ("iphone 15 pro max 256gb", "iphone 15 pro max 256gb"),
        ("lego 10281 2000 pieces 4006381333931", "lego 10281 2000 pieces 4006381333931"),
        ("tv 55 65 75 under 1200.00", "tv 55 65 75 under 1200.00"),
    ],
)
def test_queries_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked
