"""`TracedArray`: an array that records the operations applied to it.

It looks like a float64 `numpy.ndarray` of static shape.  Basic slices, transposes and reshapes are
views of one `Storage`, as in NumPy, so writing through a view changes the array it was taken from.
What would silently fix a value that is not known yet (a branch, ``float(x)``, an index) raises a
`TracingError` naming the user's line.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ArrayConversionError, BranchError, ShapeError, TracingError
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Node
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.storage import Storage

__all__ = ["TracedArray", "traced_from_node"]


def _layout(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> NDArray[np.int8]:
    """Return an int8 array whose byte strides are element strides; it is never dereferenced."""
    del offset
    return np.lib.stride_tricks.as_strided(np.zeros(1, np.int8), shape, strides)


def _contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def _method(function: Any) -> Callable[..., Any]:
    """Return the array method that is NumPy's ``function`` of the array."""

    def method(self: TracedArray, *args: Any, **kwargs: Any) -> Any:
        return OPERATIONS["array_function"](function, (self, *args), kwargs)

    return method


class TracedArray:
    """A float64 array whose elements are computed by a `Program` under construction.

    Users get one from `sparseopt.Model.variable`, or as the argument of a function that is being
    traced; ordinary NumPy code works on it.

    Attributes
    ----------
    shape : tuple of int
    ndim, size : int
    dtype : numpy.dtype
        float64, or bool for the result of a comparison.
    """

    __slots__ = ("_offset", "_storage", "_strides", "is_boolean", "shape")
    __array_priority__ = 1000.0
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        storage: Storage,
        offset: int,
        shape: tuple[int, ...],
        strides: tuple[int, ...],
        is_boolean: bool = False,
    ) -> None:
        self._storage = storage
        self._offset = offset
        self._strides = strides
        self.shape = shape
        self.is_boolean = is_boolean

    # ---- what NumPy arrays know of themselves
    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """float64, or bool for comparisons."""
        return np.dtype(bool if self.is_boolean else np.float64)

    @property
    def T(self) -> TracedArray:
        """The transpose, a view."""
        return self.transpose()

    @property
    def node(self) -> Node:
        """The node of the flat elements in C order."""
        return self._storage.read(self._index(), user_frame())

    @property
    def flat(self) -> Iterator[TracedArray]:
        """An iterator over the elements."""
        return iter(self.reshape(-1))

    def _index(self) -> StridedIndex:
        return StridedIndex.of(self._offset, self.shape, self._strides)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a traced scalar")
        return self.shape[0]

    def __repr__(self) -> str:
        return f"TracedArray(shape={self.shape})"

    def __iter__(self) -> Iterator[TracedArray]:
        if not self.shape:
            raise TypeError("iteration over a traced scalar")
        return (self[k] for k in range(self.shape[0]))

    # ---- views
    def _view(self, layout: NDArray[np.int8], origin: int) -> TracedArray:
        start = layout.__array_interface__["data"][0] - origin if layout.size else 0
        return TracedArray(
            self._storage, self._offset + start, layout.shape, layout.strides, self.is_boolean
        )

    def shares_storage(self, other: TracedArray) -> bool:
        """Whether the two arrays are views of one storage."""
        return self._storage is other._storage

    def views_as(self, function: Callable[[Any], Any]) -> list[TracedArray]:
        """Return the views that NumPy's ``function`` makes a list of."""
        layout = _layout(self._offset, self.shape, self._strides)
        origin = layout.__array_interface__["data"][0]
        return [self._view(part, origin) for part in function(layout)]

    def view_as(self, function: Callable[[Any], Any]) -> TracedArray:
        """Return the view that NumPy's ``function`` makes of an array of this layout."""
        layout = _layout(self._offset, self.shape, self._strides)
        return self._view(function(layout), layout.__array_interface__["data"][0])

    def transpose(self, *axes: Any) -> TracedArray:
        """Return a view with permuted axes, as `numpy.ndarray.transpose`."""
        return self.view_as(lambda a: a.transpose(*axes))

    def swapaxes(self, first: int, second: int) -> TracedArray:
        """Return a view with two axes exchanged."""
        return self.view_as(lambda a: a.swapaxes(first, second))

    def squeeze(self, axis: Any = None) -> TracedArray:
        """Return a view without axes of length one."""
        return self.view_as(lambda a: a.squeeze(axis))

    def broadcast_to(self, shape: Any) -> TracedArray:
        """Return a view repeated along new or unit axes."""
        return self.view_as(lambda a: np.broadcast_to(a, shape))

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> TracedArray:
        """Return the diagonal, a view."""
        return self.view_as(lambda a: a.diagonal(offset, axis1, axis2))

    def reshape(self, *shape: Any, order: str = "C") -> TracedArray:
        """Return the elements in C order (or F) with another shape; a view where NumPy's is."""
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        if order == "F":
            return self.transpose().reshape(tuple(wanted)[::-1]).transpose()
        wanted = _resolve_shape(tuple(int(n) for n in wanted), self.size)
        if self._strides == _contiguous(self.shape):
            return TracedArray(
                self._storage, self._offset, wanted, _contiguous(wanted), self.is_boolean
            )
        try:
            return self.view_as(lambda a: np.reshape(a, wanted, copy=False))
        except ValueError:
            return self.copy().reshape(wanted)

    def ravel(self, order: str = "C") -> TracedArray:
        """Return the elements as a vector."""
        return self.reshape(-1, order=order)

    def flatten(self, order: str = "C") -> TracedArray:
        """Return a copy of the elements as a vector."""
        return self.copy().reshape(-1, order=order)

    def copy(self, order: str = "C") -> TracedArray:
        """Return an independent array with the same elements."""
        del order
        return traced_from_node(self.node, self.shape, self.is_boolean)

    def astype(self, dtype: Any, **_: Any) -> TracedArray:
        """Return a copy; only float64 (and bool for comparisons) is possible."""
        kind = np.dtype(dtype).kind
        if np.dtype(dtype) == np.float64 or (kind == "b" and self.is_boolean):
            return traced_from_node(self.node, self.shape, kind == "b")
        raise ArrayConversionError(
            f"a traced array is converted to {np.dtype(dtype)}",
            where=describe_where(user_frame()),
            why="rounding or truncating is not differentiable, and every traced value is float64",
            instead="keep float64; use np.rint, np.floor or np.trunc where steps are meant",
        )

    # ---- indexing
    def __getitem__(self, key: Any) -> TracedArray:
        if type(key) is int and len(self.shape) == 1:
            return self._element(key)
        if _is_basic(key):
            return self.view_as(lambda a: a[key][...])
        return self._select(_plain_index(key))

    def _element(self, key: int) -> TracedArray:
        length = self.shape[0]
        if not -length <= key < length:
            raise IndexError(f"index {key} is out of bounds for size {length}")
        return TracedArray(
            self._storage,
            self._offset + (key % length) * self._strides[0],
            (),
            (),
            self.is_boolean,
        )

    def _positions(self) -> NDArray[np.integer]:
        return np.arange(self.size, dtype=np.int32).reshape(self.shape)

    def _select(self, key: Any) -> TracedArray:
        from_here = self._positions()[key]
        return self.take_flat(from_here)

    def take_flat(self, positions: NDArray[np.integer]) -> TracedArray:
        """Return the elements at flat C-order positions, in the shape of ``positions``."""
        storage = Storage(self.node)
        flat = np.ascontiguousarray(positions).reshape(-1)
        node = storage.read_at(flat, user_frame())
        return traced_from_node(node, positions.shape, self.is_boolean)

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._storage.read_only_because is not None:
            raise TracingError(
                "an element of an input is overwritten",
                where=describe_where(user_frame()),
                why=self._storage.read_only_because,
                instead="write into a copy: y = x.copy(); y[...] = ...",
            )
        key = key if _is_basic(key) else _plain_index(key)
        target = self._positions()[key]
        array = OPERATIONS["as_traced"](value)
        try:
            node = OPERATIONS["broadcast_node"](array, target.shape)
        except ValueError as error:
            raise ShapeError(
                f"a value of shape {array.shape} is written to a place of shape {target.shape}",
                where=describe_where(user_frame()),
            ) from error
        index = self._index()
        self._storage.write(index.take(np.atleast_1d(target).reshape(-1)), node)

    def write_flat(self, positions: NDArray[np.integer], value: Any) -> None:
        """Write into the elements at flat C-order positions."""
        node = OPERATIONS["broadcast_node"](OPERATIONS["as_traced"](value), positions.shape)
        self._storage.write(self._index().take(positions.reshape(-1)), node)

    # ---- NumPy's functions as methods
    sum = _method(np.sum)
    mean = _method(np.mean)
    prod = _method(np.prod)
    var = _method(np.var)
    std = _method(np.std)
    min = _method(np.min)
    max = _method(np.max)
    all = _method(np.all)
    any = _method(np.any)
    cumsum = _method(np.cumsum)
    cumprod = _method(np.cumprod)
    dot = _method(np.dot)
    trace = _method(np.trace)
    take = _method(np.take)
    repeat = _method(np.repeat)
    compress = _method(np.compress)
    clip = _method(np.clip)
    round = _method(np.round)
    sort = _method(np.sort)
    argsort = _method(np.argsort)
    argmax = _method(np.argmax)
    argmin = _method(np.argmin)
    nonzero = _method(np.nonzero)
    put = _method(np.put)
    searchsorted = _method(np.searchsorted)

    # ---- operators
    def _in_place(self, name: str, other: Any) -> Any:
        if not self.shape:
            return NotImplemented  # a traced scalar is a value, as NumPy's scalars are
        self[...] = OPERATIONS["apply"](name, self, other)
        return self

    def __matmul__(self, other: Any) -> Any:
        return OPERATIONS["matmul"](self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return OPERATIONS["matmul"](other, self)

    def __neg__(self) -> TracedArray:
        return OPERATIONS["apply"]("negative", self)

    def __pos__(self) -> TracedArray:
        return self.copy()

    def __abs__(self) -> TracedArray:
        return OPERATIONS["apply"]("absolute", self)

    def __invert__(self) -> TracedArray:
        return OPERATIONS["apply"]("logical_not", self)

    def __round__(self, digits: int | None = None) -> TracedArray:
        return OPERATIONS["apply"]("rint", self)

    # ---- protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return OPERATIONS["ufunc"](ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return OPERATIONS["array_function"](function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        caller = str(_calling_module())
        if not self.shape or caller.startswith("scipy.sparse"):
            # An object array makes scipy.sparse return NotImplemented, so that __rmatmul__ gets
            # its turn, and lets np.array([x[0], 1.0]) collect traced scalars.
            box = np.empty((), dtype=object)
            box[()] = self
            return box
        raise ArrayConversionError(
            "a traced array is converted to a plain array",
            where=describe_where(user_frame()),
            why="its values are not known while the code is recorded",
            instead="np.stack([x, y]) for np.array([x, y]); y = np.zeros_like(x) for an array "
            "that takes traced values; leave out np.asarray",
        )

    def _refuse_number(self, kind: str, instead: str) -> NoReturn:
        raise ArrayConversionError(
            f"a traced value is converted by {kind}",
            where=describe_where(user_frame()),
            why="its value is not known while the code is recorded",
            instead=instead,
        )

    def __float__(self) -> float:
        self._refuse_number(
            "float()",
            "leave out float(); np.sin for math.sin; "
            "a = np.zeros_like(x) (or so that it is traced) for a[0] = x[0]",
        )

    def __int__(self) -> int:
        self._refuse_number("int()", "an index or a size must not depend on the variables")

    def __index__(self) -> int:
        self._refuse_number("an index", "indices must not depend on the variables")

    def __complex__(self) -> complex:
        self._refuse_number("complex()", "write real and imaginary parts as two real arrays")

    def item(self, *args: Any) -> NoReturn:
        """Refuse: the value is not known while the code is recorded."""
        self._refuse_number("item()", "keep the traced scalar, x[i]")

    def tolist(self) -> NoReturn:
        """Refuse: the values are not known while the code is recorded."""
        self._refuse_number("tolist()", "iterate over the traced array, or keep it whole")

    def __bool__(self) -> bool:
        raise BranchError(
            "the code branches on a traced value",
            where=describe_where(user_frame()),
            why="its truth is not known while the code is recorded, and a branch taken now would "
            "be wrong elsewhere",
            instead="np.where(x > 0, a, b) for `if`; np.maximum(x, 0) for max(x, 0)",
        )

    def __contains__(self, item: Any) -> bool:
        return bool(self)

    def __format__(self, spec: str) -> str:
        return repr(self)


def _resolve_shape(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    if -1 in shape:
        known = -math.prod(shape)
        if known and size % known == 0:
            shape = tuple(size // known if n == -1 else n for n in shape)
    if math.prod(shape) != size:
        raise ShapeError(
            f"cannot reshape {size} elements into shape {shape}",
            where=describe_where(user_frame()),
        )
    return shape


def _is_basic(key: Any) -> bool:
    parts = key if isinstance(key, tuple) else (key,)
    return all(
        part is None
        or part is Ellipsis
        or isinstance(part, slice)
        or (isinstance(part, (int, np.integer)) and not isinstance(part, (bool, np.bool_)))
        for part in parts
    )


def _plain_index(key: Any) -> Any:
    parts = key if isinstance(key, tuple) else (key,)
    for part in parts:
        if isinstance(part, TracedArray):
            raise TracingError(
                "an array is indexed by traced values",
                where=describe_where(user_frame()),
                why="which elements are meant would depend on the variables, and so would the "
                "sparsity",
                instead="np.where(mask, a, b) for a boolean mask; constant index arrays are fine",
            )
    return key


def _calling_module() -> object:
    return sys._getframe(2).f_globals.get("__name__")


def traced_from_node(node: Node, shape: tuple[int, ...], is_boolean: bool = False) -> TracedArray:
    """Return a new, writable traced array over a node."""
    return TracedArray(Storage(node), 0, shape, _contiguous(shape), is_boolean)


def _binary(name: str, reflected: bool) -> Any:
    def method(self: TracedArray, other: Any) -> Any:
        first, second = (other, self) if reflected else (self, other)
        return OPERATIONS["apply"](name, first, second)

    return method


def _in_place(name: str) -> Any:
    def method(self: TracedArray, other: Any) -> Any:
        return self._in_place(name, other)

    return method


def _add_operators() -> None:
    arithmetic = {
        "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
        "floordiv": "floor_divide", "mod": "remainder", "pow": "power",
        "and": "logical_and", "or": "logical_or", "xor": "logical_xor",
    }  # fmt: skip
    for short, name in arithmetic.items():
        setattr(TracedArray, f"__{short}__", _binary(name, reflected=False))
        setattr(TracedArray, f"__r{short}__", _binary(name, reflected=True))
        setattr(TracedArray, f"__i{short}__", _in_place(name))
    comparisons = {
        "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
        "eq": "equal", "ne": "not_equal",
    }  # fmt: skip
    for short, name in comparisons.items():
        setattr(TracedArray, f"__{short}__", _binary(name, reflected=False))


_add_operators()

OPERATIONS: dict[str, Any] = {}
"""Filled by the modules that implement NumPy's functions on traced arrays.

The array type must exist before them, and they need the type: this table breaks the cycle.
"""
