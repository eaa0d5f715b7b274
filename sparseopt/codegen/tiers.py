"""Code at once, and better code soon: both compute the same bits.

At its least effort the code generator takes a third of the time, and its code runs at half the
speed.  A program starts with that, unless better code is in the cache.  Once it is linked, the same
text is compiled with the wanted effort when nothing else is to be compiled, and the addresses that
stand in the program's tables are replaced, each by one aligned store: a running evaluation reads
the one or the other.
"""

from __future__ import annotations

import threading
import warnings
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.compile import (
    CompiledModule,
    Import,
    cached_module,
    compile_ir,
    start_compiling,
)
from sparseopt.codegen.workers import finish_everything, submit

__all__ = ["FunctionAddress", "TieredModule", "wait_for_improvements"]


class TieredModule:
    """A module that starts to be compiled, quickly, when it is made.

    Parameters
    ----------
    text : str
        LLVM IR whose results do not depend on the code generator's effort: no flags on arithmetic.
    effort : 0 to 3
        What is wanted in the end; see `sparseopt.codegen.compile.compile_ir`.
    imports : sequence of (CompiledModule, names)
    quick : str, optional
        IR of the same functions and results to start with, where less of it is compiled sooner.
    name : str
        What it is called if it is the same for all programs.
    """

    def __init__(
        self,
        text: str,
        effort: int,
        imports: Sequence[Import] = (),
        quick: str | None = None,
        name: str = "",
    ) -> None:
        self.text = text
        self.effort = effort
        self.name = name
        self._imports = imports
        final = cached_module(text, effort, imports) if effort > 0 else None
        self._versions = [final or start_compiling(quick or text, 0, imports)]
        self._is_final = final is not None or effort == 0
        self._is_improving = False
        self._changing = threading.Lock()
        self._places: list[tuple[weakref.ref[NDArray[np.int64]], int, str]] = []

    @property
    def is_compiled(self) -> bool:
        """Whether the first code is there, compiled now or in an earlier process."""
        return self._versions[0].is_compiled

    def address(self, name: str) -> int:
        """Return the address of a function, after waiting for the first compilation."""
        return self._versions[-1].address(name)

    def place(self, name: str, table: NDArray[np.int64], position: int) -> None:
        """Write the address of a function into a table, and again when there is a better one."""
        self.address(name)  # waits outside of the lock
        with self._changing:
            table[position] = self.address(name)
            if not self._is_final:
                self._places.append((weakref.ref(table), position, name))

    def improve(self) -> None:
        """Start to compile what is wanted in the end, when nothing else is being compiled."""
        if not self._is_final and not self._is_improving:
            self._is_improving = True
            known = weakref.ref(self)
            submit(lambda: _improve(known), urgent=False)

    def _take(self, better: CompiledModule) -> None:
        with self._changing:
            found = {name: better.address(name) for _, _, name in self._places}
            self._versions.append(better)  # the first may still be running: it is kept
            self._is_final = True
            for known, position, name in self._places:
                table = known()
                if table is not None:
                    table[position] = found[name]
            self._places.clear()

    def _improved(self) -> None:
        if not self._is_final:
            self._take(compile_ir(self.text, self.effort, self._imports))


def _improve(known: weakref.ref[TieredModule]) -> None:
    module = known()
    if module is None:
        return
    try:
        module._improved()
    except Exception as error:  # of a job that nobody waits for
        warnings.warn(f"compiled code stays slow: {error}", RuntimeWarning, stacklevel=1)


def wait_for_improvements() -> None:
    """Return when every module is what it will be: before speed is measured."""
    finish_everything()


@dataclass(frozen=True)
class FunctionAddress:
    """A number in a table that stands for a function's address."""

    module: TieredModule
    name: str
