"""Fits what `retrieval.opinions` reads with. A door to torch.

In: training rows. Out: fitted models. Knows no file. Deterministic for a seed and a number of threads.
"""

import logging
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from tokenizers import Encoding
from torch import Tensor
from torch.nn import functional

from benchmarks.opinion_data import Aspects, Reviews
from retrieval.model_folder import ModelFolder
from retrieval.opinions import chinese, english
from retrieval.opinions.grams import N_PLACES, LinearModel, counted, features

logger = logging.getLogger(__name__)

SMOOTHING = 0.05
"""Of labels: reviews are labelled by stars, which do not always agree with the words."""

Rows = NDArray[np.int64]
Step = Callable[[Rows], Tensor]


@dataclass(frozen=True, slots=True)
class Plan:
    """How one task is gone through: so many epochs in batches of so many rows of like length."""

    lengths: Rows
    rows: Rows
    loss: Step
    n_epochs: int
    batch_size: int = 32


def fit_linear(texts: Sequence[str], labels: Rows, unit: str, inverse_penalty: float) -> LinearModel:
    """Logistic regression over the hashed n-grams of these texts."""
    counts = [counted(text, unit) for text in texts]
    places = np.concatenate([np.fromiter(count, np.int64, len(count)) for count in counts])
    numbers = np.concatenate([np.fromiter(count.values(), np.float64, len(count)) for count in counts])
    starts = np.concatenate([[0], np.cumsum([len(count) for count in counts])])
    table = csr_matrix((numbers, places, starts), shape=(len(texts), N_PLACES))
    idf = TfidfTransformer(sublinear_tf=True).fit(table).idf_.astype(np.float32)
    rows = [features(text, unit, idf) for text in texts]
    weighted = csr_matrix(
        (np.concatenate([values for _, values in rows]), np.concatenate([at for at, _ in rows]), starts), table.shape
    )
    model = LogisticRegression(C=inverse_penalty, max_iter=500).fit(weighted, labels)
    return LinearModel(unit, idf, model.coef_[0].astype(np.float32), float(model.intercept_[0]))


def fit_chinese(
    reviews: Reviews, further: Reviews, aspects: Sequence[Aspects], rows: Rows, seed: int
) -> tuple[chinese.CharacterNetwork, chinese.CharacterNetwork]:
    """What reads reviews and what reads aspects: both begin with `further` reviews of goods.

    The first goes on with these reviews' `rows` and the aspects' training rows, the second with the aspects alone: what
    buyers of food write made it take calm sentences about goods for complaints.
    """
    start = begun_chinese(further, seed)
    return tuned_chinese(start, aspects, seed, (reviews, rows)), tuned_chinese(start, aspects, seed)


def begun_chinese(further: Reviews, seed: int) -> chinese.CharacterNetwork:
    """The character network after it read `further` reviews, with the same head for each task."""
    torch.manual_seed(seed)
    network = chinese.CharacterNetwork()
    if len(further.texts):
        _go_through(network, [_plan(network, further.texts, further.labels, None, "shop_review", 2, 64)], 1e-3, seed)
        with torch.no_grad():
            for task in chinese.TASKS:
                network.heads[task].load_state_dict(network.heads["shop_review"].state_dict())
    return network


def tuned_chinese(
    start: chinese.CharacterNetwork,
    aspects: Sequence[Aspects],
    seed: int,
    reviews: tuple[Reviews, Rows] | None = None,
    n_souped: int = 3,
) -> chinese.CharacterNetwork:
    """The network tuned on the aspects' training rows, and on reviews' rows where they are given.

    That is done `n_souped` times and the weights averaged.
    Source: Wortsman et al. 2022, Model soups, section 2.
    """
    known = [
        (aspect, label)
        for part in aspects
        for aspect, label, is_test in zip(part.aspects, part.labels.tolist(), part.is_test, strict=True)
        if not is_test
    ]
    sentences = [chinese.marked(aspect.sentence, aspect.start, aspect.end) for aspect, _ in known]
    polarities = np.array([label // 2 for _, label in known])
    souped = []
    for number in range(n_souped):
        torch.manual_seed(seed + 1 + number)
        tuned = deepcopy(start)
        plans = [_plan(tuned, sentences, polarities, None, "aspect", 5, 32)]
        if reviews is not None:
            plans.append(_plan(tuned, reviews[0].texts, reviews[0].labels, reviews[1], "review", 4, 32))
        _go_through(tuned, plans, 1e-3, seed + 1 + number)
        souped.append(tuned.state_dict())
    network = deepcopy(start)
    network.load_state_dict({name: torch.stack([one[name] for one in souped]).mean(0) for name in souped[0]})
    return network.eval()


def _plan(
    network: chinese.CharacterNetwork,
    texts: Sequence[str],
    labels: Rows,
    rows: Rows | None,
    task: str,
    n_epochs: int,
    size: int,
) -> Plan:
    read = [chinese.places(text) for text in texts]

    def loss(batch: Rows) -> Tensor:
        characters, pairs = chinese.padded([read[row] for row in batch])
        # Some characters and pairs are left out, so that none is relied on alone.
        hidden = (torch.rand(characters.shape) < 0.1) & (characters > 0)
        characters, pairs = characters.masked_fill(hidden, 1), pairs.masked_fill(torch.rand(pairs.shape) < 0.2, 0)
        logits = network(characters, pairs, task)
        wanted = torch.tensor(labels[batch], dtype=torch.float32) * (1 - 2 * SMOOTHING) + SMOOTHING
        return functional.binary_cross_entropy_with_logits(logits, wanted)

    lengths = np.array([len(characters) for characters, _ in read])
    return Plan(lengths, np.arange(len(texts)) if rows is None else rows, loss, n_epochs, size)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What the lower layers made of texts, one after the other: text `i` is `starts[i]:starts[i+1]`."""

    vectors: NDArray[np.float16]
    starts: Rows
    encodings: Sequence[Encoding]

    def padded(self, rows: Rows) -> tuple[Tensor, Tensor]:
        """`(n, width, 384)` and `(n, width)`: hidden vectors and their mask."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        hidden = torch.zeros(len(rows), int(lengths.max()), english.WIDTH)
        mask = torch.zeros(hidden.shape[:2])
        for place, row in enumerate(rows):
            found = self.vectors[self.starts[row] : self.starts[row + 1]]
            hidden[place, : len(found)] = torch.from_numpy(found.astype(np.float32))
            mask[place, : len(found)] = 1
        return hidden, mask


def hidden_of(folder: ModelFolder, texts: Sequence[str], lower: english.LowerLayers) -> Hidden:
    """The texts read by the lower layers, which are not tuned and so are gone through once."""
    encodings = folder.tokenizer().encode_batch_fast(list(texts))
    lengths = np.array([len(encoding.ids) for encoding in encodings])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    vectors = np.zeros((starts[-1], english.WIDTH), dtype=np.float16)
    with torch.inference_mode():
        for rows in _cut(np.argsort(lengths), 32):
            read = lower(*english.padded_ids([encodings[row] for row in rows]))
            for row, found in zip(rows, read, strict=True):
                vectors[starts[row] : starts[row + 1]] = found[: lengths[row]].numpy()
    return Hidden(vectors, starts, encodings)


def fit_english(
    folder: ModelFolder, reviews: Reviews, rows: Rows, aspects: Aspects, seed: int, n_aspect_epochs: int = 4
) -> english.UpperLayers:
    """The upper layers, tuned on the reviews' `rows` once and on the aspects' training rows `n_aspect_epochs` times."""
    torch.manual_seed(seed)
    lower, upper = english.LowerLayers(folder.path), english.UpperLayers(folder.path)
    read, sentences = (
        hidden_of(folder, reviews.texts, lower),
        hidden_of(folder, [a.sentence for a in aspects.aspects], lower),
    )

    def review_loss(batch: Rows) -> Tensor:
        wanted = torch.tensor(reviews.labels[batch], dtype=torch.float32) * (1 - 2 * SMOOTHING) + SMOOTHING
        return functional.binary_cross_entropy_with_logits(upper.review_logits(*read.padded(batch)), wanted)

    def aspect_loss(batch: Rows) -> Tensor:
        hidden, mask = sentences.padded(batch)
        named = english.named_tokens(
            [sentences.encodings[row] for row in batch],
            [(aspects.aspects[row].start, aspects.aspects[row].end) for row in batch],
            mask.shape[1],
        )
        logits = upper.aspect_logits(hidden, mask, named)
        return functional.cross_entropy(logits, torch.tensor(aspects.labels[batch]))

    plans = [
        Plan(np.diff(read.starts), rows, review_loss, 1),
        Plan(np.diff(sentences.starts), np.flatnonzero(~aspects.is_test), aspect_loss, n_aspect_epochs),
    ]
    _go_through(upper, plans, 1e-4, seed, head_rate=1e-3)
    return upper.eval()


def _go_through(
    network: torch.nn.Module, plans: Sequence[Plan], rate: float, seed: int, head_rate: float | None = None
) -> None:
    """Train on the batches of all plans in one random order, the rate rising over a tenth, then falling to nothing."""
    drawn = np.random.default_rng(seed)
    todo = [(plan, rows) for plan in plans for _ in range(plan.n_epochs) for rows in _batches(plan, drawn)]
    layers = [tensor for name, tensor in network.named_parameters() if head_rate is None or name.startswith("layers.")]
    heads = [tensor for name, tensor in network.named_parameters() if head_rate and not name.startswith("layers.")]
    groups: list[dict[str, Any]] = [
        {"params": layers, "lr": rate},
        *([{"params": heads, "lr": head_rate}] if heads else []),
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    n_up = max(len(todo) // 10, 1)
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / n_up, (len(todo) - step) / (len(todo) - n_up))
    )
    network.train()
    for step, number in enumerate(drawn.permutation(len(todo))):
        plan, rows = todo[number]
        loss = plan.loss(rows)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        pace.step()
        if step % 100 == 0:
            logger.info("step %d of %d", step, len(todo))


def _batches(plan: Plan, drawn: np.random.Generator) -> list[Rows]:
    """Batches of rows of like length, from stretches of a random order."""
    order = drawn.permutation(plan.rows)
    stretches = np.array_split(order, max(1, len(order) // (20 * plan.batch_size)))
    return [rows for stretch in stretches for rows in _cut(stretch[np.argsort(plan.lengths[stretch])], plan.batch_size)]


def _cut(order: Rows, size: int) -> list[Rows]:
    return [order[start : start + size] for start in range(0, len(order), size)]
