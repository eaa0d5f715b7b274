"""States defined by equations: closed forms, differences, Taylor rates, counts, failures."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import sparseopt as so
from sparseopt.codegen.compile import counts
from sparseopt.graph.interpret import interpret
from sparseopt.tracing.trace import trace
from tests.implicit_functions.counted import Counted, taylor_rates

N = 12


def heat(u, k, q):
    """Steady heat in a rod with conductivities exp(k) and a nonlinear sink."""
    inside = np.concatenate([np.zeros(1), u, np.zeros(1)])
    flux = np.exp(k) * np.diff(inside) * (N + 1)
    return -np.diff(flux) * (N + 1) + q[0] * u**3 + np.sin(q[1]) * u - 10.0


def temperature(p):
    return so.implicit(heat, np.zeros(N), p[: N + 1], p[N + 1 :])


def misfit(p):
    u = temperature(p)
    return np.sum((u - 0.5) ** 2 * np.exp(0.1 * u)) + 0.1 * p @ p


POINT = np.random.default_rng(3).uniform(-0.4, 0.4, N + 3)
DIRECTION = np.random.default_rng(4).normal(size=N + 3)


def cubic(u, p):
    return u**3 + u - p


def test_closed_forms_of_value_and_derivatives():
    u = np.array([1.0, 2.0, -0.5])
    p = u**3 + u
    solved = so.pushforward(lambda q: so.implicit(cubic, np.zeros(3), q), p)
    np.testing.assert_allclose(solved(p, np.ones(3)), 1.0 / (3.0 * u**2 + 1.0), rtol=1e-13)
    H = so.hessian(lambda q: np.sum(so.implicit(cubic, np.zeros(3), q)), p)
    np.testing.assert_allclose(H(p).diagonal(), -6.0 * u / (3.0 * u**2 + 1.0) ** 3, rtol=1e-12)
    np.testing.assert_allclose(so.implicit(cubic, np.zeros(3), p), u, rtol=1e-14)


def test_gradients_and_products_agree_with_differences_and_matrices():
    value, slope = so.value_and_gradient(misfit, POINT), so.gradient(misfit, POINT)
    product, H = so.hessian_vector_product(misfit, POINT), so.hessian(misfit, POINT)
    h = 1e-5
    there, back = (value(POINT + t * DIRECTION)[0] for t in (h, -h))
    assert slope(POINT) @ DIRECTION == pytest.approx((there - back) / (2 * h), rel=1e-6)
    change = slope(POINT + h * DIRECTION) - slope(POINT - h * DIRECTION)
    curved = product(POINT, DIRECTION)
    np.testing.assert_allclose(curved, change / (2 * h), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(H(POINT) @ DIRECTION, curved, rtol=1e-10, atol=1e-12)


def test_the_jacobian_is_the_same_by_columns_and_by_rows():
    wide, tall = (
        so.jacobian(temperature, POINT),
        so.jacobian(lambda q: temperature(np.concatenate([POINT[:-2], q])), POINT[-2:]),
    )
    np.testing.assert_allclose(
        tall(POINT[-2:]).toarray(), wide(POINT).toarray()[:, -2:], rtol=1e-10
    )


def test_taylor_remainders_fall_with_orders_two_and_three():
    first, second = taylor_rates(Counted(misfit, N + 3), POINT, 0.3 * DIRECTION)
    assert first == pytest.approx(2.0, abs=0.1)
    assert second == pytest.approx(3.0, abs=0.1)


def test_the_interpreter_and_the_compiled_code_agree():
    program, _ = trace(misfit, (N + 3,))
    (value,) = interpret(program, POINT, np.zeros(0))
    assert value[0] == pytest.approx(so.value_and_gradient(misfit, POINT)(POINT)[0], rel=1e-13)


def test_traced_values_around_the_residual_have_derivatives_too():
    def captured(p):
        k = p[: N + 1] * 1.0
        return np.sum(so.implicit(lambda u: heat(u, k, p[N + 1 :]), np.zeros(N)) ** 2)

    given = so.gradient(lambda p: np.sum(temperature(p) ** 2), POINT)
    np.testing.assert_allclose(so.gradient(captured, POINT)(POINT), given(POINT), rtol=1e-11)


def test_a_traced_guess_has_no_derivatives_and_other_arguments_pass():
    def f(p):
        return np.sum(so.implicit(lambda u, q, power: u**power - q, p, p, 2) ** 3)

    p = np.array([4.0, 9.0])
    np.testing.assert_allclose(so.gradient(f, p)(p), 1.5 * np.sqrt(p), rtol=1e-12)


def test_states_of_any_shape_keep_it():
    p = np.array([[2.0, 10.0], [30.0, 68.0]])
    assert so.implicit(cubic, np.ones((2, 2)), p).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    J = so.jacobian(lambda q: so.implicit(cubic, np.ones((2, 2)), q), p)
    np.testing.assert_allclose(J(p).diagonal(), [1 / 4, 1 / 13, 1 / 28, 1 / 49], rtol=1e-12)


def test_equations_inside_equations():
    def outer(u, p):
        return u + 0.3 * so.implicit(cubic, np.zeros(2), u) - p

    def f(p):
        return np.sum(so.implicit(outer, np.zeros(2), p) ** 2)

    w = np.array([0.5, 1.0])
    u = w**3 + w
    p = u + 0.3 * w
    u_p = 1.0 / (1.0 + 0.3 / (3 * w**2 + 1))
    np.testing.assert_allclose(so.gradient(f, p)(p), 2 * u * u_p, rtol=1e-12)
    slope, h = so.gradient(f, p), 1e-5
    H = so.hessian(f, p)(p).diagonal()
    np.testing.assert_allclose(H, (slope(p + h) - slope(p - h)) / (2 * h), rtol=1e-8)


def test_equations_inside_equations_with_the_same_argument():
    def outer(u, p):
        return 2.0 * u + so.implicit(cubic, np.ones(2), p) - p

    w = np.array([1.0, 2.0])  # of w³ + w = p; u = (p - w) / 2
    p = w**3 + w
    J = so.jacobian(lambda p: so.implicit(outer, np.zeros(2), p), p)(p)
    np.testing.assert_allclose(J.diagonal(), 0.5 - 0.5 / (3.0 * w**2 + 1.0), rtol=1e-12)


def test_a_solution_of_zero_is_found_from_anywhere():
    for guess in (0.0, 0.3):
        root = so.implicit(lambda u, p: np.exp(u) * p + np.sin(u + p) - p - np.sin(p), guess, 2.7)
        assert abs(root) < 1e-15
    assert abs(so.implicit(lambda u, p: np.cos(u + np.pi / 2) + p, 0.3, 0.0)) < 1e-15


def test_small_unknowns_beside_large_ones_are_resolved():
    def mixed(u, p):
        return np.stack([u[0] - 1e6 * p, u[1] * u[0] - 1.0, np.exp(u[2]) - 1.0 - 1e-9 * p])

    found = so.implicit(mixed, np.ones(3), 2.0)
    np.testing.assert_allclose(found, [2e6, 5e-7, 2e-9], rtol=1e-6)


# ---- cost
def test_other_numbers_need_no_new_compilation():
    residual = lambda u, p, k: u**3 * k + u - p  # noqa: E731
    so.implicit(residual, np.ones(2), np.array([2.0, 10.0]), 1.0)
    before = dict(counts)
    found = so.implicit(residual, np.ones(2), np.array([30.0, 68.0]), 1.0)
    np.testing.assert_allclose(found, [3.0, 4.0], rtol=1e-14)
    assert counts == before


def test_numbers_that_a_residual_branches_on_are_taken_as_they_are():
    def residual(u, p, table):
        return u * p - table[int(p)] if p > 1.0 else u + p

    assert so.implicit(residual, 1.0, 2.0, [5.0, 6.0, 8.0]) == 4.0
    assert so.implicit(residual, 1.0, 0.5, None) == -0.5


def test_a_gradient_costs_one_transposed_solve_and_a_product_two_more():
    f = Counted(misfit, N + 3)
    f.value(POINT)
    f.since()
    f.gradient(POINT)
    assert f.since() == (0, 1, 1), "the factors at the solution are made for the first derivative"
    f.product(POINT, DIRECTION)
    assert f.since() == (1, 1, 0)
    f.value(POINT + 0.01)
    f.since()
    f.product(POINT + 0.01, DIRECTION)
    assert f.since() == (1, 2, 1)


def test_linear_equations_are_factored_once():
    def line(u, p):
        return 2.0 * u - np.roll(u, 1) - p

    f = Counted(lambda p: np.sum(so.implicit(line, np.zeros(5), p) ** 2), 5)
    f.gradient(np.arange(5.0) + 0.5)
    assert f.since() == (0, 1, 1)


def test_a_nearby_solve_starts_from_the_last_solution():
    cold, warm = (
        Counted(
            lambda p, k=k: np.sum(
                so.implicit(heat, np.zeros(N), p[: N + 1], p[N + 1 :], warm_start=k)
            ),
            N + 3,
        )
        for k in (False, True)
    )
    counts = []
    for f in (cold, warm):
        f.value(POINT)
        f.since()
        f.value(POINT + 1e-4)
        counts.append(f.since()[2])
    assert counts[1] <= counts[0]


def test_values_do_not_depend_on_what_was_asked_before():
    one, other = Counted(misfit, N + 3), Counted(misfit, N + 3)
    one.value(POINT + 1.0)
    one.value(POINT - 0.5)
    assert one.value(POINT) == pytest.approx(other.value(POINT), rel=1e-13)


# ---- failures
def square(u, p):
    return u**2 - p


def root_model(start):
    m = so.Model()
    p = m.variable("p", 2, start=start)
    m.minimize(np.sum((so.implicit(square, np.ones(2), p) - 0.5) ** 2))
    return m


def test_no_solution_at_the_start_is_an_error_with_the_parameters():
    with pytest.raises(so.InnerSolveError, match=r"square\) has no solution") as error:
        root_model(-2.0).solve()
    assert error.value.parameters.tolist() == [-2.0, -2.0]
    assert error.value.residual_norms[0] == 3.0
    assert "test_implicit.py" in error.value.where


@pytest.mark.parametrize("solver", ["ipopt", "trust-krylov", "trust-ncg"])
def test_a_solver_steps_back_from_points_without_solution(solver):
    solution = root_model(4.0).solve(solver=solver)
    assert solution.status.success
    np.testing.assert_allclose(solution["p"], 0.25, atol=1e-4)


def test_without_traced_arguments_no_solution_is_an_error_at_once():
    with pytest.raises(so.InnerSolveError, match="square") as error:
        so.implicit(square, np.ones(2), np.array([-1.0, 4.0]))
    assert len(error.value.residual_norms) > 1


def test_a_singular_jacobian_names_equations_and_lines():
    def balance(u, p):
        return np.stack([u[0] + u[1] - p[0], 2.0 * u[0] + 2.0 * u[1] - p[1]])

    with pytest.raises(so.InnerSolveError, match="singular") as error:
        so.implicit(balance, np.zeros(2), np.array([1.0, 3.0]))
    assert "balance[0]" in error.value.why
    assert "test_implicit.py" in error.value.why
    assert isinstance(error.value.__cause__, so.SingularMatrixError)


def test_structurally_singular_equations_are_an_error_when_declared():
    def forgotten(u, p):
        return np.stack([u[0] - p[0], u[0] ** 2 - p[1], u[1] * u[2]])

    with pytest.raises(so.SingularMatrixError, match="forgotten") as error:
        so.gradient(lambda p: np.sum(so.implicit(forgotten, np.zeros(3), p)), np.ones(2))
    assert "forgotten[0]" in error.value.why
    assert sorted(error.value.rows) == [0, 1]


def test_options_and_shapes_that_make_no_sense_are_refused():
    with pytest.raises(so.ShapeError, match="3,"):
        so.implicit(lambda u, p: u[:2] - p, np.zeros(3), np.zeros(2))
    with pytest.raises(so.ProblemError, match="tolerance"):
        so.implicit(square, np.ones(1), np.ones(1), tolerance=0.0)
    for count in (0, 2.5, True):
        with pytest.raises(so.ProblemError, match="max_iterations"):
            so.implicit(square, np.ones(1), np.ones(1), max_iterations=count)
    with pytest.raises(so.ProblemError, match="tolerance"):
        so.implicit(square, np.ones(1), np.ones(1), tolerance="tight")
    with pytest.raises(so.UnknownSolverError, match="superlo"):
        so.gradient(lambda p: so.implicit(square, np.ones(1), p, backend="superlo")[0], np.ones(1))


@pytest.mark.parametrize(
    ("guess", "kind", "match"),
    [
        (np.ones(2) * 1j, so.ProblemError, "guess of implicit is complex"),
        ("ab", so.ProblemError, "guess of implicit is not made of numbers"),
        ([1.0, np.nan], so.NonFiniteError, "guess of implicit is nan in 1 of 2 elements"),
    ],
)
def test_a_guess_that_is_no_real_numbers_is_refused(guess, kind, match):
    with pytest.raises(kind, match=match) as error:
        so.implicit(square, guess, 1.0)
    assert "test_implicit.py" in error.value.where


@pytest.mark.parametrize("residual", [3, lambda u: u])
def test_a_residual_that_cannot_be_called_with_its_arguments_is_refused(residual):
    with pytest.raises(so.TracingError, match="no function of 2 arguments"):
        so.implicit(residual, np.ones(2), 1.0)


def test_an_equation_that_is_not_finite_at_the_guess_is_named():
    with pytest.raises(so.InnerSolveError, match="residual 1 is nan") as error:
        so.implicit(lambda u, p: np.log(u) - p, np.array([1.0, -1.0]), 0.5, name="balance")
    assert "balance[1] at " in error.value.why
    assert "parameters [0.5]" in error.value.why


def test_a_residual_that_changes_between_calls_is_refused():
    calls = []

    def restless(u, p):
        calls.append(1)
        return u * len(calls) - p

    with pytest.raises(so.TracingError, match="something else"):
        so.gradient(lambda p: np.sum(so.implicit(restless, np.ones(2), p)), np.ones(2))


def test_equations_of_a_model_are_part_of_its_constraints():
    m = so.Model()
    p = m.variable("p", 3, start=2.0)
    u = so.implicit(cubic, np.ones(3), p)
    m.minimize(np.sum(p**2))
    m.subject_to(u >= 1.0)
    solution = m.solve()
    np.testing.assert_allclose(solution["p"], 2.0, atol=1e-6)


def test_plain_minimize_takes_them():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = so.minimize(
            lambda p: np.sum((so.implicit(cubic, np.ones(2), p) - [1.0, 2.0]) ** 2),
            np.ones(2),
            method="trust-constr",
        )
    np.testing.assert_allclose(found.x, [2.0, 10.0], rtol=1e-3)


def test_parameters_of_a_model_change_without_a_new_trace():
    m = so.Model()
    q = m.parameter("q", np.ones(2))
    p = m.variable("p", 2, start=1.0)
    u = so.implicit(lambda u, p, q: q * u**3 + u - p, np.ones(2), p, q)
    m.minimize(np.sum((u - 2.0) ** 2))
    for value in (1.0, 3.0):
        m.set(q=np.full(2, value))
        np.testing.assert_allclose(m.solve()["p"], 8.0 * value + 2.0, rtol=1e-6)
