"""Until the package's own compiler is there, a stand-in compiles the callbacks."""

from __future__ import annotations

import sys
import types

import llvmlite.binding as llvm


class _Compiled:
    def __init__(self, text: str, optimize: int) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        module = llvm.parse_assembly(text)
        module.verify()
        machine = llvm.Target.from_default_triple().create_target_machine(opt=optimize)
        self._engine = llvm.create_mcjit_compiler(module, machine)
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        return self._engine.get_function_address(name)


try:
    from sparseopt.evaluation import compile_ir  # noqa: F401
except ImportError:
    stand_in = types.ModuleType("sparseopt.evaluation")
    stand_in.compile_ir = _Compiled
    sys.modules["sparseopt.evaluation"] = stand_in
