"""A whole loop as one node of a Program: values and exact derivatives of two orders.

The gradient goes backward through the loop from stored carries, the product with the Hessian goes
backward with tangents (forward over reverse).  What a forward sweep stored serves the backward
sweep at the same point, so that a value and a gradient need one sweep less.  Structures and
matrices are only found when somebody asks for them.
"""

from __future__ import annotations

import hashlib
import importlib
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.evaluation.backend import choose_backend
from sparseopt.graph.content_hash import content_key
from sparseopt.graph.interpret import interpret
from sparseopt.graph.opaque import WithLazyStructure
from sparseopt.loops.body import Body
from sparseopt.loops.checkpoints import CheckpointPlan, default_checkpoints
from sparseopt.loops.derived import StepFunction, StepFunctions
from sparseopt.loops.interpreted import InterpretedLoop
from sparseopt.loops.structure import LoopStructure, columns_of

__all__ = ["ScanFunction"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
Memory = dict[str, FloatArray]


class _Loop(Protocol):
    """What runs a loop, compiled or not."""

    is_fused: bool

    @property
    def forward_steps(self) -> int: ...
    @property
    def most_stored(self) -> int: ...
    def sweep(self, first: FloatArray, memory: Memory, *, emit: bool) -> FloatArray: ...
    def reverse(self, memory: Memory) -> None: ...


class ScanFunction(WithLazyStructure):
    """The function of first carry, inputs and captured values to final carry and stacked outputs.

    Parameters
    ----------
    body : Body
    length : int
        Number of steps.
    checkpoints : int or None
        Number of carries that reverse mode keeps; None leaves it to `default_checkpoints`.
    data : sequence of (float array or None)
        For each leaf of the inputs its values, one step after another, or None where it is an
        argument of the function.

    Attributes
    ----------
    size_in, size_out : int
        Arguments are the carry, the inputs that are not data, and the captured values.
    """

    def __init__(
        self,
        body: Body,
        length: int,
        checkpoints: int | None,
        data: Sequence[FloatArray | None],
    ) -> None:
        self.body = body
        self.length = length
        self.name = f"scan of {body.name}"
        self._checkpoints = checkpoints
        self.plan = self._planned(body.carry.size)
        self._data = {f"row{k}": rows for k, rows in enumerate(data) if rows is not None}
        self._active = tuple(rows is None for rows in data)
        self._steps = StepFunctions(body, self._active)
        self._lock = threading.RLock()
        self._swept: tuple[FloatArray, ...] = ()
        self._known: tuple[FloatArray, ...] = ()
        self._swept_tangent: tuple[FloatArray, ...] = ()

    def _planned(self, size: int) -> CheckpointPlan:
        stored = self._checkpoints or default_checkpoints(self.length, size)
        return CheckpointPlan(self.length, stored)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What loops that do the same have in common; found when somebody compares them."""
        data = tuple(
            (name, hashlib.blake2b(np.ascontiguousarray(rows).data, digest_size=16).hexdigest())
            for name, rows in self._data.items()
        )
        return ("scan", content_key(self.body.program), self.length, self.plan.stored, data)

    # ---- sizes and places
    @cached_property
    def _arguments(self) -> list[tuple[str, slice]]:
        """The memories of inputs and captured values, and where they are in the argument."""
        places, start = [], self.body.carry.size
        for k, (width, active) in enumerate(zip(self.body.row_widths, self._active, strict=True)):
            if active:
                places.append((f"row{k}", slice(start, start + self.length * width)))
                start += self.length * width
        return [*places, ("fixed", slice(start, start + self.body.num_captured))]

    @cached_property
    def _results(self) -> list[slice]:
        """Where the stacked outputs are in the result."""
        places, start = [], self.body.carry.size
        for width in self.body.output_widths:
            places.append(slice(start, start + self.length * width))
            start += self.length * width
        return places

    @property
    def size_in(self) -> int:
        """Number of arguments."""
        return int(self._arguments[-1][1].stop)

    @property
    def size_out(self) -> int:
        """Number of results."""
        return self.body.carry.size + self.length * sum(self.body.output_widths)

    def describe(self) -> str:
        """Return one line that says how derivatives are found."""
        how = "by Python, step by step" if self.is_interpreted else "by compiled code"
        return (
            f"{self.name}, {self.length} steps {how}, {self.plan.stored} carries stored: "
            "derivatives by forward and reverse sweeps, exact"
        )

    # ---- loops
    @cached_property
    def is_interpreted(self) -> bool:
        """Whether Python runs every step."""
        return bool(self.body.calls) or choose_backend() == "numpy"

    @cached_property
    def _memories(self) -> list[tuple[str, int]]:
        rows = list(enumerate(self.body.row_widths))
        outputs = list(enumerate(self.body.output_widths))
        each = [(f"{kind}{k}", w) for kind in ("row", "row_dot", "row_bar") for k, w in rows]
        kinds = ("y", "y_dot", "weight", "weight_dot")
        each += [(f"{kind}{k}", w) for kind in kinds for k, w in outputs]
        return [*each, *((name, 0) for name in ("fixed", "fixed_dot", "fixed_bar", "adjoint"))]

    def _loop(self, functions: Sequence[StepFunction], size: int) -> _Loop:
        plan = self._planned(size)
        if self.is_interpreted:
            backend = choose_backend()
            return InterpretedLoop(functions, size, self._memories, plan, backend)
        compiled = importlib.import_module("sparseopt.loops.compiled")
        loop: _Loop = compiled.CompiledLoop(functions, size, self._memories, plan)
        return loop

    @cached_property
    def first_order(self) -> _Loop:
        """The loop with pullbacks; it is compiled when it is first asked for."""
        steps = self._steps
        return self._loop([steps.advance(), steps.emit(), steps.pull()], steps.size)

    @cached_property
    def second_order(self) -> _Loop:
        """The loop with tangents; it is compiled when it is first asked for."""
        steps = self._steps
        functions = [steps.advance_tangent(), steps.emit_tangent(), steps.pull_tangent()]
        return self._loop(functions, 2 * steps.size)

    def _inputs(self, x: FloatArray, suffix: str = "") -> Memory:
        found = {_with(name, suffix): x[place] for name, place in self._arguments}
        return found if suffix else {**found, **self._data}

    def _outputs(self, kind: str, values: FloatArray) -> Memory:
        return {f"{kind}{k}": values[place] for k, place in enumerate(self._results)}

    # ---- values
    def evaluate(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Write the final carry and the stacked outputs to ``out``."""
        if x.dtype.kind == "c":
            self._evaluate_complex(x, out)
            return
        n = self.body.carry.size
        with self._lock:
            if _same(self._known[:1], (x,)):
                out[:] = self._known[1]
                return
            self._swept = self._known = ()
            memory = {**self._inputs(x), **self._outputs("y", out)}
            out[:n] = self.first_order.sweep(x[:n], memory, emit=True)
            self._swept = (x.copy(),)
            self._known = (*self._swept, out.copy())

    def _evaluate_complex(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Take the steps in plain NumPy: for complex steps."""
        n = self.body.carry.size
        state, fixed = x[:n], x[self._arguments[-1][1]]
        memory: dict[str, NDArray[Any]] = {**self._data}
        memory.update({name: x[place] for name, place in self._arguments[:-1]})
        for t in range(self.length):
            rows = [
                memory[f"row{k}"][t * width : (t + 1) * width]
                for k, width in enumerate(self.body.row_widths)
            ]
            state, *stacked = interpret(self.body.program, np.concatenate([state, *rows, fixed]))
            for place, values in zip(self._results, stacked, strict=True):
                start = place.start + t * values.size
                out[start : start + values.size] = values
        out[:n] = state

    # ---- first order
    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add the transposed Jacobian times ``weights`` to ``out``."""
        if not weights.any():
            return
        n = self.body.carry.size
        adjoint = weights[:n].copy()
        with self._lock:
            if not _same(self._swept, (x,)):
                self.first_order.sweep(x[:n], self._inputs(x), emit=False)
            self._swept = ()  # going backward overwrites what the sweep stored
            memory = {**self._inputs(x), **self._outputs("weight", weights), "adjoint": adjoint}
            self.first_order.reverse({**memory, **self._inputs(out, "_bar")})
        out[:n] += adjoint

    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add the Jacobian times ``tangent`` to ``out``."""
        n = self.body.carry.size
        found = np.zeros(self.size_out)
        with self._lock:
            self._swept_tangent = ()
            memory = {**self._moved(x, tangent), **self._outputs("y_dot", found)}
            first = np.concatenate([x[:n], tangent[:n]])
            found[:n] = self.second_order.sweep(first, memory, emit=True)[n:]
            self._swept_tangent = (x.copy(), tangent.copy())
        out += found

    def _moved(self, x: FloatArray, tangent: FloatArray) -> Memory:
        return {**self._inputs(x), **self._inputs(tangent, "_dot")}

    # ---- second order
    def curve(
        self, x: FloatArray, weights: FloatArray, direction: FloatArray, out: FloatArray
    ) -> None:
        """Add the Hessian of ``weights · f`` times ``direction`` to ``out``."""
        self.pull_tangent(x, weights, np.zeros(self.size_out), direction, out)

    def pull_tangent(
        self,
        x: FloatArray,
        weights: FloatArray,
        rates: FloatArray,
        direction: FloatArray,
        out: FloatArray,
    ) -> None:
        """Add the derivative of the pullback along a direction, its weights changing at rates."""
        if not weights.any():
            self.pull(x, rates, out)
            return
        n = self.body.carry.size
        adjoint = np.concatenate([weights[:n], rates[:n]])
        with self._lock:
            memory = self._moved(x, direction)
            if not _same(self._swept_tangent, (x, direction)):
                first = np.concatenate([x[:n], direction[:n]])
                self.second_order.sweep(first, memory, emit=False)
            self._swept_tangent = ()
            memory.update(self._outputs("weight", weights), adjoint=adjoint)
            memory.update(self._outputs("weight_dot", rates))
            self.second_order.reverse({**memory, **self._inputs(out, "_bar")})
        out[:n] += adjoint[n:]

    # ---- matrices
    @cached_property
    def _structure(self) -> LoopStructure:
        places = [(place.start, name) for name, place in self._arguments]
        return LoopStructure(self.body, self.length, self._active, places, self.size_in)

    @property
    def _first(self) -> tuple[IntArray, IntArray]:
        return self._structure.jacobian

    @property
    def _second(self) -> tuple[IntArray, IntArray]:
        return self._structure.hessian

    def jacobian_values(self, x: FloatArray, out: FloatArray) -> None:
        """Write the values of the Jacobian to ``out``: a sweep for each row, or each column."""
        rows, cols = self._structure.jacobian
        sizes = self.size_out, self.size_in
        if self.size_out <= self.size_in:
            columns_of(lambda w, into: self.pull(x, w, into), sizes, cols, rows, out)
        else:
            columns_of(lambda v, into: self.push(x, v, into), sizes[::-1], rows, cols, out)

    def hessian_values(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Write the Hessian of ``weights · f`` to ``out``: a sweep for each column."""
        rows, cols = self._structure.hessian
        sizes = self.size_in, self.size_in
        columns_of(lambda v, into: self.curve(x, weights, v, into), sizes, rows, cols, out)


def _with(name: str, suffix: str) -> str:
    """Return the name of a tangent or an adjoint: ``row_dot2`` of ``row2``."""
    return f"row{suffix}{name[3:]}" if name.startswith("row") else name + suffix


def _same(known: tuple[FloatArray, ...], wanted: tuple[FloatArray, ...]) -> bool:
    return len(known) == len(wanted) and all(map(np.array_equal, known, wanted))
