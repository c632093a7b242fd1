import pytest

from assistant.pictures import image_origins, origin_of
from retrieval.types import Product, Variant


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("http://images.example.com/a b.jpg", "http://images.example.com"),
        ("https://cdn.example.com:8443/x", "https://cdn.example.com:8443"),
        ("HTTPS://CDN.example.com/x", "https://cdn.example.com"),
        ("pictures/boot.svg", None),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,xx", None),
        ("https://", None),
        ("https://a.example.com; script-src *", None),
        ("https://[::1", None),
        ("https://host:port/x", None),
    ],
)
def test_only_web_addresses_have_an_origin(address: str, origin: str | None) -> None:
    assert origin_of(address) == origin


def test_the_page_may_load_what_the_catalog_names_most_often_first() -> None:
    def product(number: int, image: str | None, variant_image: str | None = None) -> Product:
        return Product(str(number), "x", "USD", (Variant("v", 1, image=variant_image),), image=image)

    products = [
        product(1, "https://a.example.com/1.png"),
        product(2, "https://b.example.com/2.png", "https://b.example.com/2-red.png"),
        product(3, "pictures/3.svg"),
        product(4, None),
    ]
    assert image_origins(products) == ("https://b.example.com", "https://a.example.com")
