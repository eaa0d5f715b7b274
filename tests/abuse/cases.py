# ruff: noqa: PT017 - a cell runs outside of pytest
"""What may be done wrong around a solve: a function for each abuse, a row of the matrix.

A function gets an adapter's name and a variant, does the wrong thing, and returns the outcome in a
few words.  It raises for what must never be: another exception than the user's, success at a wrong
point, a lost best point, a message without advice.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import resource
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

import sparseopt as so
from sparseopt.codegen.tiers import wait_for_improvements
from sparseopt.solvers import solver_names
from tests.solvers.example_problems import HS071, KINDS, Rosenbrock, sabotage, with_native

SOLVERS = solver_names()
CONSTRAINED = ("ipopt", "cyipopt", "trust-constr", "SLSQP")
BOUNDED = (*CONSTRAINED, "L-BFGS-B", "TNC", "Nelder-Mead", "Powell")
IPOPT = ("ipopt", "cyipopt")
PRODUCT_METHODS = ("Newton-CG", "trust-ncg", "trust-krylov")

SAME = "the same exception"
SOLVED = "solved"
UNUSED = "not used"


@dataclass(frozen=True)
class Abuse:
    """One row of the matrix."""

    name: str
    title: str
    group: str
    run: Callable[[str, str], str]
    variants: Sequence[str]
    solvers: Sequence[str]
    seconds: float

    def concerns(self, solver: str) -> bool:
        """Whether the adapter meets the abuse at all."""
        return solver in self.solvers


ABUSES: dict[str, Abuse] = {}


def abuse(title: str, group: str, variants=("",), solvers=SOLVERS, seconds=20.0):
    """Register a function as a row; a cell that takes longer than its seconds is a hang."""

    def register(function):
        name = function.__name__
        ABUSES[name] = Abuse(name, title, group, function, tuple(variants), tuple(solvers), seconds)
        return function

    return register


# ---- what is solved
def f(v):
    """Return 100 (v1 − v0²)² + (1 − v0)²: the minimum is 0 at (1, 1)."""
    return np.array(100.0 * (v[1] - v[0] ** 2) ** 2 + (1.0 - v[0]) ** 2)


def f_jacobian(v):
    r = v[1] - v[0] ** 2
    return np.array([[-400.0 * v[0] * r - 2.0 * (1.0 - v[0]), 200.0 * r]])


def f_hessian(v, w):
    curvature = [[1200.0 * v[0] ** 2 - 400.0 * v[1] + 2.0, -400.0 * v[0]], [-400.0 * v[0], 200.0]]
    return float(w) * np.array(curvature)


def c(v):
    """Return (v0 v1, v0² + v1²)."""
    return np.array([v[0] * v[1], v[0] ** 2 + v[1] ** 2])


def c_jacobian(v):
    return np.array([[v[1], v[0]], [2.0 * v[0], 2.0 * v[1]]])


def c_hessian(v, w):
    return w[0] * np.array([[0.0, 1.0], [1.0, 0.0]]) + 2.0 * w[1] * np.eye(2)


GIVEN = {
    "objective": f,
    "gradient": f_jacobian,
    "objective hessian": f_hessian,
    "constraints": c,
    "jacobian": c_jacobian,
    "constraints hessian": c_hessian,
}
START = np.array([0.3, 1.6])


def external_model(solver, check=False, remember=True, **changed):
    """Return the model of `f`, and for methods that take them of `c`, by external functions."""
    given = GIVEN | changed
    F = so.external(
        given["objective"],
        jacobian=given["gradient"],
        hessian=given["objective hessian"],
        name="f",
        check=check,
        remember=remember,
    )
    m = so.Model("valley")
    x = m.variable("x", 2, start=START)
    m.minimize(F(x))
    if solver in CONSTRAINED:
        C = so.external(
            given["constraints"],
            2,
            jacobian=given["jacobian"],
            hessian=given["constraints hessian"],
            name="c",
            check=check,
            remember=remember,
        )
        m.subject_to(C(x), lower=np.array([0.1, 0.5]), upper=np.array([9.0, 9.0]), name="ring")
    return m


def plain_model(solver, size=2, shift=1.0):
    """Return a traced model with its minimum 0 where every variable is ``shift``."""
    m = so.Model("plain")
    x = m.variable("x", size, start=np.linspace(-1.0, 1.5, size))
    m.minimize(np.sum((x - shift) ** 2) + np.sum((x[1:] - x[:-1]) ** 4))
    if solver in CONSTRAINED:
        m.subject_to(x[0] * x[-1] >= 0.1 * shift**2, name="product")
        m.subject_to(x[0] + x[-1], lower=2.0 * shift - 1.0, upper=2.0 * shift + 1.0, name="total")
    return m


def own_problem(solver):
    """Return a problem of the user's own class, with hand-written derivatives."""
    return HS071() if solver in CONSTRAINED else Rosenbrock()


@cache
def _shared(constrained):
    return plain_model("ipopt" if constrained else "BFGS")


def shared(solver):
    """Return a compiled model that no cell changes."""
    return _shared(solver in CONSTRAINED)


def prepare(solver):
    """Compile what cells share, before they are forked."""
    shared(solver).solve(solver)
    external_model(solver).solve(solver)
    long_model(solver)
    slow_model(solver)


# ---- what came of it
def outcome(action, optimum=None, error=None, result=True):
    """Run a solve; return the outcome in words, or raise for one that must not be.

    Parameters
    ----------
    optimum : array, optional
        Where success is allowed.
    error : BaseException, optional
        The user's, that must come back as it is.
    result : bool
        Whether an exception that comes back must carry the best point.
    """
    try:
        solution = action()
    except BaseException as caught:
        if error is not None and caught is error:
            return _same(caught, result)
        return named(caught)
    return judged(solution, optimum)


def _same(caught, result):
    assert any(line.name == "strike" for line in _lines(caught)), "the traceback is lost"
    if result and not isinstance(caught, Frozen):
        assert np.isfinite(caught.result.x).all(), "the best point is lost"
    return SAME


def _lines(error):
    import traceback

    return traceback.extract_tb(error.__traceback__)


def named(caught):
    """Return the outcome of one of our errors; raise what is none."""
    if not isinstance(caught, so.SparseOptError):
        raise caught
    assert caught.what
    assert not isinstance(caught, so.SolveFailedError)
    return type(caught).__name__


def judged(solution, optimum=None):
    """Return the outcome of a solve that ended with a status."""
    assert np.isfinite(solution.x).all()
    assert solution.message
    if not solution.success:
        return solution.status.value
    assert optimum is not None, f"success at {solution.x}"
    assert np.abs(solution.x - optimum).max() < 2e-2, f"success at the wrong point {solution.x}"
    return SOLVED


# ---- exceptions
class UserError(Exception):
    """A user's own, with arguments that make it hard to copy."""

    def __init__(self, first, *, second):
        super().__init__(first)
        self.second = second


class Frozen(Exception):  # noqa: N818
    """One that refuses attributes."""

    def __setattr__(self, name, value):
        raise AttributeError(name)


class Above(BaseException):
    """One that is no `Exception`."""


EXCEPTIONS = {
    "ValueError": lambda: ValueError("mine"),
    "of the user's": lambda: UserError("mine", second=2),
    "frozen": lambda: Frozen("mine"),
    "BaseException": lambda: Above("mine"),
    "KeyboardInterrupt": KeyboardInterrupt,
    "SystemExit": lambda: SystemExit(3),
    "MemoryError": MemoryError,
    "RecursionError": lambda: RecursionError("mine"),
    "StopIteration": StopIteration,
    "ZeroDivisionError": lambda: ZeroDivisionError("mine"),
    "LinAlgError": lambda: np.linalg.LinAlgError("mine"),
    "AssertionError": AssertionError,
    "one of ours": lambda: so.NonFiniteError("mine"),
}
TIMES = ("at once", "later")
THROWN = [f"{name}, {when}" for name in EXCEPTIONS for when in TIMES]


class Striking:
    """A function that raises at a call and counts."""

    def __init__(self, function, error, call):
        self.function, self.error, self.call = function, error, call
        self.calls = 0

    def __call__(self, *arguments):
        self.calls += 1
        if self.calls == self.call:
            self.strike()
        return self.function(*arguments)

    def strike(self):
        raise self.error


def thrown(solver, variant, role):
    """Solve with the function of a role raising; it is called before the solve starts, too."""
    name, when = variant.split(", ")
    error = EXCEPTIONS[name]()
    striking = Striking(GIVEN[role], error, 0)
    m = external_model(solver, **{role: striking})
    p = m.problem()
    p.require_finite()
    p.jacobian_pattern, p.hessian_pattern  # noqa: B018  (may call as well)
    striking.calls, striking.call = 0, 1 if when == "at once" else 4
    found = outcome(lambda: m.solve(solver), np.ones(2), error, result=False)
    if striking.calls < striking.call:
        assert found in (SOLVED, "stalled", "iteration_limit"), found
        return UNUSED
    interrupted = name == "KeyboardInterrupt" and found == "stopped"
    # After Ctrl-C the best point is evaluated once more, to verify it.
    assert interrupted or striking.calls == striking.call, "called again after it raised"
    assert interrupted or found == SAME, found
    return found


@abuse("exception in an external objective", "exceptions", THROWN)
def exception_in_an_objective(solver, variant):
    return thrown(solver, variant, "objective")


@abuse("exception in the gradient of an external function", "exceptions", THROWN)
def exception_in_a_gradient(solver, variant):
    return thrown(solver, variant, "gradient")


@abuse("exception in the Hessian of an external function", "exceptions", THROWN)
def exception_in_a_hessian(solver, variant):
    return thrown(solver, variant, "objective hessian")


@abuse("exception in external constraints", "exceptions", THROWN, CONSTRAINED)
def exception_in_constraints(solver, variant):
    return thrown(solver, variant, "constraints")


@abuse("exception in the Jacobian of external constraints", "exceptions", THROWN, CONSTRAINED)
def exception_in_a_jacobian(solver, variant):
    return thrown(solver, variant, "jacobian")


@abuse("exception in the Hessian of external constraints", "exceptions", THROWN, CONSTRAINED)
def exception_in_a_constraint_hessian(solver, variant):
    return thrown(solver, variant, "constraints hessian")


PRODUCTS = {
    "jvp": lambda v, t: f_jacobian(v)[0] @ t,
    "vjp": lambda v, w: float(w) * f_jacobian(v)[0],
    "hvp": lambda v, w, d: f_hessian(v, w) @ d,
}


@abuse(
    "exception in jvp, vjp or hvp of an external function",
    "exceptions",
    [f"{name}, {kind}" for name in EXCEPTIONS for kind in PRODUCTS],
)
def exception_in_products(solver, variant):
    name, kind = variant.split(", ")
    error = EXCEPTIONS[name]()
    striking = Striking(PRODUCTS[kind], error, 0)
    given = {"vjp": PRODUCTS["vjp"], "hvp": PRODUCTS["hvp"]} if kind != "jvp" else {}
    F = so.external(f, name="f", check=False, **(given | {kind: striking}))
    m = so.Model()
    x = m.variable("x", 2, start=START)
    m.minimize(F(x))
    m.problem().require_finite()
    striking.calls, striking.call = 0, 2
    found = outcome(lambda: m.solve(solver), np.ones(2), error, result=False)
    if striking.calls < 2:
        return UNUSED
    assert found == SAME or name == "KeyboardInterrupt", found
    return found


@abuse("exception in the progress callback", "exceptions", THROWN)
def exception_in_the_progress_callback(solver, variant):
    name, when = variant.split(", ")
    error = EXCEPTIONS[name]()
    striking = Striking(lambda iteration: None, error, 1 if when == "at once" else 3)
    m = shared(solver) if when == "at once" else external_model(solver)
    found = outcome(lambda: m.solve(solver, callback=striking), np.ones(2), error)
    assert striking.calls == striking.call, striking.calls
    stops = name in ("KeyboardInterrupt", "StopIteration")  # StopIteration asks for the end
    assert found == ("stopped" if stops else SAME), found
    return found


@abuse(
    "exception in a method of a problem class of one's own",
    "exceptions",
    [f"{name}, {kind}" for name in EXCEPTIONS for kind in KINDS],
)
def exception_in_a_method(solver, variant):
    name, kind = variant.split(", ")
    error = EXCEPTIONS[name]()

    def strike(value):
        raise error

    problem = sabotage(own_problem(solver), kind, strike, 3)
    found = outcome(lambda: so.solvers.solve(problem, solver), problem_optimum(solver), error)
    if problem.calls[0] < 3:
        return UNUSED
    interrupted = name == "KeyboardInterrupt" and found == "stopped"
    assert interrupted or problem.calls[0] == 3
    assert interrupted or found == SAME, found
    return found


def problem_optimum(solver):
    if solver in CONSTRAINED:
        return np.array([1.0, 4.743, 3.8211, 1.3794])
    return np.ones(2)


HOOKS = ("objective", "gradient", "constraints", "jacobian_values", "hessian_values")


@abuse(
    "exception in an overridden method of a compiled Problem",
    "exceptions",
    [f"{name}, {hook}" for name in ("of the user's", "SystemExit") for hook in HOOKS],
)
def exception_in_an_overridden_method(solver, variant):
    name, hook = variant.split(", ")
    error = EXCEPTIONS[name]()
    problem = plain_model(solver).problem()
    striking = Striking(getattr(problem, hook), error, 2)
    setattr(problem, hook, striking)
    found = outcome(lambda: so.solvers.solve(problem, solver), np.ones(2), error)
    if striking.calls < 2:
        assert solver not in IPOPT or hook == "hessian_values", "the method is not called"
        return UNUSED
    assert found == SAME, found
    return found


NAMING = ("variable_name", "constraint_name", "constraint_source", "require_finite")


@abuse("exception in a method that names things, while a NaN is named", "exceptions", NAMING)
def exception_while_naming(solver, variant):
    problem = sabotage(own_problem(solver), "gradient", lambda value: value * math.nan)
    if solver in CONSTRAINED:
        sabotage(problem, "constraints", lambda value: value * math.nan)
    error = UserError("mine", second=2)
    striking = Striking(getattr(problem, variant), error, 1)
    setattr(problem, variant, striking)
    found = outcome(
        lambda: so.solvers.solve(problem, solver), problem_optimum(solver), error, result=False
    )
    if not striking.calls:
        assert found != SOLVED
        return UNUSED
    assert found == SAME, found
    return found


@abuse("a recursion without end in a function", "exceptions", ("objective", "gradient"))
def endless_recursion(solver, variant):
    def strike(v):
        return strike(v)

    changed, calls = _from_call(GIVEN[variant], strike, 6)
    m = external_model(solver, **{variant: changed})
    try:
        m.solve(solver)
    except RecursionError as error:
        assert sum(line.name == "strike" for line in _lines(error)) > 100
        return SAME
    assert calls[0] < 6, "swallowed"
    return UNUSED


def _from_call(function, other, call):
    calls = [0]

    def changed(*arguments):
        calls[0] += 1
        return (other if calls[0] >= call else function)(*arguments)

    return changed, calls


@abuse("an array that no memory holds, in a function", "exceptions", ("objective", "gradient"))
def array_without_memory(solver, variant):
    def strike(v):
        return np.empty(1 << 58)

    changed, calls = _from_call(GIVEN[variant], strike, 6)
    m = external_model(solver, **{variant: changed})
    try:
        m.solve(solver)
    except MemoryError as error:
        assert any(line.name == "strike" for line in _lines(error))
        return SAME
    assert calls[0] < 6, "swallowed"
    return UNUSED


# ---- signals
ENDLESS = {  # options with which a solve goes on until it is stopped
    **{name: {"max_iter": 10**9, "tol": 1e-300, "acceptable_iter": 0} for name in IPOPT},
    "trust-constr": {"maxiter": 10**9, "xtol": 0.0, "gtol": 0.0},
    "Nelder-Mead": {"maxiter": 10**9, "maxfev": 10**9, "xatol": 0.0, "fatol": 0.0},
    "Powell": {"maxiter": 10**9, "maxfev": 10**9, "xtol": 0.0, "ftol": 0.0},
    "SLSQP": {"maxiter": 10**9, "ftol": 1e-300},
    "L-BFGS-B": {"maxiter": 10**9, "maxfun": 10**9, "gtol": 0.0, "ftol": 0.0},
    "TNC": {"maxfun": 10**9, "gtol": 0.0, "ftol": 0.0, "xtol": 0.0},
    "Newton-CG": {"maxiter": 10**9, "xtol": 0.0},
    "trust-ncg": {"maxiter": 10**9, "gtol": 0.0},
    "trust-krylov": {"maxiter": 10**9, "gtol": 0.0},
    "BFGS": {"maxiter": 10**9, "gtol": 0.0},
    "CG": {"maxiter": 10**9, "gtol": 0.0},
}


def slowly(function, seconds=0.002):
    def slow(*arguments):
        time.sleep(seconds)
        return function(*arguments)

    return slow


def long_solve(solver, compiled, **arguments):
    """Solve what takes seconds at least; the clock is that of the work, not of sleeping."""
    m = long_model(solver) if compiled else slow_model(solver)
    return m.solve(solver, options=ENDLESS[solver], **arguments)


@cache
def slow_model(solver):
    m = external_model(solver, objective=slowly(f, 0.03), remember=False)
    m.solve(solver, time_limit=0.0)  # compiles everything
    return m


@cache
def long_model(solver):
    """Return a model with a valley of many bends; most methods need thousands of steps."""
    size = {"Nelder-Mead": 30, "Powell": 100, "SLSQP": 150, "trust-constr": 400}.get(solver, 3000)
    m = so.Model("bends")
    x = m.variable("x", size, start=np.tile([-1.2, 1.0], size // 2))
    m.minimize(np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))
    m.solve(solver, time_limit=0.0)  # compiles everything
    return m


@contextlib.contextmanager
def sent(number, seconds=0.05):
    """Send this process a signal a little later, from outside of Python's main thread."""
    sender = os.fork()
    if not sender:
        time.sleep(seconds)
        os.kill(os.getppid(), number)
        os._exit(0)
    yield
    os.waitpid(sender, 0)


@abuse("SIGINT (Ctrl-C) during a solve", "signals", ("Python functions", "compiled functions"))
def ctrl_c(solver, variant):
    compiled = variant.startswith("compiled")
    long_model(solver) if compiled else slow_model(solver)
    with sent(signal.SIGINT):
        started = time.monotonic()
        try:
            solution = long_solve(solver, compiled)
            found = judged(solution, np.ones(solution.x.size) if compiled else None)
        except KeyboardInterrupt:
            raise AssertionError("it came out of the solve") from None
        assert time.monotonic() - started < 5.0
    assert found == "stopped" or compiled, found
    return found


@abuse(
    "SIGTERM with a handler that raises SystemExit",
    "signals",
    ("Python functions", "compiled functions"),
)
def terminated_by_exception(solver, variant):
    error = SystemExit(15)

    def strike(number, frame):
        raise error

    compiled = variant.startswith("compiled")
    long_model(solver) if compiled else slow_model(solver)
    signal.signal(signal.SIGTERM, strike)
    with sent(signal.SIGTERM):
        optimum = 1.0 if compiled else None
        found = outcome(lambda: long_solve(solver, compiled), optimum, error, result=False)
    assert found == SAME or compiled, found
    return found


@abuse("SIGTERM without a handler", "signals")
def terminated(solver, variant):
    child = os.fork()
    if not child:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        long_solve(solver, False)
        os._exit(0)
    time.sleep(0.05)
    os.kill(child, signal.SIGTERM)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status), status
    assert os.WTERMSIG(status) == signal.SIGTERM
    return "ended by the signal"


# ---- numbers that are none
BAD = {"NaN": math.nan, "inf": math.inf}


@abuse(
    "NaN or infinity in an array of a problem class of one's own",
    "numbers that are none",
    [f"{bad}, {kind}, {when}" for bad in BAD for kind in KINDS for when in TIMES],
)
def nan_in_an_array(solver, variant):
    bad, kind, when = variant.split(", ")
    return _poisoned(own_problem(solver), solver, bad, kind, when)


@abuse(
    "NaN or infinity out of compiled code",
    "numbers that are none",
    [f"{bad}, {kind}, {when}" for bad in BAD for kind in KINDS for when in TIMES],
    ("ipopt",),
)
def nan_in_compiled_code(solver, variant):
    bad, kind, when = variant.split(", ")
    return _poisoned(own_problem(solver), solver, bad, kind, when, native=True)


def _poisoned(problem, solver, bad, kind, when, native=False):
    def poison(value):
        value = np.array(value, float)
        if value.size:
            value.reshape(-1)[-1] = BAD[bad]
        return value

    sabotage(problem, kind, poison, 1 if when == "at once" else 3)
    with np.errstate(invalid="ignore"):
        found = outcome(
            lambda: so.solvers.solve(with_native(problem) if native else problem, solver),
            problem_optimum(solver),
        )
    touched = problem.calls[0] >= (1 if when == "at once" else 3)
    if found == SOLVED:
        return UNUSED if not touched or not problem.num_constraints else _fail("not noticed")
    return found


def _fail(text):
    raise AssertionError(text)


FORMULAS = {
    "log of a negative number": (lambda x: np.log(x[0]) ** 2 + (x[1] - 1.0) ** 2, [-1.0, 0.0]),
    "root of a negative number": (lambda x: np.sqrt(x[0] - 2.0) + x[1] ** 2, [0.0, 0.0]),
    "slope of a root at zero": (lambda x: np.sqrt(x[0]) + x[1] ** 2, [0.0, 1.0]),
    "division by zero": (lambda x: 1.0 / x[0] + x[1] ** 2, [0.0, 1.0]),
    "overflow": (lambda x: np.exp(x[0]) + x[1] ** 2, [1e3, 1.0]),
    "zero times infinity": (lambda x: x[1] * np.log(x[0]), [0.0, 0.0]),
    "inf - inf": (lambda x: np.exp(x[0]) - np.exp(x[0] + x[1]), [1e3, 0.0]),
}


@abuse("a start outside a formula's domain", "numbers that are none", FORMULAS)
def start_outside_the_domain(solver, variant):
    formula, start = FORMULAS[variant]
    m = so.Model()
    x = m.variable("x", 2, start=start)
    m.minimize(formula(x))
    try:
        m.solve(solver)
    except so.NonFiniteError as error:
        assert "cases.py" in error.where, error
        assert error.why, error
        assert error.instead, error
        return "NonFiniteError"
    raise AssertionError("solved")


EDGES = {
    "log": lambda x: np.log(x[0]) ** 2 + (x[1] - 1.0) ** 2 + 30.0 * (x[0] - 1.0) ** 2,
    "root": lambda x: np.sqrt(x[0]) - 0.5 * x[0] + 5.0 * (x[0] - 1.0) ** 2 + (x[1] - 1.0) ** 2,
    "division": lambda x: 1.0 / x[0] + x[0] + (x[1] - 1.0) ** 2,
}


@abuse("a formula's domain is left on the way", "numbers that are none", EDGES)
def domain_left_on_the_way(solver, variant):
    m = so.Model()
    x = m.variable("x", 2, start=[8.0, -3.0])
    m.minimize(EDGES[variant](x))
    return outcome(lambda: m.solve(solver), np.ones(2))


@abuse(
    "NaN out of an external function",
    "numbers that are none",
    [
        f"{role}, {when}"
        for role in ("objective", "gradient", "objective hessian")
        for when in TIMES
    ],
)
def nan_out_of_an_external_function(solver, variant):
    role, when = variant.split(", ")
    call = 1 if when == "at once" else 8
    function = GIVEN[role]
    calls = [0]

    def changed(*arguments):
        calls[0] += 1
        value = np.array(function(*arguments), float)
        return np.full_like(value, np.nan) if calls[0] >= call else value

    m = external_model(solver, **{role: changed})
    few = {LIMIT_NAMES.get(solver, "maxiter"): 40}
    found = outcome(lambda: m.solve(solver, options=few), np.ones(2))
    return UNUSED if calls[0] < call else found if found != SOLVED else _fail("not noticed")


# ---- bounds and numbers given
LIMITS = {
    "NaN lower": (math.nan, 1.0),
    "NaN upper": (0.0, math.nan),
    "crossed": (2.0, 1.0),
    "inf lower": (math.inf, math.inf),
    "-inf upper": (-math.inf, -math.inf),
}


@abuse("bounds that are NaN, infinite on the wrong side, or crossed", "numbers given", LIMITS)
def impossible_bounds(solver, variant):
    low, high = LIMITS[variant]
    for field in ("variable", "constraint"):
        problem = own_problem(solver)
        if not getattr(problem, f"{field}_lower").size:
            continue
        getattr(problem, f"{field}_lower")[1] = low
        getattr(problem, f"{field}_upper")[1] = high
        try:
            so.solvers.solve(problem, solver)
        except so.ProblemError as error:
            assert "x[1]" in str(error) or "row[1]" in str(error), error
        else:
            raise AssertionError("accepted")
    m = so.Model()
    for declare in (
        lambda: m.variable("y", 3, lower=[0, low, 0], upper=[1, high, 1]),
        lambda: m.subject_to(m.variable("z", 3) ** 2, [0, low, 0], [1, high, 1]),
    ):
        try:
            declare()
        except so.ProblemError as error:
            assert "[1]" in str(error), error
            assert "cases.py" in error.where, error
        else:
            raise AssertionError("accepted")
    return "ProblemError"


STARTS = {
    "NaN": ([1.0, math.nan], so.NonFiniteError),
    "inf": ([math.inf, 1.0], so.NonFiniteError),
    "too long": ([1.0, 1.0, 1.0], so.ShapeError),
    "complex": ([1.0, 1j], so.SparseOptError),
    "text": (["a", "b"], so.SparseOptError),
    "None in it": ([1.0, None], so.SparseOptError),
    "a wrong name": ({"y": 1.0}, so.SparseOptError),
}


@abuse("a start that is none", "numbers given", STARTS)
def impossible_start(solver, variant):
    start, kind = STARTS[variant]
    m = shared(solver)
    return _refused(
        lambda: m.solve(solver, start=start if isinstance(start, dict) else {"x": start}), kind
    )


def _refused(action, kind=so.SparseOptError):
    try:
        action()
    except so.SparseOptError as error:
        assert isinstance(error, kind), error
        return named(error)
    raise AssertionError("accepted")


@abuse("a parameter that is NaN or of a wrong shape", "numbers given", ("NaN", "shape", "name"))
def impossible_parameter(solver, variant):
    m = so.Model()
    k = m.parameter("k", [1.0, 2.0])
    m.minimize(np.sum((m.variable("x", 2) - k) ** 2))
    bad = {"NaN": {"k": [1.0, math.nan]}, "shape": {"k": np.ones(3)}, "name": {"q": 1.0}}[variant]
    found = _refused(lambda: m.set(**bad))
    assert outcome(lambda: m.solve(solver), np.array([1.0, 2.0])) == SOLVED
    return found


# ---- arrays of external functions
WRONG = {
    "too short": lambda value: np.asarray(value).reshape(-1)[:-1],
    "too long": lambda value: np.concatenate([np.asarray(value).reshape(-1), [0.0]]),
    "None": lambda value: None,
    "text": lambda value: "text",
    "complex": lambda value: np.asarray(value) * 1j,
    "ragged": lambda value: [[1.0], [1.0, 2.0]],
}


@abuse(
    "an external function returns a wrong array",
    "arrays",
    [
        f"{wrong}, {role}, {when}"
        for wrong in WRONG
        for role in ("objective", "gradient", "objective hessian")
        for when in TIMES
    ],
)
def wrong_array(solver, variant):
    wrong, role, when = variant.split(", ")
    call = 1 if when == "at once" else 6
    calls = [0]

    def changed(*arguments):
        calls[0] += 1
        value = GIVEN[role](*arguments)
        return WRONG[wrong](value) if calls[0] >= call else value

    m = external_model(solver, **{role: changed})
    found = outcome(lambda: m.solve(solver), np.ones(2))
    return UNUSED if calls[0] < call else found if found != SOLVED else _fail("not noticed")


SIZED = ("gradient", "constraints", "jacobian", "hessian")


@abuse(
    "a method of a problem class of one's own returns a wrong array",
    "arrays",
    [f"{wrong}, {kind}" for wrong in ("too short", "too long", "None", "text") for kind in KINDS],
)
def wrong_array_of_a_method(solver, variant):
    wrong, kind = variant.split(", ")
    if kind == "hessian" and solver in PRODUCT_METHODS:
        return UNUSED  # the example multiplies its own matrix
    first = 1 if solver in ("Nelder-Mead", "Powell") else 2
    problem = sabotage(own_problem(solver), kind, WRONG[wrong], first)
    found = outcome(lambda: so.solvers.solve(problem, solver), problem_optimum(solver))
    if found == SOLVED:
        assert problem.calls[0] < first or not problem.num_constraints, "not noticed"
        return UNUSED
    return found


PATTERNS = {
    "an entry is missing": ([0, 1, 1], [0, 0, 1]),
    "out of range": ([0, 0, 1, 1], [0, 1, 0, 2]),
    "negative": ([0, 0, 1, 1], [0, 1, 0, -1]),
    "lengths differ": ([0, 0, 1], [0, 1]),
}


@abuse("an external function with a wrong pattern", "arrays", PATTERNS, CONSTRAINED)
def wrong_pattern(solver, variant):
    def solve():
        C = so.external(c, 2, jacobian=c_jacobian, pattern=PATTERNS[variant], name="c")
        m = so.Model()
        x = m.variable("x", 2, start=START)
        m.minimize(np.sum((x - 2.0) ** 2))
        m.subject_to(C(x), upper=1.0)
        return m.solve(solver)

    return _refused(solve, so.SparseOptError)


OWN_PATTERNS = ("an entry is missing", "a column is missing", "out of range", "negative")


@abuse("a pattern of a problem class of one's own is wrong", "arrays", OWN_PATTERNS, CONSTRAINED)
def wrong_own_pattern(solver, variant):
    problem = HS071()
    pattern, values = problem.jacobian_pattern, problem.jacobian_values
    if variant in ("out of range", "negative"):
        pattern.cols[3] = 4 if variant == "out of range" else -1
    else:
        keep = np.arange(8) != 7 if variant == "an entry is missing" else pattern.cols != 3
        pattern.rows, pattern.cols = pattern.rows[keep], pattern.cols[keep]
        problem.jacobian_values = lambda x: values(x)[keep]
    return outcome(lambda: so.solvers.solve(problem, solver))


@abuse(
    "an external function's derivative is wrong",
    "arrays",
    ("gradient", "objective hessian", "pattern by the way"),
)
def wrong_derivative(solver, variant):
    if variant == "pattern by the way":

        def narrow(v, t):
            return np.array(f_jacobian(v)[0] @ t)

        F = so.external(f, jvp=narrow, pattern=([0], [0]), name="f")
        m = so.Model()
        m.minimize(F(m.variable("x", 2, start=START)))
        return _refused(lambda: m.solve(solver), so.PatternError)
    wrong = {
        "gradient": lambda v: f_jacobian(v) * 1.01,
        "objective hessian": lambda v, w: f_hessian(v, w) * 1.01,
    }[variant]
    m = external_model(solver, check=True, **{variant: wrong})
    found = outcome(lambda: m.solve(solver), np.ones(2))
    assert found == "DerivativeError" or (found == SOLVED and variant != "gradient"), found
    return found if found != SOLVED else UNUSED


# ---- limits
@abuse("memory runs out during a solve", "limits", ("compiled functions", "Python functions"))
def memory_runs_out(solver, variant):
    compiled = variant.startswith("compiled")
    size = 20000 if solver in ("ipopt", "cyipopt", "L-BFGS-B", "Newton-CG", "CG", "TNC") else 700
    if not compiled or solver in ("Nelder-Mead", "Powell", "SLSQP", "trust-constr", "BFGS"):
        size = 100
    m = plain_model("BFGS", size)
    compile_everything(m.problem())
    hoard = []

    def take(iteration):
        hoard.append(np.ones(1 << 21))

    limit_memory((4 if compiled else 24) << 20)
    try:
        found = judged(m.solve(solver, callback=None if compiled else take), np.ones(size))
    except MemoryError:
        hoard.clear()
        return "MemoryError"
    except so.SparseOptError as error:
        hoard.clear()
        return named(error)
    return found


def compile_everything(problem):
    """Leave nothing to the code generator and to the loader of modules.

    The one ends the process when it has no memory, the other calls it an `ImportError`.
    """
    import scipy.sparse.csgraph  # noqa: F401

    problem.require_finite()
    x, direction = problem.initial_point, np.ones(problem.num_variables)
    problem.hessian_values(x)
    problem.hessian_vector_product(x, None, direction)
    wait_for_improvements()


def limit_memory(more):
    """Let this process have so many more bytes."""
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + more, resource.RLIM_INFINITY))


@abuse("the time limit passes", "limits", ("Python functions", "compiled functions"))
def time_limit(solver, variant):
    compiled = variant.startswith("compiled")
    long_model(solver) if compiled else slow_model(solver)
    started = time.monotonic()
    solution = long_solve(solver, compiled, time_limit=0.06)
    assert time.monotonic() - started < 5.0
    found = judged(solution, np.ones(solution.x.size) if compiled else None)
    assert found == "time_limit" or compiled, found
    assert solution.objective <= solution.problem.objective(solution.problem.initial_point)
    return found


LIMIT_NAMES = {**dict.fromkeys(IPOPT, "max_iter"), "TNC": "maxfun"}


@abuse("the iteration limit is reached", "limits", ("2", "0"))
def iteration_limit(solver, variant):
    m = external_model(solver)
    limit = {LIMIT_NAMES.get(solver, "maxiter"): int(variant)}
    try:
        solution = m.solve(solver, options=limit)
    except so.SparseOptError as error:
        return named(error)
    assert solution.objective <= float(f(START)) + 1e-9
    found = judged(solution)
    assert found == "iteration_limit", found
    return found


CLOCKS = {"NaN": math.nan, "negative": -1.0, "zero": 0.0, "text": "soon", "infinite": math.inf}


@abuse("a time limit that is none", "limits", CLOCKS)
def impossible_time_limit(solver, variant):
    return outcome(lambda: shared(solver).solve(solver, time_limit=CLOCKS[variant]), np.ones(2))


# ---- options
@abuse("an unknown or mistyped option", "options", ("unknown", "mistyped"))
def unknown_option(solver, variant):
    name = "nonsense" if variant == "unknown" else "max_itr" if solver in IPOPT else "maxitr"
    try:
        shared(solver).solve(solver, options={name: 3})
    except so.UnknownOptionError as error:
        assert name in error.what, error
        assert error.instead, error
        return "UnknownOptionError"
    raise AssertionError("accepted")


VALUES = {"text": "many", "None": None, "NaN": math.nan, "list": [1], "fraction": 2.5}


@abuse("an option with an impossible value", "options", VALUES)
def impossible_option(solver, variant):
    name = LIMIT_NAMES.get(solver, "maxiter")
    return _refused(lambda: shared(solver).solve(solver, options={name: VALUES[variant]}))


@abuse("an unknown solver", "options", ("unknown", "misspelled", "None", "number"), ("ipopt",))
def unknown_solver(solver, variant):
    name = {"unknown": "nonsense", "misspelled": "ipotp", "None": None, "number": 3}[variant]
    return _refused(lambda: shared("ipopt").solve(name), so.SolverError)


@abuse(
    "a linear solver that is missing",
    "options",
    ("ma27", "ma57", "ma77", "ma86", "ma97", "pardiso", "pardisomkl", "wsmp", "custom", "nonsense"),
    IPOPT,
)
def missing_linear_solver(solver, variant):
    return outcome(lambda: shared(solver).solve(solver, options={"linear_solver": variant}))


@abuse("a callback that cannot be called", "options", ("text", "wrong arguments"))
def impossible_callback(solver, variant):
    callback = "text" if variant == "text" else lambda: None
    try:
        shared(solver).solve(solver, callback=callback)
    except TypeError:
        return "TypeError"
    except so.SparseOptError as error:
        return named(error)
    raise AssertionError("accepted")


# ---- again, inside, beside
@abuse("a solve after one that failed", "again, inside, beside", EXCEPTIONS)
def solve_after_failure(solver, variant):
    error = EXCEPTIONS[variant]()
    striking = Striking(f, error, 0)
    m = external_model(solver, objective=striking, remember=False)
    m.problem().require_finite()
    striking.calls, striking.call = 0, 4
    found = outcome(lambda: m.solve(solver), error=error, result=False)
    assert found in (SAME, "stopped"), found
    return outcome(lambda: m.solve(solver), np.ones(2), error)


@abuse("a solve after Ctrl-C, time limit or NaN", "again, inside, beside", ("stop", "time", "NaN"))
def solve_after_stop(solver, variant):
    m = shared(solver)
    if variant == "stop":
        judged(m.solve(solver, callback=lambda iteration: False))
    elif variant == "time":
        m.solve(solver, time_limit=1e-9)
    else:
        named_error = outcome(lambda: m.solve(solver, start={"x": [math.nan, 1.0]}))
        assert named_error == "NonFiniteError"
    return outcome(lambda: m.solve(solver), np.ones(2))


@abuse(
    "a solve inside a function or callback of another",
    "again, inside, beside",
    ("function", "callback", "callback, same problem"),
)
def nested_solves(solver, variant):
    inner = shared(solver)

    def solve_inside(*arguments):
        assert outcome(lambda: inner.solve(solver), np.ones(2)) == SOLVED

    if variant == "function":
        calls = iter([solve_inside] * 3)

        def g(v):
            for action in calls:
                action()
                break
            return f(v)

        m = external_model(solver, objective=g)
        return outcome(lambda: m.solve(solver), np.ones(2))
    m = inner if "same" in variant else external_model(solver)
    once = iter([solve_inside])

    def callback(iteration):
        for action in once:
            action()

    return outcome(lambda: m.solve(solver, callback=callback), np.ones(2))


def in_threads(*actions):
    """Run actions at the same time; return their outcomes."""
    found = [None] * len(actions)
    gate = threading.Barrier(len(actions))

    def run(k):
        gate.wait()
        try:
            found[k] = actions[k]()
        except BaseException as error:
            found[k] = error

    threads = [threading.Thread(target=run, args=(k,)) for k in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome_ in found:
        if isinstance(outcome_, BaseException):
            raise outcome_
    return found


@abuse("two threads solve two problems", "again, inside, beside", ("compiled", "external"))
def two_threads_two_problems(solver, variant):
    if variant == "compiled":
        models = [(plain_model(solver, 6, shift), shift) for shift in (1.0, 2.0)]
    else:
        models = [(external_model(solver), 1.0), (external_model(solver), 1.0)]
    actions = [
        lambda m=m, shift=shift: [outcome(lambda: m.solve(solver), shift) for _ in range(2)]
        for m, shift in models
    ]
    assert in_threads(*actions) == [[SOLVED] * 2] * 2
    return SOLVED


@abuse(
    "two threads use one problem",
    "again, inside, beside",
    ("solve and solve", "solve and evaluate", "evaluate and evaluate", "external"),
)
def two_threads_one_problem(solver, variant):
    size = 6 if variant != "evaluate and evaluate" else 4000
    m = external_model(solver) if variant == "external" else plain_model(solver, size)
    p = m.problem()
    p.require_finite()

    def solve():
        seen = {outcome(lambda: m.solve(solver), np.ones(p.num_variables)) for _ in range(4)}
        return max(seen, key=lambda word: word != SOLVED)

    def evaluate():
        rng = np.random.default_rng(threading.get_ident() % 1000)
        word = SOLVED
        for _ in range(200):
            x = rng.uniform(0.5, 1.5, p.num_variables)
            expected = 2.0 * (x - 1.0)
            step = 4.0 * np.diff(x) ** 3
            expected[1:] += step
            expected[:-1] -= step
            try:
                np.testing.assert_allclose(p.gradient(x), expected, rtol=1e-9, atol=1e-9)
            except so.SparseOptError as error:
                word = named(error)
        return word

    roles = {"evaluate and evaluate": (evaluate, evaluate), "solve and evaluate": (solve, evaluate)}
    found = in_threads(*roles.get(variant, (solve, solve)))
    return max(found, key=lambda word: word != SOLVED)


@abuse(
    "fork",
    "again, inside, beside",
    ("after compiling", "after a solve", "during a solve", "during an evaluation"),
)
def fork(solver, variant):
    m = plain_model(solver)
    m.problem().require_finite()
    if variant == "after a solve":
        m.solve(solver)

    def in_child(*arguments):
        child = os.fork()
        if not child:
            code = 1
            try:
                code = 0 if outcome(lambda: m.solve(solver), np.ones(2)) == SOLVED else 2
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0, "the child failed"

    if variant == "during a solve":
        once = iter([in_child])
        assert judged(m.solve(solver, callback=lambda i: [a() for a in once] and None), 1.0)
    elif variant == "during an evaluation":
        once = iter([in_child])

        def g(v):
            for action in once:
                action()
            return f(v)

        return outcome(lambda: external_model(solver, objective=g).solve(solver), np.ones(2))
    else:
        in_child()
    return outcome(lambda: m.solve(solver), np.ones(2))


@abuse(
    "pickling",
    "again, inside, beside",
    ("Model", "Problem", "Solution", "external Model", "result"),
)
def pickling(solver, variant):
    m = external_model(solver) if variant == "external Model" else shared(solver)
    if variant == "result":
        copied = pickle.loads(pickle.dumps(m.solve(solver).outcome))
        assert np.abs(copied.x - 1.0).max() < 1e-2
        return SOLVED
    thing = {"Problem": m.problem, "Solution": lambda: m.solve(solver)}.get(variant, lambda: m)()
    try:
        copied = pickle.loads(pickle.dumps(thing))
    except so.SparseOptError as error:
        assert error.instead, error
        return named(error)
    if variant == "Problem":
        found = so.solvers.solve(copied, solver)
        return judged(found, np.ones(2))
    return outcome(lambda: copied if variant == "Solution" else copied.solve(solver), np.ones(2))


# ---- sizes
@abuse("no variables", "sizes", ("with an objective", "empty model", "variables of size 0"))
def no_variables(solver, variant):
    def solve():
        m = so.Model()
        if variant == "with an objective":
            m.minimize(m.parameter("k", 2.0) ** 2)
        if variant == "variables of size 0":
            m.minimize(np.sum(m.variable("x", 0)))
        return m.solve(solver)

    return _refused(solve)


@abuse("no objective, a constant one, one of several numbers", "sizes", ("no", "const", "several"))
def odd_objectives(solver, variant):
    m = so.Model()
    x = m.variable("x", 2, start=1.0)
    if variant == "several":
        return _refused(lambda: m.minimize(x**2), so.ShapeError)
    if variant == "const":
        m.minimize(0.0 * x[0] + 3.0)
    if solver in CONSTRAINED:
        m.subject_to(x[0] * x[1] == 1.0)
    return outcome(lambda: m.solve(solver), np.ones(2))


ROWS = {
    "more equalities than variables, consistent": lambda x: [x[0] * x[1], x[0] + x[1], x[0] - x[1]],
    "more equalities than variables, contradictory": lambda x: [x[0] * x[1], x[0], x[0] ** 3 + 1.0],
    "the same row twice": lambda x: [x[0] * x[1], x[0] * x[1]],
}
VALUES_OF_ROWS = {"more equalities than variables, consistent": [1.0, 2.0, 0.0]}


@abuse("equalities that are too many or dependent", "sizes", ROWS, CONSTRAINED)
def too_many_equalities(solver, variant):
    m = so.Model()
    x = m.variable("x", 2, start=[1.5, 0.5])
    m.minimize((x[0] - 1.0) ** 2)
    rows = ROWS[variant](x)
    for row, value in zip(rows, VALUES_OF_ROWS.get(variant, [1.0] * len(rows)), strict=True):
        m.subject_to(row == value)
    return outcome(lambda: m.solve(solver), np.ones(2))


@abuse(
    "variables that are all fixed",
    "sizes",
    ("feasible", "infeasible"),
    BOUNDED,
)
def all_fixed(solver, variant):
    m = so.Model()
    x = m.variable("x", 2, lower=1.0, upper=1.0)
    m.minimize(x[0] * x[1])
    if variant == "infeasible":
        if solver not in CONSTRAINED:
            return UNUSED
        m.subject_to(x[0] * x[1] == 2.0)
    return outcome(lambda: m.solve(solver), np.ones(2) if variant == "feasible" else None)


@abuse("constraints that no point satisfies", "sizes", ("0 == 1", "circle outside"), CONSTRAINED)
def infeasible(solver, variant):
    def solve():
        m = so.Model()
        x = m.variable("x", 2, start=[0.3, 0.4])
        m.minimize(x[0] + x[1])
        m.subject_to(0.0 * x[0] == 1.0 if variant == "0 == 1" else x[0] ** 2 + x[1] ** 2 <= -1.0)
        return m.solve(solver)

    return outcome(solve)


@abuse("an objective without a lower bound", "sizes", ("linear", "cubic"))
def unbounded(solver, variant):
    m = so.Model()
    x = m.variable("x", 2, start=1.0)
    m.minimize(-x[0] - x[1] if variant == "linear" else x[1] ** 2 - x[0] ** 3)
    with np.errstate(all="ignore"):
        return outcome(lambda: m.solve(solver, options={LIMIT_NAMES.get(solver, "maxiter"): 200}))


NAMES = {"twice": "x", "no identifier": "my x", "empty": "", "keyword": "lambda", "number": 3}


@abuse("a name that is taken or is none", "sizes", NAMES, ("ipopt",))
def impossible_name(solver, variant):
    m = so.Model()
    x = m.variable("x")
    for declare in (m.variable, lambda name: m.parameter(name, 1.0)):
        try:
            declare(NAMES[variant])
        except so.ProblemError as error:
            assert "cases.py" in error.where, error
        else:
            raise AssertionError("accepted")
    m.subject_to(x**2 == 1.0, name="row")
    return _refused(lambda: m.subject_to(x**3 == 1.0, name="row"), so.ProblemError)


@abuse("a method that cannot take bounds or constraints gets them", "sizes", ("bounds", "rows"))
def unsuitable_method(solver, variant):
    m = so.Model()
    x = m.variable("x", 2, lower=0.0 if variant == "bounds" else None, start=0.5)
    m.minimize(np.sum((x - 1.0) ** 2))
    if variant == "rows":
        m.subject_to(x[0] * x[1] >= 0.5)
    try:
        found = outcome(lambda: m.solve(solver), np.ones(2))
    except so.SolverError:
        found = "SolverError"
    able = BOUNDED if variant == "bounds" else CONSTRAINED
    assert found == (SOLVED if solver in able else "SolverError"), found
    return found


# ---- memory
NUM_SMALL_SOLVES = int(os.environ.get("SPARSEOPT_LEAK_SOLVES", "60"))


SMALL = ("compiled", "external", "interrupted")


@abuse("many small solves in one process", "memory", SMALL, seconds=600.0)
def many_small_solves(solver, variant):
    number = NUM_SMALL_SOLVES if solver in IPOPT else max(10, NUM_SMALL_SOLVES // 10)
    m = external_model(solver, remember=False) if variant == "external" else shared(solver)
    stop = (lambda iteration: False) if variant == "interrupted" else None
    options = {LIMIT_NAMES.get(solver, "maxiter"): 20}
    for _ in range(10):
        m.solve(solver, callback=stop, options=options)
    before = resident_bytes()
    for _ in range(number):
        m.solve(solver, callback=stop, options=options)
    grown = resident_bytes() - before
    assert grown < 5 << 20, f"{number} solves take {grown / 2**20:.1f} MiB"
    return "no growth"


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
