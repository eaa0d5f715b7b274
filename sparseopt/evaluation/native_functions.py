"""Compiled evaluations by address, for solvers that call back without Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from sparseopt.evaluation.backend import native_module
from sparseopt.evaluation.programs import Kind

__all__ = ["NativeFunctions"]


class NativeFunctions:
    """Compiled evaluations by address.

    ``run(schedule, x, multipliers, objective_weight, out)`` evaluates a schedule completely from
    ``x``.  Calls do not need the GIL; one evaluator must not be used by two threads at a time.

    Parameters
    ----------
    schedule : callable
        Returns the address of the schedule of a kind; it is compiled when first asked for.
    """

    def __init__(self, schedule: Callable[[Kind], int]) -> None:
        self.schedule = schedule

    @cached_property
    def run_address(self) -> int:
        """Address of ``run``; asking for it waits for the compiler."""
        return int(native_module().run_address())
