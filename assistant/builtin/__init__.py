"""The language model that comes with the assistant: small, trained by this project, needing no key and no network."""
