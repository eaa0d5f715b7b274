"""Compiled code that is the same for all programs: drivers, and what moves numbers about."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache, wraps

from sparseopt.codegen.buffer_source import buffer_source
from sparseopt.codegen.compile import CompiledModule, Import, start_compiling, target
from sparseopt.codegen.driver_source import driver_source
from sparseopt.codegen.interrupts import DeferredInterrupts
from sparseopt.codegen.runtime_source import fill_source, gather_source
from sparseopt.codegen.schedule_source import schedule_source
from sparseopt.codegen.search_source import SEARCH_DECLARATIONS, SEARCH_NAMES, search_source
from sparseopt.codegen.symbols import symbol_address
from sparseopt.codegen.tiers import FunctionAddress, TieredModule

__all__ = [
    "DRIVERS",
    "drivers",
    "expect_drivers",
    "fixed_module",
    "kernel_drivers",
    "mover",
    "run_address",
    "search_functions",
]

_making = threading.Lock()

DRIVERS = ("schedules", "kernels")
"""Names of the modules that run what is compiled for a program."""
MOVERS = "movers"


def _once(make: Callable[[], TieredModule]) -> Callable[[], TieredModule]:
    """Return a function that makes a module when it is first called, by any thread."""
    made = cache(make)

    @wraps(made)
    def found() -> TieredModule:
        with DeferredInterrupts(), _making:
            return made()

    return found


@_once
def drivers() -> TieredModule:
    """Return the driver of schedules, and what fills memory: for all programs.

    It starts to be compiled when it is first asked for.

    Raises
    ------
    RuntimeError
        If LLVM cannot compile here.
    """
    host = target()
    with_threads = symbol_address("pthread_create") is not None

    def source(width: int, with_threads: bool) -> str:
        return fill_source(width) + schedule_source(with_threads)

    text, quick = source(host.lanes, with_threads), source(1, False)
    module = TieredModule(text, 1, quick=quick, name=DRIVERS[0])
    if not module.is_compiled:
        _ = host.header  # fails where LLVM cannot compile
    return module


@_once
def kernel_drivers() -> TieredModule:
    """Return the driver of kernels of several instances, and the functions it calls by address.

    It is a module of its own, since models without sums and vectors do without.
    """
    lanes = target().lanes

    def source(width: int) -> str:
        return buffer_source(lanes, width) + driver_source(width)

    return TieredModule(source(lanes), 1, quick=source(1), name=DRIVERS[1])


def expect_drivers() -> None:
    """Start to compile what all programs need, or link it if it was compiled before."""
    if drivers().is_compiled:
        run_address()


def run_address() -> int:
    """Return the address of ``run(schedule, x, multipliers, weight, out)``."""
    return drivers().address("run")


@cache
def _movers() -> TieredModule:
    return TieredModule(gather_source(), effort=2, name=MOVERS)


def mover(name: str) -> FunctionAddress:
    """Return a task's function that copies, substitutes or multiplies scattered numbers."""
    return FunctionAddress(_movers(), name)


def fixed_module(name: str) -> TieredModule:
    """Return the module of that name, which is the same for all programs."""
    made: dict[str, Callable[[], TieredModule]] = {
        DRIVERS[0]: drivers,
        DRIVERS[1]: kernel_drivers,
        MOVERS: _movers,
    }
    return made[name]()


@cache
def _searches() -> CompiledModule:
    return start_compiling(search_source())


def search_functions(functions: list[str]) -> tuple[list[str], list[Import]]:
    """Return declarations of the searches that formulas call, if any do, and where they are."""
    if any("@search_" in text for text in functions):
        return [SEARCH_DECLARATIONS], [(_searches(), SEARCH_NAMES)]
    return [], []
