"""The language of a message's frame: of its grammar, not of the brand and product names in it.

In: a message. Out: "en" or "zh". Knows no catalog.
"""

import re

from assistant.parsing.data import load_fillers

_LATIN = re.compile(r"[a-z]+(?:'[a-z]+)?")
_CURRENCY = re.compile(r"[a-z]+(?=\$)")
"""Letters that belong to a sign of money (US$, HK$)."""

_CJK = re.compile(r"[\u3400-\u9fff]")
_FRAME = re.compile(
    "我|你|您|想|要|的|有|吗|给|找|买|推荐|以内|不|什么|怎么|哪|多少|吧|呢|了|是|在|个|这|那|可以|请|帮|换|便宜|左右|以下|还|也|都|和|谢|好|能|行|款|双|件|最|多|块|元|刀|内|再|就|没|别|把|来|去|价|送|很|太|跟|或|像|用|穿|呗|呀|啊|啦"
)


def frame_language(text: str, default: str) -> str:
    """The language whose words hold the sentence together.

    Args:
        text: folded text.
        default: what to say of a message without words ("?", "42", "👍").

    >>> frame_language("我想要一个 waterproof 的 backpack", "en"), frame_language("do you have 防晒霜", "zh")
    ('zh', 'en')
    >>> frame_language("us$30到us$80", "en")
    'zh'
    """
    words = _LATIN.findall(_CURRENCY.sub(" ", text))
    characters = len(_CJK.findall(text))
    english, _ = load_fillers()
    frame_en = sum(word in english for word in words)
    frame_zh = len(_FRAME.findall(text))
    if not characters:
        return "en" if frame_en or any(len(word) > 3 for word in words) or len(words) > 1 else default
    if not words:
        return "zh"
    if frame_en != frame_zh:
        return "en" if frame_en > frame_zh else "zh"
    return "zh" if characters >= len(words) else "en"
