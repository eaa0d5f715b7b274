"""Calls of C functions whose arguments are constants: what a call in C costs, without Python's.

Python converts each argument of a C function at every call, 0.4 us for ten of them: more than a
formula of a few entries takes. `without_arguments` compiles, for each call, a function of no
arguments that makes it, as CasADi's `Function.buffer()` does; what is timed then is such a
function. It is not used before set-up has been measured: it loads and runs a compiler.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Argument = ctypes.c_int | ctypes.c_long | ctypes.c_double | ctypes.c_void_p
THUNK = ctypes.CFUNCTYPE(None)


@dataclass(frozen=True)
class BoundCall:
    """A C function and its arguments; what it returns is not looked at.

    Attributes
    ----------
    address : int
        Where the function is.
    arguments : tuple
        Numbers and addresses as ctypes objects, which say their C types.
    alive : object
        What must live as long as the call: arrays, libraries.
    """

    address: int
    arguments: tuple[Argument, ...]
    alive: object = field(default=None, repr=False)

    def plain(self) -> Callable[[], object]:
        """Return the call through ctypes alone, which needs no compiler."""
        function = ctypes.CFUNCTYPE(None, *map(type, self.arguments))(self.address)

        def run() -> None:
            function(*self.arguments)

        return run


def without_arguments(calls: Sequence[BoundCall]) -> list[Callable[[], object]]:
    """Return callables without arguments that make the calls, all compiled in one module."""
    # Not before set-up was measured: memory of a compiler is not the tool's.
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine()
    code = "\n".join(_thunk(f"thunk_{k}", call) for k, call in enumerate(calls))
    module = llvm.parse_assembly(code, llvm.create_context())  # others may be compiling
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    thunks: list[Any] = []
    for k, call in enumerate(calls):
        thunk: Any = THUNK(engine.get_function_address(f"thunk_{k}"))
        thunk.alive = (engine, call)
        thunks.append(thunk)
    return thunks


def _thunk(name: str, call: BoundCall) -> str:
    function = f"void inttoptr (i64 {call.address} to ptr)"
    arguments = ", ".join(map(_constant, call.arguments))
    return f"define void @{name}() {{\n  call {function}({arguments})\n  ret void\n}}"


def _constant(argument: Argument) -> str:
    """Return the argument in LLVM's assembly."""
    if isinstance(argument, ctypes.c_double):
        bits = struct.unpack("<Q", struct.pack("<d", argument.value))[0]
        return f"double 0x{bits:016X}"
    if isinstance(argument, ctypes.c_void_p):
        return f"ptr inttoptr (i64 {argument.value or 0} to ptr)"
    return f"i{8 * ctypes.sizeof(argument)} {argument.value}"
