"""A loop that Python runs step by step: without a compiler, or where a step calls Python anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.evaluation.backend import Backend, native_module
from sparseopt.loops.checkpoints import CheckpointPlan
from sparseopt.loops.derived import Place, StepFunction

if TYPE_CHECKING:
    from sparseopt.codegen.native import NativeProgram

__all__ = ["InterpretedLoop"]

FloatArray = NDArray[np.float64]
Memories = Mapping[str, FloatArray]


class InterpretedLoop:
    """The same sweeps as `CompiledLoop`, with a call of Python for every step.

    The parameters are those of `CompiledLoop`, and how the functions of a step are evaluated.
    """

    is_fused = False

    def __init__(
        self,
        functions: Sequence[StepFunction],
        size: int,
        memories: Sequence[tuple[str, int]],
        plan: CheckpointPlan,
        backend: Backend,
    ) -> None:
        self.plan = plan
        self._size = size
        self._widths = dict(memories)
        self._functions = {f.name: _Evaluation(f, backend) for f in functions}
        self._stack: list[tuple[int, FloatArray]] = []
        self.forward_steps = 0
        self.most_stored = 0

    def sweep(self, first: FloatArray, memory: Memories, *, emit: bool) -> FloatArray:
        """Go forward from a carry and return the final one, storing carries on the way."""
        self._stack = [(0, first.copy())]
        name = "emit" if emit else "advance"
        while self.plan.length - self._stack[-1][0] > 1:
            self._store(name, memory, self.plan.length)
        time, state = self._stack[-1]
        final = state.copy()
        self._run(name, final, memory, time, self.plan.length)
        return final

    def reverse(self, memory: Memories) -> None:
        """Go backward through the steps of the last sweep."""
        end = self.plan.length
        while self._stack:
            time, state = self._stack[-1]
            if end - time > 1:
                self._store("advance", memory, end)
                continue
            self._run("pull", state, memory, time, end)
            self._stack.pop()
            end = time

    def _store(self, name: str, memory: Memories, end: int) -> None:
        time, state = self._stack[-1]
        steps = self.plan.split(end - time, len(self._stack) - 1)
        moved = state.copy()
        self._run(name, moved, memory, time, time + steps)
        self.forward_steps += steps
        self._stack.append((time + steps, moved))
        self.most_stored = max(self.most_stored, min(len(self._stack), self.plan.stored))

    def _run(self, name: str, state: FloatArray, memory: Memories, start: int, stop: int) -> None:
        function = self._functions[name]
        for time in range(start, stop):
            views = {"state": state}
            for key, array in memory.items():
                width = self._widths[key]
                views[key] = array[time * width : (time + 1) * width] if width else array
            function(views)


class _Evaluation:
    """A function of a step, on named memories."""

    def __init__(self, function: StepFunction, backend: Backend) -> None:
        self._function = function
        schedule = function.schedule()
        self._program: NumpyProgram | NativeProgram
        if backend == "llvm":
            self._program = native_module().NativeProgram(schedule, np.zeros(0))
        else:
            self._program = NumpyProgram(schedule, np.zeros(0))
        self._arguments = np.zeros(sum(place.size for place in function.reads))
        self._results = np.zeros(schedule.out_size)

    def __call__(self, views: Memories) -> None:
        start = 0
        for place in self._function.reads:
            self._arguments[start : start + place.size] = _part(views, place)
            start += place.size
        self._program.run(self._arguments, self._results)
        start = 0
        for place, added in zip(self._function.writes, self._function.added, strict=True):
            results = self._results[start : start + place.size]
            if added:
                _part(views, place)[:] += results
            else:
                _part(views, place)[:] = results
            start += place.size


def _part(views: Memories, place: Place) -> FloatArray:
    return views[place.memory][place.offset : place.offset + place.size]
