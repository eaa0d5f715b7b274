"""A form and its arguments, evaluated at quadrature points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from sparseopt.errors import ProblemError, ShapeError
from sparseopt.pde.finite_elements_checks import as_array, check_linear, check_values
from sparseopt.pde.finite_elements_fields import (
    ATTRIBUTES,
    FormParameters,
    field_of,
    keep_whole,
    unit_fields,
)
from sparseopt.pde.finite_elements_interpolation import Data, Interpolation, Quadrature, slots_of
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["FormEvaluation", "InterpolatedField", "Space", "checked_coefficient"]


class Space(NamedTuple):
    """A basis of scikit-fem, with how it is interpolated and integrated.

    Parameters
    ----------
    basis : skfem.assembly.AbstractBasis
    interpolation : Interpolation
    quadrature : Quadrature
    groups : list of slice
        The quadrature points that are evaluated at once, for all elements.
    """

    basis: Any
    interpolation: Interpolation
    quadrature: Quadrature
    groups: list[slice]


@dataclass(frozen=True, eq=False)
class InterpolatedField:
    """A field by its degrees of freedom; `FiniteElements.interpolate` returns one.

    Parameters
    ----------
    space : Space
    dofs : array
    """

    space: Space
    dofs: Any

    def at(self, points: slice, data: Data) -> tuple[Any, ...]:
        """Return the fields of its components at some quadrature points."""
        return self.space.interpolation.fields(self._local, points, data)

    @cached_property
    def _local(self) -> list[Any]:
        """The values of each local degree of freedom, shape (number of elements, 1)."""
        return [self.dofs[numbers][:, None] for numbers in self.space.basis.element_dofs]


class FormEvaluation:
    """One form with its arguments: evaluated group by group of quadrature points."""

    def __init__(
        self,
        space: Space,
        form: Callable[..., Any],
        u: Any,
        coefficients: dict[str, Any],
    ) -> None:
        self._space = space
        self._form = form
        self._unknown = None if u is None else InterpolatedField(space, u)
        self._coefficients = coefficients
        self._constants: dict[Any, Any] = {}
        dofs = [c.dofs for c in coefficients.values() if isinstance(c, InterpolatedField)]
        arguments = [u, *dofs, *(part for c in coefficients.values() for part in _parts(c))]
        self._arguments = [a for a in arguments if isinstance(a, TracedArray)]

    def integral(self, values: Callable[[slice], list[Any]]) -> list[Any]:
        """Return the integrals over the elements of values at quadrature points."""
        rule = self._space.quadrature
        totals: list[Any] = []
        for points in self._space.groups:
            weights = rule.weights(points, self._data)
            parts = [_summed_points(weights * value) for value in values(points)]
            totals = [a + b for a, b in zip(totals, parts, strict=True)] if totals else parts
        return [rule.scaled(total, self._data) for total in totals]

    def finished(self, result: Any) -> Any:
        """Return the result of an assembly, a traced one with data that do not split it."""
        if is_traced(result):
            keep_whole(result, self._arguments)
        return result

    def density(self, points: slice) -> list[Any]:
        """Return the density at some points."""
        unknowns, w = self._unknowns(points), self._parameters(points)
        return [self._checked(self._form(*unknowns, w), points)]

    def tested(self, points: slice) -> list[Any]:
        """Return the form tested with each local basis function, at some points."""
        unknowns, w = self._unknowns(points), self._parameters(points)
        shapes = self._space.interpolation.shapes
        forms = {
            slot: self._checked(self._form(*unknowns, *unit_fields(shapes, slot), w), points)
            for slot in slots_of(shapes)
        }
        return self._space.interpolation.tested(forms, points, self._data)

    def check_linear(self) -> None:
        """Raise unless the form is linear in its test function at sample values."""
        points = self._space.groups[0]
        sample = _Samples(self._space.basis.dx[:, points].shape)
        shapes = self._space.interpolation.shapes
        first, second = sample.parts(shapes), sample.parts(shapes)
        both = [{name: a[name] + b[name] for name in a} for a, b in zip(first, second, strict=True)]
        tests = [tuple(map(field_of, parts)) for parts in (first, second, both)]
        unknowns = () if self._unknown is None else tuple(map(field_of, sample.parts(shapes)))
        check_linear(self._form, unknowns, tests, self._parameters(points, sample))

    def _unknowns(self, points: slice) -> tuple[Any, ...]:
        return () if self._unknown is None else self._unknown.at(points, self._data)

    def _parameters(self, points: slice, sample: _Samples | None = None) -> Any:
        """Return what a form reads as ``w`` at some points."""

        def places() -> dict[str, Any]:
            known = self._space.basis.default_parameters()
            return {name: np.asarray(value)[..., points] for name, value in known.items()}

        coefficients = {
            name: self._coefficient(value, points, sample)
            for name, value in self._coefficients.items()
        }
        return FormParameters(coefficients, places)

    def _coefficient(self, value: Any, points: slice, sample: _Samples | None) -> Any:
        if isinstance(value, InterpolatedField):
            if sample is None:
                fields = value.at(points, self._data)
            else:
                shapes = value.space.interpolation.shapes
                fields = tuple(map(field_of, sample.parts(shapes)))
            return fields if len(fields) > 1 else fields[0]
        if isinstance(value, tuple):
            return tuple(self._coefficient(part, points, sample) for part in value)
        if sample is not None and is_traced(value):
            value = sample.values(np.shape(value))
        if hasattr(value, "astuple"):
            parts = zip(ATTRIBUTES, value.astuple, strict=True)
            return field_of({n: np.asarray(a)[..., points] for n, a in parts if a is not None})
        return value if np.ndim(value) == 0 or np.shape(value)[-1] == 1 else value[..., points]

    def _data(self, array: Any) -> Any:
        """Return plain data as part of the formula: the same constant for the same memory."""
        if not self._arguments:
            return array
        key = (array.__array_interface__["data"][0], array.shape, array.strides)
        if key not in self._constants:
            self._constants[key] = (as_traced(array), array)  # which keeps the memory in use
        return self._constants[key][0]

    def _checked(self, value: Any, points: slice) -> Any:
        """Return what a form returned, if it is a scalar at every point."""
        shape = (self._space.basis.nelems, points.stop - points.start)
        found = np.shape(value)
        if len(found) <= 2 and all(
            n in (1, m) for n, m in zip(found[::-1], shape[::-1], strict=False)
        ):
            return value
        raise ShapeError(
            f"the form returned an array of shape {found}; there are {shape[0]} elements",
            why="a form is a scalar at every quadrature point, shape (elements, points)",
            instead="skfem.helpers.dot or ddot, which sum over the components",
        )


class _Samples:
    """Plain numbers to try a form with, away from zero."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._generator = np.random.default_rng(1)

    def values(self, shape: tuple[int, ...]) -> Any:
        return self._generator.uniform(0.5, 1.5, shape)

    def parts(self, shapes: list[dict[str, tuple[int, ...]]]) -> list[dict[str, Any]]:
        """Return the attributes of fields."""
        return [
            {name: self.values((*shape, *self._shape)) for name, shape in attributes.items()}
            for attributes in shapes
        ]


def _summed_points(values: Any) -> Any:
    return np.sum(values, axis=-1, keepdims=True) if np.ndim(values) else values


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for part in value:
            yield from _parts(part)
    elif hasattr(value, "astuple"):
        yield from (np.asarray(part) for part in value.astuple if part is not None)
    else:
        yield value


def checked_coefficient(name: str, value: Any, basis: Any) -> Any:
    """Return a coefficient; raise unless it is finite and fits the points of a basis.

    Lists are arrays, tuples several fields.
    """
    if isinstance(value, InterpolatedField):
        other = value.space.basis
        fits = (
            basis.dx.shape == other.dx.shape
            and np.array_equal(basis.X, other.X)
            and np.array_equal(basis.dx, other.dx)
        )
        if not fits:
            raise ProblemError(
                f"the coefficient {name} is a field at other quadrature points",
                instead="its basis from this one: basis.with_element(skfem.ElementTriP0())",
            )
        return value
    if isinstance(value, list):
        value = as_array(value)
    for part in _parts(value):
        size = basis.dx.shape
        found = np.shape(part)[-2:]
        if found and (
            len(found) < 2 or any(n not in (1, m) for n, m in zip(found, size, strict=True))
        ):
            raise ShapeError(
                f"the coefficient {name} has shape {np.shape(part)}, and there are {size[0]} "
                f"elements with {size[1]} quadrature points",
                instead="a number, an array (elements, points), or (elements, 1); for degrees of "
                "freedom FiniteElements(basis).interpolate(values)",
            )
        check_values(name, part)
    return value
