"""What a writer may not type itself: amounts, commitments, markup, links.

Comes in: a sentence whose placeholders have been taken out. Goes out: what is wrong with it, or None. Knows no product;
whether a claimed attribute is true is decided in `assistant.rendering`.

A sentence with such a thing is dropped whole, so a false alarm costs a sentence and a miss costs the truth: when in
doubt it is a fault.
"""

import re
import unicodedata

from assistant.writing.checks.untyped import untyped

_MARKUP = re.compile(r"[<>`*_#|\\\[\]~^=]|&[a-z#0-9]+;|^\s*-{3,}|[a-z\])]\(", re.IGNORECASE)
_LINK = re.compile(
    r"https?:|www\.|\b[\w-]+\.(?:com|cn|net|org|io|shop|store|info|biz|co|me|xyz|top|de|uk)\b|\S@\S"
    r"|(?<![\w.])[a-z][\w-]+\.(?:server|site|app|link|page|online|click|info|html?|php|example|local)\b",
    re.IGNORECASE,
)
_SYMBOL = re.compile(
    r"[$€£¥₩₹₽%‰¢₿]|\b(?:usd|cny|rmb|eur|gbp|jpy|hkd|dollars?|bucks?|euros?|cents?|yuan|yen|per\s?cent|percent(?:age)?)\b"
    r"|美元|美金|人民币|欧元|英镑|日元|港币|百分之|百分点|元(?!素|旦|宵|气|老)",
    re.IGNORECASE,
)
_COMMITMENT = re.compile(
    r"\b(?:guarantee[ds]?|promis(?:e[ds]?|ing)|legally|binding|refund(?:s|ed|able)?|warrant(?:y|ies|ed)"
    r"|coupons?|vouchers?|discount(?:s|ed)?|half[\s-]price"
    r"|half[\s-]off|on sale|best[\s-]price|lowest[\s-]price|for free|free (?:shipping|delivery|returns?|gift)|gift card"
    r"|buy one|promo(?:tion)? code|in stock|out of stock|sold out|back[\s-]?order(?:ed)?)\b"
    r"|保证|承诺|包邮|免邮|免运费|免费|退款|退货|质保|保修|优惠券|红包|半价|打折|折扣|特价|买一送一|全网最低|最低价|赠品|有货|缺货|售罄|现货",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d")
_LONE_DIGIT = re.compile(r"(?<![\w.,])\d(?![\w.,]?\d|\w)|(?<![\d.,])\d(?=[款个双件种条])")
_COUNTED = re.compile(
    r"\b(?:off|cheaper|less|more|stars?|rat(?:ed|ing)s?|left|remaining|reviews?|buyers?|customers?|people|days?|weeks?|hours?"
    r"|minutes?|months?|years?|pounds?|quid|grand|inch(?:es)?|litres?|liters?|times|percent|kilos?|grams?|k)\b"
    r"|[折星分剩减省便宜降天周月年时]|评价|评论|人买",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen|half|quarter|double|twice)\b",
    re.IGNORECASE,
)
_ALL_OF_THEM = re.compile(r"\b(?:of|between|of these|of those|other) (?:the )?two\b(?! left| remain)", re.IGNORECASE)
_NUMERALS = "零〇一二两三四五六七八九十百千万亿半几"
_CHINESE_AMOUNT = re.compile(
    rf"(?!十分)[{_NUMERALS}]+(?:块(?!儿)(?<!一块)|块钱|毛|角|刀|镑|成(?!分|本|品)|折(?!叠|腾)|颗?星|分(?!钟?别)|条评|人买)"
    rf"|[二两三四五六七八九十百千万半几][{_NUMERALS}]*个?(?:天|周|月|年|小时|分钟|寸|升|公斤|克|米)"
    rf"|[一二两三四五六七八九十几]+[百千万亿][{_NUMERALS}]*"
    rf"|[百千万]+(?:出头|左右|以内|以下|多)|(?:剩|库存|还有|省|减|便宜|降了?)\s*(?!一[点些下款个种样])[{_NUMERALS}]+"
)


def normal(text: str) -> str:
    """The text as the checks read it: full-width and styled characters folded, invisible ones gone.

    >>> normal("５０％ o\\u200bff")
    '50% off'
    """
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if char in "\n\t" or unicodedata.category(char)[0] != "C")


def foreign_matter(text: str) -> str | None:
    """ "markup" or "link" where the text holds either.

    >>> foreign_matter("see example.com"), foreign_matter("**bold**"), foreign_matter("plain, really")
    ('link', 'markup', None)
    """
    folded = normal(text)
    if _LINK.search(folded):
        return "link"
    return "markup" if _MARKUP.search(folded) else None


def typed_amount(text: str) -> str | None:
    """ "amount" where the text itself states a price, share, rating, stock or time, in digits or words.

    >>> typed_amount("only forty dollars"), typed_amount("打五折"), typed_amount("one of the top 3 picks")
    ('amount', 'amount', None)
    """
    folded = normal(text)
    if _SYMBOL.search(folded) or _CHINESE_AMOUNT.search(folded):
        return "amount"
    if _DIGITS.search(_LONE_DIGIT.sub("", folded)):
        return "amount"
    counts = bool(_DIGITS.search(folded) or _NUMBER_WORD.search(_ALL_OF_THEM.sub("", folded)))
    return "amount" if counts and _COUNTED.search(folded) else None


def commitment(text: str) -> str | None:
    """ "commitment" where the text promises what only the shop's data and rules can say.

    >>> commitment("I guarantee it"), commitment("全场包邮"), commitment("a fine pair")
    ('commitment', 'commitment', None)
    """
    return "commitment" if _COMMITMENT.search(normal(text)) else None


def fault(text: str) -> str | None:
    """The first thing in a sentence that its writer may not type: "link", "markup", "amount", "commitment" … or None.

    >>> fault("It keeps your feet dry.")
    """
    return foreign_matter(text) or typed_amount(text) or commitment(text) or untyped(normal(text))
