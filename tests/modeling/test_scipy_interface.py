"""SciPy's call form: its types in, its result out, exact sparse derivatives between."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize as opt
import scipy.sparse as sp
import scipy.sparse.linalg

import sparseopt as so


def rosenbrock(x, weight=100.0):
    return np.sum(weight * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


START = np.array([1.3, 0.7, 0.8, 1.9])


@pytest.mark.parametrize(
    "method",
    [None, "ipopt", "trust-constr", "SLSQP", "L-BFGS-B", "TNC", "Newton-CG", "trust-krylov"],
)
def test_every_method_finds_the_minimum(method):
    result = so.minimize(rosenbrock, START, method=method, tol=1e-8)
    assert isinstance(result, opt.OptimizeResult)
    assert result.success, result.message
    assert result.x == pytest.approx(np.ones(4), abs=1e-3)
    assert result.fun == pytest.approx(0.0, abs=1e-5)
    assert result.nit > 0
    assert result.nfev > 0
    assert result.jac.shape == (4,)


@pytest.mark.parametrize("bounds", [opt.Bounds(-2, 0.5), [(-2, 0.5)] * 4, [(None, 0.5)] * 4])
def test_bounds_in_every_form(bounds):
    result = so.minimize(rosenbrock, np.full(4, 0.1), bounds=bounds)
    reference = opt.minimize(rosenbrock, np.full(4, 0.1), bounds=[(-2, 0.5)] * 4)
    assert result.x.max() <= 0.5
    assert result.fun == pytest.approx(reference.fun, rel=1e-5)


def sphere(x):
    return np.sum(x**2)


LINEAR = np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, -1.0]])


@pytest.mark.parametrize(
    "constraint",
    [
        opt.NonlinearConstraint(lambda x: LINEAR @ x, [1.0, 0.5], [np.inf, 0.5]),
        opt.LinearConstraint(LINEAR, [1.0, 0.5], [np.inf, 0.5]),
        opt.LinearConstraint(sp.csr_array(LINEAR), [1.0, 0.5], [np.inf, 0.5]),
        [
            {"type": "ineq", "fun": lambda x: x[0] + 2 * x[1] + 3 * x[2] + 4 * x[3] - 1.0},
            {"type": "eq", "fun": lambda x, d: x[1] - x[3] - d, "args": (0.5,)},
        ],
        (
            opt.LinearConstraint(LINEAR[:1], 1.0),
            opt.NonlinearConstraint(lambda x: [x[1] - x[3]], 0.5, 0.5),
        ),
    ],
)
def test_constraints_in_every_form(constraint):
    result = so.minimize(sphere, START, constraints=constraint)
    assert result.success
    assert LINEAR[1] @ result.x == pytest.approx(0.5)
    assert LINEAR[0] @ result.x >= 1.0 - 1e-6
    multipliers = np.linalg.lstsq(LINEAR.T, -2 * result.x, rcond=None)[0]
    assert np.concatenate(result.v) == pytest.approx(multipliers, abs=1e-6)
    assert result.maxcv < 1e-7


def test_arguments_and_shapes():
    target = np.array([[1.0, 2.0], [3.0, 4.0]])
    result = so.minimize(lambda x, t: np.sum((x - t) ** 2), np.zeros((2, 2)), args=(target,))
    assert result.x == pytest.approx(target)
    assert result.jac.shape == (2, 2)
    single = so.minimize(rosenbrock, START, args=1.0)
    assert single.x == pytest.approx(np.ones(4), abs=1e-4)


def test_options_are_translated_and_unknown_ones_refused():
    result = so.minimize(rosenbrock, START, options={"maxiter": 2})
    assert not result.success
    assert result.nit == 2
    assert result.solution.status is so.Status.ITERATION_LIMIT
    with pytest.raises(so.UnknownOptionError):
        so.minimize(rosenbrock, START, options={"max_itter": 2})
    with pytest.raises(so.UnknownSolverError):
        so.minimize(rosenbrock, START, method="L-BFGS")


def test_callbacks_of_both_kinds():
    points, results = [], []
    so.minimize(rosenbrock, START, callback=lambda xk: points.append(xk.copy()))
    so.minimize(
        rosenbrock, START, callback=lambda intermediate_result: results.append(intermediate_result)
    )
    assert points[0] == pytest.approx(START)
    assert points[-1] == pytest.approx(np.ones(4), abs=1e-3)
    assert len(results) == len(points)
    assert results[0].fun == pytest.approx(rosenbrock(START))


def test_a_callback_stops_the_solve():
    result = so.minimize(rosenbrock, START, callback=lambda xk: True)
    assert result.solution.status is so.Status.STOPPED


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ([(0, 1)] * 3, "3 bounds are given for 4 variables"),
        (opt.Bounds([0, 0], [1, 1]), "2 bounds are given for 4 variables"),
        ([(1, 0)] * 4, r"the bounds of x\[0\] are crossed"),
        ([(np.nan, 0)] * 4, r"a bound of x\[0\] is NaN"),
    ],
)
def test_wrong_bounds_are_refused(bounds, message):
    with pytest.raises((so.ShapeError, so.ProblemError), match=message):
        so.minimize(sphere, START, bounds=bounds)


def test_wrong_constraints_are_refused():
    with pytest.raises(so.ProblemError, match="a constraint has type 'equal'"):
        so.minimize(sphere, START, constraints={"type": "equal", "fun": sphere})
    with pytest.raises(so.ProblemError, match="a constraint is of type function"):
        so.minimize(sphere, START, constraints=[sphere])
    with pytest.raises(so.NonFiniteError, match=r"the start of x\[1\] is nan"):
        so.minimize(sphere, [1.0, np.nan])


TIMES = np.linspace(0.0, 1.0, 30)
DATA = 2.0 * np.exp(-3.0 * TIMES) + 0.1 * np.sin(40 * TIMES)


def decay(p):
    return p[0] * np.exp(-p[1] * TIMES) - DATA


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_agrees_with_scipy(method):
    reference = opt.least_squares(decay, [1.0, 1.0])
    result = so.least_squares(decay, [1.0, 1.0], method=method)
    assert result.success
    assert result.x == pytest.approx(reference.x, rel=1e-4)
    assert result.cost == pytest.approx(reference.cost)
    assert sp.issparse(result.jac) == (method != "lm")


def test_least_squares_takes_bounds_losses_and_arguments():
    result = so.least_squares(
        lambda p, scale: scale * decay(p),
        [1.0, 1.0],
        args=(2.0,),
        bounds=([0.0, 0.0], [1.5, np.inf]),
        loss="soft_l1",
    )
    reference = opt.least_squares(
        lambda p: 2.0 * decay(p), [1.0, 1.0], bounds=([0, 0], [1.5, np.inf]), loss="soft_l1"
    )
    assert result.x == pytest.approx(reference.x, rel=1e-3)
    assert result.x[0] <= 1.5


def test_least_squares_of_any_shape():
    target = np.arange(6.0).reshape(2, 3)
    result = so.least_squares(lambda x: (x - target) * np.array([1.0, 2.0, 3.0]), np.ones((2, 3)))
    assert result.x == pytest.approx(target)


def test_least_squares_names_what_is_not_finite():
    with pytest.raises(so.NonFiniteError, match=r"log\(-1\) is nan"):
        so.least_squares(lambda x: np.log(x), [1.0, -1.0])


@pytest.mark.parametrize("derivative", [{}, {"hess": np.eye}, {"hessp": np.dot}])
def test_derivatives_given_as_to_scipy_are_not_needed(derivative):
    given = so.minimize(lambda x: np.sum((x - 1) ** 2), np.zeros(2), jac=abs, **derivative)
    both = so.minimize(lambda x: (np.sum((x - 1) ** 2), 2 * (x - 1)), np.zeros(2), jac=True)
    assert given.x.tolist() == both.x.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("place", ["objective", "constraint"])
def test_compiled_functions_that_take_numbers_alone_are_refused_with_what_to_write(place):
    factors = scipy.sparse.linalg.splu(sp.csc_array(np.diag([2.0, 3.0])))
    functions = {"objective": np.sum, "constraint": np.sum}
    functions[place] = lambda x: np.sum(factors.solve(x))
    constraint = opt.NonlinearConstraint(functions["constraint"], 0.0, 1.0)
    with pytest.raises(so.TracingError) as raised:
        so.minimize(functions["objective"], np.ones(2), constraints=constraint)
    assert "so.linear_solve(A, b) for scipy.sparse.linalg.splu(A)" in raised.value.instead
    assert "test_scipy_interface.py:" in raised.value.where
