"""Calls of C functions from C: what a call costs a solver, without Python's share.

A call from Python costs 0.1 us, and with ten arguments to convert 0.4: more than a formula of a few
entries takes. `rounds_in_c` compiles a function that makes given calls, their arguments constants,
in turn and as often as it is told. It is not used before set-up has been measured: it loads and
runs a compiler.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Argument = ctypes.c_int | ctypes.c_long | ctypes.c_double | ctypes.c_void_p
ROUNDS = ctypes.CFUNCTYPE(None, ctypes.c_long)


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


def rounds_in_c(calls: Sequence[BoundCall]) -> Callable[[int], object]:
    """Return a function that makes the calls in turn, as many rounds as its argument says."""
    # Not before set-up was measured: memory of a compiler is not the tool's.
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine()
    code = _ROUNDS.format(
        calls="\n".join(map(_called, calls)), word=8 * ctypes.sizeof(ctypes.c_long)
    )
    module = llvm.parse_assembly(code, llvm.create_context())  # others may be compiling
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    rounds: Any = ROUNDS(engine.get_function_address("rounds"))
    rounds.alive = (engine, calls)
    return rounds  # type: ignore[no-any-return]


_ROUNDS = """
define void @rounds(i{word} %count) {{
entry:
  br label %round
round:
  %k = phi i{word} [ 0, %entry ], [ %k.next, %round ]
{calls}
  %k.next = add i{word} %k, 1
  %more = icmp slt i{word} %k.next, %count
  br i1 %more, label %round, label %exit
exit:
  ret void
}}
"""


def _called(call: BoundCall) -> str:
    arguments = ", ".join(map(_constant, call.arguments))
    return f"  call void inttoptr (i64 {call.address} to ptr)({arguments})"


def _constant(argument: Argument) -> str:
    """Return the argument in LLVM's assembly."""
    if isinstance(argument, ctypes.c_double):
        bits = struct.unpack("<Q", struct.pack("<d", argument.value))[0]
        return f"double 0x{bits:016X}"
    if isinstance(argument, ctypes.c_void_p):
        return f"ptr inttoptr (i64 {argument.value or 0} to ptr)"
    return f"i{8 * ctypes.sizeof(argument)} {argument.value}"
