"""A small solve with one linear solver: ``python -m sparseopt.solvers.ipopt_probe LIBRARY SOLVER``.

The exit code is 0 if the solve succeeds.  The problem is min (x − 1)² with 0 ≤ x ≤ 3.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from typing import Any

from sparseopt.solvers.ipopt_library import load_ipopt
from sparseopt.solvers.ipopt_python_callbacks import (
    EVAL_F,
    EVAL_G,
    EVAL_H,
    EVAL_JAC_G,
    callback_address,
)

_LOWER, _UPPER, _START = 0.0, 3.0, 0.5


def _double(address: int) -> ctypes.c_double:
    return ctypes.c_double.from_address(address)


def _objective(n: int, x: int, new_x: bool, out: int, data: int) -> bool:
    _double(out).value = (_double(x).value - 1.0) ** 2
    return True


def _gradient(n: int, x: int, new_x: bool, out: int, data: int) -> bool:
    _double(out).value = 2.0 * (_double(x).value - 1.0)
    return True


def _nothing(*arguments: Any) -> bool:
    return True


def _hessian(*arguments: Any) -> bool:
    weight, rows, cols, values = arguments[3], *arguments[8:11]
    if values:
        _double(values).value = 2.0 * weight
    else:
        for address in (rows, cols):
            ctypes.c_int.from_address(address).value = 0
    return True


def main(arguments: Sequence[str]) -> int:
    """Solve with the library and linear solver named; return 0 for success."""
    path, solver = arguments
    functions = load_ipopt(path).functions
    lower, upper, x = (ctypes.c_double(value) for value in (_LOWER, _UPPER, _START))
    callbacks = [
        EVAL_F(_objective),
        EVAL_G(_nothing),
        EVAL_F(_gradient),
        EVAL_JAC_G(_nothing),
        EVAL_H(_hessian),
    ]
    bounds = ctypes.addressof(lower), ctypes.addressof(upper)
    handle = functions.CreateIpoptProblem(
        1, *bounds, 0, None, None, 0, 1, 0, *map(callback_address, callbacks)
    )
    functions.AddIpoptIntOption(handle, b"print_level", 0)
    if not functions.AddIpoptStrOption(handle, b"linear_solver", solver.encode()):
        return 1
    code = functions.IpoptSolve(handle, ctypes.addressof(x), *[None] * 6, None)
    return 0 if code in (0, 1) and abs(x.value - 1.0) < 1e-6 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
