"""The methods of arrays that are NumPy's functions, and those that a traced array cannot have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from sparseopt.errors import ArrayConversionError, UnsupportedAttributeError
from sparseopt.tracing.foreign_callers import advice_for_caller
from sparseopt.tracing.operators import method
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["FOREIGN_ATTRIBUTES", "REFUSED_ATTRIBUTES", "NumpyMethods"]

_BYTES = "its numbers are not known while the code is recorded, so there are no bytes"
_LAYOUT = "where its elements lie is the recorder's own affair"
_EXTERNAL = "so.external(function, shape) for compiled code"

_UNKNOWN = "it is a variable or an expression, without numbers before a solve"
_VALUES = 'solution = m.solve(), then solution["x"], or solution.value(expression)'
_DECLARED = "what is known of a variable is said where it is declared"
_OF_VARIABLES = 'm.variable("x", shape, lower=..., upper=..., start=...)'

FOREIGN_ATTRIBUTES = {
    "X": (_UNKNOWN, _VALUES),
    "at": ("arrays are written in place", "y = x.copy(); y[0] = value"),
    "detach": (_UNKNOWN, "a constant, or m.parameter for numbers without derivatives"),
    "fix": (_DECLARED, "m.subject_to(x == value), or lower=value, upper=value"),
    "fixed": (_DECLARED, "m.subject_to(x == value), or lower=value, upper=value"),
    "lb": (_DECLARED, _OF_VARIABLES),
    "lower": (_DECLARED, _OF_VARIABLES),
    "numpy": (_UNKNOWN, _VALUES),
    "setlb": (_DECLARED, _OF_VARIABLES),
    "setub": (_DECLARED, _OF_VARIABLES),
    "set_value": (_DECLARED, f'{_OF_VARIABLES}, or m.solve(start={{"x": values}})'),
    "start": (_DECLARED, _OF_VARIABLES),
    "ub": (_DECLARED, _OF_VARIABLES),
    "upper": (_DECLARED, _OF_VARIABLES),
    "value": (_UNKNOWN, _VALUES),
    "x": (_UNKNOWN, _VALUES),
}
"""What variables of other libraries have."""
REFUSED_ATTRIBUTES = {
    "base": (_LAYOUT, "np.shares_memory(x, y)"),
    "byteswap": (_BYTES, "the array itself"),
    "ctypes": (_BYTES, _EXTERNAL),
    "data": (_BYTES, _EXTERNAL),
    "dump": (_BYTES, "np.save for results"),
    "dumps": (_BYTES, "np.save for results"),
    "flags": (_LAYOUT, "the array itself"),
    "getfield": (_BYTES, "x[...] for a part of an array"),
    "resize": ("it changes an array in place that others may view", "np.resize(x, shape)"),
    "setfield": (_BYTES, "x[...] = value"),
    "setflags": (_LAYOUT, "x.copy() for an array that can be written into"),
    "strides": (_LAYOUT, "x.shape, x.T, x[::2]"),
    "tobytes": (_BYTES, "the array itself"),
    "tofile": (_BYTES, "np.save for results"),
    "view": (_LAYOUT, "x[...] for a view of the same elements"),
}
_ADVICE = FOREIGN_ATTRIBUTES | REFUSED_ATTRIBUTES
"""What `numpy.ndarray` has and a traced array has not: name to (why, what to write instead)."""


class NumpyMethods:
    """What an array has because NumPy's arrays have it, by NumPy's function of the same name."""

    __slots__ = ()

    all = method(np.all)
    any = method(np.any)
    argmax = method(np.argmax)
    argmin = method(np.argmin)
    argpartition = method(np.argpartition)
    argsort = method(np.argsort)
    choose = method(np.choose)
    clip = method(np.clip)
    cumprod = method(np.cumprod)
    cumsum = method(np.cumsum)
    dot = method(np.dot)
    max = method(np.max)
    mean = method(np.mean)
    min = method(np.min)
    nonzero = method(np.nonzero)
    partition = method(np.partition)
    prod = method(np.prod)
    put = method(np.put)
    repeat = method(np.repeat)
    round = method(np.round)
    searchsorted = method(np.searchsorted)
    sort = method(np.sort)
    std = method(np.std)
    sum = method(np.sum)
    take = method(np.take)
    trace = method(np.trace)
    var = method(np.var)

    device = "cpu"
    """Where the array lives, in the words of the array API standard."""

    def to_device(self, device: str, /, *, stream: Any = None) -> Any:
        """Return the array; there is one device."""
        del stream
        if device != "cpu":
            raise ValueError(f"the device is 'cpu', not {device!r}")
        return self

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Return `numpy`, whose functions record what they are applied to."""
        del api_version
        return np

    if not TYPE_CHECKING:  # a type checker would take it for every protocol there is

        def __getattr__(self, name: str) -> NoReturn:
            if name not in _ADVICE:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            why, instead = _ADVICE[name]
            raise UnsupportedAttributeError(
                f"the attribute .{name} of a traced array is asked for",
                where=describe_where(user_frame()),
                why=why,
                instead=advice_for_caller() or instead,
            )

    def __dlpack__(self, **_: Any) -> NoReturn:
        raise ArrayConversionError(
            "a traced array is handed to another library",
            where=describe_where(user_frame()),
            why=_BYTES,
            instead=_EXTERNAL,
        )

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)
