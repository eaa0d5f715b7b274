"""Object files loaded without LLVM's linker: the same functions, and what is left to LLVM."""

from __future__ import annotations

import ctypes
import gc
import sys
import weakref

import numpy as np
import pytest

from sparseopt.codegen import compile as compilation
from sparseopt.codegen import elf_object
from sparseopt.codegen.compile import compile_ir, target
from sparseopt.codegen.elf_object import LoadedObject, load_object
from sparseopt.codegen.native import NativeProgram
from sparseopt.codegen.symbols import symbol_address
from sparseopt.graph.functions import FUNCTIONS
from tests.codegen.schedules import elementwise

pytestmark = pytest.mark.skipif(
    not (sys.platform == "linux" and target().is_x86), reason="objects of other formats go to LLVM"
)

COUNT = 19
SCALE = "define double @scale(double %a) {\n  %c = fmul double %a, 3.0\n  ret double %c\n}\n"
CALLS = """
declare double @scale(double)
declare double @cos(double)
define internal double @twice(double %a) noinline {
  %b = fadd double %a, %a
  ret double %b
}
define double @both(double %a) {
  %b = call double @scale(double %a)
  %c = call double @cos(double %b)
  %d = call double @twice(double %c)
  ret double %d
}
"""
COUNTER = """
@count = internal global double 0.0
define double @next(double %a) {
  %b = load double, ptr @count
  %c = fadd double %b, %a
  store double %c, ptr @count
  ret double %c
}
"""


def call(address, value):
    return ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(address)(value)


@pytest.fixture
def by_llvm(monkeypatch):
    """Return a function after which LLVM links."""
    return lambda: monkeypatch.setattr(compilation, "load_object", lambda *_: None)


def test_calls_inside_of_a_module_to_another_and_to_a_library():
    scale = compile_ir(SCALE)
    module = compile_ir(CALLS, imports=[(scale, ["scale"])])
    assert call(module.address("both"), 0.5) == 2.0 * np.cos(1.5)
    assert isinstance(module._linked, LoadedObject)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_llvm_links_the_same_functions(name, by_llvm):
    x = np.random.default_rng(0).uniform(0.05, 0.95, FUNCTIONS[name].arity * COUNT)
    found = []
    for _ in range(2):
        program = NativeProgram(elementwise(name, FUNCTIONS[name].arity, COUNT), np.zeros(0))
        out = np.zeros(COUNT)
        program.run(x, out)
        found.append(out.tobytes())
        by_llvm()
    assert found[0] == found[1]


def test_what_can_be_written_to_is_left_to_llvm():
    module = compile_ir(COUNTER)
    next_one = module.address("next")
    assert not isinstance(module._linked, LoadedObject)
    assert [call(next_one, 2.0), call(next_one, 0.5)] == [2.0, 2.5]


@pytest.mark.parametrize("code", [b"", b"\x7fELF", b"\xcf\xfa\xed\xfe" + 60 * b"\0"])
def test_what_is_no_such_object_is_left_to_llvm(code):
    assert load_object(code, symbol_address) is None


def test_a_name_that_nobody_knows_is_left_to_llvm_which_says_so():
    text = "declare double @nowhere(double)\ndefine double @f(double %a) {\n"
    text += "  %b = call double @nowhere(double %a)\n  ret double %b\n}\n"
    with pytest.raises(RuntimeError, match="Failed to materialize"):
        compile_ir(text).address("f")


def test_code_that_cannot_be_made_executable_is_left_to_llvm(monkeypatch):
    monkeypatch.setattr(elf_object, "_READ_AND_EXECUTE", 1 << 30)
    module = compile_ir(SCALE)
    assert call(module.address("scale"), 2.0) == 6.0
    assert not isinstance(module._linked, LoadedObject)


def test_code_cannot_be_written_to():
    module = compile_ir(SCALE)
    address = module.address("scale")
    with open("/proc/self/maps") as maps:
        (line,) = (
            line for line in maps
            if int(line.split("-")[0], 16) <= address < int(line.split("-")[1].split()[0], 16)
        )  # fmt: skip
    assert line.split()[1] == "r-xp"


def test_memory_goes_with_the_module():
    module = compile_ir(SCALE)
    module.address("scale")
    memory = weakref.ref(module._linked._memory)
    del module
    gc.collect()
    assert memory() is None
