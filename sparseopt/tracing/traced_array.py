"""`TracedArray`: an array that records the operations applied to it.

It looks like a float64 `numpy.ndarray` of static shape.  Basic slices, transposes and reshapes are
views of one `Storage`, as in NumPy, so writing through a view changes the array it was taken from.
What would silently fix a value that is not known yet (a branch, ``float(x)``, an index) raises a
`TracingError` naming the user's line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ArrayConversionError, BranchError, ShapeError, TracingError
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex, index_of
from sparseopt.graph.nodes import Node
from sparseopt.tracing.array_methods import NumpyMethods
from sparseopt.tracing.foreign_callers import (
    advice_for_caller,
    form_for_caller,
    is_called_by,
    unknown_values,
)
from sparseopt.tracing.layout import (
    basic_index,
    chosen_positions,
    contiguous,
    hollow_array,
    is_basic,
    is_first_axis_fastest,
)
from sparseopt.tracing.operations import OPERATIONS
from sparseopt.tracing.operators import binary, in_place, method, reflected, scalar_function, unary
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.storage import Storage, gather

__all__ = ["TracedArray", "traced_from_node"]


class TracedArray(NumpyMethods):
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

    # An array is a view of a storage, or just a node until somebody asks for a view of it.
    __slots__ = ("_node", "_offset", "_storage", "_strides", "_version", "is_boolean", "shape")
    __array_priority__ = 1000.0
    __pandas_priority__ = 5000  # pandas leaves operators to what has more than its own 4000
    __hash__ = None  # type: ignore[assignment]

    _node: Node | None
    _storage: Storage | None
    _version: int
    shape: tuple[int, ...]
    is_boolean: bool

    def __init__(
        self,
        storage: Storage,
        offset: int,
        shape: tuple[int, ...],
        strides: tuple[int, ...],
        is_boolean: bool = False,
    ) -> None:
        self._node = None
        self._version = -1
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
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.size * self.itemsize

    @property
    def dtype(self) -> np.dtype[Any]:
        """float64, or bool for comparisons."""
        return np.dtype(bool if self.is_boolean else np.float64)

    @property
    def T(self) -> TracedArray:
        """The transpose, a view."""
        return self.transpose()

    @property
    def mT(self) -> TracedArray:
        """The transpose of the last two axes, a view."""
        return self.swapaxes(-1, -2)

    @property
    def real(self) -> TracedArray:
        """The array itself: traced values are real."""
        return self

    @property
    def imag(self) -> TracedArray:
        """Zeros: traced values are real."""
        return OPERATIONS.function(np.zeros_like, (self,), {})  # type: ignore[no-any-return]

    @property
    def flat(self) -> Iterator[TracedArray]:
        """An iterator over the elements."""
        return iter(self.reshape(-1))

    @property
    def node(self) -> Node:
        """The node of the flat elements in C order."""
        node, storage = self._node, self._storage
        if node is None or (storage is not None and storage.version != self._version):
            assert storage is not None
            self._node = node = storage.read(self._index())
            self._version = storage.version
        return node

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a traced scalar")
        if is_called_by("scipy.sparse._construct"):  # sp.diags(x), which then makes arrays of it
            raise unknown_values()
        return self.shape[0]

    def __repr__(self) -> str:
        return f"TracedArray(shape={self.shape})"

    def __iter__(self) -> Iterator[TracedArray]:
        if not self.shape:
            raise TypeError("iteration over a traced scalar")
        return (self[k] for k in range(self.shape[0]))

    # ---- views
    def _memory(self) -> Storage:
        if self._storage is None:
            assert self._node is not None
            self._storage = Storage(self._node)
            self._version = self._offset = 0
            self._strides = contiguous(self.shape)
        return self._storage

    def _index(self) -> StridedIndex:
        return StridedIndex.of(self._offset, self.shape, self._strides)

    def _view(self, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> TracedArray:
        return TracedArray(self._memory(), offset, shape, strides, self.is_boolean)

    def shares_storage(self, other: TracedArray) -> bool:
        """Whether the two arrays are views of one storage."""
        return self._memory() is other._memory()

    def views_as(self, function: Callable[[Any], Any]) -> list[TracedArray]:
        """Return the views that NumPy's ``function`` makes a list of."""
        self._memory()
        layout = hollow_array(self.shape, self._strides)
        origin = layout.__array_interface__["data"][0]
        views = []
        for part in function(layout):
            if not isinstance(part, np.ndarray):
                part = layout  # NumPy makes a number of an array without axes
            start = part.__array_interface__["data"][0] - origin if part.size else 0
            views.append(self._view(self._offset + start, part.shape, part.strides))
        return views

    def view_as(self, function: Callable[[Any], Any]) -> TracedArray:
        """Return the view that NumPy's ``function`` makes of an array of this layout."""
        try:
            return self.views_as(lambda layout: [function(layout)])[0]
        except ValueError as error:
            raise ShapeError(str(error), where=describe_where(user_frame())) from error

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
        if is_first_axis_fastest(order, self.shape):
            return self.transpose().reshape(tuple(wanted)[::-1]).transpose()
        wanted = _resolve_shape(tuple(int(n) for n in wanted), self.size)
        self._memory()
        if self._strides == contiguous(self.shape):
            return self._view(self._offset, wanted, contiguous(wanted))
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

    conj = conjugate = __copy__ = copy

    def __deepcopy__(self, memo: Any) -> TracedArray:
        return self.copy()

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
        storage = self._storage or self._memory()
        if type(key) is int and len(self.shape) == 1:
            position = self._offset + self._place(key) * self._strides[0]
            return _element(storage, position, self.is_boolean)
        if not is_basic(key):
            return self.take_flat(chosen_positions(self.shape, _plain_index(key)))
        view = basic_index((self._offset, self.shape, self._strides), key)
        if view[1] or (isinstance(key, tuple) and Ellipsis in key) or key is Ellipsis:
            return TracedArray(storage, *view, self.is_boolean)
        return _element(storage, view[0], self.is_boolean)

    def _place(self, key: int) -> int:
        length = self.shape[0]
        if -length <= key < length:
            return key % length
        raise IndexError(f"index {key} is out of bounds for axis 0 with size {length}")

    def take_flat(self, positions: NDArray[np.integer]) -> TracedArray:
        """Return the elements at flat C-order positions, in the shape of ``positions``."""
        flat = np.ascontiguousarray(positions).reshape(-1)
        node = gather(self.node, index_of(flat))
        return traced_from_node(node, positions.shape, self.is_boolean)

    def __setitem__(self, key: Any, value: Any) -> None:
        storage = self._storage or self._memory()
        if storage.read_only_because is not None:
            raise TracingError(
                "an element of an input is overwritten",
                where=describe_where(user_frame()),
                why=storage.read_only_because,
                instead="write into a copy: y = x.copy(); y[...] = ...; m.subject_to(x[0] == 1) "
                "fixes an element of a variable",
            )
        if not is_basic(key):
            self.write_flat(chosen_positions(self.shape, _plain_index(key)), value)
            return
        place = basic_index((self._offset, self.shape, self._strides), key)
        node = OPERATIONS.node_to_write(value, place[1], self.is_boolean)
        if place[1]:
            storage.write(StridedIndex.of(*place).materialize(), node)
        else:
            storage.write_element(place[0], node)

    def write_flat(self, positions: NDArray[np.integer], value: Any) -> None:
        """Write into the elements at flat C-order positions."""
        storage = self._memory()
        node = OPERATIONS.node_to_write(value, positions.shape, self.is_boolean)
        storage.write(self._index().take(np.atleast_1d(positions).reshape(-1)), node)

    def fill(self, value: Any) -> None:
        """Write one value into all elements."""
        self[...] = value

    def compress(self, condition: Any, axis: int | None = None) -> TracedArray:
        """Return the elements, or slices of an axis, where a constant condition holds."""
        return OPERATIONS.function(np.compress, (condition, self, axis), {})  # type: ignore[no-any-return]

    # ---- operators
    __neg__ = unary("negative")
    __pos__ = copy
    __abs__ = unary("absolute")
    __invert__ = unary("logical_not")
    __floor__ = unary("floor")
    __ceil__ = unary("ceil")
    __trunc__ = unary("trunc")
    __round__ = method(np.round)
    __add__, __radd__, __iadd__ = binary("add"), reflected("add"), in_place("add")
    __sub__, __rsub__ = binary("subtract"), reflected("subtract")
    __isub__ = in_place("subtract")
    __mul__, __rmul__ = binary("multiply"), reflected("multiply")
    __imul__ = in_place("multiply")
    __truediv__, __rtruediv__ = binary("divide"), reflected("divide")
    __itruediv__ = in_place("divide")
    __pow__, __rpow__, __ipow__ = binary("power"), reflected("power"), in_place("power")
    __floordiv__, __rfloordiv__ = binary("floor_divide"), reflected("floor_divide")
    __ifloordiv__ = in_place("floor_divide")
    __mod__, __rmod__ = binary("remainder"), reflected("remainder")
    __imod__ = in_place("remainder")
    __and__, __rand__ = binary("logical_and"), reflected("logical_and")
    __or__, __ror__ = binary("logical_or"), reflected("logical_or")
    __xor__, __rxor__ = binary("logical_xor"), reflected("logical_xor")
    __iand__, __ior__ = in_place("logical_and"), in_place("logical_or")
    __ixor__ = in_place("logical_xor")
    __lt__, __le__ = binary("less"), binary("less_equal")
    __gt__, __ge__ = binary("greater"), binary("greater_equal")
    __eq__, __ne__ = binary("equal"), binary("not_equal")

    def __matmul__(self, other: Any) -> Any:
        if getattr(other, "__array_ufunc__", self) is None:
            return NotImplemented  # NumPy's sign of an operand that knows better
        return OPERATIONS.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return OPERATIONS.matmul(other, self)

    def __imatmul__(self, other: Any) -> TracedArray:
        self[...] = self @ other
        return self

    def __divmod__(self, other: Any) -> tuple[TracedArray, TracedArray]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[TracedArray, TracedArray]:
        return other // self, other % self

    # ---- protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return OPERATIONS.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(issubclass(t, OPERATIONS.complex_type) for t in types):
            return NotImplemented
        return OPERATIONS.function(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        form = form_for_caller()
        # np.array([x[0], 1.0]) collects traced scalars
        if form == "box" or (not self.shape and form != "refused"):
            box = np.empty((), dtype=object)
            box[()] = self
            return box
        if form == "elements":
            elements = np.empty(self.size, dtype=object)
            elements[:] = list(self.reshape(-1))
            return elements.reshape(self.shape)
        raise unknown_values()

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
            advice_for_caller()
            or "leave out float(); np.sin for math.sin; np.mean(np.stack([...])) for "
            "np.mean([...]); a = np.zeros_like(x) (or so that it is traced) for a[0] = x[0]",
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
            instead=advice_for_caller()
            or "np.where(x > 0, a, b) for `if`; np.maximum(x, 0) for max(x, 0), np.max(x) for "
            "max(x); m.subject_to(x, lower=0, upper=1) for 0 <= x <= 1; np.stack([...]) for "
            "np.array([...]) that is compared",
        )

    def __contains__(self, item: Any) -> bool:
        return bool(self)

    def __format__(self, spec: str) -> str:
        if is_called_by("scipy.sparse"):  # csr_array(x), whose message would hide our own
            raise unknown_values()
        return repr(self)


def _element(storage: Storage, position: int, is_boolean: bool) -> TracedArray:
    return traced_from_node(storage.read_element(position), (), is_boolean)


def traced_from_node(node: Node, shape: tuple[int, ...], is_boolean: bool = False) -> TracedArray:
    """Return a new, writable traced array over a node."""
    array = _new(TracedArray)
    array._node = node
    array._storage = None
    array.shape = shape
    array.is_boolean = is_boolean
    return array


_new = TracedArray.__new__


def _resolve_shape(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    if -1 in shape:
        known = -math.prod(shape)
        if known and size % known == 0:
            shape = tuple(size // known if n == -1 else n for n in shape)
    if math.prod(shape) != size or min(shape, default=0) < 0:
        raise ShapeError(
            f"cannot reshape {size} elements into shape {shape}",
            where=describe_where(user_frame()),
        )
    return shape


def _plain_index(key: Any) -> Any:
    for part in key if isinstance(key, tuple) else (key,):
        if isinstance(part, TracedArray):
            raise TracingError(
                "an array is indexed by traced values",
                where=describe_where(user_frame()),
                why="which elements are meant would depend on the variables, and so would the "
                "sparsity",
                instead="np.where(mask, a, b) for a boolean mask; constant index arrays are fine",
            )
    return key


def _add_scalar_functions() -> None:
    """Give arrays a method for each function: what np.sin calls on an array of objects."""
    for name, function in FUNCTIONS.items():
        if not hasattr(TracedArray, name):
            setattr(TracedArray, name, scalar_function(function))


_add_scalar_functions()
