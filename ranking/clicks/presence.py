"""Who was shown what, whatever came of it, as columns of numbers.

In: pairs of a shopper and a product. Out: a few columns for each shopper and each product. Knows no clicks: that
somebody met a product at all says what they look for.

Source: what is rated as evidence, however it is rated: Koren 2008, Factorization meets the neighborhood, section 4
(SVD++); here as the leading singular vectors of the table of who met what, weighed against those who met much.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from ranking.clicks.interactions import Codes

Columns = NDArray[np.float64]

SHRINKAGE = 5.0
"""So many rows more are taken to be known of everyone when their weight is reckoned."""


def presence_of(
    shopper: Codes, product: Codes, n_shoppers: int, n_products: int, rank: int, seed: int
) -> tuple[Columns, Columns]:
    """``(n_shoppers, r + 1)`` and ``(n_products, r + 1)``: `r` components and the logarithm of the count.

    `r` is `rank`, or less where the table has fewer columns or rows. Components have the spread 1. Who met nothing gets
    the mean of those who did: nothing is known of them, and they must not be taken for somebody who met very little.
    """
    met = sparse.csr_matrix((np.ones(len(shopper)), (shopper, product)), shape=(n_shoppers, n_products))
    met.data[:] = 1.0
    by_shopper = np.bincount(shopper, minlength=n_shoppers)
    by_product = np.bincount(product, minlength=n_products)
    weighed = sparse.diags_array((by_shopper + SHRINKAGE) ** -0.5) @ met
    weighed = (weighed @ sparse.diags_array((by_product + SHRINKAGE) ** -0.5)).tocsr()
    rank = min(rank, n_shoppers - 1, n_products - 1)
    start = np.random.default_rng(seed).normal(size=min(n_shoppers, n_products))
    left, _, right = svds(weighed, k=rank, v0=start)
    return _columns(left, by_shopper), _columns(right.T, by_product)


def _columns(components: Columns, counts: Codes) -> Columns:
    spread = components.std(axis=0)
    columns = np.hstack([components / np.where(spread > 0.0, spread, 1.0), np.log1p(counts)[:, None]])
    columns[counts == 0] = columns[counts > 0].mean(axis=0)
    return columns
