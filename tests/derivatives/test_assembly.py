"""Assembly: every slot's values go to the place of their entry, and every entry has one place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.derivatives.assembly import assemble
from sparseopt.derivatives.entry_map import EntryMap
from sparseopt.graph.index import ArrayIndex, StridedIndex, index_of

SHAPE = (40, 50)


@st.composite
def lines(draw, count, limit):
    """An affine map of ``count`` elements into [0, limit)."""
    stride = draw(st.integers(-2, 2))
    reach = stride * (count - 1)
    low, high = max(0, -reach), min(limit - 1, limit - 1 - reach)
    if low > high:
        stride, low, high = 0, 0, limit - 1
    return StridedIndex.of(draw(st.integers(low, high)), (count,), (stride,))


@st.composite
def boxes(draw, count, limit):
    rows = draw(st.sampled_from([d for d in range(1, count + 1) if count % d == 0]))
    inner = count // rows
    outer_stride, stride = draw(st.integers(0, 3)), draw(st.integers(0, 1))
    reach = outer_stride * (rows - 1) + stride * (inner - 1)
    if reach >= limit:
        return StridedIndex.of(0, (count,), (0,))
    offset = draw(st.integers(0, limit - 1 - reach))
    return StridedIndex.of(offset, (rows, inner), (outer_stride, stride))


@st.composite
def arrays(draw, count, limit):
    values = draw(st.lists(st.integers(0, limit - 1), min_size=count, max_size=count))
    return index_of(np.array(values, np.int64))


@st.composite
def entry_maps(draw):
    count = draw(st.integers(1, 12))
    kinds = (
        st.one_of(lines(count, SHAPE[0]), boxes(count, SHAPE[0]), arrays(count, SHAPE[0])),
        st.one_of(lines(count, SHAPE[1]), boxes(count, SHAPE[1]), arrays(count, SHAPE[1])),
    )
    rows, cols = draw(kinds[0]), draw(kinds[1])
    return EntryMap(rows, cols, draw(st.booleans()))


def entries(slot):
    return slot.rows.materialize().astype(int) * SHAPE[1] + slot.cols.materialize()


def check(slots):
    assembly = assemble(slots, SHAPE)
    keys = assembly.rows.astype(int) * SHAPE[1] + assembly.cols
    assert np.unique(keys).size == keys.size, "an entry has two places"
    written = np.concatenate([entries(s) for s in slots]) if slots else np.zeros(0, int)
    assert set(keys.tolist()) == set(written.tolist()), "places and entries differ"
    uses = np.zeros(assembly.size, int)
    for slot, place in zip(slots, assembly.places, strict=True):
        np.testing.assert_array_equal(keys[place.materialize()], entries(slot))
        np.add.at(uses, place.materialize(), 1)
    for slot, place, alone in zip(slots, assembly.places, assembly.exclusive, strict=True):
        if alone:
            assert (uses[place.materialize()] == 1).all(), "stored, but not alone"
        if alone and not slot.is_constant:
            assert (place.materialize() >= assembly.num_shared).all(), "stored where a fill goes"
        if not alone or slot.is_constant:
            assert (place.materialize() < assembly.num_shared).all(), "added to where no fill goes"
    return assembly


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(entry_maps(), max_size=7))
def test_places_are_a_bijection_onto_the_distinct_entries(slots):
    check(slots)


def line(offset, count, stride=1):
    return StridedIndex.of(offset, (count,), (stride,))


def test_shifted_slots_of_one_diagonal_share_one_run():
    slots = [EntryMap(line(0, 20), line(0, 20)), EntryMap(line(1, 20), line(1, 20))]
    assembly = check(slots)
    assert assembly.size == 21
    assert all(isinstance(p, StridedIndex) and p.is_line for p in assembly.places)
    assert assembly.exclusive == [False, False]


def test_slots_of_different_diagonals_are_stored_contiguously():
    slots = [EntryMap(line(0, 20), line(k, 20)) for k in range(3)]
    assembly = check(slots)
    assert assembly.size == 60
    assert assembly.exclusive == [True] * 3
    assert assembly.num_shared == 0


def test_crossing_lines_meet_in_one_entry():
    slots = [EntryMap(line(5, 10, 0), line(0, 10)), EntryMap(line(0, 10), line(4, 10, 0))]
    assembly = check(slots)
    assert assembly.size == 19


def test_one_slot_that_visits_an_entry_often_is_not_exclusive():
    slots = [EntryMap(line(0, 8, 0), line(0, 8, 0))]
    assembly = check(slots)
    assert assembly.size == 1
    assert assembly.exclusive == [False]


def test_grids_with_different_spacing_on_one_line_are_told_apart():
    slots = [EntryMap(line(0, 8, 2), line(0, 8, 2)), EntryMap(line(1, 8, 2), line(1, 8, 2))]
    assembly = check(slots)
    assert assembly.size == 16
    check([*slots, EntryMap(line(0, 16), line(0, 16))])


@pytest.mark.parametrize("count", [0, 1])
def test_no_slots_or_single_instances(count):
    slots = [EntryMap(line(k, 1), line(k, 1)) for k in range(count)]
    assert check(slots).size == count


def test_constant_entries_come_first():
    slots = [EntryMap(line(0, 5), line(0, 5)), EntryMap(line(0, 5), line(10, 5), is_constant=True)]
    assembly = check(slots)
    assert assembly.num_shared == 5
    assert assembly.places[1].materialize().tolist() == [0, 1, 2, 3, 4]


def test_index_arrays_are_kept_where_nothing_is_affine():
    scattered = index_of(np.array([7, 1, 9, 2, 30]))
    assert isinstance(scattered, ArrayIndex)
    assembly = check([EntryMap(scattered, scattered), EntryMap(scattered, line(3, 5, 0))])
    assert assembly.size == 10
