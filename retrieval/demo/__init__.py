"""The demo shop: the catalog that opens when nobody has given another one.

In: nothing. Out: the folder with its files. Knows neither the importer nor the conversation.
"""

from pathlib import Path

DEMO_FOLDER = Path(__file__).parent
PRODUCTS_FILE = "products.jsonl"
REVIEWS_FILE = "reviews.jsonl"
POLICIES_FILE = "policies.jsonl"
SIZE_CHARTS_FILE = "size_charts.json"
MAPPING_FILE = "mapping.toml"
SHOP_FILE = "shop.toml"
ORDERS_FILE = "orders.json"
