"""What one process has found of a program and compiled, kept on disk for the next one.

A program that was seen before needs neither element form nor derivatives nor code: its patterns and
linked programs are read.  They are found by all that determines them: the program's own content,
the plans, the processor, and the state of sparseopt's code.  They are written when the process
ends, or when some have gathered; what is large is not kept.  ``SPARSEOPT_KEEP_PROGRAMS=0`` switches
it off, and so does a cache that is.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.object_cache import CacheEntry, object_cache
from sparseopt.codegen.process_end import before_end
from sparseopt.codegen.workers import submit
from sparseopt.evaluation.backend import processor_identity
from sparseopt.graph.fingerprint import fingerprint
from sparseopt.graph.program import Program

if TYPE_CHECKING:
    from types import ModuleType

    from sparseopt.codegen.linked_program import LinkedProgram
    from sparseopt.codegen.program_image import KeptProgram

__all__ = ["KeptPrograms", "kept_programs"]

T = TypeVar("T")

MOST_BYTES = 4e6
"""Of a program's data, and of each linked program."""
MOST_VARIABLES = 50_000
MOST_WAITING = 8
"""Programs that wait to be written."""
_FOLDERS = (
    "graph", "patterns", "coloring", "elements", "derivatives", "codegen", "evaluation"
)  # fmt: skip
"""What is between a program and its code."""


class KeptPrograms:
    """What is known of one program, from an earlier process or this one."""

    def __init__(self, entry: CacheEntry) -> None:
        self._entry = entry
        self._facts: dict[str, bytes] = {}
        self._texts: dict[str, Any] = {}
        self._images: dict[str, Any] = {}
        self._found: dict[str, LinkedProgram] = {}
        self._modules = _images().KeptModules(self._texts)
        self._read()

    def __bool__(self) -> bool:
        return bool(self._images)

    def __contains__(self, kind: str) -> bool:
        return kind in self._images

    def program(self, kind: str, parameters: NDArray[np.float64]) -> KeptProgram:
        """Return a program that was kept."""
        made: KeptProgram
        made = _images().KeptProgram(self._images[kind], self._modules, parameters)
        return made

    def fact(self, name: str, find: Callable[[], T]) -> T:
        """Return what is kept under a name, else what is found, and keep it as it is now."""
        found: T
        if name in self._facts:
            found = pickle.loads(self._facts[name])
        else:
            found = find()
            # Arrays of a pattern belong to whoever asked for it, and may be changed.
            self._facts[name] = pickle.dumps(found, protocol=5)
            self._wait()
        return found

    def add(self, kind: str, program: LinkedProgram) -> None:
        """Keep a program that is linked, unless it is kept."""
        if kind not in self:
            self._found[kind] = program
            self._wait()

    def _wait(self) -> None:
        if self not in _waiting:
            _waiting.append(self)
            before_end(_write_all)
            if len(_waiting) == MOST_WAITING:
                submit(partial(_write, _taken()))

    def _read(self) -> None:
        content = _content(self._entry)
        self._facts.update(content.get("facts", {}))
        self._texts.update(content.get("texts", {}))
        self._images.update(content.get("images", {}))

    def write(self) -> None:
        """Write all that is known."""
        self._read()  # what others have written meanwhile, who have evaluated this program too
        found, self._found = self._found, {}
        for kind, program in found.items():
            image = _images().program_image(program, MOST_BYTES, self._texts)
            if image is not None:
                self._images[kind] = image
        content = {"facts": dict(self._facts), "texts": self._texts, "images": self._images}
        written = pickle.dumps(content, protocol=5)
        if len(written) <= 2 * MOST_BYTES:
            self._entry.write(written)


_waiting: list[KeptPrograms] = []


def _taken() -> list[KeptPrograms]:
    """Return those that wait, which wait no longer."""
    taken = _waiting[:]
    _waiting.clear()
    return taken


def _write(programs: list[KeptPrograms]) -> None:
    if not programs or _state_of_code() != _STATE_OF_CODE:  # old code and new made these together
        return
    for program in programs:
        with suppress(OSError, MemoryError, pickle.PicklingError):
            program.write()


def _write_all() -> None:
    _write(_taken())


# The parent process writes what waits there.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_waiting.clear)


def _content(entry: CacheEntry) -> Mapping[str, Any]:
    content = entry.read()
    if content is None:
        return {}
    try:
        found: Mapping[str, Any] = pickle.loads(content)  # which the cache has found undamaged
    except Exception:  # a pickle raises whatever it likes; the program is worked out as ever
        return {}
    return found


def kept_programs(program: Program, plans: Sequence[str]) -> KeptPrograms | None:
    """Return what is kept, or will be, of a compiled program with these plans.

    None where nothing can be: without a cache, for large data, for functions that are not NumPy.
    """
    cache = object_cache()
    if not _STATE_OF_CODE:
        return None
    is_wanted = os.environ.get("SPARSEOPT_KEEP_PROGRAMS") != "0"
    if cache is None or not is_wanted or program.num_variables > MOST_VARIABLES:
        return None
    content, processor = fingerprint(program, MOST_BYTES), processor_identity()
    if content is None or processor is None:
        return None
    key = ["programs", processor, _STATE_OF_CODE, *plans, content]
    return KeptPrograms(cache.entry("\n".join(key)))


def _images() -> ModuleType:
    return importlib.import_module("sparseopt.codegen.program_image")


def _state_of_code() -> str:
    """Return text that changes with the code between a program and what is kept of it."""
    root = Path(__file__).parent.parent
    try:
        found = [file for folder in _FOLDERS for file in os.scandir(root / folder)]
        files = sorted((f.path, f.stat()) for f in found if f.name.endswith(".py"))
        times = [(path, status.st_size, status.st_mtime_ns) for path, status in files]
        # Reproducible installations give the same time to all files, and to those of the next.
        is_dated = len({time for *_, time in times}) > 1
        contents = "" if is_dated else _digest([path for path, *_ in times])
    except OSError:  # inside of an archive
        return ""
    return f"{sys.version} {_libc()} {np.__version__} {contents} {times}"


def _digest(paths: list[str]) -> str:
    digest = hashlib.blake2b(digest_size=20)
    for path in paths:
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def _libc() -> str | None:
    """Return the version of the C library, which has vector math or not."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, OSError, ValueError):  # another system's
        return None


_STATE_OF_CODE = _state_of_code()  # as it is when it is loaded
