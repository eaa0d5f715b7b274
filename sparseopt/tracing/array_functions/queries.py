"""What is known of an array while its values are not: shape, size, type, being real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__: list[str] = []


@implements(np.shape)
def _shape(a: Any) -> tuple[int, ...]:
    return as_traced(a).shape


@implements(np.ndim)
def _ndim(a: Any) -> int:
    return len(as_traced(a).shape)


@implements(np.size)
def _size(a: Any, axis: int | None = None) -> int:
    array = as_traced(a)
    return array.size if axis is None else array.shape[axis]


@implements(np.iscomplexobj)
def _iscomplexobj(x: Any) -> bool:
    del x
    return False


@implements(np.isrealobj)
def _isrealobj(x: Any) -> bool:
    del x
    return True


@implements(np.iscomplex)
def _iscomplex(x: Any) -> Any:
    return np.zeros(as_traced(x).shape, bool)


@implements(np.isreal)
def _isreal(x: Any) -> Any:
    return np.ones(as_traced(x).shape, bool)


def _plain_type(value: Any) -> Any:
    return value.dtype if isinstance(value, TracedArray) else value


@implements(np.result_type)
def _result_type(*arrays_and_dtypes: Any) -> Any:
    return np.result_type(*(_plain_type(value) for value in arrays_and_dtypes))


@implements(np.common_type)
def _common_type(*arrays: Any) -> Any:
    del arrays
    return np.float64


@implements(np.can_cast)
def _can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    return np.can_cast(_plain_type(from_), _plain_type(to), casting)


@implements(np.may_share_memory, np.shares_memory)
def _shares_memory(a: Any, b: Any, max_work: int | None = None) -> bool:
    del max_work
    both = isinstance(a, TracedArray) and isinstance(b, TracedArray)
    return both and a.shares_storage(b)


@implements(np.real)
def _real(val: Any) -> TracedArray:
    return as_traced(val)


@implements(np.real_if_close)
def _real_if_close(a: Any, tol: float = 100) -> TracedArray:
    del tol
    return as_traced(a)


@implements(np.imag)
def _imag(val: Any) -> Any:
    array = as_traced(val)
    return traced_from_node(as_traced(np.zeros(array.shape)).node, array.shape)


def _layout(array: Any) -> Any:
    """Return an array of the same shape without memory, for functions that ask for nothing else."""
    return np.broadcast_to(0.0, as_traced(array).shape)


def _of_layout(function: Callable[..., Any]) -> Callable[..., Any]:
    def implementation(arr: Any, *args: Any, **kwargs: Any) -> Any:
        return function(_layout(arr), *args, **kwargs)

    return implementation


for _function in (np.diag_indices_from, np.tril_indices_from, np.triu_indices_from):
    implements(_function)(_of_layout(_function))


@implements(np.einsum_path)
def _einsum_path(*operands: Any, **options: Any) -> Any:
    return np.einsum_path(*(_layout(a) if is_traced(a) else a for a in operands), **options)
