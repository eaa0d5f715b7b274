"""Functions of other libraries that compiled code calls by name."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import llvmlite.binding as llvm

from sparseopt.scipy_on_demand import cython_special

__all__ = ["scipy_symbol", "symbol_address"]

# Where there is no vector math library, vectors are computed lane by lane.
_LIBRARIES = ("libm.so.6", "libmvec.so.1")
_SCIPY = "sparseopt_scipy_"


def scipy_symbol(name: str) -> str:
    """Return what compiled code calls a function of scipy.special."""
    return _SCIPY + name


@cache
def symbol_address(name: str) -> int | None:
    """Return where a function is, or None: of the process, of vector math, of scipy.special."""
    if name.startswith(_SCIPY):
        return _scipy_address(name.removeprefix(_SCIPY))
    function = getattr(ctypes.pythonapi, name, None)  # of any library that is loaded for all
    for library in _LIBRARIES:
        if function is None:
            function = getattr(_opened(library), name, None)
    if function is not None:
        return ctypes.cast(function, ctypes.c_void_p).value
    return llvm.address_of_symbol(name) or None


@cache
def _opened(library: str) -> ctypes.CDLL | None:
    with suppress(OSError):
        return ctypes.CDLL(library)
    return None


def _scipy_address(name: str) -> int:
    capsules: Mapping[str, Any] = cython_special.__pyx_capi__
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetName.argtypes = [ctypes.py_object]
    versions = [
        capsules[k] for k in (name, *(f"__pyx_fuse_{n}{name}" for n in (0, 1))) if k in capsules
    ]
    (capsule,) = (c for c in versions if _is_of_doubles(api.PyCapsule_GetName(c)))
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    return int(api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule)))


def _is_of_doubles(signature: bytes) -> bool:
    result, _, arguments = signature.decode().rstrip(")").partition("(")
    *numbers, _ = arguments.split(",")
    return {result.strip(), *(n.strip() for n in numbers)} == {"double"}


# While the loader loads a library, such as a solver's, it answers nobody: what every program needs
# is asked for before.
for _name in ("memcpy", "memset", "mprotect", "pthread_create", "pthread_join", "clock_gettime"):
    symbol_address(_name)
for _name in ("DisposeString", "InitializeNativeTarget", "InitializeNativeAsmPrinter"):
    getattr(llvm.ffi.lib, f"LLVMPY_{_name}")
