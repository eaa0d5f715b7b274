"""Programs: order, inputs, printing, and the reference interpreter."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex, index_of
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, RowSum
from sparseopt.graph.program import Program, format_program


def apply(name, *args, size):
    return Elementwise(FUNCTIONS[name], args, size)


def test_inputs_follow_each_other():
    x, y = Input("x", 2), Input("y", 3)
    p = Input("p", 1, "parameter")
    total = Gather([x, y, p], StridedIndex.of(0, (6,), (1,)))
    program = Program((x, y), (p,), (total,))
    assert (program.num_variables, program.num_parameters) == (5, 1)
    (value,) = interpret(program, np.arange(5.0), np.array([9.0]))
    np.testing.assert_array_equal(value, [0, 1, 2, 3, 4, 9])


def test_scalar_constants_stand_for_any_size():
    x = Input("x", 3)
    node = apply("multiply", x, Constant(np.array([2.0])), size=3)
    (value,) = interpret(Program((x,), (), (node,)), np.arange(3.0))
    np.testing.assert_array_equal(value, [0.0, 2.0, 4.0])


def test_sums_and_matrices():
    x = Input("x", 6)
    sums = Linear(RowSum(2, 3), x)
    matrix = Linear(sp.csr_array(np.array([[1.0, -1.0]])), sums)
    program = Program((x,), (), (sums, matrix))
    first, second = interpret(program, np.arange(6.0))
    np.testing.assert_array_equal(first, [3.0, 12.0])
    np.testing.assert_array_equal(second, [-9.0])


def test_gathers_copy_from_several_sources():
    x = Input("x", 2)
    zero = Constant(np.zeros(1))
    node = Gather([zero, x], index_of(np.array([0, 2, 1, 0])))
    (value,) = interpret(Program((x,), (), (node,)), np.array([5.0, 6.0]))
    np.testing.assert_array_equal(value, [0.0, 6.0, 5.0, 0.0])


def test_nodes_come_after_their_arguments_and_only_once():
    x = Input("x", 1)
    square = apply("multiply", x, x, size=1)
    total = apply("add", square, square, size=1)
    dead = apply("sin", x, size=1)
    program = Program((x,), (), (total,))
    assert program.nodes() == [x, square, total]
    assert dead not in program.nodes()


def test_long_chains_need_no_recursion():
    x = Input("x", 1)
    node = x
    for _ in range(5000):
        node = apply("negative", node, size=1)
    (value,) = interpret(Program((x,), (), (node,)), np.array([2.0]))
    assert value[0] == 2.0


def test_complex_values_pass_through_for_the_complex_step():
    x = Input("x", 2)
    node = apply("exp", apply("multiply", x, x, size=2), size=2)
    (value,) = interpret(Program((x,), (), (node,)), np.array([0.5 + 1e-30j, 1.0]))
    np.testing.assert_allclose(value.imag[0] / 1e-30, np.exp(0.25), rtol=1e-14)


def test_with_outputs_keeps_the_inputs():
    x = Input("x", 2)
    program = Program((x,), (), (x,)).with_outputs([apply("sin", x, size=2), x])
    assert len(interpret(program, np.zeros(2))) == 2


def test_text_names_inputs_functions_and_source_lines():
    x = Input("x", 2)
    node = Elementwise(FUNCTIONS["sin"], (x,), 2, ("model.py", 7))
    assert format_program(Program((x,), (), (node,))) == (
        "%0[2] = variable x\n%1[2] = sin %0   # model.py:7\nreturn %1"
    )
