"""Ipopt's C problems: sizes, bounds, callbacks and options, and one solve after another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import SolverError
from sparseopt.solvers.guard import GuardedOracle
from sparseopt.solvers.ipopt_library import IpoptLibrary
from sparseopt.solvers.ipopt_settings import STOPPED_BY_USER, IpoptSettings, user_scaling
from sparseopt.solvers.protocol import NonlinearProblem

FloatArray = NDArray[np.float64]

_CLEAN_ENDS = (0, 1, 2, 6, -1)  # solved, infeasible, or out of iterations


class IpoptHandle:
    """An ``IpoptProblem`` of the C interface with its options set."""

    def __init__(
        self,
        library: IpoptLibrary,
        problem: NonlinearProblem,
        callbacks: tuple[int, ...],
        settings: IpoptSettings,
    ) -> None:
        self.ended_cleanly = False
        self._library = library
        self._functions = library.functions
        n, m = problem.num_variables, problem.num_constraints
        entries = len(problem.jacobian_pattern.rows), len(problem.hessian_pattern.rows)
        self.num_numbers = n + m + sum(entries)
        bounds = [
            np.ascontiguousarray(bound, np.float64)
            for bound in (
                *(problem.variable_lower, problem.variable_upper),
                *(problem.constraint_lower, problem.constraint_upper),
            )
        ]
        lower, upper, row_lower, row_upper = map(_address, bounds)  # Ipopt copies them
        eval_f, eval_grad_f, eval_g, eval_jac_g, eval_h = callbacks
        self.address = self._functions.CreateIpoptProblem(
            *(n, lower, upper, m, row_lower, row_upper, *entries),
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
        scaling = user_scaling(problem)
        if scaling is not None:
            self._scale(*scaling)

    def solve(
        self,
        monitor: int,
        arrays: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
        user_data: int | None,
        guard: GuardedOracle,
    ) -> int:
        """Run Ipopt on `arrays` (x, λ, z_lower, z_upper), in place; return its code."""
        x, rows, lower, upper = map(_address, arrays)
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

    def _scale(self, variables: FloatArray, constraints: FloatArray) -> None:
        """Set the factors that Ipopt multiplies variables and constraints by; it copies them."""
        x, rows = (np.ascontiguousarray(a, np.float64) for a in (variables, constraints))
        self._functions.SetIpoptProblemScaling(self.address, 1.0, _address(x), _address(rows))

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


def _address(array: FloatArray) -> int:
    address: int = array.__array_interface__["data"][0]  # by ctypes it takes three times as long
    return address
