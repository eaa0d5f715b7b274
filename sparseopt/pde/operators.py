"""The same discretizations as constant sparse matrices, for linear parts and for other software.

Matrices are Kronecker products of those along one axis; what a boundary condition adds is affine:
a part of the matrix and a vector.  Values of conditions may be traced (then the vector is), while
whatever is in a matrix is plain.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import DiscretizationError, ShapeError
from sparseopt.pde.boundary import Boundary, conditions_at_ends, conditions_of
from sparseopt.pde.conditions import Condition, OpenCondition
from sparseopt.pde.faces import FaceMean, along, ends, face_mean, joined, shares
from sparseopt.pde.fluxes import coefficient_at_points
from sparseopt.pde.grid import Grid
from sparseopt.tracing.array_functions.sparse_matrices import kron_of_identities
from sparseopt.tracing.traced_array import TracedArray

__all__ = [
    "AffineOperator",
    "divergence_operator",
    "gradient_operator",
    "identity_operator",
    "interpolation_operator",
    "laplacian_operator",
]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AffineOperator:
    """A sparse matrix and what the boundary adds: ``matrix @ u.ravel() + vector``.

    Attributes
    ----------
    matrix : csr_array, shape (outputs, points)
        On flat fields in C order.
    vector : array or traced array, shape (outputs,)
    shape : tuple of int
        Of the result as a field.

    Examples
    --------
    >>> from sparseopt import pde
    >>> grid = pde.Grid.uniform(2, 0.0, 3.0, centering="nodes", known=["left", "right"])
    >>> L = pde.laplacian_operator(grid, pde.Dirichlet(5.0))
    >>> L.matrix.toarray(), L.vector, L(np.array([5.0, 6.0]))
    (array([[-2.,  1.],
           [ 1., -2.]]), array([5., 5.]), array([ 1., -2.]))
    """

    matrix: sp.csr_array
    vector: Any
    shape: tuple[int, ...]

    def __call__(self, u: Any) -> Any:
        """Return the operator's value at a field, plain or traced, as a field.

        Raises
        ------
        ShapeError
            For a field of another size.
        """
        if not hasattr(u, "reshape"):
            u = np.asarray(u)
        if u.size != self.matrix.shape[1]:
            raise ShapeError(
                f"the field has shape {u.shape}, the operator {self.matrix.shape[1]} points",
                instead="one field at a time; pde.diffusion takes axes before the grid's",
            )
        return (self.matrix @ u.reshape(-1) + self.vector).reshape(self.shape)


def identity_operator(grid: Grid) -> sp.csr_array:
    """Return the identity on flat fields.

    Examples
    --------
    >>> from sparseopt import pde
    >>> pde.identity_operator(pde.Grid.uniform((2, 3))).shape
    (6, 6)
    """
    return sp.csr_array(sp.eye_array(grid.size))


def divergence_operator(grid: Grid) -> tuple[sp.csr_array, ...]:
    """Return for each axis the matrix from fluxes on its faces to their part of the divergence.

    Examples
    --------
    >>> from sparseopt import pde
    >>> pde.divergence_operator(pde.Grid.uniform(2))[0].toarray().tolist()
    [[-2.0, 2.0, 0.0], [0.0, -2.0, 2.0]]
    """
    return tuple(
        _along_axis(sp.diags_array(1.0 / axis.widths) @ _differences(axis.size), grid, k)
        for k, axis in enumerate(grid.axes)
    )


def gradient_operator(grid: Grid, boundary: Boundary) -> tuple[AffineOperator, ...]:
    """Return for each axis the operator from fields to the slopes on the faces across it.

    Raises
    ------
    DiscretizationError
        As `conditions_of`, and for Robin coefficients that are traced: they are in the matrix.

    Examples
    --------
    >>> from sparseopt import pde
    >>> (gradient,) = pde.gradient_operator(pde.Grid.uniform(2), pde.Neumann(3.0))
    >>> gradient(np.array([1.0, 2.0])).tolist()
    [-3.0, 2.0, 3.0]
    """
    return _flux_operators(grid, conditions_of(boundary, grid), 1.0, "harmonic")


def interpolation_operator(grid: Grid, boundary: Boundary) -> tuple[AffineOperator, ...]:
    """Return for each axis the operator from fields to values on the faces across it.

    Between points they are interpolated, on the boundary they are what the conditions make of
    them, with the coefficient 1.  Errors are those of `gradient_operator`.

    Examples
    --------
    >>> from sparseopt import pde
    >>> (mean,) = pde.interpolation_operator(pde.Grid.uniform(2), pde.Dirichlet(7.0))
    >>> mean(np.array([1.0, 2.0])).tolist()
    [7.0, 1.5, 7.0]
    """
    conditions, found = conditions_of(boundary, grid), []
    for k, axis in enumerate(grid.axes):
        share = np.atleast_1d((axis.faces[1:-1] - axis.points[:-1]) / np.diff(axis.points))
        inner = _beside(axis.size, 1.0 - share, share)
        wrapped = None
        if conditions_at_ends(conditions, grid, k) is None:
            wrapped = (1.0 - axis.wrapped_share, axis.wrapped_share)
        found.append(_on_faces(grid, k, conditions, inner, _value_on_side, wrapped))
    return tuple(found)


def laplacian_operator(
    grid: Grid, boundary: Boundary, coefficient: Any = 1.0, mean: FaceMean = "harmonic"
) -> AffineOperator:
    """Return the operator div(c grad u) from fields to fields, for a plain coefficient.

    Parameters
    ----------
    grid : Grid
    boundary : condition, or mapping from sides to conditions
    coefficient : number or array of the grid's shape
    mean : {"harmonic", "arithmetic"}

    Raises
    ------
    DiscretizationError, ShapeError, NonFiniteError, UnknownNameError
        As for `diffusion`, and for coefficients that are traced.
    """
    _require_plain(coefficient, "the coefficient")
    fluxes = _flux_operators(grid, conditions_of(boundary, grid), coefficient, mean)
    parts = list(zip(divergence_operator(grid), fluxes, strict=True))
    matrix = functools.reduce(operator.add, [d @ flux.matrix for d, flux in parts])
    vector = functools.reduce(operator.add, [d @ flux.vector for d, flux in parts])
    return AffineOperator(sp.csr_array(matrix), vector, grid.shape)


def _flux_operators(
    grid: Grid, conditions: dict[str, Condition], coefficient: Any, kind: FaceMean
) -> tuple[AffineOperator, ...]:
    """Return for each axis the operator from fields to c du/dx on the faces across it."""
    c = np.broadcast_to(coefficient_at_points(coefficient, np.zeros(()), grid, kind), grid.shape)
    found = []
    for k, axis in enumerate(grid.axes):
        inverse = 1.0 / axis.distances[1:-1]
        inner, beside = _beside(axis.size, -inverse, inverse), ends(c, grid, k)
        wrapped, at_sides = None, 1.0  # what conditions say of a side has its coefficient in it
        if conditions_at_ends(conditions, grid, k) is None:
            wrapped = (-1.0 / axis.wrapped_distance, 1.0 / axis.wrapped_distance)
            at_sides = face_mean(kind, beside[1], beside[0], axis.wrapped_share)
        on_side = functools.partial(_flux_on_side, beside)
        unweighted = _on_faces(grid, k, conditions, inner, on_side, wrapped)
        between = None
        if axis.size > 1:
            lower, upper = along(c, grid, k, None, -1), along(c, grid, k, 1, None)
            between = face_mean(kind, lower, upper, shares(grid, k))
        weights = joined([at_sides, between, at_sides], grid, k).reshape(-1)
        matrix = sp.csr_array(sp.diags_array(weights) @ unweighted.matrix)
        found.append(AffineOperator(matrix, unweighted.vector, unweighted.shape))
    return tuple(found)


def _value_on_side(condition: OpenCondition, u: float, distance: float, end: int) -> Any:
    return condition.value_on_side(u, distance)


def _flux_on_side(
    coefficients: Any, condition: OpenCondition, u: float, distance: float, end: int
) -> Any:
    inflow = condition.inflow(u, coefficients[end], distance)
    return inflow if end else -inflow


def _on_faces(
    grid: Grid,
    axis: int,
    conditions: dict[str, Condition],
    inner: sp.csr_array,
    on_side: Callable[[OpenCondition, float, float, int], Any],
    wrapped: tuple[float, float] | None,
) -> AffineOperator:
    """Return the operator to faces, of inner rows and of what conditions make of end points."""
    matrix = _along_axis(inner, grid, axis)
    shape, size = grid.face_shape(axis), grid.shape[axis]
    at_ends = conditions_at_ends(conditions, grid, axis)
    if at_ends is None:
        rows = sp.coo_array(
            (np.tile(np.array(wrapped), 2), ([0, 0, size, size], [size - 1, 0, size - 1, 0])),
            shape=(size + 1, size),
        )
        matrix = matrix + _along_axis(sp.csr_array(rows), grid, axis)
        return AffineOperator(sp.csr_array(matrix), np.zeros(math.prod(shape)), shape)
    constants = []
    for end, condition in enumerate(at_ends):
        _require_plain_relation(condition)
        distance, point = float(grid.axes[axis].distances[-end]), end * (size - 1)
        slope = on_side(condition.homogeneous(), 1.0, distance, end)
        constants.append(on_side(condition, 0.0, distance, end))
        matrix = matrix + _side_rows(slope, grid, axis, point, point + end)
    vector = joined([constants[0], 0.0, constants[1]], grid, axis).reshape(-1)
    return AffineOperator(sp.csr_array(matrix), vector, shape)


def _side_rows(slope: Any, grid: Grid, axis: int, point: int, face: int) -> sp.csr_array:
    """Return the matrix whose rows are one side's faces, with a factor at the points beside."""
    side = [n if k != axis else 1 for k, n in enumerate(grid.shape)]
    points = along(np.arange(grid.size).reshape(grid.shape), grid, axis, point, point + 1)
    shape = grid.face_shape(axis)
    faces = along(np.arange(math.prod(shape)).reshape(shape), grid, axis, face, face + 1)
    values = np.broadcast_to(slope, side).ravel()
    where = (faces.ravel(), points.ravel())
    return sp.csr_array((values, where), shape=(math.prod(shape), grid.size))


def _along_axis(matrix: Any, grid: Grid, axis: int) -> sp.csr_array:
    """Return a matrix for one axis as one for flat fields in C order."""
    before, after = math.prod(grid.shape[:axis]), math.prod(grid.shape[axis + 1 :])
    return kron_of_identities(before, sp.csr_array(matrix), after)


def _differences(size: int) -> sp.csr_array:
    """Return the matrix of differences of neighbors, shape (size, size + 1)."""
    return sp.csr_array(sp.diags_array([-1.0, 1.0], offsets=[0, 1], shape=(size, size + 1)))


def _beside(size: int, lower: FloatArray, upper: FloatArray) -> sp.csr_array:
    """Return the matrix to faces with factors at both points beside an inner face."""
    faces = np.arange(1, size)
    values = np.concatenate([np.broadcast_to(lower, size - 1), np.broadcast_to(upper, size - 1)])
    where = (np.concatenate([faces, faces]), np.concatenate([faces - 1, faces]))
    return sp.csr_array((values, where), shape=(size + 1, size))


def _require_plain_relation(condition: OpenCondition) -> None:
    for name in ("a", "b"):
        _require_plain(getattr(condition, name, 0.0), f"{name} of a Robin condition")


def _require_plain(value: Any, what: str) -> None:
    if isinstance(value, TracedArray) or callable(value):
        raise DiscretizationError(
            f"{what} is no plain number or array",
            why="it is in a constant sparse matrix",
            instead="use pde.diffusion or pde.gradient, which are NumPy code",
        )
