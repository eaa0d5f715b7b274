"""When which derivative of a function is compared with what; `verification` does the comparing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ProblemError
from sparseopt.external_functions.flat_functions import FlatFunctions, Shape
from sparseopt.external_functions.verification import Comparison
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["Checks"]

FloatArray = NDArray[np.float64]
Function = Callable[[FloatArray], FloatArray]
Weighted = Callable[[FloatArray, FloatArray], FloatArray]
"""A function of a point and of weights."""

_NOISE = 1e-5
"""Relative changes of a function at one point that are taken for noise."""


class Checks:
    """The comparisons of one function's derivatives at the first points they are asked at.

    Parameters
    ----------
    flat : FlatFunctions
    value : callable
        The function, its values kept.
    active : bool array
        Elements of the argument that derivatives are wanted by.
    """

    def __init__(self, flat: FlatFunctions, value: Function, active: NDArray[np.bool_]) -> None:
        self._flat = flat
        self._value = value
        self._active = active
        self._comparisons: dict[str, Comparison] = {}
        self._random = np.random.default_rng(1)
        self._is_pure = not (flat.given.check and flat.given.remember)

    def value(self, x: FloatArray, first: FloatArray) -> None:
        """Evaluate the function once more at its first point, where it must return the same.

        Raises
        ------
        ProblemError
            Naming an element that differs.
        """
        if self._is_pure or not np.isfinite(first).all():
            return
        self._is_pure = True
        second = self._flat.value(x)
        # Iterations end differently, and sums in several threads are rounded in another order.
        allowed = _NOISE * float(np.max(np.abs(first), initial=0.0))
        same = np.isclose(first, second, rtol=_NOISE, atol=allowed)
        if same.all():
            return
        self._is_pure = False
        place = int(np.argmin(same))
        raise ProblemError(
            f"the external function {self._flat.name} returns something else when called again",
            where=self._result_name(place),
            why=f"it is {first[place]:.8g} at first, then {second[place]:.8g} for equal arguments: "
            "random numbers, a counter, or state kept between calls",
            instead="a function of its arguments alone; random numbers with a seed inside",
        )

    def jacobian(self, x: FloatArray, product: Function, pattern: SparsityPattern) -> None:
        """Compare J v, by the values of J, with the function."""
        comparison = self._due("jacobian", x)
        if comparison is not None:
            comparison.compare(self._flat.value, x, product, pattern, self._size(x))

    def jvp(self, x: FloatArray) -> None:
        """Compare the user's J v with the function."""
        comparison = self._due("jvp", x)
        if comparison is not None:
            flat = self._flat
            comparison.compare(flat.value, x, lambda v: flat.jvp(x, v), None, self._size(x))

    def vjp(self, x: FloatArray) -> None:
        """Compare the user's Jᵀ w with the function weighted by w, for some w."""
        comparison = self._due("vjp", x)
        if comparison is not None:
            weights = self._some_weights()
            gradient = self._flat.vjp(x, weights)
            comparison.compare(
                lambda y: np.array([weights @ self._flat.value(y)]),
                x,
                lambda v: np.array([gradient @ v]),
                None,
                self._size(x),
            )

    def hessian(
        self,
        x: FloatArray,
        gradient: Weighted,
        values: Weighted,
        product: Weighted,
        pattern: SparsityPattern,
    ) -> None:
        """Compare H v, by the values of H, with the gradient ``Jᵀ w``, for some w.

        Parameters
        ----------
        gradient, values : callable
            Of a point and weights.
        product : callable
            Of values and a vector.
        """
        comparison = self._due("hessian", x)
        if comparison is not None:
            weights = self._some_weights()
            found = values(x, weights)
            comparison.compare(
                lambda y: gradient(y, weights),
                x,
                lambda v: product(found, v),
                pattern,
                self._size(x),
            )

    def hvp(self, x: FloatArray, gradient: Weighted) -> None:
        """Compare the user's H v with the gradient ``Jᵀ w``, for some w."""
        comparison = self._due("hvp", x)
        if comparison is not None:
            weights = self._some_weights()
            comparison.compare(
                lambda y: gradient(y, weights),
                x,
                lambda v: self._flat.hvp(x, weights, v),
                None,
                self._size(x),
            )

    def _some_weights(self) -> FloatArray:
        # Not those at hand: multipliers are often zero at the start.
        return self._random.uniform(0.5, 1.0, self._flat.size_out)

    def _size(self, x: FloatArray) -> float:
        return float(np.max(np.abs(self._value(x)), initial=0.0))

    def _due(self, kind: str, x: FloatArray) -> Comparison | None:
        """Return the comparison that is due for a kind of derivative at a point, or None."""
        if not self._flat.given.check:
            return None
        found = self._comparisons.get(kind)
        if found is None:
            by_results = kind in ("jacobian", "jvp")
            found = self._comparisons[kind] = Comparison(
                f"{kind} of {self._flat.name}",
                self._result_name if by_results else self._argument_name,
                self._argument_name,
                self._active,
                lambda: self._flat.precision,
                self._flat.given.typical,
            )
        return found if found.is_due(x) else None

    def _result_name(self, position: int) -> str:
        return _element(self._flat.name, self._flat.given.shape_out, position)

    def _argument_name(self, position: int) -> str:
        number = 0
        while position >= self._flat.sizes[number]:
            position -= self._flat.sizes[number]
            number += 1
        return _element(f"argument {number}", self._flat.shapes[number], position)


def _element(name: str, shape: Shape, position: int) -> str:
    if not shape:
        return name
    indices = np.unravel_index(position, shape)
    return f"{name}[{', '.join(str(int(i)) for i in indices)}]"
