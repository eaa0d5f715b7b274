"""Slots whose entries are equal but for a shift: what is proven, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.derivatives.assembly import assemble
from sparseopt.derivatives.entry_map import EntryMap
from sparseopt.derivatives.repeated_entries import slots_by_pattern
from sparseopt.graph.index import ArrayIndex, StridedIndex, index_of

OWNERS = np.array([4, 0, 0, 2, 4, 1], np.int32)
OTHERS = np.array([1, 1, 3, 0, 1, 2], np.int32)


def parts_of(owners, width, start=0):
    """Return the index map of each number of records of ``width`` numbers."""
    return [ArrayIndex((width * owners + k + start).astype(np.int32)) for k in range(width)]


def test_slots_of_records_make_one_pattern():
    rows, cols = parts_of(OWNERS, 3), parts_of(OTHERS, 2)
    assert slots_by_pattern([(r, c) for r in rows for c in cols]) == [[0, 1, 2, 3, 4, 5]]


def test_slots_of_different_records_make_patterns_of_their_own():
    rows, cols = parts_of(OWNERS, 2, start=100), parts_of(OTHERS, 2)
    pairs = [(r, c) for r in rows for c in cols] + [(c, d) for c in cols for d in cols]
    assert slots_by_pattern(pairs) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_shifts_that_are_equal_modulo_the_step_prove_nothing():
    rows, cols = parts_of(OWNERS, 2), parts_of(OTHERS, 2)
    moved = ArrayIndex(rows[0].values + 2)
    assert slots_by_pattern([(r, c) for r in (*rows, moved) for c in cols]) is None


def test_patterns_in_one_place_of_the_matrix_prove_nothing():
    rows, cols, turned = (parts_of(o, 2) for o in (OWNERS, OTHERS, OTHERS[::-1]))
    assert slots_by_pattern([(r, c) for r in rows for c in (*cols, *turned)]) is None


def test_as_many_maps_as_slots_are_not_looked_at():
    rows, cols = parts_of(OWNERS, 1), parts_of(OTHERS, 1)
    assert slots_by_pattern([(rows[0], cols[0])]) is None


def test_maps_without_elements_are_not_looked_at():
    nothing = StridedIndex.of(0, (0,), (1,))
    assert slots_by_pattern([(nothing, nothing)]) is None


@pytest.mark.parametrize("seed", range(20))
def test_places_are_those_of_the_entries_in_order_of_appearance(seed):
    rng = np.random.default_rng(seed)
    widths, count = rng.integers(1, 4, 2), int(rng.integers(2, 30))
    owners, others = (rng.integers(0, 8, count) for _ in widths)
    rows = [index_of(widths[0] * owners + k) for k in range(widths[0])]
    cols = [index_of(widths[1] * others + k + 50 * rng.integers(2)) for k in range(widths[1])]
    entries = [EntryMap(r, c) for r in rows for c in cols]
    made = assemble(entries, (100, 150))
    seen = dict.fromkeys(zip(made.rows.tolist(), made.cols.tolist(), strict=True))
    assert len(seen) == made.size
    uses = np.zeros(made.size, int)
    for entry, place in zip(entries, made.places, strict=True):
        chosen = place.materialize()
        np.testing.assert_array_equal(made.rows[chosen], entry.rows.materialize())
        np.testing.assert_array_equal(made.cols[chosen], entry.cols.materialize())
        np.add.at(uses, chosen, 1)
    for place, alone in zip(made.places, made.exclusive, strict=True):
        assert alone == bool((uses[place.materialize()] == 1).all())
