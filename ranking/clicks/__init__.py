"""How likely a shopper is to click a product, learned from what was clicked and what was passed over.

`interactions` and `traits` read files, `sampler` holds the arithmetic, `model` fits and tells the probability.
"""
