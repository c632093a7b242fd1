"""The model card of a trained matcher.

In: what `meta.json` holds. Out: Markdown for people. Knows nothing that is not in `meta.json`.
"""

from collections.abc import Mapping
from typing import Any

METRICS = ("ndcg@5", "recall@1", "mrr")


def model_card(meta: Mapping[str, Any]) -> str:
    """What the model is, what it was trained on, how well it did and what it must not be used for."""
    sizes, embedder = meta["n_searches"], meta["embedder"]
    catalog = meta["catalog_version"][:12] or "not stated"
    return f"""# Matcher `two-tower-{meta["weights_sha256"][:12]}`

Orders the products that retrieval found for a shopper's wish. Two towers over text embeddings (the identity plus a
learned low-rank part of width {meta["settings"]["rank"]}) and a head whose contributions add up to the score. The
formula is in `ranking/matcher.py`.

- Made by `{meta["created_by"]}`, seed {meta["seed"]}, best epoch {meta["best_epoch"]}
- Embedder: {embedder["name"]} (fingerprint `{embedder["fingerprint"][:12]}`), dimension {meta["dimension"]}
- Catalog `{catalog}`, events `{meta["data_hash"][:12]}`
- Searches, split by time, {meta["n_candidates"]} candidates each: {sizes["train"]} to train on, {sizes["validation"]}
  to choose the epoch by, {sizes["test"]} for the table below

## Measured on the test searches

{_table(meta["metrics"])}

NDCG gains are 2^g - 1 with g = 1 for a view, 2 for a cart or favourite, 3 for a purchase. Differences in NDCG@5, 95 %
interval over shoppers:

{_comparisons(meta["comparisons"])}

## Coefficients

{_coefficients(meta["coefficients"])}

A price that fits, a better rating, more relevance and a stated like can only raise a score, a dislike can only lower
it. With an empty profile nothing is personalised.

## Limits

It learned from the events named above: where they come from a simulator, the table says how well simulated tastes are
recovered, not how real shoppers behave. On another catalog the order stays close to retrieval's and what was learned
of tastes helps little: train on that shop's events. No training search holds a stated dislike unless the events do, so
that coefficient is a prior. Labels carry the position bias of the lists they were collected on. No shopper's identity,
age or gender goes in.
"""


def _table(metrics: Mapping[str, Mapping[str, float]]) -> str:
    head = f"| system | {' | '.join(METRICS)} |\n| --- |{' ---: |' * len(METRICS)}\n"
    return head + "\n".join(
        f"| {system} | {' | '.join(f'{values[name]:.4f}' for name in METRICS)} |" for system, values in metrics.items()
    )


def _comparisons(comparisons: list[Mapping[str, Any]]) -> str:
    return "\n".join(
        f"- against {row['baseline']}: {row['difference']:+.4f} ({row['low']:+.4f} to {row['high']:+.4f})"
        for row in comparisons
    )


def _coefficients(values: Mapping[str, float]) -> str:
    return "\n".join(f"- {name}: {value:+.3f}" for name, value in values.items())
