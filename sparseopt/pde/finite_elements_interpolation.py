"""Element degrees of freedom to fields at quadrature points, and back to element vectors.

Two kinds: an H1 element on cells is interpolated on the reference element, so that its basis values
are numbers in the formula and only the geometry is data; every other basis is read from the tables
that scikit-fem has made of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.pde.finite_elements_fields import ATTRIBUTES, Slot, field_of, scikit_fem

__all__ = [
    "Interpolation",
    "Quadrature",
    "ReferenceInterpolation",
    "TabulatedInterpolation",
    "interpolation",
    "mapped_points",
    "quadrature",
]

FloatArray = NDArray[np.float64]
Data = Callable[[FloatArray], Any]
"""What makes plain data part of a formula: one traced constant for one array, or the array."""


class Interpolation(Protocol):
    """The basis functions of a scikit-fem basis at its quadrature points."""

    shapes: list[dict[str, tuple[int, ...]]]
    """For each component of the element, the tensor shapes of its attributes."""

    num_tables: int
    """Arrays of numbers that one quadrature point reads."""

    def fields(self, dofs: list[Any], points: slice, data: Data) -> tuple[Any, ...]:
        """Return the fields at some points, arrays (..., number of elements, number of points).

        Parameters
        ----------
        dofs : list of arrays, shape (number of elements, 1)
            For each local degree of freedom, its values.
        """

    def tested(self, forms: dict[Slot, Any], points: slice, data: Data) -> list[Any]:
        """Return, for each local degree of freedom, the form tested with its basis function.

        Parameters
        ----------
        forms : dict
            What multiplies each slot of the test function.
        """


def slots_of(shapes: list[dict[str, tuple[int, ...]]]) -> Iterator[Slot]:
    """Yield every number that a field of these shapes has at a point."""
    for component, attributes in enumerate(shapes):
        for name, shape in attributes.items():
            for index in itertools.product(*map(range, shape)):
                yield Slot(component, name, index)


def interpolation(basis: Any) -> Interpolation:
    """Return how the functions of a scikit-fem basis are interpolated."""
    skfem = scikit_fem()
    elem = basis.elem
    is_vector = isinstance(elem, skfem.ElementVector)
    scalar = elem.elem if is_vector else elem
    is_h1 = getattr(type(scalar), "gbasis", None) is skfem.ElementH1.gbasis
    if isinstance(basis, skfem.CellBasis) and is_h1:
        return ReferenceInterpolation(basis, scalar, elem.dim if is_vector else 0)
    return TabulatedInterpolation(basis)


class ReferenceInterpolation:
    """An H1 element, or a vector of them, on cells.

    Parameters
    ----------
    basis : skfem.CellBasis
    scalar : skfem.element.ElementH1
        The element of one component.
    num_components : int
        Components of a vector element; zero for a scalar one.
    """

    def __init__(self, basis: Any, scalar: Any, num_components: int) -> None:
        functions = [scalar.lbasis(basis.X, k) for k in range(basis.Nbfun // (num_components or 1))]
        count = basis.X.shape[1]
        self._values = [np.broadcast_to(np.asarray(phi, float), (count,)) for phi, _ in functions]
        self._gradients = [
            [np.broadcast_to(np.asarray(d, float), (count,)) for d in dphi] for _, dphi in functions
        ]
        self._inverse = basis.mapping.invDF(mapped_points(basis), basis.tind)
        self._num_components = num_components
        dimension = self._inverse.shape[0]
        vector = (num_components,) if num_components else ()
        self.shapes = [{"value": vector, "grad": (*vector, dimension)}]
        self.num_tables = 0 if is_affine(basis) else dimension**2

    def fields(self, dofs: list[Any], points: slice, data: Data) -> tuple[Any, ...]:
        """Return the field at some points; see `Interpolation`."""
        stride = self._num_components or 1
        parts = [self._scalar_field(dofs[n::stride], points, data) for n in range(stride)]
        if not self._num_components:
            value, gradient = parts[0]
            return (field_of({"value": value, "grad": np.stack(gradient)}),)
        values = np.stack([value for value, _ in parts])
        gradients = np.stack([np.stack(gradient) for _, gradient in parts])
        return (field_of({"value": values, "grad": gradients}),)

    def tested(self, forms: dict[Slot, Any], points: slice, data: Data) -> list[Any]:
        """Return the form tested with each basis function; see `Interpolation`."""
        stride = self._num_components or 1
        results: list[Any] = [0.0] * (stride * len(self._values))
        for n in range(stride):
            vector = (n,) if self._num_components else ()
            source = forms.get(Slot(0, "value", vector), 0.0)
            flux = [forms.get(Slot(0, "grad", (*vector, j)), 0.0) for j in self._axes]
            pulled = [
                _sum(self._inverse_entry(k, j, points, data) * flux[j] for j in self._axes)
                for k in self._axes
            ]
            results[n::stride] = [
                _combined([source, *pulled], [phi, *dphi], points)
                for phi, dphi in zip(self._values, self._gradients, strict=True)
            ]
        return results

    @property
    def _axes(self) -> range:
        return range(self._inverse.shape[0])

    def _scalar_field(self, dofs: list[Any], points: slice, data: Data) -> tuple[Any, list[Any]]:
        """Return the value and the gradient of one component."""
        value = _filled(_combined(dofs, self._values, points), dofs[0].shape[0], points)
        reference = [_combined(dofs, [g[k] for g in self._gradients], points) for k in self._axes]
        gradient = [
            _sum(self._inverse_entry(k, j, points, data) * reference[k] for k in self._axes)
            for j in self._axes
        ]
        return value, [_filled(g, dofs[0].shape[0], points) for g in gradient]

    def _inverse_entry(self, k: int, j: int, points: slice, data: Data) -> Any:
        """Return d(reference coordinate k) / d(coordinate j), data of every element."""
        entry = self._inverse[k, j]
        return data(entry if entry.shape[1] == 1 else entry[:, points])


class TabulatedInterpolation:
    """Any basis of scikit-fem, by the values that it has at each point of each element.

    Parameters
    ----------
    basis : skfem.assembly.AbstractBasis
    """

    def __init__(self, basis: Any) -> None:
        self._functions = basis.basis
        self.shapes = [
            {
                name: np.shape(part)[:-2]
                for name, part in zip(ATTRIBUTES, field.astuple, strict=True)
                if part is not None
            }
            for field in self._functions[0]
        ]
        self.num_tables = sum(
            bool(np.any(self._table(k, slot, slice(None))))
            for slot in slots_of(self.shapes)
            for k in range(len(self._functions))
        )

    def fields(self, dofs: list[Any], points: slice, data: Data) -> tuple[Any, ...]:
        """Return the fields at some points; see `Interpolation`."""
        return tuple(
            field_of(
                {
                    name: self._tensor(shape, Slot(c, name, ()), dofs, points, data)
                    for name, shape in attributes.items()
                }
            )
            for c, attributes in enumerate(self.shapes)
        )

    def tested(self, forms: dict[Slot, Any], points: slice, data: Data) -> list[Any]:
        """Return the form tested with each basis function; see `Interpolation`."""
        return [
            _sum(
                form * factor
                for slot, form in forms.items()
                if (factor := self._factor(k, slot, points, data)) is not None
            )
            for k in range(len(self._functions))
        ]

    def _tensor(
        self, shape: tuple[int, ...], slot: Slot, dofs: list[Any], points: slice, data: Data
    ) -> Any:
        """Return one attribute of a field: the basis functions' own, weighted and summed."""
        if shape:
            inner = (slot._replace(entry=(*slot.entry, k)) for k in range(shape[0]))
            return np.stack([self._tensor(shape[1:], s, dofs, points, data) for s in inner])
        terms = (
            factor * dof
            for k, dof in enumerate(dofs)
            if (factor := self._factor(k, slot, points, data)) is not None
        )
        return _filled(_sum(terms), dofs[0].shape[0], points)

    def _factor(self, k: int, slot: Slot, points: slice, data: Data) -> Any:
        """Return a basis function's number in a slot: None for zero, a number where all agree."""
        table = self._table(k, slot, points)
        first = table.flat[0]
        if np.all(table == first):
            return float(first) if first else None
        return data(table)

    def _table(self, k: int, slot: Slot, points: slice) -> FloatArray:
        field = self._functions[k][slot.component]
        part = np.asarray(field if slot.attribute == "value" else getattr(field, slot.attribute))
        return np.asarray(part[slot.entry], np.float64)[:, points]


class Quadrature(NamedTuple):
    """The weights dx of a basis: ``weights(points) * scale``.

    Parameters
    ----------
    table : array, shape (number of elements, number of points) or (number of points,)
    scale : array, shape (number of elements, 1), or None
        The determinant, where it is the same at all points of an element.
    """

    table: FloatArray
    scale: FloatArray | None

    def weights(self, points: slice, data: Data) -> Any:
        """Return what to weight values at some points with."""
        return _literal(self.table, points) if self.table.ndim == 1 else data(self.table[:, points])

    def scaled(self, values: Any, data: Data) -> Any:
        """Return sums over weighted points as integrals over elements."""
        return values if self.scale is None else values * data(self.scale)


def quadrature(basis: Any) -> Quadrature:
    """Return the quadrature weights of a scikit-fem basis."""
    if isinstance(basis, scikit_fem().CellBasis) and is_affine(basis):
        scale = np.abs(basis.mapping.detDF(mapped_points(basis), basis.tind))
        return Quadrature(np.asarray(basis.W, np.float64), scale)
    return Quadrature(np.asarray(basis.dx, np.float64), None)


def is_affine(basis: Any) -> bool:
    """Whether the Jacobian matrix of the mapping is the same at all points of an element."""
    return isinstance(basis.mapping, scikit_fem("skfem.mapping").MappingAffine)


def mapped_points(basis: Any) -> FloatArray:
    """Return the quadrature points where that matrix has to be known: one point if it is affine."""
    return np.asarray(basis.X[:, :1] if is_affine(basis) else basis.X)


def _literal(row: FloatArray, points: slice) -> Any:
    """Return numbers that do not depend on the element: one number if there is one point."""
    chosen = row[points]
    return float(chosen[0]) if chosen.size == 1 else chosen


def _combined(terms: list[Any], rows: list[FloatArray], points: slice) -> Any:
    """Return the sum of terms times numbers that do not depend on the element."""
    factors = [_literal(row, points) for row in rows]
    pairs = zip(terms, factors, strict=True)
    return _sum(term if np.all(f == 1.0) else f * term for term, f in pairs if np.any(f))


def _sum(terms: Any) -> Any:
    """Return the sum; the number zero if there are no terms."""
    total: Any = None
    for term in terms:
        total = term if total is None else total + term
    return 0.0 if total is None else total


def _filled(value: Any, num_elements: int, points: slice) -> Any:
    """Return a value that may depend on less as an array over the elements and points."""
    shape = (num_elements, points.stop - points.start)
    return value if np.shape(value) == shape else np.broadcast_to(value, shape)
