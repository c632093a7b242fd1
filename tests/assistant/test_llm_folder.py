"""A causal model from a folder, made here with random weights: what it says means nothing, how it says it does."""

import threading
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from assistant.config import read_settings
from assistant.llm import LlmSettings, TokenBudget, open_language_model
from assistant.llm.folder import FolderModel
from retrieval.errors import LanguageModelError, NoLanguageModel

WORDS = "take this boot it is grey and waterproof 登 山 靴".split()
TEMPLATE = "{% for message in messages %}{{ message['role'] }} : {{ message['content'] }} {% endfor %}assistant :"
NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" + TEMPLATE


def tiny_causal(folder: Path, template: str | None = TEMPLATE) -> Path:
    """A Llama of one layer."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = ["<pad>", "<unk>", "<end>", "system", "user", "assistant", ":", *WORDS]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(vocabulary)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", eos_token="<end>", chat_template=template
    )
    fast.save_pretrained(folder)
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=256, eos_token_id=2, bos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    network = LlamaForCausalLM(config)
    network.save_pretrained(folder)
    return folder


def opened(folder: Path, budget: TokenBudget | None = None, **changes):
    options = {"timeout_s": 30.0, "first_token_s": 20.0, "max_tokens": 12, "temperature": 0.0} | changes
    return open_language_model(LlmSettings(str(folder), **options), budget)


def test_a_folder_streams_word_by_word_and_counts_its_tokens(tmp_path):
    budget = TokenBudget(1_000)
    pieces = list(opened(tiny_causal(tmp_path), budget).stream("be brief", "which boot ?", "s1"))
    assert len([piece for piece in pieces if piece]) > 1
    assert set("".join(pieces).split()) <= {*WORDS, "<unk>", "system", "user", "assistant", ":"}
    assert budget.used("s1") > 12


def test_langchains_own_package_streams_too(tmp_path):
    """It knows no asynchronous way; a thread asks it."""
    pytest.importorskip("langchain_huggingface")
    settings = LlmSettings(f"huggingface:{tiny_causal(tmp_path)}", timeout_s=30.0, first_token_s=20.0, max_tokens=12)
    assert "".join(open_language_model(settings).stream("be brief", "which boot ?")).strip()


@pytest.mark.parametrize("template", [None, NO_SYSTEM])
def test_a_model_that_knows_no_system_message_is_told_all_the_same(tmp_path, template):
    model = FolderModel.open(str(tiny_causal(tmp_path, template)), max_tokens=12, temperature=1.0)
    prompt = model._prompt([SystemMessage("grey"), HumanMessage("boot")])
    told = model.tokenizer.decode(prompt[0])
    assert told.index("grey") < told.index("boot")
    assert model.invoke([SystemMessage("grey"), HumanMessage("boot")]).usage_metadata["output_tokens"] <= 12


def test_nobody_computes_what_nobody_reads(tmp_path):
    model = opened(tiny_causal(tmp_path), max_tokens=200)
    # The same weights: a folder is read once.
    network = FolderModel.open(str(tmp_path), max_tokens=1, temperature=0).network
    asked = []
    network.register_forward_hook(lambda *_: asked.append(1))
    stream = model.stream("s", "u")
    next(piece for piece in stream if piece)
    stream.close()
    waiting = threading.Event()
    waiting.wait(0.3)
    n_asked = len(asked)
    waiting.wait(0.3)
    assert len(asked) == n_asked < 200


def test_a_prompt_that_does_not_fit_is_an_error(tmp_path):
    with pytest.raises(LanguageModelError, match=r"a prompt of 30\d tokens and max_tokens .* 256"):
        list(opened(tiny_causal(tmp_path)).stream("boot " * 300, "u"))


def test_a_folder_is_found_from_the_shops(tmp_path):
    (tmp_path / "shop.toml").write_text(
        '[llm]\nmodel = "./models/small"\nfallbacks = ["huggingface:./other"]\n', "utf-8"
    )
    settings = read_settings(tmp_path).llm
    assert settings.model == str(tmp_path / "models/small")
    assert settings.fallbacks[0].model == str(tmp_path / "other")
    with pytest.raises(NoLanguageModel, match=r"there is no model in .*small: it needs config\.json"):
        open_language_model(settings)


def test_code_in_the_folder_is_not_run(tmp_path):
    """Weights that unpickling would run are not even looked at."""
    folder = tiny_causal(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(NoLanguageModel, match="safetensors"):
        opened(folder)
