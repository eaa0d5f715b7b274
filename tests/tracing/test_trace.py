"""What `trace` records: one call, source lines, parameters, object arrays, scalar loops."""

from __future__ import annotations

import gc
import time

import numpy as np
import pytest

from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Constant, Elementwise, Gather
from sparseopt.graph.program import format_program
from sparseopt.tracing.conversion import literal
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample


def test_the_function_is_called_once():
    calls = []

    def function(x):
        calls.append(x.shape)
        return x

    trace(function, (2, 3))
    assert calls == [(2, 3)]


def test_every_operation_remembers_its_line():
    def function(x):
        y = np.sin(x)
        return y * 2.0

    program, _ = trace(function, (3,))
    lines = [node.where[1] for node in program.nodes() if isinstance(node, Elementwise)]
    start = function.__code__.co_firstlineno
    assert lines == [start + 1, start + 2]
    assert all(n.where[0] == __file__ for n in program.nodes() if isinstance(n, Elementwise))


def test_parameters_keep_their_own_values():
    program, shape = trace(lambda x, p: x * p[0] + p[1], (3,), [("p", (2,))])
    (value,) = interpret(program, np.arange(3.0), np.array([2.0, 5.0]))
    assert shape == (3,)
    np.testing.assert_array_equal(value, [5.0, 7.0, 9.0])


def test_a_slice_used_twice_is_copied_once():
    def function(x):
        part = x[1:]
        return np.sin(part) * part

    program, _ = trace(function, (4,))
    assert sum(isinstance(node, Gather) for node in program.nodes()) == 1


def test_an_element_read_twice_is_one_node():
    program, _ = trace(lambda x: x[1] * x[1], (4,))
    assert sum(isinstance(node, Gather) for node in program.nodes()) == 1


def test_equal_numbers_share_one_constant_but_signed_zeros_differ():
    assert literal(2) is literal(2.0)
    assert np.signbit(literal(-0.0).values[0])
    assert not np.signbit(literal(0.0).values[0])


def test_slices_store_no_index():
    program, _ = trace(lambda x: x[1:-1] + x[2:] - x[:-2], (10_000,))
    sizes = [node.index for node in program.nodes() if isinstance(node, Gather)]
    assert all(hasattr(index, "strides") for index in sizes)


def test_scalar_constants_are_not_broadcast():
    program, _ = trace(lambda x: 2.0 * x + 1.0, (1000,))
    assert {node.size for node in program.nodes() if isinstance(node, Constant)} == {1}


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.array([x[0] * x[1], np.sin(x[2]), 3.0]),
        lambda x: np.array([[x[0], x[1]], [1.0, x[2]]]) * 2.0,
        lambda x: np.sum(np.array([x[0], x[1] ** 2, 4.0])),
        lambda x: np.array([x[0], 1.0, x[1]]) + x,
        lambda x: x - np.array([x[0], 1.0, x[1]]),
        lambda x: np.sin(np.array([x[0], x[1]])),
        lambda x: np.hypot(np.array([x[0], x[1]]), np.array([x[1], x[2]])),
        lambda x: np.concatenate([np.array([x[0], 2.0]), x]),
        lambda x: np.eye(3) @ np.array([x[0], x[1], x[2]]),
        lambda x: np.array([x[0], x[1], x[2]]) @ x,
        lambda x: [x[0], [1.0][0], x[1] + x[2]],
        lambda x: np.dot(np.array([x[0], 1.0]), np.array([2.0, 3.0])),
    ],
)
def test_arrays_of_traced_scalars_equal_numpy(function):
    assert_same(function, sample(3), rtol=1e-15)


def test_a_scalar_result_has_no_axes():
    assert trace(lambda x: x[0] + 1.0, (2,))[1] == ()
    assert trace(lambda x: 3.0, (2,))[1] == ()


def test_printing_shows_sizes_functions_and_lines():
    text = format_program(trace(lambda x: np.exp(x[1:]) * 2.0, (3,))[0])
    constant, first, gather, exp, product, result = text.split("\n")
    assert constant == "%0[1] = constant 2"
    assert first == "%1[3] = variable x"
    assert gather.startswith("%2[2] = gather %1   # ")
    assert exp.startswith("%3[2] = exp %2   # ")
    assert product.startswith("%4[2] = multiply %3 %0")
    assert result == "return %4"


def test_the_same_code_gives_the_same_text_whatever_was_traced_before():
    def function(x):
        return 7.25 * x + 8.125 / x

    texts = [format_program(trace(function, (2,))[0])]
    trace(lambda x: 8.125 * x - 7.25, (1,))
    texts.append(format_program(trace(function, (2,))[0]))
    assert texts[0] == texts[1]


def test_garbage_collection_goes_on_after_an_error():
    with pytest.raises(ZeroDivisionError):
        trace(lambda x: 1 // 0, (1,))
    assert gc.isenabled()


def test_scalar_code_costs_a_few_microseconds_an_operation():
    def function(x):
        return [x[i] * x[i + 1] - np.sin(x[i]) * 2.0 for i in range(3000)]

    trace(function, (3001,))
    start = time.perf_counter()
    trace(function, (3001,))
    assert time.perf_counter() - start < 0.5  # ten times what it takes on a slow machine


def test_constants_are_copied():
    """Changing an array after it was used in a formula does not change the program."""
    data = np.ones(3)
    program, _ = trace(lambda x: data * x, (3,))
    data[:] = 5.0
    assert interpret(program, np.ones(3))[0].tolist() == [1.0, 1.0, 1.0]
