"""`BoundFunction`: an external function at one set of argument shapes, flat.

It is what the graph calls an `OpaqueFunction`: values, a Jacobian and a Hessian with a structure,
and their products with vectors, each by the best way that the user's functions allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import SparseOptError
from sparseopt.external_functions.flat_functions import FlatFunctions, Shape
from sparseopt.external_functions.given import Given
from sparseopt.external_functions.hessians import (
    GivenHessian,
    ProductHessian,
    SecondDerivatives,
    SteppedHessian,
)
from sparseopt.external_functions.jacobians import (
    ColoredJacobian,
    FirstDerivatives,
    GivenJacobian,
    SteppedJacobian,
    multiplied,
)
from sparseopt.external_functions.memory import Memory
from sparseopt.external_functions.structure import (
    Structure,
    dense_structure,
    given_structure,
    gram_structure,
)
from sparseopt.external_functions.verification import Comparison

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
    """

    def __init__(self, given: Given, shapes: Sequence[Shape], fixed: Sequence[bool]) -> None:
        self.given = given
        self.name = given.name
        self._flat = FlatFunctions(given, shapes)
        self.size_in = self._flat.size_in
        self.size_out = self._flat.size_out
        self._active = np.repeat(~np.array(fixed, bool), self._flat.sizes)
        self._memory = Memory()
        self._comparisons: dict[str, Comparison] = {}
        self._random = np.random.default_rng(1)

    # ---- structure
    @cached_property
    def _jacobian(self) -> Structure:
        given, shape = self.given, (self.size_out, self.size_in)
        title = f"pattern of {self.name}"
        if given.pattern is not None:
            return given_structure(title, given.pattern, shape, self._active)
        found = self._example_jacobian() if given.jacobian is not None else None
        if sp.issparse(found):
            return given_structure(title, found, shape, self._active)
        return dense_structure(title, shape, self._active)

    def _example_jacobian(self) -> Any:
        """Return the user's Jacobian at the example, or at random if there is none."""
        if self.given.example is not None:
            parts = [np.ravel(np.asarray(a, np.float64)) for a in self.given.example]
            return self._flat.jacobian(np.concatenate(parts), None)
        point = np.random.default_rng(0).uniform(0.5, 1.5, self.size_in)
        try:
            return self._flat.jacobian(point, None)
        except SparseOptError:
            raise
        except Exception:  # the point may lie outside the function's domain: a dense pattern then
            return None

    @cached_property
    def _hessian(self) -> Structure:
        given, shape = self.given, (self.size_in, self.size_in)
        title = f"hessian_pattern of {self.name}"
        if given.hessian_pattern is not None:
            return given_structure(
                title, given.hessian_pattern, shape, self._active, symmetric=True
            )
        return gram_structure(title, self._jacobian, self._active)

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

    # ---- ways to derivatives
    @cached_property
    def first(self) -> FirstDerivatives:
        """How the Jacobian is found."""
        if self.given.jacobian is not None:
            return GivenJacobian(self._flat, self._jacobian)
        if self.given.jvp is not None or self.given.vjp is not None:
            return ColoredJacobian(self._flat, self._jacobian)
        return SteppedJacobian(self._flat, self._jacobian)

    @cached_property
    def second(self) -> SecondDerivatives:
        """How the Hessian is found."""
        if self.given.hessian is not None:
            return GivenHessian(self._flat, self._hessian)
        if self.given.hvp is not None:
            return ProductHessian(self._flat, self._hessian)
        return SteppedHessian(self._flat, self._hessian, self.first)

    # ---- evaluations
    def evaluate(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Write f(x) to ``out``; for a complex ``x`` if the function takes it."""
        out[:] = self._complex_value(x) if x.dtype.kind == "c" else self._value(x)

    def _value(self, x: FloatArray) -> FloatArray:
        return self._kept("value", x, self._flat.value)

    def _kept(self, kind: str, x: FloatArray, compute: Any) -> FloatArray:
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
        is_free = isinstance(self.first, SteppedJacobian) and self._jacobian.is_dense
        comparison = None if is_free else self._comparison("jacobian", x)
        if comparison is not None:
            pattern = self._jacobian.pattern
            comparison.compare(
                self._flat.value, x, lambda v: self._times(values, v), pattern, self._size(x)
            )
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
        out[:] = self.second.values(x, weights)
        is_free = isinstance(self.second, SteppedHessian) and self._hessian.is_dense
        comparison = None if is_free else self._comparison("hessian", x)
        if comparison is not None:
            any_weights = self._some_weights()
            values = self.second.values(x, any_weights)
            comparison.compare(
                lambda y: self.first.gradient(y, any_weights),
                x,
                lambda v: self._curved(values, v),
                self._hessian.pattern,
                self._size(x),
            )

    def _curved(self, values: FloatArray, v: FloatArray) -> FloatArray:
        rows, cols = self.hessian_rows, self.hessian_cols
        below = rows != cols
        lower = multiplied(values, rows, v[cols], self.size_in)
        return lower + multiplied(values[below], cols[below], v[rows[below]], self.size_in)

    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add the Jacobian times ``tangent`` to ``out``."""
        found = self.first.push(x, tangent)
        if found is None:
            out += self._times(self._jacobian_values(x), tangent)
            return
        out += found
        comparison = self._comparison("jvp", x) if self.given.jvp is not None else None
        if comparison is not None:
            comparison.compare(
                self._flat.value, x, lambda v: self._flat.jvp(x, v), None, self._size(x)
            )

    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add the transposed Jacobian times ``weights`` to ``out``."""
        if not weights.any():
            return
        found = self.first.pull(x, weights)
        if found is None:
            values = self._jacobian_values(x)
            out += multiplied(values, self.jacobian_cols, weights[self.jacobian_rows], self.size_in)
            return
        out += found
        comparison = self._comparison("vjp", x)
        if comparison is not None:
            any_weights = self._some_weights()
            gradient = self._flat.vjp(x, any_weights)
            comparison.compare(
                lambda y: np.array([any_weights @ self._flat.value(y)]),
                x,
                lambda v: np.array([gradient @ v]),
                None,
                self._size(x),
            )

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
        comparison = self._comparison("hvp", x) if self.given.hvp is not None else None
        if comparison is not None:
            any_weights = self._some_weights()
            comparison.compare(
                lambda y: self.first.gradient(y, any_weights),
                x,
                lambda v: self._flat.hvp(x, any_weights, v),
                None,
                self._size(x),
            )

    # ---- comparison with the function
    def _some_weights(self) -> FloatArray:
        return self._random.uniform(0.5, 1.0, self.size_out)

    def _size(self, x: FloatArray) -> float:
        return float(np.max(np.abs(self._value(x)), initial=0.0))

    def _comparison(self, kind: str, x: FloatArray) -> Comparison | None:
        """Return the comparison that is due for a kind of derivative at a point, or None."""
        if not self.given.check:
            return None
        found = self._comparisons.get(kind)
        if found is None:
            in_rows = kind in ("jacobian", "jvp")
            found = self._comparisons[kind] = Comparison(
                f"{kind} of {self.name}",
                self._result_name if in_rows else self._argument_name,
                self._argument_name,
                self._active,
                lambda: self._flat.precision,
                self.given.typical,
            )
        return found if found.is_due(x) else None

    def _result_name(self, position: int) -> str:
        return _element(self.name, self.given.shape_out, position)

    def _argument_name(self, position: int) -> str:
        number = 0
        while position >= self._flat.sizes[number]:
            position -= self._flat.sizes[number]
            number += 1
        return _element(f"argument {number}", self._flat.shapes[number], position)

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


def _element(name: str, shape: Shape, position: int) -> str:
    if not shape:
        return name
    indices = np.unravel_index(position, shape)
    return f"{name}[{', '.join(str(int(i)) for i in indices)}]"


def _stated(error: float) -> str:
    return f", error about {error:.0e} relative" if error else ""
