"""IR text to machine code by LLVM's C functions, while Python goes on.

Every call of llvmlite waits for a lock and gives up the interpreter, which a busy thread takes up
to five milliseconds to give back.  Here long calls alone give it up, and none waits for a lock:
threads work in different contexts, which is all that LLVM asks for (LLVM Programmer's Manual,
"Achieving Isolation with LLVMContext").
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import llvmlite.binding as llvm

__all__ = ["GeneratorError", "object_code"]

_LONG = ("ParseAssembly", "TargetMachineEmitToMemory")
_SHORT = (
    "ContextCreate", "ContextDispose", "DisposeMemoryBuffer", "DisposeModule", "DisposeString",
    "GetBufferSize", "GetBufferStart", "VerifyModule",
)  # fmt: skip
_OBJECT = 1


class GeneratorError(Exception):
    """What LLVM has against a text."""


def _declared_functions() -> Any:
    """Return LLVM's functions as llvmlite declares them, by their names after the prefix."""
    declared, found = llvm.ffi.lib, SimpleNamespace()
    for library, names in ((ctypes.CDLL, _LONG), (ctypes.PyDLL, _SHORT)):
        functions = library(declared._name)
        for name in names:
            known, function = (getattr(f, f"LLVMPY_{name}") for f in (declared, functions))
            function.argtypes, function.restype = known.argtypes, known.restype
            setattr(found, name, function)
    return found


_llvm = _declared_functions()  # now: later the loader may be busy with a solver's library


def object_code(
    text: str, machine: Any, optimize: Callable[[Any, Any], None] | None = None
) -> bytes:
    """Return the object file of a module.

    Parameters
    ----------
    text : str
        LLVM IR that names its target.
    machine : llvmlite target machine
        Used by one thread at a time.
    optimize : callable, optional
        Runs the optimizer's passes over a module of llvmlite, with the machine.

    Raises
    ------
    GeneratorError
    """
    with _context() as context, _module(context, text) as module:
        if optimize is not None:
            lent = llvm.ModuleRef(module, context)
            optimize(lent, machine)
            lent.detach()
        return _emitted(module, machine)


@contextmanager
def _context() -> Iterator[Any]:
    context = _llvm.ContextCreate()
    try:
        yield context
    finally:
        _llvm.ContextDispose(context)


@contextmanager
def _module(context: Any, text: str) -> Iterator[Any]:
    with _message() as message:
        module = _llvm.ParseAssembly(context, text.encode(), ctypes.byref(message))
        if not module:
            raise GeneratorError(_decoded(message))
    try:
        with _message() as message:
            if _llvm.VerifyModule(module, ctypes.byref(message)):
                raise GeneratorError(_decoded(message))
        yield module
    finally:
        _llvm.DisposeModule(module)


def _emitted(module: Any, machine: Any) -> bytes:
    with _message() as message:
        buffer = _llvm.TargetMachineEmitToMemory(machine, module, _OBJECT, ctypes.byref(message))
        if not buffer:
            raise GeneratorError(_decoded(message))
    try:
        return ctypes.string_at(_llvm.GetBufferStart(buffer), _llvm.GetBufferSize(buffer))
    finally:
        _llvm.DisposeMemoryBuffer(buffer)


@contextmanager
def _message() -> Iterator[ctypes.c_char_p]:
    message = ctypes.c_char_p(None)
    try:
        yield message
    finally:
        if message:
            _llvm.DisposeString(message)


def _decoded(message: ctypes.c_char_p) -> str:
    return (message.value or b"no reason given").decode(errors="replace")
