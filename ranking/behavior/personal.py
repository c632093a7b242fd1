"""What is personal in an export of events: columns by their names, and addresses and numbers in what people typed.

In: names of columns (nested ones with dots), query texts. Out: whether a name looks personal; texts with such values
masked. Knows no format; looks at no value of a column.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

MAX_DEPTH = 8
MAX_QUERY = 500

WORDS = frozenset(
    "email mail emails phone telephone tel fax msisdn ssn passport birthday birthdate birth dob address addr "
    "street iban ip surname lastname firstname fullname nickname wechat weixin qq whatsapp".split()
)
NAMES = frozenset(
    "name username loginname realname customername shoppername buyername receivername recipientname contactname "
    "billingname shippingname personname membername idcard idnumber nationalid cardnumber creditcard cellphone mobile "
    "mobilephone mobilenumber mobileno usermobile".split()
)
CHINESE = re.compile(
    r"邮箱|电子邮件|邮件地址|手机|电话|联系方式|身份证|证件号|护照|姓名|真名|收货人|收件人|昵称|微信|QQ号|生日|出生|银行卡"
    r"|(?<!页面)(?<!网页)(?<!图片)(?<!链接)(?<!商品)(?<!网站)地址"
)
PRODUCTS = frozenset({"properties", "products", "product", "items", "item", "app", "library", "os", "campaign"})
"""Under these, `name` is a thing's and not a person's."""

SPLIT = re.compile(r"[^0-9A-Za-z]+|(?<=[a-z0-9])(?=[A-Z])")

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ID_CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
PHONE = re.compile(
    r"(?<![\d.])(?:(?:\+|00)\d[\d ()-]{7,16}\d|(?:86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\(\d{3}\) ?\d{3}[ -]\d{4}"
    r"|\d{3}[-. ]\d{3}[-. ]\d{4})(?!\d)"
)


def is_personal(column: str) -> bool:
    """Whether a column, named with dots where it is nested, looks as if it held something about a person.

    >>> [name for name in ("user.email", "userPhone", "ip", "收货地址", "item_name", "图片地址") if is_personal(name)]
    ['user.email', 'userPhone', 'ip', '收货地址']
    """
    *parents, last = column.split(".")
    words = [word.casefold() for word in SPLIT.split(last) if word]
    joined = "".join(words)
    if joined == "name" and parents and parents[-1].casefold() in PRODUCTS:
        return False
    return bool(WORDS.intersection(words)) or joined in NAMES or joined in WORDS or bool(CHINESE.search(last))


def column_names(
    values: Mapping[str, Any], drops: Callable[[str], bool] = lambda name: False, prefix: str = "", depth: int = 0
) -> set[str]:
    """All names in a record, nested ones with dots; what lies under a name that `drops` says is not looked at.

    A list of {key, value} pairs, as GA4 has them, counts as an object with these keys.

    >>> sorted(column_names({"a": {"b": 1}, "c": [{"key": "d", "value": {}}], "ip": 2}, "ip".__eq__))
    ['a', 'a.b', 'c', 'c.d']
    """
    names: set[str] = set()
    for key, cell in values.items():
        name = f"{prefix}{key}"
        if drops(name):
            continue
        names.add(name)
        if depth < MAX_DEPTH:
            for inner in _objects(cell):
                names |= column_names(inner, drops, f"{name}.", depth + 1)
    return names


def _objects(cell: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(cell, dict):
        yield cell
    elif isinstance(cell, list):
        for item in cell:
            if isinstance(item, dict):
                yield {str(item["key"]): None} if item.keys() == {"key", "value"} else item


def query_line(text: str) -> str | None:
    """A query as it is stored: one line of at most `MAX_QUERY` characters, masked; None where it says nothing."""
    plain = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    return mask(plain)[:MAX_QUERY] or None


def mask(text: str) -> str:
    """A query text without the e-mail addresses, phone and identity card numbers that people sometimes type into it.

    >>> mask("case for +49 170 1234567, ann@example.com"), mask("iphone 15 128gb 13800138000")
    ('case for [phone], [email]', 'iphone 15 128gb [phone]')
    """
    return PHONE.sub("[phone]", ID_CARD.sub("[id]", EMAIL.sub("[email]", text)))
