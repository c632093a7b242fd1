"""One drawing per category of the demo shop, one module per department.

In: a `Look` (colours, features, which of the category's designs). Out: SVG fragments on a 400 x 400 canvas whose floor
is at y = 335. Knows no product, no file and no page.
"""
