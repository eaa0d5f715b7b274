"""Sharing equal values and moving functions before repetitions keep every value."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex, index_of, repetition
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input
from sparseopt.graph.program import Program
from sparseopt.graph.rewriting import rewrite
from sparseopt.graph.value_numbering import share_equal_values

BINARY = ("add", "subtract", "multiply", "maximum", "hypot")
UNARY = ("sin", "exp", "negative", "absolute", "cos")


def call(name, *args):
    size = max(a.size for a in args)
    return Elementwise(FUNCTIONS[name], args, size)


@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    data=st.data(),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_repetition_is_what_it_reads_repeated(shape, data):
    strides = [data.draw(st.integers(-3, 3)) for _ in shape]
    index = StridedIndex.of(40, tuple(shape), tuple(strides))
    split = repetition(index)
    if split is None:
        assert 0 not in index.strides
        return
    first, second = split
    np.testing.assert_array_equal(first.materialize()[second.materialize()], index.materialize())
    assert set(second.materialize().tolist()) == set(range(first.size))


def random_program(rng):
    """A program of many equal and nearly equal nodes, half of them repeating elements."""
    x = Input("x", 4)
    pool = [x, Gather((x,), StridedIndex.of(1, (2,), (1,)))]
    for _ in range(40):
        node = pool[rng.integers(len(pool))]
        kind = rng.integers(4)
        if kind == 0:
            made = call(UNARY[rng.integers(len(UNARY))], node)
        elif kind == 1:
            equal = [k for k in pool if k.size == node.size]
            made = call(BINARY[rng.integers(len(BINARY))], node, equal[rng.integers(len(equal))])
        elif kind == 2:
            size = int(rng.choice([2, 4, 8, 12]))
            made = Gather((node,), index_of(rng.integers(0, node.size, size) // 2 * 2 % node.size))
        else:
            count = int(rng.integers(2, 4))
            made = Gather((node,), StridedIndex.of(0, (count, node.size), (0, 1)))
            made = call("multiply", made, Constant(np.array([float(rng.integers(1, 3))])))
            made = made if made.size <= 24 else node
        pool.append(made)
    sizes = [k for k in pool if isinstance(k, Elementwise)][-6:]
    flat = Gather(sizes, StridedIndex.of(0, (sum(k.size for k in sizes),), (1,)))
    return Program((x,), (), (flat,))


def test_sharing_and_rewriting_random_programs_keeps_their_values():
    saved = 0
    for seed in range(60):
        program = random_program(np.random.default_rng(seed))
        shared = share_equal_values(program)
        saved += len(program.nodes()) - len(shared.nodes())
        x = np.random.default_rng(seed).uniform(-1.0, 1.0, 4)
        with np.errstate(all="ignore"):
            expected = interpret(program, x)[0]
            np.testing.assert_array_equal(interpret(shared, x)[0], expected)
            found = interpret(rewrite(shared), x)[0]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    assert saved > 60


def test_nothing_is_rebuilt_where_nothing_is_equal():
    x = Input("x", 3)
    program = Program((x,), (), (call("sin", call("exp", x)),))
    assert share_equal_values(program) is program


def test_data_is_equal_by_content_and_zeros_by_their_sign():
    x = Input("x", 2)
    pieces = [call("multiply", x, Constant(np.array(v))) for v in ([2.0], [2.0], [0.0], [-0.0])]
    total = call("add", call("add", pieces[0], pieces[1]), call("add", pieces[2], pieces[3]))
    shared = share_equal_values(Program((x,), (), (total,)))
    assert sum(isinstance(k, Constant) for k in shared.nodes()) == 3
