"""Index maps: affine ones are recognized, composition is what choosing twice does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparseopt.graph.index import ArrayIndex, StridedIndex, compose, index_of, shift

VIEWS = {
    "slice": np.s_[2:9],
    "step": np.s_[1::3],
    "reversed": np.s_[::-1],
    "box": np.s_[1:3, ::2],
    "column": np.s_[:, 2],
    "last": np.s_[..., -1],
    "one": np.s_[1, 1:2],
    "empty": np.s_[3:3],
    "repeated": None,
}


def positions(name):
    """Return positions in 24 elements, of one view of an array of shape (24,) or (4, 6)."""
    if name == "repeated":
        return np.broadcast_to(np.arange(4)[:, None], (4, 6)).ravel()
    key = VIEWS[name]
    shape = (24,) if isinstance(key, slice) else (4, 6)
    return np.arange(24).reshape(shape)[key].ravel()


@pytest.mark.parametrize("name", VIEWS)
def test_affine_positions_are_kept_as_strides(name):
    values = positions(name)
    index = index_of(values)
    assert isinstance(index, StridedIndex)
    assert index.size == values.size
    np.testing.assert_array_equal(index.materialize(), values)


def test_other_positions_are_kept_as_a_narrow_array():
    index = index_of(np.array([3, 1, 4, 1, 5]))
    assert isinstance(index, ArrayIndex)
    assert index.materialize().dtype == np.int32
    assert not index.is_identity(5)


def test_identity_is_recognized():
    assert index_of(np.arange(5)).is_identity(5)
    assert not index_of(np.arange(5)).is_identity(6)
    assert not index_of(np.arange(1, 6)).is_identity(5)
    assert index_of(np.arange(1)).is_identity(1)
    assert index_of(np.arange(0)).is_identity(0)


def test_wide_positions_keep_64_bits():
    index = StridedIndex.of(2**31, (3,), (2,))
    np.testing.assert_array_equal(index.materialize(), 2**31 + 2 * np.arange(3))


def test_equal_maps_compare_equal():
    assert StridedIndex.of(0, (3, 4), (4, 1)) == StridedIndex.of(0, (12,), (1,))
    assert StridedIndex.of(5, (1, 4, 1), (9, 2, 7)) == StridedIndex.of(5, (4,), (2,))


@pytest.mark.parametrize("inner", VIEWS)
@pytest.mark.parametrize("seed", range(3))
def test_composition_chooses_twice(inner, seed):
    values = positions(inner)
    rng = np.random.default_rng(seed)
    outer = [
        np.arange(values.size)[::-1],
        np.arange(values.size)[1::2],
        rng.integers(0, max(values.size, 1), 7) if values.size else values,
    ][seed]
    composed = compose(index_of(outer), index_of(values))
    np.testing.assert_array_equal(composed.materialize(), values[outer])


@given(
    offset=st.integers(0, 5),
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    strides=st.lists(st.integers(-6, 6), min_size=3, max_size=3),
)
def test_written_out_boxes_are_found_again(offset, shape, strides):
    base = 100 + offset
    index = StridedIndex.of(base, tuple(shape), tuple(strides[: len(shape)]))
    values = index.materialize()
    np.testing.assert_array_equal(index_of(values).materialize(), values)
    grid = np.indices(shape).reshape(len(shape), -1)
    np.testing.assert_array_equal(values, base + strides[: len(shape)] @ grid)


@given(
    outer=st.lists(st.integers(0, 11), max_size=8),
    inner=st.lists(st.integers(0, 40), min_size=12, max_size=12),
)
def test_composition_of_any_two_maps(outer, inner):
    outer, inner = np.array(outer, int), np.array(inner)
    composed = compose(index_of(outer), index_of(inner))
    np.testing.assert_array_equal(composed.materialize(), inner[outer])


@given(
    outer=st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 3)),
    steps=st.tuples(st.integers(1, 9), st.integers(1, 9)),
)
def test_composition_of_boxes(outer, steps):
    inner = StridedIndex.of(2, (8, 10), (17, 1))
    start, rows, cols = outer
    box = StridedIndex.of(start, (rows, cols), (steps[0], steps[1]))
    chosen = box.materialize()
    if chosen.max() < inner.size:
        expected = inner.materialize()[chosen]
        np.testing.assert_array_equal(compose(box, inner).materialize(), expected)


@pytest.mark.parametrize("values", [np.arange(4), np.array([2, 0, 7, 1])])
def test_shift_adds_a_distance(values):
    np.testing.assert_array_equal(shift(index_of(values), 5).materialize(), values + 5)


def test_take_chooses_positions_without_writing_a_line_out():
    index = StridedIndex.of(3, (10,), (2,))
    np.testing.assert_array_equal(index.take(np.array([0, 9, 4])), [3, 21, 11])
