"""What checks, reports and solutions need to know of a `Problem`; it avoids an import cycle."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.evaluation import Evaluator
from sparseopt.graph.program import Program
from sparseopt.modeling.lifted_bounds import LiftedBounds
from sparseopt.modeling.lifted_intermediates import Lifting
from sparseopt.modeling.named_vector import NamedVector

__all__ = ["CompiledProblem"]

FloatArray = NDArray[np.float64]


class CompiledProblem(Protocol):
    """The data and names of a problem; `sparseopt.modeling.problem.Problem` explains them."""

    name: str
    is_maximized: bool
    program: Program
    lifted: LiftedBounds
    lifting: Lifting | None
    evaluator: Evaluator
    trace_seconds: float
    variables: NamedVector
    parameters: NamedVector
    constraint_rows: NamedVector
    num_variables: int
    num_constraints: int
    variable_lower: FloatArray
    variable_upper: FloatArray
    constraint_lower: FloatArray
    constraint_upper: FloatArray
    initial_point: FloatArray
    variable_scale: FloatArray | None
    objective_source: str

    def constraints(self, x: FloatArray) -> FloatArray: ...  # noqa: D102
    def variable_name(self, index: int) -> str: ...  # noqa: D102
    def constraint_name(self, index: int) -> str: ...  # noqa: D102
    def constraint_source(self, index: int) -> str: ...  # noqa: D102
