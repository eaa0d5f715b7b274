"""Inlining nodes, and closing a program over what it captures."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.errors import TracingError
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Input
from sparseopt.graph.program import Program
from sparseopt.graph.substitution import close_over, substitute
from sparseopt.tracing.trace import input_array, trace


def test_inlining_computes_the_program_elsewhere():
    inner, _ = trace(lambda x: np.sin(x) * x[0], (3,))
    outer, _ = trace(lambda y: np.exp(y), (3,))
    result = substitute(inner.outputs, {inner.variables[0]: outer.outputs[0]})
    y = np.array([0.1, 0.2, 0.3])
    (value,) = interpret(outer.with_outputs(result), y)
    np.testing.assert_allclose(value, np.sin(np.exp(y)) * np.exp(0.1))


def test_what_does_not_depend_on_the_replaced_node_is_kept():
    inner, _ = trace(lambda x, p: x + np.cos(p), (2,), [("p", (2,))])
    (result,) = substitute(inner.outputs, {inner.variables[0]: Input("y", 2)})
    assert result.args[1] is inner.outputs[0].args[1]


def test_captured_values_become_parameters():
    outer = input_array(Input("t", 2), (2,))
    computed = np.sin(outer)
    program, _ = trace(lambda x: x * computed + outer[0], (2,))
    closed, captured = close_over(program)
    assert [node.size for node in closed.parameters] == [2, 2]
    assert set(captured.values()) == {computed.node, outer.node}
    order = [captured[parameter] for parameter in closed.parameters]
    values = {computed.node: [10.0, 20.0], outer.node: [3.0, 4.0]}
    given = np.concatenate([values[node] for node in order])
    np.testing.assert_allclose(interpret(closed, np.array([1.0, 2.0]), given)[0], [13.0, 43.0])


def test_a_captured_value_that_is_returned_becomes_a_parameter():
    outer = input_array(Input("t", 2), (2,))
    program, _ = trace(lambda x: outer, (2,))
    closed, captured = close_over(program)
    assert captured == {closed.outputs[0]: outer.node}


def test_constants_are_not_captured():
    ones = np.exp(np.zeros_like(input_array(Input("t", 2), (2,))))
    program, _ = trace(lambda x: x * ones, (2,))
    assert close_over(program) == (program, {})


def test_a_program_that_captures_nothing_is_itself():
    program, _ = trace(lambda x: x + 1.0, (2,))
    assert close_over(program)[0] is program


def test_values_of_a_function_traced_inside_are_refused():
    leaked = []

    def inner(y):
        leaked.append(y)
        return y

    def outer(x):
        trace(inner, (2,), name="y")
        return x + leaked[0]

    with pytest.raises(TracingError, match="'y' of another function"):
        close_over(trace(outer, (2,))[0])


def test_the_history_of_captured_values_is_not_walked():
    class Silent(Input):
        @property
        def args(self):
            raise AssertionError("an old node's arguments were read")

        @args.setter
        def args(self, _):
            pass

    old = Silent("old", 2)
    x = Input("x", 2)
    (result,) = substitute([old], {x: Input("y", 2)})
    assert result is old
    assert close_over(Program((x,), (), (old,)))[0].parameters[0].name == "old"
