"""Whether what is sold out shall be shown as well.

In: the folded text. Out: yes, no or not said, and the places that say so. Knows no session.
"""

import re
from dataclasses import dataclass

Span = tuple[int, int]

_GONE_EN = r"(?:sold[\s-]?out|out[\s-]of[\s-]stock|unavailable)(?: (?:ones|items|products|stuff|things))?"
_GONE_ZH = r"(?:缺货|售罄|没货|无货|卖完|断货|卖光)(?:了)?(?:的)?(?:商品|产品|款式?|东西)?"
_ALSO = re.compile(
    rf"(?:,?\s*(?:and |but |please |can you |could you |also )*(?:show|includ(?:e|ing)|with|count(?:ing)?|list|see|add)"
    rf"(?: me| us)?(?: also| even)?(?: the| what's| what is| those| any| anything)?(?: that(?:'s| is| are))? {_GONE_EN}"
    rf"(?: too| as well| also)?)"
    rf"|(?:,?\s*(?:even|also)(?: if)?(?: the| those| they're| they are| it's| it is)? {_GONE_EN}"
    rf"(?: too| as well| also)?)"
    rf"|(?:{_GONE_EN} (?:too|as well|also|(?:is|are)(?: also)? (?:fine|ok|okay))\b)"
    rf"|(?:[,，]?\s*(?:也|把)?(?:包括|包含|连|算上|加上|显示|含|看看|展示)(?:那些|所有|已经|暂时|一下)*{_GONE_ZH}"
    rf"(?:也|都)?(?:算上|显示|列出来|要|行|可以|看看|展示|给我看)?(?:出来)?)"
    rf"|(?:[,，]?\s*(?:暂时|已经)*{_GONE_ZH}(?:也|都)(?:行|可以|要|算上|显示|列出来|看看|给我看|展示|没关系|想看)(?:出来|吧|的)*)"
)
_ONLY = re.compile(
    rf"(?:\b(?:only|just)(?: show)?(?: me)?(?: the| those)?(?: ones| items| things)?(?: what's| what is)?"
    rf"(?: that are)? in stock\b)"
    rf"|(?:\bin stock only\b)|(?:(?:hide|without|no|not|leave out|skip)(?: the| what's| what is)? {_GONE_EN})"
    rf"|(?:[,，]?\s*(?:只看|只要|仅看|只显示)(?:有货|现货|有库存)的?)"
    rf"|(?:[,，]?\s*(?:不要|不看|别看|去掉|不显示|隐藏|不含|不包括)(?:暂时|已经)*{_GONE_ZH})"
)


@dataclass(frozen=True, slots=True)
class StockSaid:
    """`sold_out`: whether what is sold out shall be shown; None = not said. `spans`: where it is said."""

    sold_out: bool | None = None
    spans: tuple[Span, ...] = ()


def find_stock(folded: str) -> StockSaid:
    """What a message says of sold-out products.

    >>> [find_stock(text).sold_out for text in ("show sold out too", "包括缺货的", "只看有货的", "is it sold out?")]
    [True, True, False, None]
    """
    for pattern, sold_out in ((_ONLY, False), (_ALSO, True)):
        spans = tuple(match.span() for match in pattern.finditer(folded))
        if spans:
            return StockSaid(sold_out, spans)
    return StockSaid()
