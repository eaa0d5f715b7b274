"""CasADi's spelling of the function table: values and first derivatives of every row it has."""

from __future__ import annotations

import casadi as ca
import numpy as np
import pytest

import sparseopt as so
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Elementwise, Gather, Input
from sparseopt.graph.program import Program
from sparseopt.testing.casadi_translation import casadi_functions, is_translatable, translate
from sparseopt.testing.complex_step import STEP, complex_program


def application(row, count=5):
    """Return the program that applies a row, and a point of its domain."""
    x = Input("x", row.arity * count)
    args = tuple(Gather([x], StridedIndex.of(k * count, (count,), (1,))) for k in range(row.arity))
    random = np.random.default_rng(3)
    point = np.concatenate([random.uniform(low, high, count) for low, high in row.domain])
    return Program((x,), (), (Elementwise(row, args, count),)), point


@pytest.mark.parametrize("name", sorted(casadi_functions()))
def test_casadi_computes_what_numpy_computes(name):
    program, point = application(FUNCTIONS[name])
    x, _, (value,) = translate(program)
    function = ca.Function("f", [x], [ca.densify(value)])
    (expected,) = interpret(program, point)
    np.testing.assert_allclose(np.ravel(function(point).full()), expected, rtol=1e-11, atol=1e-12)


NO_SLOPE = {"zeta"}  # the complex step follows its second argument alone


@pytest.mark.parametrize("name", sorted(casadi_functions().keys() - NO_SLOPE))
def test_casadi_and_complex_steps_have_the_same_slopes(name):
    program, point = application(FUNCTIONS[name])
    x, _, (value,) = translate(program)
    direction = np.random.default_rng(4).uniform(-1.0, 1.0, point.size)
    slope = ca.Function("f", [x], [ca.densify(ca.jtimes(value, x, ca.DM(direction)))])
    (stepped,) = interpret(complex_program(program), point + 1j * STEP * direction)
    found = np.ravel(slope(point).full())
    np.testing.assert_allclose(found, np.imag(stepped) / STEP, rtol=1e-9, atol=1e-10)


def test_what_casadi_does_not_know_is_listed_and_refused_by_name():
    known = casadi_functions().keys()
    assert known <= FUNCTIONS.keys()
    missing = FUNCTIONS.keys() - known
    assert {"j0", "dawsn"} <= missing
    program, _ = application(FUNCTIONS["j0"])
    assert not is_translatable(program)
    with pytest.raises(so.SparseOptError, match="j0 is translated to CasADi"):
        translate(program)
