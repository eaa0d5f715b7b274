"""Discrete Fourier transforms: constant matrices for few points, single operations for more."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sparseopt.graph.nodes import Constant
from sparseopt.tracing.calls import record_call
from sparseopt.tracing.complex_array import COMPLEX_FUNCTIONS, TracedComplexArray, complex_of
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.fourier_transform import Kind, fourier_matrix, fourier_transform

__all__: list[str] = []

LONGEST_MATRIX = 32
"""Points up to which a transform is a matrix, which the rest of the program is fused with."""


def _transform(z: Any, n: int | None, axis: int, norm: str | None, inverse: bool) -> Any:
    """Return the transform along an axis, after cutting or padding it to ``n`` points."""
    given: Any = complex_of(z)
    length = _length(given.shape[axis] if n is None else n)
    if length > LONGEST_MATRIX:
        return _operation(given, (length,), (axis,), norm, _whole(given), inverse)
    rows = _fitted(np.moveaxis(given, axis, -1), -1, length)
    shape = rows.shape
    parts = [rows.real] if _is_zero(given.imag) else [rows.real, rows.imag]
    size = math.prod(shape)
    flat = _scaled(_by_matrix(parts, length, size // length, inverse), norm, length, inverse)
    result: Any = TracedComplexArray(flat[:size].reshape(shape), flat[size:].reshape(shape))
    return np.moveaxis(result, -1, axis)


def _operation(
    given: Any,
    lengths: Sequence[int],
    axes: Sequence[int],
    norm: str | None,
    kind: Kind,
    inverse: bool,
) -> Any:
    """Return the transform along several axes as one operation."""
    last = tuple(range(-len(axes), 0))
    points = np.moveaxis(given, axes, last)
    halved = (*lengths[:-1], lengths[-1] // 2 + 1)
    for place, length in zip(last, halved if kind == "inverse half" else lengths, strict=True):
        points = _fitted(points, place, length)
    batch = points.shape[: -len(axes)]
    function = fourier_transform(math.prod(batch), tuple(lengths), kind, inverse)
    parts = [points.real, points.imag] if "half" != kind != "real" else [points.real]
    flat = record_call(function, parts, (function.size_out,))
    flat = _scaled(flat, norm, math.prod(lengths), inverse)
    shape = (*batch, *(halved if kind == "half" else lengths))
    if kind == "inverse half":
        return np.moveaxis(flat.reshape(shape), last, axes)
    size = math.prod(shape)
    result: Any = TracedComplexArray(flat[:size].reshape(shape), flat[size:].reshape(shape))
    return np.moveaxis(result, last, axes)


def _length(n: Any) -> int:
    length = int(n)
    if length < 1:
        raise ValueError(f"Invalid number of FFT data points ({length}) specified.")
    return length


def _whole(given: Any) -> Kind:
    return "real" if _is_zero(given.imag) else "complex"


def _is_zero(array: Any) -> bool:
    node = array.node
    return isinstance(node, Constant) and not node.values.any()


def _by_matrix(parts: list[Any], n: int, count: int, inverse: bool) -> Any:
    """Return both parts of the transforms of ``count`` rows, one part behind the other."""
    matrix = fourier_matrix(n, len(parts), inverse)
    points = np.concatenate([part.reshape(count, n) for part in parts], axis=1)
    return (points @ matrix.T).reshape(count, 2, n).swapaxes(0, 1).reshape(-1)


def _fitted(points: Any, axis: int, length: int) -> Any:
    """Return an array whose axis, counted from the end, is cut or padded."""
    missing = length - points.shape[axis]
    if missing == 0:
        return points
    if missing < 0:
        return points[(..., slice(length), *(slice(None) for _ in range(axis + 1, 0)))]
    widths = [(0, 0)] * points.ndim
    widths[axis] = (0, missing)
    return np.pad(points, widths)


def _scaled(flat: Any, norm: str | None, n: int, inverse: bool) -> Any:
    scale = _scale(norm, n, inverse)
    return flat if scale == 1.0 else flat * scale


def _scale(norm: str | None, n: int, inverse: bool) -> float:
    if norm not in (None, "backward", "ortho", "forward"):
        raise ValueError(f'Invalid norm value {norm}; should be "backward", "ortho" or "forward".')
    if norm == "ortho":
        return 1.0 / math.sqrt(n)
    return 1.0 / n if inverse == (norm != "forward") else 1.0


def _register(function: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function for real and for complex traced arrays."""

    def register(implementation: Callable[..., Any]) -> Callable[..., Any]:
        COMPLEX_FUNCTIONS[function] = implementation
        return implements(function)(implementation)

    return register


@_register(np.fft.fft)
def _fft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    return _transform(a, n, axis, norm, False)


@_register(np.fft.ifft)
def _ifft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    return _transform(a, n, axis, norm, True)


@_register(np.fft.rfft)
def _rfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    given: Any = complex_of(a)
    length = _length(given.shape[axis] if n is None else n)
    if length > LONGEST_MATRIX and _is_zero(given.imag):
        return _operation(given, (length,), (axis,), norm, "half", False)
    whole = np.moveaxis(_transform(given, n, axis, norm, False), axis, -1)
    return np.moveaxis(whole[..., : whole.shape[-1] // 2 + 1], -1, axis)


@_register(np.fft.irfft)
def _irfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    given: Any = complex_of(a)
    half = np.moveaxis(given, axis, -1)
    length = _length(2 * (half.shape[-1] - 1) if n is None else n)
    if length > LONGEST_MATRIX:
        return _operation(given, (length,), (axis,), norm, "inverse half", True)
    half = _fitted(half, -1, length // 2 + 1)
    mirrored = half[..., 1 : (length + 1) // 2][..., ::-1].conj()
    # The imaginary parts of the first and, for even lengths, the last frequency have no effect.
    spectrum = np.concatenate([half, mirrored], axis=-1)
    result = _transform(spectrum, None, -1, norm, True).real
    return np.moveaxis(result, -1, axis)


@_register(np.fft.hfft)
def _hfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    return _irfft(complex_of(a).conj(), n, axis, _SWAPPED[norm])


@_register(np.fft.ihfft)
def _ihfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    return _rfft(a, n, axis, _SWAPPED[norm]).conj()


_SWAPPED = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _over_axes(one: Callable[..., Any], last: Callable[..., Any], kind: Kind) -> Callable[..., Any]:
    """Return the transform over several axes: one operation, if it has many points.

    Else the last axis comes first, or last if half a spectrum is inverted.
    """
    ends = kind == "inverse half"

    def implementation(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
        given: Any = complex_of(a)
        if axes is None:
            axes = range(-(len(s) if s is not None else given.ndim), 0)
        lengths = [None] * len(axes) if s is None else list(s)
        steps = list(zip(axes, lengths, strict=True))
        if not steps:
            raise ValueError("a transform needs an axis")
        points = _all_lengths(given, steps, ends)
        is_long = math.prod(points) > LONGEST_MATRIX
        is_half = kind == "half" and not _is_zero(given.imag)  # of complex points: half of a whole
        if is_long and not is_half and len({k % given.ndim for k in axes}) == len(axes):
            chosen = _whole(given) if kind == "complex" else kind
            return _operation(given, points, tuple(axes), norm, chosen, one is _ifft)
        result = given if ends else last(given, steps[-1][1], steps[-1][0], norm)
        for axis, n in reversed(steps[:-1]):
            result = one(result, n, axis, norm)
        return last(result, steps[-1][1], steps[-1][0], norm) if ends else result

    return implementation


def _all_lengths(given: Any, steps: list[tuple[int, Any]], ends: bool) -> list[int]:
    """Return the numbers of points; None is all there are, of half a spectrum an even number."""
    found = [given.shape[axis] if n is None else n for axis, n in steps]
    if ends and steps[-1][1] is None:
        found[-1] = 2 * (found[-1] - 1)
    return [_length(n) for n in found]


def _over_two(many: Callable[..., Any]) -> Callable[..., Any]:
    def implementation(
        a: Any, s: Any = None, axes: Sequence[int] = (-2, -1), norm: Any = None
    ) -> Any:
        return many(a, s, axes, norm)

    return implementation


for _name, _many in {
    "fft": _over_axes(_fft, _fft, "complex"),
    "ifft": _over_axes(_ifft, _ifft, "complex"),
    "rfft": _over_axes(_fft, _rfft, "half"),
    "irfft": _over_axes(_ifft, _irfft, "inverse half"),
}.items():
    _register(getattr(np.fft, f"{_name}n"))(_many)
    _register(getattr(np.fft, f"{_name}2"))(_over_two(_many))


@implements(np.fft.fftshift)
def _fftshift(x: Any, axes: Any = None) -> Any:
    return _shifted(x, axes, 1)


@implements(np.fft.ifftshift)
def _ifftshift(x: Any, axes: Any = None) -> Any:
    return _shifted(x, axes, -1)


def _shifted(x: Any, axes: Any, sign: int) -> Any:
    chosen = range(x.ndim) if axes is None else (axes,) if isinstance(axes, int) else axes
    half = [x.shape[k] // 2 if sign > 0 else -(x.shape[k] // 2) for k in chosen]
    return np.roll(x, half, tuple(chosen))


def _angle(z: Any, deg: bool = False) -> Any:
    angle = np.arctan2(z.imag, z.real)
    return angle * (180.0 / math.pi) if deg else angle


COMPLEX_FUNCTIONS.update(
    {
        np.angle: _angle,
        np.real: lambda z: z.real,
        np.imag: lambda z: z.imag,
        np.iscomplexobj: lambda z: True,
        np.isrealobj: lambda z: False,
        np.shape: lambda z: z.shape,
        np.ndim: lambda z: z.ndim,
        np.vdot: lambda a, b: np.dot(np.ravel(np.conjugate(a)), np.ravel(b)),
    }
)
