"""The model card of a trained matcher.

In: what `meta.json` holds. Out: Markdown for people. Knows nothing that is not in `meta.json`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

METRICS = ("ndcg@5", "recall@1", "mrr")

CALIBRATED = """Fitted on the validation searches, measured on all candidates of the test searches, ten bins of equal
width. They are probabilities of a candidate of a search that led to an act; searches that led to none are not in the
events.

"""


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

## Probabilities

{_calibration(meta["calibration"])}

## Position bias

{_examination(meta["examination"])}

## Taste

{_taste(meta.get("taste"))}

## Coefficients

{_coefficients(meta["coefficients"])}

A price that fits, better quality, more relevance, a brand, size or taste that fits and a stated like can only raise a
score, a dislike can only lower it. With an empty profile nothing is personalised.
{_held(meta["settings"]["held"])}
## Limits

It learned from the events named above: where they come from a simulator, the table says how well simulated tastes are
recovered, not how real shoppers behave. On another catalog the order stays close to retrieval's and what was learned
of tastes helps little: train on that shop's events. No training search holds a stated dislike unless the events do, so
that coefficient is a prior; so is that of sizes, and that of taste unless a model of tastes was there to learn with.
The table is of what was taken up in the lists as they were shown. No shopper's identity, age or gender goes in.
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


def _calibration(errors: Mapping[str, Mapping[str, float]]) -> str:
    if not errors:
        return "The searches held nothing to tell probabilities by, so the model gives none."
    lines = [
        f"- {name}: expected calibration error {row['ece']:.4f}, log loss {row['ne']:.3f} times that of the bare share;"
        f"\n  mean probability {row['mean']:.4f}, it happened to {row['share']:.4f} of the candidates"
        for name, row in errors.items()
    ]
    return CALIBRATED + "\n".join(lines)


def _examination(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "The log holds no impressions to tell it by: every act counts alike, and the order inherits the bias."
    curve = ", ".join(f"{chance:.2f}" for chance in found["curve"])
    return (
        f"Chance to look at each position, as a share of the first one's, read off {found['n_taken_up']} acts on\n"
        f"products that moved between positions: {curve}.\nIn training an act counts for one over it."
    )


def _taste(made: Mapping[str, Any] | None) -> str:
    if made is None:
        return "No model of tastes lies beside it: `taste` is 0 for everybody."
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in made["metrics"].items() if "," not in name)
    settings = ", ".join(f"{name} {value}" for name, value in made["settings"].items())
    n_shoppers, n_items = made["statistics"].get("shoppers", 0), made["statistics"].get("items", 0)
    return f"""`{made["model"]}`, fitted on what {n_shoppers:,} shoppers took up of {n_items:,} products before
{made["fitted_until"][:16]}, and measured on what each shopper took up first in the newest part of the log, all products
ranked: {metrics}.

Its settings: {settings}."""


def _held(names: Sequence[str]) -> str:
    return f"\nNot learned but set, since these events know nothing of it: {', '.join(names)}.\n" if names else ""
