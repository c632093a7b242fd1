"""The designs in which the demo shop's products are drawn: one module per category, each with a table `DESIGNS`.

In: a `Look` (colours made from the product's). Out: SVG fragments on a 400 x 400 canvas whose floor is at y = 335.
Knows no product, no file and no page.
"""
