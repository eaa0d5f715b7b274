"""Fits of a few parameters go on from where a solver has ended, to the last digits."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so

T = np.linspace(0.0, 5.0, 40)
DATA = 3.0 * np.exp(-0.7 * T) + 0.2 + 0.05 * np.random.default_rng(0).normal(size=40)


def decay(weights=1.0, loss="squared", **bounds):
    m = so.Model("decay")
    p = m.variable("p", 3, start=[1.0, 1.0, 0.4], **bounds)
    m.fit(p[0] * np.exp(-p[1] * T) + p[2] - DATA, weights=weights, loss=loss)
    return m


def exact(free=(0, 1, 2), fixed=None):
    """Return the parameters by Gauss–Newton steps, others fixed."""
    p = np.array([3.0, 0.7, 0.2] if fixed is None else fixed)
    free = list(free)
    for _ in range(60):
        e = np.exp(-p[1] * T)
        jacobian = np.stack([e, -p[0] * T * e, np.ones(40)], axis=1)[:, free]
        p[free] -= np.linalg.lstsq(jacobian, p[0] * e + p[2] - DATA)[0]
    return p


@pytest.mark.parametrize(
    ("solver", "weights"), [("ipopt", 1e-6), ("ipopt", 1.0), ("ipopt", 1e6), ("L-BFGS-B", 1e-6)]
)
def test_digits_do_not_depend_on_the_size_of_residuals(solver, weights):
    """A sum of squares of 1e-12 satisfies every absolute tolerance at the start."""
    s = decay(weights).solve(solver)
    np.testing.assert_allclose(s["p"], exact(), rtol=1e-9)
    assert s.status.success
    assert "last digits" in s.outcome.timings


def test_variables_at_their_bounds_are_held_there():
    s = decay(upper=[2.9, 5.0, 5.0]).solve()
    assert s["p"][0] == 2.9
    np.testing.assert_allclose(s["p"], exact((1, 2), [2.9, 0.7, 0.2]), rtol=1e-9)
    assert s.outcome.upper_multipliers[0] > 0.1
    assert s.outcome.optimality.stationarity < 1e-12
    assert s.uncertainty().fixed == ["p[0]"]
    s = decay(lower=[0.0, 0.0, 0.3]).solve()
    np.testing.assert_allclose(s["p"], exact((0, 1), [3.0, 0.7, 0.3]), rtol=1e-9)


def test_fixed_variables_keep_their_values():
    s = decay(lower=[2.9, 0.0, 0.0], upper=[2.9, 5.0, 5.0]).solve()
    np.testing.assert_allclose(s["p"], exact((1, 2), [2.9, 0.7, 0.2]), rtol=1e-9)
    s = decay(lower=[2.9, 0.7, 0.2], upper=[2.9, 0.7, 0.2]).solve()
    assert s["p"].tolist() == [2.9, 0.7, 0.2]


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (decay(), {"tol": 1e-3}),
        (decay(loss="huber"), {}),
    ],
)
def test_tolerances_of_the_caller_and_robust_losses_are_left_alone(model, options):
    assert "last digits" not in model.solve(options=options).outcome.timings


def test_constraints_are_left_alone():
    m = decay()
    x = m.variable("x", start=1.0)
    m.subject_to(x * x == 2.0)
    assert "last digits" not in m.solve().outcome.timings
