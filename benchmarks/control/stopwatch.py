"""What each worker measures: set-up up to the first values, the whole, and peak memory."""

from __future__ import annotations

import resource
import sys
import time
from typing import Any

import numpy as np

from benchmarks.lazy_imports import import_all
from sparseopt.control import ControlSolution, PreparedProblem

import_all()

# Meshes of thousands of intervals have many bounds, each with a small barrier left at 1e-8.
OPTIONS = {"tol": 1e-10}


class Stopwatch:
    """Seconds since it was made; nothing before counts, imports included."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def seconds(self) -> float:
        """Return the seconds that have passed."""
        return time.perf_counter() - self._started


def evaluate_all(prepared: PreparedProblem) -> None:
    """Evaluate f, g, c, J and H once, where the solve starts: set-up is over."""
    problem = prepared.problem()
    problem.evaluator.start_compiling("hessian", "jacobian", "constraints", "gradient", "objective")
    x = problem.initial_point
    problem.objective(x)
    problem.gradient_values(x)
    problem.constraints_values(x)
    problem.jacobian_values(x)
    problem.hessian_values(x, np.zeros(problem.num_constraints))


def peak_megabytes() -> float:
    """Return the largest resident memory of this process so far."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 2**20 if sys.platform == "darwin" else size / 2**10


def outcome(solution: ControlSolution) -> dict[str, Any]:
    """Return what a solve found."""
    return {
        "objective": solution.objective,
        "iterations": solution.nlp.iterations,
        "status": solution.status.value,
    }
