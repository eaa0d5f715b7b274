"""What is loaded before something happens: no more than a small problem uses.

What is loaded here is waited for by everybody, in every process.  A module that most problems do
without is loaded on demand (`sparseopt/on_demand.py`).
"""

from __future__ import annotations

import pytest

from tests.fresh_process import modules_after

HEAVY = {
    "scipy.sparse", "scipy.special", "scipy.optimize", "scipy.linalg", "scipy.interpolate",
    "scipy.fft", "scipy.integrate", "numba", "casadi", "matplotlib", "numpy.f2py", "numpy.ma",
    "numpy.testing", "pandas", "typer", "rich", "skfem",
    "importlib.metadata",
}  # fmt: skip
SELDOM = {
    "sparseopt.coloring", "sparseopt.control", "sparseopt.diagnosis",
    "sparseopt.external_functions",
    "sparseopt.factorizations", "sparseopt.fitting", "sparseopt.implicit_functions",
    "sparseopt.interpolation", "sparseopt.lifting", "sparseopt.loops", "sparseopt.pde",
    "sparseopt.reduction", "sparseopt.testing", "sparseopt.derivatives.programs",
    "sparseopt.derivatives.compressed", "sparseopt.modeling.checkpoint",
    "sparseopt.modeling.derivative_check", "sparseopt.modeling.findings",
    "sparseopt.modeling.gauss_newton", "sparseopt.modeling.residuals",
}  # fmt: skip

MODEL = """
    import numpy as np
    import sparseopt as so

    n = 11
    m = so.Model("pendulum")
    angle = m.variable("angle", shape=n, start=np.linspace(0.0, np.pi, n))
    speed = m.variable("speed", shape=n)
    motor = m.variable("motor", shape=n, lower=-20.0, upper=20.0)
    m.minimize(0.1 * np.sum(motor**2))
    m.subject_to(np.diff(angle) == 0.05 * (speed[1:] + speed[:-1]), name="kinematics")
    m.subject_to(np.diff(speed) == 0.1 * (motor - np.sin(angle))[1:], name="dynamics")
    m.subject_to(angle[[0, -1]] == np.array([0.0, np.pi]), name="ends")
"""


def heavy_after(code: str) -> set[str]:
    return (HEAVY | SELDOM) & modules_after(code)


def test_a_model_loads_neither_scipy_nor_a_solver():
    assert heavy_after("import sparseopt as so\nso.Model('a')") == set()


def test_compiling_a_small_problem_loads_neither_scipy_nor_a_solver():
    assert heavy_after(f"{MODEL}\n    m.problem()") == set()


def test_solving_a_small_problem_with_ipopt_and_its_report_load_no_scipy():
    assert heavy_after(f"{MODEL}\n    s = m.solve()\n    assert s.success and s.report()") == set()


def test_a_gradient_at_a_point_loads_no_scipy():
    code = """
        import numpy as np
        import sparseopt as so
        so.gradient(lambda x: np.sum(x**2 * np.sin(x)), np.zeros(4))(np.ones(4))
    """
    assert heavy_after(code) == set()


def test_a_jacobian_loads_the_sparse_matrices_it_returns_and_no_more_of_scipy():
    code = """
        import numpy as np
        import sparseopt as so
        J = so.jacobian(lambda x: x[1:] * np.sin(x[:-1]), np.zeros(4))
        assert J(np.ones(4)).nnz == 6
    """
    loaded = heavy_after(code)
    assert loaded & SELDOM == set()
    assert {name for name in loaded if name.startswith("scipy")} == {"scipy.sparse"}


@pytest.mark.parametrize(
    ("use", "loaded"),
    [
        ("m.problem().check()", "sparseopt.modeling.derivative_check"),
        ("m.problem().diagnose()", "sparseopt.diagnosis"),
        ("m.fit(motor - 1.0); m.problem()", "sparseopt.modeling.residuals"),
        (
            "m.fit(motor - 1.0, hessian='gauss_newton'); m.problem()",
            "sparseopt.modeling.gauss_newton",
        ),
        ("m.problem(lift='auto')", "sparseopt.lifting"),
        ("m.minimize(motor[0] ** 2); m.problem().jacobian(np.ones(33))", "scipy.sparse"),
        ("m.jacobian_plan = 'forward'; m.problem().jacobian(np.ones(33))", "sparseopt.coloring"),
    ],
)  # fmt: skip
def test_what_is_loaded_on_demand_is_there_when_it_is_used(use, loaded):
    assert loaded in modules_after(f"{MODEL}\n    {use}")
