"""What belongs to integer arrays, found by their content."""

import numpy as np

from sparseopt.graph.array_table import ArrayTable


def test_equal_arrays_have_one_entry_and_others_their_own():
    table: ArrayTable[int] = ArrayTable()
    first = np.arange(1000, dtype=np.int32)
    changed, swapped = first.copy(), first.copy()
    changed[501] += 1
    # Neither the sum nor the elements that are looked at tell this one from the first.
    swapped[[1, 2]] = swapped[[2, 1]]
    arrays = [first, changed, swapped, first.copy(), swapped.copy(), first.astype(np.int64)]
    assert [table.setdefault(array, k) for k, array in enumerate(arrays)] == [0, 1, 2, 0, 2, 5]


def test_sums_beyond_the_range_of_a_type_wrap_around():
    table: ArrayTable[int] = ArrayTable()
    large = np.full(100, 2**31 - 1, np.int32)
    assert [table.setdefault(large, 0), table.setdefault(large.copy(), 1)] == [0, 0]


def test_an_empty_array_is_an_array_like_others():
    table: ArrayTable[int] = ArrayTable()
    assert [table.setdefault(np.zeros(0, np.int32), k) for k in range(2)] == [0, 0]
