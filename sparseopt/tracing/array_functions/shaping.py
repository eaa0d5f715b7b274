"""Views: the functions that change an array's shape or strides and copy nothing.

As in NumPy they share memory with the array they are taken from: writing into one writes into both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.foreign_callers import is_called_by, unknown_values
from sparseopt.tracing.movement import plain
from sparseopt.tracing.traced_array import TracedArray

__all__: list[str] = []

_VIEWS: list[Callable[..., Any]] = [
    np.diagonal,
    np.expand_dims,
    np.flip,
    np.fliplr,
    np.flipud,
    np.linalg.diagonal,
    np.linalg.matrix_transpose,
    np.matrix_transpose,
    np.moveaxis,
    np.rollaxis,
    np.rot90,
    np.squeeze,
    np.swapaxes,
    np.transpose,
]
_LISTS_OF_VIEWS = [np.array_split, np.dsplit, np.hsplit, np.split, np.unstack, np.vsplit]
_AT_LEAST = [np.atleast_1d, np.atleast_2d, np.atleast_3d]


def _view(function: Callable[..., Any]) -> Callable[..., TracedArray]:
    def implementation(array: Any, *args: Any, **kwargs: Any) -> TracedArray:
        plain(*args, *kwargs.values())
        return as_traced(array).view_as(lambda layout: function(layout, *args, **kwargs))

    return implementation


def _views(function: Callable[..., Any]) -> Callable[..., Any]:
    def implementation(array: Any, *args: Any, **kwargs: Any) -> Any:
        plain(*args, *kwargs.values())
        return as_traced(array).views_as(lambda layout: function(layout, *args, **kwargs))

    return implementation


def _at_least(function: Callable[..., Any]) -> Callable[..., Any]:
    def implementation(*arrays: Any) -> Any:
        if is_called_by("scipy.sparse", "scipy.optimize"):  # which then go on with numbers
            raise unknown_values()
        views = tuple(as_traced(array).view_as(function) for array in arrays)
        return views[0] if len(views) == 1 else views

    return implementation


def _register(functions: list[Any], rule: Callable[[Any], Callable[..., Any]]) -> None:
    for function in functions:
        implements(function)(rule(function))


_register(_VIEWS, _view)
_register(_LISTS_OF_VIEWS, _views)
_register(_AT_LEAST, _at_least)


@implements(np.reshape)
def _reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> TracedArray:
    plain(shape)
    result = as_traced(a).reshape(shape, order=order)
    return result.copy() if copy else result


@implements(np.ravel)
def _ravel(a: Any, order: str = "C") -> TracedArray:
    return as_traced(a).ravel(order)


@implements(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any, subok: bool = False) -> TracedArray:
    del subok
    plain(shape)
    return as_traced(array).broadcast_to(shape)


@implements(np.broadcast_arrays)
def _broadcast_arrays(*args: Any, subok: bool = False) -> tuple[TracedArray, ...]:
    del subok
    arrays = [as_traced(array) for array in args]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    return tuple(array.broadcast_to(shape) for array in arrays)


@implements(np.copy)
def _copy(a: Any, order: str = "K", subok: bool = False) -> TracedArray:
    del order, subok
    return as_traced(a).copy()


@implements(sliding_window_view)
def _sliding_window_view(x: Any, window_shape: Any, axis: Any = None, **_: Any) -> TracedArray:
    plain(window_shape)
    return as_traced(x).view_as(lambda layout: sliding_window_view(layout, window_shape, axis))
