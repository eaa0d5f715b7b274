"""Solves in reduced space: the same solution as in full space, and what is said of failures."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from problems.pde import (
    bratu_control,
    heat_identification,
    maurer_mittelmann_distributed_dirichlet,
    reaction_rates,
)
from sparseopt.errors import InnerSolveError, SolverError
from sparseopt.tracing.trace import input_array
from tests.reduction.small_models import linear, reaction, root

TIGHT = {"tol": 1e-11}
METHODS = ["L-BFGS-B", "trust-krylov", "trust-constr", "TNC", "Newton-CG", "BFGS", "SLSQP"]


@pytest.mark.parametrize("method", [*METHODS, "trust-ncg", "CG", "ipopt", "auto"])
def test_every_method_finds_the_optimum_of_the_full_problem(method):
    model = reaction()
    full = model.solve(options=TIGHT)
    found = model.reduce("u", by="pde").solve(method)
    assert found.success, found.message
    assert found.objective == pytest.approx(full.objective, rel=1e-6)
    np.testing.assert_allclose(found["p"], full["p"], atol=2e-4)
    np.testing.assert_allclose(found.dual("pde"), full.dual("pde"), atol=2e-4)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_a_solution_is_that_of_the_full_problem_with_names_and_the_users_signs(sense):
    model = reaction(sense=sense)
    full, found = model.solve(options=TIGHT), model.reduce("u", by="pde").solve("trust-krylov")
    assert found.problem is model.problem()
    assert found.objective == pytest.approx(full.objective, rel=1e-10)
    for name in ("u", "p"):
        np.testing.assert_allclose(found[name], full[name], atol=1e-7)
    np.testing.assert_allclose(found.dual("pde"), full.dual("pde"), atol=1e-7)
    np.testing.assert_allclose(found.sensitivity("pde"), full.sensitivity("pde"), atol=1e-7)
    assert found.outcome.optimality.stationarity < 1e-8
    assert found.outcome.optimality.feasibility < 1e-12
    assert found.outcome.verification.method == "complex step"
    assert found.outcome.verification.ok
    assert found.evaluations["linear_solve"] > found.evaluations["gradient"]
    assert "reaction" in found.report()


@pytest.mark.parametrize("method", ["L-BFGS-B", "trust-constr"])
@pytest.mark.parametrize(
    ("model", "states", "by"),
    [
        (heat_identification.build(8), "u", "heat_balance"),
        (bratu_control.build(8), "u", "bratu"),
    ],
)
def test_problems_have_the_same_optimum_in_full_and_in_reduced_space(model, states, by, method):
    full, found = model.solve(options=TIGHT), model.reduce(states, by).solve(method)
    assert found.success, found.message
    assert found.objective == pytest.approx(full.objective, rel=1e-6)
    np.testing.assert_allclose(found.x, full.x, atol=2e-5)
    np.testing.assert_allclose(found.dual(by), full.dual(by), atol=1e-6)


def test_states_of_an_evolution_without_its_first_frame_have_the_same_optimum():
    model = reaction_rates.build(8, 4)
    names = [f"{v}[{k}, {j}]" for v in "xy" for k in range(1, 5) for j in range(8)]
    full = model.solve(options=TIGHT)
    x, y = (variable_of(model, name) for name in "xy")
    reduced = model.reduce([x[1:], y[1:]], by=["x_balance", "y_balance"])
    found_names = [model.problem().variable_name(int(k)) for k in reduced.partition.states]
    assert found_names == names
    found = reduced.solve("trust-constr")
    assert found.success
    assert found.objective == pytest.approx(full.objective, rel=1e-8)
    np.testing.assert_allclose(found["k"], full["k"], atol=1e-6)


def variable_of(model, name):
    """Return a declared variable of a model that somebody else built."""
    declared = model._variables[name]
    return input_array(declared.node, declared.shape)


def with_limits():
    model = so.Model("limited")
    u = model.variable("u", shape=2)
    p = model.variable("p", shape=2, lower=-5.0, upper=5.0, start=0.5)
    model.minimize((u[0] - 3.0) ** 2 + (u[1] - 1.0) ** 2 + 0.1 * np.sum(p**2))
    model.subject_to(u + 0.1 * u**3 == np.stack([p[0] + p[1], p[0] - p[1]]), name="pde")
    model.subject_to(u[0] ** 2 + p[1] <= 3.0, name="limit")
    model.subject_to(p[0] - p[1] <= 0.5, name="order")
    return model


@pytest.mark.parametrize("method", ["trust-constr", "SLSQP", "ipopt"])
def test_further_rows_are_kept_and_have_their_multipliers(method):
    model = with_limits()
    full = model.solve(options=TIGHT)
    reduced = model.reduce("u", by="pde")
    assert reduced.num_constraints == 2
    found = reduced.solve(method)
    assert found.success, found.message
    assert found.objective == pytest.approx(full.objective, rel=1e-6)
    for name in ("limit", "order", "pde"):
        np.testing.assert_allclose(found.dual(name), full.dual(name), atol=1e-4)
    assert full.dual("limit") > 0.1


def test_rows_of_the_reduced_jacobian_are_those_of_differences():
    reduced = with_limits().reduce("u", by="pde")
    p, h = np.array([0.3, -0.4]), 1e-6
    columns = [
        (reduced.constraints(p + h * e) - reduced.constraints(p - h * e)) / (2 * h)
        for e in np.eye(2)
    ]
    np.testing.assert_allclose(reduced.jacobian(p).toarray(), np.stack(columns, 1), atol=1e-8)
    multipliers = np.array([0.7, -0.2])
    slopes = [
        reduced.gradient(p + h * e) + reduced.jacobian(p + h * e).T @ multipliers
        - reduced.gradient(p - h * e) - reduced.jacobian(p - h * e).T @ multipliers
        for e in np.eye(2)
    ]  # fmt: skip
    for k, e in enumerate(np.eye(2)):
        product = reduced.hessian_vector_product(p, multipliers, e)
        np.testing.assert_allclose(product, slopes[k] / (2 * h), atol=1e-7)


def test_methods_without_rows_say_which_ones_take_them():
    with pytest.raises(SolverError, match="2 constraints, which SciPy's L-BFGS-B cannot take"):
        with_limits().reduce("u", by="pde").solve("L-BFGS-B")


def bounded_state():
    model = linear()
    model.subject_to(model_state(model) <= 2.5, name="limit")
    return model


def model_state(model):
    return variable_of(model, "u")[0]


def test_a_violated_bound_of_a_state_makes_the_solution_infeasible_and_is_named():
    found = bounded_state().reduce("u", by=["sums", "differences"]).solve("L-BFGS-B")
    assert found.status is so.Status.INFEASIBLE
    assert r"bound of u[0] is violated by 0.5" in found.message
    assert "full space" in found.message


def test_of_several_violations_the_largest_is_named():
    model = bounded_state()
    p = variable_of(model, "p")
    model.subject_to(p[0] ** 2 + p[1] <= 4.9, name="nearly")
    found = model.reduce("u", by=["sums", "differences"]).solve("ipopt", {"tol": 1e-6})
    assert found.status is so.Status.INFEASIBLE
    assert "A bound of u[0] is violated" in found.message


@pytest.mark.parametrize("approximation", ["exact", "limited-memory"])
def test_ipopt_takes_a_matrix_of_second_derivatives_or_approximates_one(approximation):
    reduced = reaction().reduce("u", by="pde")
    found = reduced.solve("ipopt", {"hessian_approximation": approximation})
    assert found.success
    assert (found.evaluations["hessian"] > 0) == (approximation == "exact")


def test_automatically_few_parameters_with_bounds_are_found_by_ipopt():
    found = root(lower=0.0, upper=9.0).reduce("u", by="pde").solve()
    assert "ipopt" in found.outcome.solver.lower()
    assert found.success


@pytest.mark.parametrize("method", ["trust-constr", "SLSQP", "ipopt"])
def test_imposed_bounds_of_states_are_rows_and_have_the_multipliers_of_bounds(method):
    model = bounded_state()
    full = model.solve(options=TIGHT)
    reduced = model.reduce("u", by=["sums", "differences"], state_bounds="impose")
    assert [reduced.constraint_name(k) for k in range(reduced.num_constraints)] == ["u[0]"]
    found = reduced.solve(method)
    assert found.success, found.message
    np.testing.assert_allclose(found["u"], [2.5, 1.0], atol=1e-6)
    assert found.dual("limit") == pytest.approx(full.dual("limit"), abs=1e-5)
    assert found.dual("limit") == pytest.approx(1.0, abs=1e-5)


def test_states_with_active_bounds_have_the_same_optimum_as_rows():
    model = maurer_mittelmann_distributed_dirichlet.build(1, 5)
    full = model.solve(options=TIGHT)
    found = model.reduce("y", "diffusion", state_bounds="impose").solve("trust-constr")
    assert found.success, found.message
    assert found.objective == pytest.approx(full.objective, rel=1e-6)


@pytest.mark.parametrize("method", [*METHODS, "trust-ncg", "Nelder-Mead", "Powell", "ipopt"])
def test_a_step_to_a_point_without_states_is_taken_back(method):
    reduced = root().reduce("u", by="pde")
    found = reduced.solve(method)
    assert reduced.counts.failures > 0
    assert found.success, found.message
    assert float(found["u"]) == pytest.approx(0.3 / 1.01, abs=1e-3)


def test_a_start_without_states_is_an_error_that_names_it():
    with pytest.raises(InnerSolveError, match="at p = -1"):
        root().reduce("u", by="pde").solve("L-BFGS-B", start={"p": -1.0})


def test_a_start_gives_newton_its_first_guess():
    reduced = root().reduce("u", by="pde")
    assert float(reduced.solve("CG", options={"maxiter": 1}, start={"u": -1.0, "p": 4.0})["u"]) < 0


def test_a_solution_starts_the_next_solve():
    reduced = reaction().reduce("u", by="pde")
    first = reduced.solve("trust-krylov")
    second = reduced.solve("trust-krylov", start=first)
    assert second.iterations <= 1
    assert second.evaluations["newton"] <= first.evaluations["newton"]


def test_a_callback_sees_all_variables_and_can_stop_the_solve():
    seen = []

    def stop_after_two(iteration):
        seen.append(iteration.x)
        return len(seen) < 2

    model = reaction()
    found = model.reduce("u", by="pde").solve("L-BFGS-B", callback=stop_after_two)
    assert found.status is so.Status.STOPPED
    assert [x.size for x in seen] == [10, 10]
    assert np.abs(model.problem().constraints(seen[-1])).max() < 1e-12
