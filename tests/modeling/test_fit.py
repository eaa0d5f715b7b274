"""`Model.fit` and `Model.prior`: what is minimized, what is kept of it, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize as opt
import scipy.sparse as sp

import sparseopt as so
from sparseopt.modeling.losses import LOSSES

TIMES = np.linspace(0.0, 4.0, 30)
DATA = 2.0 * np.exp(-0.7 * TIMES) + 0.05 * np.random.default_rng(0).normal(size=30)
OUTLIERS = DATA + 5.0 * np.isin(np.arange(30), [3, 17])
TIGHT = {"tol": 1e-10}


def decay(data=DATA, **fit):
    """Return the model of an exponential decay and its residuals."""
    m = so.Model("decay")
    a = m.variable("a", start=1.0)
    k = m.variable("k", start=1.0)
    m.fit(a * np.exp(-k * TIMES) - data, **fit)
    return m


def by_scipy(data=DATA, weight=1.0, **options):
    return opt.least_squares(
        lambda p: weight * (p[0] * np.exp(-p[1] * TIMES) - data),
        [2.0, 0.7],
        ftol=1e-14,
        xtol=1e-14,
        gtol=1e-14,
        **options,
    )


# ---- what is minimized
@pytest.mark.parametrize("loss", ["squared", "huber", "soft_l1", "cauchy", "arctan"])
@pytest.mark.parametrize("hessian", ["exact", "gauss_newton"])
def test_objective_and_parameters_are_those_of_scipys_least_squares(loss, hessian):
    word = "linear" if loss == "squared" else loss
    expected = by_scipy(OUTLIERS, weight=20.0, loss=word, f_scale=1.5)
    model = decay(OUTLIERS, weights=20.0, loss=loss, scale=1.5, hessian=hessian)
    s = model.solve(options=TIGHT)
    assert s.success
    assert s.objective == pytest.approx(expected.cost, rel=1e-9)
    np.testing.assert_allclose([s["a"], s["k"]], expected.x, rtol=1e-6)


def test_objective_of_a_small_fit_is_written_out():
    m = so.Model("by hand")
    x = m.variable("x", shape=2)
    m.fit(x - np.array([1.0, -2.0]), weights=[3.0, 5.0], loss="huber", scale=2.0)
    m.prior(x[0], mean=4.0, std=0.5)
    # data: t = 3 -> C² (2 |t| / C - 1) = 8;  t = 10 -> 36;  prior: (4 / 0.5)² = 64
    assert m.problem().objective(np.zeros(2)) == pytest.approx(0.5 * (8.0 + 36.0 + 64.0))


def test_named_data_sets_have_their_own_weights():
    m = so.Model("two")
    x = m.variable("x", shape=2)
    sets = {"first": x - 1.0, "second": x[0] * np.ones((2, 2)) - 3.0}
    m.fit(sets, weights={"second": [[1.0, 2.0], [3.0, 4.0]]})
    r = m.problem().residuals
    assert r.values(np.zeros(2)).tolist() == [-1.0, -1.0, -3.0, -6.0, -9.0, -12.0]
    assert r.raw(np.zeros(2)).tolist() == [-1.0, -1.0, -3.0, -3.0, -3.0, -3.0]
    assert [r.names.element(i) for i in (1, 4)] == ["first[1]", "second[1, 0]"]
    assert r.names.rows("second") == slice(2, 6)
    expected = [[1, 0], [0, 1], [1, 0], [2, 0], [3, 0], [4, 0]]
    assert r.jacobian(np.zeros(2)).toarray().tolist() == expected
    assert r.jacobian_pattern.nnz == 6


def test_residual_jacobian_is_exact_and_weighted():
    r = decay(weights=20.0).problem().residuals
    a, k = 1.7, 0.4
    e = np.exp(-k * TIMES)
    np.testing.assert_allclose(
        r.jacobian(np.array([a, k])).toarray(), 20.0 * np.column_stack([e, -a * TIMES * e])
    )


def test_parameters_of_the_model_reach_the_residuals():
    m = so.Model("shifted")
    x = m.variable("x", shape=3)
    data = m.parameter("data", [1.0, 2.0, 3.0])
    m.fit(x - data)
    r = m.problem().residuals
    assert r.raw(np.zeros(3)).tolist() == [-1.0, -2.0, -3.0]
    m.set(data=[4.0, 5.0, 6.0])
    assert m.problem().residuals.raw(np.zeros(3)).tolist() == [-4.0, -5.0, -6.0]
    np.testing.assert_allclose(m.solve()["x"], [4.0, 5.0, 6.0])


def test_a_differential_equation_as_constraints_and_bounds():
    """u' = -k u by implicit Euler with u(0) free; k at its upper bound."""
    steps, h = 40, 0.1
    u_true = 3.0 / (1.0 + 0.8 * h) ** np.arange(steps + 1)
    m = so.Model("decay")
    u = m.variable("u", shape=steps + 1, start=1.0)
    k = m.variable("k", lower=0.0, upper=0.75, start=0.5)
    m.subject_to(u[1:] - u[:-1] == -h * k * u[1:], name="equation")
    m.fit(u[::10] - u_true[::10], hessian="gauss_newton")
    s = m.solve(options=TIGHT)
    assert s["k"] == pytest.approx(0.75, abs=1e-7)
    values = (1.0 + 0.75 * h) ** -np.arange(0, steps + 1, 10.0)
    assert s["u"][0] == pytest.approx(values @ u_true[::10] / (values @ values), rel=1e-7)


# ---- priors
def test_priors_are_rows_after_the_data():
    m = so.Model("priors")
    u = m.variable("u", shape=4)
    differences = sp.diags_array([-1.0, 1.0], offsets=[0, 1], shape=(3, 4))
    m.fit(u[:1] - 2.0, priors={"u": (0.0, 0.5, differences)})
    name = m.prior(u[3], mean=5.0, std=0.1)
    r = m.problem().residuals
    assert name == "prior_0"
    assert (r.size, r.num_prior) == (5, 4)
    assert [r.names.element(i) for i in range(5)] == [
        "data[0]",
        "prior_u[0]",
        "prior_u[1]",
        "prior_u[2]",
        "prior_0",
    ]
    assert r.weights.tolist() == [1.0, 2.0, 2.0, 2.0, 10.0]
    np.testing.assert_allclose(r.values(np.arange(4.0)), [-2.0, 2.0, 2.0, 2.0, -20.0])


def test_prior_is_ridge_regression():
    rng = np.random.default_rng(3)
    A, y = rng.normal(size=(5, 8)), rng.normal(size=5)
    m = so.Model("ridge")
    x = m.variable("x", shape=8)
    m.fit(A @ x - y)
    m.prior(x, std=2.0)
    expected = np.linalg.solve(A.T @ A + 0.25 * np.eye(8), A.T @ y)
    np.testing.assert_allclose(m.solve(options=TIGHT)["x"], expected, atol=1e-9)


def test_priors_count_as_squares_whatever_the_loss():
    m = so.Model("robust")
    x = m.variable("x", start=0.0)
    m.fit(x * np.ones(3) - 1.0, loss="cauchy")
    m.prior(x, mean=100.0)
    assert m.problem().objective(np.array([1.0])) == pytest.approx(0.5 * 99.0**2)


def test_mean_of_a_prior_may_be_a_parameter():
    m = so.Model("moved")
    x = m.variable("x")
    mean = m.parameter("mean", 1.0)
    m.fit(np.stack([x]) - 0.0)
    m.prior(x, mean)
    assert m.solve()["x"] == pytest.approx(0.5)
    m.set(mean=3.0)
    assert m.solve()["x"] == pytest.approx(1.5)


# ---- missing data
def test_data_of_weight_zero_are_left_out_and_may_be_nan():
    holes = DATA.copy()
    holes[[4, 9]] = np.nan
    weights = np.where(np.isnan(holes), 0.0, 2.0)
    m = decay(holes, weights=weights)
    kept = ~np.isnan(holes)
    expected = opt.least_squares(
        lambda p: p[0] * np.exp(-p[1] * TIMES[kept]) - DATA[kept], [2.0, 0.7], xtol=1e-14
    )
    np.testing.assert_allclose([m.solve(options=TIGHT)[n] for n in "ak"], expected.x, rtol=1e-6)
    r = m.problem().residuals
    assert (r.size, r.names.element(4), r.names.element(8)) == (28, "data[5]", "data[10]")


@pytest.mark.parametrize("hessian", ["exact", "gauss_newton"])
def test_nan_in_the_data_is_named(hessian):
    holes = DATA.copy()
    holes[9] = np.nan
    with pytest.raises(so.NonFiniteError, match=r"residual of data\[9\] is not finite"):
        decay(holes, hessian=hessian).solve()


def test_residual_outside_its_domain_at_the_start_is_named():
    m = so.Model("domain")
    x = m.variable("x", shape=2, start=[1.0, -1.0])
    m.fit({"pressure": np.log(x)})
    with pytest.raises(so.NonFiniteError, match=r"pressure\[1\].*\n.*\n.*log\(-1\) is nan"):
        m.solve()


# ---- what is refused
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"weights": np.ones(7)}, so.ShapeError, r"weights of 'data' has shape \(7,\)"),
        ({"weights": -np.ones(30)}, so.ProblemError, r"weight of data\[0\] is -1"),
        ({"weights": np.full(30, np.nan)}, so.NonFiniteError, r"weight of data\[0\] is nan"),
        ({"weights": np.inf}, so.NonFiniteError, r"weight of data\[0\] is inf"),
        ({"weights": {"dta": 1.0}}, so.ProblemError, "did you mean 'data'"),
        ({"weights": 0.0}, so.ProblemError, "no data to fit"),
        ({"loss": "hubber"}, so.ProblemError, "did you mean 'huber'"),
        ({"scale": 0.0}, so.ProblemError, "the scale of the loss is 0"),
        ({"scale": "a"}, so.ProblemError, "the scale of the loss is not made of numbers"),
        ({"scale": 1j}, so.ProblemError, "the scale of the loss is complex"),
        ({"scale": [1.0, 2.0]}, so.ProblemError, r"the scale of the loss is \[1.0, 2.0\]"),
        ({"hessian": "gauss"}, so.ProblemError, "known names: exact, gauss_newton"),
        ({"priors": {"b": (0.0, 1.0)}}, so.ProblemError, "'b', which is no variable"),
        ({"priors": {"a": 1.0}}, so.ProblemError, "the prior of 'a' is float"),
        ({"priors": {"a": (0.0, 0.0)}}, so.ProblemError, "deviation of prior_a is 0"),
        ({"priors": {"a": (0.0, [1.0, 1.0])}}, so.ShapeError, "the standard deviation of"),
        ({"priors": {"a": ([0.0, 1.0], 1.0)}}, so.ShapeError, "the mean of 'prior_a'"),
        ({"priors": {"a": (0, 1, np.ones((2, 2)))}}, so.ShapeError, "the operator of"),
        ({"priors": {"a": (0, 1, [[np.nan]])}}, so.NonFiniteError, "operator of 'prior_a'"),
        ({"priors": {"a": (0, 1, [[1j]])}}, so.ProblemError, "operator of 'prior_a' is complex"),
        ({"priors": {"a": (0, 1, sp.csr_array([[1j]]))}}, so.ProblemError, "'prior_a' is complex"),
        ({"priors": {"a": (0, 1, "x")}}, so.ProblemError, "'prior_a' is not made of numbers"),
        ({"priors": {"a": (np.nan, 1)}}, so.NonFiniteError, "the mean of prior_a is nan"),
    ],
)
def test_bad_declarations_are_named_errors(arguments, error, message):
    with pytest.raises(error, match=message):
        decay(**arguments)


def test_two_priors_of_one_name_are_refused():
    m = decay(priors={"a": (0.0, 1.0)})
    m.prior(1.0 * m._fit.sets[0].weights[0], name="prior_a")
    with pytest.raises(so.ProblemError, match="two things are called 'prior_a'"):
        m.problem()


def test_a_prior_needs_a_fit():
    m = so.Model("alone")
    m.prior(m.variable("x"))
    with pytest.raises(so.ProblemError, match="'prior_x' belongs to no fit"):
        m.solve()


def test_fewer_data_than_parameters_are_refused_by_name():
    m = so.Model("few")
    x = m.variable("x", shape=4)
    m.fit(x[:2] - 1.0)
    with pytest.raises(so.UnderdeterminedError, match="2 data cannot determine 4 parameters"):
        m.solve()


def test_equations_priors_and_fixed_variables_count():
    m = so.Model("enough")
    x = m.variable("x", shape=5, lower=[1.0, *[-9.0] * 4], upper=[1.0, *[9.0] * 4], start=1.0)
    m.fit(x[:2] - 1.0)
    m.subject_to(x[1] * x[2] == 2.0)
    m.prior(x[3:], mean=3.0)
    np.testing.assert_allclose(m.solve()["x"], [1.0, 1.0, 2.0, 3.0, 3.0], atol=1e-7)


def test_a_fit_replaces_an_objective_and_the_other_way_round():
    m = so.Model("turns")
    x = m.variable("x")
    m.maximize(-((x - 5.0) ** 2))
    m.fit(np.stack([x]) - 1.0)
    assert m.solve()["x"] == pytest.approx(1.0)
    m.minimize((x - 7.0) ** 2)
    assert m.solve()["x"] == pytest.approx(7.0)
    assert m.problem().residuals is None


# ---- losses
@pytest.mark.parametrize("name", ["huber", "soft_l1", "cauchy", "arctan"])
def test_losses_are_scipys(name):
    """SciPy's cost and gradient for one residual r = x, at many x."""
    loss = LOSSES[name]
    for x in (0.0, 1e-3, 0.3, 0.999, 1.001, 7.0, 1e4):
        result = opt.least_squares(
            lambda p: p, [x], loss=name, f_scale=1.0, max_nfev=1, ftol=None, gtol=None, xtol=1e-9
        )
        z = np.array([x**2])
        np.testing.assert_allclose(0.5 * loss.value(z), result.cost, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(loss.first(z) * x, result.grad, rtol=1e-13)


@pytest.mark.parametrize("name", list(LOSSES))
def test_derivatives_of_losses_are_those_of_their_values(name):
    loss = LOSSES[name]
    z, h = np.array([1e-3, 0.2, 0.9, 1.1, 4.0, 50.0]), 1e-5
    slopes = (loss.value(z + h) - loss.value(z - h)) / (2 * h)
    curvatures = (loss.first(z + h) - loss.first(z - h)) / (2 * h)
    np.testing.assert_allclose(loss.first(z), slopes, atol=1e-9)
    np.testing.assert_allclose(loss.second(z), curvatures, atol=1e-9)
    np.testing.assert_allclose(so.gradient(lambda v: np.sum(loss.value(v)), z)(z), loss.first(z))


@pytest.mark.parametrize("name", list(LOSSES))
def test_losses_are_smooth_at_zero(name):
    """Exact derivatives by the residual at r = 0: no NaN of a root or a branch not taken."""
    loss = LOSSES[name]

    def objective(r):
        return 0.5 * np.sum(loss.value(r**2))

    x = np.array([0.0])
    assert so.gradient(objective, x)(x).tolist() == [0.0]
    assert so.hessian(objective, x)(x).toarray().tolist() == [[1.0]]


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "squared"])
def test_efficient_scales_give_95_percent(name):
    """The efficiency (E ψ')² / E ψ² of an estimate of a mean from normal data."""
    loss, t = LOSSES[name], np.linspace(-12.0, 12.0, 200_001)
    density = np.exp(-0.5 * t**2) / np.sqrt(2 * np.pi)
    z = (t / loss.efficient_scale) ** 2
    psi, slope = loss.first(z) * t, loss.first(z) + 2.0 * z * loss.second(z)
    efficiency = np.trapezoid(slope * density, t) ** 2 / np.trapezoid(psi**2 * density, t)
    assert efficiency == pytest.approx(0.95, abs=2e-4)


def test_slopes_and_curvatures_of_residuals_are_those_of_the_objective():
    m = so.Model("one by one")
    x = m.variable("x", shape=3, start=1.0)
    m.fit(x[:2] - np.array([0.5, -3.0]), weights=2.0, loss="cauchy", scale=1.5)
    m.prior(x[2], std=0.5)
    p = m.problem()
    at = np.array([1.0, 1.0, 1.0])
    r = p.residuals
    np.testing.assert_allclose(r.slopes(at) * r.weights * r.values(at), p.gradient(at))
    np.testing.assert_allclose(r.curvatures(at) * r.weights**2, p.hessian(at).diagonal())
