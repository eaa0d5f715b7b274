"""Model predictive control of a quadrotor: 12 states, 4 rotors, solved again at each measurement.

Time outside libipopt is that of a re-solve without the calls of IPOPT's C functions (which in turn
call the compiled functions); traces are calls of the dynamics with traced arrays, compiles are
modules loaded. `verify="off"` is what a controller would say.
"""

from __future__ import annotations

import functools
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from benchmarks.control.stopwatch import Stopwatch, peak_megabytes
from problems.control import quadrotor
from sparseopt import control
from sparseopt.codegen.compile import CompiledModule
from sparseopt.codegen.tiers import wait_for_improvements
from sparseopt.solvers.ipopt_handles import IpoptHandle
from sparseopt.tracing.traced_array import TracedArray

HORIZON = 2.0
SAMPLE = 0.04
STEPS = 40
NOISE = 1e-3
SEED = 12
START = np.array([1.0, -1.0, 0.5, 0, 0, 0, 0.1, -0.1, 0.2, 0, 0, 0])


def with_sparseopt(intervals: int, verify: Literal["final", "off"] = "off") -> dict[str, Any]:
    """Run the loop; times are medians over the re-solves."""
    counts, inside = _counted(), _inside_libipopt()
    watch, rng = Stopwatch(), np.random.default_rng(SEED)
    prepared = problem(counts).prepare("hermite_simpson", intervals)
    found = prepared.solve()
    first = watch.seconds()
    # Code of the first solve is compiled again with more effort in the background.
    wait_for_improvements()
    counted = Counter(counts)
    seconds, outside = [], []
    for _ in range(STEPS):
        measured = found["hover"].state("x")(SAMPLE) + NOISE * rng.standard_normal(START.size)
        inside.clear()
        resumed = time.perf_counter()
        found = prepared.solve(measured=measured, guess=found, verify=verify)
        seconds.append(time.perf_counter() - resumed)
        outside.append(seconds[-1] - sum(inside))
        if not found.success:
            raise RuntimeError(f"a re-solve ended with {found.status.value}")
    again = Counter(counts)
    again.subtract(counted)
    return {
        "first": first,
        "again": float(np.median(seconds)),
        "outside": float(np.median(outside)),
        "traces": again["traces"],
        "compiles": again["compiles"],
        "peak": peak_megabytes(),
        "status": found.status.value,
    }


def problem(counts: Counter[str]) -> control.Problem:
    """Return the problem: fly to the origin and hover; each trace of the dynamics is counted."""

    def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
        counts["traces"] += isinstance(s.x, TracedArray)
        return {"x": quadrotor.dynamics(s.x, u.w)}

    p = control.Phase("hover")
    p.time(initial=0.0, final=HORIZON)
    p.state("x", shape=12)
    p.control("w", shape=4, lower=0.0, upper=quadrotor.MAXIMAL_THRUST, guess=1.0)
    p.parameter("measured", START)
    p.dynamics(rates)
    p.boundary(lambda first, last, q: {"start": first.x - q.measured}, lower=0.0, upper=0.0)
    p.integral("cost", lambda s, u, q, t: np.sum(s.x**2, axis=1) + np.sum((u.w - 1.0) ** 2, axis=1))
    p.minimize(lambda first, last, q, integral: integral.cost)
    return control.Problem("controller", [p])


def _counted() -> Counter[str]:
    """Return counts to which each compiled module adds one, from now on in this process."""
    counts: Counter[str] = Counter()
    load = CompiledModule.__init__

    def counting(self: CompiledModule, *arguments: Any) -> None:
        counts["compiles"] += 1
        load(self, *arguments)

    CompiledModule.__init__ = counting  # type: ignore[method-assign, assignment]
    return counts


def _inside_libipopt() -> list[float]:
    """Return the list to which each call of IPOPT adds its seconds, from now on in this process."""
    seconds: list[float] = []

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*arguments)
            finally:
                seconds.append(time.perf_counter() - started)

        return call

    for name in ("__init__", "solve", "free"):
        setattr(IpoptHandle, name, timed(getattr(IpoptHandle, name)))
    return seconds
