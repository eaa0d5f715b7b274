"""Values of a sparse matrix as nodes: products with the seeds of a coloring, and one copy.

Seeds are copies of the literals one and zero, so what a direction does not reach is seen to vanish,
and the dependence of every value stays as sparse as it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sparseopt.coloring.color import color
from sparseopt.coloring.coloring import Coloring
from sparseopt.derivatives.programs.nodes import ProgramNodes
from sparseopt.graph.nodes import Node
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["compressed_values", "fewest_colors"]


def fewest_colors(pattern: SparsityPattern) -> Coloring:
    """Return a coloring of the columns or the rows, whichever needs fewer directions."""
    columns = color(pattern, "column")
    rows = color(pattern, "row")
    return columns if columns.num_colors <= rows.num_colors else rows


def compressed_values(
    nodes: ProgramNodes, coloring: Coloring, product: Callable[[Node], Node]
) -> Node:
    """Return the values of a matrix, in the order of its pattern.

    Parameters
    ----------
    nodes : ProgramNodes
    coloring : Coloring
        Of columns or of rows, or symmetric, with direct recovery.
    product : callable
        From a seed to the matrix (for a coloring of rows its transpose) times the seed.
    """
    recovery = coloring.recovery
    if not recovery.value.size:
        return nodes.literal(0.0)
    colors = np.asarray(coloring.colors)
    compressed = [product(nodes.indicator(colors == k)) for k in range(coloring.num_colors)]
    starts = np.cumsum([0, *(column.size for column in compressed)])
    flat = np.empty(recovery.value.size, np.int64)
    flat[recovery.value] = starts[recovery.color] + recovery.vertex
    return nodes.chosen(compressed, flat)
