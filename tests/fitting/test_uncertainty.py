"""Covariances, intervals, bands and profiles: closed forms, NIST, SciPy, and fits done again."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse.linalg
import scipy.stats

import sparseopt as so

TIGHT = {"tol": 1e-11}
T = np.linspace(0.0, 4.0, 25)
NOISE = np.random.default_rng(3).standard_normal(T.size)
LINE = 1.0 + 0.5 * T + 0.1 * NOISE
DECAY = 2.0 * np.exp(-0.7 * T) + 0.5 + 0.05 * NOISE
DESIGN = np.stack([np.ones_like(T), T], axis=1)


def line(**options):
    m = so.Model("line")
    b = m.variable("b", shape=2)
    m.fit(b[0] + b[1] * T - LINE, **options)
    return m, b


def decay(data=DECAY, **options):
    m = so.Model("decay")
    a, k, c = (m.variable(n, start=s) for n, s in (("a", 1.0), ("k", 1.0), ("c", 0.0)))
    m.fit(a * np.exp(-k * T) + c - data, **options)
    return m, (a, k, c)


def normal_covariance(design, residuals, dimension=None):
    """Return s² (XᵀX)⁻¹."""
    dof = len(design) - (dimension or design.shape[1])
    return residuals @ residuals / dof * np.linalg.inv(design.T @ design)


def test_a_line_has_the_covariance_of_linear_regression():
    s = line()[0].solve(options=TIGHT)
    expected = normal_covariance(DESIGN, DESIGN @ s["b"] - LINE)
    assert so.covariance(s) == pytest.approx(expected)
    assert so.covariance(s, "b", hessian="exact") == pytest.approx(expected)
    assert so.covariance(s, ["b[1]"]) == pytest.approx(expected[1:, 1:])
    fit = scipy.stats.linregress(T, LINE)
    assert s.uncertainty().standard_error("b") == pytest.approx([fit.intercept_stderr, fit.stderr])


def test_weights_are_inverse_standard_deviations():
    sigma = 0.1 + 0.02 * T
    s = line(weights=1 / sigma)[0].solve(options=TIGHT)
    design = DESIGN / sigma[:, None]
    expected = normal_covariance(design, (DESIGN @ s["b"] - LINE) / sigma)
    assert so.covariance(s) == pytest.approx(expected)
    absolute = np.linalg.inv(design.T @ design)
    assert so.covariance(s, absolute_sigma=True) == pytest.approx(absolute)


@pytest.mark.parametrize("absolute", [False, True])
def test_a_decay_has_the_covariance_of_curve_fit(absolute):
    sigma = 0.05 + 0.01 * T
    s = decay(weights=1 / sigma)[0].solve(options=TIGHT)
    popt, expected = scipy.optimize.curve_fit(
        lambda t, a, k, c: a * np.exp(-k * t) + c,
        *(T, DECAY, [2.0, 1.0, 0.5], sigma, absolute),
        ftol=1e-14,
        xtol=1e-14,
    )
    assert [s["a"], s["k"], s["c"]] == pytest.approx(popt)
    assert so.covariance(s, ["a", "k", "c"], absolute) == pytest.approx(expected, rel=1e-5)


def test_the_exact_hessian_has_the_curvature_of_the_residuals():
    m = so.Model()
    k = m.variable("k", start=1.0)
    data = np.exp(-0.7 * T) + 0.3 * NOISE
    m.fit(np.exp(-k * T) - data)
    s = m.solve(options=TIGHT)
    model = np.exp(-s["k"] * T)
    residuals = model - data
    s2 = residuals @ residuals / (T.size - 1)
    curved = np.sum(T**2 * model**2 + residuals * T**2 * model)
    assert so.covariance(s, hessian="exact")[0, 0] == pytest.approx(s2 / curved)
    assert so.covariance(s)[0, 0] == pytest.approx(s2 / np.sum(T**2 * model**2))


def test_an_equality_takes_a_dimension():
    m, b = line()
    m.subject_to(b[0] + 2 * b[1] == 2.0, name="known")
    s = m.solve(options=TIGHT)
    direction = np.array([-2.0, 1.0])
    residuals = DESIGN @ s["b"] - LINE
    moved = DESIGN @ direction
    s2 = residuals @ residuals / (T.size - 1)
    expected = s2 * np.outer(direction, direction) / (moved @ moved)
    u = s.uncertainty()
    assert u.covariance("b") == pytest.approx(expected)
    assert u.degrees_of_freedom == T.size - 1
    assert u.correlation("b") == pytest.approx(np.array([[1.0, -1.0], [-1.0, 1.0]]))


def test_a_variable_at_its_bound_has_no_error_and_is_reported():
    m = so.Model("bounded")
    a, b = m.variable("a", lower=1.5), m.variable("b")
    m.fit(a + b * T - LINE)
    s = m.solve(options=TIGHT)
    residuals = 1.5 + s["b"] * T - LINE
    s2 = residuals @ residuals / (T.size - 1)
    u = s.uncertainty()
    assert u.covariance("a", "b") == pytest.approx(np.diag([0.0, s2 / (T @ T)]), rel=1e-6)
    assert u.fixed == ["a"]
    assert "held by a bound, and so without error: a" in str(u)
    assert np.isnan(u.correlation("a", "b")[0, 0])


def test_priors_count_as_data():
    """The posterior of a line: (XᵀX / σ² + P)⁻¹."""
    m, b = line(weights=10.0)
    m.prior(b, [1.0, 0.4], [0.5, 0.05])
    u = so.uncertainty(m.solve(options=TIGHT), absolute_sigma=True)
    information = 100.0 * DESIGN.T @ DESIGN + np.diag([4.0, 400.0])
    assert u.covariance("b") == pytest.approx(np.linalg.inv(information))
    assert u.degrees_of_freedom == T.size
    assert "and 2 rows of priors" in str(u)


STRD = ("misra1a", "kirby2", "hahn1", "mgh17", "lanczos2", "thurber", "bennett5", "eckerle4")


@pytest.mark.parametrize("name", STRD)
def test_certified_standard_deviations_of_nist(name):
    """From start 2, near the solution; units of the parameters as their scale."""
    problem = importlib.import_module(f"problems.fitting.{name}")
    data = problem.DATA
    m = so.Model(name)
    start = data.starts[1]
    b = m.variable("b", shape=start.size, start=start, scale=np.abs(start))
    m.fit(problem.response(b, data.predictor) - data.response, hessian="gauss_newton")
    u = so.uncertainty(m.solve(options={"tol": 1e-10}))
    assert u.standard_error("b") == pytest.approx(data.standard_deviations, rel=5e-6)
    assert np.sqrt(u.residual_variance) == pytest.approx(data.residual_standard_deviation, rel=1e-6)


# ---- states of an equation
def implicit_euler():
    """Return u' = -k u, u(0) = a by implicit Euler with u as variables, and data of u."""
    h = 0.1
    exact = (1 + 0.8 * h) ** -np.arange(1.0, 31.0)
    data = exact + 0.02 * np.random.default_rng(5).standard_normal(30)
    m = so.Model("euler")
    k, a = m.variable("k", start=0.5), m.variable("a", start=1.0)
    u = m.variable("u", shape=30, start=1.0)
    before = np.concatenate([a.reshape(1), u[:-1]])
    m.subject_to(u - before == -h * k * u, name="step")
    m.fit(u - data)
    reduced = so.Model("closed form")
    k, a = reduced.variable("k", start=0.5), reduced.variable("a", start=1.0)
    states = a * (1 + k * h) ** -np.arange(1.0, 31.0)
    reduced.fit(states - data)
    return (m, u), (reduced, states)


def test_states_of_an_equation_are_no_parameters():
    (m, u), (reduced, states) = implicit_euler()
    full = so.uncertainty(m.solve(options=TIGHT))
    small = so.uncertainty(reduced.solve(options=TIGHT))
    assert full.parameters == small.parameters == ("k", "a")
    assert full.degrees_of_freedom == 28
    assert full.covariance() == pytest.approx(small.covariance(), rel=1e-6)
    band = small.band(states)
    assert full.standard_error("u") == pytest.approx(band.standard_error, rel=1e-6)
    assert full.band(u**2).standard_error == pytest.approx(
        small.band(states**2).standard_error, rel=1e-6
    )


def test_errors_of_all_states_cost_a_solve_for_each_parameter():
    (m, u), _ = implicit_euler()
    found = so.uncertainty(m.solve())
    before = found.operator.system.num_solves
    found.standard_error("u")
    assert found.operator.system.num_solves == before + 2
    found.band(u * 2.0)
    assert found.operator.system.num_solves == before + 2
    assert found.operator.system.num_factorizations == 1


def test_a_large_field_has_the_errors_of_its_normal_matrix():
    """A smoothed field of 3000 values: J is squared where that costs nothing."""
    m = so.Model("smooth")
    x = m.variable("x", shape=3000)
    m.fit(x[::10] - np.sin(np.arange(300.0)))
    m.prior(x[1:] - x[:-1], 0.0, 0.5)
    u = m.solve().uncertainty(absolute_sigma=True)
    design = u.operator.jacobian
    columns = scipy.sparse.eye_array(3000, format="csc")[:, 1400:1420]
    inverse = scipy.sparse.linalg.spsolve(scipy.sparse.csc_array(design.T @ design), columns)
    expected = np.sqrt(inverse.toarray()[1400:1420].diagonal())
    found = [u.standard_error(f"x[{k}]") for k in range(1400, 1420)]
    assert found == pytest.approx(expected)
    assert u.operator.system.matrix.shape == (3000, 3000)


def test_a_large_field_that_nothing_determines_is_still_found():
    m = so.Model("differences")
    x = m.variable("x", shape=2500)
    m.fit(np.concatenate([x[1:] - x[:-1] - 1.0, x[:5] - x[1:6] + 1.5]))
    u = m.solve().uncertainty()
    assert len(u.undetermined) == 1
    assert len(u.undetermined[0]) == 2500
    assert u.band(x[7] - x[3]).standard_error > 0.0


# ---- intervals and bands
def test_intervals_are_students_t():
    s = line()[0].solve(options=TIGHT)
    lower, upper = s.uncertainty().interval("b", 0.9)
    half = scipy.stats.t.ppf(0.95, T.size - 2) * s.uncertainty().standard_error("b")
    assert (upper - lower) / 2 == pytest.approx(half)
    assert (upper + lower) / 2 == pytest.approx(s["b"])


def test_the_band_of_a_line_is_narrowest_at_the_mean():
    m, b = line()
    s = m.solve(options=TIGHT)
    band = s.uncertainty().band(b[0] + b[1] * T)
    expected = np.sqrt(np.einsum("ij,jk,ik->i", DESIGN, so.covariance(s), DESIGN))
    assert band.standard_error == pytest.approx(expected)
    assert band.value == pytest.approx(DESIGN @ s["b"])
    assert band.upper - band.value == pytest.approx(scipy.stats.t.ppf(0.975, 23) * expected)
    single = s.uncertainty().band(b[0] + 2.0 * b[1])
    assert single.standard_error == pytest.approx(band.standard_error.min())


# ---- profiles
def test_the_profile_of_a_line_is_its_interval():
    s = line()[0].solve(options=TIGHT)
    u = s.uncertainty()
    profile = u.profile("b[1]", points=5)
    lower, upper = (end[1] for end in u.interval("b"))
    assert profile.interval == pytest.approx((lower, upper), rel=1e-5)
    straight = (profile.values - profile.estimate) / profile.standard_error
    assert profile.tau == pytest.approx(straight, abs=1e-4)


def test_a_profile_follows_the_sum_of_squares():
    """One parameter: the ends solve S(k) = S (1 + F / dof) directly."""
    m = so.Model()
    k = m.variable("k", start=1.0)
    data = np.exp(-0.7 * T) + 0.2 * NOISE
    m.fit(np.exp(-k * T) - data)
    s = m.solve(options=TIGHT)

    def excess(value):
        squares = np.sum((np.exp(-value * T) - data) ** 2)
        least = np.sum((np.exp(-s["k"] * T) - data) ** 2)
        return squares - least * (1 + scipy.stats.f.ppf(0.95, 1, T.size - 1) / (T.size - 1))

    ends = scipy.optimize.brentq(excess, 0.05, s["k"]), scipy.optimize.brentq(excess, s["k"], 9.0)
    assert s.uncertainty().profile("k").interval == pytest.approx(ends, rel=1e-4)


def test_a_profile_stops_at_a_bound_and_is_open_where_data_say_nothing():
    m = so.Model("late")
    k = m.variable("k", lower=0.35, start=1.0)
    m.fit(np.exp(-k * np.array([6.0, 7.0, 8.0])) - np.array([0.05, -0.04, 0.03]))
    profile = m.solve(options=TIGHT).uncertainty().profile("k", points=9)
    assert profile.interval == (0.35, np.inf)


def test_the_profile_of_what_data_cannot_tell_is_open():
    """Its standard error is infinite, and so was the search."""
    m = so.Model("sum")
    a, b = m.variable("a"), m.variable("b")
    m.fit(a + b - np.array([1.0, 2.0, 4.0]))
    profile = m.solve().uncertainty().profile("a", points=3)
    assert profile.interval == (-np.inf, np.inf)
    assert profile.standard_error == np.inf
    assert profile.num_solves < 50


def test_a_better_fit_found_on_the_way_is_told():
    m = so.Model("two valleys")
    x = m.variable("x", start=-1.0)
    y = m.variable("y", start=0.0)
    m.fit(np.stack([3 * (x**2 - 1.0), 0.5 * (x - 2.0), y - x, y - x + 1.0, 0.5 * x]))
    u = m.solve().uncertainty()
    with pytest.raises(so.DegenerateSolutionError, match="a better fit was found with x"):
        u.profile("x", points=7)


# ---- what data cannot tell
def product():
    m = so.Model("product")
    a, b, c = (m.variable(n, start=s) for n, s in (("a", 1.0), ("b", 3.0), ("c", 0.0)))
    m.fit(a * b * np.exp(-0.7 * T) + c - DECAY)
    return m, (a, b, c)


def test_factors_of_a_product_are_not_told_apart():
    m, (a, b, _) = product()
    s = m.solve(options=TIGHT)
    u = s.uncertainty()
    (combination,) = u.undetermined
    assert set(combination) == {"a", "b"}
    assert combination["a"] / combination["b"] == pytest.approx(-s["a"] / s["b"], rel=1e-5)
    assert u.standard_error("a") == np.inf
    with pytest.raises(so.DegenerateSolutionError, match=r"cannot tell \w from \w") as caught:
        u.covariance("a")
    assert set(caught.value.names) == {"a", "b"}
    assert "not determined" in str(u)
    assert u.degrees_of_freedom == T.size - 2
    design = np.stack([np.exp(-0.7 * T), np.ones_like(T)], axis=1)
    expected = np.sqrt(np.diag(normal_covariance(design, u.operator.values)))
    assert u.band(a * b).standard_error == pytest.approx(expected[0], rel=1e-5)
    assert u.standard_error("c") == pytest.approx(expected[1], rel=1e-5)


def test_two_combinations_are_found():
    m = so.Model("sums")
    x = m.variable("x", shape=5)
    m.fit(np.stack([x[0] + 2 * x[1] - 1.0, x[2] - x[3] - 2.0, x[4] - 3.0, x[4] - 4.0, x[4]]))
    u = m.solve().uncertainty()
    found = {frozenset(c) for c in u.undetermined}
    assert found == {frozenset({"x[0]", "x[1]"}), frozenset({"x[2]", "x[3]"})}
    assert np.isinf(u.standard_error("x")).tolist() == [True, True, True, True, False]


def test_a_prior_tells_them_apart():
    m, (a, _, _) = product()
    m.prior(a, 1.0, 0.1)
    u = m.solve(options=TIGHT).uncertainty(absolute_sigma=True)
    assert u.undetermined == []
    assert u.standard_error("a") == pytest.approx(0.1, rel=1e-6)


def test_dependent_equalities_are_named():
    m, b = line()
    m.subject_to(b[0] + b[1] == 1.5, name="one")
    m.subject_to(2 * b[0] + 2 * b[1] == 3.0, name="two")
    with pytest.raises(so.DegenerateSolutionError, match="one and two are dependent"):
        m.solve().uncertainty()


# ---- robust losses
def test_a_robust_mean_has_the_sandwich_of_huber():
    data = np.append(NOISE, [20.0, -15.0])
    m = so.Model("mean")
    x = m.variable("x")
    m.fit(x - data, loss="huber", scale=1.345)
    s = m.solve(options=TIGHT)
    psi = np.clip(s["x"] - data, -1.345, 1.345)
    inside = np.sum(np.abs(s["x"] - data) < 1.345)
    n = data.size
    expected = n / (n - 1) * np.sum(psi**2) / inside**2
    assert so.covariance(s)[0, 0] == pytest.approx(expected)
    assert so.covariance(s, hessian="gauss_newton")[0, 0] == pytest.approx(expected)
    assert "sandwich" in s.uncertainty().operator.method


# ---- refusals, report, pictures
def test_no_degrees_of_freedom_leave_no_variance():
    m = so.Model("two points")
    b = m.variable("b", shape=2)
    m.fit(np.stack([b[0] - 1.0, b[0] + b[1] - 3.0]))
    s = m.solve()
    with pytest.raises(so.DegenerateSolutionError, match="nothing to estimate"):
        so.covariance(s)
    assert "no degrees of freedom are left" in str(s.uncertainty())
    expected = np.array([[1.0, -1.0], [-1.0, 2.0]])
    assert so.covariance(s, absolute_sigma=True) == pytest.approx(expected)


def test_what_cannot_be_answered_is_refused():
    m = so.Model()
    x = m.variable("x", shape=2)
    m.minimize(np.sum(x**2))
    with pytest.raises(so.ProblemError, match="no fit"):
        m.solve().uncertainty()
    model, b = line()
    s = model.solve()
    u = s.uncertainty()
    with pytest.raises(so.ProblemError, match="no confidence level"):
        u.interval("b", 95)
    with pytest.raises(so.ProblemError, match="no confidence level"):
        u.interval("b", "high")
    with pytest.raises(so.ProblemError, match="no variable"):
        u.standard_error("z")
    with pytest.raises(so.ProblemError, match="is no name"):
        u.standard_error(["b"])
    with pytest.raises(so.ProblemError, match="points='many'"):
        u.profile("b[0]", points="many")
    with pytest.raises(so.ProblemError, match="uses 'other', which it did not declare"):
        u.band(so.Model().variable("other"))
    for no_solution in (None, model.problem()):
        with pytest.raises(so.ProblemError, match="is no solution of a model"):
            so.uncertainty(no_solution)
    with pytest.raises(so.ProblemError, match="of one number"):
        u.profile("b")
    with pytest.raises(so.ProblemError, match="no Hessian"):
        so.covariance(s, hessian="newton")
    with pytest.raises(so.ShapeError, match="abscissas"):
        u.plot_residuals(against=[1.0, 2.0])
    fixed, b = line()
    fixed.subject_to(b[0] == 1.0)
    with pytest.raises(so.ProblemError, match="no profile"):
        fixed.solve().uncertainty().profile("b[0]")


def test_the_report_shows_values_errors_and_intervals():
    s = decay()[0].solve(options=TIGHT)
    u = s.uncertainty()
    lines = str(u).splitlines()
    assert lines[0] == "decay: errors of the fit"
    assert "25, 3 free dimensions, 22 degrees of freedom" in lines[1]
    row = next(line for line in lines if line.split()[0] == "k")
    assert f"{s['k']:.8g}" in row
    assert f"{u.standard_error('k'):.4g}" in row


def test_a_large_field_is_summed_up():
    m = so.Model("field")
    x = m.variable("x", shape=100)
    m.fit(np.concatenate([x - 1.0, 3 * x - 2.0]))
    text = str(m.solve().uncertainty())
    assert "x: 100 values, errors" in text
    assert len(text.splitlines()) < 10


def test_parameters_of_the_solve_are_used():
    m = so.Model()
    x, k = m.variable("x"), m.parameter("k", 2.0)
    m.fit(k * x - np.array([1.0, 2.0, 4.0]))
    s = m.solve()
    expected = so.covariance(s)
    m.set(k=50.0)
    assert so.covariance(s) == pytest.approx(expected)
    assert s.uncertainty().band(k * x).standard_error == pytest.approx(2 * np.sqrt(expected[0, 0]))


def test_pictures_are_drawn():
    pytest.importorskip("matplotlib")
    m, (a, k, c) = decay()
    u = m.solve().uncertainty()
    model = a * np.exp(-k * T) + c
    assert len(u.plot_residuals(against=model).axes) == 3
    assert [t.get_text() for t in u.plot_correlation().axes[0].get_xticklabels()] == ["a", "k", "c"]
    assert u.band(model).plot(T).get_legend() is not None
    assert u.profile("k", points=3).plot().get_xlabel() == "k"
