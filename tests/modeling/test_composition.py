"""Operators called inside traced code: derivatives of derivatives, to any order."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from sparseopt.evaluation import compile_program
from sparseopt.modeling import traced_function
from tests.derivatives.test_where_safety import CASES, X, taken

X3 = np.array([0.3, -0.7, 1.1])
ZERO = np.zeros(3)


def cubic(x):
    return x[0] * x[1] * x[2] + x[0] ** 3


def pairs(x):
    return np.sin(x[1:] * x[:-1])


def product(x):
    """Return the product and the sum, for a Jacobian with a dense and a constant row."""
    return np.stack([x[0] * x[1], x[0] + x[2]])


# ---- every operator, differentiated
def test_the_hessian_of_a_squared_gradient():
    H = so.hessian(lambda x: np.sum(so.gradient(cubic, x)(x) ** 2), ZERO)
    x, y, z = X3
    g = np.array([y * z + 3 * x * x, x * z, x * y])
    first = np.array([[6 * x, z, y], [z, 0, x], [y, x, 0]])
    third = np.zeros((3, 3, 3))
    third[0, 0, 0] = 6
    for i, j, k in [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]:
        third[i, j, k] = 1
    expected = 2 * (first @ first + np.einsum("ijk,k->ij", third, g))
    np.testing.assert_allclose(H(X3).toarray(), expected, atol=1e-13)


def test_gradients_of_products_with_jacobians():
    w, v = np.array([2.0, -1.0]), np.array([1.0, 0.5, -2.0])
    forward = so.gradient(lambda x: so.pushforward(pairs, x)(x, v) @ w, ZERO)
    reverse = so.gradient(lambda x: so.pullback(pairs, x)(x, w) @ v, ZERO)
    weighted = so.hessian_vector_product(lambda x: pairs(x) @ w, ZERO)
    np.testing.assert_allclose(forward(X3), weighted(X3, v), atol=1e-13)
    np.testing.assert_allclose(reverse(X3), weighted(X3, v), atol=1e-13)


def test_products_are_linear_in_traced_directions():
    J = so.jacobian(lambda v: so.pushforward(pairs, ZERO)(X3, v), ZERO)
    np.testing.assert_allclose(J(ZERO).toarray(), so.jacobian(pairs, ZERO)(X3).toarray())
    JT = so.jacobian(lambda w: so.pullback(pairs, ZERO)(X3, w), np.zeros(2))
    np.testing.assert_allclose(JT(np.zeros(2)).toarray().T, J(ZERO).toarray())


def test_a_hessian_vector_product_gives_third_derivatives():
    v = np.array([1.0, 2.0, 3.0])
    third = so.jacobian(lambda x: so.hessian_vector_product(cubic, x)(x, v), ZERO)
    expected = [[6.0, 3.0, 2.0], [3.0, 0.0, 1.0], [2.0, 1.0, 0.0]]
    np.testing.assert_allclose(third(X3).toarray(), expected, atol=1e-13)


def test_value_and_gradient_are_both_recorded():
    def combined(x):
        value, slope = so.value_and_gradient(cubic, x)(x)
        return np.concatenate([value[None], slope])

    x, y, z = X3
    expected = [[y * z + 3 * x * x, x * z, x * y], [6 * x, z, y], [z, 0, x], [y, x, 0]]
    np.testing.assert_allclose(so.jacobian(combined, ZERO)(X3).toarray(), expected, atol=1e-14)


@pytest.mark.parametrize(
    ("function", "fourth"),
    [
        (np.sin, np.sin),
        (np.exp, np.exp),
        (lambda x: x**6, lambda x: 360.0 * x**2),
        (lambda x: np.log(x + 2.0), lambda x: -6.0 / (x + 2.0) ** 4),
        (lambda x: x * np.cos(x), lambda x: x * np.cos(x) + 4.0 * np.sin(x)),
    ],
)
def test_fourth_derivatives_by_nesting(function, fourth):
    def derivative(f):
        return lambda x: so.gradient(lambda y: np.sum(f(y)), x)(x)

    thrice = derivative(derivative(derivative(function)))
    found = so.gradient(lambda x: np.sum(thrice(x)), ZERO)
    np.testing.assert_allclose(found(X3), fourth(X3), rtol=1e-12)
    third = so.jacobian(thrice, ZERO)
    assert (third.pattern.rows == third.pattern.cols).all()
    np.testing.assert_allclose(third(X3).diagonal(), fourth(X3), rtol=1e-12)


def test_mixed_third_derivatives_of_several_variables():
    entries = so.jacobian(lambda x: so.hessian(cubic, x)(x).toarray(), ZERO)
    third = entries(X3).toarray().reshape(3, 3, 3)
    expected = np.zeros((3, 3, 3))
    expected[0, 0, 0] = 6.0
    expected[[0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1], [2, 1, 2, 0, 1, 0]] = 1.0
    np.testing.assert_allclose(third, expected, atol=1e-14)


def test_results_keep_their_shapes():
    x = np.arange(6.0).reshape(2, 3)

    def shapes(y):
        slope = so.gradient(lambda z: np.sum(z**3), y)(y)
        assert slope.shape == (2, 3)
        assert so.pushforward(lambda z: z[0] * z[1], y)(y, y).shape == (3,)
        assert so.value_and_gradient(lambda z: np.sum(z, keepdims=True), y)(y)[0].shape == ()
        return slope

    np.testing.assert_allclose(so.jacobian(shapes, x)(x).diagonal(), 6.0 * x.ravel())


def test_a_flat_vector_and_a_list_of_traced_scalars_are_accepted():
    flat = so.gradient(lambda x: np.sum(so.gradient(lambda y: np.sum(y**3), ZERO[None])(x)), ZERO)
    np.testing.assert_allclose(flat(X3), 6.0 * X3)
    listed = so.gradient(lambda x: np.sum(so.gradient(cubic, ZERO)([x[0], x[1], 2.0])), ZERO)
    np.testing.assert_allclose(listed(X3), [6 * X3[0] + 2.0 + X3[1], 2.0 + X3[0], 0.0])


# ---- sparse matrices of traced values
@pytest.mark.parametrize(
    "use",
    [
        lambda M: M @ np.arange(1.0, M.shape[1] + 1),
        lambda M: np.arange(2.0, M.shape[0] + 2) @ M,
        lambda M: M.T @ np.arange(2.0, M.shape[0] + 2),
        lambda M: M @ np.arange(2.0 * M.shape[1]).reshape(-1, 2),
        lambda M: np.arange(2.0 * M.shape[0]).reshape(2, -1) @ M,
        lambda M: M.diagonal(),
        lambda M: M.sum(),
        lambda M: M.sum(axis=0),
        lambda M: M.sum(axis=1),
        lambda M: (-2.0 * M) @ np.ones(M.shape[1]),
        lambda M: M * 0.5 @ np.ones(M.shape[1]),
        lambda M: M if isinstance(M, np.ndarray) else M.toarray(),
    ],
)
@pytest.mark.parametrize("matrix", [so.jacobian(pairs, ZERO), so.hessian(cubic, ZERO)])
def test_a_sparse_matrix_of_traced_values_behaves_like_a_dense_one(matrix, use):
    found = so.jacobian(lambda x: use(matrix(x)), ZERO).function(X3)
    np.testing.assert_allclose(found, use(matrix(X3).toarray()), atol=1e-14)


def test_a_matrix_times_a_traced_vector_from_both_sides():
    def quadratic(x):
        H = so.hessian(cubic, ZERO)(x)
        return (x @ H) @ x + (H @ x) @ x

    # x' H x of a cubic form is six times the form.
    np.testing.assert_allclose(
        so.jacobian(quadratic, ZERO).function(X3), 12.0 * cubic(X3), rtol=1e-13
    )


def test_the_values_follow_the_pattern():
    J = so.jacobian(pairs, ZERO)
    values = so.jacobian(lambda x: J.values(x), ZERO)
    np.testing.assert_allclose(values.function(X3), J.values(X3))
    turned = so.SparsityPattern(J.pattern.rows[::-1], J.pattern.cols[::-1], J.pattern.shape)
    given = so.jacobian(pairs, ZERO, pattern=turned)
    values = so.jacobian(lambda x: given.values(x), ZERO)
    np.testing.assert_allclose(values.function(X3), J.values(X3)[::-1])


def test_every_value_depends_on_what_it_is_made_of_and_nothing_else():
    n = 30
    J = so.jacobian(lambda x: np.sin(x[1:] * x[:-1]) + x[1:] ** 3, np.zeros(n))
    second = so.jacobian(lambda x: J(x).values, np.zeros(n))
    assert second.pattern.nnz == 2 * J.pattern.nnz  # each has two variables


def test_a_wide_jacobian_is_computed_by_rows():
    n = 40
    J = so.jacobian(lambda x: np.sum(x**3)[None], np.zeros(n))
    function = J._function
    program = function.derived.jacobian(J.pattern)
    assert len(program.nodes()) < 12  # one pullback, not a direction for each variable
    x = np.linspace(0.0, 1.0, n)
    found = so.jacobian(lambda y: J(y) @ np.ones(n), x).function(x)
    np.testing.assert_allclose(found, [np.sum(3 * x**2)])


def test_matrices_refuse_what_does_not_fit():
    J = so.jacobian(pairs, ZERO)
    with pytest.raises(so.ShapeError, match=r"\(2, 3\) is multiplied by an array of shape \(2,\)"):
        so.jacobian(lambda x: J(x) @ np.ones(2), ZERO)
    with pytest.raises(so.TracingError, match="multiplied by a sparse matrix"):
        so.jacobian(lambda x: J(x) @ sp.eye_array(3), ZERO)
    with pytest.raises(so.ShapeError, match="multiplied by an array of shape"):
        so.jacobian(lambda x: J(x) * np.ones(3), ZERO)
    with pytest.raises(so.ShapeError, match="axis 2"):
        so.jacobian(lambda x: J(x).sum(axis=2), ZERO)


# ---- safety of choices
@pytest.mark.parametrize("function", CASES)
def test_a_branch_not_taken_adds_no_nan_at_any_order(function):
    def total(x):
        return np.sum(function(x))

    nested = so.jacobian(lambda x: so.gradient(total, x)(x), X)
    third = so.jacobian(lambda x: so.hessian_vector_product(total, x)(x, np.ones(X.size)), X)
    fourth = so.gradient(
        lambda x: np.sum(so.gradient(lambda y: np.sum(so.hessian(total, y)(y).values), x)(x)), X
    )
    _, _, second = taken(function, X)
    smooth = np.isfinite(second) & (np.abs(X) > 1e-9)
    np.testing.assert_allclose(nested(X).diagonal()[smooth], second[smooth], rtol=2e-4, atol=1e-6)
    assert np.isfinite(nested(X).toarray()).all()
    assert np.isfinite(third(X).toarray()).all()
    assert np.isfinite(fourth(X)).all()


def test_a_choice_and_a_slice_of_the_same_values_are_safe_together():
    def f(x):
        logs = np.log(x)
        return np.sum((2.0 * logs)[2:]) + np.sum(np.where(x > 0.5, logs, x))

    x = np.array([0.0, 2.0, 0.25])
    nested = so.jacobian(lambda x: so.gradient(f, x)(x), x)
    np.testing.assert_allclose(nested.function(x), [1.0, 0.5, 9.0])
    np.testing.assert_allclose(nested(x).toarray(), np.diag([0.0, -0.25, -32.0]))


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_missing_data_add_no_nan_where_they_are_not_used(missing):
    data = np.array([missing, 2.0, 3.0])
    known = np.isfinite(data)
    A = sp.csr_array(np.array([[missing, missing, 1.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]]))

    def f(y):
        scaled = np.where(known, np.sin(y * data) * data, y)
        residual = np.where(known, A @ y**2, 0.0)
        return np.sum(scaled) + np.sum(residual)

    x, y, z = X3
    slope = so.jacobian(lambda x: so.gradient(f, x)(x), X3)
    first = [1 + 2 * x, 4 * np.cos(2 * y) + 4 * y, 9 * np.cos(3 * z) + 2 * z]
    np.testing.assert_allclose(slope.function(X3), first)
    second = [2.0, 4.0 - 8.0 * np.sin(2 * y), 2.0 - 27.0 * np.sin(3 * z)]
    np.testing.assert_allclose(slope(X3).toarray(), np.diag(second), atol=1e-13)


def test_a_choice_behind_copies_sums_and_matrices_is_safe():
    A = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]])

    def f(x):
        logs = np.log(x)  # of zero and of a negative number too
        mixed = np.concatenate([logs[::-1], logs[:1]])
        rows = A @ np.where(x > 0.0, mixed[:3][::-1], 0.0)
        return np.sum(rows**2) + np.sum(np.where(x[:, None] > 0.0, np.sqrt(x)[:, None], x[:, None]))

    x = np.array([2.0, 0.0, -1.0])
    log, root = np.log(2.0), np.sqrt(2.0)
    gradient = so.gradient(f, x)(x)
    np.testing.assert_allclose(gradient, [2 * log / 2 + 0.5 / root, 1.0, 1.0])
    nested = so.jacobian(lambda x: so.gradient(f, x)(x), x)
    np.testing.assert_allclose(nested.function(x), gradient)
    expected = np.zeros((3, 3))
    expected[0, 0] = (1.0 - log) / 2.0 - 0.25 / 2.0**1.5
    np.testing.assert_allclose(nested(x).toarray(), expected, atol=1e-14)


# ---- values of the code around
def test_captured_values_are_differentiated_by_the_outer_function_only():
    def outer(x):
        inner = so.gradient(lambda y: np.sum(y**2 * np.exp(x)), x)
        return np.sum(inner(x))

    # sum 2 y exp(x) at y = x
    np.testing.assert_allclose(so.gradient(outer, ZERO)(X3), 2.0 * np.exp(X3) * (1.0 + X3))


def test_captured_values_in_matrices_and_in_three_levels():
    def outer(x):
        def middle(y):
            J = so.jacobian(lambda z: z**2 * y * x, y)
            return np.sum(J(y).diagonal())

        return np.sum(so.gradient(middle, x)(x))

    # J = 2 z y x, at z = y: 2 y^2 x; by y: 4 y x, at y = x: 4 x^2
    np.testing.assert_allclose(so.gradient(outer, ZERO)(X3), 8.0 * X3, rtol=1e-13)


def test_numbers_are_refused_where_other_values_are_not_known():
    kept = []

    def outer(x):
        kept.append(so.gradient(lambda y: np.sum(y * x), ZERO))
        return np.sum(x)

    so.gradient(outer, ZERO)
    with pytest.raises(so.TracingError, match="called with numbers") as error:
        kept[0](X3)
    assert "traced values (x)" in str(error.value)
    assert "np.zeros_like(x) + y" in str(error.value)


def test_a_constant_point_can_be_given_as_traced():
    def outer(x):
        return so.gradient(lambda y: np.sum(y**2 * x), ZERO)(np.zeros_like(x) + X3)

    np.testing.assert_allclose(so.jacobian(outer, ZERO)(ZERO).diagonal(), 2.0 * X3)


def test_values_that_are_over_are_refused():
    leaked = []

    def outer(x):
        so.gradient(lambda y: leaked.append(y) or np.sum(y), ZERO)
        return x * leaked[0]

    with pytest.raises(so.TracingError, match="of another function that is traced inside it"):
        so.jacobian(outer, ZERO)


def test_a_pattern_given_for_a_function_with_captured_values_is_verified():
    def outer(x):
        diagonal = so.SparsityPattern([0, 1, 2], [0, 1, 2], (3, 3))
        return so.jacobian(lambda y: y * x + x[0] * y[0], ZERO, pattern=diagonal)(x).values

    with pytest.raises(so.PatternError):
        so.jacobian(outer, ZERO)


# ---- parameters
def test_parameters_keep_their_present_values_in_traced_code():
    J = so.jacobian(lambda y, k: k * y**2, ZERO, parameters={"k": 3.0})
    first = so.jacobian(lambda x: J(x).diagonal(), ZERO)
    J.set(k=5.0)
    second = so.jacobian(lambda x: J(x).diagonal(), ZERO)
    np.testing.assert_allclose(first(X3).diagonal(), [6.0, 6.0, 6.0])
    np.testing.assert_allclose(second(X3).diagonal(), [10.0, 10.0, 10.0])


def test_parameters_may_have_traced_values():
    def outer(x):
        f = so.gradient(lambda y, k: np.sum(k * y**2), ZERO, parameters={"k": x[0]})
        return f(x)

    found = so.jacobian(outer, ZERO)(X3).toarray()
    np.testing.assert_allclose(found, 2.0 * X3[0] * np.eye(3) + np.outer(2.0 * X3, [1, 0, 0]))


def test_a_traced_parameter_of_another_shape_is_refused():
    J = so.jacobian(lambda y, k: k * y, ZERO, parameters={"k": np.ones(3)})
    with pytest.raises(so.ShapeError, match="'k' has shape"):
        so.jacobian(lambda x: J.set(k=x[:2]) or x, ZERO)


# ---- wrong arguments
def test_traced_arguments_of_another_shape_are_refused():
    with pytest.raises(so.ShapeError, match=r"shape \(2,\) is given to the derivative of cubic"):
        so.gradient(lambda x: np.sum(so.gradient(cubic, ZERO)(x[:2])), ZERO)
    with pytest.raises(so.ShapeError, match="result has shape"):
        so.gradient(lambda x: np.sum(so.pullback(pairs, ZERO)(x, x)), ZERO)


def test_an_array_for_numbers_is_refused_in_traced_code():
    J = so.jacobian(pairs, ZERO)
    with pytest.raises(so.TracingError, match="written into an array"):
        so.jacobian(lambda x: J.values(x, np.zeros(4)), ZERO)


# ---- models
def test_an_equilibrium_is_a_constraint():
    m = so.Model()
    x = m.variable("x", 3)
    multiplier = m.variable("multiplier", 1)
    target = np.array([0.0, 1.0, 2.0])

    def distance(y):
        return np.sum((y - target) ** 2)

    def plane(y):
        return np.sum(y)[None] - 1.0

    slope, J = so.gradient(distance, ZERO)(x), so.jacobian(plane, ZERO)(x)
    m.subject_to(slope + J.T @ multiplier == 0.0)
    m.subject_to(plane(x) == 0.0)
    solution = m.solve()
    np.testing.assert_allclose(solution["x"], [-2 / 3, 1 / 3, 4 / 3], atol=1e-7)
    np.testing.assert_allclose(solution["multiplier"], [4 / 3], atol=1e-7)


def test_the_upper_level_chooses_what_the_lower_level_answers():
    # The follower minimizes (y - p)^2 + y^4 / 4; the leader wants y = 1: 2 (y - p) + y^3 = 0.
    m = so.Model()
    y = m.variable("y", start=0.5)
    p = m.variable("p", start=0.5)
    reaction = so.gradient(lambda z: (z - p) ** 2 + z**4 / 4.0, np.zeros(()))
    m.subject_to(reaction(y) == 0.0, name="reaction")
    m.minimize((y - 1.0) ** 2)
    solution = m.solve()
    np.testing.assert_allclose([solution["y"], solution["p"]], [1.0, 1.5], atol=1e-5)


def test_the_best_design_of_an_experiment():
    # D-optimal: det(JᵀWJ) of a straight line on [-1, 1] is largest at the two ends, half each.
    times = np.linspace(-1.0, 1.0, 5)
    J = so.jacobian(lambda k: k[0] + k[1] * times, np.zeros(2))
    m = so.Model()
    weight = m.variable("weight", 5, lower=0.0, start=0.2)
    k = m.variable("k", 2, lower=-1.0, upper=1.0)
    sensitivity = J(k)
    A = sensitivity.toarray()
    information = A.T @ (weight[:, None] * A)
    m.maximize(information[0, 0] * information[1, 1] - information[0, 1] ** 2)
    m.subject_to(np.sum(weight) == 1.0)
    solution = m.solve()
    np.testing.assert_allclose(solution["weight"], [0.5, 0.0, 0.0, 0.0, 0.5], atol=1e-6)
    np.testing.assert_allclose(solution.objective, 1.0, atol=1e-6)


def test_a_jacobian_times_a_variable_is_a_constraint():
    m = so.Model()
    y = m.variable("y", 3, start=X3)
    v = m.variable("v", 3, start=1.0)
    J = so.jacobian(product, ZERO)
    m.subject_to(J(y) @ v == np.array([1.0, 2.0]), name="linear")
    m.minimize(np.sum((y - X3) ** 2) + np.sum(v**2))
    solution = m.solve()
    np.testing.assert_allclose(J(solution["y"]) @ solution["v"], [1.0, 2.0], atol=1e-7)


def test_operators_in_traced_code_are_not_compiled(monkeypatch):
    compiled = []

    def counted(program, *args, **kwargs):
        compiled.append(program)
        return compile_program(program, *args, **kwargs)

    monkeypatch.setattr(traced_function, "compile_program", counted)
    outer = so.gradient(lambda x: np.sum(so.gradient(cubic, x)(x) ** 2), ZERO)
    assert compiled == []
    outer(X3)
    outer(X3)
    assert len(compiled) == 1
