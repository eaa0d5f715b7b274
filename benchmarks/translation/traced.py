"""A problem of the collection as data: what sparseopt has traced, and nothing it has derived.

Tracing is not part of any rival's set-up: a tool takes its `TracedProblem` first, then starts its
clock.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import sparseopt as so
from benchmarks import measure
from benchmarks.tools.interface import Vector
from problems import registry
from sparseopt.elements.form import ElementForm
from sparseopt.graph.program import Program

OPTIONS = {"honor_original_bounds": "yes"}
"""Options of IPOPT that every tool sets: sparseopt does, so that solutions lie within bounds."""


@dataclass(frozen=True)
class TracedProblem:
    """A nonlinear program as solvers see it: minimized, single-entry linear rows as bounds.

    Attributes
    ----------
    program : Program
        Its outputs are the objective and the constraints.
    parameters : ndarray
        Values of the parameters.
    start, lower, upper : ndarray, shape (num_variables,)
    constraint_lower, constraint_upper : ndarray, shape (num_constraints,)
    options : mapping
        Options of IPOPT, the same for every tool.
    resident_megabytes : float
        Memory of the process after tracing: a tool's own memory is what it takes above that.
    """

    program: Program
    form: ElementForm
    parameters: Vector
    start: Vector
    lower: Vector
    upper: Vector
    constraint_lower: Vector
    constraint_upper: Vector
    options: Mapping[str, Any] = field(default_factory=dict)
    resident_megabytes: float = 0.0

    @property
    def num_constraints(self) -> int:
        """Number of rows that are not bounds."""
        return self.constraint_lower.size

    @property
    def constraint_offset(self) -> Vector:
        """What to subtract from constraint values to get residuals."""
        lower, upper = self.constraint_lower, self.constraint_upper
        return np.where(np.isfinite(lower), lower, upper)


def traced(name: str, size: Mapping[str, Any]) -> TracedProblem:
    """Return a problem of the collection, traced; sparseopt compiles and derives nothing here.

    Examples
    --------
    >>> problem = traced("hs071", {})
    >>> problem.start.tolist(), problem.num_constraints
    ([1.0, 5.0, 5.0, 1.0], 2)
    """
    record = registry.get(name)
    return traced_model(record.build(**size), record.options)


def traced_model(model: so.Model, options: Mapping[str, Any] | None = None) -> TracedProblem:
    """Return any model, traced; the options are those of IPOPT that it needs."""
    problem = model.problem()
    found: dict[str, Any] = {
        "program": problem.program,
        "form": problem.evaluator.form,
        "parameters": np.array(problem.evaluator.parameters),
        "start": np.array(problem.initial_point),
        "lower": np.array(problem.variable_lower),
        "upper": np.array(problem.variable_upper),
        "constraint_lower": np.array(problem.constraint_lower),
        "constraint_upper": np.array(problem.constraint_upper),
        "options": {**OPTIONS, **(options or {})},
    }
    del problem, model
    gc.collect()
    measure.reset_peak()
    return TracedProblem(**found, resident_megabytes=measure.resident_megabytes())
