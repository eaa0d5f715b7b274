"""One step of a loop, recorded once as a Program of the carry, the inputs and what it captures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sparseopt.errors import ShapeError, TracingError
from sparseopt.graph.nodes import Call, Node
from sparseopt.graph.program import Program
from sparseopt.graph.substitution import close_over
from sparseopt.loops.invariants import invariants_outside
from sparseopt.loops.trees import Structure, flatten, unflatten
from sparseopt.tracing.complex_array import TracedComplexArray
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.source_lines import describe_where
from sparseopt.tracing.trace import trace
from sparseopt.tracing.traced_array import TracedArray

__all__ = ["Body", "Leaves", "trace_body"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Leaves:
    """Names and shapes of the leaves of a tree, and how they are nested."""

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    structure: Structure

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of elements."""
        return tuple(math.prod(shape) for shape in self.shapes)

    @property
    def size(self) -> int:
        """Number of elements of all of them."""
        return sum(self.sizes)

    def split(self, flat: Any) -> list[Any]:
        """Return the leaves in their shapes, of a flat vector that has them in a row."""
        parts, start = [], 0
        for shape, size in zip(self.shapes, self.sizes, strict=True):
            parts.append(flat[start : start + size].reshape(shape))
            start += size
        return parts

    def tree(self, leaves: Sequence[Any]) -> Any:
        """Return the tree of these leaves."""
        return unflatten(self.structure, leaves)


@dataclass(frozen=True)
class Body:
    """A recorded step.

    Attributes
    ----------
    name : str
        Of the user's function.
    program : Program
        Variables are the carry (one flat vector), each leaf of the inputs of one step, and each
        value that the step captures; outputs the next carry and each leaf of what it returns
        beside it.
    carry, outputs : Leaves
        Of one step.
    row_widths : tuple of int
        Sizes of the leaves of the inputs of one step.
    captured : tuple of Node
        The captured values, in the code around the step.
    """

    name: str
    program: Program
    carry: Leaves
    row_widths: tuple[int, ...]
    outputs: Leaves
    captured: tuple[Node, ...]

    @property
    def output_widths(self) -> tuple[int, ...]:
        """Sizes of the leaves of what one step returns beside the carry."""
        return self.outputs.sizes

    @property
    def num_captured(self) -> int:
        """Number of captured elements."""
        return sum(node.size for node in self.captured)

    @property
    def calls(self) -> list[str]:
        """Names of the functions inside that are not NumPy."""
        names = (n.function.name for n in self.program.nodes() if isinstance(n, Call))
        return list(dict.fromkeys(names))


@dataclass
class _Recording:
    """What a call of the step left behind."""

    carry: list[Node] = field(default_factory=list)
    outputs: list[TracedArray] = field(default_factory=list)
    output_names: tuple[str, ...] = ()
    structure: Structure = field(default_factory=lambda: Structure(None))


def trace_body(
    step: Callable[..., Any], carry: Leaves, rows: Leaves, *, stacked: bool = True
) -> Body:
    """Record ``step(carry, x)``; it is called once.

    Parameters
    ----------
    step : callable
        Returns the next carry, of the same structure and shapes, and anything (or None) beside it.
    carry, rows : Leaves
        Of the carry, and of the inputs of one step.
    stacked : bool
        Whether what the step returns beside the carry is wanted.

    Raises
    ------
    ShapeError
        If the next carry has another structure or other shapes.
    TracingError
        If the step cannot be recorded.
    """
    name = getattr(step, "__name__", type(step).__name__)
    recording = _Recording()

    def flat(vector: TracedArray, *parts: TracedArray) -> Any:
        inputs = [p.reshape(s) for p, s in zip(parts, rows.shapes, strict=True)]
        result = step(carry.tree(carry.split(vector)), rows.tree(inputs))
        return _record(recording, _Named(step, name), result, carry, stacked)

    widths = [(label, (size,)) for label, size in zip(rows.names, rows.sizes, strict=True)]
    traced, _ = trace(flat, (carry.size,), widths, "carry")
    nodes = (*traced.outputs, *(array.node for array in recording.outputs))
    closed, captured = close_over(Program(traced.variables, traced.parameters, nodes))
    shapes = tuple(array.shape for array in recording.outputs)
    outputs = Leaves(recording.output_names, shapes, recording.structure)
    program, values = invariants_outside(closed, captured)
    return Body(name, program, carry, rows.sizes, outputs, tuple(values))


@dataclass(frozen=True)
class _Named:
    """The user's function, for messages."""

    function: Callable[..., Any]
    name: str

    @property
    def where(self) -> str:
        code = getattr(self.function, "__code__", None)
        return describe_where((code.co_filename, code.co_firstlineno)) if code else ""


def _record(
    recording: _Recording, step: _Named, result: Any, carry: Leaves, stacked: bool
) -> TracedArray:
    """Keep what the step returns, and return the next carry as one vector."""
    if not (isinstance(result, tuple) and len(result) == 2):
        raise TracingError(
            f"{step.name} does not return a pair",
            where=step.where,
            why="a step of a scan returns the next carry and what is to be stacked",
            instead="return carry, y (or return carry, None)",
        )
    following = _next_carry(step, result[0], carry)
    if stacked:
        leaves, recording.structure = flatten(result[1], "outputs")
        recording.output_names = tuple(name for name, _ in leaves)
        recording.outputs = [_real(step, name, leaf) for name, leaf in leaves]
    flat: Any = np.concatenate([array.reshape(-1) for array in following])
    return as_traced(flat)


def _next_carry(step: _Named, tree: Any, carry: Leaves) -> list[TracedArray]:
    leaves, structure = flatten(tree, "carry")
    if structure != carry.structure:
        raise ShapeError(
            f"the carry of {step.name} changes its structure",
            where=step.where,
            why=f"it is {carry.structure.describe()} before the step, and "
            f"{structure.describe()} after it",
            instead="return a carry that is nested as the first one is",
        )
    found = [_real(step, name, leaf) for name, leaf in leaves]
    for name, array, shape in zip(carry.names, found, carry.shapes, strict=True):
        if array.shape != shape:
            raise ShapeError(
                f"{name} of {step.name} changes its shape from {shape} to {array.shape}",
                where=describe_where(array.node.where) or step.where,
                why="every step is the same program, of a carry of fixed shapes",
                instead="np.zeros for the final shape, filled step by step; outputs for what grows",
            )
    return found


def _real(step: _Named, name: str, leaf: Any) -> TracedArray:
    is_complex = isinstance(leaf, TracedComplexArray) or np.iscomplexobj(leaf)
    if is_complex:
        raise ShapeError(
            f"{name} of {step.name} becomes complex",
            where=step.where,
            why="carries and outputs are float64",
            instead="return z.real and z.imag as two arrays",
        )
    return as_traced(leaf)
