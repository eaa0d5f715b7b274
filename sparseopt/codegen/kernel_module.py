"""Kernels of one program, or of several, as one module: equal ones are compiled once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from sparseopt.codegen.fixed_code import search_functions
from sparseopt.codegen.tiers import FunctionAddress, TieredModule

__all__ = ["KernelModule"]


class KernelModule:
    """Kernels are added to it until it is started.

    Attributes
    ----------
    effort : 0 to 3
        The most that one of its programs wants of the code generator.
    """

    def __init__(self) -> None:
        self.effort = 0
        self._names: dict[str, str] = {}
        self._titles: list[str] = []
        self._declarations: dict[str, str] = {}

    @property
    def size(self) -> int:
        """Characters of the kernels."""
        return sum(map(len, self._names))

    def add(self, title: str, effort: int, declarations: Mapping[str, str]) -> None:
        """Announce a program: its title, and what its kernels call."""
        self._titles.append(title)
        self.effort = max(self.effort, effort)
        self._declarations.update(declarations)

    def add_kernel(self, text: str) -> None:
        """Add a kernel, which calls itself ``@kernel`` in its text."""
        self._names.setdefault(text, f"kernel{len(self._names)}")

    @cached_property
    def _module(self) -> TieredModule:
        functions = [self._named(text) for text in self._names]
        fixed, imports = search_functions(functions)
        title = "; " + ", ".join(self._titles)
        text = "\n".join([title, *self._declared(), *fixed, *functions])
        return TieredModule(text, self.effort, imports)

    def _declared(self) -> list[str]:
        return [self._declarations[k] for k in sorted(self._declarations)]

    def _named(self, text: str) -> str:
        return text.replace("@kernel(", f"@{self._names[text]}(", 1)

    def start(self) -> None:
        """Start to compile what was added; nothing more can be added."""
        if self._names:
            _ = self._module

    def function(self, text: str) -> FunctionAddress:
        """Return a kernel that was added."""
        return FunctionAddress(self._module, self._names[text])

    def source(self, texts: list[str]) -> str:
        """Return the LLVM IR of some of the kernels."""
        return "\n".join([*self._declared(), *map(self._named, texts)])
