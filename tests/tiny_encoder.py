"""Encoders small enough to be made and tuned in seconds: a BERT of two layers with random weights, word by word."""

from collections.abc import Sequence
from pathlib import Path

from retrieval.model_folder import ModelFolder, read_folder


def save_words(folder: Path, words: Sequence[str]) -> int:
    """A tokenizer that knows these words, in a folder; how many tokens it has."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    return len(vocabulary)


def tiny_encoder(folder: Path, words: Sequence[str], seed: int = 1) -> ModelFolder:
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    n_tokens = save_words(folder, words)
    config = BertConfig(
        vocab_size=n_tokens, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        initializer_range=0.5, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return read_folder(folder, "tiny", frozenset({"en"}))
