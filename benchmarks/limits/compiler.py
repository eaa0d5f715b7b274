"""Compiles the C files of the benchmarks with the system's compiler, for its fastest code."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1]
FLAGS = ["-Ofast", "-march=native", "-shared", "-fPIC", "-std=gnu11"]
# The vector math library belongs to glibc; elsewhere the scalar functions must do.
LIBRARIES = (["-lmvec", "-lm"], ["-lm"])


class NoCompilerError(RuntimeError):
    """There is no working C compiler."""


@functools.cache
def load(name: str) -> ctypes.CDLL:
    """Return the compiled and loaded `<name>.c` of this directory."""
    with compiled(f"limits/{name}") as library:
        return ctypes.CDLL(str(library))


@contextlib.contextmanager
def compiled(name: str) -> Iterator[Path]:
    """Compile `benchmarks/<name>.c`; the library's file lives as long as the context."""
    source, compiler = BENCHMARKS / f"{name}.c", _compiler()
    with tempfile.TemporaryDirectory() as directory:
        library = Path(directory) / f"{source.stem}.so"
        for libraries in LIBRARIES:
            command = [compiler, *FLAGS, str(source), "-o", str(library), *libraries]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode == 0:
                break
        else:
            raise NoCompilerError(f"{compiler} on {source.name}: {result.stderr.strip()}")
        yield library


def _compiler() -> str:
    names = (os.environ.get("CC", "cc"), "gcc", "clang")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise NoCompilerError("no C compiler found (cc, gcc, clang, or $CC)")
    return found
