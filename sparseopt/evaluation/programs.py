"""The programs of an evaluator: started side by side, linked when they are needed, kept for later.

What is short, and needs no patterns, is one module: each costs the code generator a millisecond.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.evaluation.backend import Backend, native_module
from sparseopt.evaluation.kept_programs import KeptPrograms

if TYPE_CHECKING:
    from sparseopt.codegen.kernel_module import KernelModule
    from sparseopt.codegen.linked_program import LinkedProgram

__all__ = ["LONG_TEXT", "Kind", "Program", "Programs"]

Kind = Literal[
    "objective",
    "gradient",
    "constraints",
    "jacobian",
    "hessian",
    "pushforward",
    "pullback",
    "hessian_vector_product",
]
_VALUES = ("objective", "gradient", "constraints")
LONG_TEXT = 30_000
"""Characters of kernels from which on a module is compiled beside the next."""
# What is found at once is compiled while the structure of the rest is looked for.
_ORDER: tuple[Kind, ...] = (
    "constraints",
    "objective",
    "gradient",
    "pushforward",
    "pullback",
    "hessian_vector_product",
    "hessian",
    "jacobian",
)
Program: TypeAlias = "NumpyProgram | LinkedProgram"
Maker: TypeAlias = "Callable[[Kind, KernelModule | None], Program]"


class Programs:
    """Programs by kind.

    Parameters
    ----------
    backend : "llvm" or "numpy"
    parameters : float64 array
    kept : KeptPrograms or None
        Of compiled programs.
    timings : dict
        Seconds of linking are added to its "compile".
    """

    def __init__(
        self,
        backend: Backend,
        parameters: NDArray[np.float64],
        kept: KeptPrograms | None,
        timings: dict[str, float],
    ) -> None:
        self._backend, self._parameters = backend, parameters
        self._kept, self._timings = kept, timings
        self._linked: dict[Kind, Program] = {}
        self._started: dict[Kind, Program] = {}

    def __contains__(self, kind: Kind) -> bool:
        return kind in self._linked or kind in self._started

    def linked(self, kind: Kind, make: Maker) -> Program:
        """Return the program of a kind, after waiting for the compiler."""
        program = self._linked.get(kind)
        if program is None:
            program = self._started.pop(kind, None) or self._found(kind) or make(kind, None)
            start = time.perf_counter()
            program.link()
            self._timings["compile"] += time.perf_counter() - start
            self._linked[kind] = program
            if self._kept is not None and not isinstance(program, NumpyProgram):
                self._kept.add(kind, program)
        return program

    def start(self, kinds: Sequence[Kind], make: Maker, is_short: Callable[[], bool]) -> None:
        """Start to compile several kinds, side by side, and do not wait.

        Parameters
        ----------
        kinds : sequence of str
        make : callable
            Returns the program of a kind, its kernels in a given module or in one of its own.
        is_short : callable
            Returns whether a compilation costs more than it spares.
        """
        wanted = [kind for kind in sorted(kinds, key=_ORDER.index) if kind not in self]
        found = {kind: program for kind in wanted if (program := self._found(kind))}
        self._started.update(found)
        new = [kind for kind in wanted if kind not in found]
        self._start_together([kind for kind in new if kind in _VALUES or is_short()], make)
        for kind in new:  # values are the first
            if kind not in self:
                self._started[kind] = make(kind, None)

    def _start_together(self, kinds: Sequence[Kind], make: Maker) -> None:
        module: KernelModule | None = None
        for kind in kinds:
            if self._backend == "llvm" and module is None:
                module = native_module().KernelModule()
            self._started[kind] = make(kind, module)
            if module is not None and module.size > LONG_TEXT:
                module.start()
                module = None
        if module is not None:
            module.start()

    def _found(self, kind: Kind) -> LinkedProgram | None:
        """Return a program that was kept."""
        if self._kept is None or kind not in self._kept:
            return None
        return self._kept.program(kind, self._parameters)
