"""A program that is linked: tables in memory that the compiled driver of schedules follows."""

from __future__ import annotations

import ctypes
from abc import abstractmethod
from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.addresses import location
from sparseopt.codegen.fixed_code import DRIVERS, drivers, run_address
from sparseopt.codegen.tiers import TieredModule
from sparseopt.elements.tasks import Base

__all__ = ["LinkedProgram"]

_RUN_TYPE = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_double, ctypes.c_void_p
)


class LinkedProgram:
    """What runs at every evaluation, with a workspace of its own.

    Not thread-safe: two threads must not run one program at the same time.
    """

    _bases: NDArray[np.int64]
    """Addresses of the memory that tasks read and write, by `Base`."""

    @property
    @abstractmethod
    def address(self) -> int:
        """Address of the schedule, for ``run``; asking for it waits for the compiler."""

    @property
    @abstractmethod
    def modules(self) -> Iterable[TieredModule]:
        """The modules whose functions it calls, once it is linked."""

    @property
    @abstractmethod
    def effort(self) -> int:
        """What its kernels want of the code generator: 0 to 3."""

    def link(self) -> None:
        """Wait for the compiler, and link the schedule to its code."""
        _ = self.address
        for module in {drivers(), *self.modules}:
            if self.effort or module.name not in DRIVERS:
                module.improve()

    @property
    @abstractmethod
    def source(self) -> str:
        """The LLVM IR of the kernels."""

    @cached_property
    def _run(self) -> Callable[..., None]:
        return _RUN_TYPE(run_address())

    def run(
        self,
        x: NDArray[np.float64],
        out: NDArray[np.float64],
        multipliers: NDArray[np.float64] | None = None,
        weight: float = 1.0,
        vector: NDArray[np.float64] | None = None,
    ) -> None:
        """Evaluate the schedule at ``x`` into ``out``; contiguous float64 arrays.

        What a function that is not NumPy raises is raised again.
        """
        if vector is not None:
            self._bases[Base.VECTOR] = location(vector)
        lam = 0 if multipliers is None else location(multipliers)
        self._call(self.address, location(x), lam, weight, location(out))

    def _call(self, *arguments: float) -> None:
        self._run(*arguments)
