"""Mapping files: what they may say, and that what they may not is named."""

from pathlib import Path

import pytest

from retrieval.errors import FeedError
from retrieval.feed.mapping import Mapping, canonical_mapping, load_mapping, parse_mapping

START = 'currency = "USD"\nprice_unit = "minor"\n'
FIELDS = '[fields]\nid = "sku"\ntitle = "name"\nprice = "cents"\n'


def test_what_a_mapping_says() -> None:
    mapping = parse_mapping(
        START + FIELDS + '[attributes]\nsize = "size"\nmaterial = ["m1", "m2"]\n'
        '[attributes.color]\ncolumns = "attr_t_colour"\nsplit = [",", "/"]\n'
        '[details]\ncolumns = ["attr_*", "ean"]\nstrip_prefix = ["attr_t_", "attr_n_"]\n'
    )
    assert (mapping.currency, mapping.price_unit, mapping.language, mapping.encoding) == ("USD", "minor", "en", None)
    assert mapping.attributes["material"].columns == ("m1", "m2")
    assert mapping.attributes["size"].split == ("|",)
    assert mapping.attributes["color"].split == (",", "/")
    assert mapping.columns() == ("sku", "name", "cents", "size", "m1", "m2", "attr_t_colour", "attr_*", "ean")
    named = {
        column: mapping.detail_name(column)
        for column in ("attr_t_colour", "attr_n_cable__length", "ean", "cents", "attr_n_")
    }
    assert named == {
        "attr_t_colour": None,
        "attr_n_cable__length": "cable length",
        "ean": "ean",
        "cents": None,
        "attr_n_": "attr_n_",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("currency = ", "not TOML"),
        (START, "fields"),
        (FIELDS, "currency"),
        ('currency = "DOLLARS"\nprice_unit = "minor"\n' + FIELDS, "DOLLARS"),
        ('currency = "USD"\nprice_unit = "cents"\n' + FIELDS, "price_unit"),
        (START + '[fields]\nid = "sku"\nprice = "cents"\n', "title: must be mapped"),
        (START + FIELDS + 'colour = "c"\n', "colour: no field of ours"),
        (START + FIELDS + '[attributes]\nbrand = "b"\n', "brand: is a field"),
        (START + FIELDS + '[attributes]\nColor = "b"\n', "lower case"),
        (START + FIELDS + "[attributes]\ncolor = []\n", "attributes.color"),
        (START + FIELDS + '[details]\ncolumn = "b"\n', "details.column"),
        (START + 'encoding = "utf-99"\n' + FIELDS, "utf-99"),
        (START + "unit = 1\n" + FIELDS, "unit"),
        (START + '[fields]\nid = "sku"\ntitle = "name"\n', "price: must be mapped"),
        (START + '[defaults]\nid = "1"\n' + FIELDS, "id: no field that can have a constant"),
        (START + '[reviews]\nbody = "b"\n' + FIELDS, "body: no field of a review"),
        (START + 'format = "google"\n' + FIELDS + '[variants]\ngroup = "g"\n', "says already what belongs together"),
        (START + 'format = "magento"\n' + FIELDS, "format"),
        (START + 'escape = "slash"\n' + FIELDS, "escape"),
    ],
)
def test_what_it_may_not_say(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(FeedError, match=rf"mine\.toml.*{message}"):
        load_mapping(path)


def test_a_missing_mapping(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="cannot read the mapping"):
        load_mapping(tmp_path / "none.toml")


def test_the_canonical_mapping_is_the_identity() -> None:
    mapping = canonical_mapping()
    assert all(field == column for field, column in mapping.fields.items())
    assert all(source.columns == (name,) for name, source in mapping.attributes.items())
    assert mapping.missing_columns == "ignore"


def test_the_mapping_for_chorus_loads() -> None:
    mapping = load_mapping(Path(__file__).parents[2] / "benchmarks" / "mappings" / "chorus.toml")
    assert isinstance(mapping, Mapping)
    assert (mapping.price_unit, mapping.fields["brand"]) == ("minor", "supplier")


def test_a_constant_may_stand_for_a_price_that_no_row_states() -> None:
    mapping = parse_mapping(START + '[fields]\nid = "sku"\ntitle = "name"\n[defaults]\nprice = "999"\n')
    assert mapping.defaults == {"price": "999"}


def test_the_currency_that_is_asked_for_goes_before_the_files(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(START + FIELDS, "utf-8")
    assert (load_mapping(path).currency, load_mapping(path, "EUR").currency) == ("USD", "EUR")


def test_dots_lead_into_columns_that_exist() -> None:
    mapping = parse_mapping(START + FIELDS.replace('"cents"', '"offer.price"'))
    assert mapping.is_in("offer.price", ["sku", "name", "offer"])
    assert not mapping.is_in("offer.price", ["sku", "name", "price"])
