"""SciPy's spelling of tolerances, limits and callbacks, in that of each solver."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from scipy.optimize import OptimizeResult

__all__ = ["solver_callback", "solver_options"]

_IPOPT = ("ipopt", "cyipopt", "auto")
_IPOPT_NAMES = {"maxiter": "max_iter"}

# What `tol` means to each method, as in scipy.optimize.minimize.
_TOLERANCES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_IPOPT, ("tol",)),
    "trust-constr": ("xtol", "gtol", "barrier_tol"),
    "slsqp": ("ftol",),
    "l-bfgs-b": ("ftol", "gtol"),
    "tnc": ("xtol", "ftol", "gtol"),
    "newton-cg": ("xtol",),
    "powell": ("xtol", "ftol"),
    "nelder-mead": ("xatol", "fatol"),
    "cobyqa": ("final_tr_radius",),
    "cobyla": ("tol",),
}


def solver_options(
    method: str, options: Mapping[str, Any] | None, tol: float | None
) -> dict[str, Any]:
    """Return options under the solver's own names; a given option outranks ``tol``.

    Examples
    --------
    >>> solver_options("ipopt", {"maxiter": 50}, 1e-9)
    {'max_iter': 50, 'tol': 1e-09}
    """
    chosen = dict(options or {})
    if method.lower() in _IPOPT:
        chosen = {_IPOPT_NAMES.get(name, name): value for name, value in chosen.items()}
        if "disp" in chosen:
            chosen.setdefault("print_level", 5 if chosen["disp"] else 0)
            del chosen["disp"]
    if tol is not None:
        for name in _TOLERANCES.get(method.lower(), ("gtol",)):
            chosen.setdefault(name, tol)
    return chosen


def solver_callback(
    callback: Callable[..., Any] | None, shape: tuple[int, ...]
) -> Callable[[Any], bool | None] | None:
    """Return SciPy's callback in our form.

    It is called with ``intermediate_result=`` if that is the name of its argument, else with x;
    returning True or raising StopIteration stops the solve.
    """
    if callback is None:
        return None
    named = list(inspect.signature(callback).parameters) == ["intermediate_result"]

    def adapted(iteration: Any) -> bool | None:
        x = iteration.x.reshape(shape)
        if named:
            result = OptimizeResult()
            result.update({"x": x, "fun": iteration.objective, "nit": iteration.number})
            stop = callback(intermediate_result=result)
        else:
            stop = callback(x)
        return False if stop is True else None

    return adapted
