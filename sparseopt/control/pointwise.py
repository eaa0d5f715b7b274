"""Whether a phase's functions are pointwise: what they give at a time depends on that time only.

``np.sum(u.u)`` instead of a sum over the components mixes the points of the mesh: the problem would
be another one on each mesh, and its derivatives dense.  A few points alone must give what they give
among all the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sparseopt.control.flow import Flow, Points
from sparseopt.errors import ProblemError

__all__ = ["require_pointwise"]

_CLOSE = 1e-4
"""Relative: rounding may differ with the number of points, and mixing is far above."""


def require_pointwise(flow: Flow, points: Points) -> None:
    """Insist on rates, integrands and path constraints that do not mix times.

    Raises
    ------
    ProblemError
        Naming the value and the function.
    """
    at = np.unique([points.fractions.size // 2, points.fractions.size - 1])
    few = Points(
        {name: x[at] for name, x in points.states.items()},
        {name: u[at] for name, u in points.controls.items()},
        points.fractions[at],
        points.weights[at],
    )
    assert flow.phase.rates is not None
    rates = flow.phase.rates[0]
    among, alone = (
        flow.rates(some.states, some.controls, some.fractions) for some in (points, few)
    )
    for name, values in alone.items():
        _require_same(among[name][at], values, f"the rate of {name!r}", flow, rates)
    among, alone = flow.integrands(points), flow.integrands(few)
    for name, values in alone.items():
        function = flow.phase.integrals[name].function
        _require_same(among[name][at], values, f"integral {name!r}", flow, function)
    for condition, many, some in zip(
        flow.phase.path_conditions, flow.path_values(points), flow.path_values(few), strict=True
    ):
        _require_path(many, some, at, flow, condition.function)


def _require_path(
    among: Mapping[str, Any], alone: Mapping[str, Any], at: Any, flow: Flow, function: Any
) -> None:
    for name, values in alone.items():
        _require_same(among[name][at], values, f"path constraint {name!r}", flow, function)


def _require_same(
    among: Any, alone: Any, what: str, flow: Flow, function: Callable[..., Any]
) -> None:
    slack = _CLOSE * (1.0 + np.max(np.abs(alone), initial=0.0, where=np.isfinite(alone)))
    if np.allclose(among, alone, rtol=0.0, atol=slack, equal_nan=True):
        return
    code = getattr(function, "__code__", None)
    raise ProblemError(
        f"{what} in phase {flow.phase.name!r} mixes times: at one time it depends on others",
        where=f"{code.co_filename}:{code.co_firstlineno}" if code is not None else "",
        why="it must hold for any mesh, and its arrays have the points of the mesh as first axis",
        instead="write it elementwise; np.sum(x, axis=1) sums the components of a state",
    )
