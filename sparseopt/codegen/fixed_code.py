"""Compiled code that is the same for all programs: drivers, and what moves numbers about."""

from __future__ import annotations

import threading
from functools import cache

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
    "drivers",
    "expect_drivers",
    "fixed_module",
    "mover",
    "run_address",
    "search_functions",
]

_making = threading.Lock()


def drivers() -> TieredModule:
    """Return the drivers of schedules and of kernels, and the functions these call by address.

    They start to be compiled when they are first asked for, by any thread.

    Raises
    ------
    RuntimeError
        If LLVM cannot compile here.
    """
    with DeferredInterrupts(), _making:
        return _drivers()


@cache
def _drivers() -> TieredModule:
    host = target()
    with_threads = symbol_address("pthread_create") is not None

    def source(width: int, with_threads: bool) -> str:
        moving = fill_source(width) + buffer_source(host.lanes, width)
        return moving + driver_source(width) + schedule_source(with_threads)

    text, quick = source(host.lanes, with_threads), source(1, False)
    module = TieredModule(text, 1, quick=quick, name="drivers")
    if not module.is_compiled:
        _ = host.header  # fails where LLVM cannot compile
    return module


def expect_drivers() -> None:
    """Start to compile the drivers, or link them if they were compiled before."""
    if drivers().is_compiled:
        run_address()


def run_address() -> int:
    """Return the address of ``run(schedule, x, multipliers, weight, out)``."""
    return drivers().address("run")


@cache
def _movers() -> TieredModule:
    return TieredModule(gather_source(), effort=2, name="movers")


def mover(name: str) -> FunctionAddress:
    """Return a task's function that copies, substitutes or multiplies scattered numbers."""
    return FunctionAddress(_movers(), name)


def fixed_module(name: str) -> TieredModule:
    """Return the module of that name, which is the same for all programs."""
    return drivers() if name == "drivers" else _movers()


@cache
def _searches() -> CompiledModule:
    return start_compiling(search_source())


def search_functions(functions: list[str]) -> tuple[list[str], list[Import]]:
    """Return declarations of the searches that formulas call, if any do, and where they are."""
    if any("@search_" in text for text in functions):
        return [SEARCH_DECLARATIONS], [(_searches(), SEARCH_NAMES)]
    return [], []
