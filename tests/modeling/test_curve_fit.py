"""`so.curve_fit` beside SciPy's: the same parameters, covariances and corner cases."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize as opt

import sparseopt as so

X = np.linspace(0.0, 4.0, 50)
RNG = np.random.default_rng(7)
Y = 2.5 * np.exp(-1.3 * X) + 0.5 + 0.1 * RNG.normal(size=50)
SIGMA = RNG.uniform(0.05, 0.2, 50)
COVARIANCE = np.diag(SIGMA**2) + 0.003 * np.exp(-np.abs(X[:, None] - X))


def decay(x, a, b, c):
    return a * np.exp(-b * x) + c


def both(f, *arguments, **options):
    """Return what SciPy's function returns, to full accuracy, and what ours does."""
    if options.get("method") == "lm" or "bounds" not in options:
        tight = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15, "maxfev": 10_000}
    else:
        tight = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15, "x_scale": "jac"}
    return opt.curve_fit(f, *arguments, **options, **tight), so.curve_fit(f, *arguments, **options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"p0": [1.0, 1.0, 0.0]},
        {"sigma": SIGMA},
        {"sigma": SIGMA, "absolute_sigma": True},
        {"sigma": 0.3, "absolute_sigma": True},
        {"sigma": COVARIANCE},
        {"sigma": COVARIANCE, "absolute_sigma": True},
        {"method": "lm"},
        {"bounds": (0.0, [3.0, 2.0, 1.0])},
        {"bounds": (0.0, [2.0, 2.0, 1.0])},
        {"bounds": opt.Bounds([0.0, 0.0, 0.0], [np.inf, 2.0, 1.0]), "method": "dogbox"},
        {"bounds": (0.0, np.inf), "method": "trf", "sigma": SIGMA},
    ],
)
def test_parameters_and_covariance_are_scipys(options):
    (popt, pcov), (ours, covariance) = both(decay, X, Y, **options)
    np.testing.assert_allclose(ours, popt, rtol=2e-6)
    np.testing.assert_allclose(covariance, pcov, rtol=2e-5)


def test_two_predictors_and_lists():
    x = [[0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 1.0, 0.0, 2.0]]
    y = [1.0, 2.1, 3.3, 4.2, 6.0]
    (popt, pcov), (ours, covariance) = both(lambda x, a, b, c: a + b * x[0] + c * x[1], x, y)
    np.testing.assert_allclose(ours, popt, rtol=1e-7)
    np.testing.assert_allclose(covariance, pcov, rtol=1e-6)


def test_parameters_of_very_different_sizes():
    popt, _ = so.curve_fit(
        lambda x, a, b: a * 1e-12 * np.exp(-b * 1e9 * x), X, 3.0 * np.exp(-2.0 * X), p0=[1e12, 1e-9]
    )
    np.testing.assert_allclose(popt, [3e12, 2e-9], rtol=1e-9)


def test_full_output_has_scipys_parts():
    popt, pcov, info, message, status = so.curve_fit(decay, X, Y, full_output=True)
    np.testing.assert_allclose(info["fvec"], decay(X, *popt) - Y, atol=1e-14)
    assert info["nfev"] > 1
    assert isinstance(message, str)
    assert status in (1, 2, 3, 4)
    assert pcov.shape == (3, 3)


def test_robust_losses_reach_scipys_least_squares():
    y = Y.copy()
    y[5] += 4.0
    options = {"method": "trf", "loss": "soft_l1", "f_scale": 0.1}
    popt, pcov = opt.curve_fit(decay, X, y, **options, ftol=1e-14, xtol=1e-14, gtol=1e-14)
    ours, covariance = so.curve_fit(decay, X, y, **options)
    np.testing.assert_allclose(ours, popt, rtol=1e-5)
    np.testing.assert_allclose(covariance, pcov, rtol=1e-4)


def test_tolerances_of_the_caller_are_kept():
    counts = [
        so.curve_fit(decay, X, Y, p0=[9.0, 0.1, 3.0], full_output=True, **options)[2]["nfev"]
        for options in ({"ftol": 1e-2}, {})
    ]
    assert counts[0] < counts[1]


# ---- what cannot be estimated
def test_an_unused_parameter_has_infinite_variance_and_a_warning():
    def unused(x, a, b):
        return a * x + 0.0 * b

    with pytest.warns(opt.OptimizeWarning, match="could not be estimated"):
        _, expected = opt.curve_fit(unused, X, Y)
    with pytest.warns(opt.OptimizeWarning, match="could not be estimated"):
        _, pcov = so.curve_fit(unused, X, Y)
    assert np.isinf(expected).all()
    assert np.isinf(pcov).all()


def test_trust_regions_take_the_pseudoinverse_as_scipy():
    def product(x, a, b):
        return a * b * x

    options = {"p0": [1.0, 2.0], "method": "trf", "absolute_sigma": True}
    exact = lambda x, a, b: np.column_stack([b * x, a * x])  # noqa: E731
    expected = opt.curve_fit(product, X, Y, jac=exact, **options)
    ours = so.curve_fit(product, X, Y, **options)
    assert ours[0].prod() == pytest.approx(expected[0].prod(), rel=1e-3)
    scale = np.linalg.norm(ours[0]) ** 2
    assert np.trace(ours[1]) * scale == pytest.approx(
        np.trace(expected[1]) * np.linalg.norm(expected[0]) ** 2, rel=1e-3
    )


def test_as_many_data_as_parameters_leave_no_variance():
    x, y = np.array([0.0, 1.0]), np.array([1.0, 3.0])
    with pytest.warns(opt.OptimizeWarning, match="could not be estimated"):
        popt, pcov = so.curve_fit(lambda x, a, b: a + b * x, x, y)
    np.testing.assert_allclose(popt, [1.0, 2.0])
    assert np.isinf(pcov).all()


def test_fewer_data_than_parameters_are_refused():
    with pytest.raises(so.UnderdeterminedError, match="1 data cannot determine 2 parameters"):
        so.curve_fit(lambda x, a, b: a + b * x, [1.0], [1.0])


def test_too_few_evaluations_are_scipys_error():
    with pytest.raises(RuntimeError, match="Optimal parameters not found"):
        so.curve_fit(decay, X, Y, p0=[50.0, 5.0, 30.0], maxfev=2, method="lm")


# ---- data
def test_missing_data_are_left_out_where_asked():
    x, y, sigma = X.copy(), Y.copy(), SIGMA.copy()
    x[3], y[8] = np.nan, np.nan
    kept = ~(np.isnan(x) | np.isnan(y))
    expected = so.curve_fit(decay, X[kept], Y[kept], sigma=SIGMA[kept])
    found = so.curve_fit(decay, x, y, sigma=sigma, nan_policy="omit")
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-9)
    full = so.curve_fit(decay, x, y, sigma=np.diag(sigma**2), nan_policy="omit")
    np.testing.assert_allclose(full[1], expected[1], rtol=1e-6)


@pytest.mark.parametrize("nan_policy", [None, "raise"])
def test_nan_is_refused_by_name(nan_policy):
    y = Y.copy()
    y[8] = np.nan
    with pytest.raises(so.NonFiniteError, match=r"ydata\[8\] is nan"):
        so.curve_fit(decay, X, y, nan_policy=nan_policy)


def test_unchecked_nan_is_found_in_the_residuals():
    y = Y.copy()
    y[8] = np.nan
    with pytest.raises(so.NonFiniteError, match=r"residual decay\[8\] is not finite at the start"):
        so.curve_fit(decay, X, y, check_finite=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sigma": SIGMA[:7]}, r"incorrect shape \(7,\)"),
        ({"sigma": -SIGMA}, r"sigma\[0\] is -"),
        ({"sigma": np.full(50, np.nan)}, r"sigma\[0\] is nan"),
        ({"sigma": -COVARIANCE}, "must be positive definite"),
        ({"bounds": ([0.0, 0.0], 1.0)}, "there are 3 parameters"),
        ({"bounds": (2.0, 1.0)}, "strictly less"),
        ({"bounds": (0.0, 1.0), "p0": [2.0, 0.5, 0.5]}, "outside its bounds"),
        ({"bounds": (0.0, 1.0), "method": "lm"}, "only works for unconstrained"),
        ({"method": "newton"}, "'newton' is no choice"),
        ({"nan_policy": "propagate"}, "'propagate' is no choice"),
        ({"args": (1,)}, "not a supported keyword"),
        ({"bounds": None}, "bounds are NoneType, no pair"),
        ({"bounds": (0.0, 1.0, 2.0)}, "no pair"),
        ({"p0": [1.0, 1.0]}, "f does not take the 2 parameters of p0"),
        ({"p0": []}, "f does not take the 0 parameters of p0"),
        ({"p0": [1.0, np.nan, 1.0]}, r"p0\[1\] is nan"),
        ({"p0": np.ma.array([1.0, 1.0, 1.0], mask=[0, 1, 0])}, "p0 is a masked array"),
        ({"method": "trf", "loss": "hubr"}, "did you mean 'huber'"),
        ({"method": "trf", "loss": "huber", "f_scale": 0.0}, "f_scale is 0"),
    ],
)
def test_bad_arguments_are_value_errors_as_scipys(options, message):
    with pytest.raises(ValueError, match=message):
        so.curve_fit(decay, X, Y, **options)


@pytest.mark.parametrize(
    "options",
    [{"foo": 1}, {"method": "trf", "foo": 1}, {"Dfun": None}, {"col_deriv": True}],
)
def test_options_that_a_method_does_not_have_are_named(options):
    with pytest.raises(so.errors.UnknownOptionError, match="there is no option"):
        so.curve_fit(decay, X, Y, **options)


def test_differences_of_minpack_do_not_reach_a_second_method():
    with pytest.warns(opt.OptimizeWarning):
        popt, _ = so.curve_fit(lambda x, a, b: a * x + b * x, X, Y, epsfcn=1e-8)
    np.testing.assert_allclose(popt.sum(), X @ Y / (X @ X), rtol=1e-10)


def test_a_column_of_data_is_refused_where_it_would_make_a_matrix():
    with pytest.raises(
        so.ShapeError, match=r"f returned shape \(50,\), `ydata` has shape \(50, 1\)"
    ):
        so.curve_fit(decay, X, Y[:, None])
    with pytest.raises(so.ShapeError, match=r"f returned shape \(50, 1\)"):
        so.curve_fit(decay, X[:, None], Y)


def test_data_in_a_table_may_be_missing():
    missing = Y.reshape(10, 5).copy()
    missing[3, 2] = np.nan
    popt, _ = so.curve_fit(decay, X.reshape(10, 5), missing, nan_policy="omit")
    expected, _ = so.curve_fit(decay, np.delete(X, 17), np.delete(Y, 17))
    np.testing.assert_allclose(popt, expected, rtol=1e-9)


def test_squares_that_overflow_or_vanish_are_named():
    with pytest.raises(so.NonFiniteError, match="the sum of squares is inf at the start"):
        so.curve_fit(lambda x, a: a * x, X, 1e300 * Y)
    with pytest.raises(so.NonFiniteError, match="the sum of squares is 0 at the start"):
        so.curve_fit(lambda x, a: 1e-200 * a * x, X, 1e-200 * Y)


def test_masks_are_not_lost():
    masked = np.ma.array(np.where(X > 3.0, 1e6, Y), mask=X > 3.0)
    with pytest.raises(ValueError, match="ydata is a masked array"):
        so.curve_fit(decay, X, masked)
    with pytest.raises(so.errors.ArrayConversionError, match="masked array"):
        so.Model().variable("k") * X - masked


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bounds": (2.0, 3.0)}, "outside its bounds"),
        ({"bounds": (2.0, 1.0)}, "strictly less"),
        ({"bounds": ([0.0, 0.0], [1.0, 1.0])}, "must broadcast"),
        ({"method": "newton"}, "is no choice"),
        ({"f_scale": -1.0, "loss": "huber"}, "f_scale is -1"),
        ({"method": "lm"}, "1 residuals cannot determine 3"),
    ],
)
def test_bad_arguments_of_least_squares_are_value_errors(options, message):
    with pytest.raises(ValueError, match=message):
        so.least_squares(lambda p: p[:1] + p[1] * p[2], [1.0, 1.0, 1.0], **options)


def test_no_data_and_no_number_of_parameters_are_named():
    with pytest.raises(ValueError, match="must not be empty"):
        so.curve_fit(decay, [], [])
    with pytest.raises(ValueError, match="Unable to determine number of fit parameters"):
        so.curve_fit(lambda x, *p: p[0] * x, X, Y)


def test_starts_within_bounds_are_scipys():
    """Halfway between two bounds, one from a single one, else 1."""

    def cubic(x, a, b, c, d):
        return a + b * x + c * x**2 + d * x**3

    bounds = ([0.0, 3.0, -np.inf, -np.inf], [4.0, np.inf, -5.0, np.inf])
    with pytest.raises(RuntimeError, match=r"at \[ *2\. +4\. +-6\. +1\. *\]"):
        so.curve_fit(cubic, X, Y, bounds=bounds, maxfev=1, method="trf")


# ---- least_squares
def test_least_squares_takes_scipys_positions_and_unused_jacobians():
    result = so.least_squares(
        lambda p, shift, factor: factor * (p - shift),
        np.zeros((2, 2)),
        "3-point",
        (-1.0, 5.0),
        "trf",
        args=(3.0,),
        kwargs={"factor": 2.0},
        jac_sparsity=np.ones((4, 4)),
        diff_step=1e-3,
        x_scale=np.ones((2, 2)),
    )
    np.testing.assert_allclose(result.x, np.full((2, 2), 3.0))


@pytest.mark.parametrize("tr_solver", ["lsmr", "exact"])
@pytest.mark.parametrize("method", ["trf", "dogbox"])
def test_least_squares_solves_trust_regions_as_asked(tr_solver, method):
    def chain(x):
        return np.concatenate([10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1]])

    start = np.full(20, 0.5)
    result = so.least_squares(
        chain, start, method=method, tr_solver=tr_solver, x_scale="jac", bounds=(0.0, 2.0)
    )
    np.testing.assert_allclose(result.x, np.ones(20), rtol=1e-6)


@pytest.mark.parametrize("loss", ["squared", "linear", "huber", "soft_l1", "cauchy", "arctan"])
def test_least_squares_takes_every_loss(loss):
    y = Y.copy()
    y[5] += 4.0

    def residuals(p):
        return p[0] * np.exp(-p[1] * X) + p[2] - y

    options = {"f_scale": 0.2, "ftol": 1e-14, "xtol": 1e-14, "gtol": 1e-14}
    start = [2.0, 1.0, 0.0]
    word = "linear" if loss == "squared" else loss
    expected = opt.least_squares(residuals, start, loss=word, **options)
    result = so.least_squares(residuals, start, loss=loss, **options)
    assert result.cost == pytest.approx(expected.cost, rel=1e-10)


def test_least_squares_takes_tukeys_loss():
    result = so.least_squares(lambda p: p[0] - np.array([1.0, 1.1, 0.9, 50.0]), [1.2], loss="tukey")
    assert result.x[0] == pytest.approx(1.0, abs=1e-6)
