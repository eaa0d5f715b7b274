"""A small solve with one linear solver: ``python -m sparseopt.solvers.ipopt_probe LIBRARY SOLVER``.

The exit code is 0 if the solve succeeds.  The problem is min (x − 1)² with 0 ≤ x ≤ 3.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from typing import Any

from sparseopt.solvers.ipopt_library import load_ipopt

_BOOL, _INT, _DOUBLE = ctypes.c_bool, ctypes.c_int, ctypes.c_double
_VECTOR, _INDICES = ctypes.POINTER(ctypes.c_double), ctypes.POINTER(ctypes.c_int)


@ctypes.CFUNCTYPE(_BOOL, _INT, _VECTOR, _BOOL, _VECTOR, ctypes.c_void_p)
def _objective(n: int, x: Any, new_x: bool, out: Any, data: Any) -> bool:
    out[0] = (x[0] - 1.0) ** 2
    return True


@ctypes.CFUNCTYPE(_BOOL, _INT, _VECTOR, _BOOL, _VECTOR, ctypes.c_void_p)
def _gradient(n: int, x: Any, new_x: bool, out: Any, data: Any) -> bool:
    out[0] = 2.0 * (x[0] - 1.0)
    return True


@ctypes.CFUNCTYPE(_BOOL, _INT, _VECTOR, _BOOL, _INT, _VECTOR, ctypes.c_void_p)
def _constraints(n: int, x: Any, new_x: bool, m: int, out: Any, data: Any) -> bool:
    return True


@ctypes.CFUNCTYPE(
    _BOOL, _INT, _VECTOR, _BOOL, _INT, _INT, _INDICES, _INDICES, _VECTOR, ctypes.c_void_p
)
def _jacobian(*arguments: Any) -> bool:
    return True


@ctypes.CFUNCTYPE(
    _BOOL,
    *(_INT, _VECTOR, _BOOL, _DOUBLE, _INT, _VECTOR, _BOOL, _INT),
    *(_INDICES, _INDICES, _VECTOR, ctypes.c_void_p),
)
def _hessian(*arguments: Any) -> bool:
    weight, rows, cols, values = arguments[3], *arguments[8:11]
    if values:
        values[0] = 2.0 * weight
    else:
        rows[0] = cols[0] = 0
    return True


def main(arguments: Sequence[str]) -> int:
    """Solve with the library and linear solver named; return 0 for success."""
    path, solver = arguments
    functions = load_ipopt(path).functions
    lower, upper, x = _DOUBLE(0.0), _DOUBLE(3.0), _DOUBLE(0.5)
    callbacks = [
        ctypes.cast(function, ctypes.c_void_p)
        for function in (_objective, _constraints, _gradient, _jacobian, _hessian)
    ]
    handle = functions.CreateIpoptProblem(
        1, ctypes.addressof(lower), ctypes.addressof(upper), 0, None, None, 0, 1, 0, *callbacks
    )
    functions.AddIpoptIntOption(handle, b"print_level", 0)
    if not functions.AddIpoptStrOption(handle, b"linear_solver", solver.encode()):
        return 1
    code = functions.IpoptSolve(handle, ctypes.addressof(x), *[None] * 6)
    return 0 if code in (0, 1) and abs(x.value - 1.0) < 1e-6 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
