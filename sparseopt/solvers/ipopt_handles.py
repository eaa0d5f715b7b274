"""Ipopt's C problems: made for a solve, freed after it.

Making and freeing one takes 0.2 ms, a fifth of a small solve.  So the last small one that ended
cleanly is kept, and used again if the next solve wants exactly the same: same sizes, same bounds,
same options, same compiled callbacks.  One that met an error or an interrupt is never used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import SolverError
from sparseopt.solvers.guard import GuardedOracle
from sparseopt.solvers.ipopt_library import IpoptLibrary
from sparseopt.solvers.ipopt_settings import STOPPED_BY_USER, IpoptSettings, user_scaling
from sparseopt.solvers.protocol import NonlinearProblem

FloatArray = NDArray[np.float64]

# Above this many variables, constraints and entries a kept problem would hold too much memory.
LARGEST_KEPT = 10_000

_CLEAN_ENDS = (0, 1, 2, 6, -1)  # solved, infeasible, or out of iterations


class Callbacks(Protocol):
    """The addresses of Ipopt's five callbacks, and whether they serve any problem."""

    @property
    def addresses(self) -> tuple[int, ...]:
        """eval_f, eval_grad_f, eval_g, eval_jac_g, eval_h."""

    @property
    def reusable(self) -> bool:
        """Whether the addresses stay valid after the solve."""


class IpoptHandle:
    """An ``IpoptProblem`` of the C interface with its options set."""

    def __init__(
        self,
        library: IpoptLibrary,
        key: tuple[Any, ...],
        bounds: tuple[FloatArray, ...],
        settings: IpoptSettings,
    ) -> None:
        self.key = key
        self.ended_cleanly = False
        self._library = library
        self._functions = library.functions
        n, m, jacobian_entries, hessian_entries = key[1]
        eval_f, eval_grad_f, eval_g, eval_jac_g, eval_h = key[2]
        lower, upper, row_lower, row_upper = (bound.ctypes.data for bound in bounds)
        self.address = self._functions.CreateIpoptProblem(
            *(n, lower, upper, m, row_lower, row_upper),
            *(jacobian_entries, hessian_entries),
            0,  # indices count from 0
            *(eval_f, eval_g, eval_grad_f, eval_jac_g, eval_h),
        )
        if not self.address:
            raise SolverError(f"{library.description} refused to create the problem")
        try:
            self._set_options(settings)
        except SolverError:
            self.free()
            raise

    def solve(
        self,
        monitor: int,
        arrays: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
        user_data: int | None,
        guard: GuardedOracle,
    ) -> int:
        """Run Ipopt on `arrays` (x, λ, z_lower, z_upper), in place; return its code."""
        x, rows, lower, upper = (array.ctypes.data for array in arrays)
        self.ended_cleanly = False
        self._functions.SetIntermediateCallback(self.address, monitor)
        try:
            code: int = self._functions.IpoptSolve(
                self.address, x, None, None, rows, lower, upper, user_data
            )
        except BaseException as error:  # a signal came while the last callback returned
            guard.keep(error)
            return STOPPED_BY_USER
        self.ended_cleanly = code in _CLEAN_ENDS
        return code

    def scale(self, variables: FloatArray, constraints: FloatArray) -> None:
        """Set the factors that Ipopt multiplies variables and constraints by; it copies them."""
        x, rows = (np.ascontiguousarray(a, np.float64) for a in (variables, constraints))
        self._functions.SetIpoptProblemScaling(self.address, 1.0, x.ctypes.data, rows.ctypes.data)

    def free(self) -> None:
        """Free the C problem."""
        if self.address:
            self._functions.FreeIpoptProblem(self.address)
        self.address = None

    def __del__(self) -> None:
        self.free()

    def _set_options(self, settings: IpoptSettings) -> None:
        """Set every option, or raise for the first one this library refuses, advice apart."""
        functions = self._functions
        for name, value in settings.items():
            key = name.encode()
            if isinstance(value, str):
                accepted = functions.AddIpoptStrOption(self.address, key, value.encode())
            elif isinstance(value, int):
                accepted = functions.AddIpoptIntOption(self.address, key, value)
            else:
                accepted = functions.AddIpoptNumOption(self.address, key, value)
            if not accepted and name not in settings.advice:
                raise SolverError(
                    f"{self._library.description} refuses the option {name} = {value!r}"
                )


_kept: list[IpoptHandle] = []  # at most one; taken out while in use, so nested solves are safe


@contextmanager
def ipopt_handle(
    library: IpoptLibrary,
    problem: NonlinearProblem,
    callbacks: Callbacks,
    settings: IpoptSettings,
) -> Iterator[IpoptHandle]:
    """Give a C problem with options set, for one solve."""
    bounds = tuple(
        np.ascontiguousarray(bound, np.float64)
        for bound in (
            problem.variable_lower,
            problem.variable_upper,
            problem.constraint_lower,
            problem.constraint_upper,
        )
    )
    sizes = (
        problem.num_variables,
        problem.num_constraints,
        len(problem.jacobian_pattern.rows),
        len(problem.hessian_pattern.rows),
    )
    scaling = user_scaling(problem)
    keep = callbacks.reusable and sum(sizes) <= LARGEST_KEPT and scaling is None
    signature = tuple(bound.tobytes() for bound in bounds) if keep else ()
    key = (library.path, sizes, callbacks.addresses, signature, tuple(settings.items()))
    handle = _take(key) if keep else None
    handle = handle or IpoptHandle(library, key, bounds, settings)
    if scaling is not None:
        handle.scale(*scaling)
    try:
        yield handle
    except BaseException:
        handle.free()
        raise
    if keep and handle.ended_cleanly:
        _kept[:] = [handle]
    else:
        handle.free()


def _take(key: tuple[Any, ...]) -> IpoptHandle | None:
    """Return the kept problem if it is the one wanted; nobody else has it then."""
    try:
        handle = _kept.pop()
    except IndexError:
        return None
    return handle if handle.key == key else None
