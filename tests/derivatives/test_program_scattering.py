"""Adding vectors into places of a vector."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.derivatives.programs.nodes import ProgramNodes, copied_sources
from sparseopt.derivatives.programs.scattering import MAX_LAYERS, scatter
from sparseopt.graph.index import index_of
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, RowSum
from sparseopt.graph.program import Program


def scattered(positions, size, literal=None):
    """Return the nodes of scattering pieces of one input, and their values at 1, 2, 3, …"""
    total = sum(len(p) for p in positions)
    x = Input("x", total)
    nodes = ProgramNodes(Program((x,), (), ()))
    pieces, start = [], 0
    for places in positions:
        value = nodes.chosen([x], np.arange(start, start + len(places)))
        if literal is not None:
            value = nodes.literal(literal)
        pieces.append((value, np.array(places)))
        start += len(places)
    result = nodes.sized(scatter(nodes, pieces, size), size)
    program = Program((x,), (), (result,))
    return program, interpret(program, np.arange(1.0, total + 1))[0]


def kinds(program):
    return [type(node) for node in program.nodes() if not isinstance(node, (Input, Constant))]


def test_pieces_in_different_places_are_one_copy():
    program, values = scattered([[3], [0], [4, 1]], 6)
    np.testing.assert_array_equal(values, [2, 4, 0, 1, 3, 0])
    assert isinstance(program.outputs[0], Gather)
    assert not any(kind in (Elementwise, Linear) for kind in kinds(program))


def test_pieces_that_overlap_are_added():
    program, values = scattered([[0, 1, 2], [1, 2, 3]], 4)
    np.testing.assert_array_equal(values, [1, 6, 8, 6])
    assert kinds(program).count(Elementwise) == 1


def test_a_piece_that_fills_a_vector_in_order_is_itself():
    program, values = scattered([[0, 1, 2]], 3)
    np.testing.assert_array_equal(values, [1, 2, 3])
    assert program.outputs[0] is program.variables[0]


def test_places_that_occur_equally_often_are_sums_of_rows():
    program, values = scattered([[0, 2, 0, 2, 0, 2]], 3)
    np.testing.assert_array_equal(values, [9, 0, 12])
    sums = [n for n in program.nodes() if isinstance(n, Linear)]
    assert isinstance(sums[0].matrix, RowSum)
    assert (sums[0].matrix.num_rows, sums[0].matrix.width) == (2, 3)


def test_places_that_occur_unequally_often_are_a_sparse_product():
    _, values = scattered([[0, 2, 2, 2]], 3)
    np.testing.assert_array_equal(values, [1, 0, 9])


def test_very_many_overlapping_pieces_are_one_sparse_product():
    count = 3 * MAX_LAYERS
    program, values = scattered([[0, 1 + k % 2] for k in range(count)], 3)
    odd = np.arange(1.0, 2 * count, 2)
    np.testing.assert_array_equal(values, [odd.sum(), (odd[::2] + 1).sum(), (odd[1::2] + 1).sum()])
    assert kinds(program).count(Linear) == 1


def test_literals_everywhere_stay_a_literal():
    program, values = scattered([[0, 1], [2]], 3, literal=5.0)
    np.testing.assert_array_equal(values, [5, 5, 5])
    assert program.outputs[0].args[0].size == 1


def test_repeated_literals_are_counted():
    _, values = scattered([[0, 0, 0, 2]], 3, literal=2.0)
    np.testing.assert_array_equal(values, [6, 0, 2])


def test_nothing_is_zero():
    np.testing.assert_array_equal(scattered([[]], 3)[1], [0, 0, 0])


@pytest.mark.parametrize("chosen", [[4, 0, 3], [0, 1, 2, 3, 4], [1, 1], [3, 4]])
def test_a_copy_is_taken_apart_by_its_sources(chosen):
    first, second = Input("a", 3), Input("b", 2)
    node = Gather((first, second), index_of(np.array(chosen)))
    names = np.array(["a0", "a1", "a2", "b0", "b1"])
    found = dict.fromkeys(range(len(chosen)))
    for source, copies, positions in copied_sources(node):
        for copy, position in zip(copies, positions, strict=True):
            found[int(copy)] = f"{source.name}{position}"
    assert list(found.values()) == names[chosen].tolist()
