"""Shuttle reentry, Hermite–Simpson: `sparseopt.control` and CasADi through one libipopt.

The CasADi program is what its user would write: a `Function` of one point, mapped over all points,
and matrices with a column a point.  Mesh, equations, bounds, start, scales and options are those of
`sparseopt.control`; as `nlpsol` has no scales, its variables and equations are divided by them.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import casadi as ca
import numpy as np

from benchmarks.control.stopwatch import (
    OPTIONS,
    Stopwatch,
    evaluate_all,
    outcome,
    peak_megabytes,
)
from problems.control import shuttle_reentry as shuttle
from sparseopt.control.declarations import bounds_at
from sparseopt.control.guesses import guessed_values
from sparseopt.control.phase import Phase

SETTINGS: dict[str, Any] = {
    "print_time": False,
    "ipopt.print_level": 0,
    "ipopt.sb": "yes",
    "ipopt.nlp_scaling_method": "none",
    **{f"ipopt.{name}": value for name, value in OPTIONS.items()},
}


def with_sparseopt(intervals: int) -> dict[str, Any]:
    """Solve with `sparseopt.control`."""
    watch = Stopwatch()
    prepared = shuttle.problem().prepare("hermite_simpson", intervals)
    evaluate_all(prepared)
    setup = watch.seconds()
    solution = prepared.solve(options=OPTIONS)
    whole = watch.seconds()
    return {"setup": setup, "whole": whole, "peak": peak_megabytes(), **outcome(solution)}


def with_casadi(intervals: int) -> dict[str, Any]:
    """Solve with CasADi's matrix graphs and `nlpsol`; bounds and start are not in its times."""
    phase = shuttle.problem().phases[0]
    arguments = _bounds_and_start(phase, 2 * intervals + 1)
    watch = Stopwatch()
    solver: Any = ca.nlpsol("solver", "ipopt", program(phase, intervals), SETTINGS)
    _evaluate_all(solver, arguments["x0"])
    setup = watch.seconds()
    found = solver(**arguments)
    whole, stats = watch.seconds(), solver.stats()
    return {
        "setup": setup,
        "whole": whole,
        "peak": peak_megabytes(),
        "objective": -float(found["f"]),
        "iterations": stats["iter_count"],
        "status": stats["return_status"],
    }


def program(phase: Phase, intervals: int) -> dict[str, Any]:
    """Return variables, objective and equations; variables and equations are scaled."""
    points = 2 * intervals + 1
    x, u = ca.MX.sym("x", len(phase.states), points), ca.MX.sym("u", len(phase.controls), points)
    final_time, sizes = ca.MX.sym("final_time"), ca.DM(_sizes(phase))
    states, step = x * sizes, final_time / intervals
    f = _rates(phase).map(points)(states, u)
    left, middle, right = (slice(k, points - 2 + k, 2) for k in range(3))
    hermite = (states[:, left] + states[:, right]) / 2 + step / 8 * (f[:, left] - f[:, right])
    simpson = step / 6 * (f[:, left] + 4 * f[:, middle] + f[:, right])
    defects = [states[:, middle] - hermite, states[:, right] - states[:, left] - simpson]
    return {
        "x": ca.vertcat(ca.vec(x), ca.vec(u), final_time),
        "f": -states[list(phase.states).index("theta"), -1],
        "g": ca.vertcat(*(ca.vec(defect / sizes) for defect in defects)),
    }


def _rates(phase: Phase) -> ca.Function:
    """Return the rates at one point; the NumPy functions take CasADi's symbols."""
    x, u = ca.MX.sym("x", len(phase.states)), ca.MX.sym("u", len(phase.controls))
    states = SimpleNamespace(**dict(zip(phase.states, ca.vertsplit(x), strict=True)))
    controls = SimpleNamespace(**dict(zip(phase.controls, ca.vertsplit(u), strict=True)))
    ca.GlobalOptions.setNumpyMode(-1)  # NumPy functions of symbols are CasADi's, without a word
    rates = shuttle.rates(states, controls, None, None)
    return ca.Function("rates", [x, u], [ca.vertcat(*(rates[name] for name in phase.states))])


def _evaluate_all(solver: Any, x: Any) -> None:
    """Call the functions that `nlpsol` gives to IPOPT once, where the solve starts."""
    rows = solver.size_in("lbg")[0]
    for name in ("nlp_f", "nlp_grad_f", "nlp_g", "nlp_jac_g"):
        solver.get_function(name)(x, [])
    solver.get_function("nlp_hess_l")(x, [], 1.0, np.zeros(rows))


def _sizes(phase: Phase) -> list[float]:
    return [1.0 if state.scale is None else state.scale for state in phase.states.values()]


def _bounds_and_start(phase: Phase, points: int) -> dict[str, Any]:
    """Return bounds and start of the scaled variables in the order of the program."""
    assert phase.span is not None
    fractions = np.linspace(0.0, 1.0, points)
    parts: dict[str, list[Any]] = {"lbx": [], "ubx": [], "x0": []}
    for signals, scales in ((phase.states, _sizes(phase)), (phase.controls, [1.0, 1.0])):
        bounds = [bounds_at(signal, fractions) for signal in signals.values()]
        start = [
            guessed_values(signal, signal.guess, fractions, phase.span.guess, phase.name, bound)
            for signal, bound in zip(signals.values(), bounds, strict=True)
        ]
        for name, values in (
            ("lbx", [b.lower for b in bounds]),
            ("ubx", [b.upper for b in bounds]),
            ("x0", start),
        ):
            parts[name].append((np.array(values) / np.array(scales)[:, None]).ravel(order="F"))
    final = phase.span.final
    for name, value in (("lbx", final.lower), ("ubx", final.upper), ("x0", phase.span.guess[1])):
        parts[name].append(np.array([value]))
    return {**{name: np.concatenate(part) for name, part in parts.items()}, "lbg": 0.0, "ubg": 0.0}
