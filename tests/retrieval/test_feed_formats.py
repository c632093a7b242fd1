"""Files as the shop systems write them: each product exactly, each row that could not be taken, and how it is known."""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from retrieval.errors import FeedError
from retrieval.feed.formats import READY, choose_mapping, ready_mapping, recognise
from retrieval.feed.grouping import read_grouped
from retrieval.feed.mapping import Mapping, parse_mapping
from retrieval.feed.reader import find_sources, read_records
from retrieval.feed.rows import RowParser
from retrieval.types import Product, Review, Variant

FEEDS = Path(__file__).parent / "feeds"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
NOT_A_NUMBER = "is not a number such as 1299, 1299.00 or 1,299.00"


class Read(NamedTuple):
    """A feed, read: products with the line and the number of their rows, reviews, and (line, field, reason)s."""

    products: list[tuple[int, int, Product]]
    reviews: list[Review]
    faults: list[tuple[int, str, str]]


def read(path: Path, mapping: Mapping) -> Read:
    result = Read([], [], [])
    parser = RowParser(mapping, NOW)
    for record in read_grouped(find_sources([path]), mapping):
        result.faults.extend((fault.line, fault.field, fault.reason) for fault in record.faults)
        if record.problem is not None:
            result.faults.append((record.line, "", record.problem))
            continue
        row = parser.parse(record.values)
        result.faults.extend((record.line, fault.field, fault.reason) for fault in row.faults)
        result.reviews.extend(row.reviews)
        if row.product is not None:
            result.products.append((record.line, record.n_rows, row.product))
    return result


def read_ready(name: str, currency: str | None = None) -> Read:
    return read(FEEDS / name, choose_mapping(None, [FEEDS / name], currency).mapping)


def test_google_text() -> None:
    found = read_ready("google.tsv")
    assert found.products == [
        (
            2,
            4,
            Product(
                id="NL-TRAIL",
                title="Trail running shoes",
                currency="USD",
                variants=(
                    Variant(
                        id="NL-TRAIL-GRY-42",
                        price_minor=5999,
                        list_price_minor=7999,
                        attributes={"size": ("42",), "color": ("grey",)},
                    ),
                    Variant(
                        id="NL-TRAIL-GRY-43",
                        price_minor=7999,
                        stock=0,
                        attributes={"size": ("43",), "color": ("grey",)},
                    ),
                    Variant(
                        id="NL-TRAIL-BLK-42",
                        price_minor=8499,
                        attributes={"size": ("42",), "color": ("black",)},
                        image="https://cdn.northline.example/trail-black.jpg",
                    ),
                ),
                description='Waterproof trail shoes with a "rock plate".\nRubber outsole\nMesh lining',
                brand="Northline",
                category="trail running shoes",
                department="shoes",
                attributes={"condition": ("new",), "material": ("mesh", "rubber"), "audience": ("men",)},
                details={"gtin": "9506000134352, 9506000134369", "highlight": "Grips on wet rock"},
                image="https://cdn.northline.example/trail-grey.jpg",
                url="https://northline.example/p/trail?v=gry-42",
            ),
        ),
        (
            4,
            1,
            Product(
                id="NL-MUG",
                title="Enamel mug 350 ml",
                currency="USD",
                variants=(Variant(id="NL-MUG", price_minor=1800),),
                description="Camping mug & cup",
                brand="Northline",
                category="mugs",
                department="home",
                attributes={"condition": ("new",), "color": ("white", "blue")},
                image="https://cdn.northline.example/mug.jpg",
                url="https://northline.example/p/mug",
            ),
        ),
        (
            7,
            1,
            Product(
                id="NL-RAIN-KIDS",
                title="Rain jacket for kids",
                currency="USD",
                variants=(Variant(id="NL-RAIN-KIDS", price_minor=4500),),
                description="A jacket for puddles",
                brand="Northline",
                category="outerwear",
                attributes={"size": ("128",), "condition": ("new",), "color": ("yellow",), "audience": ("kids",)},
                image="https://cdn.northline.example/rain.jpg",
                url="https://northline.example/p/rain",
            ),
        ),
        (
            8,
            1,
            Product(
                id="NL-TENT",
                title="Two-person tent",
                currency="USD",
                variants=(Variant(id="NL-TENT", price_minor=99900, list_price_minor=129900),),
                description='27" packed length',
                brand="Northline",
                category="tents",
                department="sporting goods",
                attributes={"condition": ("new",), "color": ("green",), "audience": ("unisex",)},
                image="https://cdn.northline.example/tent.jpg",
                url="https://northline.example/p/tent",
            ),
        ),
    ]
    assert found.faults == [
        (6, "price", NOT_A_NUMBER),
        (9, "price", "says 'EUR', which is not how an amount in USD is written"),
    ]


def test_google_xml() -> None:
    found = read_ready("google.xml")
    assert found.products == [
        (
            1,
            2,
            Product(
                id="HA-001",
                title="明前龙井绿茶",
                currency="CNY",
                variants=(
                    Variant(id="HA-001-100", price_minor=9900, list_price_minor=12800, attributes={"size": ("100克",)}),
                    Variant(id="HA-001-250", price_minor=29800, stock=0, attributes={"size": ("250克",)}),
                ),
                description="手工采摘,清香。\n产地:杭州 & 西湖",
                brand="海岸",
                category="龙井",
                department="茶叶",
                image="https://haian.example/i/001.jpg",
                url="https://haian.example/p/001?w=100",
            ),
        ),
        (
            3,
            1,
            Product(
                id="HA-002",
                title="青瓷茶杯",
                currency="CNY",
                variants=(Variant(id="HA-002", price_minor=6600),),
                category="茶具",
                attributes={"color": ("青色",), "material": ("瓷",)},
                image="https://haian.example/i/002.jpg",
                url="https://haian.example/p/002",
            ),
        ),
    ]
    assert found.faults == [(4, "price", "is missing")]


def test_google_atom() -> None:
    found = read_ready("google_atom.xml")
    assert found.products == [
        (
            1,
            1,
            Product(
                id="NL-ROPE",
                title="Climbing rope 60 m",
                currency="USD",
                variants=(Variant(id="NL-ROPE", price_minor=14900),),
                description="Dry treated",
                attributes={"color": ("orange",)},
                image="https://cdn.northline.example/rope.jpg",
                url="https://northline.example/p/rope",
            ),
        ),
    ]
    assert found.faults == []


def test_shopify_as_it_is_today() -> None:
    found = read_ready("shopify_today.csv", "EUR")
    assert found.products == [
        (
            2,
            4,
            Product(
                id="linen-shirt",
                title="Linen shirt",
                currency="EUR",
                variants=(
                    Variant(
                        id="LS-WHT-S",
                        price_minor=5900,
                        list_price_minor=7900,
                        stock=4,
                        attributes={"color": ("white",), "size": ("s",)},
                        image="https://cdn.example/shirt-white.jpg",
                    ),
                    Variant(
                        id="LS-WHT-M",
                        price_minor=5900,
                        list_price_minor=7900,
                        stock=0,
                        attributes={"color": ("white",), "size": ("m",)},
                        image="https://cdn.example/shirt-white.jpg",
                    ),
                    Variant(id="LS-NVY-S", price_minor=6400, attributes={"color": ("navy",), "size": ("s",)}),
                ),
                description='Washed linen, "soft" from day one.\nCoconut buttons',
                brand="Marais",
                category="shirts & tops",
                department="apparel & accessories",
                details={"Type": "Shirt", "Tags": "linen, summer", "Barcode": "111, 112, 113"},
                image="https://cdn.example/shirt-1.jpg",
            ),
        ),
        (
            6,
            1,
            Product(
                id="gift-card",
                title="Gift card",
                currency="EUR",
                variants=(Variant(id="gift-card", price_minor=2500),),
                description="A gift.",
                brand="Marais",
                category="gift cards",
                details={"Type": "Gift cards"},
                image="https://cdn.example/card.jpg",
            ),
        ),
        (
            8,
            2,
            Product(
                id="cap",
                title="Cap",
                currency="EUR",
                variants=(Variant(id="cap/Red", price_minor=1500, attributes={"color": ("red",)}),),
                brand="Marais",
                category="cap",
                details={"Type": "Cap"},
            ),
        ),
    ]
    assert found.faults == [
        (7, "Status", "is left out: the mapping takes only products where this is 'active'"),
        (9, "price", NOT_A_NUMBER),
    ]


def test_shopify_as_it_was_before() -> None:
    found = read_ready("shopify_before.csv", "USD")
    assert found.products == [
        (
            2,
            3,
            Product(
                id="desk-lamp",
                title="Desk lamp",
                currency="USD",
                variants=(
                    Variant(
                        id="0045",
                        price_minor=3990,
                        stock=12,
                        attributes={"color": ("black",)},
                        image="https://cdn.example/lamp-black.jpg",
                    ),
                    Variant(
                        id="0046",
                        price_minor=4490,
                        list_price_minor=5990,
                        stock=3,
                        attributes={"color": ("brass",)},
                        image="https://cdn.example/lamp-brass.jpg",
                    ),
                ),
                description="Warm light\ndimmable",
                brand="Lumen",
                category="lamps",
                department="home & garden",
                attributes={"condition": ("new",)},
                details={"Type": "Lamps", "Tags": "led", "Barcode": "4006381, 4006382"},
                image="https://cdn.example/lamp-1.jpg",
            ),
        ),
        (
            5,
            1,
            Product(
                id="bulb",
                title="Bulb E27",
                currency="USD",
                variants=(Variant(id="B-27", price_minor=450),),
                brand="Lumen",
                category="bulbs",
                details={"Type": "Bulbs"},
            ),
        ),
    ]
    assert found.faults == []


def test_woocommerce() -> None:
    found = read_ready("woocommerce.csv", "EUR")
    assert found.products == [
        (
            2,
            4,
            Product(
                id="HOOD",
                title="Harbour hoodie",
                currency="EUR",
                variants=(
                    Variant(
                        id="HOOD-BLUE",
                        price_minor=3500,
                        list_price_minor=4500,
                        stock=8,
                        attributes={"color": ("blue",)},
                        image="https://woo.example/hood-blue.jpg",
                    ),
                    Variant(id="HOOD-GREEN", price_minor=4500, stock=0, attributes={"color": ("green",)}),
                ),
                description="Brushed fleece\nKangaroo pocket",
                brand="Harbour",
                category="hoodies",
                department="clothing",
                attributes={"material": ("cotton",)},
                details={"Weight (kg)": "0.6", "Categories": "Clothing > Hoodies, Sale", "Tags": "winter"},
                image="https://woo.example/hood.jpg",
            ),
        ),
        (
            6,
            1,
            Product(
                id="CAP-1",
                title='Sailor cap, "classic"',
                currency="EUR",
                variants=(Variant(id="CAP-1", price_minor=1950, stock=25),),
                description="Wool, one size",
                brand="Harbour",
                category="caps",
                department="clothing",
                attributes={"color": ("navy", "white")},
                details={
                    "GTIN, UPC, EAN, or ISBN": "4006381333931",
                    "Weight (kg)": "0.1",
                    "Categories": "Clothing > Accessories > Caps, Clothing",
                },
                image="https://woo.example/cap.jpg",
            ),
        ),
        (
            7,
            1,
            Product(
                id="106",
                title="Deck brush",
                currency="EUR",
                variants=(Variant(id="106", price_minor=700),),
                description="Stiff bristles",
                details={"Categories": "Uncategorized"},
            ),
        ),
        (
            9,
            1,
            Product(
                id="KNOT",
                title="Knot course",
                currency="EUR",
                variants=(Variant(id="KNOT", price_minor=1200),),
                category="courses",
                details={"Categories": "Courses"},
            ),
        ),
    ]
    assert found.faults == [
        (5, "price", NOT_A_NUMBER),
        (8, "Published", "is left out: the mapping takes only products where this is '1' or 'true'"),
    ]


def test_a_page_with_json_ld() -> None:
    found = read_ready("schemaorg.html")
    assert found.products == [
        (
            1,
            1,
            Product(
                id="K-1",
                title="Copper kettle",
                currency="EUR",
                variants=(Variant(id="K-1", price_minor=8990, list_price_minor=11000),),
                description="Hand made & tinned",
                brand="Hearth",
                category="kettles",
                department="kitchen",
                attributes={"color": ("copper",), "material": ("copper", "tin")},
                details={"gtin13": "4006381333931", "Volume": "1.5 l"},
                rating=4.6,
                n_reviews=41,
                image="https://hearth.example/k1.jpg",
                url="https://hearth.example/kettle",
            ),
        ),
    ]
    assert found.reviews == [Review(id="1", product_id="K-1", text="Boils fast.", rating=5, title="Lovely")]
    assert found.faults == [
        (2, "", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 22 (char 21)")
    ]


def test_json_ld_with_groups() -> None:
    found = read_ready("schemaorg.jsonld")
    assert found.products == [
        (
            1,
            1,
            Product(
                id="COAT",
                title="Wool coat",
                currency="EUR",
                variants=(
                    Variant(
                        id="COAT-S-GRN",
                        price_minor=13999,
                        attributes={"color": ("green",), "size": ("s",)},
                        image="https://hearth.example/coat-green.jpg",
                    ),
                    Variant(
                        id="COAT-M-GRN", price_minor=13999, stock=0, attributes={"color": ("green",), "size": ("m",)}
                    ),
                ),
                brand="Hearth",
                url="https://hearth.example/coat",
            ),
        ),
        (
            2,
            2,
            Product(
                id="BOOT",
                title="Felt boots",
                currency="EUR",
                variants=(
                    Variant(id="BOOT-41", price_minor=6000, stock=0, attributes={"size": ("41",)}),
                    Variant(id="BOOT-42", price_minor=6500, attributes={"size": ("42",)}),
                ),
            ),
        ),
    ]
    assert found.faults == [
        (4, "price", NOT_A_NUMBER),
        (5, "price", "says 'USD', which is not how an amount in EUR is written"),
    ]


def test_acp_json_lines() -> None:
    found = read_ready("acp.jsonl")
    assert found.products == [
        (
            1,
            2,
            Product(
                id="TRAIL",
                title="Trail running shoes",
                currency="USD",
                variants=(
                    Variant(id="TRAIL-BLK-10", price_minor=5999, list_price_minor=7999, attributes={"size": ("10",)}),
                    Variant(id="TRAIL-BLK-11", price_minor=7999, stock=0, attributes={"size": ("11",)}),
                ),
                description="Waterproof trail shoes with a rubber outsole.",
                brand="Northline",
                category="shoes",
                department="apparel & accessories",
                attributes={"color": ("black",), "condition": ("new",), "audience": ("unisex",)},
                rating=4.5,
                n_reviews=254,
                image="https://example.com/images/trail-black.jpg",
                url="https://example.com/products/trail?size=10",
            ),
        ),
        (
            3,
            1,
            Product(
                id="MUG-350-BLUE",
                title="Blue ceramic mug, 350 mL",
                currency="USD",
                variants=(Variant(id="MUG-350-BLUE", price_minor=1800),),
                description="Dishwasher-safe glazed ceramic mug with a handle.",
                brand="Northline",
                attributes={"material": ("ceramic",)},
                details={"dimensions": "length: 12, width: 8, unit: cm", "weight": "0.35", "item weight unit": "kg"},
                image="https://example.com/images/mug-blue.jpg",
                url="https://example.com/products/mug-blue",
            ),
        ),
        (
            4,
            1,
            Product(
                id="SOCK",
                title="Wool socks",
                currency="USD",
                variants=(Variant(id="SOCK-1", price_minor=1200),),
                attributes={"color": ("grey",)},
                image="https://example.com/images/socks.jpg",
                url="https://example.com/socks",
            ),
        ),
        (
            5,
            1,
            Product(
                id="HAT",
                title="Sun hat",
                currency="USD",
                variants=(Variant(id="HAT", price_minor=1500),),
                attributes={"audience": ("kids",)},
            ),
        ),
    ]
    assert found.faults == [(6, "price", "is missing")]


def test_acp_csv() -> None:
    found = read_ready("acp.csv")
    assert found.products == [
        (
            2,
            2,
            Product(
                id="TRAIL",
                title="Trail shoes, red",
                currency="USD",
                variants=(
                    Variant(id="TRAIL-RED-9", price_minor=7000, stock=3, attributes={"size": ("9",)}),
                    Variant(id="TRAIL-RED-10", price_minor=7000, attributes={"size": ("10",)}),
                ),
                description="Light.",
                brand="Northline",
                attributes={"color": ("red",)},
                image="https://example.com/t.jpg",
                url="https://example.com/t9",
            ),
        ),
    ]
    assert found.faults == []


def test_formats_are_known_by_their_columns() -> None:
    found = {
        path.name: recognise({name for record in read_records(find_sources([path])[0]) for name in record.values})
        for path in FEEDS.glob("*.*")
    }
    assert found == {path.name: path.name.partition("_")[0].partition(".")[0] for path in FEEDS.glob("*.*")}
    assert recognise(["id", "title", "price"]) is None
    assert recognise(["sku", "name", "cost"]) is None


def test_the_mapping_is_chosen_by_name_file_or_columns(tmp_path: Path) -> None:
    feed = FEEDS / "google.tsv"
    chosen = choose_mapping(None, [feed])
    assert (chosen.name, chosen.mapping) == ("google", ready_mapping("google", "USD"))
    assert chosen.notes == ("the columns are those of google", "the prices are in USD, as the feed says")
    assert choose_mapping("google", [feed], "EUR").mapping.currency == "EUR"
    own = tmp_path / "mine.toml"
    own.write_text('currency = "USD"\nprice_unit = "major"\n[fields]\nid = "a"\ntitle = "b"\nprice = "c"\n', "utf-8")
    assert choose_mapping(str(own), [feed]).mapping.fields["id"] == "a"
    canonical = tmp_path / "feed.csv"
    canonical.write_text("id,title,price\n1,Lamp,5\n", "utf-8")
    assert choose_mapping(None, [canonical]).name == "canonical"
    linked = tmp_path / "feed.json"
    linked.write_text((FEEDS / "schemaorg.jsonld").read_text("utf-8"), "utf-8")
    assert choose_mapping(None, [linked]).name == "schemaorg"


@pytest.mark.parametrize(
    ("named", "feed", "message"),
    [
        (
            "magento",
            "id,title,price\n",
            "magento is neither a mapping file nor a ready mapping; the ready ones are shopify",
        ),
        (None, "sku,name\n1,Lamp\n", r"in no format that is known by its columns \(sku, name\): name a mapping file"),
        ("shopify", "Handle,Title,Variant Price\na,Lamp,5\n", "does not say its currency: give --currency"),
        (None, "id,title,link,availability,price\n1,Lamp,x,in_stock,5\n", "google does not say its currency"),
    ],
)
def test_what_cannot_be_chosen_is_told(tmp_path: Path, named: str | None, feed: str, message: str) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(feed, "utf-8")
    with pytest.raises(FeedError, match=message):
        choose_mapping(named, [path])
    with pytest.raises(FeedError, match="there is no ready mapping 'magento'; there are shopify, woocommerce"):
        ready_mapping("magento", "USD")


@pytest.mark.parametrize("name", READY)
def test_ready_mappings_load_in_any_currency(name: str) -> None:
    mapping = ready_mapping(name, "CNY")
    assert (mapping.currency, mapping.format) == ("CNY", name)
    with pytest.raises(FeedError, match="no ISO 4217 currency"):
        ready_mapping(name, "YUAN")


def test_linked_variants_may_be_named_by_their_group(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonld"
    path.write_text(
        '{"@graph": [{"@type": "Product", "@id": "#b", "sku": "B", "name": "Mug blue", "color": "Blue",'
        ' "offers": {"price": 5, "priceCurrency": "USD"}},'
        ' {"@type": "ProductGroup", "@id": "#g", "productGroupID": "MUG", "name": "Mug",'
        ' "hasVariant": [{"@id": "#b"}, {"@id": "#r"}]},'
        ' {"@type": "Product", "@id": "#r", "sku": "R", "name": "Mug red", "color": "Red",'
        ' "offers": {"price": 5, "priceCurrency": "EUR"}}]}',
        "utf-8",
    )
    found = read(path, choose_mapping(None, [path]).mapping)
    variant = Variant("B", 500, attributes={"color": ("blue",)})
    assert found.products == [(1, 3, Product("MUG", "Mug", "USD", (variant,)))]
    assert found.faults == [(3, "price", "says 'EUR', which is not how an amount in USD is written")]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "currency"), [("woocommerce.csv", "EUR"), ("google.tsv", "USD")])
def test_the_order_of_rows_changes_no_product(tmp_path: Path, name: str, currency: str, seed: int) -> None:
    head, *rows = (FEEDS / name).read_text("utf-8").splitlines(keepends=True)
    random.Random(seed).shuffle(rows)
    path = tmp_path / name
    path.write_text(head + "".join(rows), "utf-8")
    mapping = ready_mapping(name.partition(".")[0], currency)

    def offers(found: Read) -> dict[str, Any]:
        return {
            product.id: {variant.id: (variant.price_minor, variant.stock) for variant in product.variants}
            for _, _, product in found.products
        }

    assert offers(read(path, mapping)) == offers(read(FEEDS / name, mapping))


def test_a_bakerys_own_yaml() -> None:
    mapping = parse_mapping(
        'currency = "EUR"\nprice_unit = "major"\n[fields]\nid = "code"\ntitle = "name"\ndescription = "text"\n'
        'price = "price.amount"\ncurrency = "price.currency"\ndiscount_percent = "off"\nstock = "stock"\n'
        'image = "photos"\nvariants = "sizes"\n[attributes]\nfeature = "tags"\n'
    )
    found = read(FEEDS / "own" / "bakery.yaml", mapping)
    assert [product for _, _, product in found.products] == [
        Product(
            "0012",
            "Rye loaf",
            "EUR",
            (Variant("0012", 450, stock=14),),
            description="Dense & dark.\nKeeps a week.",
            attributes={"feature": ("vegan", "no sugar")},
            image="https://crumb.example/rye.jpg",
        ),
        Product(
            "0013",
            "Cinnamon roll",
            "EUR",
            (
                Variant("0013-s", 240, 320, 0, {"size": ("small",)}),
                Variant("0013-l", 410, stock=0, attributes={"size": ("large",)}),
            ),
        ),
    ]
    assert found.faults == [
        (3, "currency", "the mapping says EUR; import one currency only"),
        (4, "price", "is missing"),
    ]


def test_a_lamp_shops_own_json() -> None:
    mapping = parse_mapping(
        'currency = "USD"\nprice_unit = "minor"\nrecords_at = "catalog.lamps"\n[fields]\nid = "sku"\ntitle = "name"\n'
        'price = "cents"\nlist_price = "was"\nrating = "rating"\nn_reviews = "votes"\nreviews = "voices"\n'
        '[attributes]\ncolor = "colour"\nbulb = "spec.bulb"\n[reviews]\ntext = "said"\nrating = "points"\n'
    )
    found = read(FEEDS / "own" / "lamps.json", mapping)
    arc, desk = (product for _, _, product in found.products)
    assert arc == Product(
        "L-1",
        "Arc lamp",
        "USD",
        (Variant("L-1", 12900, 15900),),
        attributes={"color": ("black", "brass"), "bulb": ("e27",)},
        rating=4.4,
        n_reviews=18,
    )
    assert (desk.title, desk.price_minor, desk.rating) == ('Desk lamp "Q"', 4950, None)
    assert [(review.text, review.rating) for review in found.reviews] == [("Lovely light", 5), ("Wobbles", 2)]
    assert found.faults == [
        (1, "reviews.1.text", "is missing"),
        (3, "price", 'has 1 decimals, but price_unit is "minor", so it must be whole'),
        (4, "", "is not JSON: an object has 'cents' twice"),
        (5, "id", "looks like a path out of a folder, which an id must not"),
    ]
