"""Losses of residuals, one row each: how much a residual of a given size counts.

A fit minimizes ½ Σ C² ρ(z) with z = (w r / C)², weights w, residuals r and the scale C: the
convention of `scipy.optimize.least_squares`, whose losses these are (Tukey's is added).  Near 0
every ρ(z) = z + O(z²), so that small residuals count as squares; C is where they cease to.

``value`` is NumPy code that is traced with the residuals and differentiated exactly.  The two
derivatives are what Gauss–Newton matrices and covariances need:  with t = w r,
d/dt ½ C² ρ = ρ'(z) t and d²/dt² = ρ'(z) + 2 z ρ''(z).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sparseopt.errors import ProblemError, did_you_mean

__all__ = ["LOSSES", "Loss", "loss_named"]

Rho = Callable[[Any], Any]


@dataclass(frozen=True)
class Loss:
    """One loss ρ(z) of a scaled squared residual z >= 0.

    Attributes
    ----------
    name : str
    value, first, second : callable
        ρ, ρ', ρ'' as NumPy code for arrays.
    efficient_scale : float
        The scale C, in standard deviations of normal errors, with which a mean is estimated with
        95 % of the efficiency of the squared loss (Holland and Welsch 1977,
        doi:10.1080/03610927708827533); infinite for the squared loss.

    Examples
    --------
    >>> LOSSES["huber"].value(np.array([0.25, 4.0])).tolist()
    [0.25, 3.0]
    """

    name: str
    value: Rho
    first: Rho
    second: Rho
    efficient_scale: float


# Roots see 1 where another branch is taken: sqrt has no slope at 0.
def _huber(z: Any) -> Any:
    return np.where(z <= 1.0, z, 2.0 * np.sqrt(np.where(z <= 1.0, 1.0, z)) - 1.0)


def _huber_first(z: Any) -> Any:
    return np.where(z <= 1.0, 1.0, 1.0 / np.sqrt(np.where(z <= 1.0, 1.0, z)))


def _huber_second(z: Any) -> Any:
    return np.where(z <= 1.0, 0.0, -0.5 * np.where(z <= 1.0, 1.0, z) ** -1.5)


def _tukey(z: Any) -> Any:
    return np.where(z <= 1.0, (z * (z - 3.0) + 3.0) * z, 1.0) / 3.0


ROWS = (
    Loss(
        "squared",
        lambda z: z,
        lambda z: np.ones(z.shape),
        lambda z: np.zeros(z.shape),
        float("inf"),
    ),
    Loss("huber", _huber, _huber_first, _huber_second, 1.345),
    Loss(
        "soft_l1",
        lambda z: 2.0 * z / (1.0 + np.sqrt(1.0 + z)),  # 2 (sqrt(1 + z) - 1) loses digits near 0
        lambda z: 1.0 / np.sqrt(1.0 + z),
        lambda z: -0.5 * (1.0 + z) ** -1.5,
        1.287,
    ),
    Loss(
        "cauchy",
        lambda z: np.log1p(z),
        lambda z: 1.0 / (1.0 + z),
        lambda z: -1.0 / (1.0 + z) ** 2,
        2.385,
    ),
    Loss(
        "arctan",
        lambda z: np.arctan(z),
        lambda z: 1.0 / (1.0 + z**2),
        lambda z: -2.0 * z / (1.0 + z**2) ** 2,
        2.571,
    ),
    Loss(
        "tukey",
        _tukey,
        lambda z: np.where(z <= 1.0, (1.0 - z) ** 2, 0.0),
        lambda z: np.where(z <= 1.0, 2.0 * z - 2.0, 0.0),
        4.685,
    ),
)

LOSSES = {loss.name: loss for loss in ROWS}
_ALSO = {"linear": "squared"}
"""SciPy's word for it."""


def loss_named(loss: str | Loss, where: str = "") -> Loss:
    """Return the loss of that name; a `Loss` of the caller's own is returned as it is.

    Raises
    ------
    ProblemError
        For an unknown name.
    """
    if isinstance(loss, Loss):
        return loss
    name = _ALSO.get(loss, loss)
    if name not in LOSSES:
        raise ProblemError(
            f"{loss!r} is no loss", where=where, instead=did_you_mean(str(loss), LOSSES)
        )
    return LOSSES[name]
