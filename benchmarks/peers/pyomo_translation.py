"""Any problem as a Pyomo model: scalar formulas in Python functions, a loop over rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo

from benchmarks.translation.scalar_rows import Idiom, ScalarRows, Terms
from benchmarks.translation.traced import TracedProblem

SAME_NAMES = (*("sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "exp", "log", "log10"),)
_COMPARISONS = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}

IDIOM = Idiom(
    tool="Pyomo",
    names={"pyo": pyo},
    functions={
        "add": "({0} + {1})",
        "subtract": "({0} - {1})",
        "multiply": "({0} * {1})",
        "divide": "({0} / {1})",
        "negative": "(-{0})",
        "square": "({0} ** 2)",
        "reciprocal": "(1.0 / {0})",
        "power": "({0} ** {1})",
        **{name: f"pyo.{name}({{0}})" for name in SAME_NAMES},
        "arcsin": "pyo.asin({0})",
        "arccos": "pyo.acos({0})",
        "arctan": "pyo.atan({0})",
        "arcsinh": "pyo.asinh({0})",
        "arccosh": "pyo.acosh({0})",
        "arctanh": "pyo.atanh({0})",
        "absolute": "abs({0})",
        "hypot": "pyo.sqrt({0} ** 2 + {1} ** 2)",
        "log2": "(pyo.log({0}) / 0.6931471805599453)",
        "exp2": "pyo.exp(0.6931471805599453 * {0})",
        "log1p": "pyo.log(1.0 + {0})",
        "expm1": "(pyo.exp({0}) - 1.0)",
        "expit": "(1.0 / (1.0 + pyo.exp(-{0})))",
        "where": "pyo.Expr_if(IF_=({0}), THEN_=({1}), ELSE_=({2}))",
        "maximum": "pyo.Expr_if(IF_=({0} >= {1}), THEN_=({0}), ELSE_=({1}))",
        "minimum": "pyo.Expr_if(IF_=({0} <= {1}), THEN_=({0}), ELSE_=({1}))",
        **{name: f"({{0}} {sign} {{1}})" for name, sign in _COMPARISONS.items()},
    },
)


def model_of(problem: TracedProblem, rows: ScalarRows) -> Any:
    """Return the model, with variables `x` and constraints `c`."""
    model = pyo.ConcreteModel()
    lower, upper, start = (a.tolist() for a in (problem.lower, problem.upper, problem.start))
    model.x = pyo.Var(
        range(problem.start.size),
        bounds=lambda _, k: (_side(lower[k]), _side(upper[k])),
        initialize=lambda _, k: start[k],
    )
    x = list(model.x.values())
    model.objective = pyo.Objective(expr=_sum(rows, rows.objective, x))
    low, high = problem.constraint_lower.tolist(), problem.constraint_upper.tolist()

    def row(_: Any, k: int) -> Any:
        expression = _sum(rows, rows.rows[k], x)
        if low[k] == high[k]:
            return expression == low[k]
        return (_side(low[k]), expression, _side(high[k]))

    model.c = pyo.Constraint(range(problem.num_constraints), rule=row)
    return model


def _side(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _sum(rows: ScalarRows, terms: Terms, x: list[Any]) -> Any:
    return sum(rows.values(terms, x))
