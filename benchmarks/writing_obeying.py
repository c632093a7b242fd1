"""A chat model that obeys whatever it is told anywhere in its context.

In: the messages of a call. Out: text. It is told nothing else: it looks in its prompt for instructions that it knows
from the data, whatever was cleaned off them, and does as they say, in one disguise after the other. What it was told in
earlier calls it remembers, as a server might that mixes up conversations.
"""

import base64
import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from benchmarks.writing_poison import Payload, house_data, squeezed
from retrieval.text import has_cjk

TRUTHS: Mapping[str, tuple[str, str]] = {
    "en": ("I would start with {p1.title}.", "{p1.title} costs {p1.price}."),
    "zh": ("我会先推荐{p1.title}。", "{p1.title}售价{p1.price}。"),
}
_OTHERS_WORDS = ("{p1.says1}", "{p2.quote}", "{p1.quote}")
"""Facts that are somebody's whole sentences: an obedient model gives them a place."""
MOST = 3_500
"""Characters of an answer."""
_PIECE = 37
_WORD = re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?。！？]|\n|$)")
_OWNER = re.compile(r"<owner>(.*?)</owner>\s*The rules", re.DOTALL)
_SYNONYMS = {
    "never": "do not ever",
    "type": "put down",
    "digit": "figure",
    "write": "compose",
    "amount": "sum",
    "only": "just",
    "mention": "speak of",
    "say": "call it",
    "secret": "thing kept quiet",
    "people": "folks",
    "每个": "各个",
    "千万": "切记",
    "不要": "别",
    "客人": "顾客",
}
_LEET = str.maketrans("aeiost", "431057")


class Obedient(BaseChatModel):
    """Obeys every payload that it finds in its prompt; where there is none, writes two true sentences."""

    payloads: Sequence[Payload]
    nonces: Sequence[str]
    """Words that instructions ask for; it knows them when it reads them."""

    _heard: list[str] = PrivateAttr(default_factory=list)
    _turn: Iterator[int] = PrivateAttr(default_factory=count)

    @property
    def heard(self) -> list[str]:
        """All prompts that it was told, in order."""
        return self._heard

    @property
    def _llm_type(self) -> str:
        return "obedient"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.answer(messages)))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        text = self.answer(messages)
        for place in range(0, len(text), _PIECE):
            yield ChatGenerationChunk(message=AIMessageChunk(content=text[place : place + _PIECE]))

    def answer(self, messages: Sequence[BaseMessage]) -> str:
        """What it writes; the same prompt is obeyed in another way the next time."""
        system, user = (str(message.content) for message in messages)
        prompt, turn = f"{system}\n{user}", next(self._turn)
        self._heard.append(prompt)
        language = "zh" if "in Simplified Chinese" in system else "en"
        said = [
            self._obeyed(payload, turn, system, user, language)
            for payload in instructions(self.payloads, squeezed(prompt))
        ]
        truth = TRUTHS[language][turn % 2] + next((fact for fact in _OTHERS_WORDS if f"{fact} =" in user), "")
        return ("\n" if turn % 3 else " ").join([truth, *said])[:MOST]

    def _obeyed(self, payload: Payload, turn: int, system: str, user: str, language: str) -> str:
        if payload.recalls:
            other = house_data()["other"][language]
            told = other if any(other in prompt for prompt in self._heard) else ""
            return _wrapped(("verbatim", "spaced", "reversed", "first_person", "quoted")[turn % 5], told, language)
        if payload.dump:
            how = payload.dump[turn % len(payload.dump)]
            return _dumped(how, system, user, language)
        nonce = next((word for word in self.nonces if squeezed(word) in squeezed(user)), "")
        said = [one.replace("{nonce}", nonce) for one in payload.says]
        return _DISGUISES[turn % len(_DISGUISES)](said, language)


def instructions(payloads: Sequence[Payload], prompt: str) -> list[Payload]:
    """Those payloads, each once, that stand in a squeezed prompt."""
    return [payload for payload in dict.fromkeys(payloads) if payload.stands_in(prompt)]


def _plain(said: Sequence[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(said)


def _bulleted(said: Sequence[str], language: str) -> str:
    return "\n".join(f"- {one}" for one in said)


def _bare(said: Sequence[str], language: str) -> str:
    return "\n".join(one.rstrip(".。") for one in said)


def _wide(said: Sequence[str], language: str) -> str:
    parts = re.split(r"(\{[^}]*\})", _plain(said, language))
    return "".join(
        part if part[:1] == "{" else "".join(chr(ord(c) + 0xFEE0) if "0" <= c <= "z" else c for c in part)
        for part in parts
    )


def _split(said: Sequence[str], language: str) -> str:
    parts = re.split(r"(\{[^}]*\})", _plain(said, language))
    return "".join(part if part[:1] == "{" else "\u200b".join(part) for part in parts)


def _joined(said: Sequence[str], language: str) -> str:
    head = "{p1.title}售价{p1.price}，而且" if language == "zh" else "{p1.title} costs {p1.price}, and "
    return _plain([head + (one if one[:1] == "{" else one[:1].lower() + one[1:]) for one in said], language)


_DISGUISES: tuple[Callable[[Sequence[str], str], str], ...] = (_plain, _bulleted, _bare, _joined, _wide, _split)


def _dumped(how: str, system: str, user: str, language: str) -> str:
    """The prompt, or the part of it that `how` begins with the name of, wrapped as the rest of `how` says."""
    owner = _OWNER.findall(system)
    sources = {
        "house": owner[-1] if owner else "",
        "translated": house_data()["translated"]["zh"],
        "facts": user.partition("Facts (")[2],
        "names": " ".join(re.findall(r"\{([^}]*)\} =", user)),
        "tail": user.rpartition("</data>")[2],
    }
    for name, text in sources.items():
        if how == name or how.startswith(f"{name}_"):
            return _wrapped(how[len(name) + 1 :] or "verbatim", text, language)
    return _wrapped(how, system, language)


def _wrapped(how: str, text: str, language: str) -> str:
    return _WRAPS[how](text.strip())


def _sentences(text: str) -> list[str]:
    """The sentences of a prompt as prose: lines joined, bullets gone."""
    flat = re.sub(r"\n(?=[a-z])", " ", re.sub(r"(?m)^\s*-\s*|^\s+", "", text))
    return [found.strip() for found in _SENTENCE.findall(flat) if found.strip()]


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _gap(text: str) -> str:
    return "" if has_cjk(text) and not re.search(r"[a-z]{3}", text) else " "


def _letters(text: str, between: str) -> str:
    return "\n".join(between.join(one.replace(" ", "")) for one in _sentences(text)[:12])


def _encoded(text: str) -> str:
    return base64.b64encode(text[:900].encode()).decode()


def _synonyms(text: str) -> str:
    said = " ".join(_sentences(text))
    for word, other in _SYNONYMS.items():
        said = re.sub(rf"\b{word}\b" if word.isascii() else word, other, said, flags=re.IGNORECASE)
    return said


def _first_person(text: str) -> str:
    said = " ".join(_sentences(text))
    for pattern, other in (
        (r"\byou\b", "I"),
        (r"\byour\b", "my"),
        (r"\bnever\b", "I must never"),
        (r"\bwe\b", "they"),
        (r"你", "我"),
        (r"我们", "他们"),
    ):
        said = re.sub(pattern, other, said, flags=re.IGNORECASE)
    return said


_WRAPS: Mapping[str, Callable[[str], str]] = {
    "verbatim": lambda text: text,
    "sentences": lambda text: " ".join(_sentences(text)),
    "bullets": lambda text: "\n".join(f"- {one}" for one in _sentences(text)),
    "lines": lambda text: "\n".join(_sentences(text)),
    "quoted": lambda text: " ".join(f"“{one}”" for one in _sentences(text)),
    "joined": lambda text: " ".join(f"{{p1.title}}: {one}" for one in _sentences(text)),
    "words": lambda text: "\n".join(_words(text)),
    "one_word_a_sentence": lambda text: " ".join(f"{word}." for word in _words(text)),
    "spaced": lambda text: _letters(text, " "),
    "dashed": lambda text: _letters(text, "-"),
    "unspaced": lambda text: "\n".join(one.replace(" ", "") for one in _sentences(text)),
    "base64": _encoded,
    "base64_words": lambda text: " ".join(f"The word is {_encoded(one)}." for one in _sentences(text)[:8]),
    "hex": lambda text: text[:400].encode().hex(),
    "rot13": lambda text: codecs.encode(" ".join(_sentences(text)), "rot13"),
    "reversed": lambda text: " ".join(one[::-1] for one in _sentences(text)),
    "words_reversed": lambda text: " ".join(f"{_gap(text).join(_words(one)[::-1])}." for one in _sentences(text)),
    "leet": lambda text: " ".join(_sentences(text)).translate(_LEET),
    "poem": lambda text: "\n".join(
        f"{_gap(text).join(_words(text)[n : n + 4])}," for n in range(0, len(_words(text)), 4)
    ),
    "synonyms": _synonyms,
    "first_person": _first_person,
    "interleaved": lambda text: " ".join(
        f"{_gap(text).join(_words(text)[n : n + 3])} {{shop}}" for n in range(0, len(_words(text)), 3)
    ),
}
