"""Trains the built-in language model: `python -m benchmarks.train_writer --work DIR [--save] [--json]`.

In: nothing but the sentences of `writing_corpus/`. Out: in DIR the tokenizer and the newest checkpoint, from which a
run that was cut off goes on; then figures on briefs that were never seen, and with `--save` the weights that the
package ships. Seeded; an hour or so on one core.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import torch
import typer
from transformers import GenerationConfig

from assistant.builtin.model import FOLDER, MAX_TOKENS, META_FILE, TEMPERATURE, TOP_P, read_model
from benchmarks.report import print_report
from benchmarks.writer_figures import figures
from benchmarks.writer_training import Run, Settings

SHIPPED = (
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
)


def main(
    work: Annotated[Path, typer.Option(help="Where the run lives; give it again to go on with it.")],
    steps: Annotated[int, typer.Option(help="How many batches to train on.")] = Settings().n_steps,
    seed: int = Settings().seed,
    n: Annotated[int, typer.Option(help="How many unseen briefs of each language to write.")] = 200,
    save: Annotated[bool, typer.Option("--save", help="Write the weights into the package.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Train, measure and export."""
    started = time.monotonic()
    # Two threads that wait for each other are slower than one where anything else runs.
    torch.set_num_threads(1)
    settings = Settings(seed=seed, n_steps=steps)
    run = Run(work, settings)
    typer.echo(
        f"{sum(weight.numel() for weight in run.model.parameters()):,} parameters, from step {run.step}", err=True
    )
    for line in run.train():
        typer.echo(f"step {line['step']:,.0f} of {steps:,}: loss {line['loss']:.3f}, {line['seconds']:.0f} s", err=True)
    folder = work / "export"
    export(run, folder)
    rows = figures(read_model(folder), n)
    if save:
        FOLDER.mkdir(exist_ok=True)
        for name in (*SHIPPED, META_FILE):
            (FOLDER / name).write_bytes((folder / name).read_bytes())
    data = {"settings": asdict(settings), "loss": run.log[-1]["loss"] if run.log else None}
    print_report("train_writer", data, "served", rows, time.monotonic() - started, as_json=as_json)


def export(run: Run, folder: Path) -> None:
    """The run's model in half precision as the transformers library reads it, with the hash of each file."""
    folder.mkdir(parents=True, exist_ok=True)
    model = run.model
    settings: Callable[..., GenerationConfig] = GenerationConfig
    model.generation_config = settings(
        do_sample=True,
        temperature=TEMPERATURE,
        top_p=TOP_P,
        max_new_tokens=MAX_TOKENS,
        eos_token_id=run.tokenizer.eos_token_id,
        pad_token_id=run.tokenizer.pad_token_id,
    )
    state = {name: value.half() for name, value in model.state_dict().items() if name != "lm_head.weight"}
    model.save_pretrained(folder, state_dict=state)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "dtype": "float16"}, indent=1), encoding="utf-8")
    run.tokenizer.save_pretrained(folder)
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in SHIPPED}
    meta = {"settings": asdict(run.settings), "step": run.step, "sha256": hashes}
    (folder / META_FILE).write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
