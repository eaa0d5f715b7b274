"""`BoundFunction`: an external function at one set of argument shapes, flat.

It is what the graph calls an `OpaqueFunction`: values, a Jacobian and a Hessian with a structure,
and their products with vectors, each by the best way that the user's functions allow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import SparseOptError
from sparseopt.external_functions.checks import Checks
from sparseopt.external_functions.choices import (
    first_derivatives,
    hessian_structure,
    jacobian_structure,
    second_derivatives,
)
from sparseopt.external_functions.flat_functions import FlatFunctions, Shape
from sparseopt.external_functions.given import Given
from sparseopt.external_functions.hessians import SecondDerivatives, SteppedHessian
from sparseopt.external_functions.jacobians import FirstDerivatives, SteppedJacobian, multiplied
from sparseopt.external_functions.memory import Memory
from sparseopt.external_functions.structure import Structure

__all__ = ["BoundFunction"]

FloatArray = NDArray[np.float64]


class BoundFunction:
    """An external function of one flat vector.

    Parameters
    ----------
    given : Given
    shapes : sequence of shapes
        Of the arguments.
    fixed : sequence of bool
        Arguments that nobody wants derivatives by: data and parameters.

    Attributes
    ----------
    first, second : FirstDerivatives, SecondDerivatives
        How the Jacobian and the Hessian are found.
    """

    def __init__(self, given: Given, shapes: Sequence[Shape], fixed: Sequence[bool]) -> None:
        self.given = given
        self.name = given.name
        self._flat = FlatFunctions(given, shapes)
        self.size_in = self._flat.size_in
        self.size_out = self._flat.size_out
        self._active = np.repeat(~np.array(fixed, bool), self._flat.sizes)
        self._memory = Memory()
        self._checks = Checks(self._flat, self._value, self._active)

    @property
    def active(self) -> NDArray[np.bool_]:
        """Elements of the argument that it has derivatives by."""
        return self._active

    def differentiated_by(self, elements: NDArray[np.bool_]) -> BoundFunction:
        """Return the function with derivatives by every argument with one of the elements."""
        ends = np.cumsum([0, *self._flat.sizes])
        wanted = elements | self._active
        fixed = [not wanted[a:b].any() for a, b in pairwise(ends)]
        return BoundFunction(self.given, self._flat.shapes, fixed)

    # ---- structure, and ways to derivatives
    @cached_property
    def _jacobian(self) -> Structure:
        return jacobian_structure(self._flat, self._active)

    @cached_property
    def _hessian(self) -> Structure:
        return hessian_structure(self._flat, self._active, self._jacobian)

    @cached_property
    def first(self) -> FirstDerivatives:
        """How the Jacobian is found."""
        return first_derivatives(self._flat, self._jacobian)

    @cached_property
    def second(self) -> SecondDerivatives:
        """How the Hessian is found."""
        return second_derivatives(self._flat, self._hessian, self.first)

    @property
    def jacobian_rows(self) -> NDArray[np.int32]:
        """Rows of the Jacobian's values."""
        return self._jacobian.pattern.rows

    @property
    def jacobian_cols(self) -> NDArray[np.int32]:
        """Columns of the Jacobian's values."""
        return self._jacobian.pattern.cols

    @property
    def hessian_rows(self) -> NDArray[np.int32]:
        """Rows of the Hessian's values, lower triangle."""
        return self._hessian.pattern.rows

    @property
    def hessian_cols(self) -> NDArray[np.int32]:
        """Columns of the Hessian's values, lower triangle."""
        return self._hessian.pattern.cols

    # ---- evaluations
    def evaluate(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Write f(x) to ``out``; for a complex ``x`` if the function takes it."""
        out[:] = self._complex_value(x) if x.dtype.kind == "c" else self._value(x)

    def _value(self, x: FloatArray) -> FloatArray:
        found = self._kept("value", x, self._flat.value)
        self._checks.value(x, found)
        return found

    def _kept(self, kind: str, x: FloatArray, compute: Callable[[FloatArray], Any]) -> FloatArray:
        found = self._memory.get(kind, x) if self.given.remember else None
        if found is None:
            found = np.array(compute(x))
            if self.given.remember:
                self._memory.put(kind, x, found)
        return found

    def _complex_value(self, x: NDArray[Any]) -> NDArray[Any]:
        try:
            found = self._flat.value(x)
        except SparseOptError:
            raise
        except Exception as error:
            found, reason = np.zeros(0), f"{type(error).__name__}: {error}"
        else:
            reason = "it returns real numbers"
        if found.dtype.kind != "c":
            raise SparseOptError(
                f"the external function {self.name} does not take complex numbers",
                why=reason,
                instead="real arguments; complex steps are for functions that are analytic",
            )
        return found

    def _jacobian_values(self, x: FloatArray) -> FloatArray:
        values = self._kept("jacobian", x, self.first.values)
        # Steps of every column leave nothing to compare with but themselves.
        if not (isinstance(self.first, SteppedJacobian) and self._jacobian.is_dense):
            self._checks.jacobian(x, lambda v: self._times(values, v), self._jacobian.pattern)
        return values

    def _times(self, values: FloatArray, v: FloatArray) -> FloatArray:
        return multiplied(values, self.jacobian_rows, v[self.jacobian_cols], self.size_out)

    def jacobian_values(self, x: FloatArray, out: FloatArray) -> None:
        """Write the values of the Jacobian to ``out``."""
        out[:] = self._jacobian_values(x)

    def hessian_values(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Write the values of the Hessian of ``weights · f`` to ``out``."""
        if not weights.any():  # an objective of weight zero: nothing to find, and nothing to pay
            out[:] = 0.0
            return
        values, gradient = self.second.values, self.first.gradient
        out[:] = values(x, weights)
        if not (isinstance(self.second, SteppedHessian) and self._hessian.is_dense):
            self._checks.hessian(x, gradient, values, self._curved, self._hessian.pattern)

    def _curved(self, values: FloatArray, v: FloatArray) -> FloatArray:
        rows, cols = self.hessian_rows, self.hessian_cols
        below = rows != cols
        lower = multiplied(values, rows, v[cols], self.size_in)
        return lower + multiplied(values[below], cols[below], v[rows[below]], self.size_in)

    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add the Jacobian times ``tangent`` to ``out``."""
        found = self.first.push(x, tangent)
        out += self._times(self._jacobian_values(x), tangent) if found is None else found
        if self.given.jvp is not None:
            self._checks.jvp(x)

    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add the transposed Jacobian times ``weights`` to ``out``."""
        if not weights.any():
            return
        found = self.first.pull(x, weights)
        if found is None:
            values, factors = self._jacobian_values(x), weights[self.jacobian_rows]
            found = multiplied(values, self.jacobian_cols, factors, self.size_in)
        out += found
        if self.given.vjp is not None:
            self._checks.vjp(x)

    def curve(
        self, x: FloatArray, weights: FloatArray, direction: FloatArray, out: FloatArray
    ) -> None:
        """Add the Hessian of ``weights · f`` times ``direction`` to ``out``."""
        if not weights.any():
            return
        found = self.second.product(x, weights, direction)
        if found is None:
            values = np.empty(self._hessian.pattern.nnz)
            self.hessian_values(x, weights, values)
            found = self._curved(values, direction)
        out += found
        if self.given.hvp is not None:
            self._checks.hvp(x, self.first.gradient)

    # ---- in words
    def describe(self) -> str:
        """Return one line that says how derivatives are found, and how exact they are."""
        first, second = self.first, self.second
        return (
            f"{self.name}: Jacobian by {first.method}{_stated(first.error)}; "
            f"Hessian by {second.method}{_stated(second.error)}"
        )

    def explain(self) -> list[str]:
        """Return lines that say that, and how many structural nonzeros there are."""
        shapes = ", ".join(str(shape) for shape in self._flat.shapes)
        jacobian, hessian = self._jacobian.pattern, self._hessian.pattern
        return [
            f"{self.name}: {shapes} -> {self.given.shape_out}",
            f"  Jacobian: {self.first.method}{_stated(self.first.error)}, {jacobian.nnz} nonzeros "
            f"of {jacobian.shape[0]} x {jacobian.shape[1]}",
            f"  Hessian: {self.second.method}{_stated(self.second.error)}, {hessian.nnz} nonzeros "
            "in the lower triangle",
        ]


def _stated(error: float) -> str:
    return f", error about {error:.0e} relative" if error else ""
