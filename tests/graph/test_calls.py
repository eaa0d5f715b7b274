"""Calls of functions that are not NumPy as nodes of a Program."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.errors import ShapeError, SparseOptError
from sparseopt.external_functions.function import external
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Call
from sparseopt.graph.program import Program, format_program, topological_order
from sparseopt.graph.rewriting import rewrite
from sparseopt.graph.transform import with_args
from sparseopt.tracing.calls import record_call
from tests.references import make_program

F = external(lambda a, b: np.array([a @ a, b]), 2, name="F")


def recorded(function, n):
    return make_program(lambda x: 0.0 * x[0], function, n)


def calls(program):
    return [node for node in program.nodes() if isinstance(node, Call)]


def test_the_program_names_the_function_and_the_line():
    program = recorded(lambda x: F(x[:2], x[2]), 3)
    text = format_program(program)
    assert "= call F %" in text
    (call,) = calls(program)
    assert call.size == 2
    assert call.args[0].size == 3
    assert call.where[0].endswith("test_calls.py")


def test_the_interpreter_calls_it_with_real_and_complex_numbers():
    program = recorded(lambda x: 2.0 * F(x[:2], np.sin(x[2])), 3)
    x = np.array([1.0, 2.0, 0.5])
    np.testing.assert_allclose(interpret(program, x)[1], [10.0, 2 * np.sin(0.5)])
    stepped = interpret(program, x + 1e-20j * np.array([1.0, 0.0, 0.0]))[1]
    np.testing.assert_allclose(stepped.imag / 1e-20, [4.0, 0.0])


def test_a_function_of_real_numbers_refuses_complex_ones_by_name():
    real = external(lambda a: [float(a[0])], 1, name="real")
    program = recorded(real, 1)
    with pytest.raises(SparseOptError, match="real does not take complex numbers"):
        interpret(program, np.ones(1) * 1j)


def test_equal_calls_are_one():
    program = recorded(lambda x: F(x[:2], x[2]) + F(x[:2], x[2]) * F(x[:2], x[1]), 3)
    assert len(calls(program)) == 3
    assert len(calls(rewrite(program))) == 2


def test_calls_of_different_functions_stay_apart():
    other = external(lambda a, b: np.array([b, a @ a]), 2)
    program = recorded(lambda x: F(x[:2], x[2]) + other(x[:2], x[2]), 3)
    assert len(calls(rewrite(program))) == 2


def test_constant_arguments_of_one_value_keep_their_size():
    program = recorded(lambda x: F(np.ones(2), x[0]), 1)
    (value,) = interpret(rewrite(program), np.array([3.0]))[1:]
    np.testing.assert_array_equal(value, [2.0, 3.0])


def test_a_call_takes_other_arguments():
    (call,) = calls(recorded(lambda x: F(x[:2], x[2]), 3))
    (other,) = calls(recorded(lambda x: F(x[1:], x[0]), 3))
    moved = with_args(call, other.args)
    assert isinstance(moved, Call)
    assert moved.args == other.args
    assert with_args(call, call.args) is call


def test_a_call_of_a_wrong_size_is_refused():
    bound = F._at(((2,), ()), (False, False))

    def wrong(x):
        return record_call(bound, [x], (2,))

    with pytest.raises(ShapeError, match="F of 3 elements to 2 is called with 4 elements"):
        recorded(wrong, 4)


def test_an_unused_call_is_never_made():
    program = recorded(lambda x: (F(x[:2], x[2]), x)[1], 3)
    assert calls(program) == []
    assert isinstance(program, Program)
    assert topological_order(program.outputs)
