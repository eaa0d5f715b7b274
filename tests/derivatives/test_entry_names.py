"""Names of entries: equal where entries are, few, and found by sorting little."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.derivatives import assembly, record_names
from sparseopt.derivatives.assembly import assemble
from sparseopt.derivatives.entry_map import EntryMap
from sparseopt.derivatives.number_table import NumberTable
from sparseopt.graph.index import ArrayIndex, StridedIndex, index_of, shift

SHAPE = (90, 90)


@pytest.fixture
def tables_alone(monkeypatch):
    """However few entries there are, they are not sorted all together."""
    monkeypatch.setattr(assembly, "FEW", 0)


@pytest.fixture
def sorted_sizes(monkeypatch):
    """The numbers of keys of each sort."""
    sizes = []

    def counted(keys):
        sizes.append(keys.size)
        return sorted_with_positions(keys)

    sorted_with_positions = record_names.sorted_with_positions
    monkeypatch.setattr(record_names, "sorted_with_positions", counted)
    return sizes


def entries_of(slot):
    rows, cols = slot.rows.materialize(), slot.cols.materialize()
    return list(zip(rows.tolist(), cols.tolist(), strict=True))


def check(slots):
    """Entries have places in order of appearance, those of slots that share one in front."""
    made = assemble(slots, SHAPE)
    uses = Counter(entry for slot in slots for entry in entries_of(slot))
    alone = [all(uses[entry] == 1 for entry in entries_of(slot)) for slot in slots]
    assert made.exclusive == alone
    stored = {
        entry for slot, own in zip(slots, alone, strict=True) if own for entry in entries_of(slot)
    }
    expected = sorted(uses, key=stored.__contains__)
    assert list(zip(made.rows.tolist(), made.cols.tolist(), strict=True)) == expected
    place = {entry: k for k, entry in enumerate(expected)}
    for slot, found in zip(slots, made.places, strict=True):
        assert found.materialize().tolist() == [place[entry] for entry in entries_of(slot)]


def written_out(values):
    return ArrayIndex(np.array(values, np.int32))


def coordinates(vertices, width=3):
    """Return the index map of each coordinate of vertices."""
    return [ArrayIndex((width * vertices + k).astype(np.int32)) for k in range(width)]


def triangles(count, seed, most=25):
    rng = np.random.default_rng(seed)
    corners = np.array([rng.permutation(most)[:3] for _ in range(count)]).T
    maps = [part for corner in corners for part in coordinates(corner)]
    return [EntryMap(maps[i], maps[j], is_folded=i != j) for i in range(9) for j in range(i + 1)]


@st.composite
def folded_slots(draw):
    """Slots of a lower triangle, of records of 1 to 3 numbers, some of them joined to itself."""
    width, count = draw(st.integers(1, 3)), draw(st.integers(1, 8))
    records = st.lists(st.integers(0, 5), min_size=count, max_size=count)
    maps = [m for _ in range(2) for m in coordinates(np.array(draw(records)), width)]
    pairs = draw(
        st.lists(st.tuples(st.sampled_from(maps), st.sampled_from(maps)), min_size=1, max_size=8)
    )
    return [EntryMap(one, other, is_folded=True) for one, other in pairs]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(folded_slots())
def test_folded_slots_have_places_in_order_of_appearance(slots):
    few, assembly.FEW = assembly.FEW, 0
    try:
        check(slots)
    finally:
        assembly.FEW = few


@pytest.mark.usefixtures("tables_alone")
def test_a_record_that_meets_itself_is_the_larger_by_its_parts():
    vertices = np.array([4, 2, 4])
    x, y, _ = coordinates(vertices)
    other, another, _ = coordinates(np.array([4, 3, 1]))
    check([EntryMap(x, another, is_folded=True), EntryMap(y, other, is_folded=True)])


@pytest.mark.usefixtures("tables_alone")
def test_pairs_of_vertices_are_sorted_once_for_all_coordinates(sorted_sizes):
    slots = triangles(60, seed=3)
    assert len(slots) == 45
    check(slots)
    assert sorted_sizes == [6 * 60]


@pytest.mark.usefixtures("tables_alone")
def test_rows_and_columns_may_have_records_of_different_lengths(sorted_sizes):
    cols = coordinates(np.array([7, 1, 7, 2, 9, 3, 0]))
    rows = StridedIndex.of(0, (7,), (1,))
    turned = shift(rows, 1)
    check([EntryMap(index, col) for index in (rows, turned) for col in cols])
    assert sorted_sizes == [2 * 7]


@pytest.mark.usefixtures("tables_alone")
def test_shifted_boxes_of_one_grid_are_not_sorted(sorted_sizes):
    def box(offset):
        return StridedIndex.of(offset, (4, 5), (9, 1))

    check([EntryMap(box(k + d), box(k)) for k in (0, 1, 9, 10) for d in (0, 9)])
    assert sorted_sizes == []


@pytest.mark.usefixtures("tables_alone")
def test_scattered_entries_on_few_diagonals_are_not_sorted(sorted_sizes):
    cols = written_out([0, 5, 3, 8, 12, 3, 1, 7])
    rows = written_out([1, 6, 7, 9, 16, 4, 2, 11])
    check([EntryMap(rows, cols), EntryMap(cols, cols), EntryMap(shift(rows, -1), cols)])
    assert sorted_sizes == []


@pytest.mark.usefixtures("tables_alone")
def test_rows_columns_and_dense_blocks_are_not_sorted(sorted_sizes):
    across, down = written_out([3, 1, 4, 1, 5]), written_out([50, 59, 52, 56, 53])
    row, col = StridedIndex.of(80, (5,), (0,)), StridedIndex.of(70, (5,), (0,))
    block = [EntryMap(shift(down, -20), shift(across, k)) for k in (10, 11, 12, 10)]
    check([EntryMap(row, across), EntryMap(down, col), *block, EntryMap(row, shift(across, 1))])
    assert sorted_sizes == []


@pytest.mark.usefixtures("tables_alone")
def test_parts_of_a_matrix_that_are_apart_are_named_by_themselves(sorted_sizes):
    grid = StridedIndex.of(0, (5, 5), (6, 1))
    lines = [EntryMap(shift(grid, k), grid) for k in (0, 1)]
    scattered = [3, 19, 4, 1, 15, 9, 2, 16, 5, 35]
    parts = [written_out([30 + k for k in order]) for order in (scattered, scattered[::-1])]
    check([lines[0], EntryMap(*parts), lines[1]])
    assert sorted_sizes == [10]


@pytest.mark.usefixtures("tables_alone")
def test_a_map_with_another_step_makes_every_number_a_record():
    one, other = coordinates(np.arange(80)[::-7] % 13, 1), coordinates(np.arange(12) ** 2 % 17, 3)
    uneven = written_out([0, 3, 9, 12, 4, 3, 6, 60, 63, 66, 30, 33])
    cols = [*one, *other, uneven]
    check([EntryMap(col, uneven) for col in cols])


@pytest.mark.usefixtures("tables_alone")
def test_a_slot_without_instances_has_no_places():
    nothing = StridedIndex.of(0, (0,), (1,))
    check([EntryMap(nothing, nothing), EntryMap(written_out([3, 1, 4]), written_out([1, 5, 9]))])


def test_equal_slots_are_numbered_once(monkeypatch, tables_alone):
    numbered = []
    monkeypatch.setattr(NumberTable, "number", _noted(NumberTable.number, numbered))
    slots = triangles(20, seed=1)
    check([*slots, *slots])
    assert len(numbered) == len(slots)


def _noted(method, calls):
    def noted(table, names):
        calls.append(names.size)
        return method(table, names)

    return noted


def test_folded_entries_are_not_written_out_for_their_places(monkeypatch, tables_alone):
    asked = []
    monkeypatch.setattr(EntryMap, "rows", property(asked.append))
    assemble(triangles(20, seed=2), SHAPE)
    assert asked == []


def test_numbers_are_given_in_order_of_appearance():
    table = NumberTable(20, 12)
    first, _ = table.number(StridedIndex.of(4, (2, 2), (6, 1)))
    assert first.materialize().tolist() == [0, 1, 2, 3]
    second, new = table.number(index_of(np.array([9, 5, 9, 10, 0])))
    assert second.materialize().tolist() == [4, 1, 4, 2, 5]
    assert new.materialize().tolist() == [0, 4]
    third, new = table.number(StridedIndex.of(1, (4,), (-0,)))
    assert third.materialize().tolist() == [6, 6, 6, 6]
    assert new.materialize().tolist() == [0]
    assert table.is_repeated(first, StridedIndex.of(0, (4,), (1,)))


def test_descending_and_overlapping_maps_are_numbered_as_they_are_read():
    table = NumberTable(20, 20)
    numbers, _ = table.number(StridedIndex.of(9, (4,), (-3,)))
    assert numbers.materialize().tolist() == [0, 1, 2, 3]
    numbers, new = table.number(StridedIndex.of(2, (2, 3), (1, 1)))
    assert numbers.materialize().tolist() == [4, 2, 5, 2, 5, 6]
    assert new.materialize().tolist() == [0, 2, 5]
