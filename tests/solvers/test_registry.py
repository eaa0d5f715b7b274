from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import scipy.optimize

from sparseopt.errors import SolverError, SolverNotInstalledError, UnknownSolverError
from sparseopt.solvers import Status, registry, scipy_arguments, solve
from sparseopt.solvers.guard import GuardedOracle
from sparseopt.solvers.registry import SolverEntry, ipopt_problem, load_solver
from sparseopt.solvers.scipy_methods import SCIPY_METHODS
from sparseopt.solvers.verdict import Outcome, conclude
from tests.solvers.example_problems import HS071, Chain, Rosenbrock, sabotage

CONSTRAINED = [name for name, method in SCIPY_METHODS.items() if method.constraints]
BOUNDED = [name for name, method in SCIPY_METHODS.items() if method.bounds]


@pytest.mark.parametrize("name", ["ipotp", "SLSQPP", "", None])
def test_an_unknown_solver_brings_the_known_names(name):
    with pytest.raises(UnknownSolverError, match=r"did you mean|known names"):
        solve(HS071(), name)


def test_capitals_of_a_solver_do_not_matter():
    assert load_solver("slsqp") is load_solver("SLSQP")


def test_auto_takes_the_first_one_installed():
    assert solve(HS071(), "auto").solver.startswith("Ipopt")


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    entry = SolverEntry("absent_adapter", "solve", install="pip install absent")
    monkeypatch.setitem(registry.SOLVERS, "absent", entry)

    def fail(name):
        raise ModuleNotFoundError("no module", name="absent")

    monkeypatch.setattr(registry.importlib, "import_module", fail)
    with pytest.raises(SolverNotInstalledError, match="pip install absent"):
        load_solver("absent")


def test_importing_the_solvers_loads_none_of_them():
    heavy = ["scipy.optimize", "cyipopt", "casadi", "llvmlite"]
    code = f"import sys, sparseopt.solvers; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("method", SCIPY_METHODS)
def test_each_method_of_scipy_refuses_what_it_cannot_take(method):
    if method not in CONSTRAINED:
        with pytest.raises(SolverError, match="2 constraints"):
            solve(HS071(), method)
    if method not in BOUNDED:
        with pytest.raises(SolverError, match="bounds on its variables"):
            solve(Rosenbrock(lower=-2), method)


@pytest.mark.parametrize("method", SCIPY_METHODS)
def test_each_method_of_scipy_solves_rosenbrock(method):
    result = solve(Rosenbrock(), method)
    assert result.status.success
    assert result.x == pytest.approx([1, 1], abs=1e-3)
    assert result.iterations == result.history["objective"].size > 3


def test_methods_use_products_where_they_would_refuse_a_sparse_hessian():
    result = solve(Rosenbrock(), "trust-krylov")
    assert result.evaluations["hessian_vector_product"] > 0
    assert result.evaluations["hessian"] == 0


def test_a_success_that_is_none_is_found_out():
    # Powell's line search stops on the bound where the gradient along it is far from zero.
    result = solve(Rosenbrock(lower=-2, upper=0.8), "Powell")
    assert result.status is Status.STALLED
    assert "gradient of the Lagrangian" in result.message


def test_a_success_at_an_infeasible_point_is_found_out():
    problem = HS071()
    outcome = Outcome(
        x=problem.initial_point,
        status=Status.OPTIMAL,
        raw_status=0,
        iterations=0,
        solver="a boaster",
        constraint_multipliers=np.zeros(2),
    )
    result = conclude(GuardedOracle(problem), outcome, tolerance=1e-4)
    assert result.status is Status.STALLED
    assert "constraint row[1] (largest violation 12) is violated" in result.message


@pytest.mark.parametrize("solver", ["ipopt", "cyipopt", "SLSQP", "L-BFGS-B", "trust-constr"])
def test_a_problem_whose_variables_are_all_fixed(solver):
    result = solve(Rosenbrock(lower=0.5, upper=0.5), solver)
    assert result.status.success
    assert result.x == pytest.approx([0.5, 0.5], abs=1e-6)


def test_trust_constr_warns_of_many_inequalities():
    problem = Chain(2500)
    problem.variable_lower[:] = -10.0
    with pytest.warns(RuntimeWarning, match="ipopt is made for them"):
        solve(problem, "trust-constr", time_limit=1e-9)


def test_a_time_limit_of_scipy_returns_the_best_point():
    problem = sabotage(Rosenbrock(), "gradient", lambda value: value)
    result = solve(problem, "BFGS", time_limit=1e-3)
    assert result.status is Status.TIME_LIMIT
    assert np.isfinite(result.x).all()


@pytest.mark.parametrize("method", CONSTRAINED)
def test_scipy_arguments_go_into_scipys_own_call(method):
    found = scipy.optimize.minimize(**scipy_arguments(HS071(), method))
    assert found.fun == pytest.approx(HS071.best, rel=1e-5)


def test_scipy_arguments_raise_what_the_problem_raises():
    error = OSError("mine")

    def fail(value):
        raise error

    with pytest.raises(OSError, match="mine") as caught:
        scipy.optimize.minimize(**scipy_arguments(sabotage(HS071(), "jacobian", fail)))
    assert caught.value is error


def test_ipopt_problem_is_ready_to_solve_and_to_solve_again():
    nlp = ipopt_problem(HS071())
    for _ in range(2):
        x, info = nlp.solve(np.array([1.0, 5, 5, 1]))
        assert info["obj_val"] == pytest.approx(HS071.best, rel=1e-6)
        assert x[0] >= 1


def test_ipopt_problem_raises_an_exception_of_the_hessian():
    error = OSError("mine")

    def fail(value):
        raise error

    nlp = ipopt_problem(sabotage(HS071(), "hessian", fail))
    for _ in range(2):
        with pytest.raises(OSError, match="mine") as caught:
            nlp.solve(np.array([1.0, 5, 5, 1]))
        assert caught.value is error
