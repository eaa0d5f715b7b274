"""`NumberTable`: names numbered in order of first appearance, array after array, without a sort."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from sparseopt.graph.index import Index, StridedIndex, index_of

__all__ = ["NumberTable"]

Numbers = NDArray[np.int32]


class NumberTable:
    """Numbers of names, 0, 1, … as they appear.

    Parameters
    ----------
    size : int
        Names are smaller.
    most : int
        Names that appear at most.

    Examples
    --------
    >>> table = NumberTable(10, 6)
    >>> for names in ([7, 3, 7], [5, 3, 9]):
    ...     numbers, first = table.number(index_of(np.array(names)))
    ...     print(numbers.materialize(), first.materialize(), table.is_repeated(numbers, first))
    [0 1 0] [0 1] True
    [2 1 3] [0 2] True
    """

    def __init__(self, size: int, most: int) -> None:
        self._size = 0
        # One more than the number, so that the pages of zeros are written when they are needed.
        self._numbers = np.zeros(size, np.int32)
        self._is_met_again = np.zeros(min(size, most), bool)

    def number(self, names: Index) -> tuple[Index, Index]:
        """Return the number of each name, and the positions that are the first of a name."""
        view = _view(self._numbers, names)
        if view is None:
            return self._number_each(names.materialize())
        if not view.any():
            view[...] = self._next(view.size).reshape(view.shape)
            size = self._size - view.size
            return StridedIndex.of(size, (view.size,), (1,)), StridedIndex.of(0, (view.size,), (1,))
        numbers = view.flatten()
        is_new = self._met(numbers)
        first = np.flatnonzero(is_new)
        numbers[is_new] = self._next(first.size)
        view[...] = numbers.reshape(view.shape)
        return index_of(numbers - np.int32(1)), index_of(first)

    def _number_each(self, names: NDArray[np.integer]) -> tuple[Index, Index]:
        """Return what `number` does, of names of which some may be equal."""
        numbers = self._numbers[names]
        is_new = self._met(numbers)
        first = np.flatnonzero(is_new)
        new = names[first]
        fresh = np.arange(self._size + 1, self._size + first.size + 1, dtype=np.int32)
        self._numbers[new[::-1]] = fresh[::-1]  # of equal names the last one stays
        is_first = self._numbers[new] == fresh
        if not is_first.all():
            first = first[is_first]
            self._numbers[names[first]] = fresh[: first.size]
            fresh = self._numbers[new]
        self._size += first.size
        numbers[is_new] = fresh
        numbers -= np.int32(1)
        return index_of(numbers), index_of(first)

    def _met(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Return which names are new, and note that the others are met again."""
        is_new: NDArray[np.bool_] = numbers == 0
        if not is_new.any():
            self._is_met_again[numbers - 1] = True
        elif not is_new.all():
            self._is_met_again[numbers[~is_new] - 1] = True
        return is_new

    def _next(self, count: int) -> Numbers:
        self._size += count
        return np.arange(self._size - count + 1, self._size + 1, dtype=np.int32)

    def is_repeated(self, numbers: Index, first: Index) -> bool:
        """Whether a name of an array appeared elsewhere too: in it, before it or after it."""
        if not first.is_identity(numbers.size):
            return True
        assert isinstance(numbers, StridedIndex)
        return bool(self._is_met_again[numbers.offset : numbers.offset + numbers.size].any())


def _view(table: Numbers, names: Index) -> Numbers | None:
    """Return the elements of an affine map as a view, if every one occurs once."""
    if not isinstance(names, StridedIndex):
        return None
    reach = 0
    for stride, length in sorted(zip(map(abs, names.strides), names.shape, strict=True)):
        if stride <= reach:
            return None
        reach += stride * (length - 1)
    steps = tuple(stride * table.itemsize for stride in names.strides)
    return as_strided(table[names.offset :], names.shape, steps)
