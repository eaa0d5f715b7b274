"""A Program's own formulas, evaluated with plain NumPy again and again: values and slopes.

Like `interpret` this shares no code with differentiation or code generation.  It is prepared once,
so that small programs cost a few microseconds, and lets go of an intermediate value after its last
use, so that large ones need little memory.

Slopes are by the complex step, Im f(x + i h v) / h (Squire and Trapp 1998,
doi:10.1137/S003614459631241X), exact to rounding.  Functions that NumPy does not continue
analytically, such as ``abs`` and ``maximum``, are continued here from the branch that the real
parts choose.  Any other function of the table, such as ``ndtr``, has its value by NumPy or SciPy
and its slope by the table's first partials: f(a + i h) = f(a) + i h f'(a), exact since h² vanishes
beside rounding.  These partials alone are shared with differentiation; tests compare each with
differences.  Programs with a function that is not in the table have no slopes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import numpy_functions
from sparseopt.graph.index import Index, StridedIndex, selector
from sparseopt.graph.nodes import Call, Constant, Elementwise, Gather, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.graph.scalar_function import ScalarFunction

__all__ = ["Formulas"]

FloatArray = NDArray[np.float64]
Array = NDArray[Any]
Operation = Callable[..., Any]

_STEP = 1e-40
_SMALL = 1 << 12
"""Index maps of up to this many elements are written out once and kept."""

_ANALYTIC = frozenset(
    (
        *("add", "subtract", "multiply", "divide", "negative", "square", "reciprocal", "sqrt"),
        *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power", "erf"),
        *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
        *("arcsinh", "arccosh", "arctanh"),
    )
)

# Constant but for jumps: the real parts alone decide.
_STEPS = frozenset(
    (
        *("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"),
        *("logical_and", "logical_or", "logical_xor", "logical_not", "isnan", "isfinite", "isinf"),
        *("sign", "heaviside", "floor", "ceil", "rint", "trunc", "floor_divide"),
    )
)
_TABLES = ("search ", "lookup ")
"""How the names of steps begin that are made from tables of data."""


def _angle(y: Array, x: Array) -> Any:
    slope = np.real(x) * np.imag(y) - np.real(y) * np.imag(x)
    square = np.real(x) ** 2 + np.real(y) ** 2
    return np.arctan2(np.real(y), np.real(x)) + 1j * (slope / square)


def _chosen(compare: Operation) -> Operation:
    return lambda a, b: np.where(compare(np.real(a), np.real(b)), a, b)


def _chosen_number(compare: Operation) -> Operation:
    return lambda a, b: np.where(compare(np.real(a), np.real(b)) | np.isnan(np.real(b)), a, b)


_CONTINUED: dict[str, Operation] = {
    "absolute": lambda z: np.where(np.real(z) < 0.0, -z, np.where(np.real(z) > 0.0, z, 0.0)),
    "maximum": _chosen(np.greater_equal),
    "minimum": _chosen(np.less_equal),
    "fmax": _chosen_number(np.greater_equal),
    "fmin": _chosen_number(np.less_equal),
    "where": lambda c, a, b: np.where(np.real(c) != 0.0, a, b),
    "hypot": lambda a, b: np.sqrt(a * a + b * b),
    "arctan2": _angle,
    "remainder": lambda a, b: a - np.floor(np.real(a) / np.real(b)) * b,
}


class Formulas:
    """The outputs of a program, one after another, by plain NumPy.

    Parameters
    ----------
    program : Program
    parameters : float array
        Read at every evaluation; they may change in place.

    Attributes
    ----------
    external : tuple of str
        Names of the functions that are not NumPy.
    by_partials : tuple of str
        Names of the functions whose slopes are by the partials of the table.
    """

    def __init__(self, program: Program, parameters: FloatArray) -> None:
        self.program = program
        self.parameters = parameters
        nodes = program.nodes()
        self.external = tuple(dict.fromkeys(n.function.name for n in nodes if isinstance(n, Call)))
        used = dict.fromkeys(n.function for n in nodes if isinstance(n, Elementwise))
        self.by_partials = tuple(f.name for f in used if not _is_continued(f.name))

    def values(self, x: FloatArray) -> FloatArray:
        """Return all outputs at ``x`` in one vector."""
        return np.concatenate(self._real.run(x, self.parameters))

    def along(self, x: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray] | None:
        """Return all outputs at ``x`` and their derivatives along ``v``, or None.

        Examples
        --------
        >>> from sparseopt.tracing.trace import trace
        >>> program, _ = trace(lambda x: x * abs(x), (2,), [])
        >>> Formulas(program, np.zeros(0)).along(np.array([3.0, -2.0]), np.array([1.0, 1.0]))
        (array([ 9., -4.]), array([6., 4.]))
        """
        if self._complex is None:
            return None
        found = np.concatenate(self._complex.run(x + 1j * _STEP * v, self.parameters))
        # Copies: views would keep the complex array alive.
        return np.array(found.real), np.imag(found) / _STEP

    @cached_property
    def _real(self) -> _Steps:
        return _Steps(self.program, {})

    @cached_property
    def _complex(self) -> _Steps | None:
        if self.external:
            return None
        nodes = self.program.nodes()
        used = dict.fromkeys(n.function for n in nodes if isinstance(n, Elementwise))
        return _Steps(self.program, {f.name: _continued(f) for f in used})


def _is_continued(name: str) -> bool:
    return name in _ANALYTIC or name in _CONTINUED or name in _STEPS or name.startswith(_TABLES)


def _continued(function: ScalarFunction) -> Operation:
    """Return the function for complex arguments with tiny imaginary parts."""
    name = function.name
    if name in _CONTINUED:
        return _CONTINUED[name]
    if name in _ANALYTIC:
        return function.numpy
    if function.partials is None or name in _STEPS or name.startswith(_TABLES):
        return _by_real_parts(function.numpy)
    return _by_partials(function)


def _by_partials(function: ScalarFunction) -> Operation:
    partials = function.partials
    assert partials is not None

    def applied(*args: Array) -> Any:
        real = [np.real(a) for a in args]
        value = function.numpy(*real)
        slopes = partials(numpy_functions, value, *real)
        # Where an argument does not move its partial may be NaN, such as that by an order.
        moved = [
            np.where(np.imag(a) != 0.0, s * np.imag(a), 0.0)
            for s, a in zip(slopes, args, strict=True)
        ]
        return value + 1j * sum(moved)

    return applied


def _by_real_parts(function: Operation) -> Operation:
    return lambda *args: function(*(np.real(a) for a in args))


class _Steps:
    """A program as a list of operations on numbered values."""

    def __init__(self, program: Program, functions: dict[str, Operation]) -> None:
        nodes = program.nodes()
        number = {id(node): k for k, node in enumerate(nodes)}
        self._start: list[Any] = [n.values if isinstance(n, Constant) else None for n in nodes]
        self._outputs = [(number[id(n)], n.size) for n in program.outputs]
        self._inputs = [
            (number[id(node)], group, program.offsets[id(node)], node.size)
            for group, given in enumerate((program.variables, program.parameters))
            for node in given
            if id(node) in number
        ]
        last = {number[id(arg)]: k for k, node in enumerate(nodes) for arg in node.args}
        kept = {place for place, _ in self._outputs}
        dead: list[list[int]] = [[] for _ in nodes]
        for place, k in last.items():
            if place not in kept:
                dead[k].append(place)
        self._steps = [
            (k, _operation(n, functions), tuple(number[id(a)] for a in n.args), tuple(dead[k]))
            for k, n in enumerate(nodes)
            if not isinstance(n, (Constant, Input))
        ]

    def run(self, x: Array, p: FloatArray) -> list[Array]:
        """Return the outputs."""
        values = self._start.copy()
        for place, group, offset, size in self._inputs:
            values[place] = (x, p)[group][offset : offset + size]
        with np.errstate(all="ignore"):
            for place, operation, args, dead in self._steps:
                values[place] = operation(*[values[a] for a in args])
                for k in dead:
                    values[k] = None
        return [_full(values[place], size) for place, size in self._outputs]


def _full(value: Array, size: int) -> Array:
    # Small programs are evaluated after every solve, and broadcast_to takes five microseconds.
    return value if value.shape == (size,) else np.broadcast_to(value, (size,))


def _operation(node: Node, functions: dict[str, Operation]) -> Operation:
    if isinstance(node, Elementwise):
        function: Operation = functions.get(node.function.name, node.function.numpy)
        if any(arg.size == node.size for arg in node.args):
            return function
        size = node.size
        return lambda *args: np.broadcast_to(function(*args), (size,))
    if isinstance(node, Gather):
        return _gather(node)
    if isinstance(node, Call):
        return _call(node)
    assert isinstance(node, Linear)
    matrix = node.matrix
    if isinstance(matrix, RowSum):
        shape = (matrix.num_rows, matrix.width)
        return lambda value: value.reshape(shape).sum(axis=1)
    return lambda value: matrix @ value


def _gather(node: Gather) -> Operation:
    index = node.index
    if index.is_identity(sum(arg.size for arg in node.args)):
        return lambda *args: args[0] if len(args) == 1 else np.concatenate(args)
    places = selector(index) if index.size <= _SMALL or _is_line(index) else None

    def gathered(*args: Array) -> Any:
        whole = args[0] if len(args) == 1 else np.concatenate(args)
        return whole[index.materialize() if places is None else places]

    return gathered


def _is_line(index: Index) -> bool:
    return isinstance(index, StridedIndex) and index.is_line


def _call(node: Call) -> Operation:
    def called(value: FloatArray) -> FloatArray:
        out = np.empty(node.size)
        node.function.evaluate(np.ascontiguousarray(value), out)
        return out

    return called
