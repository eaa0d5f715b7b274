"""Remainders of a function along a direction, which show whether its derivatives are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["TaylorTest", "taylor_test"]

FloatArray = NDArray[np.float64]

_FIRST_STEP = 1e-2
_LEAST_STEPS, _MOST_STEPS = 6, 24
_NEARBY = 1e-9
"""Values so near to each other differ from a parabola by nothing but rounding."""
_ABOVE = 100.0
"""How many times the rounding a remainder has to be to say something."""


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
        The noise in values of F, observed; remainders that are not far above it say nothing.
    """

    steps: FloatArray
    first_order: FloatArray
    second_order: FloatArray
    rounding: float

    @property
    def first_rates(self) -> FloatArray:
        """How fast the first remainder falls at each halving, as long as it is above rounding."""
        return _rates(self.first_order, self.rounding)

    @property
    def second_rates(self) -> FloatArray:
        """How fast the second remainder falls at each halving, as long as it is above rounding."""
        return _rates(self.second_order, self.rounding)

    @property
    def first_rate(self) -> float:
        """The last of `first_rates`: 2 with a right gradient; infinite if there is no remainder."""
        return float(self.first_rates[-1]) if self.first_rates.size else float("inf")

    @property
    def second_rate(self) -> float:
        """The last of `second_rates`: 3 with right products; infinite without a remainder."""
        return float(self.second_rates[-1]) if self.second_rates.size else float("inf")

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
    """Return the remainders at ``p``, by steps of a hundredth of the direction and less.

    They are halved until nothing but rounding is left.

    Parameters
    ----------
    function : TwiceDifferentiable
    p, direction : ndarray, shape (num_variables,)
    seed : int
        Of the direction, if none is given: normal, each entry relative to the parameter's size.
    """
    if direction is None:
        sizes = np.where(p == 0.0, 1.0, np.abs(p))
        direction = sizes * np.random.default_rng(seed).standard_normal(p.size)
    value, slope = function.objective(p), float(function.gradient(p) @ direction)
    curvature = float(function.hessian_vector_product(p, None, direction) @ direction)
    rounding = _noise(function, p, direction)
    steps: list[float] = []
    remainders: list[tuple[float, float]] = []
    while len(steps) < _MOST_STEPS:
        h = _FIRST_STEP * 0.5 ** len(steps)
        first = function.objective(p + h * direction) - value - h * slope
        steps.append(h)
        remainders.append((abs(first), abs(first - 0.5 * h**2 * curvature)))
        if len(steps) >= _LEAST_STEPS and remainders[-1][1] <= _ABOVE * rounding:
            break
    one, two = np.array(remainders).T
    return TaylorTest(np.array(steps), one, two, rounding)


def _noise(function: TwiceDifferentiable, p: FloatArray, direction: FloatArray) -> float:
    """Return the noise in values, from fourth differences of such that are very near.

    Of a smooth function nothing is left in these, and noise grows to about eight times its size:
    Moré and Wild 2011, Estimating computational noise, doi:10.1137/100786125.
    """
    values = [function.objective(p + k * _NEARBY * direction) for k in range(8)]
    noise = float(np.abs(np.diff(values, 4)).max()) / 8.0
    return max(noise if np.isfinite(noise) else 0.0, float(np.finfo(float).eps) * abs(values[0]))


def _rates(remainders: FloatArray, rounding: float) -> FloatArray:
    """Return the rates from each remainder to the next, up to the last one above rounding."""
    remainders = np.where(np.isnan(remainders), np.inf, remainders)  # beyond the domain
    above = remainders > _ABOVE * rounding
    usable = int(np.argmin(above)) if not above.all() else remainders.size
    finite = remainders[:usable][np.isfinite(remainders[:usable])]
    return np.asarray(np.log2(finite[:-1] / finite[1:]))
