"""New arrays like a traced one, which take traced values; points between traced ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sparseopt.graph.nodes import Constant
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.source_lines import user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__: list[str] = []


def _shape_of(array: Any, shape: Any) -> tuple[int, ...]:
    if shape is None:
        return as_traced(array).shape
    return tuple(shape) if np.iterable(shape) else (int(shape),)


def _filled(value: float) -> Callable[..., Any]:
    def implementation(
        a: Any,
        dtype: Any = None,
        order: str = "K",
        subok: bool = True,
        shape: Any = None,
        *,
        device: Any = None,
    ) -> Any:
        del order, subok, device
        wanted = _shape_of(a, shape)
        if dtype is not None and np.dtype(dtype).kind != "f":
            return np.full(wanted, value, dtype)  # counters and masks stay plain data
        values = np.full(wanted, value).reshape(-1)
        return traced_from_node(Constant(values, user_frame()), wanted)

    return implementation


implements(np.zeros_like, np.empty_like)(_filled(0.0))
implements(np.ones_like)(_filled(1.0))


@implements(np.full_like)
def _full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> TracedArray:
    del dtype, order, subok, device
    return as_traced(fill_value).broadcast_to(_shape_of(a, shape)).copy()


@implements(np.linspace)
def _linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    del dtype, device
    pieces = num - 1 if endpoint else num
    distance = as_traced(stop) - start
    fractions = np.arange(num) / max(pieces, 1)
    column = fractions.reshape(-1, *(1,) * distance.ndim)
    points = np.moveaxis(column * distance + start, 0, axis)
    return (points, distance / pieces) if retstep else points


@implements(np.logspace)
def _logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    if np.ndim(base):
        start, stop, base = np.broadcast_arrays(as_traced(start), stop, base)
        base = np.expand_dims(base, axis)
    return np.power(base, _linspace(start, stop, num, endpoint, dtype=dtype, axis=axis))


@implements(np.geomspace)
def _geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    """Return the points by logarithms of their size; a negative start gives negative points."""
    first, last = np.broadcast_arrays(as_traced(start), as_traced(stop))
    exponents = _linspace(
        np.log10(abs(first)), np.log10(abs(last)), num, endpoint, dtype=dtype, axis=axis
    )
    return np.expand_dims(np.sign(first), axis) * np.power(10.0, exponents)


@implements(np.astype)
def _astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> TracedArray:
    del device
    same = not copy and as_traced(x).dtype == np.dtype(dtype)
    return as_traced(x) if same else as_traced(x).astype(dtype)
