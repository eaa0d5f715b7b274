"""`Evaluator`: values and exact sparse derivatives of a nonlinear program.

Everything to the left of it happened once: tracing, element form, patterns, plans.  Evaluations
write into preallocated arrays and run compiled code (or NumPy, where asked or where no compiler
works, which it says).  Kernels of a kind are compiled when that kind is first asked for, or side by
side when several are announced.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.derivatives.bundles import One, Stored
from sparseopt.derivatives.choice import HessianCandidates, JacobianCandidates
from sparseopt.derivatives.plans import MatrixPlan, PlanName, Targets
from sparseopt.derivatives.schedules import Place, Scheduler
from sparseopt.derivatives.sweeps import (
    product_schedule,
    pullback_schedule,
    pushforward_schedule,
)
from sparseopt.elements.build import element_form
from sparseopt.elements.form import ElementForm
from sparseopt.elements.tasks import Base, Schedule
from sparseopt.errors import PatternError
from sparseopt.evaluation.arrays import read_vector, result_vector
from sparseopt.evaluation.backend import Backend, choose_backend, native_module, wanted_backend
from sparseopt.evaluation.constancy import (
    linear_rows,
    reads_parameters,
    second_derivatives_are_constant,
    weighted_constants,
)
from sparseopt.evaluation.explanation import curved_sums, dense_lines, explain_entry
from sparseopt.evaluation.kept_programs import kept_programs
from sparseopt.evaluation.native_functions import NativeFunctions
from sparseopt.evaluation.plan_table import plan_table
from sparseopt.evaluation.programs import Kind, Programs
from sparseopt.evaluation.programs import Program as Execution
from sparseopt.evaluation.turns import Turns
from sparseopt.graph.garbage import collector_paused
from sparseopt.graph.program import Program
from sparseopt.patterns.sparsity_pattern import SparsityPattern

if TYPE_CHECKING:
    from sparseopt.codegen.kernel_module import KernelModule
    from sparseopt.codegen.native import NativeProgram

__all__ = ["Evaluator", "Kind", "NativeFunctions", "compile_program"]

SHORT_FORM = 500
"""Operations of objective and constraints up to which a compilation costs more than it spares."""
T = TypeVar("T")
Vector = NDArray[np.float64]


def compile_program(
    program: Program,
    backend: Backend | None = None,
    *,
    jacobian_plan: PlanName | Literal["auto"] = "auto",
    hessian_plan: PlanName | Literal["auto"] = "auto",
) -> Evaluator:
    """Return the evaluator of a program with outputs (objective, constraints).

    Parameters
    ----------
    program : Program
        ``outputs[0]`` has size one; ``outputs[1]`` holds the constraints, possibly none.
    backend : "llvm" or "numpy", optional
        By default compiled code, or NumPy (with a warning) where LLVM does not work.
    jacobian_plan, hessian_plan : str
        How the chain rule is multiplied out; "auto" takes the plan that is estimated to be fastest.
    """
    return Evaluator(program, backend, jacobian_plan, hessian_plan)


class Evaluator:
    """Objective f, constraints c, and their derivatives, at a point x.

    Attributes
    ----------
    num_variables, num_constraints : int
    parameters : float64 array
        Values of the program's parameters; change them in place, nothing is traced again.
    timings : dict
        Seconds spent on each set-up stage.
    turns : Turns
        Who may evaluate: one thread at a time.
    """

    def __init__(
        self,
        program: Program,
        backend: Backend | None = None,
        jacobian_plan: PlanName | Literal["auto"] = "auto",
        hessian_plan: PlanName | Literal["auto"] = "auto",
    ) -> None:
        self.program = program
        self._plan_names = (jacobian_plan, hessian_plan)
        self.turns = Turns()
        self.timings: dict[str, float] = {"elements": 0.0, "patterns": 0.0, "compile": 0.0}
        start = time.perf_counter()
        is_compiled = wanted_backend(backend) == "llvm"
        self._kept = kept_programs(program, self._plan_names) if is_compiled else None
        self.timings["elements"] += time.perf_counter() - start
        if not self._kept:
            _ = self.form  # the compiler is loaded meanwhile
        self.backend = choose_backend(backend)
        if self.backend == "numpy":  # where LLVM loads and does not compile
            self._kept = None
        self.num_variables = program.num_variables
        self.num_constraints = program.outputs[1].size
        self.parameters: Vector = np.zeros(program.num_parameters)
        self._programs = Programs(self.backend, self.parameters, self._kept, self.timings)

    @cached_property
    def form(self) -> ElementForm:
        """The program as stages of element blocks."""
        start = time.perf_counter()
        with collector_paused():
            form = element_form(self.program)
        self.timings["elements"] += time.perf_counter() - start
        return form

    @cached_property
    def _scheduler(self) -> Scheduler:
        return Scheduler(self.form)

    @cached_property
    def _is_short(self) -> bool:
        return self.form.num_operations() <= SHORT_FORM

    # ---- plans
    @property
    def _targets(self) -> Targets:
        return [
            (self.form.objective, Place(Base.WEIGHT)),
            (self.form.constraints, Place(Base.MULTIPLIERS)),
        ]

    @cached_property
    def jacobian_candidates(self) -> JacobianCandidates:
        """The plans of the Jacobian of the constraints."""
        return JacobianCandidates(self._scheduler, self.form.constraints)

    @cached_property
    def hessian_candidates(self) -> HessianCandidates:
        """The plans of the Hessian of the Lagrangian."""
        return HessianCandidates(self._scheduler, self._targets)

    @cached_property
    def jacobian_plan(self) -> MatrixPlan:
        """How the Jacobian of the constraints is evaluated."""
        start = time.perf_counter()
        plan = self.jacobian_candidates.plan(self._plan_names[0])
        self.timings["patterns"] += time.perf_counter() - start
        return plan

    @cached_property
    def hessian_plan(self) -> MatrixPlan:
        """How the Hessian of the Lagrangian is evaluated.

        Raises
        ------
        PatternError
            Where the terms of one sum alone make 2^31 entries and more, naming its line.
        """
        for where, entries in self.curved_sums(2**31 - 1):
            raise PatternError(
                f"a Hessian has at least {entries:,} structural entries, more than 2^31 - 1",
                where=where,
                why="a nonlinear function of a sum couples all of the sum's terms with each other",
                instead='Model(..., lift="auto"), or make the sum a variable of its own, s, with '
                "the constraint s == sum",
            )
        start = time.perf_counter()
        plan = self.hessian_candidates.plan(self._plan_names[1])
        self.timings["patterns"] += time.perf_counter() - start
        return plan

    def explain_plan(self, matrix: Literal["jacobian", "hessian"] = "jacobian") -> str:
        """Return every plan's cost as a table, and why the chosen one is chosen.

        Plans that were not considered are written out for it, without being compiled.
        """
        if matrix == "jacobian":
            return plan_table(self.jacobian_candidates, self.jacobian_plan, self._plan_names[0])
        return plan_table(self.hessian_candidates, self.hessian_plan, self._plan_names[1])

    @cached_property
    def jacobian_pattern(self) -> SparsityPattern:
        """Structural nonzeros of the constraint Jacobian, in the order of its values."""
        return self._fact("jacobian pattern", lambda: self.jacobian_plan.pattern)

    @cached_property
    def hessian_pattern(self) -> SparsityPattern:
        """Structural nonzeros of the Lagrangian's Hessian, lower triangle, in value order."""
        return self._fact("hessian pattern", lambda: self.hessian_plan.pattern)

    def compression(self, matrix: Literal["jacobian", "hessian"]) -> tuple[str, int | None]:
        """Return the name of a matrix's plan, and its number of colors if it has a coloring."""
        return self._fact(f"{matrix} plan", lambda: self._compression(matrix))

    def _compression(self, matrix: Literal["jacobian", "hessian"]) -> tuple[str, int | None]:
        plan = self.jacobian_plan if matrix == "jacobian" else self.hessian_plan
        return plan.name, None if plan.coloring is None else plan.coloring.num_colors

    @cached_property
    def is_linear_row(self) -> NDArray[np.bool_]:
        """Which constraints are proven linear in the variables."""
        return self._fact(
            "linear rows", lambda: linear_rows(self.jacobian_plan, self.num_variables)
        )

    @cached_property
    def is_hessian_constant(self) -> bool:
        """Whether the objective is proven quadratic and all constraints linear."""
        return self._fact(
            "constant hessian",
            lambda: second_derivatives_are_constant(self.hessian_plan, self.form.objective),
        )

    def _fact(self, name: str, find: Callable[[], T]) -> T:
        """Return what is kept under that name, or found now."""
        return find() if self._kept is None else self._kept.fact(name, find)

    # ---- schedules and programs
    def schedule(self, kind: Kind) -> Schedule:
        """Return the schedule of one kind of evaluation."""
        scheduler, form = self._scheduler, self.form
        objective, constraints = ((stage, Stored(place)) for stage, place in self._targets)
        if kind == "objective":
            return scheduler.value_schedule(kind, form.objective)
        if kind == "constraints":
            return scheduler.value_schedule(kind, form.constraints)
        if kind == "gradient":
            return pullback_schedule(scheduler, kind, [(form.objective, One())])
        if kind == "pullback":
            return pullback_schedule(scheduler, kind, [constraints])
        if kind == "pushforward":
            return pushforward_schedule(scheduler, kind, form.constraints)
        if kind == "hessian_vector_product":
            return product_schedule(scheduler, kind, [objective, constraints])
        return (self.jacobian_plan if kind == "jacobian" else self.hessian_plan).schedule

    def start_compiling(self, *kinds: Kind) -> None:
        """Start to compile several kinds of evaluation, side by side, and do not wait.

        Without constraints there is nothing to compile of them and their Jacobian.
        """
        empty = () if self.num_constraints else ("constraints", "jacobian")
        wanted = [kind for kind in kinds if kind not in empty]
        self._programs.start(wanted, self._make, lambda: self._is_short)

    def _program(self, kind: Kind) -> Execution:
        return self._programs.linked(kind, self._make)

    @collector_paused()
    def _make(self, kind: Kind, module: KernelModule | None) -> NumpyProgram | NativeProgram:
        schedule = self.schedule(kind)
        start = time.perf_counter()
        program = self._execution(schedule, module)
        if kind == "hessian" and self._is_hessian_known(schedule):
            values = np.empty(schedule.out_size)
            program.run(np.zeros(self.num_variables), values, np.zeros(self.num_constraints))
            program = self._execution(weighted_constants(schedule.name, values))
        self.timings["compile"] += time.perf_counter() - start
        return program

    def _execution(
        self, schedule: Schedule, module: KernelModule | None = None
    ) -> NumpyProgram | NativeProgram:
        if self.backend == "numpy":
            return NumpyProgram(schedule, self.parameters)
        program: NativeProgram
        program = native_module().NativeProgram(schedule, self.parameters, module=module)
        return program

    def _is_hessian_known(self, schedule: Schedule) -> bool:
        """Whether only the objective's weight changes it: of a quadratic program, say."""
        some = schedule.out_size > 0 and schedule.work_size == 0 and not self._is_short
        return some and self.is_hessian_constant and not reads_parameters(schedule)

    def _run(
        self,
        kind: Kind,
        x: Vector,
        out: Vector,
        multipliers: Vector | None = None,
        weight: float = 1.0,
        vector: Vector | None = None,
    ) -> None:
        with self.turns:
            self._program(kind).run(x, out, multipliers, weight, vector)

    @cached_property
    def native(self) -> NativeFunctions | None:
        """Addresses of compiled evaluations, or None where NumPy evaluates or Python is called.

        What a function that is not NumPy raises comes back through `NativeProgram.run` alone.
        """
        # What is kept, or may be, calls nothing.
        is_compiled = self.backend == "llvm" and (bool(self._kept) or not self.form.calls)
        return NativeFunctions(self._schedule_address) if is_compiled else None

    def _schedule_address(self, kind: Kind) -> int:
        program = self._program(kind)
        assert not isinstance(program, NumpyProgram)
        return program.address

    def source(self, kind: Kind) -> str:
        """Return the generated code (LLVM IR) of one kind of evaluation."""
        return self._program(kind).source

    def explain(
        self,
        row: int,
        column: int,
        matrix: Literal["jacobian", "hessian"] = "jacobian",
        variable_name: Callable[[int], str] = "x[{}]".format,
    ) -> str:
        """Return which formulas and source lines make an entry structurally nonzero."""
        plan = self.jacobian_plan if matrix == "jacobian" else self.hessian_plan
        pool, n = self.form.pool, self.num_variables
        return explain_entry(pool, plan, row, column, n, variable_name)

    def external_functions(self) -> list[str]:
        """Return, for each function that is not NumPy, how its derivatives are found."""
        calls = [] if self._kept else self.form.calls
        functions = {id(call.function): call.function for call in calls}
        return [function.describe() for function in functions.values()]

    def dense_lines(self) -> list[tuple[str, float]]:
        """Return the source lines that alone make at least half of the Hessian's nonzeros."""
        return dense_lines(self.form, self.hessian_pattern.nnz)

    def curved_sums(self, most: int) -> list[tuple[str, int]]:
        """Return lines with a sum that makes more than ``most`` second derivatives, and how many.

        The Hessian is not formed for it.
        """
        # Lines of source may change: that there are none is what is kept.
        if self._fact(f"no sum above {most}", lambda: not self._curved_sums(most)):
            return []
        return self._curved_sums(most)

    def _curved_sums(self, most: int) -> list[tuple[str, int]]:
        return curved_sums(self._scheduler, self.form, most)

    def summary(self) -> dict[str, Any]:
        """Return sizes and set-up times: blocks, stages, instances, operations, timings.

        ``operations`` counts the scalar operations of one evaluation of objective and constraints.
        """
        sizes = self._fact("sizes", lambda: self.form.sizes())
        return {**sizes, "backend": self.backend, "timings": dict(self.timings)}

    # ---- evaluations
    def first_order(self, x: Vector) -> tuple[float, Vector, Vector, Vector]:
        """Return f(x), c(x), the gradient and the values of the Jacobian."""
        point, found = self._point(x), []
        with self.turns:
            for program, size in self._first_order:
                out = np.empty(size)
                if program is not None:
                    program.run(point, out)
                found.append(out)
        values, constraints, gradient, jacobian = found
        return float(values[0]), constraints, gradient, jacobian

    @cached_property
    def _first_order(self) -> list[tuple[Execution | None, int]]:
        """Objective, constraints, gradient and Jacobian with their sizes; None has no values."""
        rows = self.num_constraints
        self.start_compiling("jacobian", "constraints", "gradient", "objective")
        sizes: dict[Kind, int] = {
            "objective": 1,
            "constraints": rows,
            "gradient": self.num_variables,
            "jacobian": self.jacobian_pattern.nnz if rows else 0,
        }
        of_rows = ("constraints", "jacobian")
        return [
            (None if kind in of_rows and not rows else self._program(kind), size)
            for kind, size in sizes.items()
        ]

    def _result(self, out: Vector | None, size: int, kind: Kind) -> Vector:
        return result_vector(out, size, kind.replace("_", " "))

    def _point(self, x: Vector) -> Vector:
        return read_vector(x, self.num_variables, "x")

    def _row_weights(self, w: Vector) -> Vector:
        return read_vector(w, self.num_constraints, "the vector of weights of the constraints")

    def objective(self, x: Vector) -> float:
        """Return f(x)."""
        out = np.empty(1)
        self._run("objective", self._point(x), out)
        return float(out[0])

    def gradient(self, x: Vector, out: Vector | None = None) -> Vector:
        """Return the gradient of f, shape (num_variables,)."""
        out = self._result(out, self.num_variables, "gradient")
        self._run("gradient", self._point(x), out)
        return out

    def constraints(self, x: Vector, out: Vector | None = None) -> Vector:
        """Return c(x), shape (num_constraints,)."""
        out = self._result(out, self.num_constraints, "constraints")
        self._run("constraints", self._point(x), out)
        return out

    def jacobian_values(self, x: Vector, out: Vector | None = None) -> Vector:
        """Return the values of the constraint Jacobian, in the order of `jacobian_pattern`."""
        out = self._result(out, self.jacobian_pattern.nnz, "jacobian")
        self._run("jacobian", self._point(x), out)
        return out

    def hessian_values(
        self,
        x: Vector,
        multipliers: Vector,
        objective_weight: float = 1.0,
        out: Vector | None = None,
    ) -> Vector:
        """Return the lower-triangle values of the Hessian of ``weight f + multipliersᵀ c``."""
        out = self._result(out, self.hessian_pattern.nnz, "hessian")
        weights = self._row_weights(multipliers)
        self._run("hessian", self._point(x), out, weights, objective_weight)
        return out

    def pushforward(self, x: Vector, v: Vector, out: Vector | None = None) -> Vector:
        """Return J(x) v without forming J."""
        out = self._result(out, self.num_constraints, "pushforward")
        direction = read_vector(v, self.num_variables, "the direction")
        self._run("pushforward", self._point(x), out, vector=direction)
        return out

    def pullback(self, x: Vector, w: Vector, out: Vector | None = None) -> Vector:
        """Return J(x)ᵀ w without forming J."""
        out = self._result(out, self.num_variables, "pullback")
        self._run("pullback", self._point(x), out, self._row_weights(w))
        return out

    def hessian_vector_product(
        self,
        x: Vector,
        multipliers: Vector,
        v: Vector,
        objective_weight: float = 1.0,
        out: Vector | None = None,
    ) -> Vector:
        """Return the Hessian of the Lagrangian times ``v``, without forming it."""
        out = self._result(out, self.num_variables, "hessian_vector_product")
        direction = read_vector(v, self.num_variables, "the direction")
        weights = self._row_weights(multipliers)
        self._run(
            "hessian_vector_product", self._point(x), out, weights, objective_weight, direction
        )
        return out
