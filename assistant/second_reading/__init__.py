"""A language model's reading of what the parser is not sure of, checked word by word before anything of it counts."""
