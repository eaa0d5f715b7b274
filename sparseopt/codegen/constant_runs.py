"""Constants that stand in long runs of equal values: they are written without being read.

Copying constants moves twice the bytes that it writes.  The entries of a constant Jacobian stand
block by block, and those of a discretization are mostly equal.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sparseopt.elements.tasks import Fill

__all__ = ["constant_runs", "is_constant"]

LONG_RUN = 1024
"""Equal values from which on writing them apart spares more than one more task costs."""


def is_constant(fill: Fill) -> bool:
    """Return whether a fill repeats one number, which is then all that its memory holds."""
    return fill.size > 0 and fill.values is not None and fill.values.strides == (0,)


def constant_runs(fill: Fill) -> list[Fill]:
    """Return fills that write the same, each long run of equal values by a fill of its own.

    Examples
    --------
    >>> from sparseopt.elements.tasks import Base
    >>> values = np.repeat([1.0, 2.0, 3.0], [2000, 5, 2000])
    >>> fills = constant_runs(Fill(Base.OUT, 7, 4005, values))
    >>> [(fill.offset, fill.size, is_constant(fill)) for fill in fills]
    [(7, 2000, True), (2007, 5, False), (2012, 2000, True)]
    """
    if fill.values is None or fill.size < LONG_RUN:
        return [fill]
    # Bits are compared: zeros have signs.
    bits = fill.values.view(np.int64)
    ends = np.flatnonzero(bits[1:] != bits[:-1]) + 1
    ends = np.concatenate([[0], ends, [fill.size]])
    long = np.flatnonzero(np.diff(ends) >= LONG_RUN)
    found: list[Fill] = []
    done = 0
    for start, stop in zip(ends[long].tolist(), ends[long + 1].tolist(), strict=True):
        found += [*_part(fill, done, start), _repeated(fill, start, stop)]
        done = stop
    return found + _part(fill, done, fill.size)


def _part(fill: Fill, start: int, stop: int) -> list[Fill]:
    assert fill.values is not None
    values = fill.values[start:stop]
    part = replace(fill, offset=fill.offset + start, size=stop - start, values=values)
    return [part] if stop > start else []


def _repeated(fill: Fill, start: int, stop: int) -> Fill:
    assert fill.values is not None
    size = stop - start
    value = np.broadcast_to(fill.values[start].copy(), size)
    return replace(fill, offset=fill.offset + start, size=size, values=value)
