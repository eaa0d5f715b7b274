"""Options of SciPy's least-squares methods, checked by name, with losses as SciPy calls them."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import numpy as np
import scipy.optimize as opt
from numpy.typing import NDArray

from sparseopt.errors import ProblemError, UnknownOptionError, did_you_mean
from sparseopt.modeling.losses import Loss, loss_named
from sparseopt.modeling.real_arrays import real_array

__all__ = ["marquardt_options", "trust_region_options"]

FloatArray = NDArray[np.float64]

_SCIPY_LOSSES = ("linear", "huber", "soft_l1", "cauchy", "arctan")
_OURS = {"fun", "x0", "jac", "bounds", "method", "args", "kwargs"}
_FOR_DIFFERENCES = ("jac_sparsity", "diff_step", "workers")
_MARQUARDT = ("ftol", "xtol", "gtol", "maxfev", "max_nfev", "epsfcn", "factor", "diag")


def trust_region_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `scipy.optimize.least_squares` takes, without what only differences need.

    Raises
    ------
    UnknownOptionError, ProblemError
        For names that it does not know, unknown losses, and a scale that is not positive.

    Examples
    --------
    >>> trust_region_options({"loss": "squared", "diff_step": 1e-6, "xtol": 1e-9})
    {'loss': 'linear', 'xtol': 1e-09}
    """
    _require_known(options, set(inspect.signature(opt.least_squares).parameters) - _OURS)
    chosen = {k: v for k, v in options.items() if k not in _FOR_DIFFERENCES}
    if np.ndim(chosen.get("x_scale", 1.0)) > 1:
        chosen["x_scale"] = np.ravel(chosen["x_scale"])
    scale = real_array(chosen.get("f_scale", 1.0), "f_scale")
    if scale.ndim or not 0.0 < scale < np.inf:
        raise ProblemError(
            f"f_scale is {scale.tolist()}",
            why="it is a size of residuals: one positive, finite number",
        )
    loss = chosen.get("loss", "linear")
    if isinstance(loss, (str, Loss)) and loss not in _SCIPY_LOSSES:
        found = loss_named(loss)
        is_linear = found.name == "squared"
        chosen["loss"] = "linear" if is_linear else partial(_rho, found)
    return chosen


def marquardt_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `scipy.optimize.leastsq` takes, with ``maxfev`` for ``max_nfev``.

    Raises
    ------
    UnknownOptionError
        For names that it does not know.

    Examples
    --------
    >>> marquardt_options({"max_nfev": 50, "factor": 10.0})
    {'factor': 10.0, 'maxfev': 50}
    """
    _require_known(options, _MARQUARDT)
    chosen = {k: v for k, v in options.items() if k not in ("maxfev", "max_nfev")}
    most = options.get("max_nfev") or options.get("maxfev")
    return chosen | ({"maxfev": most} if most else {})


def _require_known(options: Mapping[str, Any], known: Collection[str]) -> None:
    for name in options:
        if name not in known:
            raise UnknownOptionError(
                f"there is no option {name!r}", instead=did_you_mean(name, sorted(known))
            )


def _rho(loss: Loss, z: FloatArray) -> FloatArray:
    """Return value, first and second derivative: the form of a loss that SciPy calls."""
    return np.array([loss.value(z), loss.first(z), loss.second(z)])
