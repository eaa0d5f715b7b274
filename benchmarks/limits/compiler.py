"""Compile the C files beside this module with the system's compiler, as fast as it can."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

FLAGS = ["-Ofast", "-march=native", "-shared", "-fPIC", "-std=gnu11"]
# The vector math library belongs to glibc; elsewhere the scalar functions must do.
LIBRARIES = (["-lmvec", "-lm"], ["-lm"])


class NoCompilerError(RuntimeError):
    """There is no working C compiler."""


@functools.cache
def load(name: str) -> ctypes.CDLL:
    """Return the compiled `<name>.c` of this directory."""
    compiler = (
        shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc") or shutil.which("clang")
    )
    if compiler is None:
        raise NoCompilerError("no C compiler found (cc, gcc, clang, or $CC)")
    source = Path(__file__).with_name(f"{name}.c")
    with tempfile.TemporaryDirectory() as directory:
        library = Path(directory) / f"{name}.so"
        for libraries in LIBRARIES:
            command = [compiler, *FLAGS, str(source), "-o", str(library), *libraries]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode == 0:
                return ctypes.CDLL(str(library))
    raise NoCompilerError(f"{compiler} could not compile {source.name}: {result.stderr.strip()}")
