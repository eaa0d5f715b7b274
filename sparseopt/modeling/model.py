"""`Model`: variables, parameters, objective and constraints with names: what people write."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.derivatives.plans import HESSIAN_PLANS, JACOBIAN_PLANS
from sparseopt.errors import ShapeError
from sparseopt.evaluation.backend import expect_programs
from sparseopt.graph.nodes import Input, Node, Where
from sparseopt.modeling import solver_registry
from sparseopt.modeling.assembly import Declarations
from sparseopt.modeling.checked_problem import Verify
from sparseopt.modeling.checkpoint_writer import CheckpointWriter
from sparseopt.modeling.compilation import compile_problem
from sparseopt.modeling.declarations import (
    Constraint,
    Parameter,
    Variable,
    check_bounds,
    check_finite,
    check_name,
    full_array,
    scale_of,
    shape_of,
)
from sparseopt.modeling.fit_declarations import fit_objective
from sparseopt.modeling.fitting_model import FittingModel
from sparseopt.modeling.lifted_intermediates import (
    Intermediate,
    Lift,
    Lifting,
    checked_lift,
    restarted,
)
from sparseopt.modeling.lifting_model import LiftingModel
from sparseopt.modeling.plan_names import checked_plan
from sparseopt.modeling.problem import Problem
from sparseopt.modeling.progress import progress_callback
from sparseopt.modeling.reduced_space import Reduced, States, run_reduction
from sparseopt.modeling.relations import expression, relation_within
from sparseopt.modeling.solution import Solution
from sparseopt.modeling.starting_point import StartingPoint, starting_arrays
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.trace import input_array
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["Model"]

FloatArray = NDArray[np.float64]


class Model(FittingModel, LiftingModel):
    """An optimization model written with NumPy.

    Variables and parameters are arrays on which ordinary NumPy code works; objective and
    constraints are what that code returns.  `solve` compiles the model once, and again only after
    a declaration is added.

    Parameters
    ----------
    name : str
        For reports.
    lift_bounds : bool
        Turn constraint rows with a single variable into bounds.  Multipliers come back under the
        names of the rows.
    lift : str or sequence of str
        Which intermediate values become variables with defining constraints: "none", "auto" for
        those where counts of nonzeros say that it pays, or names given with `intermediate`; see
        ``docs/lifting.md``.
    backend : {"llvm", "numpy"}, optional
        How values and derivatives are computed; "numpy" needs no compiler and is slow.
    jacobian_plan, hessian_plan : str
        How derivatives are multiplied out, as for `jacobian` and `hessian`; "auto" takes what is
        estimated to be fastest.

    Examples
    --------
    >>> import numpy as np
    >>> import sparseopt as so
    >>> m = so.Model("smallest box")
    >>> side = m.variable("side", shape=3, lower=0.1, start=1.0)
    >>> volume = m.parameter("volume", 8.0)
    >>> m.minimize(2 * (side[0] * side[1] + side[1] * side[2] + side[2] * side[0]))
    >>> m.subject_to(np.prod(side) == volume, name="content")
    'content'
    >>> s = m.solve()
    >>> s["side"].round(4).tolist(), round(s.objective, 4)
    ([2.0, 2.0, 2.0], 24.0)
    >>> m.set(volume=27.0)
    >>> round(m.solve(start=s).objective, 4)
    54.0
    """

    def __init__(
        self,
        name: str = "model",
        *,
        lift_bounds: bool = True,
        lift: Lift = "none",
        backend: Literal["llvm", "numpy"] | None = None,
        jacobian_plan: str = "auto",
        hessian_plan: str = "auto",
    ) -> None:
        self.name, self.backend = name, backend
        self.lift_bounds, self.lift = lift_bounds, checked_lift(lift)
        expect_programs(backend)
        solver_registry.expect_default_solver()
        self.jacobian_plan = checked_plan(jacobian_plan, JACOBIAN_PLANS)
        self.hessian_plan = checked_plan(hessian_plan, HESSIAN_PLANS)
        self._variables: dict[str, Variable] = {}
        self._parameters: dict[str, Parameter] = {}
        self._constraints: dict[str, Constraint] = {}
        self._intermediates: dict[str, Intermediate] = {}
        self._values: dict[str, FloatArray] = {}
        self._objective: tuple[Node, bool, Where] | None = None
        self._fit, self._priors = None, {}
        self._problem: tuple[tuple[object, ...], Problem] | None = None
        self._num_unnamed = 0
        self._started = self._changed_at = time.perf_counter()

    # ---- declarations
    def variable(
        self,
        name: str,
        shape: int | tuple[int, ...] = (),
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        start: ArrayLike | None = None,
        scale: ArrayLike | None = None,
    ) -> TracedArray:
        """Declare an array of decision variables.

        Parameters
        ----------
        name : str
            An identifier; elements are called ``name[i, j]`` in messages.
        shape : int or tuple of int
            ``()`` is a single number.
        lower, upper : array-like, optional
            Bounds that broadcast to the shape; None or infinite where there is none.
        start : array-like, optional
            Where solvers start; by default the point nearest to 0 within the bounds.
        scale : array-like, optional
            Typical size of the values; IPOPT works with ``x / scale``.

        Returns
        -------
        TracedArray
            For use in NumPy code.

        Raises
        ------
        ProblemError
            For a name that is taken or no identifier, and for NaN or crossed bounds.
        ShapeError
            For bounds or a start that do not broadcast to the shape.
        NonFiniteError
            For NaN or infinity in the start.
        """
        where = user_frame()
        self._check_name(name, "variable", where)
        dimensions = shape_of(shape, name, where)
        low = full_array(
            -np.inf if lower is None else lower, dimensions, name, "lower bound", where
        )
        high = full_array(
            np.inf if upper is None else upper, dimensions, name, "upper bound", where
        )
        check_bounds(name, dimensions, low, high, where)
        if start is None:
            first = np.clip(0.0, low, high)
        else:
            first = full_array(start, dimensions, name, "start", where)
            check_finite(name, dimensions, first, "start", where)
        node = Input(name, low.size, "variable", where)
        sizes = scale_of(scale, dimensions, name, where)
        self._variables[name] = Variable(name, dimensions, node, low, high, first, where, sizes)
        self._changed()
        return input_array(node, dimensions)

    def parameter(self, name: str, value: ArrayLike) -> TracedArray:
        """Declare numbers that may change between solves without a new trace; see `set`.

        Parameters
        ----------
        name : str
        value : array-like
            Its shape is the parameter's.
        """
        where = user_frame()
        self._check_name(name, "parameter", where)
        shape = np.shape(value)
        values = full_array(value, shape, name, "value", where)
        check_finite(name, shape, values, "value", where)
        node = Input(name, values.size, "parameter", where)
        self._parameters[name] = Parameter(name, shape, node, where)
        self._values[name] = values
        self._changed()
        return input_array(node, shape)

    def minimize(self, objective: Any) -> None:
        """Set the objective, a scalar expression to be made small; replaces an earlier one."""
        self._set_objective(objective, is_maximized=False)

    def maximize(self, objective: Any) -> None:
        """Set the objective, a scalar expression to be made large; replaces an earlier one."""
        self._set_objective(objective, is_maximized=True)

    def subject_to(
        self,
        constraint: Any,
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        name: str | None = None,
        scale: ArrayLike | None = None,
    ) -> str:
        """Add constraints: a relation, or an expression with bounds.

        Parameters
        ----------
        constraint : TracedArray
            ``a == b``, ``a <= b`` or ``a >= b``, elementwise; or an expression if ``lower`` or
            ``upper`` is given.
        lower, upper : array-like, optional
            Bounds of the expression, that broadcast to its shape.
        name : str, optional
            By default ``c0``, ``c1``, ….
        scale : array-like, optional
            Typical size of the rows' values; IPOPT works with rows divided by it.

        Returns
        -------
        str
            The name, for `Solution.dual`.

        Examples
        --------
        >>> m = Model()
        >>> x = m.variable("x", shape=3)
        >>> m.subject_to(x[0] * x[1] == x[2])
        'c0'
        >>> m.subject_to(x[0] + x[1], lower=0.0, upper=1.0, name="total")
        'total'
        """
        where = user_frame()
        name = self._next_name() if name is None else name
        self._check_name(name, "constraint", where)
        found = relation_within(constraint, lower, upper, where)
        low = full_array(found.lower, found.shape, name, "lower bound", where)
        high = full_array(found.upper, found.shape, name, "upper bound", where)
        check_bounds(name, found.shape, low, high, where)
        sizes = scale_of(scale, found.shape, name, where)
        self._constraints[name] = Constraint(name, found.shape, found.node, low, high, where, sizes)
        self._changed()
        return name

    def set(self, **parameters: ArrayLike) -> None:
        """Change the values of parameters; nothing is traced or compiled again.

        Examples
        --------
        >>> m = Model()
        >>> k = m.parameter("k", [1.0, 2.0])
        >>> m.set(k=3.0)
        """
        where = user_frame()
        for name, value in parameters.items():
            if name not in self._parameters:
                raise self._no_parameter(name, where)
            shape = self._parameters[name].shape
            values = full_array(value, shape, name, "value", where)
            check_finite(name, shape, values, "value", where)
            self._values[name] = values
        self._pass_parameters()

    # ---- use
    def problem(self, lift: Lift | None = None) -> Problem:
        """Return the compiled problem; it is compiled at the first call and after changes.

        Parameters
        ----------
        lift : str or sequence of str, optional
            As for the model, which it stands in for.
        """
        chosen = checked_lift(self.lift if lift is None else lift, self._intermediates)
        return self._compiled(chosen)

    def solve(
        self,
        solver: str = "ipopt",
        options: Mapping[str, Any] | None = None,
        start: StartingPoint | None = None,
        time_limit: float | None = None,
        verbose: bool = False,
        callback: Callable[[Any], bool | None] | None = None,
        verify: Verify = "final",
        checkpoint: str | os.PathLike[str] | None = None,
        every: int | timedelta = 10,
        lift: Lift | None = None,
    ) -> Solution:
        """Solve the model.

        Parameters
        ----------
        solver : str
            ``"ipopt"``, ``"cyipopt"``, or a method of `scipy.optimize.minimize`.
        options : mapping, optional
            Under the solver's own names.
        start : Solution, mapping or path, optional
            A solution makes a warm start with its multipliers; a mapping of names to arrays
            replaces the declared start of those variables; a path is that of a checkpoint.
        time_limit : float, optional
            Seconds.
        verbose : bool
            Print a line for each iteration.
        callback : callable, optional
            Called with an ``Iteration`` after each iteration; returning False stops the solve.
        verify : {"final", "start", "off"}
            Where values and derivatives are checked against the recorded formulas in plain NumPy:
            at a solution (a wrong one ends with `Status.WRONG_DERIVATIVE`, and names the row and
            the column), at the start too, or nowhere.  See ``docs/verification.md``.
        checkpoint : path, optional
            A file (``run.npz``) that holds the current iterate; ``start="run.npz"`` goes on there.
        every : int or datetime.timedelta
            Iterations, or time, from one checkpoint to the next; one more is written at the end.
        lift : str or sequence of str, optional
            As for `problem`; "auto" lifts nothing for a solver without constraints.

        Returns
        -------
        Solution
            For every way a solve can end; see `Solution.raise_for_status`.

        Raises
        ------
        NonFiniteError
            If a value or first derivative is not finite where the solve starts, naming the
            constraint, the index, the operation and its line.
        DerivativeError
            With ``verify="start"``, for a derivative that is wrong at the start.
        SolverError
            For an unknown solver or option, or a solver that is not installed.
        """
        solver_registry.expect_solver(solver, options)
        problem = self._problem_for(solver, lift)
        arrays = starting_arrays(problem, start)
        with problem.evaluator.turns.solve():
            solver_registry.start_compiling(problem, solver, options)
            problem.require_finite(arrays["x"])
            progress = progress_callback(callback, verbose, problem.is_maximized)
            writer = None if checkpoint is None else CheckpointWriter(problem, checkpoint, every)
            run = partial(
                solver_registry.run_solver,
                problem,
                solver,
                options=options,
                start=arrays,
                time_limit=time_limit,
                callback=progress if writer is None else writer.then(progress),
                verify=verify,
            )
            return Solution(problem, run() if writer is None else writer.around(run))

    def reduce(
        self,
        states: States,
        by: str | Sequence[str] | None = None,
        *,
        state_bounds: Literal["check", "impose"] = "check",
        factorization: str = "auto",
    ) -> Reduced:
        """Return the problem in the other variables alone: states are solved for inside.

        Parameters
        ----------
        states : str, traced array, or a sequence of these
            Variables or parts of them, or their names, such as ``[x[1:], "y"]`` and ``"x[1:]"``.
        by : str or sequence of str, optional
            The equality constraints that determine them, as many rows as states; by default all.
        state_bounds : {"check", "impose"}
            Bounds of states are looked at in the end (a violated one makes it infeasible), or are
            rows, for IPOPT, trust-constr or SLSQP; fixed ends of a trajectory can be rows too.
        factorization : {"auto", "superlu", "cholmod", "umfpack", "pardiso"}
            The library that factors the matrix of the states.

        Returns
        -------
        ReducedProblem
            Its ``solve`` returns the same `Solution` as `solve`; see ``docs/implicit.md``.

        Raises
        ------
        ProblemError
            For unknown names, inequalities, or many rows besides that see states.
        ShapeError
            For another number of rows than of states.
        SingularMatrixError
            If the rows cannot determine the states, by name.
        """
        options = {"state_bounds": state_bounds, "factorization": factorization}
        return run_reduction(self.problem(lift="none"), states, by, **options)

    def __repr__(self) -> str:
        variables = sum(v.node.size for v in self._variables.values())
        rows = sum(c.node.size for c in self._constraints.values())
        return f"Model({self.name!r}, {variables} variables, {rows} constraints)"

    # ---- inside
    def _check_name(self, name: object, kind: str, where: Where) -> None:
        taken = (self._variables, self._parameters, self._constraints, self._intermediates)
        check_name(name, taken, kind, where)

    def _next_name(self) -> str:
        while f"c{self._num_unnamed}" in self._constraints:
            self._num_unnamed += 1
        self._num_unnamed += 1
        return f"c{self._num_unnamed - 1}"

    def _set_objective(self, objective: Any, is_maximized: bool) -> None:
        where = user_frame()
        traced = expression(objective, where)
        if traced.size != 1:
            raise ShapeError(
                f"the objective has shape {traced.shape}",
                where=describe_where(where),
                why="there is no smallest array: an objective is one number",
                instead="np.sum(...) of it, or one of its elements",
            )
        # The node, not the array: later writes into the array do not change the objective.
        self._objective = (traced.node, is_maximized, where)
        self._fit = None
        self._changed()

    def _pass_parameters(self) -> None:
        """Write the parameters' values into the compiled problem, if there is one."""
        if self._problem is not None and self._values:
            values = np.concatenate(list(self._values.values()))
            self._problem[1].evaluator.parameters[:] = values
            restarted(self._problem[1])

    def _changed(self) -> None:
        self._problem = None
        self._changed_at = time.perf_counter()

    def _problem_for(self, solver: str, lift: Lift | None) -> Problem:
        wanted = self.lift if lift is None else lift
        if wanted != "auto" or solver_registry.takes_constraints(solver):
            return self.problem(lift)
        return self._compiled("none", f"SciPy's {solver} takes no constraints")

    def _compiled(self, lift: Lift, reason: str = "") -> Problem:
        """Return the compiled problem, perhaps with a reason why nothing is lifted."""
        plans = (self.jacobian_plan, self.hessian_plan)
        key = (self.lift_bounds, self.backend, *plans, lift, reason)
        if self._problem is None or self._problem[0] != key:
            self._problem = (key, self._compile(lift))
            self._pass_parameters()
            if reason:
                self._problem[1].lifting = Lifting(None, {}, reason)
        return self._problem[1]

    def _compile(self, lift: Lift) -> Problem:
        fit = self._declared_fit()
        objective, is_maximized, where = self._objective or (None, False, None)
        if fit is not None:
            objective, is_maximized, where = fit_objective(fit), False, fit.where
        declared = Declarations(
            self.name,
            list(self._variables.values()),
            list(self._parameters.values()),
            list(self._constraints.values()),
            objective,
            where,
            is_maximized,
            fit,
        )
        values = list(self._values.values())
        return compile_problem(
            declared,
            lift_bounds=self.lift_bounds,
            lift=lift,
            intermediates=self._intermediates,
            parameters=np.concatenate(values) if values else np.zeros(0),
            trace_seconds=self._changed_at - self._started,
            backend=self.backend,
            jacobian_plan=self.jacobian_plan,
            hessian_plan=self.hessian_plan,
        )
