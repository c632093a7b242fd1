"""The model card of a tuned query encoder.

In: what `meta.json` holds. Out: Markdown for people. Knows nothing that is not in `meta.json`.
"""

from collections.abc import Mapping
from typing import Any

SOURCES = {
    "clicks": "queries of this shop's shoppers with what they chose, and queries made of the catalog's own titles",
    "catalog": "queries made of the catalog's own titles, brands, categories and attributes, and few choices",
}
MEASURED = {
    "clicks": "What shoppers chose after queries that were not trained on",
    "catalog": "Products that say all words of queries that were not trained on",
}


def adaptation_card(meta: Mapping[str, Any]) -> str:
    """What the model is, what it was trained on, how well it did and what it must not be used for."""
    sizes, embedder = meta["n_queries"], meta["embedder"]
    gains = "\n".join(
        f"- over {other['baseline']}: {other['difference']:+.4f} ({other['low']:+.4f} to {other['high']:+.4f})"
        for other in meta["comparisons"]
    )
    rows = "\n".join(f"| {system} | {values['ndcg@10']:.4f} |" for system, values in meta["metrics"].items())
    return f"""# Query encoder `{meta["fingerprint"][:12]}`

Reads queries for this shop, while {embedder["name"]} (fingerprint `{embedder["fingerprint"][:12]}`), of which it is a
tuned copy, reads the products. How it is tuned says `ranking/adaptation/network.py`.

- Trained on {sizes["train"]:,} queries: {SOURCES[meta["source"]]}
- Catalog `{meta["catalog_version"][:12] or "not stated"}`, seed {meta["seed"]}
- {meta["share"]:.0%} of the way from the old weights to the tuned ones, by {sizes["validation"]:,} other queries

## Measured

{MEASURED[meta["source"]]} ({sizes["test"]:,} of them):

| system | NDCG@10 |
| --- | ---: |
{rows}

"dense" is the order by vectors alone, "retrieve" the whole search before the matcher, both as they were served. What
tuning gained, with the 95 % interval over the queries:

{gains}

## Limits

Queries made of a catalog ask in the catalog's own words: how well it understands other words they do not measure. It
fits only the embedder named above, and was tuned on one catalog: on another one it may harm.
"""
