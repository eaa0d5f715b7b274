"""Which linear solvers of a libipopt really load.

Ipopt accepts the name of a solver whose library is missing, and with ma97 the process then dies.
So what is loaded at run time is looked for before Ipopt is asked, and a full probe runs a small
solve in a process of its own, where a crash costs nothing.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from sparseopt.errors import SolverNotInstalledError
from sparseopt.solvers.ipopt_library import IpoptLibrary

HSL_SOLVERS = ("ma27", "ma57", "ma77", "ma86", "ma97")
LINEAR_SOLVERS = ("mumps", "spral", *HSL_SOLVERS, "pardiso", "pardisomkl", "wsmp")

_SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
_PROBE_SECONDS = 20.0


def require_linear_solver(settings: Mapping[str, Any]) -> None:
    """Raise if the chosen linear solver needs a library that does not load.

    Raises
    ------
    SolverNotInstalledError
    """
    solver = settings.get("linear_solver")
    if solver is None or solver == "mumps":
        return
    reason = _missing_library(solver, settings)
    if reason:
        raise SolverNotInstalledError(
            f"the linear solver {solver!r} cannot be loaded",
            why=reason,
            instead="use linear_solver='mumps', or give the path of the library in the option "
            + ("hsllib" if solver in HSL_SOLVERS else "pardisolib"),
        )


def working_linear_solvers(library: IpoptLibrary) -> dict[str, str]:
    """Return for each linear solver an empty text if it works, else why it does not.

    Every solver gets a small solve in a process of its own; this takes some seconds.
    """
    reasons = {solver: _missing_library(solver, {}) for solver in LINEAR_SOLVERS}
    probes = {
        solver: _start_probe(library.path, solver)
        for solver, reason in reasons.items()
        if not reason
    }
    return reasons | {solver: _probe_answer(probe) for solver, probe in probes.items()}


def _missing_library(solver: str, settings: Mapping[str, Any]) -> str:
    if solver in HSL_SOLVERS:
        return _load_failure(settings.get("hsllib", f"libhsl{_SUFFIX}"))
    if solver == "pardiso":
        return _load_failure(settings.get("pardisolib", f"libpardiso{_SUFFIX}"))
    return ""


def _load_failure(path: str) -> str:
    try:
        ctypes.CDLL(path)
    except OSError as error:
        return str(error)
    return ""


def _start_probe(path: str, solver: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sparseopt.solvers.ipopt_probe", path, solver]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _probe_answer(probe: subprocess.Popen[bytes]) -> str:
    try:
        code = probe.wait(_PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        probe.kill()
        probe.wait()
        return f"a small solve did not end within {_PROBE_SECONDS:g} s"
    if code == 0:
        return ""
    return "not part of this library" if code > 0 else f"crashes (signal {-code})"
