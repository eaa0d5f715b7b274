"""Forms of index sets: what is shared, what is stored, counted in bytes and never timed."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.rewriting import rewrite
from sparseopt.patterns import tables
from sparseopt.patterns.activity import Activity
from sparseopt.patterns.index_sets import hessian_pattern_of, jacobian_pattern_of
from sparseopt.patterns.propagation import MAX_PARTS, Propagation
from sparseopt.patterns.set_forms import EMPTY, IndexSets, Part, Table, union
from sparseopt.patterns.tables import Tables
from sparseopt.tracing.trace import trace

N = 20_000


def sets_of(function, shape):
    """Return the index sets of a function's result."""
    program = rewrite(trace(function, shape)[0])
    propagation, sets = Propagation(program, Activity(program.nodes())), {}
    for node in program.nodes():
        sets[node] = propagation.sets_of(node, [sets[a] for a in node.args])
    return sets[program.outputs[0]]


def pattern_bytes(function, shape):
    """Return the bytes of the form of the result's sets."""
    return sets_of(function, shape).num_bytes


def test_slices_and_scalar_functions_store_nothing():
    assert pattern_bytes(lambda x: np.exp(np.sin(x[1:-1:2]) * 3.0), (N,)) == 0
    assert pattern_bytes(lambda x: x.reshape(100, 200).T[::-1] ** 3, (N,)) == 0
    assert pattern_bytes(lambda x: x[1:] * x[:-1] + np.sin(x[1:]), (N,)) == 0


def test_a_scalar_function_keeps_the_object():
    program = rewrite(trace(lambda x: np.exp(np.sin(x)), (3,))[0])
    propagation = Propagation(program, Activity(program.nodes()))
    variable, sine, exponential = program.nodes()
    first = propagation.sets_of(variable, [])
    second = propagation.sets_of(sine, [first])
    assert second is first
    assert propagation.sets_of(exponential, [second]) is first


def test_equal_parts_are_one():
    sets = sets_of(lambda x: x[1:] + x[:-1] * x[1:] + np.cos(x[:-1]), (5,))
    assert [p.rows for p in sets.parts] == [
        StridedIndex(1, (4,), (1,)),
        StridedIndex(0, (4,), (1,)),
    ]
    doubled = IndexSets((*sets.parts, *sets.parts))
    other = IndexSets((Part(None, StridedIndex(0, (4,), (0,))),))
    assert len(union([doubled, other]).parts) == 3
    assert union([EMPTY, sets]) is sets


def test_a_five_point_stencil_is_five_maps():
    def stencil(x):
        p = np.pad(x, 1)
        return 4 * x - p[2:, 1:-1] - p[:-2, 1:-1] - p[1:-1, 2:] - p[1:-1, :-2]

    sets = sets_of(stencil, (100, 200))
    assert len(sets.parts) == 5
    assert sets.num_bytes == 4 * 4 * N  # four int32 maps; the center's is an offset


def test_a_sum_that_all_elements_share_is_one_row():
    assert pattern_bytes(lambda x: x * np.sum(x), (N,)) <= 5 * N
    assert pattern_bytes(lambda x: np.sin(x / np.linalg.norm(x)), (N,)) <= 5 * N
    again = sets_of(lambda x: np.mean(x) + np.max(np.sum(x * x) + x[:2]) * x, (N,))
    assert again.num_bytes <= 5 * N


def test_a_sum_of_values_that_all_depend_on_everything_stays_one_row():
    pattern = so.jacobian_pattern(lambda x: np.sum(np.sin(x + np.sum(x))), np.zeros(N))
    assert (pattern.shape, pattern.nnz) == ((1, N), N)


def test_equal_rows_of_a_dense_matrix_are_stored_once():
    matrix = np.ones((40, 100))
    assert pattern_bytes(lambda x: matrix @ x, (100,)) <= 4 * 100 + 8 * 2
    pattern = so.hessian_pattern(lambda x: np.sum((matrix @ x) ** 2), np.zeros(100))
    assert pattern.nnz == 5050


def test_running_sums_store_their_triangle_once():
    entries = 100 * 101 // 2
    assert pattern_bytes(lambda x: np.exp(np.cumsum(x)), (100,)) <= 4 * entries + 16 * 101
    assert so.jacobian_pattern(np.cumsum, np.zeros(100)).nnz == entries


def test_long_chains_of_additions_are_written_out_now_and_then():
    def chain(x):
        total = x[:50]
        for shift in range(1, 60):
            total = total + np.sin(x[shift : shift + 50])
        return total

    sets = sets_of(chain, (110,))
    assert len(sets.parts) <= MAX_PARTS
    assert so.jacobian_pattern(chain, np.zeros(110)).nnz == 50 * 60


def test_joined_vectors_share_one_table():
    def joined(x):
        return np.concatenate([x[:3], [np.sum(x[:60])], x[-2:] * np.sum(x[40:])])

    sets = sets_of(joined, (100,))
    assert len({id(p.table) for p in sets.parts}) == 2
    pattern = so.jacobian_pattern(joined, np.zeros(100))
    assert np.diff(pattern.indptr).tolist() == [1, 1, 1, 60, 60, 60]


def test_equal_tables_are_one_object_and_bytes_decide(monkeypatch):
    known = Tables(9)
    first = known.unique(Table(np.array([0, 2]), np.array([3, 4], np.int32)))
    assert known.unique(Table(np.array([0, 2]), np.array([3, 4], np.int32))) is first
    monkeypatch.setattr(tables.zlib, "crc32", lambda _: 0)
    collides = known.unique(Table(np.array([0, 2]), np.array([3, 5], np.int32)))
    again = known.unique(Table(np.array([0, 2]), np.array([3, 6], np.int32)))
    assert collides is not again


def test_rows_whose_hashes_collide_stay_apart(monkeypatch):
    monkeypatch.setattr(tables, "_row_hashes", lambda t: np.zeros(t.lengths.size, np.uint64))
    windows = np.arange(30)[:, None] + np.arange(20)

    def sums(x):
        return np.sum(x[windows], axis=1)

    pattern = so.jacobian_pattern(sums, np.zeros(49))
    assert pattern.nnz == 600
    assert pattern.indices[-20:].tolist() == list(range(29, 49))


@pytest.mark.parametrize("width", [1, 4, 15, 16, 17, 40])
def test_sums_of_every_width_agree_with_marking(width):
    def sums(x):
        return np.sum((x[1:] * x[:-1]).reshape(-1, width), axis=1)

    found = so.jacobian_pattern(sums, np.zeros(3 * width + 1)).to_scipy().toarray()
    expected = np.zeros((3, 3 * width + 1), bool)
    for row in range(3):
        expected[row, row * width : (row + 1) * width + 1] = True
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_products_of_wide_rows_agree_with_boolean_products(rows, monkeypatch):
    monkeypatch.setattr("sparseopt.patterns.interactions.CHUNK", 64)
    pattern = np.random.default_rng(rows).random((rows, 60)) < 0.4
    weights = pattern * 1.5

    def energy(x):
        return np.sum((weights @ x) ** 3) + np.sum(np.sin(x[:rows]) * (weights @ x))

    found = so.hessian_pattern(energy, np.zeros(60)).to_scipy().toarray()
    first = np.eye(rows, 60, dtype=bool)
    cross = first.T @ pattern
    np.testing.assert_array_equal(found, pattern.T @ pattern | cross | cross.T | first.T @ first)


def test_peak_memory_of_a_stencil_is_bounded_by_the_entries():
    import tracemalloc

    def residual(u):
        p = np.pad(u, 1)
        return 4 * u - p[2:, 1:-1] - p[:-2, 1:-1] - p[1:-1, 2:] - p[1:-1, :-2] + u**3

    for find, function in (
        (jacobian_pattern_of, residual),
        (hessian_pattern_of, lambda u: np.sum(residual(u) ** 2)),
    ):
        program, _ = trace(function, (150, 150))
        tracemalloc.start()
        pattern = find(program)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak <= 60 * pattern.nnz
