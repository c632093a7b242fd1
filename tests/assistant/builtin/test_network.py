"""The network beside the transformers library's: the same numbers from the same files."""

import json

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from assistant.builtin.network import Network

VOCABULARY = 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=64,
        initializer_range=0.5,
        tie_word_embeddings=True,
    )
    folder = tmp_path_factory.mktemp("llama")
    LlamaForCausalLM(config).half().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def theirs(folder):
    return LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def logits_of(model, tokens):
    with torch.inference_mode():
        return model(input_ids=torch.tensor([tokens])).logits[0].numpy()


@pytest.mark.parametrize("seed", range(5))
def test_a_whole_text_gives_the_same_logits(folder, theirs, seed):
    tokens = list(map(int, np.random.default_rng(seed).integers(0, VOCABULARY, 40)))
    network = Network(folder)
    ours = network.feed(tokens, network.cache(40))
    assert ours.shape == (40, VOCABULARY)
    np.testing.assert_allclose(ours, logits_of(theirs, tokens), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("cuts", [[1] * 12, [5, 1, 1, 5], [11, 1], [3, 4, 5]])
def test_a_text_may_be_fed_in_parts(folder, cuts):
    tokens = list(range(12))
    network = Network(folder)
    whole = network.feed(tokens, network.cache(12))
    cache, parts, at = network.cache(12), [], 0
    for n in cuts:
        parts.append(network.feed(tokens[at : at + n], cache))
        at += n
    assert cache.length == 12
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-4, atol=1e-4)


def test_two_texts_at_once_do_not_meet(folder):
    network = Network(folder)
    one, other = network.cache(8), network.cache(8)
    first = network.feed([1, 2, 3], one)
    network.feed([9, 9, 9, 9], other)
    np.testing.assert_array_equal(network.feed([1, 2, 3], network.cache(8)), first)
    expected = network.feed([1, 2, 3, 4], network.cache(8))[-1]
    np.testing.assert_allclose(network.feed([4], one)[-1], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model_type": "mistral"}, "not a Llama network"),
        ({"tie_word_embeddings": False}, "not a Llama network"),
        ({"num_key_value_heads": 2}, "shared keys or biases"),
        ({"attention_bias": True}, "shared keys or biases"),
    ],
)
def test_what_it_does_not_know_is_refused(folder, tmp_path, changed, said):
    config = json.loads((folder / "config.json").read_text()) | changed
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(ValueError, match=said):
        Network(tmp_path)
