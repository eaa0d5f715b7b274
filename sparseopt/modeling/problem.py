"""`Problem`: the compiled problem, which is all that solvers see.

    minimize  f(x)   subject to   constraint_lower <= c(x) <= constraint_upper,
                                  variable_lower <= x <= variable_upper

A maximized objective is negated here, and rows of one variable have become bounds, so that sizes
and indices are those of what is solved; names lead back to what the user declared.  Multipliers
belong to the Lagrangian L = σ f + λᵀ c.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import ShapeError
from sparseopt.evaluation import Evaluator
from sparseopt.graph.formulas import Formulas
from sparseopt.graph.program import Program
from sparseopt.modeling.assembly import Declarations
from sparseopt.modeling.checked_problem import Evaluated
from sparseopt.modeling.declarations import Constraint, Variable
from sparseopt.modeling.lifted_bounds import LiftedBounds
from sparseopt.modeling.lifted_intermediates import Lifting
from sparseopt.modeling.named_vector import NamedVector
from sparseopt.modeling.problem_table import problem_table
from sparseopt.modeling.real_arrays import real_array
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.on_demand import on_demand
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.source_lines import describe_where

if TYPE_CHECKING:
    from sparseopt.modeling import derivative_check, findings, finite_check, residuals
    from sparseopt.modeling.derivative_check import DerivativeReport
    from sparseopt.modeling.findings import Diagnosis
    from sparseopt.modeling.residuals import Residuals
else:
    derivative_check = on_demand("sparseopt.modeling.derivative_check")
    findings = on_demand("sparseopt.modeling.findings")
    finite_check = on_demand("sparseopt.modeling.finite_check")
    residuals = on_demand("sparseopt.modeling.residuals")

__all__ = ["Problem"]

FloatArray = NDArray[np.float64]

_REMEMBERED = 1000
"""Points of up to this many variables are not checked again where they were found finite."""


class Problem(Unpicklable):
    """A nonlinear program with compiled sparse derivatives; `sparseopt.Model.problem` makes it.

    Attributes
    ----------
    name : str
    is_maximized : bool
        Whether the user's objective is the negative of `objective`.
    num_variables, num_constraints : int
    variable_lower, variable_upper : ndarray, shape (num_variables,)
    constraint_lower, constraint_upper : ndarray, shape (num_constraints,)
        Infinite where there is no bound.
    initial_point : ndarray, shape (num_variables,)
    variables, constraint_rows : NamedVector
        Layout of the variables, and of the rows as declared (with those that became bounds).
    lifted : LiftedBounds
        Which declared rows remain constraints.
    lifting : Lifting or None
        Which intermediate values are variables too, after the declared ones, and why.
    program : Program
    evaluator : Evaluator
    residuals : Residuals or None
        What is fitted, with weights and priors; None unless the model is a fit.

    Examples
    --------
    >>> import sparseopt as so
    >>> m = so.Model("small")
    >>> x = m.variable("x", shape=2, start=1.0)
    >>> m.minimize(x[0] ** 2 + x[1] ** 2)
    >>> m.subject_to(x[0] * x[1] >= 4.0, name="product")
    'product'
    >>> p = m.problem()
    >>> p.num_variables, p.num_constraints, p.jacobian_pattern.nnz
    (2, 1, 2)
    >>> p.jacobian(p.initial_point).toarray().tolist()
    [[1.0, 1.0]]
    """

    def __init__(
        self,
        declared: Declarations,
        program: Program,
        lifted: LiftedBounds,
        evaluator: Evaluator,
        trace_seconds: float = 0.0,
    ) -> None:
        self.name = declared.name
        self.is_maximized = declared.is_maximized
        self.program = program
        self.lifted = lifted
        self.evaluator = evaluator
        self._finite_at: tuple[bytes, bytes] | None = None
        self.trace_seconds = trace_seconds
        self.variables = NamedVector((v.name, v.shape, v.where) for v in declared.variables)
        self.parameters = NamedVector((p.name, p.shape, p.where) for p in declared.parameters)
        self.constraint_rows = NamedVector((c.name, c.shape, c.where) for c in declared.constraints)
        self.num_variables = self.variables.size
        self.num_constraints = int(lifted.kept_rows.size)
        self.variable_lower = lifted.lower
        self.variable_upper = lifted.upper
        is_each_kept = self.num_constraints == self.constraint_rows.size
        kept = slice(None) if is_each_kept else lifted.kept_rows
        self.constraint_lower = _joined([c.lower for c in declared.constraints])[kept]
        self.constraint_upper = _joined([c.upper for c in declared.constraints])[kept]
        self.initial_point = _joined([v.start for v in declared.variables])
        self.variable_scale = _scales(declared.variables)
        scales = _scales(declared.constraints)
        self.constraint_scale = None if scales is None else scales[kept]
        self.objective_source = describe_where(declared.objective_where)
        self.lifting: Lifting | None = None
        self.residuals: Residuals | None = None
        if declared.fit is not None:
            arguments = (declared.fit, program, evaluator.parameters, evaluator.backend)
            self.residuals = residuals.Residuals(*arguments)
            residuals.require_enough_data(self, self.residuals)

    # ---- structure
    @property
    def jacobian_pattern(self) -> SparsityPattern:
        """Where the Jacobian of the constraints has entries, in the order of the values."""
        return self.evaluator.jacobian_pattern

    @property
    def hessian_pattern(self) -> SparsityPattern:
        """Where the lower triangle of the Lagrangian's Hessian has entries."""
        return self.evaluator.hessian_pattern

    @property
    def is_linear_row(self) -> NDArray[np.bool_]:
        """Which constraints are proven linear."""
        return self.evaluator.is_linear_row

    @property
    def is_hessian_constant(self) -> bool:
        """Whether the objective is proven quadratic and every constraint linear."""
        return self.evaluator.is_hessian_constant

    def variable_name(self, index: int) -> str:
        """Return the name of a variable, such as ``x[3, 1]``."""
        return self.variables.element(index)

    def constraint_name(self, index: int) -> str:
        """Return the name of a constraint, such as ``dynamics[0, 2]``."""
        return self.constraint_rows.element(int(self.lifted.kept_rows[index]))

    def constraint_source(self, index: int) -> str:
        """Return the user's ``file:line`` of a constraint, or an empty string."""
        row = int(self.lifted.kept_rows[index])
        return describe_where(self.constraint_rows.at(row).where)

    def constraint_index(self, name: str) -> int:
        """Return the index of a constraint by its name; the reverse of `constraint_name`."""
        row = self.constraint_rows.position(name)
        index = int(np.searchsorted(self.lifted.kept_rows, row))
        if index == self.num_constraints or self.lifted.kept_rows[index] != row:
            raise ShapeError(
                f"{name} is no row of the Jacobian",
                why="it has one variable and became a bound, or is constant",
                instead='build the model with Model("name", lift_bounds=False)',
            )
        return index

    # ---- values and derivatives
    def objective(self, x: ArrayLike) -> float:
        """Return the minimized objective (the negated one, for a maximization)."""
        return float(self.evaluator.objective(self._point(x)))

    def gradient(self, x: ArrayLike) -> FloatArray:
        """Return the gradient of `objective`."""
        return self.evaluator.gradient(self._point(x))

    def gradient_values(self, x: ArrayLike, out: FloatArray | None = None) -> FloatArray:
        """Return the gradient of `objective`, in ``out`` if given."""
        return self.evaluator.gradient(self._point(x), out=out)

    def constraints(self, x: ArrayLike) -> FloatArray:
        """Return the values of the constraints."""
        return self.constraints_values(x)

    def constraints_values(self, x: ArrayLike, out: FloatArray | None = None) -> FloatArray:
        """Return the values of the constraints, in ``out`` if given."""
        point = self._point(x)
        if not self.num_constraints:
            return np.zeros(0)
        return self.evaluator.constraints(point, out=out)

    def jacobian(self, x: ArrayLike) -> sp.csr_array:
        """Return the Jacobian of the constraints."""
        return self.jacobian_pattern.to_csr(self.jacobian_values(x))

    def jacobian_values(self, x: ArrayLike, out: FloatArray | None = None) -> FloatArray:
        """Return the entries of the Jacobian in the order of `jacobian_pattern`."""
        return self.evaluator.jacobian_values(self._point(x), out=out)

    def hessian(
        self, x: ArrayLike, multipliers: ArrayLike | None = None, objective_weight: float = 1.0
    ) -> sp.csr_array:
        """Return the full, symmetric Hessian of the Lagrangian; no multipliers means zeros."""
        values = self.hessian_values(x, multipliers, objective_weight)
        return self.hessian_pattern.to_symmetric(values)

    def hessian_values(
        self,
        x: ArrayLike,
        multipliers: ArrayLike | None = None,
        objective_weight: float = 1.0,
        out: FloatArray | None = None,
    ) -> FloatArray:
        """Return the entries of the lower triangle in the order of `hessian_pattern`."""
        return self.evaluator.hessian_values(
            self._point(x), self._multipliers(multipliers), float(objective_weight), out=out
        )

    def hessian_vector_product(
        self,
        x: ArrayLike,
        multipliers: ArrayLike | None,
        vector: ArrayLike,
        objective_weight: float = 1.0,
    ) -> FloatArray:
        """Return the Hessian of the Lagrangian times a vector, without forming it."""
        return self.evaluator.hessian_vector_product(
            self._point(x),
            self._multipliers(multipliers),
            self._point(vector),
            float(objective_weight),
        )

    def pushforward(self, x: ArrayLike, vector: ArrayLike) -> FloatArray:
        """Return the Jacobian times a vector of the variables' length."""
        return self.evaluator.pushforward(self._point(x), self._point(vector))

    def pullback(self, x: ArrayLike, weights: ArrayLike) -> FloatArray:
        """Return the transposed Jacobian times a vector of the constraints' length."""
        return self.evaluator.pullback(self._point(x), self._multipliers(weights))

    def first_order(self, x: ArrayLike) -> Evaluated:
        """Return the values and first derivatives of objective and constraints at a point."""
        return Evaluated(*self.evaluator.first_order(self._point(x)))

    # ---- what went where, and whether it is right
    def explain(
        self,
        row: int | str,
        column: int | str,
        matrix: Literal["jacobian", "hessian"] = "jacobian",
    ) -> str:
        """Return which operations and source lines make an entry of the Jacobian or Hessian.

        Parameters
        ----------
        row : int or str
            Index or name of a constraint, such as ``"dynamics[0, 2]"``; for the Hessian of a
            variable.
        column : int or str
            Index or name of a variable, such as ``"x[3, 1]"``.
        matrix : {"jacobian", "hessian"}
        """
        j = self.variables.position(column) if isinstance(column, str) else int(column)
        if matrix == "hessian":
            i = self.variables.position(row) if isinstance(row, str) else int(row)
            i, j = max(i, j), min(i, j)
            title = f"d² L / d {self.variable_name(i)} d {self.variable_name(j)}"
        else:
            i = self.constraint_index(row) if isinstance(row, str) else int(row)
            where = self.constraint_source(i)
            title = f"d {self.constraint_name(i)} / d {self.variable_name(j)}"
            title += f", constraint of {where}" if where else ""
        return f"{title}\n{self.evaluator.explain(i, j, matrix, self.variable_name)}"

    def check(self, x: ArrayLike | None = None, *, seed: int = 0) -> DerivativeReport:
        """Compare gradient, Jacobian and Hessian with derivatives computed another way.

        Random directions first; where one disagrees, the row and column are searched and named.

        Parameters
        ----------
        x : array, optional
            Where to compare; by default near the starting point.
        seed : int
            Of the random directions.
        """
        return derivative_check.check_derivatives(self, None if x is None else self._point(x), seed)

    @cached_property
    def formulas(self) -> Formulas:
        """Objective and constraints by the recorded formulas in plain NumPy: not compiled."""
        return Formulas(self.program, self.evaluator.parameters)

    def diagnose(self, x: ArrayLike | None = None) -> Diagnosis:
        """Look for what is wrong with the problem, and name it; nothing is solved.

        Checked are: values and derivatives that are not finite, constant rows and unused
        variables, overdetermined equalities, repeated linear rows, scaling and bounds, a dense
        Hessian, and dependent equalities (`docs/diagnosis.md`).

        Parameters
        ----------
        x : array, optional
            Where; by default at the starting point.
        """
        point = self.initial_point if x is None else self._point(x)
        return findings.run_diagnosis(self, point, "the start" if x is None else "the given point")

    def require_finite(self, x: ArrayLike | None = None) -> None:
        """Raise `NonFiniteError` if a value or first derivative at ``x`` is NaN or infinite.

        The error names the row, the operation that made the value and its line.  The default is
        the starting point.
        """
        point = self.initial_point if x is None else self._point(x)
        if point.size > _REMEMBERED:
            self._require_finite(point)
            return
        # Small problems are solved again and again from one start.
        key = (point.tobytes(), self.evaluator.parameters.tobytes())
        if key != self._finite_at:
            self._require_finite(point)
            self._finite_at = key

    def _require_finite(self, x: FloatArray) -> None:
        if not self.first_order(x).is_finite:
            if self.residuals is not None:
                self.residuals.require_finite(x)  # which names the datum
            finite_check.require_finite(self, x)

    def __repr__(self) -> str:
        return (
            f"Problem({self.name!r}, {self.num_variables} variables, "
            f"{self.num_constraints} constraints)"
        )

    def __str__(self) -> str:
        return problem_table(self)

    def _point(self, x: ArrayLike) -> FloatArray:
        return _vector(x, self.num_variables, "variables")

    def _multipliers(self, values: ArrayLike | None) -> FloatArray:
        if values is None:
            return np.zeros(self.num_constraints)
        return _vector(values, self.num_constraints, "constraints")


def _vector(values: ArrayLike, length: int, what: str) -> FloatArray:
    vector = real_array(values, f"an array for the {what}")
    if vector.shape != (length,):
        raise ShapeError(
            f"an array of shape {np.shape(values)} is given for {length} {what}",
            instead=f"give a vector of length {length}",
        )
    return vector


def _scales(declared: Sequence[Variable] | Sequence[Constraint]) -> FloatArray | None:
    """Return the typical sizes of all elements, one where none is given; None without any."""
    if all(d.scale is None for d in declared):
        return None
    return _joined([np.ones(d.node.size) if d.scale is None else d.scale for d in declared])


def _joined(parts: list[FloatArray]) -> FloatArray:
    joined: Any = np.concatenate(parts) if parts else np.zeros(0)
    return np.ascontiguousarray(joined)
