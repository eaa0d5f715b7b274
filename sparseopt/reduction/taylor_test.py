"""Remainders of a function along a direction, which show whether its derivatives are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["TaylorTest", "taylor_test"]

FloatArray = NDArray[np.float64]

_FIRST_STEP = 1e-2
_NUM_STEPS = 6
_ROUNDING = 1e-13
"""Remainders below this, relative to the terms, are rounding."""


class TwiceDifferentiable(Protocol):
    """A function with gradient and Hessian-vector product."""

    def objective(self, p: FloatArray) -> float: ...
    def gradient(self, p: FloatArray) -> FloatArray: ...
    def hessian_vector_product(
        self, p: FloatArray, multipliers: None, vector: FloatArray
    ) -> FloatArray: ...


@dataclass(frozen=True)
class TaylorTest:
    """What is left of F(p + h d) after the first and the second order.

    Attributes
    ----------
    steps : ndarray
        h, each half of the one before.
    first_order : ndarray
        abs(F(p + h d) - F(p) - h ∇Fᵀ d).
    second_order : ndarray
        abs(F(p + h d) - F(p) - h ∇Fᵀ d - h²/2 dᵀ ∇²F d).
    rounding : float
        What remainders cannot be below; those under it say nothing.
    """

    steps: FloatArray
    first_order: FloatArray
    second_order: FloatArray
    rounding: float

    @property
    def first_rate(self) -> float:
        """How fast the first remainder falls: 2 with a right gradient; infinite if it is zero."""
        return _rate(self.first_order, self.rounding)

    @property
    def second_rate(self) -> float:
        """How fast the second remainder falls: 3 with right products; infinite if it is zero."""
        return _rate(self.second_order, self.rounding)

    @property
    def ok(self) -> bool:
        """Whether the rates are at least 1.9 and 2.9."""
        return self.first_rate >= 1.9 and self.second_rate >= 2.9

    def __str__(self) -> str:
        lines = ["      step  first order  second order"]
        table = zip(self.steps, self.first_order, self.second_order, strict=True)
        lines += [f"{h:10.2e}   {one:10.2e}    {two:10.2e}" for h, one, two in table]
        lines.append(f"      rate   {self.first_rate:10.2f}    {self.second_rate:10.2f}")
        return "\n".join(lines)


def taylor_test(
    function: TwiceDifferentiable, p: FloatArray, direction: FloatArray | None, seed: int
) -> TaylorTest:
    """Return the remainders at ``p``, by steps of a hundredth of p's size and less.

    Parameters
    ----------
    function : TwiceDifferentiable
    p, direction : ndarray, shape (num_variables,)
    seed : int
        Of the direction, if none is given.
    """
    if direction is None:
        direction = np.random.default_rng(seed).standard_normal(p.size)
        direction *= max(1.0, float(np.linalg.norm(p))) / float(np.linalg.norm(direction))
    value, slope = function.objective(p), float(function.gradient(p) @ direction)
    curvature = float(function.hessian_vector_product(p, None, direction) @ direction)
    steps = np.array([_FIRST_STEP * 0.5**k for k in range(_NUM_STEPS)])
    moved = np.array([function.objective(p + h * direction) for h in steps])
    first = moved - value - steps * slope
    second = first - 0.5 * steps**2 * curvature
    return TaylorTest(steps, np.abs(first), np.abs(second), _ROUNDING * max(abs(value), 1e-300))


def _rate(remainders: FloatArray, rounding: float) -> float:
    """Return the rate between the two smallest remainders that are above rounding."""
    above = remainders > 100.0 * rounding
    usable = int(np.argmin(above)) if not above.all() else remainders.size
    if usable < 2:
        return float("inf")
    return float(np.log2(remainders[usable - 2] / remainders[usable - 1]))
