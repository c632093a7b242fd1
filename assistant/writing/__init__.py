"""The parts of the writer: facts, wording, grounding, quotations, policies, and the plain writer's replies.

Comes in: a step, recommendations and evidence. Goes out: sentences. Knows no language model and no web.
"""
