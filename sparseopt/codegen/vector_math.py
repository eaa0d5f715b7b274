"""How scalar functions of the table are spelled in LLVM IR, on one lane or on several.

Where the platform has a vector math library (glibc's libmvec on x86-64 and AArch64, the simd
functions of macOS), its functions take whole vectors; elsewhere a function of the C library is
called lane by lane.
"""

from __future__ import annotations

import struct

from sparseopt.codegen.compile import Target
from sparseopt.codegen.symbols import scipy_symbol, symbol_address

__all__ = ["VectorMath", "literal", "vector_type"]

_ISA = {8: "e", 4: "d", 2: "b"}


def vector_type(lanes: int) -> str:
    """Return the IR type of one value for each lane."""
    return "double" if lanes == 1 else f"<{lanes} x double>"


def literal(value: float, lanes: int) -> str:
    """Return a constant as an operand, exactly."""
    bits = f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
    return bits if lanes == 1 else "<" + ", ".join([f"double {bits}"] * lanes) + ">"


class VectorMath:
    """Spells function calls for one module and collects the declarations they need.

    Attributes
    ----------
    has_multiply_add : bool
        Whether the processor multiplies and adds with one rounding.
    declarations : dict
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self.has_multiply_add = target.has_multiply_add
        self.declarations: dict[str, str] = {}

    def intrinsic(self, name: str, lanes: int, arity: int) -> str:
        """Return the callee of an LLVM intrinsic on vectors."""
        suffix = "f64" if lanes == 1 else f"v{lanes}f64"
        return self._declare(f"llvm.{name}.{suffix}", lanes, arity)

    def _declare(self, symbol: str, lanes: int, arity: int) -> str:
        kind = vector_type(lanes)
        arguments = ", ".join([kind] * arity)
        attributes = "" if symbol.startswith("llvm.") else " nounwind willreturn memory(none)"
        self.declarations[symbol] = f"declare {kind} @{symbol}({arguments}){attributes}"
        return f"@{symbol}"

    def vector_callee(self, name: str, lanes: int, arity: int) -> str | None:
        """Return the vector math library's function, or None if it has none."""
        symbol = self._vector_symbol(name, lanes, arity)
        return None if symbol is None else self._declare(symbol, lanes, arity)

    def is_in_vectors(self, name: str, lanes: int, arity: int) -> bool:
        """Return whether the vector math library has a function."""
        return self._vector_symbol(name, lanes, arity) is not None

    def _vector_symbol(self, name: str, lanes: int, arity: int) -> str | None:
        if lanes == 1:
            return None
        if self._target.is_darwin:
            symbol = f"_simd_{name}_d{lanes}"
        else:
            isa = "n" if self._target.is_arm else _ISA[lanes]
            symbol = f"_ZGV{isa}N{lanes}{'v' * arity}_{name}"
        return None if symbol_address(symbol) is None else symbol

    def scalar_callee(self, kind: str, name: str, arity: int) -> str:
        """Return the function for one lane: of the C library, or of SciPy."""
        symbol = scipy_symbol(name) if kind == "scipy" else name
        if kind == "scipy":
            arguments = ", ".join(["double"] * arity + ["i32"])
            self.declarations[symbol] = f"declare double @{symbol}({arguments})"
            return f"@{symbol}"
        return self._declare(symbol, 1, arity)
