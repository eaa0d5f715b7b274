"""Where the derivatives of a whole loop can have entries, and their values by sweeps.

The pattern of the Jacobian is carried from step to step with that of the body: an output depends
on the inputs of no later step.  The Hessian is taken as dense unless every step is linear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import PatternError
from sparseopt.loops.body import Body
from sparseopt.patterns.index_sets import hessian_pattern_of, jacobian_pattern_of

__all__ = ["LoopStructure", "columns_of"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int32]
Places = tuple[IntArray, IntArray]
Product = Callable[[FloatArray, FloatArray], None]

MOST_ENTRIES = 5 * 10**7
"""More entries than these are refused: the matrix of a loop is dense below its diagonal."""


class LoopStructure:
    """Patterns of a loop's Jacobian and of its Hessian.

    Parameters
    ----------
    body : Body
    length : int
    active : sequence of bool
        Which leaves of the inputs are arguments of the loop.
    places : list of (first argument, name)
        Of these leaves, and of the captured values.
    size_in : int
    """

    def __init__(
        self,
        body: Body,
        length: int,
        active: Sequence[bool],
        places: list[tuple[int, str]],
        size_in: int,
    ) -> None:
        self._body = body
        self._length = length
        self._size_in = size_in
        starts = np.cumsum([0, body.carry.size, *body.row_widths])
        self._row_parts = [
            slice(int(starts[1 + k]), int(starts[2 + k]))
            for k, is_arg in enumerate(active)
            if is_arg
        ]
        self._row_starts = [start for start, _ in places[:-1]]
        self._fixed_part = slice(int(starts[-1]), None)
        self._fixed_start = places[-1][0]

    @cached_property
    def _outputs(self) -> list[BoolArray]:
        """The patterns of the body's outputs by its variables."""
        found = []
        for k, node in enumerate(self._body.program.outputs):
            pattern = jacobian_pattern_of(self._body.program, k)
            dense = np.zeros((node.size, self._body.program.num_variables), bool)
            dense[pattern.rows, pattern.cols] = True
            found.append(dense)
        return found

    @cached_property
    def jacobian(self) -> Places:
        """Rows and columns of the Jacobian, sorted by rows.

        Raises
        ------
        PatternError
            For more than 5·10^7 entries.
        """
        self._require_few(self._estimate(), "Jacobian")
        pattern = self._dense_jacobian()
        rows, cols = np.nonzero(pattern)
        return rows.astype(np.int32), cols.astype(np.int32)

    def _estimate(self) -> int:
        widths = sum(node.size for node in self._body.program.outputs[1:])
        return (self._body.carry.size + self._length * widths) * self._size_in

    def _require_few(self, entries: int, what: str) -> None:
        if entries > MOST_ENTRIES:
            raise PatternError(
                f"the {what} of a scan of {self._length} steps may have {entries:,} entries",
                why="everything in a loop depends on everything before it",
                instead="a method that needs gradients and Hessian products only, or "
                "so.scan_defects: the carries as variables, and a sparse Jacobian",
            )

    def _dense_jacobian(self) -> BoolArray:
        n, length = self._body.carry.size, self._length
        state = np.zeros((n, self._size_in), bool)
        state[:, :n] = np.eye(n, dtype=bool)
        stacked = [
            np.zeros((length, out.shape[0], self._size_in), bool) for out in self._outputs[1:]
        ]
        for t in range(length):
            for found, step in zip(stacked, self._outputs[1:], strict=True):
                found[t] = self._after(step, state, t)
            state = self._after(self._outputs[0], state, t)
        return np.concatenate([state, *(f.reshape(-1, self._size_in) for f in stacked)])

    def _after(self, step: BoolArray, state: BoolArray, t: int) -> BoolArray:
        """Return the pattern of a result of step t by all arguments."""
        found = _times(step[:, : self._body.carry.size], state)
        for part, start in zip(self._row_parts, self._row_starts, strict=True):
            width = part.stop - part.start
            found[:, start + t * width : start + (t + 1) * width] |= step[:, part]
        found[:, self._fixed_start :] |= step[:, self._fixed_part]
        return found

    @cached_property
    def hessian(self) -> Places:
        """Rows and columns of the Hessian, lower triangle: all, or none of a linear step.

        Raises
        ------
        PatternError
            For more than 5·10^7 entries.
        """
        if hessian_pattern_of(self._body.program).nnz == 0:
            nothing = np.zeros(0, np.int32)
            return nothing, nothing
        self._require_few(self._size_in * (self._size_in + 1) // 2, "Hessian")
        rows, cols = np.tril_indices(self._size_in)
        return rows.astype(np.int32), cols.astype(np.int32)


def _times(one: BoolArray, other: BoolArray) -> BoolArray:
    product: BoolArray = (one.astype(np.float32) @ other.astype(np.float32)) > 0.0
    return product


def columns_of(
    product: Product, sizes: tuple[int, int], inner: IntArray, outer: IntArray, out: FloatArray
) -> None:
    """Write values of a matrix, found by a product with a unit vector for each ``outer`` index.

    Parameters
    ----------
    product : callable
        ``product(unit, into)`` adds a column (or a row) to ``into``.
    sizes : (int, int)
        Lengths of a unit vector and of a product.
    inner, outer : int arrays
        Places of the values within a product, and which product has them.
    """
    order = np.argsort(outer, kind="stable")
    numbers, starts = np.unique(outer[order], return_index=True)
    for number, chosen in zip(numbers, np.split(order, starts[1:]), strict=True):
        unit, column = np.zeros(sizes[0]), np.zeros(sizes[1])
        unit[number] = 1.0
        product(unit, column)
        out[chosen] = column[inner[chosen]]
