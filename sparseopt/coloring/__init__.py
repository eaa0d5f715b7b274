"""Coloring: which columns and rows of a sparse matrix can be found from one product.

>>> import numpy as np
>>> from sparseopt.coloring import color
>>> arrowhead = np.eye(5)
>>> arrowhead[0] = arrowhead[:, 0] = 1.0
>>> color(arrowhead, "column").num_colors
5
>>> color(arrowhead, "symmetric").num_colors
2
"""

from sparseopt.coloring.color import color
from sparseopt.coloring.coloring import Coloring
from sparseopt.coloring.decompression import Recovery
from sparseopt.coloring.validity import (
    is_acyclic_coloring,
    is_covered,
    is_directly_recoverable,
    is_recoverable_by_substitution,
    is_star_coloring,
    is_structurally_orthogonal,
)

__all__ = [
    "Coloring",
    "Recovery",
    "color",
    "is_acyclic_coloring",
    "is_covered",
    "is_directly_recoverable",
    "is_recoverable_by_substitution",
    "is_star_coloring",
    "is_structurally_orthogonal",
]
