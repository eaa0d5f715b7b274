"""Success means verified: wrong derivatives and values are caught, and nothing else is.

The case of a wrong solution with status 0 is HS071 with one entry of its Jacobian missing.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sparseopt as so
from problems import registry
from sparseopt import Status, solvers
from sparseopt.errors import DerivativeError, NonFiniteError, SolverError
from sparseopt.graph.formulas import Formulas
from sparseopt.modeling.solution_check import check_point
from tests.problems.sizes import SAMPLE
from tests.solvers.example_problems import HS071, Chain, Rosenbrock, with_native

CONSTRAINED = ("ipopt", "cyipopt", "trust-constr", "SLSQP")
BOUNDED = ("L-BFGS-B", "TNC")
WELL_SCALED = ("ac_opf", "bearing", "bratu_control", "cart_pole", "hs071", "quadrotor", "rocket")
FREE = ("Newton-CG", "trust-ncg", "trust-krylov", "BFGS", "CG")


def hs071_jacobian(x):
    a, b, c, d = x
    return np.array([[b * c * d, a * c * d, a * b * d, a * b * c], 2 * x])


def without_an_entry(x):
    jacobian = hs071_jacobian(x)
    jacobian[1, 3] = 0.0
    return jacobian


def hs071(jacobian, **given):
    rows = so.external(
        lambda x: np.array([np.prod(x), x @ x]), 2, jacobian=jacobian, name="rows", **given
    )
    model = so.Model("hs071")
    x = model.variable("x", 4, lower=1.0, upper=5.0, start=[1.0, 5.0, 5.0, 1.0])
    model.minimize(x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2])
    model.subject_to(rows(x), lower=[25.0, 40.0], upper=[np.inf, 40.0], name="g")
    return model


# ---- what is wrong is caught, by name
@pytest.mark.parametrize("solver", CONSTRAINED)
def test_a_missing_entry_is_named_with_row_column_and_line(solver):
    solution = hs071(without_an_entry, check=False).solve(solver)
    assert solution.status is Status.WRONG_DERIVATIVE
    assert not solution.success
    (entry,) = solution.outcome.verification.wrong
    assert (entry.kind, entry.row, entry.column, entry.computed) == ("Jacobian", "g[1]", "x[3]", 0)
    assert entry.expected == pytest.approx(2 * solution.x[3], rel=1e-6)
    assert "test_verification.py" in entry.where
    assert "g[1] with respect to x[3]: computed 0, expected 2.7" in solution.message
    assert "given for rows, or leave them out" in solution.message
    assert "wrong" in solution.report()


def test_a_pattern_without_an_entry_is_caught_where_it_starts_to_matter():
    """At the first points the entry is zero, so that the checks of `external` see nothing."""
    rows, cols = np.array([0]), np.array([0])
    beyond = so.external(
        lambda x: np.array([x[0] + max(x[1] - 2.0, 0.0) ** 2]),
        1,
        jvp=lambda x, v: np.array([v[0] + 2.0 * max(x[1] - 2.0, 0.0) * v[1]]),
        pattern=(rows, cols),
        name="beyond",
    )
    model = so.Model("late")
    x = model.variable("x", 2, start=0.0)
    model.minimize((x[0] - 1.0) ** 2 + (x[1] - 3.0) ** 2)
    model.subject_to(beyond(x) <= 1.5, name="limit")
    solution = model.solve(options={"hessian_approximation": "limited-memory"})
    assert solution.status is Status.WRONG_DERIVATIVE
    assert "limit[0] with respect to x[1]" in solution.message


@pytest.mark.parametrize("solver", [*CONSTRAINED, *BOUNDED, *FREE])
def test_a_wrong_gradient_is_caught_with_every_solver(solver):
    """The solver stops where the wrong gradient vanishes; the true one is 0.5 there."""
    f = so.external(
        lambda x: float(np.sum((x - 1.0) ** 2)),
        jacobian=lambda x: (2.0 * (x - 1.0) - np.array([0.0, 0.5, 0.0])).reshape(1, 3),
        check=False,
        name="cost",
    )
    model = so.Model("bowl")
    x = model.variable("x", 3, start=0.1)
    model.minimize(f(x))
    solution = model.solve(solver)
    assert solution.status is Status.WRONG_DERIVATIVE
    assert "gradient: objective with respect to x[1]" in solution.message


@pytest.mark.parametrize("make", [HS071, lambda: with_native(HS071())])
def test_a_problem_of_the_callers_own_is_compared_with_its_own_values(make):
    problem = make()
    original = problem.jacobian_values
    problem.jacobian_values = lambda x: original(x) * (np.arange(8) != 7)
    result = solvers.solve(problem)
    assert result.status is Status.WRONG_DERIVATIVE
    assert "row[1] with respect to x[3]: computed 0" in result.message
    assert "example.py:11" in result.message


def test_compiled_values_that_differ_from_the_formulas_are_no_success():
    model = so.Model("shifted")
    x = model.variable("x", 2, start=1.0)
    model.minimize(np.sum(x**2))
    model.subject_to(x[0] * x[1] >= 1.0, name="product")
    problem = model.problem()
    evaluate = problem.evaluator.constraints
    problem.evaluator.constraints = lambda x, out=None: evaluate(x) + 1e-3
    found = check_point(problem, np.array([1.0, 1.5]))
    (entry,) = found.wrong
    assert (entry.kind, entry.row) == ("value", "product")
    assert entry.computed - entry.expected == pytest.approx(1e-3)
    assert "sparseopt's own" in found.advice


def test_an_external_function_that_changes_its_mind_is_told():
    calls = [0]

    def unstable(x):
        calls[0] += 1
        return float(x @ x) + 1e-3 * calls[0]

    f = so.external(unstable, jacobian=lambda x: 2 * x.reshape(1, -1), check=False, remember=False)
    model = so.Model()
    x = model.variable("x", 2, start=1.0)
    model.minimize(f(x))
    found = check_point(model.problem(), np.array([0.5, 0.25]))
    assert found.wrong[0].kind == "value"
    assert found.advice == "unstable must return the same values at the same point"


def test_least_squares_loses_its_success():
    t = np.linspace(0.0, 1.0, 10)

    def jacobian(p):
        decay = np.exp(-p[1] * t)
        return np.stack([decay, -0.9 * p[0] * t * decay], axis=1)

    curve = so.external(
        lambda p: p[0] * np.exp(-p[1] * t), 10, jacobian=jacobian, check=False, name="curve"
    )

    def residuals(p):
        return curve(p) - 2.0 * np.exp(-3.0 * t) - 0.1 * t

    fit = so.least_squares(residuals, [1.0, 1.0])
    assert not fit.success
    assert "with respect to x[1]" in fit.message
    assert so.least_squares(residuals, [1.0, 1.0], verify="off").success
    with pytest.raises(DerivativeError, match="wrong at the start"):
        so.least_squares(residuals, [1.0, 1.0], verify="start")


def test_minimize_tells_and_has_the_switch():
    def make(verify):
        f = so.external(
            lambda x: float(x @ x), jacobian=lambda x: (2 * x - 0.5).reshape(1, -1), check=False
        )
        return so.minimize(lambda x: f(x), np.ones(2), verify=verify)

    assert not make("final").success
    assert make("off").success


# ---- where the check is made
def test_verify_start_refuses_before_the_solve():
    with pytest.raises(DerivativeError, match="Jacobian is wrong at the start") as caught:
        hs071(without_an_entry, check=False).solve(verify="start")
    assert "g[1] with respect to x[3]: computed 0, expected 2" in caught.value.why


def test_verify_off_takes_the_solver_at_its_word():
    solution = hs071(without_an_entry, check=False).solve(verify="off")
    assert solution.status is Status.OPTIMAL
    assert solution.outcome.verification is None


def test_an_unknown_choice_names_the_nearest():
    with pytest.raises(SolverError, match="'final'"):
        hs071(hs071_jacobian).solve(verify="finale")


def test_a_right_jacobian_passes_and_the_check_is_in_the_report():
    solution = hs071(hs071_jacobian).solve()
    assert solution.success
    found = solution.outcome.verification
    assert found.ok
    assert found.method == "differences"
    assert "against plain NumPy, by differences" in solution.report()
    assert solution.timings["verification"] > 0.0


def test_the_check_of_exact_derivatives_is_one_evaluation_of_the_formulas(monkeypatch):
    problem = registry.get("hs071").build().problem()
    calls = []
    along, values = Formulas.along, Formulas.values
    monkeypatch.setattr(Formulas, "along", lambda *a: calls.append("along") or along(*a))
    monkeypatch.setattr(Formulas, "values", lambda *a: calls.append("values") or values(*a))
    assert solvers.solve(problem).success
    assert calls == ["along"]


def test_the_check_of_an_external_function_is_two_more_evaluations():
    points = []

    def function(x):
        points.append(x.copy())
        return float(x @ x)

    f = so.external(function, jacobian=lambda x: 2 * x.reshape(1, -1), check=False)
    model = so.Model()
    x = model.variable("x", 2, lower=[0.0, 1.0], start=2.0)
    model.minimize(f(x))
    x = np.array([0.0, 1.0])
    problem = model.problem()
    problem.objective(x), problem.gradient(x)
    del points[:]
    assert check_point(problem, x).ok
    assert len(points) == 2
    assert all((point >= x).all() for point in points), "steps go into the bounds"


# ---- what is right is not accused
@pytest.mark.filterwarnings("ignore:trust-constr")
@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize("solver", ["ipopt", "trust-constr"])
def test_no_problem_of_the_collection_is_accused(name, solver):
    record = registry.get(name)
    problem = record.build(**record.sizes["small"]).problem()
    try:
        x = solvers.solve(problem, solver, time_limit=0.3).x
    except NonFiniteError as error:  # trust-constr leaves the domain of some
        x = error.result.x
    found = check_point(problem, x)
    assert found.ok, str(found)
    assert found.value_error < 1e-10
    if name in WELL_SCALED:  # in others terms cancel, and slopes are rounded more than values
        assert found.derivative_error < 1e-9


@pytest.mark.parametrize("make", [HS071, Chain, Rosenbrock])
def test_no_hand_written_problem_is_accused(make):
    result = solvers.solve(make())
    assert result.success
    assert result.verification.method == "differences"


def stepped(x):
    return x[1] * np.round(x[1]) + np.floor(x[0])


def rough(x):
    return float(np.round(np.sum(x**2) * 1e7) / 1e7)


SMOOTH_EXCEPT = {
    "abs at 0": (lambda x: np.sum(np.abs(x)), [0.0, 0.0]),
    "max of equals": (lambda x: np.maximum(x[0], x[1]) - 2 * np.maximum(x[1], x[0]), [1.0, 1.0]),
    "max less abs": (lambda x: np.maximum(x[0], 0.0) - np.abs(x[1]), [0.0, 0.0]),
    "a branch at its edge": (lambda x: np.where(x[0] > 0, x[0] ** 2, -x[0]) + x[1], [0.0, 1.0]),
    "a jump at its edge": (lambda x: np.where(x[0] > 1, 5.0, x[0]) + x[1], [1.0, 1.0]),
    "steps at an integer": (stepped, [2.0, 3.0]),
    "hypot near 0": (lambda x: np.hypot(x[0], x[1]), [1e-9, 1e-9]),
    "sqrt near 0": (lambda x: np.sum(np.sqrt(x)), [1e-12, 1e-300]),
    "power 1.5 at 0": (lambda x: np.sum(np.power(x, 1.5)), [0.0, 1.0]),
    "large and small": (lambda x: 1e12 * x[0] + 1e-12 * x[1] ** 2, [1e6, 1e-6]),
    "cancellation": (lambda x: (1e9 + x[0]) - (1e9 - x[1]) + np.sin(1e6 * x[0]), [0.3, 0.7]),
    "one less one": (lambda x: 1e8 * (np.sin(x[0]) ** 2 + np.cos(x[0]) ** 2) + x[1], [0.3, 0.7]),
    "flat exponentials": (lambda x: np.exp(-1e3 * x[0]) + np.exp(30 * x[1]), [1.0, 1.0]),
    "no complex form": (lambda x: np.sum(np.fmod(x, 0.3)) + np.logaddexp(x[0], x[1]), [1.0, 0.6]),
    "angles": (lambda x: np.arctan2(x[0], x[1]) + np.cbrt(x[0]), [0.0, -1.0]),
    "high powers": (lambda x: x[0] ** 201 + x[1] ** 7, [-1.01, -2.0]),
}


@pytest.mark.parametrize("case", SMOOTH_EXCEPT)
def test_kinks_scales_and_rounding_are_no_wrong_derivatives(case):
    function, point = SMOOTH_EXCEPT[case]
    point = np.array(point)
    model = so.Model(case.replace(" ", "_"))
    x = model.variable("x", 2, start=1.0)
    model.minimize(function(x))
    model.subject_to(function(x) * np.ones(2) + x, lower=0.0, name="rows")
    problem = model.problem()
    if np.isfinite(problem.gradient(point)).all():
        found = check_point(problem, point)
        assert found.ok, str(found)


@pytest.mark.parametrize("point", [[0.3, 0.4], [0.0, 0.0], [1e6, 1e-6]])
@pytest.mark.parametrize("method", ["auto", "central"])
def test_a_rough_external_function_is_not_accused(point, method):
    f = so.external(
        rough, jacobian=(lambda x: 2 * x.reshape(1, -1)) if method == "auto" else None, check=False
    )
    model = so.Model()
    x = model.variable("x", 2, start=1.0)
    model.minimize(f(x))
    found = check_point(model.problem(), np.array(point))
    assert found.ok, str(found)


def test_an_external_function_that_cannot_be_called_beside_the_point_is_not_accused():
    def only_there(x):
        if x[0] != 1.0:
            raise ValueError("not there")
        return float(x[0])

    f = so.external(only_there, jacobian=lambda x: np.ones((1, 1)), check=False)
    model = so.Model()
    x = model.variable("x", 1, start=1.0)
    model.minimize(f(x))
    found = check_point(model.problem(), np.array([1.0]))
    assert found.ok
    assert found.method == "nothing"


UNARY = [np.sin, np.cos, np.tanh, np.exp, np.abs, np.arctan, lambda x: x**3, lambda x: x * x]
BINARY = [
    *(np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.arctan2, np.hypot),
    lambda a, b: a / (1.0 + b * b),
    lambda a, b: np.where(a > b, a * b, a + b),
]
steps = st.lists(
    st.tuples(st.integers(0, 16), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8
)
coordinate = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0]) | st.floats(-3.0, 3.0)


def program(recipe, x):
    values = [x, x[::-1], 1.0 + 0.5 * x]
    for function, first, second in recipe:
        a, b = values[first % len(values)], values[second % len(values)]
        made = UNARY[function](a) if function < 8 else BINARY[function - 8](a, b)
        values.append(np.tanh(made) if len(values) > 6 else made)
    return values[-1] + 0.1 * values[-2]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.lists(coordinate, min_size=3, max_size=3))
def test_random_programs_are_not_accused_and_their_wrong_entries_are_found(recipe, point):
    model = so.Model("random", backend="numpy", lift_bounds=False)
    x = model.variable("x", 3, start=1.0)
    rows = program(recipe, x)
    model.minimize(np.sum(rows))
    model.subject_to(rows + x, lower=-100.0, name="rows")
    problem, point = model.problem(), np.array(point)
    jacobian = problem.jacobian_values(point)
    if not (np.isfinite(jacobian).all() and np.isfinite(problem.gradient(point)).all()):
        return
    found = check_point(problem, point)
    assert found.ok, str(found)
    if jacobian.size < 2 or np.abs(jacobian).max() > 1e3:
        return
    spoiled = problem.evaluator.jacobian_values
    problem.evaluator.jacobian_values = lambda x, out=None: (
        spoiled(x) + 0.25 * (np.arange(jacobian.size) == 1)
    )
    found = check_point(problem, point)
    pattern = problem.jacobian_pattern
    assert found.wrong[0].row == f"rows[{pattern.rows[1]}]"
    assert found.wrong[0].column == f"x[{pattern.cols[1]}]"
