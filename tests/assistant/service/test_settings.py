import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.config import read_settings
from assistant.demo import forget_demo
from assistant.service.handoffs import Handoffs
from assistant.service.settings import HANDOFF_TOKEN_VARIABLE, ORDERS_TOKEN_VARIABLE, HandoffSettings, OrderSettings
from assistant.shop import Shop
from assistant.types import Session
from retrieval.errors import ConfigError

BOTH = """
[orders]
url = "https://shop.example.com/api/"
token = "ord-secret-0123456789"
timeout_s = 2
max_retries = 0
[handoff]
url = "http://127.0.0.1:9/chats"
token = "hand-secret-0123456789"
"""


def settings_of(tmp_path, text):
    (tmp_path / "shop.toml").write_text(text, "utf-8")
    return read_settings(tmp_path)


def test_both_tables_are_read_and_their_tokens_masked(tmp_path):
    settings = settings_of(tmp_path, BOTH)
    assert settings.orders == OrderSettings("https://shop.example.com/api", "ord-secret-0123456789", 2.0, 0)
    assert settings.handoff == HandoffSettings("http://127.0.0.1:9/chats", "hand-secret-0123456789")
    assert "secret" not in repr(settings)


def test_the_environment_goes_before_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv(ORDERS_TOKEN_VARIABLE, "from-env-1")
    monkeypatch.setenv(HANDOFF_TOKEN_VARIABLE, "from-env-2")
    settings = settings_of(tmp_path, BOTH)
    assert (settings.orders.token, settings.handoff.token) == ("from-env-1", "from-env-2")


def test_nothing_is_configured_by_default(tmp_path):
    assert (read_settings(tmp_path).orders.url, read_settings(tmp_path).handoff.url) == (None, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[orders]\nurl = 7", "url must be an address"),
        ('[orders]\nurl = "ftp://x"', "url must be an address"),
        ('[orders]\nurl = "https://user:pw@x.example"', "without a password"),
        ('[orders]\nurl = "https://x.example/?a=1"', "without a query"),
        ('[orders]\nurl = "https://x.example"\nfile = "o.json"', "either url or file"),
        ('[orders]\nfile = ""', "file must be a text"),
        ('[orders]\nurl = "https://x.example"\ntimeout_s = 0', "timeout_s must be"),
        ('[orders]\nurl = "https://x.example"\ntimeout_s = 3600', "timeout_s must be"),
        ('[orders]\nurl = "https://x.example"\nmax_retries = 99', "max_retries must be"),
        ('[orders]\nurl = "https://x.example"\ntoken = 3', "token must be a text"),
        ('[orders]\nadress = "x"', "unknown setting 'adress'"),
        ('[handoff]\ntoken = "x"', "url is missing"),
        ('[handoff]\nurl = "https://x.example"\nmax_retries = 1', "unknown setting 'max_retries'"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        settings_of(tmp_path, text)


@pytest.mark.enable_socket
def test_waiting_requests_are_listed_and_sent_again_from_the_command_line(tmp_path):
    (tmp_path / "shop.toml").write_text(BOTH, "utf-8")
    command = ["handoffs", "--shop", str(tmp_path)]
    with Shop(tmp_path) as shop:
        shop.sessions.save(Session("s1", "guest"))
        reference, arrived = Handoffs(shop.engine, shop.settings.handoff).request("s1", {"transcript": ["a secret"]})
    assert not arrived
    listed = CliRunner().invoke(app, command)
    assert (listed.exit_code, reference in listed.output, "a secret" in listed.output) == (0, True, False)
    retried = CliRunner().invoke(app, [*command, "--retry"])
    assert retried.exit_code == 1
    assert "does not answer" in " ".join(retried.output.split())


def test_the_demos_orders_come_and_go_with_the_demo(own_demo):
    with Shop(own_demo) as shop:
        assert (own_demo / "orders.json").is_file()
        assert shop.settings.orders.file == "orders.json"
        forget_demo(shop)
        assert not (own_demo / "orders.json").exists()
        assert shop.settings.orders.file is None
