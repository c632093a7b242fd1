"""The losses that matchers are trained with.

In: the representations of shoppers and items, and which item each shopper took up. Out: a scalar to minimise. Knows no
network and no data set.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

BFLOAT16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16")

ROWS_A_CHUNK = 256
"""So many rows of the logits are held at once: the whole table would be read from memory six times over."""


class _SoftmaxOverAll(torch.autograd.Function):
    """Cross-entropy over all items without keeping the ``(n, I)`` logits: gradients are made in the forward pass."""

    @staticmethod
    def forward(ctx: Any, shoppers: Tensor, items: Tensor, bias: Tensor, target: Tensor) -> Tensor:
        n, half = len(target), _half(shoppers)
        wide = items.to(half)
        to_shoppers = torch.empty_like(shoppers)
        to_items, to_bias = torch.zeros_like(items), torch.zeros_like(bias)
        loss = shoppers.new_zeros(())
        for first in range(0, n, ROWS_A_CHUNK):
            some = slice(first, first + ROWS_A_CHUNK)
            rows, wanted = shoppers[some].to(half), target[some]
            logits = (rows @ wide.T).float() + bias
            peak = logits.max(dim=1, keepdim=True).values
            at_target = logits.gather(1, wanted[:, None])
            shares = logits.sub_(peak).exp_()
            total = shares.sum(dim=1, keepdim=True)
            loss += (total.log() + peak - at_target).sum()
            shares.div_(total).scatter_add_(1, wanted[:, None], -torch.ones_like(at_target))
            slope = shares.to(half)
            to_shoppers[some] = (slope @ wide).float()
            to_items += (slope.T @ rows).float()
            to_bias += shares.sum(dim=0)
        ctx.save_for_backward(to_shoppers / n, to_items / n, to_bias / n)
        return loss / n

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        to_shoppers, to_items, to_bias = ctx.saved_tensors
        return grads[0] * to_shoppers, grads[0] * to_items, grads[0] * to_bias, None


def _half(like: Tensor) -> torch.dtype:
    """bfloat16 where it is multiplied faster than float32."""
    if like.is_cuda:
        return torch.bfloat16
    capabilities = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(capabilities.get(name) for name in BFLOAT16_INSTRUCTIONS) else torch.float32


def softmax_loss(shoppers: Tensor, items: Tensor, bias: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of the softmax over all items.

    Args:
        shoppers: ``(n, d)``, already divided by the temperature.
        items: ``(I, d)``.
        bias: ``(I,)``, added to the logits.
        target: ``(n,)`` rows of items.
    """
    loss: Tensor = _SoftmaxOverAll.apply(shoppers, items, bias, target)  # type: ignore[no-untyped-call]
    return loss


def sampled_softmax_loss(
    shoppers: Tensor, items: Tensor, bias: Tensor, target: Tensor, sampled: Tensor, log_expected: Tensor
) -> Tensor:
    """Cross-entropy against the target and shared sampled items, corrected for how likely each was to be sampled.

    Args:
        shoppers: as in `softmax_loss`.
        items: as in `softmax_loss`.
        bias: as in `softmax_loss`.
        target: ``(n,)`` rows of items.
        sampled: ``(m,)`` rows of items, the same for all n; where one is the row's own target it is left out there.
        log_expected: ``(I,)``, the logarithm of how often each item is expected among the m.

    Source: logQ correction: Bengio and Senécal 2008, Adaptive importance sampling to accelerate training of a neural
    probabilistic language model; Yi et al. 2019, Sampling-bias-corrected neural modeling, section 3.
    """
    own = (shoppers * items[target]).sum(dim=1) + bias[target]
    others = shoppers @ items[sampled].T + bias[sampled] - log_expected[sampled]
    others = others.masked_fill(target[:, None] == sampled[None, :], -torch.inf)
    logits = torch.cat([(own)[:, None], others], dim=1)
    return functional.cross_entropy(logits, torch.zeros(len(target), dtype=torch.int64, device=logits.device))


def bpr_loss(own: Tensor, others: Tensor) -> Tensor:
    """How far the target's score is above those of m sampled items: ``own`` is ``(n,)``, ``others`` ``(n, m)``.

    Source: Rendle et al. 2009, BPR: Bayesian personalized ranking from implicit feedback.

    >>> round(float(bpr_loss(torch.zeros(1), torch.zeros(1, 2))), 4)
    0.6931
    """
    return functional.softplus(others - own[:, None]).mean()


def binary_loss(own: Tensor, others: Tensor) -> Tensor:
    """Binary cross-entropy with m negative samples each: ``own`` is ``(n,)``, ``others`` ``(n, m)`` logits.

    Source: Kang and McAuley 2018, Self-attentive sequential recommendation, equation 6.

    >>> round(float(binary_loss(torch.zeros(1), torch.zeros(1, 2))), 4)
    1.3863
    """
    return functional.softplus(-own).mean() + functional.softplus(others).mean()
