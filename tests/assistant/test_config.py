import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.config import RankingSettings, Settings, read_settings
from assistant.shop import Shop
from retrieval.errors import ConfigError

FULL = """
[shop]
name = { en = "Lantern Lane", zh = "灯巷" }
[embedder]
model = "/models/bge"
[search]
cross_encoder = "/models/reader"
[ranking]
diversity = 0.35
collapse = false
[exchange_rates]
base = "USD"
as_of = 2026-11-20
rates = { CNY = 7.2, JPY = 152 }
[llm]
model = "openai:some-model"
base_url = "http://127.0.0.1:8000/v1"
api_key = "sk-very-secret-1234567890"
timeout_s = 4
[profile]
personalised = false
[ranking.weights]
novelty = 0
price_fit = 2.5
"""


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings()


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(FULL, "utf-8")
    settings = read_settings(tmp_path)
    assert settings.name == {"en": "Lantern Lane", "zh": "灯巷"}
    assert settings.embedder == "/models/bge"
    assert settings.cross_encoder == Path("/models/reader")
    assert settings.ranking == RankingSettings(0.35, collapse=False, weights={"novelty": 0.0, "price_fit": 2.5})
    assert settings.rates is not None
    assert settings.rates.convert(72_00, "CNY", "USD") == 1000
    assert (settings.rates.as_of, settings.rates.rates["JPY"]) == (date(2026, 11, 20), Decimal(152))
    assert settings.ranking.weights == {"novelty": 0.0, "price_fit": 2.5}
    assert (settings.llm.model, settings.llm.timeout_s) == ("openai:some-model", 4)
    assert not settings.personalised


def test_a_chroma_server_has_a_name_for_the_shop_and_a_token_that_is_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kettles & co").mkdir()
    root = tmp_path / "kettles & co"
    (root / "shop.toml").write_text('[index]\nchroma_url = "https://chroma.example:8443/"\nchroma_token = "s3cret-1"\n')
    with Shop(root) as shop:
        server = shop.chroma_server
    assert (server.url, server.token, server.timeout_s) == ("https://chroma.example:8443", "s3cret-1", 5.0)
    assert re.fullmatch(r"kettles-co-[0-9a-f]{8}", server.shop)
    assert "s3cret" not in repr(server) + repr(read_settings(root))
    monkeypatch.setenv("SHOPPING_ASSISTANT_CHROMA_TOKEN", "from-outside")
    assert read_settings(root).index.chroma_token == "from-outside"
    with Shop(tmp_path / "another") as shop:
        assert shop.chroma_server is None


def test_a_second_reading_is_wanted_by_name_and_needs_a_model(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text('[llm]\nmodel = "openai:m"\n', "utf-8")
    assert not read_settings(tmp_path).llm.parse
    (tmp_path / "shop.toml").write_text('[llm]\nmodel = "openai:m"\nparse = true\nparse_timeout_s = 2\n', "utf-8")
    llm = read_settings(tmp_path).llm
    assert (llm.parse, llm.parse_timeout_s) == (True, 2)
    assert (llm.for_parsing().timeout_s, llm.for_parsing().max_retries, llm.for_parsing().temperature) == (2, 0, 0)
    for wrong, message in (("parse = true", "needs a model"), ('parse = "yes"', "must be true or false")):
        (tmp_path / "shop.toml").write_text(f"[llm]\n{wrong}\n", "utf-8")
        with pytest.raises(ConfigError, match=message):
            read_settings(tmp_path)


def test_fallbacks_and_the_tokens_of_a_conversation(tmp_path: Path) -> None:
    """A key goes to another provider's model, or another server, only where it is said to."""
    (tmp_path / "shop.toml").write_text(
        """[llm]
model = "openai:large"
base_url = "http://127.0.0.1:8000/v1"
api_key = "sk-ours-1"
session_tokens = 20000
fallbacks = [
    "openai:small",
    "anthropic:claude-haiku-4-5",
    { model = "openai:gpt-4o-mini", api_key = "sk-theirs-1" },
    { model = "openai:other", base_url = "https://llm.example/v1" },
]
""",
        "utf-8",
    )
    llm = read_settings(tmp_path).llm
    assert llm.session_tokens == 20_000
    assert [(each.model, each.base_url, each.api_key) for each in llm.in_turn()] == [
        ("openai:large", "http://127.0.0.1:8000/v1", "sk-ours-1"),
        ("openai:small", "http://127.0.0.1:8000/v1", "sk-ours-1"),
        ("anthropic:claude-haiku-4-5", None, None),
        ("openai:gpt-4o-mini", None, "sk-theirs-1"),
        ("openai:other", "https://llm.example/v1", None),
    ]
    assert "sk-ours" not in repr(llm)
    assert "sk-theirs" not in repr(llm)


def test_a_key_of_the_environment_goes_where_the_first_one_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = '[llm]\nmodel = "openai:a"\nfallbacks = ["openai:b", "anthropic:c", {model = "openai:d", api_key = "k"}]\n'
    (tmp_path / "shop.toml").write_text(stated, "utf-8")
    monkeypatch.setenv("SHOPPING_ASSISTANT_LLM_KEY", "sk-outside-1")
    keys = [each.api_key for each in read_settings(tmp_path).llm.in_turn()]
    assert keys == ["sk-outside-1", "sk-outside-1", None, "k"]


def test_a_key_is_never_printed(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(FULL, "utf-8")
    settings = read_settings(tmp_path)
    assert settings.llm.api_key == "sk-very-secret-1234567890"
    assert "very-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[shop", "is not valid TOML"),
        ('[shop]\nnmae = "x"', r"\[shop\]: unknown setting 'nmae'; known are name"),
        ('color = "red"', "unknown setting 'color'"),
        ("[index]\nchroma_timeout_s = 3", r"\[index\]: chroma_url is missing"),
        ('[index]\nchroma_url = "host:8000"', r'chroma_url must be an address as in "http://127.0.0.1:8000"'),
        ('[index]\nchroma_url = "ftp://host"', "chroma_url must be an address"),
        ('[index]\nchroma_url = "http://host:99999"', "chroma_url must be an address"),
        ('[index]\nchroma_url = "http://host/path"', "without a path"),
        ('[index]\nchroma_url = "http://me:pw@host"', "without a password: set chroma_token or SHOPPING_ASSISTANT_"),
        (
            '[index]\nchroma_url = "http://host"\nchroma_timeout_s = 0',
            "chroma_timeout_s must be a number of seconds above",
        ),
        ('[llm]\nfallbacks = ["openai:m"]', "fallbacks need a model to fall back from"),
        ('[llm]\nmodel = "openai:m"\nfallbacks = "openai:n"', r"fallbacks must be a list, as in"),
        ('[llm]\nmodel = "openai:m"\nfallbacks = [5]', 'a fallback must be "provider:model" or'),
        ('[llm]\nmodel = "openai:m"\nfallbacks = [{base_url = "http://h"}]', 'a fallback must be "provider:model" or'),
        ('[llm]\nmodel = "openai:m"\nfallbacks = [{modle = "x"}]', r"\[llm\] fallbacks: unknown setting 'modle'"),
        ("[llm]\nsession_tokens = -5", r"session_tokens must be a whole number, 0 for no limit, not -5"),
        ("[llm]\napi_key = 12345678", r"api_key must be a text, not what it is"),
        ('[llm]\nbase_url = "127.0.0.1:8000"', r"base_url must be an address as in"),
        ('[llm]\nbase_url = "http://user:secret@host/v1"', r"base_url must be without a password"),
        ("[llm]\nmodel = 5", r"\[llm\]: model must be a text, not 5"),
        ('[llm]\ntimeout_s = "soon"', r"\[llm\]: timeout_s must be a number of seconds, not 'soon'"),
        ("[llm]\ntimeout_s = -1", r"timeout_s must be a number of seconds, not -1"),
        ("[llm]\nmax_retries = 1.5", r"max_retries must be a whole number, 0 or more, not 1\.5"),
        ('[profile]\npersonalised = "no"', r"\[profile\]: personalised must be true or false, not 'no'"),
        ("[profile]\npersonalized = true", r"\[profile\]: unknown setting 'personalized'"),
        ("[shop]\nname = 3", r"\[shop\]: name must be a text"),
        ("[shop]\nname = {}", r"\[shop\]: name must be a text"),
        ("[embedder]\nmodel = 3", r"\[embedder\]: model must be a text"),
        ("[search]\ncross_encoder = 3", r"\[search\]: cross_encoder must be a text, the folder of a model, not 3"),
        ('[exchange_rates]\nbase = "USD"\nrates = 5', r"\[rates\] must be a table"),
        ("[exchange_rates.rates]\nCNY = 7", "base is missing"),
        ('[exchange_rates]\nbase = "USD"\nrates = { CNY = 0 }', "CNY must be above 0"),
        ('[exchange_rates]\nbase = "USD"\nrates = { CNY = "x" }', "every rate must be a number"),
        ('[exchange_rates]\nbase = "USD"\nas_of = "today"', "as_of must be a date"),
        (
            "[ranking]\ndiversity = 1.5",
            r"\[ranking\]: diversity must be a number from 0 \(by score alone\) to 1, not 1\.5",
        ),
        ("[ranking]\ndiversity = true", "diversity must be a number from 0 .* to 1, not True"),
        ('[ranking]\ndiversity = "much"', "diversity must be a number from 0 .* to 1, not 'much'"),
        ("[ranking]\ndiversity = nan", "diversity must be a number from 0 .* to 1, not nan"),
        ("[ranking]\ncollapse = 1", "collapse must be true or false, not 1"),
        ("[ranking]\nvariety = 1", r"\[ranking\]: unknown setting 'variety'; known are collapse, diversity, weights"),
        ("[ranking]\nweight = 3", r"\[ranking\]: unknown setting 'weight'; known are collapse, diversity, weights"),
        ("[ranking]\nweights = 3", r"\[weights\] must be a table"),
        (
            "[ranking.weights]\nprice = 2",
            r"\[ranking.weights\]: 'price' is no part of a score; the parts are",
        ),
        ("[ranking.weights]\nprice_fit = -2", r"\[ranking.weights\]: price_fit must be a number, 0 or more"),
        ('shop = "x"', r"\[shop\] must be a table"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "shop.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        read_settings(tmp_path)


@pytest.mark.parametrize("name", ["a-file", "a-file/below"])
def test_a_place_that_cannot_hold_a_shop_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "a-file").write_text("x", "utf-8")
    with pytest.raises(ConfigError, match=r"cannot hold a shop .*--shop"):
        Shop(tmp_path / name)


def test_the_lock_is_let_go_when_opening_fails(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text("[shop", "utf-8")
    with pytest.raises(ConfigError):
        Shop(tmp_path)
    (tmp_path / "shop.toml").unlink()
    with Shop(tmp_path, must_own=True) as shop:
        assert shop.owner
