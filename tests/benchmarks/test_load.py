"""The load test's own parts, and one short run of it all."""

import asyncio
import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx
import pytest
from commands import reported

from benchmarks.load import conversations, main
from benchmarks.load_figures import added_s, growth, percentiles, summary, targets, usual_s, without_model
from benchmarks.load_model import Pace, is_scripted, reply_to, serve, tokens_of
from benchmarks.load_server import usage_of, write_llm_settings
from benchmarks.load_shoppers import Conversation, Habits, Shop, Turn, alone, crowd, rush

ANSWERED = Turn((0, 0), 0.1, 0.4, 2.0, scripted=True)
FACTS = "{p1.title} = Trail Boot\n{p1.price} = $99\n{p2.title} = Ridge Boot\n{p2.price} = $79"


def stream(*events: tuple[str, dict[str, object]]) -> str:
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)


WHOLE = stream(
    ("products", {}),
    ("text", {"text": "Here is what I picked out for you, first "}),
    ("text", {"text": "it."}),
    ("done", {}),
)


def asked_of(answer, scene):
    """What comes of `scene` in a shop whose `/api/chat` gives `answer(message)`; no request leaves the process."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/session":
            return httpx.Response(201, json={"token": "t"})
        return answer(json.loads(request.content)["message"])

    async def run():
        transport = httpx.MockTransport(handle)
        async with httpx.AsyncClient(base_url="http://shop", transport=transport) as client:
            return await scene(Shop(client))

    return asyncio.run(run())


def test_a_summary_counts_what_came_of_turns() -> None:
    refused, failed = Turn((0, 1), retry_after_s=2.0), Turn((0, 2), error="timeout")
    row = summary("x", [ANSWERED, Turn((0, 1), 0.3, 0.6, 3.0), refused, failed, failed])
    assert {name: row[name] for name in ("turns", "answered", "refused", "errors", "kinds")} == {
        "turns": 5, "answered": 2, "refused": 1, "errors": 2, "kinds": "timeout 2",
    }  # fmt: skip
    assert (row["p50_ms"], row["text_p50_ms"], row["done_p50_ms"]) == (200, 500, 2500)
    assert percentiles("x_", []) == {}


def test_what_load_adds_is_paired_by_the_same_turn_alone() -> None:
    by_itself = {(0, 0): ANSWERED, (0, 1): Turn((0, 1), 0.5, 0.6, 0.7)}
    turns = [Turn((0, 0), 0.35), Turn((0, 1), 0.5), Turn((5, 5), 9.0), Turn((0, 0), error="timeout")]
    assert added_s(turns, by_itself) == pytest.approx([0.25, 0.0])
    plain = [Turn((0, 0), 0.1, 0.2, 0.3), Turn((0, 1), 0.1, 0.2, 0.3), ANSWERED]
    assert without_model(plain, by_itself) == 1
    assert usual_s(by_itself.values()) == pytest.approx(0.98)


def test_targets_are_met_or_missed_by_what_was_measured() -> None:
    load = {"errors": 0, "refused": 0, "added_p99_ms": 120}
    good = targets(load, {"errors": 0}, growth(1000.0, 1020.0), 3.0)
    assert [target.met for target in good] == [True] * 5
    bad = targets(load | {"refused": 1, "added_p99_ms": 500}, {"errors": 2}, 5.0, None)
    assert [target.met for target in bad] == [False] * 5
    assert good[2].row() == {"system": "asked: growth of memory, %", "asked": "< 5", "measured": 2.0, "met": "yes"}


def test_the_scripted_model_names_every_product_in_the_language_it_is_asked_for() -> None:
    english, chinese = reply_to("Reply in English.", FACTS), reply_to("Reply in Simplified Chinese.", FACTS)
    for reply in (english, chinese):
        assert reply.count("{p1.title}") == reply.count("{p2.title}") == 1
        assert is_scripted(reply)
        assert "".join(tokens_of(reply)) == reply
    assert len(tokens_of(english)) > 40
    assert not is_scripted("I found two pairs of boots.")


def test_the_scripted_models_tokens_are_due_at_a_steady_pace() -> None:
    pace = Pace(0.3, 50)
    assert [pace.due_s(token) for token in (0, 1, 50)] == pytest.approx([0.3, 0.32, 1.3])


@pytest.mark.enable_socket
def test_the_scripted_model_streams_at_its_pace_in_the_protocol() -> None:
    async def scene() -> tuple[list[float], str]:
        server = await serve(Pace(0.2, 100))
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/chat/completions"
        messages = [{"role": "system", "content": "English"}, {"role": "user", "content": FACTS}]
        came, said, began = [], "", time.perf_counter()
        async with httpx.AsyncClient() as client, client.stream("POST", address, json={"messages": messages}) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    came.append(time.perf_counter() - began)
                    said += json.loads(line[6:])["choices"][0]["delta"]["content"]
        server.close()
        return came, said

    came, said = asyncio.run(scene())
    assert said == reply_to("English", FACTS)
    assert came[0] >= 0.2
    assert came[-1] >= 0.2 + (len(tokens_of(said)) - 1) / 100


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(200, text=WHOLE), ""),
        (httpx.Response(200, text=stream(("products", {}), ("text", {"text": "Half"}))), "broken off"),
        (httpx.Response(200, text=stream(("products", {}), ("error", {"code": "turn"}))), "error event: turn"),
        (httpx.Response(200, text=stream(("text", {"text": "x"}), ("done", {}))), "incomplete"),
        (httpx.Response(503), "status 503 without Retry-After"),
        (httpx.Response(500), "status 500"),
    ],
)
def test_a_turn_is_what_came_of_its_stream(answer: httpx.Response, expected: str) -> None:
    turn = asked_of(lambda _: answer, lambda shop: shop.say("t", (0, 0), "boots"))
    assert turn.error == expected
    assert turn.answered == turn.scripted == (expected == "")


@pytest.mark.parametrize("status", [429, 503])
def test_being_told_when_to_come_back_is_no_error(status: int) -> None:
    refusal = httpx.Response(status, headers={"Retry-After": "2"})
    turn = asked_of(lambda _: refusal, lambda shop: shop.say("t", (0, 0), "boots"))
    assert (turn.error, turn.retry_after_s, turn.answered) == ("", 2.0, False)


SAID = [Conversation("en", ("boots", "cheaper ones")), Conversation("zh", ("跑步鞋",))]


def test_alone_says_every_turn_once_and_in_order() -> None:
    heard: list[str] = []

    def answer(message: str) -> httpx.Response:
        heard.append(message)
        return httpx.Response(200, text=WHOLE)

    turns = asked_of(answer, lambda shop: alone(shop, SAID))
    assert heard == ["boots", "cheaper ones", "跑步鞋"]
    assert [turn.place for turn in turns] == [(0, 0), (0, 1), (1, 0)]


def test_a_crowd_ends_in_time_and_says_again_what_was_refused() -> None:
    heard: list[str] = []

    def answer(message: str) -> httpx.Response:
        heard.append(message)
        if len(heard) == 1:
            return httpx.Response(503, headers={"Retry-After": "0"})
        return httpx.Response(200, text=WHOLE)

    began = time.perf_counter()
    turns = asked_of(answer, lambda shop: crowd(shop, SAID[:1], Habits(0.05, 0.0, 1, late_s=0.01), 1, 3.0))
    assert time.perf_counter() - began < 6
    assert heard[:3] == ["boots", "boots", "cheaper ones"]
    assert sum(turn.retry_after_s is not None for turn in turns) == 1
    assert len(asked_of(answer, lambda shop: rush(shop, SAID, Habits(0.05, 0.0, 1), 5, 1.0))) > 5


def test_conversations_are_drawn_by_seed_from_both_languages() -> None:
    drawn = conversations("both", 10, 3)
    assert [each.language for each in drawn] == ["en", "zh"] * 5
    assert drawn == conversations("both", 10, 3)
    assert drawn != conversations("both", 10, 4)
    assert {each.language for each in conversations("zh", 3, 3)} == {"zh"}
    assert all(len(each.turns) >= 2 for each in drawn)


def test_a_shops_own_model_makes_way_for_the_scripted_one(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(
        '[shop]\nname = "Mine"\n[llm]\nmodel = "openai:x"\nfallbacks = ["openai:y"]\n[profile]\npersonalised = false\n'
    )
    write_llm_settings(tmp_path, "http://127.0.0.1:1/v1")
    settings = tomllib.loads((tmp_path / "shop.toml").read_text())
    assert settings == {
        "shop": {"name": "Mine"},
        "profile": {"personalised": False},
        "llm": {"model": "openai:scripted", "base_url": "http://127.0.0.1:1/v1"},
    }


def test_memory_and_time_of_a_process_are_those_of_its_children_too() -> None:
    child = "import time; kept = bytearray(150 * 2**20); print('there', flush=True); time.sleep(60)"
    before = usage_of(os.getpid())
    with subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with_child = usage_of(os.getpid())
        process.kill()
    assert 140 < with_child.rss_mb - before.rss_mb < 250
    assert with_child.cpu_s >= before.cpu_s > 0


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_short_run_serves_everybody() -> None:
    few = ("--chats", 3, "--minutes", 0.1, "--rush", 5, "--rush-s", 4, "--conversations", 2, "--think-s", 1)
    report = reported(main, *few, may_fail=True)
    rows = {row["system"]: row for row in report["rows"]}
    assert report["ours"] == "3 chats"
    for name in ("one chat alone", "3 chats"):
        assert rows[name]["answered"] == rows[name]["turns"] > 0
        assert rows[name]["rss_mb"] > 100
    assert rows["5 chats at once"]["errors"] == 0
    assert rows["one chat alone"]["text_p50_ms"] >= 300 or rows["one chat alone"]["done_p99_ms"] >= 300
    assert len(report["data"]["rss_mb"]) == 3
    assert rows["asked: errors under load"]["met"] == "yes"
