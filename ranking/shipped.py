"""Makes the model that is shipped: `python -m ranking.shipped`.

In: the demo shop's files. Out: `ranking/weights/`, trained on the events that `ranking.simulator` makes for that
shop. Knows no shop directory: it works in a temporary folder.
"""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from ranking.matcher import OF_REVIEWS, SHIPPED
from ranking.network import FitSettings
from ranking.simulator import simulate
from ranking.training import Progress, TrainingResult, train
from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.demo import DEMO_FOLDER, MAPPING_FILE, PRODUCTS_FILE
from retrieval.embedder import open_embedder
from retrieval.feed import load_mapping, read_feed
from retrieval.retriever import open_retriever

COMMAND = "python -m ranking.shipped"

HELD = ("taste", "size_fit", "novelty", "stock", *OF_REVIEWS)
"""What the simulator's shoppers pay no heed to, or no event tells; real ones do, so the coefficients stay as set."""


def train_shipped(out_dir: Path = SHIPPED, seed: int = 0, on_progress: Progress | None = None) -> TrainingResult:
    """Import the demo shop, simulate its shoppers, train on their events and write the model to `out_dir`."""
    feed = read_feed([DEMO_FOLDER / PRODUCTS_FILE], load_mapping(DEMO_FOLDER / MAPPING_FILE))
    with TemporaryDirectory() as folder:
        engine = open_engine(Path(folder) / "shop.db")
        metadata.create_all(engine)
        catalog = Catalog(engine)
        catalog.replace_all(feed.products)
        embedder = open_embedder()
        retriever = open_retriever(catalog, embedder, Path(folder) / "index")
        simulation = simulate(feed.products, impressions=True)
        result = train(
            simulation.events, feed.products, retriever, embedder.fingerprint, out_dir, seed, on_progress,
            vectors=retriever.vectors_of, embedder_name=embedder.name, catalog_version=catalog.version(),
            utility=simulation.tastes.utility, settings=FitSettings(held=HELD), created_by=COMMAND,
        )  # fmt: skip
        engine.dispose()
    return result


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    made = train_shipped(on_progress=lambda stage, done, total: logging.info("%s %d/%d", stage, done, total))
    logging.info("%s in %.0f s", made.model_version, made.seconds)
    for row in made.rows:
        logging.info("%-30s %s", row.system, {name: round(value, 4) for name, value in row.metrics.items()})
    for comparison in made.comparisons:
        logging.info("%s", comparison)
