"""How many nonzeros the Jacobian and the Hessian of a Program have, counted without them.

Forward, every value gets the set of variables that it depends on.  Backward, every value gets the
set of its *neighbors*: the variables that some nonlinear operation multiplies it with, or with
something computed from it.  The neighbors of a variable are the entries of its row of the Hessian
(the edges of Gower and Mello 2012, doi:10.1080/10556788.2011.580098, as sets).  Sets have a fixed
width (`variable_sets`), so time and memory are linear in the length of the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.index import Index, selector
from sparseopt.graph.nodes import Call, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.lifting.matrix_forms import MatrixForms, Ranges
from sparseopt.lifting.variable_sets import BitSets, Rows, VariableSets, variable_sets
from sparseopt.patterns.activity import curved_pairs, flowing_arguments
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["Counts", "can_be_exact", "count_nonzeros"]

FloatArray = NDArray[np.float64]

MOST_BITS = 1 << 35
"""Of all exact sets together; some tenths of a second."""
BUDGET = 1 << 24
"""Numbers held at once; what needs more is worked on by parts of the columns."""
SHORT = 8
"""Rows of so few entries are joined entry by entry: NumPy's ``reduceat`` is slow on them."""
LARGEST_STRUCTURE = 100_000
"""A function that is not NumPy is taken for dense if more entries were possible than that."""


@dataclass(frozen=True)
class Counts:
    """Sizes of a problem and of its derivatives.

    Attributes
    ----------
    variables, constraints : int
    jacobian : int
        Nonzeros of the constraints' Jacobian.
    hessian : int
        Nonzeros of the lower triangle of the Lagrangian's Hessian.
    is_exact : bool
        Or estimates, within about a quarter.
    """

    variables: int
    constraints: int
    jacobian: int
    hessian: int
    is_exact: bool = True

    @property
    def total(self) -> int:
        """Entries of the lower triangle of the KKT matrix that solvers factorize."""
        return self.jacobian + self.hessian + self.variables


def can_be_exact(program: Program) -> bool:
    """Whether `count_nonzeros` is exact in a fraction of a second, if it is asked to be."""
    return _held(program.nodes()) * program.num_variables <= MOST_BITS


def count_nonzeros(
    program: Program, forms: MatrixForms | None = None, *, exact: bool = False
) -> Counts:
    """Count the structural nonzeros of a program's derivatives, or estimate them.

    Parameters
    ----------
    program : Program
        ``outputs[0]`` is the objective, ``outputs[1]`` the constraints.
    forms : MatrixForms, optional
        Shared by several counts.
    exact : bool
        Whatever it takes; see `can_be_exact`.

    Returns
    -------
    Counts
        Exact, but for algebra that makes terms vanish, up to 1024 variables; above within about
        a quarter.

    Examples
    --------
    >>> import sparseopt as so
    >>> m = so.Model()
    >>> x = m.variable("x", 100)
    >>> m.minimize((x**2).sum() ** 2)
    >>> count_nonzeros(m.problem().program).hessian
    5050
    """
    forms = forms or MatrixForms()
    size = program.num_variables
    sets = BitSets(size) if exact else variable_sets(size, forms.drawn)
    rows, columns = np.zeros(program.outputs[1].size), np.zeros(program.num_variables)
    width = _width(program.nodes(), sets.num_columns)
    for first in range(0, sets.num_columns, width):
        sweep = _Sweep(program, sets, forms, (first, min(first + width, sets.num_columns)))
        rows += sweep.measure(sweep.depends.get(program.outputs[1]), rows.size)
        columns += sweep.measure_neighbors()
    lengths = sets.sizes(columns)
    diagonal = np.minimum(lengths, 1.0)  # as if every variable met itself where it meets any
    return Counts(
        program.num_variables,
        program.outputs[1].size,
        round(float(sets.sizes(rows).sum())),
        round(float(lengths.sum() + diagonal.sum()) / 2),
        sets.is_exact,
    )


def _held(order: Sequence[Node]) -> int:
    """Return how many sets a sweep works on."""
    entries = [
        n.matrix.nnz for n in order if isinstance(n, Linear) and not isinstance(n.matrix, RowSum)
    ]
    return sum(node.size for node in order) + max(entries, default=0)


def _width(order: Sequence[Node], num_columns: int) -> int:
    return max(1, min(num_columns, BUDGET // max(1, _held(order))))


class _Sweep:
    """One sweep forward and one backward, with some of the columns of all sets.

    ``depends`` and ``neighbors`` lack the nodes whose sets are all empty.
    """

    def __init__(
        self, program: Program, sets: VariableSets, forms: MatrixForms, columns: tuple[int, int]
    ) -> None:
        first, last = columns
        self.program = program
        self.sets = sets
        self.forms = forms
        self.width = last - first
        self.singletons = sets.singletons(first, last)
        self.depends: dict[Node, Rows] = {}
        self.neighbors: dict[Node, Rows] = {}
        for node in program.nodes():
            found = self._forward(node)
            if found is not None:
                self.depends[node] = found
        self._reached = {node for node in program.outputs[:2] if node in self.depends}
        for node in reversed(program.nodes()):
            if node in self._reached:
                self._backward(node, self.neighbors.get(node))

    def measure(self, rows: Rows | None, size: int) -> FloatArray:
        """Return the measures of sets, None of which are all empty."""
        return self.sets.measure(self._empty(size) if rows is None else rows)

    def measure_neighbors(self) -> FloatArray:
        """Return the measures of the variables' neighbors."""
        found = [self.measure(self.neighbors.get(v), v.size) for v in self.program.variables]
        return np.concatenate(found)

    def _empty(self, size: int) -> Rows:
        return np.full((size, self.width), self.sets.empty)

    # ---- forward: what a value depends on
    def _forward(self, node: Node) -> Rows | None:
        if isinstance(node, Input):
            if node.role == "parameter":
                return None
            start = self.program.offsets[id(node)]
            return self.singletons[start : start + node.size]
        if not any(arg in self.depends for arg in node.args):
            return None
        if isinstance(node, Elementwise):
            return self._union([self.depends[arg] for arg in self._flowing(node)])
        if isinstance(node, Gather):
            return _chosen(self._joined(node), node.index)
        argument = self.depends[node.args[0]]
        if isinstance(node, Linear) and isinstance(node.matrix, RowSum):
            return self._rows_of_sum(argument, node.matrix)
        assert isinstance(node, (Linear, Call))
        structure = _structure(node)
        if structure is None:
            return np.repeat(self._whole(argument), node.size, axis=0)
        return self._rows(structure, argument)

    def _flowing(self, node: Elementwise) -> list[Node]:
        flags = flowing_arguments(node.function)
        return [a for a, f in zip(node.args, flags, strict=True) if f and a in self.depends]

    def _union(self, parts: list[Rows]) -> Rows | None:
        if not parts:
            return None
        union = parts[0]
        for part in parts[1:]:
            union = self.sets.union(union, part)
        return union

    def _joined(self, node: Gather) -> Rows:
        parts = [self.depends.get(arg) for arg in node.args]
        filled = [
            self._empty(arg.size) if part is None else part
            for arg, part in zip(node.args, parts, strict=True)
        ]
        return filled[0] if len(filled) == 1 else np.concatenate(filled)

    def _rows_of_sum(self, argument: Rows, matrix: RowSum) -> Rows:
        groups = argument.reshape(matrix.num_rows, matrix.width, self.width)
        return self._unions(groups)

    def _whole(self, rows: Rows) -> Rows:
        """Return the union of sets, as one row."""
        return self._unions(rows[None])

    def _unions(self, groups: Rows) -> Rows:
        """Return the union of each group of sets.

        By halves: NumPy's reductions of many short rows are an order slower.
        """
        if not groups.shape[1]:
            return self._empty(groups.shape[0])
        while groups.shape[1] > 1:
            half = groups.shape[1] // 2
            merged = self.sets.union(groups[:, :half], groups[:, half : 2 * half])
            if groups.shape[1] % 2:
                merged[:, 0] = self.sets.union(merged[:, 0], groups[:, -1])
            groups = merged
        return groups[:, 0]

    def _rows(self, structure: sp.csr_array, argument: Rows) -> Rows:
        """Return the unions of the sets that each row of a matrix reads."""
        ranges = self.forms.ranges(structure)
        if ranges is not None and ranges.longest > SHORT:
            return self._over_ranges(ranges, argument)
        return self._segments(argument.take(structure.indices, axis=0), structure.indptr)

    def _over_ranges(self, ranges: Ranges, sets: Rows) -> Rows:
        """Return the unions of consecutive sets, as of two overlapping runs of a power of two."""
        unions, width = self._empty(len(ranges.lengths)), 1
        while True:
            some = np.flatnonzero((ranges.lengths >= width) & (ranges.lengths < 2 * width))
            low = ranges.firsts[some]
            high = low + ranges.lengths[some] - width
            unions[some] = self.sets.union(sets.take(low, axis=0), sets.take(high, axis=0))
            if 2 * width > ranges.longest:
                return unions
            sets = self.sets.union(sets[:-width], sets[width:])  # of 2 width consecutive ones
            width *= 2

    def _segments(self, rows: Rows, starts: NDArray[np.integer]) -> Rows:
        lengths = np.diff(starts)
        unions = np.empty((lengths.size, self.width), rows.dtype)
        unions[lengths == 0] = self.sets.empty
        longest = int(lengths.max(initial=0))
        if longest > SHORT:
            filled = lengths > 0
            unions[filled] = self.sets.union.reduceat(rows, starts[:-1][filled], axis=0)
            return unions
        firsts = starts[:-1]
        for k in range(longest):
            some = np.flatnonzero(lengths > k)
            if some.size == lengths.size:
                part = rows.take(firsts + k, axis=0)
                unions = self.sets.union(unions, part) if k else part
            else:
                part = rows.take(firsts[some] + k, axis=0)
                unions[some] = self.sets.union(unions.take(some, axis=0), part) if k else part
        return unions

    # ---- backward: what a value is multiplied with
    def _meet(self, node: Node, rows: Rows | None) -> None:
        """Add neighbors to a value on which something depends."""
        if node not in self.depends:
            return
        self._reached.add(node)
        if rows is not None:
            known = self.neighbors.get(node)
            self.neighbors[node] = rows if known is None else self.sets.union(known, rows)

    def _backward(self, node: Node, own: Rows | None) -> None:
        if isinstance(node, Elementwise):
            self._backward_elementwise(node, own)
        elif isinstance(node, Gather):
            self._backward_gather(node, own)
        elif isinstance(node, Linear):
            self._meet(node.args[0], None if own is None else self._transposed(node, own))
        elif isinstance(node, Call):
            self._backward_call(node, own)

    def _backward_elementwise(self, node: Elementwise, own: Rows | None) -> None:
        for arg in self._flowing(node):
            self._meet(arg, own)
        for i, j in curved_pairs(node.function):
            one, other = node.args[i], node.args[j]
            if one in self.depends and other in self.depends:
                self._meet(one, self.depends[other])
                self._meet(other, self.depends[one])

    def _backward_gather(self, node: Gather, own: Rows | None) -> None:
        if own is None:
            for arg in node.args:
                self._meet(arg, None)
            return
        whole = self._spread(node.index, own, sum(arg.size for arg in node.args))
        start = 0
        for arg in node.args:
            self._meet(arg, whole[start : start + arg.size])
            start += arg.size

    def _spread(self, index: Index, own: Rows, total: int) -> Rows:
        """Return, for each place, the union of the sets of those that read it."""
        whole, chosen = self._empty(total), selector(index)
        if isinstance(chosen, slice):
            whole[chosen] = own
            return whole
        readers = np.bincount(chosen, minlength=total)
        if readers.max(initial=0) <= 1:
            whole[chosen] = own
            return whole
        starts = np.concatenate([[0], np.cumsum(readers)])
        return self._segments(own.take(np.argsort(chosen, kind="stable"), axis=0), starts)

    def _transposed(self, node: Linear, own: Rows) -> Rows:
        if isinstance(node.matrix, RowSum):
            return np.repeat(own, node.matrix.width, axis=0)
        structure = _structure(node)
        if structure is None:
            return np.repeat(self._whole(own), node.args[0].size, axis=0)
        return self._rows(self.forms.transposed(structure), own)

    def _backward_call(self, node: Call, own: Rows | None) -> None:
        argument = self.depends[node.args[0]]
        structure = _structure(node)
        if structure is None:
            everything = self._whole(argument)
            if own is not None:
                everything = self.sets.union(everything, self._whole(own))
            self._meet(node.args[0], np.repeat(everything, argument.shape[0], axis=0))
            return
        if own is not None:
            self._meet(node.args[0], self._rows(self.forms.transposed(structure), own))
        rows, cols = node.function.hessian_rows, node.function.hessian_cols
        size = node.function.size_in
        lower = sp.csr_array((np.ones(rows.size), (rows, cols)), shape=(size, size))
        self._meet(node.args[0], self._rows((lower + lower.T).tocsr(), argument))


def _chosen(rows: Rows, index: Index) -> Rows:
    """Return the sets that an index map chooses: a view, if they are in a line."""
    places = selector(index)
    return rows[places] if isinstance(places, slice) else rows.take(places, axis=0)


def _structure(node: Linear | Call) -> sp.csr_array | None:
    """Return where a matrix, or a function's Jacobian, has entries; None for everywhere."""
    if isinstance(node, Linear):
        assert not isinstance(node.matrix, RowSum)
        is_full = node.matrix.nnz == node.matrix.shape[0] * node.matrix.shape[1]
        return None if is_full else node.matrix
    function = node.function
    if function.size_in * max(function.size_out, function.size_in) > LARGEST_STRUCTURE:
        return None
    places = (function.jacobian_rows, function.jacobian_cols)
    entries = np.ones(places[0].size)
    return sp.csr_array((entries, places), shape=(function.size_out, function.size_in))
