"""The rules that `assistant.parser` applies, one concern a module. Deterministic, no model, no input or output."""
