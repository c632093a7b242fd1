"""Which names the server answers to, and whose pages may show the chat."""

import pytest

from assistant.config import read_settings
from assistant.sites import LOCAL, Site, WebSettings, web_settings
from retrieval.errors import ConfigError


def test_without_settings_the_widget_can_be_tried_on_this_machine():
    settings = web_settings({}, "[web]")
    assert settings == WebSettings((), (LOCAL,), None)
    assert settings.site("demo") is LOCAL
    assert settings.site("other") is None
    allowed = [LOCAL.allows(origin) for origin in ("http://localhost:8001", "http://localhost", "http://127.0.0.1:1")]
    assert allowed == [True, True, True]


@pytest.mark.parametrize(
    "origin",
    ["http://localhost.evil.example", "http://localhost:80.evil.example", "https://localhost:8001", "null", "",
     "http://evil.example:80/http://localhost", "http://localhost:8001/", "http://localhost:"],
)  # fmt: skip
def test_no_other_origin_is_of_this_machine(origin):
    assert not LOCAL.allows(origin)


def test_sites_are_read_from_the_shops_file(tmp_path):
    (tmp_path / "shop.toml").write_text(
        '[web]\nhosts = ["chat.example.com"]\nprivacy_url = "https://example.com/privacy"\n'
        '[[web.sites]]\nkey = "lantern"\norigins = ["https://www.Example.com", "http://localhost:3000"]\n'
    )
    web = read_settings(tmp_path).web
    assert web == WebSettings(
        ("chat.example.com",),
        (Site("lantern", ("https://www.example.com", "http://localhost:3000")),),
        "https://example.com/privacy",
    )
    assert web.sites[0].allows("https://www.example.com")
    assert not web.sites[0].allows("https://example.com")
    assert not web.sites[0].allows("https://www.example.com:8443")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"host": "x"}, "unknown setting 'host'"),
        ({"hosts": ["https://x"]}, "hosts must be names"),
        ({"hosts": "x"}, "hosts must be names"),
        ({"sites": {"key": "abc"}}, "a table of its own"),
        ({"sites": [{"key": "a b", "origins": ["https://x.example"]}]}, "key must be 3 to 64"),
        ({"sites": [{"key": "abc"}]}, "origins is missing"),
        ({"sites": [{"key": "abc", "origins": ["x.example"]}]}, "an origin is a scheme"),
        ({"sites": [{"key": "abc", "origins": ["https://x.example/shop"]}]}, "an origin is a scheme"),
        ({"sites": [{"key": "abc", "origins": ["https://*.example"]}]}, "an origin is a scheme"),
        ({"sites": [{"key": "abc", "origins": ["https://x.example; script-src *"]}]}, "an origin is a scheme"),
        ({"sites": [{"key": "abc", "origins": ["https://me:pw@x.example"]}]}, "an origin is a scheme"),
        ({"sites": [{"key": "abc", "origins": ["https://x.example"]}] * 2}, "given to two sites"),
        ({"privacy_url": "javascript:x()"}, "privacy_url must be an address"),
    ],
)
def test_what_cannot_be_is_named(table, said):
    with pytest.raises(ConfigError, match=said):
        web_settings(table, "[web]")
