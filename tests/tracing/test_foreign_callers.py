"""Code of SciPy that makes arrays of its arguments: run on elements, or refused with advice."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.integrate as integrate
import scipy.interpolate
import scipy.linalg
import scipy.optimize as optimize
import scipy.sparse as sp
import scipy.sparse.linalg
import scipy.special as special

import sparseopt as so
from sparseopt.errors import ArrayConversionError
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample

GRID = np.array([0.0, 0.1, 0.3, 0.6, 0.7])

INTEGRALS = {
    "trapezoid": lambda y: integrate.trapezoid(y, GRID),
    "trapezoid step": lambda y: integrate.trapezoid(y, dx=0.1),
    "simpson": lambda y: integrate.simpson(y, dx=0.1),
    "simpson grid": lambda y: integrate.simpson(y, x=GRID),
    "simpson even": lambda y: integrate.simpson(y[:4], x=GRID[:4]),
    "simpson axis": lambda y: integrate.simpson(np.outer(y, y), dx=0.1, axis=0),
    "cumulative trapezoid": lambda y: integrate.cumulative_trapezoid(y, GRID, initial=0),
    "romb": lambda y: integrate.romb(y, dx=0.1),
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals_of_samples_equal_scipy(name):
    assert_same(INTEGRALS[name], sample(5), 1e-13)


def test_an_integral_is_linear_in_the_samples():
    weights = so.gradient(lambda y: integrate.simpson(y, dx=0.5), np.zeros(5))(np.zeros(5))
    np.testing.assert_allclose(weights, np.array([1.0, 4.0, 2.0, 4.0, 1.0]) / 6.0, rtol=1e-14)


def test_sparse_matrices_still_meet_traced_arrays():
    assert_same(lambda x: sp.eye_array(5).tocsr() @ x, sample(5))


REFUSED = [
    (lambda x: special.logsumexp(x), "np.logaddexp.reduce"),
    (lambda x: special.softmax(x), "np.exp"),
    (lambda x: special.log_softmax(x), "np.logaddexp.reduce"),
    (lambda x: special.polygamma(1, x), "zeta"),
    (lambda x: scipy.interpolate.CubicSpline(GRID, GRID)(x), "so.interpolant"),
    (lambda x: scipy.interpolate.make_interp_spline(GRID, GRID)(x), "so.interpolant"),
    (lambda x: scipy.linalg.solve(np.outer(x, x), x), "np.linalg.solve"),
    (lambda x: np.asarray(x), "np.stack"),
]


@pytest.mark.parametrize(("function", "words"), REFUSED)
def test_what_cannot_work_on_elements_is_refused_with_what_to_write(function, words):
    with pytest.raises(ArrayConversionError) as raised:
        trace(function, (5,))
    assert words in raised.value.instead
    assert "test_foreign_callers.py:" in raised.value.where


def test_the_advised_formulas_equal_scipy():
    x = sample((3, 5), seed=4) * 30.0
    for axis in (0, 1):
        expected = special.logsumexp(x, axis=axis)
        np.testing.assert_allclose(np.logaddexp.reduce(x, axis=axis), expected, rtol=1e-14)
        assert_same(lambda x, axis=axis: np.logaddexp.reduce(x, axis=axis), x, 1e-14)
    assert_same(lambda x: np.hypot.reduce(x, axis=1) + np.logaddexp2.reduce(x, axis=1), x, 1e-14)
    probability = so.gradient(lambda x: np.logaddexp.reduce(x), x[0])(x[0])
    np.testing.assert_allclose(probability, special.softmax(x[0]), rtol=1e-13)


@pytest.mark.parametrize("ufunc", [np.logaddexp, np.logaddexp2])
def test_logarithms_of_sums_are_numpys_at_the_ends_of_the_range(ufunc):
    rows = np.array(
        [
            [900.0, 899.5, -900.0],
            [-1e5, -1e5, -1e5 - 1.0],
            [-np.inf, 0.25, -np.inf],
            [-np.inf, -np.inf, -np.inf],
            [np.inf, 1.0, 800.0],
            [np.nan, 0.0, np.inf],
        ]
    )
    with np.errstate(invalid="ignore"):
        assert_same(lambda x: ufunc.reduce(x, axis=1), rows, 1e-14)
        assert_same(lambda x: ufunc.reduce(x[:, :2], axis=1), rows)
        assert_same(lambda x: ufunc.reduce(x[:, :0], axis=1), rows)


def test_a_logarithm_of_a_sum_has_few_stages_and_the_hessian_of_softmax():
    x = np.linspace(-3.0, 3.0, 150)
    p = special.softmax(x)
    hessian = so.hessian(lambda x: np.logaddexp.reduce(x), x)
    expected = np.diag(p) - np.outer(p, p)
    np.testing.assert_allclose(hessian(x).toarray(), expected, rtol=1e-12, atol=1e-17)
    assert "in 3 stages" in hessian.explain()


def test_special_functions_record_their_row():
    for function in (special.i0, special.j1, special.erfinv, special.log_ndtr, special.psi):
        assert_same(lambda x, f=function: f(x / 2.0), sample(4), 1e-15)
    assert_same(lambda x: np.i0(x), sample(4), 1e-14)
    assert_same(lambda x: np.ldexp(x, [1, 2, 3, -1]), sample(4))
    assert_same(
        lambda x: special.log1p(x) + special.jv(2, x) + special.beta(x, 2.0), sample(4), 1e-15
    )
    second = so.hessian(lambda x: np.sum(special.jv(3, x)), np.ones(1))(np.array([2.0]))
    np.testing.assert_allclose(second.toarray(), [[special.jvp(3, 2.0, 2)]], rtol=1e-13)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: sp.csr_array((x, ([0, 1, 2], [0, 1, 2]))),
        lambda x: scipy.sparse.linalg.spsolve(sp.csc_array(np.eye(3)), x),
    ],
)
def test_a_sparse_matrix_of_traced_values_is_refused_with_what_to_write(make):
    with pytest.raises(so.ArrayConversionError, match=r"so\.linear_solve") as caught:
        so.jacobian(make, np.ones(3))
    assert "test_foreign_callers.py" in caught.value.where


A = sp.csr_array(np.arange(9.0).reshape(3, 3))
REGULAR = sp.csc_array(A + 9.0 * sp.eye_array(3))
PLACES = np.arange(3)
STARTS = np.arange(4)

CONSTRUCTORS = {
    "csr_array of a vector": lambda x: sp.csr_array(x),
    "csr_array of a matrix": lambda x: sp.csr_array(np.outer(x, x)),
    "csr_matrix of a vector": lambda x: sp.csr_matrix(x),
    "csc_array of a matrix": lambda x: sp.csc_array(np.outer(x, x)),
    "csr_array of values": lambda x: sp.csr_array((x, PLACES, STARTS)),
    "csr_matrix of values": lambda x: sp.csr_matrix((x, PLACES, STARTS), shape=(3, 3)),
    "csr_array of values and places": lambda x: sp.csr_array((x, (PLACES, PLACES))),
    "coo_array of values": lambda x: sp.coo_array((x, (PLACES, PLACES))),
    "coo_matrix of values": lambda x: sp.coo_matrix((x, (PLACES, PLACES)), shape=(3, 3)),
    "dok_array": lambda x: sp.dok_array(np.outer(x, x)),
    "lil_array": lambda x: sp.lil_array(np.outer(x, x)),
    "dia_array": lambda x: sp.dia_array((x[None, :], [0]), shape=(3, 3)),
    "bsr_array": lambda x: sp.bsr_array((x.reshape(3, 1, 1), PLACES, STARTS)),
}

SPARSE = {
    "multiply": (lambda x: A.multiply(x), "A @ (x * v) for A.multiply(x) @ v"),
    "multiply by a column": (lambda x: A.multiply(x[:, None]), "A @ (x * v)"),
    "multiply by a number": (lambda x: A.multiply(x[0]), "A @ (x * v)"),
    "multiply coo": (lambda x: A.tocoo().multiply(x), "A @ (x * v)"),
    "multiply matrix": (lambda x: sp.csr_matrix(A).multiply(x), "A @ (x * v)"),
    "operator": (lambda x: A * x, "A @ (x * v) for (A * x) @ v"),
    "operator of a number": (lambda x: x[0] * A, "x[0] * (A @ v)"),
    "maximum": (lambda x: A.maximum(x), "so.linear_solve"),
    "diags": (lambda x: sp.diags(x), "x * v for sp.diags(x) @ v"),
    "diags_array": (lambda x: sp.diags_array(x), "x * v for sp.diags(x) @ v"),
    "two diags": (lambda x: sp.diags_array([x, x[1:]], offsets=[0, 1]), "x * v"),
    "setdiag": (lambda x: A.copy().setdiag(x), "A @ v + x * v"),
    "spsolve": (lambda x: scipy.sparse.linalg.spsolve(A.tocsc(), x), "so.linear_solve(A, b)"),
    "triangular": (
        lambda x: scipy.sparse.linalg.spsolve_triangular(sp.csr_array(np.tri(3)), x),
        "so.linear_solve(A, b)",
    ),
    "cg": (lambda x: scipy.sparse.linalg.cg(A, x), "so.linear_solve(A, b)"),
    "lsqr": (lambda x: scipy.sparse.linalg.lsqr(A, x), "so.linear_solve(A, b)"),
    "operator object": (lambda x: scipy.sparse.linalg.aslinearoperator(A) @ x, "A @ x with the"),
    "splu": (
        lambda x: scipy.sparse.linalg.splu(REGULAR).solve(x),
        "so.linear_solve(A, b) for scipy.sparse.linalg.splu(A).solve(b)",
    ),
    "spilu": (lambda x: scipy.sparse.linalg.spilu(REGULAR).solve(x), "so.linear_solve(A, b) for"),
    "factorized": (lambda x: scipy.sparse.linalg.factorized(REGULAR)(x), "A @ y == b"),
} | {
    name: (function, "np.add.at(y, rows, values * x[columns])")
    for name, function in CONSTRUCTORS.items()
}


@pytest.mark.parametrize("name", SPARSE)
def test_what_scipy_sparse_cannot_do_with_traced_values_is_refused_with_what_to_write(name):
    function, words = SPARSE[name]
    with pytest.raises(so.TracingError) as raised:
        trace(function, (3,))
    assert words in raised.value.instead
    assert "test_foreign_callers.py:" in raised.value.where


@pytest.mark.parametrize("name", [n for n in CONSTRUCTORS if n != "dok_array"])
def test_a_sparse_matrix_of_a_models_variables_is_refused_where_no_function_is_traced(name):
    x = so.Model("sparse").variable("x", shape=3)
    with pytest.raises(ArrayConversionError) as raised:
        CONSTRUCTORS[name](x)
    assert "test_foreign_callers.py:" in raised.value.where
    assert "X @ v for csr_array(X) @ v" in raised.value.instead


USES = {
    "vector": lambda matrix: matrix @ np.ones(3),
    "vector from the left": lambda matrix: np.ones(3) @ matrix,
    "several vectors": lambda matrix: matrix @ np.ones((3, 2)),
    "matrix": lambda matrix: matrix @ A,
    "matrix from the left": lambda matrix: A @ matrix.tocsr(),
    "sum": lambda matrix: matrix + A,
    "scale": lambda matrix: matrix * 2.0,
    "sign": lambda matrix: -matrix,
    "entries": lambda matrix: matrix.toarray(),
}


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "dia", "bsr"])
@pytest.mark.parametrize("use", USES)
def test_a_sparse_matrix_with_a_models_variables_for_values_is_refused_where_it_is_used(kind, use):
    matrix = sp.eye_array(3).asformat(kind)
    matrix.data = so.Model("sparse").variable("x", shape=3).reshape(matrix.data.shape)
    with pytest.raises(so.SparseOptError) as raised:
        USES[use](matrix)
    assert "test_foreign_callers.py:" in raised.value.where
    assert "np.add.at(y, rows, values * x[columns])" in raised.value.instead


def test_a_traced_array_in_a_text_of_the_users_own_is_written_by_its_shape():
    x = so.Model("text").variable("x", shape=3)
    assert f"{x}, {x[0]:.3f}" == "TracedArray(shape=(3,)), TracedArray(shape=())"


def test_what_is_advised_for_sparse_matrices_equals_scipy():
    x, v = sample(3), np.array([1.0, -2.0, 0.5])
    compare = np.testing.assert_allclose
    compare(so.linear_solve(REGULAR, v), scipy.sparse.linalg.splu(REGULAR).solve(v), rtol=1e-13)
    values = np.zeros(3)
    np.add.at(values, [0, 1, 1], x * v[[2, 0, 1]])
    compare(values, sp.csr_array((x, ([0, 1, 1], [2, 0, 1])), shape=(3, 3)) @ v, rtol=1e-14)
    compare(A @ (x * v), A.multiply(x) @ v, rtol=1e-14)
    compare(x * (A @ v), A.multiply(x[:, None]) @ v, rtol=1e-14)
    stored = A.copy()
    stored.eliminate_zeros()
    compare(stored.data * x[stored.indices], stored.multiply(x).tocsr().data, rtol=1e-14)
    compare(x * v, sp.diags_array(x) @ v, rtol=1e-14)
    assert_same(lambda x: A @ (x * v) + x * (A @ v), x, 1e-14)


INNER = {
    "quad to a traced end": (lambda x: integrate.quad(lambda t: t, 0.0, x[0]), "leggauss"),
    "quad of a traced value": (lambda x: integrate.quad(lambda t: t * x[0], 0.0, 1.0), "leggauss"),
    "ode": (lambda x: integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 1), [1.0]), "so.scan"),
    "brentq": (lambda x: optimize.brentq(lambda t: t - x[0], -9.0, 9.0), "so.implicit"),
    "newton": (lambda x: optimize.newton(lambda t: t - x[0], 1.0), "so.implicit"),
    "fsolve": (lambda x: optimize.fsolve(lambda t: t - x, np.ones(5)), "so.implicit"),
    "fsolve from a traced point": (lambda x: optimize.fsolve(np.sin, x), "so.implicit"),
    "root": (lambda x: optimize.root(lambda t: t - x, np.ones(5)), "so.implicit"),
    "minimize": (lambda x: optimize.minimize(lambda t: (t - x[0]) ** 2, 1.0), "so.minimize"),
    "vectorize": (lambda x: np.vectorize(lambda t: t * t)(x), "np.where stands for `if`"),
    "vectorize with a branch": (lambda x: np.vectorize(abs, otypes=[float])(x), "np.where"),
}


@pytest.mark.parametrize("name", INNER)
def test_solvers_and_quadratures_inside_of_traced_code_are_refused_with_what_to_write(name):
    function, words = INNER[name]
    with pytest.raises(so.TracingError) as raised:
        trace(function, (5,))
    assert words in raised.value.instead
    assert "test_foreign_callers.py:" in raised.value.where


def test_the_advised_quadrature_equals_quad():
    def integral(x):
        t, w = np.polynomial.legendre.leggauss(20)
        a, h = 0.5, (x[0] - 0.5) / 2
        return h * np.sum(w * np.exp(-((a + h * (t + 1)) ** 2) * x[1]))

    def reference(x):
        return integrate.quad(lambda s: np.exp(-(s**2) * x[1]), 0.5, x[0], epsabs=1e-14)[0]

    at = np.array([1.7, 0.6])
    assert trace(integral, (2,))[0].num_variables == 2
    assert integral(at) == pytest.approx(reference(at), rel=1e-13)


def test_a_branch_of_the_users_own_inside_a_library_keeps_its_advice():
    with pytest.raises(so.BranchError, match=r"np\.where"):
        trace(lambda x: integrate.quad(lambda t: 1.0 if x[0] > t else 0.0, 0.0, 1.0), (2,))


def test_a_function_made_by_frompyfunc_is_called_by_its_name():
    def squared(t):
        return t * t

    with pytest.raises(so.UnsupportedFunctionError, match=r"squared, made by np\.frompyfunc, is"):
        trace(np.frompyfunc(squared, 1, 1), (2,))
