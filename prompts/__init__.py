"""What the language model is told, and what the plain writer says: one file per prompt, and the loader.

Comes in: the name of a prompt and its values. Goes out: text. Knows nothing else of this project.
"""

from prompts.loader import Prompt, PromptError, load_prompt, prompt_names, read_prompt
from prompts.phrases import Phrases, load_phrases
from prompts.untrusted import as_data

__all__ = ["Phrases", "Prompt", "PromptError", "as_data", "load_phrases", "load_prompt", "prompt_names", "read_prompt"]
