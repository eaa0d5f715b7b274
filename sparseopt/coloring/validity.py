"""What makes a coloring valid, word for word from the definitions: slow, obvious, for checking.

Nothing here shares code with the algorithms.  Patterns may be anything that `color` takes; colors
are integer arrays, -1 for a column or row that is never compressed.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sparseopt.coloring.given_patterns import as_pattern, lower_triangle

__all__ = [
    "is_acyclic_coloring",
    "is_covered",
    "is_directly_recoverable",
    "is_recoverable_by_substitution",
    "is_star_coloring",
    "is_structurally_orthogonal",
]

Entry = tuple[int, int]


def is_structurally_orthogonal(pattern: Any, colors: ArrayLike, side: str = "column") -> bool:
    """Tell whether no row holds two entries in columns of one color (side="row": the transpose).

    Examples
    --------
    >>> is_structurally_orthogonal([[1, 0, 2], [0, 3, 4], [5, 0, 0]], [0, 0, 1])
    True
    """
    color = np.asarray(colors).tolist()
    entries = _entries(pattern) if side == "column" else {(j, i) for i, j in _entries(pattern)}
    places = [(i, color[j]) for i, j in entries]
    return all(c >= 0 for _, c in places) and len(set(places)) == len(places)


def is_star_coloring(pattern: Any, colors: ArrayLike) -> bool:
    """Tell whether neighbors differ and every path of four vertices has three colors or more.

    Examples
    --------
    >>> path = np.eye(4, k=1) + np.eye(4, k=-1)
    >>> is_star_coloring(path, [0, 1, 0, 1]), is_star_coloring(path, [0, 1, 2, 0])
    (False, True)
    """
    color = np.asarray(colors).tolist()
    around = _neighbors(pattern, len(color))
    if not _is_proper(around, color):
        return False
    paths = (
        (a, b, c, d)
        for b, neighbors in enumerate(around)
        for c in neighbors
        for a in neighbors - {c}
        for d in around[c] - {a, b}
    )
    return all(len({color[v] for v in path}) >= 3 for path in paths)


def is_acyclic_coloring(pattern: Any, colors: ArrayLike) -> bool:
    """Tell whether neighbors differ and every cycle has three colors or more.

    Examples
    --------
    >>> cycle = np.roll(np.eye(4), 1, axis=0) + np.roll(np.eye(4), -1, axis=0)
    >>> is_acyclic_coloring(cycle, [0, 1, 0, 1]), is_acyclic_coloring(cycle, [0, 1, 0, 2])
    (False, True)
    """
    color = np.asarray(colors).tolist()
    around = _neighbors(pattern, len(color))
    if not _is_proper(around, color):
        return False
    return all(
        _is_forest([around[v] & members if v in members else set() for v in range(len(color))])
        for pair in combinations(sorted(set(color)), 2)
        if (members := {v for v, c in enumerate(color) if c in pair})
    )


def is_covered(pattern: Any, column_colors: ArrayLike | None, row_colors: ArrayLike | None) -> bool:
    """Tell whether every entry lies in a compressed column or in a compressed row.

    Examples
    --------
    >>> is_covered([[1, 1], [1, 0]], [0, -1], [0, -1])
    True
    """
    return all(_places(entry, column_colors, row_colors) for entry in _entries(pattern))


def is_directly_recoverable(
    pattern: Any,
    column_colors: ArrayLike | None,
    row_colors: ArrayLike | None = None,
    *,
    symmetric: bool = False,
) -> bool:
    """Tell whether every entry is alone in a place of the compressed matrices.

    With `symmetric`, entries (i, j) and (j, i) have one value, and either may be alone.

    Examples
    --------
    >>> arrowhead = [[1, 1, 1], [1, 1, 0], [1, 0, 1]]
    >>> is_directly_recoverable(arrowhead, [0, 1, 1])
    False
    >>> is_directly_recoverable(arrowhead, [0, 1, 1], symmetric=True)
    True
    """
    unknown = _values(pattern, symmetric)
    sums = _sums(unknown, column_colors, row_colors, symmetric)
    alone = {next(iter(entries)) for entries in sums if len(entries) == 1}
    return alone == unknown


def is_recoverable_by_substitution(
    pattern: Any,
    column_colors: ArrayLike | None,
    row_colors: ArrayLike | None = None,
    *,
    symmetric: bool = False,
) -> bool:
    """Tell whether all entries are found one after another, each alone among the unknown ones.

    Examples
    --------
    >>> path = np.eye(4) + np.eye(4, k=1) + np.eye(4, k=-1)
    >>> is_recoverable_by_substitution(path, [0, 1, 0, 1], symmetric=True)
    True
    """
    unknown = _values(pattern, symmetric)
    sums = _sums(unknown, column_colors, row_colors, symmetric)
    while found := {next(iter(entries)) for entries in sums if len(entries) == 1}:
        unknown -= found
        sums = [entries - found for entries in sums]
    return not unknown


def _entries(pattern: Any) -> set[Entry]:
    given = as_pattern(pattern)
    entries = set(zip(given.rows.tolist(), given.cols.tolist(), strict=True))
    return entries | {(j, i) for i, j in entries} if given.symmetric else entries


def _values(pattern: Any, symmetric: bool) -> set[Entry]:
    """Return the entries with values of their own: of a symmetric matrix, the lower triangle."""
    if not symmetric:
        return _entries(pattern)
    lower = lower_triangle(as_pattern(pattern))
    return set(zip(lower.rows.tolist(), lower.cols.tolist(), strict=True))


def _places(
    entry: Entry, column_colors: ArrayLike | None, row_colors: ArrayLike | None
) -> list[tuple[str, int, int]]:
    i, j = entry
    places = []
    if column_colors is not None and (c := int(np.asarray(column_colors)[j])) >= 0:
        places.append(("column", i, c))
    if row_colors is not None and (c := int(np.asarray(row_colors)[i])) >= 0:
        places.append(("row", j, c))
    return places


def _sums(
    values: Iterable[Entry],
    column_colors: ArrayLike | None,
    row_colors: ArrayLike | None,
    symmetric: bool,
) -> list[set[Entry]]:
    """Return, for each place of the compressed matrices, the values that it sums."""
    sums: dict[tuple[str, int, int], set[Entry]] = {}
    for i, j in values:
        for entry in {(i, j), (j, i)} if symmetric else {(i, j)}:
            for place in _places(entry, column_colors, row_colors):
                sums.setdefault(place, set()).add((i, j))
    return list(sums.values())


def _neighbors(pattern: Any, num_vertices: int) -> list[set[int]]:
    around: list[set[int]] = [set() for _ in range(num_vertices)]
    for i, j in _entries(pattern):
        if i != j:
            around[i].add(j)
            around[j].add(i)
    return around


def _is_proper(around: list[set[int]], color: list[int]) -> bool:
    return min(color, default=0) >= 0 and all(
        color[v] != color[w] for v, neighbors in enumerate(around) for w in neighbors
    )


def _is_forest(around: list[set[int]]) -> bool:
    """Tell whether removing leaves, one after another, leaves no edge."""
    leaves = [v for v, neighbors in enumerate(around) if len(neighbors) == 1]
    while leaves:
        v = leaves.pop()
        for w in around[v]:
            around[w].discard(v)
            if len(around[w]) == 1:
                leaves.append(w)
        around[v] = set()
    return not any(around)
