"""Ten nonlinear states with a dense coupling, and an objective accumulated in the carry."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import sparseopt as so
from sparseopt.loops.compiled import CompiledLoop
from sparseopt.tracing.traced_array import TracedArray

STATES = 10
STEP = 0.01
REPEATS = 5
COUPLING = np.random.default_rng(0).normal(size=(STATES, STATES)) / 2
POINT = np.linspace(-1.0, 1.0, STATES)
DIRECTION = np.cos(np.arange(STATES))


def measure(steps: int) -> dict[str, Any]:
    """Return seconds, peak memory and counts; times are the least of some at different points."""
    traces, compiled = [0], _counted()

    def step(carry: Any, _: Any) -> Any:
        traces[0] += isinstance(carry[0], TracedArray)
        u, cost = carry
        u = u + STEP * (np.tanh(COUPLING @ u + p) - u)
        return (u, cost + np.sum(u**2) / steps), None

    model = so.Model("ten states")
    p = model.variable("p", STATES)
    (_, cost), _ = so.scan(step, (np.full(STATES, 0.1), 0.0), length=steps, outputs=None)
    model.minimize(cost)
    problem, none = model.problem(), np.zeros(0)

    def product(x: Any) -> Any:
        return problem.hessian_vector_product(x, none, DIRECTION)

    started = time.perf_counter()
    problem.objective(POINT)
    problem.gradient_values(POINT)
    first_order = time.perf_counter() - started
    recorded, loops = traces[0], len(compiled)
    value, gradient = _least(problem.objective), _least(problem.gradient_values)
    peak = _peak_megabytes()
    (loop,) = compiled
    steps_of_gradient = _steps(loop, problem.gradient_values)
    return {
        "steps": steps,
        "first value and gradient": first_order,
        "value": value,
        "gradient": gradient,
        "product": _least(product),
        "gradient / value": gradient / value,
        "peak": peak,
        "traces": recorded,
        "compiles": loops,
        "stored carries": loop.most_stored,
        "forward steps of a gradient": steps_of_gradient,
        "error": _error(problem),
    }


def _counted() -> list[CompiledLoop]:
    """Return the list to which each compiled loop is added, from now on in this process."""
    found: list[CompiledLoop] = []
    build = CompiledLoop.__init__

    def counting(self: CompiledLoop, *arguments: Any) -> None:
        found.append(self)
        build(self, *arguments)

    CompiledLoop.__init__ = counting  # type: ignore[method-assign, assignment]
    return found


def _least(function: Callable[[Any], Any]) -> float:
    """Return the least time of some calls, each at a point of its own, after a first one."""
    seconds = []
    for k in range(REPEATS + 1):
        started = time.perf_counter()
        function(POINT + 1e-3 * (k + 1))
        seconds.append(time.perf_counter() - started)
    return min(seconds[1:])


def _steps(loop: CompiledLoop, gradient: Callable[[Any], Any]) -> int:
    before = loop.forward_steps
    gradient(POINT - 0.5)
    return loop.forward_steps - before


def _error(problem: so.Problem) -> float:
    """Return how far the gradient along a direction is from a central difference."""
    h = 1e-4 * DIRECTION
    change = (problem.objective(POINT + h) - problem.objective(POINT - h)) / 2
    slope = float(problem.gradient_values(POINT) @ h)
    return abs(slope - change) / abs(slope)


def _peak_megabytes() -> float:
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 2**20 if sys.platform == "darwin" else size / 2**10
