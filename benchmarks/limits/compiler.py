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
FLAGS = ["-Ofast", "-march=native", "-fPIC", "-std=gnu11"]
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
    source, command = BENCHMARKS / f"{name}.c", compiler()
    with tempfile.TemporaryDirectory() as directory:
        library = Path(directory) / f"{source.stem}.so"
        code = library.with_suffix(".o")
        _run([command, *FLAGS, "-c", str(source), "-o", str(code)], source)
        # Linked without -Ofast: with it, loading the library would make the whole process treat
        # denormal numbers as zero.
        for libraries in LIBRARIES:
            with contextlib.suppress(NoCompilerError):
                _run([command, "-shared", str(code), "-o", str(library), *libraries], source)
                break
        else:
            raise NoCompilerError(f"{command} does not link {source.name}")
        yield library


def _run(command: list[str], source: Path) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise NoCompilerError(f"{command[0]} on {source.name}: {result.stderr.strip()}")


def compiler() -> str:
    """Return the path of the system's C compiler."""
    names = (os.environ.get("CC", "cc"), "gcc", "clang")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise NoCompilerError("no C compiler found (cc, gcc, clang, or $CC)")
    return found
