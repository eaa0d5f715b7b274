"""Derivatives of solutions by parameters: by hand, and against solutions nearby."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.fitting.moved_calls import differentiate_calls
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Call, Gather, Input

TIGHT = {"tol": 1e-12}
STEP = 1e-4


def nearby(model, name, variable, element, step=STEP):
    """Return the central difference of a variable by an element of a parameter."""
    base = np.array(model.solve(options=TIGHT)[name], np.float64)
    values = []
    for sign in (1.0, -1.0):
        moved = base.copy()
        moved.reshape(-1)[element] += sign * step
        model.set(**{name: moved})
        values.append(np.array(model.solve(options=TIGHT)[variable]))
    model.set(**{name: base})
    return (values[0] - values[1]) / (2 * step)


def budget():
    """Return a model with an equality, an active inequality, an active bound and a free variable.

    At the solution x[2] = 0 by its bound and x[0] + x[1] = c.
    """
    m = so.Model("budget")
    x = m.variable("x", shape=3, lower=[-9.0, -9.0, 0.0], start=1.0)
    y = m.variable("y", start=1.0)
    k = m.parameter("k", [[2.0, 3.0, -1.0]])
    c = m.parameter("c", 4.0)
    m.minimize(np.sum((x - k[0]) ** 2 * np.array([1.0, 3.0, 1.0])) + (y - x[0] * x[1]) ** 2)
    m.subject_to(x[0] + x[1] + x[2] <= c, name="total")
    m.subject_to(y == c * x[0], name="line")
    return m


def nonlinear(seed):
    """Return a strictly convex model with random data, inequalities and bounds."""
    rng = np.random.default_rng(seed)
    m = so.Model("random")
    x = m.variable("x", shape=6, lower=-0.5, upper=0.6, start=0.1)
    k = m.parameter("k", rng.normal(size=(2, 3)))
    weights = rng.normal(size=(4, 6))
    flat = k.reshape(-1)
    m.minimize(np.sum(np.cosh(x - flat)) + 0.1 * np.sum((weights @ x - np.sin(flat[:4])) ** 2))
    m.subject_to(np.sum(x**2) <= 0.9 + 0.1 * flat[0] ** 2, name="ball")
    m.subject_to(x[0] * flat[1] + x[3] == 0.2, name="plane")
    return m


def test_the_minimum_of_a_parabola_follows_its_parameter():
    m = so.Model()
    x, k = m.variable("x"), m.parameter("k", 2.0)
    m.minimize((x - k**2) ** 2 + 5.0 * k)
    S = so.sensitivities(m.solve())
    assert S["x", "k"] == pytest.approx(4.0)
    assert S.objective("k") == pytest.approx(5.0)


def test_multipliers_have_derivatives_too():
    """min x²/2 - k x with x = 3: λ = k - 3."""
    m = so.Model(lift_bounds=False)
    x, k = m.variable("x"), m.parameter("k", 1.0)
    m.minimize(x**2 / 2 - k * x)
    m.subject_to(x == 3.0, name="fixed")
    s = m.solve()
    S = so.sensitivities(s)
    assert s.dual("fixed") == pytest.approx(-2.0)
    assert S["x", "k"] == pytest.approx(0.0)
    assert S["fixed", "k"] == pytest.approx(1.0)


def test_a_row_that_became_a_bound_has_its_multipliers_derivative():
    m = so.Model()
    x, k = m.variable("x"), m.parameter("k", 1.0)
    m.minimize(x**2 / 2 - k * x)
    m.subject_to(2.0 * x == 6.0, name="fixed")
    S = so.sensitivities(m.solve())
    assert S["fixed", "k"] == pytest.approx(0.5)


def test_a_maximized_objective_keeps_the_users_sign():
    m = so.Model()
    x, k = m.variable("x"), m.parameter("k", 3.0)
    m.maximize(k * x - x**2)
    S = so.sensitivities(m.solve())
    assert S.objective("k") == pytest.approx(1.5)
    assert S["x", "k"] == pytest.approx(0.5)
    assert S.forward(k=2.0).objective == pytest.approx(3.0)


def test_active_bounds_stay_and_active_rows_are_followed():
    m = budget()
    S = so.sensitivities(m.solve(options=TIGHT))
    by_k = S["x", "k"]
    assert by_k.shape == (3, 1, 3)
    assert by_k[2] == pytest.approx(np.zeros((1, 3)), abs=1e-9)
    for element in range(3):
        assert by_k[:, 0, element] == pytest.approx(nearby(m, "k", "x", element), abs=1e-6)
    assert S["x", "c"] == pytest.approx(nearby(m, "c", "x", 0), abs=1e-6)
    assert S["y", "c"] == pytest.approx(nearby(m, "c", "y", 0), abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_random_models_agree_with_solutions_nearby(seed):
    m = nonlinear(seed)
    solution = m.solve(options=TIGHT)
    by_k = so.sensitivities(solution)["x", "k"].reshape(6, 6)
    for element in range(6):
        assert by_k[:, element] == pytest.approx(nearby(m, "k", "x", element), abs=2e-6)


def test_products_agree_with_the_whole_derivative():
    m = nonlinear(1)
    S = so.sensitivities(m.solve(options=TIGHT))
    rng = np.random.default_rng(0)
    direction, weights = rng.normal(size=(2, 3)), rng.normal(size=6)
    whole = S["x", "k"]
    change = S.forward(k=direction)
    assert change["x"] == pytest.approx(np.tensordot(whole, direction, 2))
    assert change["ball"] == pytest.approx(np.tensordot(S["ball", "k"], direction, 2))
    assert change.objective == pytest.approx(np.sum(S.objective("k") * direction))
    assert S.adjoint(x=weights)["k"] == pytest.approx(np.tensordot(weights, whole, 1))


def test_one_factorization_serves_everything_and_a_product_is_one_solve():
    m = nonlinear(2)
    S = so.sensitivities(m.solve())
    before = S.system.num_solves
    S.forward(k=1.0)
    assert S.system.num_solves == before + 1
    S.adjoint(x=1.0)
    assert S.system.num_solves == before + 2
    S.objective("k")
    assert S.system.num_solves == before + 2
    S["x", "k"]
    assert S.system.num_solves == before + 8
    assert S.system.num_factorizations == 1


def test_few_outputs_of_many_parameters_take_adjoint_solves():
    m = so.Model()
    x = m.variable("x", shape=2)
    k = m.parameter("k", np.arange(500.0) / 500)
    m.minimize(np.sum((x[0] - k) ** 2) + (x[1] - np.sum(np.sin(k))) ** 2)
    S = so.sensitivities(m.solve())
    before = S.system.num_solves
    found = S["x", "k"]
    assert S.system.num_solves == before + 2
    assert found[0] == pytest.approx(np.full(500, 1 / 500))
    assert found[1] == pytest.approx(np.cos(np.arange(500.0) / 500))


def test_expressions_have_total_derivatives():
    model, (x, k) = two_arrays()
    S = so.sensitivities(model.solve(options=TIGHT))
    by_k = S["x", "k"]
    at, p = np.array([3.0, 5.0]), np.array([1.5, 2.5])
    expected = np.diag(at) + np.diag(p) @ by_k
    assert S.of(x * k, "k") == pytest.approx(expected)
    assert S.of(np.sum(x * k), "k") == pytest.approx(expected.sum(axis=0))


def two_arrays():
    m = so.Model()
    x = m.variable("x", shape=2)
    k = m.parameter("k", [1.5, 2.5])
    m.minimize(np.sum((x - 2.0 * k) ** 2))
    return m, (x, k)


def test_the_parameters_are_those_of_the_solve_and_not_todays():
    m = so.Model()
    x, k = m.variable("x"), m.parameter("k", 2.0)
    m.minimize((x - k**3) ** 2)
    solution = m.solve()
    m.set(k=100.0)
    assert so.sensitivities(solution)["x", "k"] == pytest.approx(12.0)
    assert m.problem().evaluator.parameters.tolist() == [100.0]


def test_chosen_parameters_leave_the_others_alone():
    m, _ = two_arrays()
    m.parameter("unused", 1.0)
    S = so.sensitivities(m.solve(), "k")
    assert S.parameters == ("k",)
    with pytest.raises(so.ProblemError, match="unused"):
        S["x", "unused"]


def test_dependent_constraints_are_named():
    m = so.Model()
    x, k = m.variable("x", shape=3), m.parameter("k", 1.0)
    m.minimize(np.sum((x - k) ** 2))
    m.subject_to(x[0] + x[1] == k, name="first")
    m.subject_to(2 * x[0] + 2 * x[1] == 2 * k, name="second")
    m.subject_to(x[1] + x[2] == k, name="third")
    with pytest.raises(so.DegenerateSolutionError, match="first and second") as caught:
        so.sensitivities(m.solve())
    assert caught.value.names == ("first", "second")


def test_what_nothing_determines_is_named():
    m = so.Model()
    x, k = m.variable("x", shape=3), m.parameter("k", 1.0)
    m.minimize((x[0] + 2 * x[1] - k) ** 2 + (x[2] - k) ** 2)
    with pytest.raises(so.DegenerateSolutionError, match="nothing changes") as caught:
        so.sensitivities(m.solve())
    assert set(caught.value.names) == {"x[0]", "x[1]"}


def test_a_weakly_active_bound_is_warned_of_by_name():
    m = so.Model()
    x, k = m.variable("x", lower=1.0), m.parameter("k", 1.0)
    m.minimize((x - k) ** 2)
    solution = m.solve(options=TIGHT)
    with pytest.warns(so.DegenerateSolutionWarning, match="x of 'model' touch"):
        so.sensitivities(solution)


def cubic(u, x, p):
    return u**3 + u - x * p


def through_implicit(x, p):
    return so.implicit(cubic, np.ones(1), x, p)[0]


def through_linear_solve(x, p):
    values = np.stack([2.0 + p, x, p**2, 3.0])
    return so.linear_solve((values, ([0, 0, 1, 1], [0, 1, 0, 1])), np.stack([p, x]))[0]


def through_linear_solve_of_parameters(x, p):
    values = np.stack([2.0 + p, p, p**2, 3.0])
    return so.linear_solve((values, ([0, 0, 1, 1], [0, 1, 0, 1])), np.stack([p, 0.5 * p]))[0] * x


def through_external(x, p):
    def response(x, p):
        return np.array([np.sin(x) * p + p**2 / 5.0])

    return so.external(response, 1)(x, p)[0]


def through_scan(x, p):
    def step(c, r):
        return c + 0.1 * (p * x * r - c**2), None

    return so.scan(step, np.ones(1), np.ones(20))[0][0]


CALLS = (
    through_implicit,
    through_linear_solve,
    through_linear_solve_of_parameters,
    through_external,
    through_scan,
)


@pytest.mark.parametrize("call", CALLS)
def test_functions_that_are_not_numpy_have_derivatives_by_parameters(call):
    m = so.Model()
    x, p = m.variable("x", start=1.0), m.parameter("p", 0.8)
    m.minimize((call(x, p) - 1.3) ** 2 + 0.3 * (x - 2 * p) ** 2)
    S = m.solve(options=TIGHT).sensitivities()
    assert S["x", "p"] == pytest.approx(nearby(m, "p", "x", 0), rel=1e-5)
    assert S.of(call(x, p), "p") == pytest.approx(
        S["x", "p"] * slope(call, m, 0) + slope(call, m, 1), rel=1e-5
    )


def slope(call, model, argument):
    """Return the difference quotient of a call by x or p at the model's solution."""
    solution = model.solve(options=TIGHT)
    at = np.array([solution["x"], solution["p"]])
    step = np.zeros(2)
    step[argument] = 1e-6
    values = [np.asarray(call(*(at + sign * step)), np.float64) for sign in (1, -1)]
    return (values[0] - values[1]) / 2e-6


def test_a_call_without_derivatives_by_a_parameter_is_an_error():
    node = Call(OnlyFirst(), input_pair(), None)
    with pytest.raises(so.DerivativeError, match="only first has no derivatives"):
        differentiate_calls([node], {node.args[0].args[1]})
    (same,) = differentiate_calls([node], {node.args[0].args[0]})
    assert same.function is node.function


class OnlyFirst:
    """A function of two numbers that leaves the second one out."""

    name, size_in, size_out = "only first", 2, 1
    active = np.array([True, False])


def input_pair():
    pair = Input("a", 1), Input("b", 1)
    return Gather(pair, StridedIndex.of(0, (2,), (1,)))


def test_unknown_names_get_advice():
    m, _ = two_arrays()
    solution = m.solve()
    with pytest.raises(so.ProblemError, match="did you mean 'k'"):
        so.sensitivities(solution, "kk")
    S = so.sensitivities(solution)
    with pytest.raises(so.ProblemError, match="no variable and no constraint"):
        S["z", "k"]
    with pytest.raises(so.ProblemError, match="two names"):
        S["x"]
    with pytest.raises(so.ShapeError, match="direction"):
        S.forward(k=[1.0, 2.0, 3.0])
    with pytest.raises(so.ProblemError, match="no variable"):
        S.adjoint(k=1.0)


def test_a_model_without_parameters_has_no_sensitivities():
    m = so.Model()
    x = m.variable("x")
    m.minimize(x**2)
    with pytest.raises(so.ProblemError, match="no parameters"):
        so.sensitivities(m.solve())


def test_a_failed_solve_has_no_sensitivities():
    m = so.Model()
    x, k = m.variable("x"), m.parameter("k", 1.0)
    m.minimize(x**2 * k)
    m.subject_to(x**2 <= -1.0)
    with pytest.raises(so.SolveFailedError):
        so.sensitivities(m.solve())
