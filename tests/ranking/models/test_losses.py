import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from ranking.models.batches import Negatives
from ranking.models.losses import (
    ROWS_A_CHUNK,
    binary_loss,
    bpr_loss,
    sampled_softmax_loss,
    softmax_loss,
)


def _case(n: int, n_items: int, width: int = 8, seed: int = 0):
    torch.manual_seed(seed)
    shoppers = torch.randn(n, width, requires_grad=True)
    items = torch.randn(n_items, width, requires_grad=True)
    bias = torch.randn(n_items, requires_grad=True)
    return (shoppers, items, bias), torch.randint(n_items, (n,))


# The products are in bfloat16, of 8 bits, where the machine multiplies that faster.
HALF = {"rtol": 0.05, "atol": 0.02}


@pytest.mark.parametrize("n", [1, ROWS_A_CHUNK, 2 * ROWS_A_CHUNK + 3])
def test_softmax_in_chunks_and_its_gradients_are_those_of_plain_cross_entropy(n):
    inputs, target = _case(n, 30)
    shoppers, items, bias = inputs
    loss = softmax_loss(shoppers, items, bias, target)
    found = torch.autograd.grad(3.0 * loss, inputs)
    plain = functional.cross_entropy(shoppers @ items.T + bias, target)
    wanted = torch.autograd.grad(3.0 * plain, inputs)
    torch.testing.assert_close(loss, plain, **HALF)
    for ours, theirs in zip(found, wanted, strict=True):
        scale = float(theirs.abs().max())
        torch.testing.assert_close(ours / scale, theirs / scale, **HALF)


def test_softmax_stays_a_number_where_logits_are_huge():
    shoppers, items = torch.full((2, 4), 100.0), torch.eye(4) * 100.0
    loss = softmax_loss(shoppers, items, torch.tensor([1e4, 0.0, -1e4, 0.0]), torch.tensor([0, 2]))
    assert torch.isfinite(loss)
    assert loss == pytest.approx(1e4, rel=0.01)


def test_the_corrected_sampled_softmax_comes_to_the_full_one():
    """With many samples the sum over them is, in expectation, the sum over all items but the target."""
    (shoppers, items, bias), target = _case(40, 12, width=4, seed=2)
    shoppers = shoppers * 0.5
    negatives = Negatives(np.array([50, 20, 9, 5, 3, 2, 1, 1, 1, 1, 4, 30]))
    expected = negatives.log_expected(20_000)
    sampled = negatives.sample(20_000)
    full = functional.cross_entropy(shoppers @ items.T + bias, target)
    corrected = sampled_softmax_loss(shoppers, items, bias, target, sampled, expected)
    without = sampled_softmax_loss(shoppers, items, bias, target, sampled, torch.zeros(12))
    assert float(corrected.detach()) == pytest.approx(float(full.detach()), rel=0.02)
    assert float(without.detach()) > float(full.detach()) + 1.0


def test_gradients_of_the_corrected_sampled_softmax_point_where_the_full_ones_do():
    inputs, target = _case(40, 12, width=4, seed=3)
    shoppers, items, bias = inputs
    negatives = Negatives(np.arange(1, 13))
    sampled = negatives.sample(20_000)
    loss = sampled_softmax_loss(shoppers, items, bias, target, sampled, negatives.log_expected(20_000))
    found = torch.autograd.grad(loss, inputs)
    wanted = torch.autograd.grad(functional.cross_entropy(shoppers @ items.T + bias, target), inputs)
    for ours, theirs in zip(found, wanted, strict=True):
        assert float(functional.cosine_similarity(ours.flatten(), theirs.flatten(), dim=0)) > 0.99


def test_what_nobody_took_up_is_no_negative():
    negatives = Negatives(np.array([5, 0, 1]))
    assert set(negatives.sample(1_000).tolist()) == {0, 2}
    share = 5**0.75 / (5**0.75 + 1)
    assert negatives.log_expected(10).exp().tolist() == pytest.approx([10 * share, 0.0, 10 * (1 - share)])


def test_the_target_is_not_its_own_negative():
    shoppers, items = torch.ones(1, 2), torch.eye(2)
    only_itself = torch.zeros(5, dtype=torch.int64)
    loss = sampled_softmax_loss(shoppers, items, torch.zeros(2), torch.tensor([0]), only_itself, torch.zeros(2))
    assert float(loss) == 0.0


def test_samples_come_as_often_as_they_are_expected():
    torch.manual_seed(0)
    negatives = Negatives(np.array([0, 1, 10, 100]))
    drawn = torch.bincount(negatives.sample(200_000), minlength=4)
    np.testing.assert_allclose(drawn, negatives.log_expected(200_000).exp(), rtol=0.05)


def test_random_acts_are_expected_as_often_as_they_happened():
    negatives = Negatives(np.array([1, 3]))
    both = negatives.log_expected(10, 8).exp() - negatives.log_expected(10).exp()
    np.testing.assert_allclose(both, [2.0, 6.0], rtol=1e-5)


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.1, 3))
def test_pairwise_and_pointwise_losses_fall_when_the_target_rises(own, other, more):
    others = torch.tensor([[other, other]])
    for loss in (bpr_loss, binary_loss):
        assert loss(torch.tensor([own + more]), others) < loss(torch.tensor([own]), others)


def test_a_negative_that_is_masked_counts_for_nothing():
    own = torch.tensor([0.3], requires_grad=True)
    masked = torch.tensor([[-torch.inf, -torch.inf]])
    for loss, wanted in ((bpr_loss, 0.0), (binary_loss, float(functional.softplus(torch.tensor(-0.3))))):
        value = loss(own, masked)
        assert float(value.detach()) == pytest.approx(wanted)
        assert torch.isfinite(torch.autograd.grad(value, own)[0]).all()
