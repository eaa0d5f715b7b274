"""The public function: plain calls, traced calls, and what it says of itself."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import sparseopt as so
from sparseopt.tracing.traced_array import TracedArray
from tests.external_functions.formulas import BAND, X, f, hessian, jacobian, jvp
from tests.references import make_program


def test_plain_arrays_just_call_the_function():
    F = so.external(f, 5)
    np.testing.assert_array_equal(F(X), f(X))
    np.testing.assert_array_equal(F(list(X)), f(X))
    np.testing.assert_array_equal(F(X + 1j), f(X + 1j))
    assert so.external(lambda x, y: x @ x + y)([1, 2], 3) == 8.0


def test_results_have_their_shape():
    F = so.external(lambda x: np.outer(x, x), (2, 2))
    assert F(np.ones(2)).shape == (2, 2)
    shapes = []

    def constraints(x):
        y = F(x)
        assert isinstance(y, TracedArray)
        shapes.append(y.shape)
        return y.reshape(-1)

    make_program(lambda x: x[0], constraints, 2)
    assert shapes == [(2, 2)]


def test_lists_and_mixtures_of_traced_values_are_arguments():
    F = so.external(lambda x, y: x * y, 2)
    J = so.jacobian(lambda x: F([x[0], 3.0], x[1:]), np.zeros(3))
    x = np.array([2.0, 5.0, 7.0])
    np.testing.assert_allclose(J(x).toarray(), [[5.0, 2.0, 0.0], [0.0, 0.0, 3.0]], atol=1e-9)


def test_a_call_without_arguments_is_refused():
    with pytest.raises(so.ShapeError, match="without arguments"):
        so.external(f, 5)()


def test_it_says_what_it_is_and_how_its_derivatives_are_found():
    F = so.external(f, 5)
    assert repr(F) == (
        "<external function f -> (5,); Jacobian by complex steps or differences, "
        "Hessian by complex steps or differences>"
    )
    assert F.explain() == "f was not called yet"
    assert F.derivative_error == {"jacobian": 0.0, "hessian": 0.0}
    J = so.jacobian(lambda x: F(x), X)
    assert F.derivative_error == {
        "jacobian": pytest.approx(3.7e-10, rel=0.01),
        "hessian": pytest.approx(1.5e-7, rel=0.01),
    }
    J(X)
    assert F.derivative_error["jacobian"] == 0.0
    assert F.explain().splitlines() == [
        "f: (6,) -> (5,)",
        "  Jacobian: complex steps, 6 column colors, 30 nonzeros of 5 x 6",
        "  Hessian: differences of complex steps, 6 symmetric colors, error about 4e-10 relative, "
        "21 nonzeros in the lower triangle",
    ]


def test_names_are_taken_from_the_function_or_given():
    assert so.external(f, 5).name == "f"
    assert so.external(f, 5, name="wave").name == "wave"
    assert so.external(np.sin, 5).name == "sin"
    assert "given jacobian" in repr(so.external(f, 5, jacobian=jacobian))
    assert so.external(f, 5, jvp=jvp, pattern=BAND).shape_out == (5,)


def test_loading_it_does_not_hide_it_behind_a_module():
    importlib.import_module("sparseopt.external_functions.function")
    assert callable(so.external)


def test_casadis_functions_fit_as_they_are():
    ca = pytest.importorskip("casadi")
    x, w = ca.SX.sym("x", 6), ca.SX.sym("w", 5)
    y = x[1:] ** 2 * ca.sin(x[:-1])
    F = so.external(
        ca.Function("f", [x], [y]),
        5,
        jacobian=ca.Function("jacobian", [x], [ca.jacobian(y, x)]),
        hessian=ca.Function("hessian", [x, w], [ca.hessian(ca.dot(w, y), x)[0]]),
    )
    np.testing.assert_allclose(so.jacobian(lambda x: F(x), X)(X).toarray(), jacobian(X))
    H = so.hessian(lambda x: F(x) @ F(x), X)(X).toarray()
    exact = 2 * jacobian(X).T @ jacobian(X) + hessian(X, 2 * f(X))
    np.testing.assert_allclose(H, exact, atol=1e-12)


def test_casadis_sparse_results_keep_their_pattern():
    ca = pytest.importorskip("casadi")
    x = ca.SX.sym("x", 6)
    J = ca.Function("J", [x], [ca.jacobian(x[1:] ** 2 * ca.sin(x[:-1]), x)])
    F = so.external(f, 5, jacobian=lambda x: J(x).sparse())
    found = so.jacobian(lambda x: F(x), X)(X)
    assert found.nnz == 10
    np.testing.assert_allclose(found.toarray(), jacobian(X))
