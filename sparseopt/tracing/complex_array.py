"""`TracedComplexArray`: complex values as a pair of real traced arrays.

Programs are real; a complex array is its real and its imaginary part.  It arises where a traced
array meets complex numbers (``v * np.exp(1j * t)``) and from `numpy.fft`; what a model minimizes or
constrains is real again: ``z.real``, ``z.imag``, ``abs(z)``, ``(z * z.conj()).real``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ArrayConversionError, BranchError, UnsupportedFunctionError
from sparseopt.graph.functions import ScalarFunction
from sparseopt.scipy_on_demand import is_sparse
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.foreign_callers import form_for_caller
from sparseopt.tracing.operations import OPERATIONS
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["COMPLEX_FUNCTIONS", "TracedComplexArray", "complex_of"]

COMPLEX_FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""NumPy functions that are not the same function of both parts; filled by array functions."""


class TracedComplexArray:
    """A complex array whose parts are traced arrays of one shape.

    Attributes
    ----------
    real, imag : TracedArray
    shape : tuple of int
    """

    __slots__ = ("imag", "real")
    __array_priority__ = 2000.0
    __pandas_priority__ = 5000
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, real: TracedArray, imag: TracedArray) -> None:
        self.real = real
        self.imag = imag

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self.real.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.real.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.real.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """complex128."""
        return np.dtype(np.complex128)

    @property
    def T(self) -> TracedComplexArray:
        """The transpose, not conjugated."""
        return self.transpose()

    def __len__(self) -> int:
        return len(self.real)

    def __iter__(self) -> Iterator[TracedComplexArray]:
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        return f"TracedComplexArray(shape={self.shape})"

    def _both(self, function: Callable[[Any], Any]) -> TracedComplexArray:
        return TracedComplexArray(function(self.real), function(self.imag))

    def __getitem__(self, key: Any) -> TracedComplexArray:
        return self._both(lambda part: part[key])

    def __setitem__(self, key: Any, value: Any) -> None:
        given = complex_of(value)
        self.real[key] = given.real
        self.imag[key] = given.imag

    def reshape(self, *shape: Any) -> TracedComplexArray:
        """Return the elements with another shape."""
        return self._both(lambda part: part.reshape(*shape))

    def ravel(self) -> TracedComplexArray:
        """Return the elements as a vector."""
        return self.reshape(-1)

    def transpose(self, *axes: Any) -> TracedComplexArray:
        """Return an array with permuted axes."""
        return self._both(lambda part: part.transpose(*axes))

    def copy(self) -> TracedComplexArray:
        """Return an independent array with the same elements."""
        return self._both(lambda part: part.copy())

    def sum(self, axis: Any = None, **options: Any) -> TracedComplexArray:
        """Return the sum over axes."""
        return self._both(lambda part: part.sum(axis, **options))

    def mean(self, axis: Any = None, **options: Any) -> TracedComplexArray:
        """Return the mean over axes."""
        return self._both(lambda part: part.mean(axis, **options))

    def conj(self) -> TracedComplexArray:
        """Return the complex conjugate."""
        return TracedComplexArray(self.real, -self.imag)

    conjugate = conj

    def __neg__(self) -> TracedComplexArray:
        return self._both(lambda part: -part)

    def __pos__(self) -> TracedComplexArray:
        return self.copy()

    def __abs__(self) -> Any:
        return np.hypot(self.real, self.imag)

    def __add__(self, other: Any) -> Any:
        return _apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _apply("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return _apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _apply("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return _apply("power", self, other)

    def __matmul__(self, other: Any) -> Any:
        return _product(np.matmul, self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _product(np.matmul, other, self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if ufunc is np.matmul:
                return _product(np.matmul, *inputs)
            return _apply(ufunc.__name__, *inputs)
        raise _unsupported(f"{ufunc.__name__}.{method}")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in COMPLEX_FUNCTIONS:
            return COMPLEX_FUNCTIONS[function](*args, **kwargs)
        if function in _PRODUCTS:
            return _product(function, *args, **kwargs)
        if function not in _BY_PARTS or len(args) > 3 or kwargs.keys() - _PART_OPTIONS:
            raise _unsupported(function.__name__)
        first, rest = args[0], args[1:]
        real, imag = (function(_parts(first, part), *rest, **kwargs) for part in ("real", "imag"))
        if isinstance(real, (list, tuple)):
            return [TracedComplexArray(x, y) for x, y in zip(real, imag, strict=True)]
        return TracedComplexArray(as_traced(real), as_traced(imag))

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        if form_for_caller() == "box":
            box = np.empty((), dtype=object)
            box[()] = self
            return box
        raise ArrayConversionError(
            "a complex traced array stands where real values are needed",
            where=describe_where(user_frame()),
            why="traced programs are real: every value is a float64",
            instead="z.real, z.imag, abs(z), np.angle(z) or (z * z.conj()).real",
        )

    def __bool__(self) -> bool:
        raise BranchError(
            "the code branches on a complex traced value",
            where=describe_where(user_frame()),
            why="its truth is not known while the code is recorded",
            instead="np.where with conditions on real parts",
        )


_PRODUCTS = frozenset((np.dot, np.inner, np.outer, np.tensordot, np.kron, np.convolve))
_BY_PARTS = frozenset(
    (
        np.sum, np.mean, np.cumsum, np.diff, np.trace, np.diagonal, np.trapezoid,
        np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.squeeze, np.expand_dims,
        np.atleast_1d, np.broadcast_to, np.concatenate, np.stack, np.hstack, np.vstack, np.tile,
        np.repeat, np.roll, np.flip, np.pad, np.take, np.split, np.copy, np.fft.fftshift,
        np.fft.ifftshift,
    )
)  # fmt: skip
"""Functions that add or move elements: the same for the real and for the imaginary part."""
_PART_OPTIONS = frozenset(("axis", "axes", "n", "keepdims", "shape", "dx", "shift", "repeats", "k"))
"""Their options that are the same for both parts: not what fills gaps, which has parts itself."""


def _parts(value: Any, part: str) -> Any:
    """Return arguments with the real or the imaginary part of every array in their first place."""
    if isinstance(value, (tuple, list)):
        return type(value)(_parts(v, part) for v in value)
    given = value if isinstance(value, (TracedComplexArray, TracedArray)) else np.asarray(value)
    return getattr(given, part)


def complex_of(value: Any) -> TracedComplexArray:
    """Return a traced complex array of real or complex, traced or plain values."""
    if isinstance(value, TracedComplexArray):
        return value
    if is_traced(value):
        real: Any = as_traced(value)
        return TracedComplexArray(real, np.zeros_like(real))
    array = np.asarray(value)
    return TracedComplexArray(as_traced(array.real), as_traced(array.imag))


def _add(x: Any, y: Any) -> Any:
    a, b = _split(x), _split(y)
    return _joined(_total(a[0], b[0]), _total(a[1], b[1]))


def _subtract(x: Any, y: Any) -> Any:
    a, b = _split(x), _split(y)
    return _joined(a[0] - b[0], a[1] if b[1] is None else (0.0 if a[1] is None else a[1]) - b[1])


def _multiply(x: Any, y: Any, times: Callable[..., Any] = np.multiply) -> Any:
    (a, b), (c, d) = _split(x), _split(y)
    if b is None or d is None:
        other = times(b, c) if d is None else times(a, d)
        return _joined(times(a, c), other)
    return _joined(times(a, c) - times(b, d), times(a, d) + times(b, c))


def _divide(x: Any, y: Any) -> Any:
    (a, b), (c, d) = _split(x), _split(y)
    if d is None:
        return _joined(a / c, b / c)
    size = c * c + d * d
    return _multiply(x, _joined(c / size, -d / size))


def _power(x: Any, exponent: Any) -> Any:
    if not isinstance(exponent, (int, np.integer)) or exponent < 1:
        raise _unsupported("power with an exponent that is not a positive integer")
    result = x
    for _ in range(int(exponent) - 1):
        result = _multiply(result, x)
    return result


def _exp(z: Any) -> Any:
    size = np.exp(z.real)
    return _joined(size * np.cos(z.imag), size * np.sin(z.imag))


_RULES: dict[str, Callable[..., Any]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "square": lambda z: _multiply(z, z),
    "reciprocal": lambda z: _divide(1.0, z),
    "negative": lambda z: -z,
    "positive": lambda z: z.copy(),
    "conjugate": lambda z: z.conj(),
    "absolute": abs,
    "exp": _exp,
}


def _split(value: Any) -> tuple[Any, Any]:
    """Return real and imaginary part; None for the imaginary part of real values."""
    if isinstance(value, TracedComplexArray):
        return value.real, value.imag
    if is_traced(value):
        return as_traced(value), None
    array: Any = value if is_sparse(value) else np.asarray(value)
    return (array.real, array.imag) if array.dtype.kind == "c" else (array, None)


def _total(x: Any, y: Any) -> Any:
    return y if x is None else x if y is None else x + y


def _joined(real: Any, imag: Any) -> TracedComplexArray:
    """Return a complex array of parts that broadcast, traced or not."""
    one, other = as_traced(real), as_traced(imag)
    shape = np.broadcast_shapes(one.shape, other.shape)
    return TracedComplexArray(one.broadcast_to(shape), other.broadcast_to(shape))


def _product(function: Any, x: Any, y: Any, *args: Any, **options: Any) -> Any:
    return _multiply(x, y, lambda a, b: function(a, b, *args, **options))


def _apply(name: str, *args: Any) -> Any:
    if name not in _RULES:
        raise _unsupported(name)
    return _RULES[name](*args)


def _unsupported(name: str) -> UnsupportedFunctionError:
    return UnsupportedFunctionError(
        f"np.{name} is called on a complex traced array",
        where=describe_where(user_frame()),
        why="it has no rule for complex values",
        instead="the same by real and imaginary parts, z.real and z.imag",
    )


def _record(function: ScalarFunction, args: tuple[Any, ...]) -> Any:
    return _apply(function.name, *args)


OPERATIONS.complex = _record
OPERATIONS.complex_type = (TracedComplexArray,)
