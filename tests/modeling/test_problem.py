"""The compiled problem: sizes, names, values, derivatives, tables, explanations."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so

POINT = np.array([1.0, 4.0, 3.0, 2.0])


@pytest.fixture(params=["llvm", "numpy"])
def problem(request):
    model = so.Model("hs071", backend=request.param)
    x = model.variable("x", 4, 1.0, 5.0, start=[1.0, 5.0, 5.0, 1.0])
    model.minimize(x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2])
    model.subject_to(x[0] * x[1] * x[2] * x[3] >= 25.0, name="product")
    model.subject_to(np.sum(x**2) == 40.0, name="sphere")
    return model.problem()


def test_sizes_bounds_and_names(problem):
    assert (problem.num_variables, problem.num_constraints) == (4, 2)
    assert problem.constraint_lower.tolist() == [25.0, 40.0]
    assert problem.constraint_upper.tolist() == [np.inf, 40.0]
    assert problem.initial_point.tolist() == [1.0, 5.0, 5.0, 1.0]
    assert [problem.constraint_name(k) for k in (0, 1)] == ["product", "sphere"]
    assert problem.constraint_source(0).partition(":")[0].endswith("test_problem.py")
    assert problem.variable_name(2) == "x[2]"


def test_values_and_first_derivatives(problem):
    a, b, c, d = POINT
    assert problem.objective(POINT) == a * d * (a + b + c) + c
    assert problem.gradient(POINT).tolist() == [
        d * (2 * a + b + c),
        a * d,
        a * d + 1,
        a * (a + b + c),
    ]
    assert problem.constraints(POINT).tolist() == [24.0, 30.0]
    expected = [[b * c * d, a * c * d, a * b * d, a * b * c], [2 * a, 2 * b, 2 * c, 2 * d]]
    assert problem.jacobian(POINT).toarray().tolist() == expected


def test_the_hessian_is_that_of_the_lagrangian(problem):
    a, b, c, d = POINT
    objective = np.array(
        [[2 * d, d, d, 2 * a + b + c], [d, 0, 0, a], [d, 0, 0, a], [2 * a + b + c, a, a, 0]]
    )
    product = np.outer(1 / POINT, 1 / POINT) * np.prod(POINT) * (1 - np.eye(4))
    expected = 0.5 * objective + 3.0 * product - 2.0 * 2.0 * np.eye(4)
    found = problem.hessian(POINT, [3.0, -2.0], 0.5)
    assert found.toarray() == pytest.approx(expected)
    assert problem.hessian(POINT).toarray() == pytest.approx(objective)


def test_products_agree_with_matrices(problem):
    v, w = np.array([1.0, -2.0, 0.5, 3.0]), np.array([0.3, -0.7])
    jacobian = problem.jacobian(POINT)
    assert problem.pushforward(POINT, v) == pytest.approx(jacobian @ v)
    assert problem.pullback(POINT, w) == pytest.approx(jacobian.T @ w)
    product = problem.hessian_vector_product(POINT, w, v, 2.0)
    assert product == pytest.approx(problem.hessian(POINT, w, 2.0) @ v)


def test_values_are_written_into_given_arrays(problem):
    calls = [
        (problem.gradient_values, 4, ()),
        (problem.constraints_values, 2, ()),
        (problem.jacobian_values, problem.jacobian_pattern.nnz, ()),
        (problem.hessian_values, problem.hessian_pattern.nnz, (np.ones(2), 1.0)),
    ]
    for function, size, rest in calls:
        out = np.full(size, np.nan)
        assert function(POINT, *rest, out=out) is out
        assert out.tolist() == function(POINT, *rest).tolist()


def test_lists_and_integers_are_points_too(problem):
    assert problem.objective([1, 4, 3, 2]) == problem.objective(POINT)


@pytest.mark.parametrize("bad", [np.zeros(3), np.zeros((4, 1)), 1.0])
def test_a_point_of_another_shape_is_refused(problem, bad):
    with pytest.raises(so.ShapeError, match="for 4 variables"):
        problem.objective(bad)
    with pytest.raises(so.ShapeError, match="for 2 constraints"):
        problem.hessian(POINT, np.zeros(3))


def test_the_table_shows_sizes_and_names(problem):
    text = str(problem)
    for part in ("'hs071', minimize", "4 (x)", "2 (product, sphere)", "8 nonzeros", "10 nonzeros"):
        assert part in text
    assert "1 equality, 1 inequality; 0 linear" in text
    assert repr(problem) == "Problem('hs071', 4 variables, 2 constraints)"


def test_an_entry_is_explained_by_names_or_numbers(problem):
    text = problem.explain("product", "x[2]")
    assert text.startswith("d product / d x[2], constraint of ")
    assert "test_problem.py" in text
    assert problem.explain(0, 2) == text


def test_explanations_of_unknown_names_say_so(problem):
    with pytest.raises(so.ProblemError, match="did you mean 'product'"):
        problem.explain("produkt", "x[0]")
    with pytest.raises(so.ProblemError, match="is no element of 'x'"):
        problem.explain("product", "x[9]")


def test_constancy_is_proven():
    model = so.Model("quadratic")
    x = model.variable("x", shape=3, start=1.0)
    model.minimize(np.sum(x**2))
    model.subject_to(x[0] + x[1] == 1.0)
    assert model.problem().is_hessian_constant
    model.subject_to(x[0] * x[1] <= 1.0)
    assert model.problem().is_linear_row.tolist() == [True, False]
    assert not model.problem().is_hessian_constant


def test_an_entry_of_the_hessian_is_explained(problem):
    text = problem.explain("x[3]", "x[0]", "hessian")
    assert text.startswith("d² L / d x[3] d x[0]\n")
    assert problem.explain(0, 3, "hessian") == text


def test_the_table_tells_rows_from_bounds():
    model = so.Model("rows")
    x = model.variable("x", shape=2)
    k = model.parameter("k", 1.0)
    model.subject_to(x[0] <= 1.0, name="single")
    model.subject_to(x[0] * x[1] == k, name="product")
    text = str(model.problem())
    assert "constraints       1 (product)" in text
    assert "rows made bounds  1 (single)" in text
    assert "parameters        1 (k)" in text
