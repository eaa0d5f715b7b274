"""What the user's functions return: shapes and kinds of numbers, errors that name the function."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from sparseopt.errors import PatternError, ProblemError, ShapeError, SparseOptError
from sparseopt.external_functions.function import external
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from tests.external_functions.formulas import (
    BAND,
    TRIDIAGONAL,
    W,
    X,
    bound,
    bound_f,
    dense_hessian,
    dense_jacobian,
    f,
    hessian,
    jacobian,
    jvp,
    vjp,
)


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (np.ones(4), r"an array of shape \(4,\)"),
        (np.ones((2, 3)), r"an array of shape \(2, 3\)"),
        (1.0, r"an array of shape \(\)"),
        (None, "NoneType None"),
        ("text", "str 'text'"),
        ([[1.0], [2.0, 3.0]], "inhomogeneous"),
        (np.ones(5) * 1j, "complex numbers for real arguments"),
        (sp.csr_array(np.ones((1, 5))), "a csr_array"),
    ],
)
def test_a_wrong_result_is_named(result, found):
    F = bound(lambda x: result, 5, [(6,)])
    with pytest.raises(ShapeError, match=f"the external function <lambda> returns .*{found}"):
        F.evaluate(X, np.empty(5))


@pytest.mark.parametrize("result", [np.ones((5, 1)), np.ones((1, 5)), [1, 1, 1, 1, 1]])
def test_axes_of_length_one_and_lists_are_accepted(result):
    out = np.empty(5)
    bound(lambda x: result, 5, [(6,)]).evaluate(X, out)
    np.testing.assert_array_equal(out, np.ones(5))


def test_wrong_shapes_of_derivatives_are_named():
    with pytest.raises(ShapeError, match=r"jacobian of the external function f returns"):
        dense_jacobian(bound_f(jacobian=lambda x: jacobian(x).T), X)
    with pytest.raises(ShapeError, match=r"jvp of the external function f returns"):
        dense_jacobian(bound_f(jvp=lambda x, v: v), X)
    with pytest.raises(ShapeError, match=r"vjp of the external function f returns"):
        dense_jacobian(bound_f(vjp=lambda x, w: w), X)
    with pytest.raises(ShapeError, match=r"hessian of the external function f returns"):
        dense_hessian(bound_f(jacobian=jacobian, hessian=lambda x, w: w), X, W)
    with pytest.raises(ShapeError, match=r"jacobian .* a tuple of 3"):
        dense_jacobian(bound_f(jacobian=lambda x: (1, 2, 3)), X)


def _shuffled():
    order = np.random.default_rng(2).permutation(10)
    rows, cols = np.nonzero(BAND)
    return rows[order], cols[order]


def test_patterns_of_every_form_give_values_in_their_own_order():
    rows, cols = _shuffled()
    column_wise = sp.csc_array(BAND)
    forms = [
        ((rows, cols), lambda x: jacobian(x)[rows, cols]),
        (SparsityPattern(rows, cols, (5, 6)), lambda x: jacobian(x)[rows, cols]),
        (column_wise, lambda x: sp.csc_array(jacobian(x)).data),
        (sp.csr_array(BAND), lambda x: sp.csr_array(jacobian(x)).data),
        (BAND != 0, lambda x: jacobian(x)[BAND != 0]),
        (BAND, lambda x: sp.coo_array(jacobian(x))),
    ]
    for pattern, values in forms:
        F = bound_f(jacobian=values, pattern=pattern)
        np.testing.assert_array_equal(dense_jacobian(F, X), jacobian(X))
        assert F.jacobian_rows.size == 10


@pytest.mark.parametrize(
    "pattern",
    [TRIDIAGONAL, np.tril(TRIDIAGONAL), np.triu(TRIDIAGONAL), sp.csc_array(TRIDIAGONAL)],
)
def test_hessian_patterns_may_have_either_triangle_or_both(pattern):
    F = bound_f(jacobian=jacobian, hessian=hessian, hessian_pattern=pattern)
    np.testing.assert_array_equal(dense_hessian(F, X, W), hessian(X, W))
    assert F.hessian_rows.size == 11


def test_values_in_the_order_of_a_hessian_pattern_are_accepted():
    rows, cols = np.nonzero(np.tril(TRIDIAGONAL))
    F = bound_f(
        jacobian=jacobian, hessian=lambda x, w: hessian(x, w)[rows, cols],
        hessian_pattern=(rows, cols),
    )  # fmt: skip
    np.testing.assert_array_equal(dense_hessian(F, X, W), hessian(X, W))


def test_the_pattern_of_a_sparse_jacobian_is_seen_at_the_example():
    seen = []

    def matrix(x):
        seen.append(x.copy())
        return sp.csr_array(jacobian(x))

    F = bound_f(jacobian=matrix, example=(X,))
    assert F.jacobian_rows.size == 10
    np.testing.assert_array_equal(seen, [X])


def test_a_jacobian_that_fails_where_nobody_asked_is_dense():
    def matrix(x):
        if not np.array_equal(x, X):
            raise ArithmeticError
        return sp.csr_array(jacobian(x))

    F = bound_f(jacobian=matrix)
    assert F.jacobian_rows.size == 30
    np.testing.assert_array_equal(dense_jacobian(F, X), jacobian(X))


def test_sparse_matrices_may_change_their_stored_entries():
    def matrix(x):
        J = sp.csr_array(jacobian(x))
        if x[0] > 1.0:
            J = J[::-1][::-1]
            J.indices[:2] = J.indices[1::-1].copy()
            J.data[:2] = J.data[1::-1].copy()
        return J

    F = bound_f(jacobian=matrix, pattern=BAND)
    for point in (X, X + 1.0, X):
        np.testing.assert_array_equal(dense_jacobian(F, point), jacobian(point))


def test_malformed_patterns_are_refused():
    with pytest.raises(ShapeError, match=r"pattern of f has shape \(6, 5\)"):
        dense_jacobian(bound_f(pattern=BAND.T), X)
    with pytest.raises(PatternError, match="outside"):
        dense_jacobian(bound_f(pattern=([0], [6])), X)
    with pytest.raises(PatternError, match="twice"):
        dense_jacobian(bound_f(pattern=([0, 0], [1, 1])), X)


def test_functions_of_complex_numbers_take_complex_steps_of_the_interpreter():
    out = np.empty(5, complex)
    bound_f().evaluate(X + 0.1j, out)
    np.testing.assert_allclose(out, f(X + 0.1j))
    with pytest.raises(SparseOptError, match="does not take complex numbers"):
        bound_f(lambda x: [float(v) for v in x[:5]]).evaluate(X + 0j, out)
    with pytest.raises(SparseOptError, match="it returns real numbers"):
        bound_f(lambda x: f(x).real).evaluate(X + 0j, out)


def test_single_precision_is_said_and_taken_into_account():
    def single(x):
        return np.asarray(f(x).real, np.float32)

    F = bound_f(single, pattern=BAND, method="central")
    with pytest.warns(RuntimeWarning, match="f returns float32|single returns float32"):
        J = dense_jacobian(F, X)
    np.testing.assert_allclose(J, jacobian(X), atol=1e-3)
    assert F.first.error == pytest.approx(10 * np.finfo(np.float32).eps ** (2 / 3))


def test_what_a_function_raises_comes_out_as_it_is():
    error = KeyError("mine")

    def failing(*arguments):
        raise error

    for F in (bound_f(failing), bound_f(jacobian=failing, check=False), bound_f(vjp=failing)):
        with pytest.raises(KeyError) as caught:
            dense_jacobian(F, X)
        assert caught.value is error


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((3.0, 2), {}, "cannot be called"),
        ((f, 5), {"method": "forward"}, "no method 'forward'"),
        ((f, 5), {"typical": 0.0}, "not a positive size"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, options, words):
    with pytest.raises(ProblemError, match=words):
        external(*arguments, **options)


def test_products_of_both_kinds_agree_with_the_matrix():
    F = bound_f(jvp=jvp, vjp=vjp, pattern=BAND)
    np.testing.assert_array_equal(dense_jacobian(F, X), jacobian(X))
