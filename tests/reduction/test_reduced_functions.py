"""Values, gradients and products of reduced problems, and what they cost."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from tests.reduction.small_models import dense_reference, linear, reaction, root

POINT = np.array([0.3, -0.2, 0.5, 0.1])


def test_states_and_derivatives_of_a_linear_equation_are_those_of_the_closed_form():
    reduced = linear().reduce("u", by=["sums", "differences"])
    p = np.array([0.5, 2.0])
    assert reduced.state(p) == pytest.approx([2.5, -1.5, 0.5, 2.0])
    assert reduced.objective(p) == pytest.approx(0.25 + 6.25)
    # F = (p0 + p1 - 3)^2 + (p0 - p1 - 1)^2
    assert reduced.gradient(p) == pytest.approx([2 * (-0.5 - 2.5), 2 * (-0.5 + 2.5)])
    assert reduced.hessian_vector_product(p, None, [1.0, 10.0]) == pytest.approx([4.0, 40.0])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gradient_and_products_are_those_of_dense_algebra(seed):
    reduced = reaction(seed).reduce("u", by="pde")
    gradient, hessian = dense_reference(reduced, POINT)
    np.testing.assert_allclose(reduced.gradient(POINT), gradient, rtol=1e-11, atol=1e-13)
    for direction in np.eye(4):
        product = reduced.hessian_vector_product(POINT, None, direction)
        np.testing.assert_allclose(product, hessian @ direction, rtol=1e-10, atol=1e-12)


def test_a_gradient_costs_one_linear_solve_and_a_product_two():
    reduced = reaction().reduce("u", by="pde")
    reduced.objective(POINT)
    before = reduced.counts.linear_solves
    reduced.gradient(POINT)
    assert reduced.counts.linear_solves - before == 1
    for _ in range(3):
        before = reduced.counts.linear_solves
        reduced.hessian_vector_product(POINT, None, POINT)
        assert reduced.counts.linear_solves - before == 2
    # One factorization for all derivatives at the point, beside those of Newton's method.
    assert reduced.counts.factorizations == reduced.counts.newton_iterations + 1
    assert reduced.counts.state_solves == 1


def test_a_linear_equation_is_factored_once_for_all_points():
    reduced = linear().reduce("u", by=["sums", "differences"])
    for p in ([1.0, 2.0], [3.0, -4.0], [0.0, 0.0]):
        reduced.gradient(p)
    assert reduced.counts.factorizations == 1
    assert reduced.counts.newton_iterations == 3


def test_an_equation_that_is_linear_in_the_states_is_factored_once_for_each_point():
    model = so.Model()
    u, p = model.variable("u", shape=3), model.variable("p", shape=3, start=2.0)
    model.minimize(np.sum(u**2))
    model.subject_to(p * u + u[::-1] == 1.0, name="pde")
    reduced = model.reduce(u, by="pde")
    for p in ([2.0, 3.0, 4.0], [2.5, 3.0, 4.0]):
        reduced.gradient(p)
        reduced.hessian_vector_product(p, None, [1.0, 2.0, 3.0])
    assert reduced.counts.factorizations == 2
    assert reduced.counts.newton_iterations == 2


def test_states_do_not_depend_on_where_newton_came_from():
    once, after = (reaction().reduce("u", by="pde") for _ in range(2))
    for p in (POINT + 0.7, -POINT, POINT * 3):
        after.objective(p)
    np.testing.assert_allclose(after.state(POINT), once.state(POINT), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("power", [2, 3])
def test_states_that_are_zero_are_found_from_far_away(power):
    model = so.Model("nothing")
    u, p = model.variable("u", shape=20, start=1.0), model.variable("p", start=0.0)
    model.minimize(np.sum(u**2) + p)
    model.subject_to(3.0 * u + 0.7 * u**power - np.roll(u, 1) / 3.0 == p, name="pde")
    reduced = model.reduce("u")
    assert np.abs(reduced.state([0.0])[:20]).max() < 1e-15
    assert reduced.counts.newton_iterations <= 8


def test_rounding_ahead_of_a_wave_costs_no_newton_iterations():
    """Rows there hold nothing else, so it is large relative to their terms."""
    model = so.Model("wave")
    c, u = model.variable("c", 12, 0.5, 1.5, start=1.0), model.variable("u", (30, 12))
    model.fit(u[:, -1] - 1.0)
    before, ends = np.concatenate([np.zeros((2, 12)), u]), np.cos(np.arange(31.0))[:, None]
    now = np.concatenate([ends, before[1:], np.zeros((31, 1))], axis=1)[:-1]
    after = 2 * now[:, 1:-1] - before[:-2] + (0.6 * c) ** 2 * np.diff(now, 2, axis=1)
    model.subject_to(u == after, name="leapfrog")
    reduced = model.reduce("u")
    rng = np.random.default_rng(0)
    p, direction = rng.uniform(0.8, 1.2, 12), rng.standard_normal(12)
    for k in range(25):
        reduced.state(p + 0.01 * 2.0**-k * direction)
    assert reduced.counts.newton_iterations <= 2 * reduced.counts.state_solves == 50


def test_a_parameter_of_the_model_that_changes_changes_the_states():
    model = so.Model()
    load = model.parameter("load", 1.0)
    u, p = model.variable("u"), model.variable("p", start=2.0)
    model.minimize(u**2)
    model.subject_to(u * 2.0 == load * p, name="pde")
    reduced = model.reduce("u", by="pde")
    assert reduced.objective([2.0]) == pytest.approx(1.0)
    model.set(load=3.0)
    assert reduced.objective([2.0]) == pytest.approx(9.0)


def test_part_of_a_variable_can_be_the_states():
    model = so.Model()
    x = model.variable("x", shape=4, start=1.0)
    rate = model.variable("rate", start=0.5)
    model.minimize(np.sum((x - 1.0) ** 2))
    model.subject_to(x[1:] == rate * x[:-1], name="steps")
    reduced = model.reduce(states=[x[1:]], by="steps")
    assert [reduced.variable_name(k) for k in range(2)] == ["x[0]", "rate"]
    assert reduced.state([8.0, 0.5]) == pytest.approx([8.0, 4.0, 2.0, 1.0, 0.5])


def test_rows_that_became_bounds_give_states_their_value():
    model = so.Model()
    x = model.variable("x", shape=4, start=1.0)
    rate = model.variable("rate", start=0.5)
    model.minimize(np.sum((x - 1.0) ** 2))
    model.subject_to(x[0] == 8.0, name="first")
    model.subject_to(x[1:] == rate * x[:-1], name="steps")
    reduced = model.reduce("x", by=["first", "steps"])
    assert (reduced.num_variables, reduced.partition.states.tolist()) == (1, [1, 2, 3])
    assert reduced.state([0.5]) == pytest.approx([8.0, 4.0, 2.0, 1.0, 0.5])


def test_all_equalities_determine_the_states_if_none_are_named():
    reduced = linear().reduce("u")
    assert reduced.partition.state_rows.tolist() == [0, 1]


def test_where_there_are_no_states_the_objective_is_infinite_and_the_state_an_error():
    reduced = root().reduce("u", by="pde")
    assert reduced.objective([-1.0]) == np.inf
    assert np.isnan(reduced.gradient([-1.0])).all()
    assert np.isnan(reduced.hessian_vector_product([-1.0], None, [1.0])).all()
    assert reduced.counts.failures == 1
    with pytest.raises(so.errors.InnerSolveError, match=r"could not be solved at p = -1") as caught:
        reduced.state([-1.0])
    assert caught.value.parameters.tolist() == [-1.0]
    assert reduced.objective([9.0]) == pytest.approx(2.7**2 + 0.09)


def test_a_matrix_that_is_singular_at_a_point_is_an_error_with_the_names_of_its_rows():
    model = so.Model()
    u, p = model.variable("u", shape=2), model.variable("p", start=1.0)
    model.minimize(np.sum(u**2))
    model.subject_to(u[0] + p * u[1] == 1.0, name="one")
    model.subject_to(u[0] + u[1] == 2.0, name="two")
    reduced = model.reduce("u")
    with pytest.raises(so.errors.SingularMatrixError, match=r"two, one are dependent") as caught:
        reduced.state([1.0])
    assert sorted(caught.value.rows) == [0, 1]
    assert reduced.state([3.0])[:2] == pytest.approx([2.5, -0.5])


def test_a_point_of_the_wrong_length_is_an_error():
    with pytest.raises(so.errors.ShapeError, match="4 parameters"):
        reaction().reduce("u").objective([1.0])


@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_the_dense_hessian_is_that_of_the_products(weight):
    reduced = reaction(seed=2).reduce("u", by="pde")
    p = np.array([0.3, -0.2, 0.5, 0.1])
    columns = [reduced.hessian_vector_product(p, None, e, weight) for e in np.eye(4)]
    before = reduced.counts.linear_solves
    found = reduced.dense_hessian(p, None, weight)
    np.testing.assert_allclose(found, np.stack(columns, 1), atol=1e-12)
    np.testing.assert_allclose(found, weight * dense_reference(reduced, p)[1], atol=1e-12)
    assert reduced.counts.linear_solves - before == 4


def test_the_dense_hessian_is_nan_where_there_are_no_states():
    assert np.isnan(root().reduce("u").dense_hessian([-1.0])).all()


def test_there_is_no_sparse_matrix_of_second_derivatives():
    reduced = linear().reduce("u")
    assert reduced.hessian_pattern.nnz == 0
    with pytest.raises(so.errors.SolverError, match="no sparse matrix of second derivatives"):
        reduced.hessian_values(None, None)
