"""What the graph knows of a function whose inside it cannot see: sizes, structure, values."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["OpaqueFunction", "WithLazyStructure", "is_linear", "is_matrix_free", "read_elements"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]


class OpaqueFunction(Protocol):
    """A function f of one flat vector to another, with derivatives that it computes by itself.

    Attributes
    ----------
    name : str
    size_in, size_out : int
    jacobian_rows, jacobian_cols : int32 arrays
        Structural nonzeros of the Jacobian, in the order of its values.
    hessian_rows, hessian_cols : int32 arrays
        Structural nonzeros of the Hessian of ``weights · f``, lower triangle.

    A function may have, besides: ``key``, equal for functions that do the same; ``is_dense`` with
    ``active``, a mask of the elements that all outputs depend on; ``is_matrix_free``, where its
    Jacobian and Hessian are so dense and large that products with vectors alone are asked for;
    ``is_linear``, for no second derivatives; ``failure``, the error that made
    the last output NaN; ``pull_tangent(x, weights, rates, tangent, out)``, which adds what `curve`
    with the weights and `pull` with the rates would add, where together they cost less;
    ``differentiated_by(elements)``, the same function with derivatives by these of its elements,
    where it left some out that were parameters and are to vary.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def size_in(self) -> int: ...  # noqa: D102
    @property
    def size_out(self) -> int: ...  # noqa: D102
    @property
    def jacobian_rows(self) -> IntArray: ...  # noqa: D102
    @property
    def jacobian_cols(self) -> IntArray: ...  # noqa: D102
    @property
    def hessian_rows(self) -> IntArray: ...  # noqa: D102
    @property
    def hessian_cols(self) -> IntArray: ...  # noqa: D102

    def describe(self) -> str:
        """Return one line that says how derivatives are found, and how exact they are."""

    def evaluate(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Write f(x) to ``out``; both are complex for a complex step, which may be refused."""

    def jacobian_values(self, x: FloatArray, out: FloatArray) -> None:
        """Write the values of the Jacobian at ``x`` to ``out``."""

    def hessian_values(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Write the values of the Hessian of ``weights · f`` to ``out``."""

    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add the Jacobian times ``tangent`` to ``out``."""

    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add the transposed Jacobian times ``weights`` to ``out``."""

    def curve(
        self, x: FloatArray, weights: FloatArray, direction: FloatArray, out: FloatArray
    ) -> None:
        """Add the Hessian of ``weights · f`` times ``direction`` to ``out``."""


def is_matrix_free(function: OpaqueFunction) -> bool:
    """Whether a function's matrices are dense and too large to be formed: products only."""
    return bool(getattr(function, "is_matrix_free", False))


def read_elements(function: OpaqueFunction) -> NDArray[np.intp]:
    """Return the elements of a dense function's argument that all of its outputs depend on."""
    active: NDArray[np.bool_] = function.active  # type: ignore[attr-defined]
    return np.flatnonzero(active)


def is_linear(function: OpaqueFunction) -> bool:
    """Whether a function is known to have no second derivatives."""
    return bool(getattr(function, "is_linear", False))


class WithLazyStructure:
    """Structures that are found when a matrix is asked for: products with vectors need none."""

    @property
    @abstractmethod
    def _first(self) -> tuple[IntArray, IntArray]:
        """Rows and columns of the Jacobian's values."""

    @property
    @abstractmethod
    def _second(self) -> tuple[IntArray, IntArray]:
        """Rows and columns of the Hessian's values, lower triangle."""

    @property
    def jacobian_rows(self) -> IntArray:
        """Rows of the Jacobian's values."""
        return self._first[0]

    @property
    def jacobian_cols(self) -> IntArray:
        """Columns of the Jacobian's values."""
        return self._first[1]

    @property
    def hessian_rows(self) -> IntArray:
        """Rows of the Hessian's values, lower triangle."""
        return self._second[0]

    @property
    def hessian_cols(self) -> IntArray:
        """Columns of the Hessian's values, lower triangle."""
        return self._second[1]
