"""A loop compiled and ready to run, with the carries that it stores."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.addresses import location
from sparseopt.codegen.compile import CompiledModule, compile_ir, target
from sparseopt.codegen.fixed_code import search_functions
from sparseopt.codegen.vector_math import VectorMath
from sparseopt.loops.checkpoints import CheckpointPlan
from sparseopt.loops.derived import StepFunction
from sparseopt.loops.loop_source import FUNCTIONS, HEADER, Memory, loop_source, parameters
from sparseopt.loops.step_source import StepSource, step_source

__all__ = ["CompiledLoop"]

FloatArray = NDArray[np.float64]

_SWEEP_TYPE = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
_REVERSE_TYPE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)


class CompiledLoop:
    """Forward and backward sweeps over the steps of a loop; no Python runs inside.

    Parameters
    ----------
    functions : sequence of StepFunction
        ``advance``, ``emit`` and ``pull``.
    size : int
        Numbers in a stored carry.
    memories : sequence of (name, width)
        In the order of all functions' parameters.
    plan : CheckpointPlan

    Attributes
    ----------
    is_fused : bool
        Whether every function of the step is one piece of scalar code.
    module : CompiledModule
    """

    def __init__(
        self,
        functions: Sequence[StepFunction],
        size: int,
        memories: Sequence[Memory],
        plan: CheckpointPlan,
    ) -> None:
        self.plan = plan
        self._size = size
        self._memories = list(memories)
        math = VectorMath(target())
        arguments = parameters(memories)
        self._sources = [step_source(f, arguments, math) for f in functions]
        self.is_fused = all(source.is_fused for source in self._sources)
        self.module = self._compile(math)
        self._depth = 0
        self._build()

    def _compile(self, math: VectorMath) -> CompiledModule:
        texts = [source.text for source in self._sources]
        fixed, imports = search_functions(texts)
        loops = loop_source(self._size, self._memories)
        parts = [*math.declarations.values(), *fixed, *texts, loops]
        return compile_ir("\n".join(parts), 3, imports)

    def _build(self) -> None:
        plan = self.plan
        depth = plan.stored + 2
        self._times = np.zeros(depth, np.int64)
        self._repeated = np.zeros(depth, np.int64)
        # Pages of it that no sweep reaches are never touched.
        self._carries = np.empty((depth, max(1, self._size)))
        arrays = {"times": self._times, "repeated": self._repeated, "carries": self._carries}
        addresses = {name: location(array) for name, array in arrays.items()}
        values = {"length": plan.length, "stored": plan.stored, "columns": plan.table_width}
        known = {**values, **addresses, "table": location(plan.table)}
        words = [known.get(name, 0) for name in HEADER]
        self._tables = [_pointers(source) for source in self._sources]
        for source, tables in zip(self._sources, self._tables, strict=True):
            words += [location(source.meta), location(tables)]
        self._words = np.array([*words, *(0 for _ in self._memories)], np.int64)
        self._first_memory = len(HEADER) + 2 * len(FUNCTIONS)
        self._sweeps = {n: _SWEEP_TYPE(self.module.address(f"sweep_{n}")) for n in FUNCTIONS[:2]}
        self._reverse = _REVERSE_TYPE(self.module.address("reverse"))

    @property
    def forward_steps(self) -> int:
        """Forward steps taken so far between stored carries."""
        return int(self._words[HEADER.index("steps")])

    @property
    def most_stored(self) -> int:
        """The largest number of carries that were stored at a time, the present one aside."""
        return min(int(self._words[HEADER.index("deepest")]) + 1, self.plan.stored)

    def sweep(
        self, first: FloatArray, memory: Mapping[str, FloatArray], *, emit: bool
    ) -> FloatArray:
        """Go forward from a carry and return the final one, storing carries on the way.

        Parameters
        ----------
        first : float array
            The first carry.
        memory : mapping of str to contiguous float array
        emit : bool
            Whether what is stacked is written.
        """
        self._place(memory)
        self._times[0], self._repeated[0] = 0, self.plan.repetitions
        self._carries[0, : self._size] = first
        self._depth = self._sweeps["emit" if emit else "advance"](location(self._words))
        behind = self._depth + self.plan.length - int(self._times[self._depth])
        return self._carries[behind, : self._size].copy()

    def reverse(self, memory: Mapping[str, FloatArray]) -> None:
        """Go backward through the steps of the last sweep; it can be done once for a sweep."""
        self._place(memory)
        self._reverse(location(self._words), self._depth)

    def _place(self, memory: Mapping[str, FloatArray]) -> None:
        for k, (name, _) in enumerate(self._memories):
            array = memory.get(name)
            self._words[self._first_memory + k] = 0 if array is None else location(array)


def _pointers(source: StepSource) -> NDArray[np.int64]:
    return np.array([*map(location, source.tables), 0], np.int64)
