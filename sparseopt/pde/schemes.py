"""Time stepping schemes as data, checked when they are made.

Runge–Kutta schemes in the form of collocation: over a step of length h with states u_0 … u_s at the
fractions c_0 = 0 < … < c_s = 1 and rates f_j,

    sum_j D_ij u_j - h sum_j B_ij f_j = 0,    i = 1 … s,

and one linear multistep scheme, BDF2, whose coefficients depend on the ratio of two steps.

E. Hairer and G. Wanner (1996), Solving ordinary differential equations II, sections IV.3, IV.5
(Radau IIA, Lobatto IIIA) and V.1 (BDF), doi:10.1007/978-3-642-05221-7; E. Hairer, S. P. Nørsett
and G. Wanner (1993), part I, section III.5 (variable steps), doi:10.1007/978-3-540-78862-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DiscretizationError, did_you_mean

__all__ = ["SCHEMES", "TimeScheme", "bdf2_coefficients", "scheme_named", "scheme_names"]

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class TimeScheme:
    """Fractions and coefficients on one step; wrong ones are refused when they are made.

    Attributes
    ----------
    fractions : ndarray, shape (s + 1,)
        c above, from 0 to 1.
    differences, rates : ndarray, shape (s, s + 1)
        D and B above.
    order : int
        Of the states at the ends of steps.
    is_multistep : bool
        From the second step on the equations are those of BDF2.
    """

    fractions: FloatArray
    differences: FloatArray
    rates: FloatArray
    order: int
    is_multistep: bool = False

    def __post_init__(self) -> None:
        c, expected = self.fractions, (self.fractions.size - 1, self.fractions.size)
        if not (c[0] == 0.0 and c[-1] == 1.0 and np.all(np.diff(c) > 0.0)):
            raise ValueError("fractions do not ascend from 0 to 1")
        if self.differences.shape != expected or self.rates.shape != expected:
            raise ValueError(f"coefficients are not of shape {expected}")
        for power in range(self.num_stages + 1):
            slope = power * c ** max(power - 1, 0)
            defect = self.differences @ c**power - self.rates @ slope
            if np.max(np.abs(defect)) > _ROUNDING:
                raise ValueError(f"the equations do not hold for a polynomial of degree {power}")
        step = self._weights()
        for power in range(1, (1 if self.is_multistep else self.order) + 1):
            if abs(step @ c ** (power - 1) - 1 / power) > _ROUNDING:
                raise ValueError(f"a step is not exact for rates of degree {power - 1}")

    @property
    def num_stages(self) -> int:
        """The number of unknown states of a step: the last is its end."""
        return self.fractions.size - 1

    @property
    def is_explicit(self) -> bool:
        """Whether the rate at the end of a step is not needed."""
        return not np.any(self.rates[:, 1:])

    def _weights(self) -> FloatArray:
        """Return w with u_s = u_0 + h sum_j w_j f_j."""
        return np.asarray(np.linalg.solve(self.differences[:, 1:], self.rates)[-1])


def bdf2_coefficients(ratio: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a with a_0 u_(n-1) + a_1 u_n + a_2 u_(n+1) = h f_(n+1), for h_(n+1) / h_n.

    Examples
    --------
    >>> [float(a) for a in bdf2_coefficients(np.ones(()))]
    [0.5, -2.0, 1.5]
    """
    return ratio**2 / (1 + ratio), -(1 + ratio), (1 + 2 * ratio) / (1 + ratio)


def _rows(*rows: list[float]) -> FloatArray:
    return np.array(rows, np.float64)


_ONE_STEP = np.array([0.0, 1.0])
SCHEMES = {
    "explicit_euler": TimeScheme(_ONE_STEP, _rows([-1, 1]), _rows([1, 0]), order=1),
    "implicit_euler": TimeScheme(_ONE_STEP, _rows([-1, 1]), _rows([0, 1]), order=1),
    "crank_nicolson": TimeScheme(_ONE_STEP, _rows([-1, 1]), _rows([0.5, 0.5]), order=2),
    "bdf2": TimeScheme(_ONE_STEP, _rows([-1, 1]), _rows([0, 1]), order=2, is_multistep=True),
    "radau": TimeScheme(
        np.array([0.0, 1 / 3, 1.0]),
        _rows([-2, 3 / 2, 1 / 2], [2, -9 / 2, 5 / 2]),
        _rows([0, 1, 0], [0, 0, 1]),
        order=3,
    ),
    "lobatto": TimeScheme(
        np.array([0.0, 0.5, 1.0]),
        _rows([-1, 1, 0], [-1, 0, 1]),
        _rows([5 / 24, 1 / 3, -1 / 24], [1 / 6, 2 / 3, 1 / 6]),
        order=4,
    ),
}


def scheme_names() -> list[str]:
    """Return the names of all schemes.

    Examples
    --------
    >>> scheme_names()[:3]
    ['bdf2', 'crank_nicolson', 'explicit_euler']
    """
    return sorted(SCHEMES)


def scheme_named(name: str) -> TimeScheme:
    """Return a scheme, or raise a `DiscretizationError` that names the nearest one."""
    if not isinstance(name, str) or name not in SCHEMES:
        raise DiscretizationError(
            f"there is no time stepping scheme {name!r}", instead=did_you_mean(str(name), SCHEMES)
        )
    return SCHEMES[name]
