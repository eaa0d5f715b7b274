"""Running kernels: loops over flat integer arrays, compiled by Numba or in plain Python.

A kernel is a plain function ``kernel(*inputs, *outputs)`` that allocates nothing and calls no
other.  Small work runs in plain Python, on lists; loading Numba alone takes longer.  Larger work is
compiled once per machine, and kept where other compiled code is (`sparseopt.cache_folder`); where
nothing can be written, kernels are compiled anew in each process.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.cache_folder import cache_folder, make_cache_folder

__all__ = ["PYTHON_WORK", "IntArray", "filled", "kept_kernels", "run"]

IntArray = NDArray[np.int32]

PYTHON_WORK = 100_000
"""Visited entries up to which plain Python is faster than loading compiled code."""

_lock = threading.Lock()


def run(
    kernel: Callable[..., None],
    inputs: Sequence[NDArray[Any] | int],
    outputs: Sequence[NDArray[Any]],
    work: int,
) -> None:
    """Run a kernel; `work` estimates how many entries it visits and chooses how."""
    if work > PYTHON_WORK:
        _compile(kernel)(*inputs, *outputs)
        return
    lists = [array.tolist() for array in outputs]
    kernel(*(a.tolist() if isinstance(a, np.ndarray) else a for a in inputs), *lists)
    for array, values in zip(outputs, lists, strict=True):
        array[...] = values


def filled(size: int, value: int = -1) -> IntArray:
    """Return a new int32 array of one value."""
    return np.full(size, value, np.int32)


@cache
def _compile(kernel: Callable[..., None]) -> Any:
    numba: Any = importlib.import_module("numba")  # only when it is used

    folder = _writable_folder()
    if folder is None:
        return numba.njit(nogil=True)(kernel)
    # Numba takes the folder when a function is decorated; others' functions keep their own.
    with _lock:
        before = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(folder)
        try:
            return numba.njit(nogil=True, cache=True)(kernel)
        except RuntimeError:  # the folder turned out not to be writable
            return numba.njit(nogil=True)(kernel)
        finally:
            numba.config.CACHE_DIR = before


def kept_kernels() -> list[Path]:
    """Return the files of compiled kernels that other processes will find."""
    folder = _folder()
    return [] if folder is None else sorted(folder.glob("*/*.nb[ci]"))


def _folder() -> Path | None:
    kept = cache_folder()
    return kept and kept / "coloring"


def _writable_folder() -> Path | None:
    folder = _folder()
    if folder is None:
        return None
    try:
        make_cache_folder(folder.parent)
        folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
