"""Calling the user's functions with flat vectors, and checking what comes back.

Arguments are copies in their shapes, so that nothing the user's code does to them can do harm.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import ShapeError, SparseOptError
from sparseopt.external_functions.given import Callback, Given

__all__ = ["FlatFunctions", "Shape"]

Shape = tuple[int, ...]
Array = NDArray[Any]


class FlatFunctions:
    """A function and the derivatives that the user gave, of one flat vector.

    Parameters
    ----------
    given : Given
    shapes : sequence of shapes
        Of the arguments.

    Attributes
    ----------
    precision : float
        Spacing of the numbers that the function returns, relative to one.
    """

    def __init__(self, given: Given, shapes: Sequence[Shape]) -> None:
        self.given = given
        self.name = given.name
        self.shapes = tuple(shapes)
        self.sizes = [math.prod(shape) for shape in shapes]
        self.size_in = sum(self.sizes)
        self.size_out = math.prod(given.shape_out)
        self.precision = float(np.finfo(np.float64).eps)

    # ---- the user's functions
    def value(self, x: Array) -> Array:
        """Return f(x), shape (size_out,); complex for a complex ``x``."""
        return self._result(self.given.function, "", [*self._split(x)], x)

    def jvp(self, x: Array, tangent: Array) -> Array:
        """Return J v, shape (size_out,)."""
        return self._result(self.given.jvp, "jvp", [*self._split(x), *self._split(tangent)], x)

    def vjp(self, x: Array, weights: Array) -> Array:
        """Return Jᵀ w, shape (size_in,)."""
        arguments = [*self._split(x), self._weights(weights)]
        return self._parts(self.given.vjp, "vjp", arguments, x)

    def hvp(self, x: Array, weights: Array, direction: Array) -> Array:
        """Return the Hessian of ``weights · f`` times a direction, shape (size_in,)."""
        arguments = [*self._split(x), self._weights(weights), *self._split(direction)]
        return self._parts(self.given.hvp, "hvp", arguments, x)

    def jacobian(self, x: Array, entries: int | None) -> Any:
        """Return the Jacobian: a sparse or dense matrix, or a vector of ``entries`` values."""
        found = _called(self.given.jacobian, self._split(x))
        if isinstance(found, tuple):
            found = self._joined(found)
        return self._matrix(found, "jacobian", self.size_out, self.given.shape_out, entries, x)

    def hessian(self, x: Array, weights: Array, entries: int | None) -> Any:
        """Return the Hessian of ``weights · f``: a matrix, or a vector of ``entries`` values."""
        found = _called(self.given.hessian, [*self._split(x), self._weights(weights)])
        shape = self.shapes[0] if len(self.shapes) == 1 else (self.size_in,)
        return self._matrix(found, "hessian", self.size_in, shape, entries, x)

    # ---- arguments
    def _split(self, x: Array) -> list[Array]:
        parts = np.split(np.array(x), np.cumsum(self.sizes)[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def _weights(self, weights: Array) -> Array:
        return np.array(weights).reshape(self.given.shape_out)

    # ---- results
    def _result(
        self, function: Callback | None, kind: str, arguments: list[Array], x: Array
    ) -> Array:
        found = self._numbers(_called(function, arguments), kind, x)
        shape = self.given.shape_out
        if found.shape not in (shape, (self.size_out,)) and _narrow(found.shape) != _narrow(shape):
            raise self._wrong(kind, f"an array of shape {found.shape}", f"shape {shape}")
        return found.reshape(-1)

    def _parts(
        self, function: Callback | None, kind: str, arguments: list[Array], x: Array
    ) -> Array:
        """Return a vector of ``size_in`` from an array, or from a tuple: one for each argument."""
        found = _called(function, arguments)
        parts = found if isinstance(found, tuple) else (found,)
        flat = [self._numbers(part, kind, x).reshape(-1) for part in parts]
        sizes = [part.size for part in flat]
        if sizes not in (self.sizes, [self.size_in]):
            raise self._wrong(kind, f"arrays of {sizes} elements", f"{self.sizes} elements")
        return np.concatenate(flat)

    def _joined(self, parts: tuple[Any, ...]) -> Any:
        """Return one matrix of a tuple of Jacobians, one for each argument."""
        if len(parts) != len(self.sizes):
            raise self._wrong("jacobian", f"a tuple of {len(parts)}", f"{len(self.sizes)} matrices")
        if any(sp.issparse(part) for part in parts):
            return sp.hstack(parts, format="csr")
        try:
            sized = zip(parts, self.sizes, strict=True)
            return np.hstack([np.reshape(part, (self.size_out, size)) for part, size in sized])
        except ValueError as error:
            shapes = ", ".join(str(np.shape(part)) for part in parts)
            raise self._wrong("jacobian", f"matrices of shapes {shapes}", str(error)) from error

    def _matrix(
        self, found: Any, kind: str, rows: int, row_shape: Shape, entries: int | None, x: Array
    ) -> Any:
        shape = (rows, self.size_in)
        if sp.issparse(found):
            matrix: Any = found
            if matrix.shape != shape:
                raise self._wrong(kind, f"a matrix of shape {matrix.shape}", f"shape {shape}")
            return matrix
        array = self._numbers(found, kind, x)
        if entries is not None and array.shape == (entries,):
            return array
        column_shape = self.shapes[0] if len(self.shapes) == 1 else (self.size_in,)
        fits = (shape, (*row_shape, *column_shape), (*row_shape, self.size_in))
        if array.shape in fits or _narrow(array.shape) == _narrow(shape):
            return array.reshape(shape)
        wanted = f"shape {shape}" + (f" or {entries} values" if entries is not None else "")
        raise self._wrong(kind, f"an array of shape {array.shape}", wanted)

    def _numbers(self, found: Any, kind: str, x: Array) -> Array:
        if sp.issparse(found):
            raise self._wrong(kind, f"a {type(found).__name__}", "a dense array")
        try:
            array = np.asarray(found)
        except (TypeError, ValueError) as error:
            raise self._wrong(kind, str(error), "an array of numbers") from error
        if array.dtype.kind == "c" and x.dtype.kind != "c":
            raise self._wrong(kind, "complex numbers for real arguments", "real numbers")
        if array.dtype.kind not in "biufc":
            raise self._wrong(kind, f"{type(found).__name__} {found!r:.60}", "numbers")
        if array.dtype.kind == "f" and array.dtype.itemsize < 8:
            self._note_precision(array.dtype)
        return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64, copy=False)

    def _note_precision(self, dtype: np.dtype[Any]) -> None:
        precision = float(np.finfo(dtype).eps)
        if precision > self.precision:
            self.precision = precision
            warnings.warn(
                f"the external function {self.name} returns {dtype} numbers: solvers that ask for "
                "more digits than these have will not converge (in JAX: jax_enable_x64)",
                RuntimeWarning,
                stacklevel=2,
            )

    def _wrong(self, kind: str, found: str, wanted: str) -> SparseOptError:
        what = f"the {kind} of the external function {self.name}" if kind else ""
        what = what or f"the external function {self.name}"
        return ShapeError(f"{what} returns {found}", why=f"{wanted} needed")


def _called(function: Callback | None, arguments: list[Array]) -> Any:
    assert function is not None
    return function(*arguments)


def _narrow(shape: Shape) -> Shape:
    """Return a shape without axes of length one."""
    return tuple(n for n in shape if n != 1)
