"""Which execution runs the schedules: compiled code, or NumPy where there is no working compiler.

``SPARSEOPT_BACKEND=numpy`` (or ``backend="numpy"``) switches compilation off.  Where LLVM does not
load or does not compile, NumPy runs instead, with a warning: never silently.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from sparseopt.codegen.workers import submit
from sparseopt.errors import CodegenError, SparseOptError, did_you_mean
from sparseopt.graph.memory import reuse_freed_memory

if TYPE_CHECKING:
    from types import ModuleType

    from sparseopt.codegen.compile import CompiledModule

__all__ = [
    "Backend",
    "choose_backend",
    "expect_programs",
    "native_module",
    "processor_identity",
    "start_compiling",
    "wanted_backend",
]

Backend = Literal["llvm", "numpy"]


_FAILURES = (CodegenError, ImportError, OSError, RuntimeError)


@cache
def native_module() -> ModuleType:
    """Return the module of compiled execution; LLVM is loaded only here."""
    return importlib.import_module("sparseopt.codegen.native")


def start_compiling(text: str, optimize: int = 2) -> CompiledModule:
    """Start to compile LLVM IR text; see `sparseopt.codegen.compile.start_compiling`."""
    compiler = importlib.import_module("sparseopt.codegen.compile")
    module: CompiledModule = compiler.start_compiling(text, optimize)
    return module


def expect_programs(wanted: Backend | None = None) -> None:
    """Load the compiler, and start to compile what every program needs; wait for neither.

    Whatever goes wrong is said by `choose_backend`, when code is needed.
    """
    reuse_freed_memory()
    if wanted_backend(wanted) == "llvm":
        _load_compiler()


@cache
def _load_compiler() -> None:
    # LLVM takes a tenth of a second to load; with it there, all of this takes a millisecond.
    if "sparseopt.codegen.native" in sys.modules:
        _expect_drivers()
    else:
        submit(_expect_drivers)


def _expect_drivers() -> None:
    with suppress(*_FAILURES):
        native_module().expect_drivers()


def wanted_backend(wanted: Backend | None) -> str:
    """Return the name of the backend that is wanted, else of ``SPARSEOPT_BACKEND``, else "llvm"."""
    return wanted or os.environ.get("SPARSEOPT_BACKEND") or "llvm"


def processor_identity() -> str | None:
    """Return text that changes whenever code might; None where nothing can be compiled."""
    try:
        compiler = importlib.import_module("sparseopt.codegen.compile")
        return str(compiler.target().identity)
    except _FAILURES:
        return None


def _why_not_compiled() -> str:
    """Return why compiled code cannot run here, or an empty string."""
    try:
        native_module().drivers()
    except _FAILURES as error:
        return f"{type(error).__name__}: {error}"
    return ""


def choose_backend(wanted: Backend | None = None) -> Backend:
    """Return the backend to use: the wanted one, else ``SPARSEOPT_BACKEND``, else compiled code.

    Parameters
    ----------
    wanted : "llvm" or "numpy", optional

    Raises
    ------
    SparseOptError
        For an unknown name.
    """
    name = wanted_backend(wanted)
    if name == "numpy":
        return "numpy"
    if name != "llvm":
        raise SparseOptError(
            f"there is no backend {name!r}", instead=did_you_mean(name, get_args(Backend))
        )
    reason = _why_not_compiled()
    if reason:
        warnings.warn(
            f"derivatives are evaluated with NumPy, slowly: LLVM does not work here ({reason})",
            RuntimeWarning,
            stacklevel=3,
        )
        return "numpy"
    return "llvm"
