"""Wrong patterns and wrong derivatives are named at the first points they are asked at."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.errors import DerivativeError, PatternError, ProblemError
from tests.external_functions.formulas import (
    BAND,
    TRIDIAGONAL,
    Counted,
    V,
    W,
    X,
    bound,
    bound_f,
    curved,
    dense_hessian,
    dense_jacobian,
    f,
    hessian,
    hvp,
    jacobian,
    jvp,
    pulled,
    pushed,
    vjp,
)

MISSING = BAND.copy()
MISSING[2, 3] = 0.0


@pytest.mark.parametrize("given", [{}, {"jvp": jvp}, {"vjp": vjp}, {"method": "central"}])
def test_a_missing_entry_of_a_pattern_is_named(given):
    F = bound_f(pattern=MISSING, **given)
    with pytest.raises(PatternError, match=r"lacks the entry \(2, 3\)") as caught:
        dense_jacobian(F, X)
    assert caught.value.where == "f[2] by argument 0[3]"


def test_a_missing_entry_that_aliases_another_column_is_named_itself():
    """Columns 0 and 5 share a color; the missing entry is added to the one of column 0."""
    pattern = np.zeros((1, 6))
    pattern[0, 0] = 1.0
    F = bound(lambda x: np.array([x[0] + 3 * x[5]]), 1, [(6,)], jvp=_slope, pattern=pattern)
    with pytest.raises(PatternError, match=r"\(0, 5\)"):
        dense_jacobian(F, X)


def _slope(x, v):
    return np.array([v[0] + 3 * v[5]])


def test_a_matrix_with_an_entry_outside_the_pattern_is_refused_at_any_point():
    F = bound_f(jacobian=jacobian, pattern=MISSING, check=False)
    with pytest.raises(PatternError, match=r"the pattern of f lacks the entry \(2, 3\)"):
        dense_jacobian(F, X)


def test_an_entry_that_is_zero_at_the_first_point_is_found_at_the_second():
    F = bound(lambda x: x**2, 2, [(2,)], jvp=lambda x, v: 2 * x * v, pattern=[[1, 0], [0, 0]])
    dense_jacobian(F, np.zeros(2))
    with pytest.raises(PatternError, match=r"\(1, 1\)"):
        dense_jacobian(F, np.ones(2))


def test_a_missing_entry_of_a_hessian_pattern_is_named():
    pattern = TRIDIAGONAL.copy()
    pattern[3, 4] = pattern[4, 3] = 0.0
    F = bound_f(vjp=vjp, hvp=hvp, hessian_pattern=pattern, pattern=BAND)
    with pytest.raises(PatternError, match=r"hessian of f lacks the entry \((3, 4|4, 3)\)"):
        dense_hessian(F, X, W)


def _wrong(function):
    def changed(*arguments):
        value = np.array(function(*arguments))
        value.reshape(-1)[8] *= 1.01
        return value

    return changed


def test_a_wrong_entry_of_a_jacobian_is_named():
    F = bound_f(jacobian=_wrong(jacobian))
    with pytest.raises(DerivativeError, match="the jacobian of f is wrong") as caught:
        dense_jacobian(F, X)
    assert caught.value.where == "f[1] by argument 0[2]"
    assert "differences of the function give" in caught.value.why


def test_a_wrong_hessian_is_named():
    F = bound_f(jacobian=jacobian, hessian=lambda x, w: 1.01 * hessian(x, w))
    with pytest.raises(DerivativeError, match="the hessian of f is wrong"):
        dense_hessian(F, X, W)


def test_a_hessian_that_forgets_the_weights_is_noticed_for_any_weights():
    F = bound_f(jacobian=jacobian, hessian=lambda x, w: hessian(x, np.ones(5)))
    with pytest.raises(DerivativeError, match="hessian"):
        dense_hessian(F, X, np.ones(5))


def test_wrong_products_are_noticed_by_name():
    twice = 2.0
    with pytest.raises(DerivativeError, match="the jvp of f is wrong"):
        pushed(bound_f(jacobian=jacobian, jvp=lambda x, v: twice * jvp(x, v)), X, V)
    with pytest.raises(DerivativeError, match="the vjp of f is wrong"):
        pulled(bound_f(jacobian=jacobian, vjp=lambda x, w: twice * vjp(x, w)), X, W)
    with pytest.raises(DerivativeError, match="the hvp of f is wrong"):
        curved(bound_f(vjp=vjp, hvp=lambda x, w, v: twice * hvp(x, w, v)), X, W, V)


def test_checks_are_made_at_two_points_and_can_be_left_out():
    counted = Counted(f)
    F = bound_f(counted, jacobian=jacobian)
    numbers = []
    for k in range(4):
        dense_jacobian(F, X + 0.1 * k)
        numbers.append(counted.calls)
    assert numbers == [6, 11, 11, 11]  # the value, once more, and two central differences
    unchecked = Counted(f)
    dense_jacobian(bound_f(unchecked, jacobian=_wrong(jacobian), check=False), X)
    assert unchecked.calls == 0


def test_noise_is_not_mistaken_for_a_wrong_derivative():
    random = np.random.default_rng(0)

    def noisy(x):
        return f(x) * (1.0 + 1e-7 * random.uniform(-1.0, 1.0, 5))

    for _ in range(20):
        F = bound_f(noisy, jacobian=jacobian)
        np.testing.assert_array_equal(dense_jacobian(F, X), jacobian(X))


def test_a_function_that_draws_random_numbers_is_noticed():
    random = np.random.default_rng(0)
    F = bound_f(lambda x: f(x) * random.uniform(0.9, 1.1), jacobian=jacobian)
    with pytest.raises(ProblemError, match="something else when called again") as caught:
        dense_jacobian(F, X)
    assert caught.value.where
    assert "random numbers" in caught.value.why


def test_a_function_that_is_not_defined_beside_a_point_is_not_compared_there():
    def only_here(x):
        if not np.array_equal(x, X):
            raise ArithmeticError("outside")
        return f(x)

    F = bound_f(only_here, jacobian=jacobian)
    np.testing.assert_array_equal(dense_jacobian(F, X), jacobian(X))


def test_numbers_that_are_not_finite_are_left_to_the_solver():
    F = bound(np.log, 2, [(2,)], jacobian=lambda x: np.diag(1.0 / x))
    with np.errstate(all="ignore"):
        J = dense_jacobian(F, np.array([0.0, 1.0]))
    assert np.isinf(J[0, 0])


def test_scales_of_arguments_do_not_matter():
    sizes = np.array([1e6, 1e3, 1.0])
    F = bound(lambda x: x**2 / sizes, 3, [(3,)], jacobian=lambda x: np.diag(2 * x / sizes))
    for point in (sizes, -sizes, 0 * sizes):
        dense_jacobian(F, point)


def test_a_wrong_derivative_is_named_every_time_it_is_asked_for():
    F = bound_f(jacobian=_wrong(jacobian))
    for _ in range(3):
        with pytest.raises(DerivativeError, match="jacobian"):
            dense_jacobian(F, X)


@pytest.mark.parametrize("offset", [0.0, 1.0, 1e6, -1e6])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_large_values_neither_hide_nor_fake_a_wrong_slope(offset, scale):
    def affine(x):
        return scale * np.array([2 * x[0] + x[1], np.sin(x[1])]) + offset

    def slopes(x):
        return scale * np.array([[2.0, 1.0], [0.0, np.cos(x[1])]])

    x = np.array([0.3, 0.8])
    dense_jacobian(bound(affine, 2, [(2,)], jacobian=slopes), x)
    with pytest.raises(DerivativeError):
        dense_jacobian(bound(affine, 2, [(2,)], jacobian=lambda x: 1.1 * slopes(x)), x)
