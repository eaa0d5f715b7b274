"""LLVM IR text to loaded machine code, which is kept on disk.

Objects are found again (`sparseopt.codegen.object_cache`) by what determines them: the text, the
effort, the processor and the version of LLVM.  Each module is compiled in a context of its own:
several at once, while Python goes on.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeAlias

import llvmlite
import llvmlite.binding as llvm

from sparseopt.codegen.elf_object import load_object
from sparseopt.codegen.interrupts import DeferredInterrupts
from sparseopt.codegen.object_cache import CacheEntry, object_cache
from sparseopt.codegen.object_code import GeneratorError, object_code
from sparseopt.codegen.symbols import symbol_address
from sparseopt.codegen.workers import Job, submit
from sparseopt.errors import CodegenError

__all__ = [
    "CompiledModule",
    "Import",
    "cached_module",
    "compile_ir",
    "counts",
    "start_compiling",
    "target",
]

counts = {"compiled": 0, "cached": 0}
"""How many modules this process compiled, and took from the cache; for tests and reports."""

MOST_EFFORT = 3
_LIBRARIES = 256
_DEFINED = re.compile(r"^define (?!internal)[^@]*@([\w.]+)\(", re.MULTILINE)
_DECLARED = re.compile(r"^declare [^@]*@(?!llvm\.)([\w.]+)\(", re.MULTILINE)


class Target:
    """The processor that code is generated for."""

    def __init__(self) -> None:
        self.cpu = llvm.get_host_cpu_name()
        features = llvm.get_host_cpu_features()
        self.features = features.flatten()
        self.triple = llvm.get_default_triple()
        machine = self.triple.split("-")[0]
        self.is_x86 = machine in ("x86_64", "amd64", "i686")
        self.is_arm = machine in ("aarch64", "arm64")
        self.is_darwin = "darwin" in self.triple or "macos" in self.triple
        self.has_multiply_add = self.is_arm or bool(features.get("fma"))
        if self.is_x86 and features.get("avx512f"):
            self.lanes = 8
        elif self.is_x86 and features.get("avx2"):
            self.lanes = 4
        else:
            self.lanes = 2
        self._free_machines: list[list[Any]] = [[] for _ in range(MOST_EFFORT + 1)]

    def machine(self, optimize: int) -> Any:
        """Return a new target machine; they are not shared between threads."""
        _initialize()
        found = llvm.Target.from_triple(self.triple)
        return found.create_target_machine(
            cpu=self.cpu, features=self.features, opt=optimize, reloc="pic", codemodel="default",
            jit=True,
        )  # fmt: skip

    @contextmanager
    def lent_machine(self, optimize: int) -> Iterator[Any]:
        """Lend a target machine: making one takes as long as compiling a formula."""
        free = self._free_machines[optimize]
        try:
            machine = free.pop()
        except IndexError:
            machine = self.machine(optimize)
        try:
            yield machine
        finally:
            free.append(machine)

    @cached_property
    def header(self) -> str:
        """The lines of a module that name its target."""
        with self.lent_machine(0) as machine:
            layout = machine.target_data
        return f'target datalayout = "{layout}"\ntarget triple = "{self.triple}"\n'

    @property
    def identity(self) -> str:
        """Text that changes whenever code for the same IR might."""
        return f"{self.triple} {self.cpu} {self.features} {llvmlite.__version__}"


@cache
def _initialize() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


@cache
def target() -> Target:
    """Return the host's target, found once."""
    with DeferredInterrupts():
        return Target()


class CompiledModule:
    """Code that is compiled in the background, and loaded when its first function is asked for.

    Keep it alive as long as its functions may be called.
    """

    def __init__(self, text: str, code: Job[bytes], imports: Sequence[Import] = ()) -> None:
        self.text = text
        self._imports = imports
        self._code = code
        self._loading = threading.Lock()
        self._linked: Any = None

    def address(self, name: str) -> int:
        """Return the address of a function, after waiting for the compiler."""
        if self._linked is None:
            # Nothing is waited for under the lock: who waits does jobs that may ask for it too.
            self.wait()
            # Of two copies one would be freed, and with it the code behind its addresses.
            with DeferredInterrupts(), self._loading:
                self._linked = self._linked or self._link()
        try:
            return int(self._linked[name])
        except KeyError:
            raise CodegenError(f"the compiled module has no function {name!r}") from None

    @property
    def is_compiled(self) -> bool:
        """Whether the compiler has done its work, now or in an earlier process."""
        return self._code.is_done

    def wait(self) -> CompiledModule:
        """Return this module, compiled; what the compiler had against it is raised here."""
        self._code.result()
        for module, _ in self._imports:
            module.wait()
        return self

    def _link(self) -> Any:
        loaded = load_object(self._code.result(), self._callee)
        return self._linked_by_llvm() if loaded is None else loaded

    def _callee(self, name: str) -> int | None:
        """Return where a function is that the code calls."""
        for module, names in self._imports:
            if name in names:
                return module.address(name)
        return symbol_address(name)

    def _linked_by_llvm(self) -> Any:
        library = llvm.JITLibraryBuilder().add_object_img(self._code.result())
        library.add_current_process()
        for name in _DEFINED.findall(self.text):
            library.export_symbol(name)
        for name in _DECLARED.findall(self.text):
            address = self._callee(name)
            if address:
                library.import_symbol(name, address)
        return _linker(library)


class _Linker:
    """Links libraries to the process, each of which is unloaded when it is dropped."""

    def __init__(self) -> None:
        self._jit: Any = None
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self, library: Any) -> Any:
        """Return the linked library: the addresses of its functions, as long as it is kept."""
        with self._lock:
            # A linker remembers some kilobytes of each library; it goes with the last of them.
            if self._count % _LIBRARIES == 0:
                self._jit = llvm.create_lljit_compiler(target().machine(optimize=1))
            self._count += 1
            linked = library.link(self._jit, f"library{self._count}")
            linked.linker = self._jit
        return linked


_linker = _Linker()


Import: TypeAlias = tuple[CompiledModule, Sequence[str]]
"""Another module and the functions of it that are called; their names are unique in the process."""


def compile_ir(text: str, optimize: int = 2, imports: Sequence[Import] = ()) -> CompiledModule:
    """Compile LLVM IR text.

    Parameters
    ----------
    text : str
        A module; no target triple is needed.
    optimize : 0 to 3
        Effort of the code generator; 0 for code that runs over few instances.  At 3 the optimizer's
        passes run first: for loops written in scalar code.
    imports : sequence of (CompiledModule, names)
        Functions of other modules that this one calls.

    Returns
    -------
    CompiledModule

    Raises
    ------
    CodegenError
        With LLVM's message and the path of the kept source.
    """
    return start_compiling(text, optimize, imports).wait()


def start_compiling(text: str, optimize: int = 2, imports: Sequence[Import] = ()) -> CompiledModule:
    """Return a module at once that is compiled in a thread; parameters as of `compile_ir`."""
    entry = _entry(text, optimize)
    code = _found(entry)
    if code is None:
        counts["compiled"] += 1
        code = submit(lambda: _compiled(text, optimize, entry))
    return CompiledModule(text, code, imports)


def cached_module(text: str, optimize: int, imports: Sequence[Import]) -> CompiledModule | None:
    """Return a module whose code is in the cache; None if it is not, or damaged."""
    code = _found(_entry(text, optimize))
    return None if code is None else CompiledModule(text, code, imports)


def _found(entry: CacheEntry | None) -> Job[bytes] | None:
    code = None if entry is None else entry.read()
    if code is None:
        return None
    counts["cached"] += 1
    return Job.done(code)


def _entry(text: str, optimize: int) -> CacheEntry | None:
    """Return where the code of a module is kept, or None without a cache."""
    cache = object_cache()
    return None if cache is None else cache.entry(f"{target().identity}\n{optimize}\n{text}")


def _compiled(text: str, optimize: int, entry: CacheEntry | None) -> bytes:
    code = _compile(text, optimize, target())
    if entry is not None:
        entry.write_later(code)
    return code


def _compile(text: str, optimize: int, host: Target) -> bytes:
    passes = _run_passes if optimize >= MOST_EFFORT else None
    try:
        with host.lent_machine(optimize) as machine:
            return object_code(host.header + text, machine, passes)
    except GeneratorError as error:
        raise CodegenError(
            "generated code does not compile",
            where=_kept_source(text),
            why=str(error),
            instead="please report it with that file; backend='numpy' runs without a compiler",
        ) from error


def _kept_source(text: str) -> str:
    try:
        kept = Path(tempfile.mkdtemp(prefix="sparseopt-")) / "module.ll"
        kept.write_text(text)
    except OSError as error:
        return f"its source could not be kept: {error}"
    return str(kept)


def _run_passes(module: Any, machine: Any) -> None:
    # Kernels are written as vector code and need no passes, which take most of the time of
    # compiling them; the runtime's loops are to be vectorized.
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = True
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
