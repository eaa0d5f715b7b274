"""Linked programs as data: written down once, and run again without being made again.

An image is one block of memory, which holds all tables that compiled code follows, and says where
in it addresses stand: of other places in the block, of memory that is not the program's data, and
of functions.  Code is named by the text of its module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.addresses import ArrayAddress, location, reached
from sparseopt.codegen.fixed_code import fixed_module, search_functions
from sparseopt.codegen.linked_program import LinkedProgram
from sparseopt.codegen.native import NativeProgram
from sparseopt.codegen.threads import thread_cell
from sparseopt.codegen.tiers import FunctionAddress, TieredModule
from sparseopt.elements.tasks import Base

__all__ = ["KeptModules", "KeptProgram", "ModuleText", "ProgramImage", "program_image"]

_ALIGNMENT = 64


class ModuleText(NamedTuple):
    """The code of a program's kernels: LLVM IR, and the effort that is wanted of the generator."""

    text: str
    effort: int

    @property
    def name(self) -> str:
        """What images call the module."""
        return hashlib.blake2b(f"{self.effort}\n{self.text}".encode(), digest_size=20).hexdigest()


class ProgramImage(NamedTuple):
    """A program's tables, the schedule first.

    Attributes
    ----------
    block : bytes
    pointers : int64 array, shape (k, 2)
        Words of the block, and the bytes of it that they point to.
    memory : list of (int, str)
        Words that point to "parameters", "work" or "threads".
    functions : list of (int, str, str)
        Words that point to code: module and function.
    bases : int
        Byte of the block where addresses of memory begin, by `Base`.
    work_size : int
        Elements of the workspace.
    """

    block: bytes
    pointers: NDArray[np.int64]
    memory: list[tuple[int, str]]
    functions: list[tuple[int, str, str]]
    bases: int
    work_size: int


def program_image(
    program: LinkedProgram, most_bytes: float, texts: dict[str, ModuleText]
) -> ProgramImage | None:
    """Return the image of a program, linked; None if it is larger, calls Python, or is kept.

    Parameters
    ----------
    program : LinkedProgram
    most_bytes : float
    texts : dict
        The code that it calls is added to it.
    """
    if not isinstance(program, NativeProgram) or program.has_callbacks:
        return None
    memory = {id(array): name for name, array in program.memory.items()}
    memory[id(thread_cell())] = "threads"
    own = [a for a in reached(program.root) if id(a.array) not in memory]
    if sum(address.array.nbytes for address in own) > most_bytes:
        return None
    return _Writer(own, memory, texts).image(program)


class _Writer:
    def __init__(
        self, own: list[ArrayAddress], memory: dict[int, str], texts: dict[str, ModuleText]
    ) -> None:
        self._own, self._memory, self._texts = own, memory, texts
        self._starts: dict[int, int] = {}
        self._size = 0
        for address in own:
            self._starts[id(address.array)] = self._size
            self._size += -(-address.array.nbytes // _ALIGNMENT) * _ALIGNMENT
        self._pointers: list[tuple[int, int]] = []
        self._pointers_outside: list[tuple[int, str]] = []
        self._functions: list[tuple[int, str, str]] = []

    def image(self, program: NativeProgram) -> ProgramImage:
        block = bytearray(self._size)
        for address in self._own:
            start = self._starts[id(address.array)]
            content = address.array if address.words is None else self._table(address, start // 8)
            block[start : start + content.nbytes] = np.ascontiguousarray(content).tobytes()
        pointers = np.array(self._pointers, np.int64).reshape(-1, 2)
        bases = self._starts[id(program.bases.array)]
        work_size = program.memory["work"].size
        return ProgramImage(
            bytes(block), pointers, self._pointers_outside, self._functions, bases, work_size
        )

    def _table(self, address: ArrayAddress, first: int) -> NDArray[np.int64]:
        """Return a table without its addresses, which are noted."""
        table = np.zeros_like(address.array)
        for k, word in enumerate(address.words or ()):
            if isinstance(word, FunctionAddress):
                self._functions.append((first + k, self._module(word.module), word.name))
            elif not isinstance(word, ArrayAddress):
                table[k] = word
            elif id(word.array) in self._memory:
                self._pointers_outside.append((first + k, self._memory[id(word.array)]))
            else:
                self._pointers.append((first + k, self._starts[id(word.array)]))
        return table

    def _module(self, module: TieredModule) -> str:
        if module.name:
            return module.name
        code = ModuleText(module.text, module.effort)
        self._texts[code.name] = code
        return code.name


class KeptModules:
    """The modules of kept programs, each made once."""

    def __init__(self, texts: Mapping[str, ModuleText]) -> None:
        self._texts = texts
        self._made: dict[str, TieredModule] = {}

    def __getitem__(self, name: str) -> TieredModule:
        if name not in self._texts:
            return fixed_module(name)
        if name not in self._made:
            text, effort = self._texts[name]
            _, imports = search_functions([text])
            self._made[name] = TieredModule(text, effort, imports)
        return self._made[name]

    def effort(self, names: set[str]) -> int:
        """Return the most that one of these wants of the code generator, fixed code aside."""
        return max((self._texts[name].effort for name in names if name in self._texts), default=0)


class KeptProgram(LinkedProgram):
    """A program made from its image; its code starts to be looked for, or compiled, at once."""

    def __init__(
        self, image: ProgramImage, modules: KeptModules, parameters: NDArray[np.float64]
    ) -> None:
        size = len(image.block)
        memory = np.empty(size + _ALIGNMENT, np.uint8)
        start = -location(memory) % _ALIGNMENT
        inside = memory[start : start + size]
        inside[:] = np.frombuffer(image.block, np.uint8)
        self._block = inside.view(np.int64)
        self._bases = self._block[image.bases // 8 :][: len(Base)]
        self._memory = {
            "parameters": parameters,
            "work": np.zeros(image.work_size),
            "threads": thread_cell(),
        }
        places, targets = image.pointers.T
        self._block[places] = targets + location(self._block)
        for word, name in image.memory:
            self._block[word] = location(self._memory[name])
        self._functions = [
            (word, modules[name], function) for word, name, function in image.functions
        ]
        self._effort = modules.effort({name for _, name, _ in image.functions})

    @property
    def effort(self) -> int:
        """What its kernels want of the code generator: 0 to 3."""
        return self._effort

    @property
    def modules(self) -> set[TieredModule]:
        """The modules whose functions it calls."""
        return {module for _, module, _ in self._functions}

    @cached_property
    def address(self) -> int:
        """Address of the schedule, for ``run``; asking for it waits for the compiler."""
        for word, module, name in self._functions:
            module.place(name, self._block, word)
        return location(self._block)

    @property
    def source(self) -> str:
        """The LLVM IR of the modules that it calls."""
        return "\n".join(sorted(module.text for module in self.modules if not module.name))
