"""`check_program`: everything that is computed from one program, against independent references.

What holds, and is checked:

- a recorded program, interpreted, equals plain NumPy bit for bit where the function ``is_exact``,
  and to rounding where NumPy or BLAS add in an order of their own;
- compiled code and the element form equal the interpreter to rounding: rewriting reorders;
- gradient and Jacobian equal complex steps to rounding, whatever the plan;
- Hessians equal differences of complex steps to their accuracy (smooth functions), Taylor
  remainders fall at rates 2 and 3, and CasADi's derivatives agree to rounding;
- no derivative that is not zero lies outside a pattern; index sets name every entry that the
  element form names, but for those that cancel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.derivatives.plans import HESSIAN_PLANS, JACOBIAN_PLANS, MatrixPlan
from sparseopt.derivatives.programs.derived import DerivedPrograms
from sparseopt.evaluation import Evaluator
from sparseopt.evaluation.backend import native_module
from sparseopt.graph.index import index_of
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Gather
from sparseopt.graph.program import Program
from sparseopt.patterns.checks import check_places
from sparseopt.patterns.index_sets import hessian_pattern_of, jacobian_pattern_of
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.testing.casadi_translation import CasadiProblem, is_translatable
from sparseopt.testing.recording import Function, nonlinear_program
from sparseopt.testing.references import SECOND_STEP, ProgramReference, observed_rate
from sparseopt.testing.thresholds import lowered
from sparseopt.tracing.trace import trace

__all__ = ["CheckFailure", "Checks", "PatternCounts", "check_program"]

Vector = NDArray[np.float64]

VALUE_TOLERANCE = 1e-11
FIRST_TOLERANCE = 1e-9
SECOND_TOLERANCE = 2e-6
PLAN_TOLERANCE = 1e-9
CASADI_TOLERANCE = 1e-9
ZERO = 1e-11
"""Relative to the largest entry: below it, what is not in a pattern may be rounding."""
RATES = (1.5, 2.3)
"""Observed Taylor rates that count as 2 and 3; a wrong derivative gives 1 or 2."""
STEPS = 2.0 ** -np.arange(4.0, 12.0)


class CheckFailure(AssertionError):  # noqa: N818
    """A check that did not hold; the message starts with which one."""


@dataclass(frozen=True)
class Checks:
    """Which checks are made besides values, first derivatives, patterns and the direct Hessian.

    Parameters
    ----------
    plans : bool
        Every other plan of both matrices.
    programs : bool
        Derivatives as Programs: gradient, products with Jacobian and Hessian.
    casadi : bool
    taylor : bool
        Taylor remainders, for smooth functions.
    compiled : bool
        The same evaluations and plans in compiled code.
    thresholds : str
        A name in `sparseopt.testing.thresholds.LOWERED`.
    """

    plans: bool = True
    programs: bool = True
    casadi: bool = True
    taylor: bool = True
    compiled: bool = False
    thresholds: str = "as they are"


@dataclass
class PatternCounts:
    """Entries of Jacobian and Hessian by the element form.

    ``extra`` counts those that index sets alone name, ``sharper`` those that they leave out.
    """

    entries: int = 0
    extra: int = 0
    sharper: int = 0


def _fail(what: str, message: str) -> None:
    raise CheckFailure(f"{what}: {message}")


def _close(what: str, actual: Any, expected: Any, tolerance: float) -> None:
    """Compare relative to the largest magnitude, which is what rounding of sums is relative to."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape:
        _fail(what, f"shape {actual.shape}, expected {expected.shape}")
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    if not np.abs(actual - expected).max(initial=0.0) <= tolerance * scale:
        _fail(what, f"{actual.tolist()}, expected {expected.tolist()}")


class _Case:
    """One program at one point: what is known of it, and what is compared."""

    def __init__(self, function: Function, seed: int) -> None:
        random = np.random.default_rng([seed, 7])
        self.function, self.seed = function, seed
        self.program: Program = nonlinear_program(function)
        given = function.parameters(seed)
        self.p = None if given is None else given.ravel()
        self.x = function.point(seed).ravel()
        self.multipliers = random.uniform(-2.0, 2.0, self.program.outputs[1].size)
        self.weight = 0.7
        self.v = random.uniform(-1.0, 1.0, self.x.size)
        self.reference = ProgramReference(self.program, self.p)
        with np.errstate(all="ignore"):
            self.first = self.reference.jacobian(self.x)

    # ---- values
    def check_recording(self) -> None:
        """Compare the recorded program, not rewritten, with plain NumPy."""
        function = self.function
        given = function.parameters(self.seed)
        named = [] if given is None else [("p", given.shape)]
        recorded, shape = trace(function, function.shape, named)
        (found,) = interpret(recorded, self.x, self.p)
        arguments = [self.x.reshape(function.shape)] + ([] if given is None else [given])
        with np.errstate(all="ignore"):
            expected = np.asarray(function(*arguments), np.float64)
        if shape != expected.shape:
            _fail("shape", f"{shape}, expected {expected.shape}")
        _close("value", found, expected.ravel(), VALUE_TOLERANCE)
        same = np.array_equal(found, expected.ravel(), equal_nan=True)
        if function.is_exact and not same:
            _fail("rounding", f"{found.tolist()}, NumPy gives {expected.ravel().tolist()}")

    def check_evaluator(self, evaluator: Evaluator) -> tuple[Vector, Vector]:
        """Compare every evaluation; return the dense Jacobian and Hessian."""
        if self.p is not None:
            evaluator.parameters[:] = self.p
        x, first = self.x, self.first
        objective, constraints = self.reference.values(x)
        name = evaluator.backend
        _close(f"{name} objective", evaluator.objective(x), objective, VALUE_TOLERANCE)
        _close(f"{name} constraints", evaluator.constraints(x), constraints, VALUE_TOLERANCE)
        _close(f"{name} gradient", evaluator.gradient(x), first[0], FIRST_TOLERANCE)
        values = evaluator.jacobian_values(x)
        jacobian = evaluator.jacobian_pattern.to_csr(values).toarray()
        _close(f"{name} jacobian", jacobian, first[1:], FIRST_TOLERANCE)
        pushed = evaluator.pushforward(x, self.v)
        _close(f"{name} pushforward", pushed, first[1:] @ self.v, FIRST_TOLERANCE)
        pulled = evaluator.pullback(x, self.multipliers)
        _close(f"{name} pullback", pulled, self.multipliers @ first[1:], FIRST_TOLERANCE)
        values = evaluator.hessian_values(x, self.multipliers, self.weight)
        hessian = evaluator.hessian_pattern.to_symmetric(values).toarray()
        product = evaluator.hessian_vector_product(x, self.multipliers, self.v, self.weight)
        _close(f"{name} hessian_vector_product", product, hessian @ self.v, FIRST_TOLERANCE)
        return jacobian, hessian

    # ---- second derivatives
    def check_curvature(self, hessian: Vector) -> None:
        """Compare two second derivatives along random directions with differences."""
        others = np.random.default_rng([self.seed, 8]).uniform(-0.5, 0.5, (2, self.x.size))
        pairs = np.stack([self.v, others[0]]), others
        claimed = np.einsum("ki,ij,kj->k", pairs[0], hessian, pairs[1])
        with np.errstate(all="ignore"):
            found = self._curvature(pairs, SECOND_STEP)
            scale = max(1.0, float(np.abs(found).max(initial=0.0)))
            if np.abs(found - claimed).max(initial=0.0) <= SECOND_TOLERANCE * scale:
                return
            finer = [self._curvature(pairs, SECOND_STEP / 4**k) for k in range(1, 9)]
        # A function that oscillates within a step takes smaller ones: the two that differ least
        # count, and differences are no better than these differ.
        distances = [np.abs(one - two).max() for one, two in pairwise([found, *finer])]
        best = int(np.argmin(distances))
        scale = max(1.0, float(np.abs(finer[best]).max()))
        error = max(SECOND_TOLERANCE, float(distances[best]) / scale)
        _close("hessian", claimed, finer[best], error)

    def _curvature(self, pairs: tuple[Vector, Vector], step: float) -> Vector:
        return self.reference.curvature(self.x, self.multipliers, self.weight, pairs, step)

    def check_remainders(self, gradient: Vector, jacobian: Vector, hessian: Vector) -> None:
        """Check that Taylor remainders fall at the rates that right derivatives give."""
        # A remainder that changes its sign shows no rate: one direction of two has to show it.
        failures = [
            self._remainders_along(v, gradient, jacobian, hessian)
            for v in (self.v, -np.roll(self.v, 1))
        ]
        if all(failures):
            _fail("taylor", failures[0])

    def _remainders_along(
        self, v: Vector, gradient: Vector, jacobian: Vector, hessian: Vector
    ) -> str:
        """Return which remainders along a direction fall too slowly; empty if none do."""
        slope = float((self.weight * gradient + self.multipliers @ jacobian) @ v)
        curvature = float(v @ hessian @ v)
        first, second = self.reference.remainders(
            self.x, v, self.multipliers, self.weight, (slope, curvature), STEPS
        )
        noise = 1e-12 * (1.0 + float(np.abs(self.multipliers).sum()) + abs(slope))
        names = ("gradient", "Hessian")
        for remainder, rate, name in zip((first, second), RATES, names, strict=True):
            observed = observed_rate(remainder[-6:], noise)
            if observed < rate:
                return f"{name}: rate {observed:.2f}, remainders {remainder.tolist()}"
        return ""

    def check_casadi(self, jacobian: Vector, hessian: Vector) -> None:
        """Compare with CasADi's derivatives."""
        other = CasadiProblem(self.program)
        p = np.zeros(0) if self.p is None else self.p
        if jacobian.size:
            _close("casadi jacobian", jacobian, other("jacobian", self.x, p), CASADI_TOLERANCE)
        if hessian.size:
            expected = other("hessian", self.x, p, self.multipliers, self.weight)
            _close("casadi hessian", hessian, expected, CASADI_TOLERANCE)

    def check_derived(self, hessian: Vector) -> None:
        """Compare the derivatives that are Programs themselves."""
        x, v, w = self.x, self.v, self.multipliers
        objective, constraints = (
            DerivedPrograms(self.program.with_outputs([output])) for output in self.program.outputs
        )
        tolerance = FIRST_TOLERANCE
        gradient = self._run(objective.gradient, x)
        _close("gradient program", gradient, self.first[0], tolerance)
        pushed = self._run(constraints.pushforward, x, v)
        _close("pushforward program", pushed, self.first[1:] @ v, tolerance)
        pulled = self._run(constraints.pullback, x, w)
        _close("pullback program", pulled, w @ self.first[1:], tolerance)
        lagrangian = self.weight * self._run(objective.hessian_product, x, v)
        for k, weight in enumerate(w):
            row = Gather([self.program.outputs[1]], index_of(np.array([k])))
            derived = DerivedPrograms(self.program.with_outputs([row]))
            lagrangian = lagrangian + weight * self._run(derived.hessian_product, x, v)
        _close("hessian_product program", lagrangian, hessian @ v, tolerance)

    def _run(self, program: Program, *vectors: Vector) -> Any:
        return interpret(program, np.concatenate(vectors), self.p)[0]

    # ---- plans and patterns
    def check_plans(self, evaluator: Evaluator, jacobian: Vector, hessian: Vector) -> None:
        """Compare every plan's values, executed as the evaluator executes."""
        native = evaluator.backend == "llvm"
        execution = native_module().NativeProgram if native else NumpyProgram
        for matrix, plan in _plans(evaluator):
            expected = jacobian if matrix == "jacobian" else hessian
            values = np.full(plan.pattern.nnz, np.nan)
            given = np.zeros(0) if self.p is None else self.p
            execution(plan.schedule, given).run(self.x, values, self.multipliers, self.weight)
            found = plan.pattern.to_matrix(values).toarray()
            what = f"{evaluator.backend} {matrix} plan {plan.name}"
            _close(what, found, expected, PLAN_TOLERANCE)

    def check_patterns(
        self, evaluator: Evaluator, jacobian: Vector, hessian: Vector
    ) -> PatternCounts:
        """Check that every entry is in the patterns of both kinds, and count their differences."""
        with np.errstate(all="ignore"):
            other = self.reference.jacobian(self.function.point(self.seed + 1).ravel())[1:]
        counts = PatternCounts()
        for form, by_sets, matrices in (
            (evaluator.jacobian_pattern, jacobian_pattern_of(self.program, 1), (jacobian, other)),
            (evaluator.hessian_pattern, hessian_pattern_of(self.program), (hessian,)),
        ):
            check_places(form.rows, form.cols, form.shape, form.symmetric)
            for pattern, kind in ((form, "element form"), (by_sets, "index sets")):
                _check_inside(pattern, kind, matrices)
            counts.entries += form.nnz
            counts.extra += (by_sets - form).nnz
            counts.sharper += (form - by_sets).nnz
        return counts


def _plans(evaluator: Evaluator) -> Iterator[tuple[Literal["jacobian", "hessian"], MatrixPlan]]:
    for name in JACOBIAN_PLANS:
        yield "jacobian", evaluator.jacobian_candidates.plan(name)
    for name in HESSIAN_PLANS:
        yield "hessian", evaluator.hessian_candidates.plan(name)


def _check_inside(pattern: SparsityPattern, kind: str, matrices: tuple[Vector, ...]) -> None:
    inside = np.zeros(pattern.shape, bool)
    inside[pattern.rows, pattern.cols] = True
    if pattern.symmetric:
        inside |= inside.T
    for matrix in matrices:
        scale = max(1.0, float(np.abs(matrix).max(initial=0.0)))
        outside = np.argwhere((np.abs(matrix) > ZERO * scale) & ~inside)
        if outside.size:
            what = "hessian" if pattern.symmetric else "jacobian"
            _fail(f"{what} pattern by {kind}", f"entries {outside.tolist()} are missing")


def check_program(function: Function, seed: int = 0, checks: Checks | None = None) -> PatternCounts:
    """Compare everything that is computed from a function with independent references.

    Parameters
    ----------
    function : Function
        Such as a `RandomProgram`, or a `SourceProgram` of code.
    seed : int
        Of the point, the multipliers and the directions.
    checks : Checks, optional
        All but compiled code, if left out.

    Returns
    -------
    PatternCounts

    Raises
    ------
    CheckFailure
        Naming the check and both values.

    Examples
    --------
    >>> from sparseopt.testing.programs import SourceProgram
    >>> check_program(SourceProgram("def f(x): return x * x", (2,)))
    PatternCounts(entries=5, extra=0, sharper=0)
    """
    checks = checks or Checks()
    case = _Case(function, seed)
    case.check_recording()
    with lowered(checks.thresholds):
        evaluator = Evaluator(case.program, "numpy")
        jacobian, hessian = case.check_evaluator(evaluator)
        if checks.plans:
            case.check_plans(evaluator, jacobian, hessian)
        if checks.compiled:
            native = Evaluator(case.program, "llvm")
            case.check_evaluator(native)
            if checks.plans:
                case.check_plans(native, jacobian, hessian)
    counts = case.check_patterns(evaluator, jacobian, hessian)
    if checks.programs:
        case.check_derived(hessian)
    if function.is_smooth:
        case.check_curvature(hessian)
        if checks.taylor:
            case.check_remainders(case.first[0], jacobian, hessian)
    if checks.casadi and is_translatable(case.program):
        case.check_casadi(jacobian, hessian)
    return counts
