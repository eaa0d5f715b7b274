"""Code at once and better code later: the same bits, in the tables of programs that are running."""

from __future__ import annotations

import ctypes
import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings

from sparseopt.codegen import compile as compilation
from sparseopt.codegen import fixed_code, native, tiers
from sparseopt.codegen.addresses import table_of
from sparseopt.codegen.native import NativeProgram
from sparseopt.codegen.tiers import (
    FunctionAddress,
    TieredModule,
    wait_for_improvements,
)
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Base, Fill, Kernel, Operand, Product, Schedule, Target
from sparseopt.evaluation import Evaluator
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.testing.programs import random_programs
from tests.codegen.schedules import elementwise, line
from tests.properties.test_derivatives import problem_of
from tests.references import make_evaluator

COUNT = 2003
NORM = """
define double @norm(double %a, double %b) {
  %c = fmul double %a, %a
  %d = call double @llvm.fma.f64(double %b, double %b, double %c)
  ret double %d
}
declare double @llvm.fma.f64(double, double, double)
"""


@pytest.fixture
def no_cache(monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", "")


def call(address):
    return ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_double)(address)(3.0, 4.0)


def test_an_address_in_a_table_follows_its_module(no_cache):
    module = TieredModule(NORM, 1)
    table = table_of([7, FunctionAddress(module, "norm"), 8]).array
    first = int(table[1])
    assert call(first) == 25.0
    module.improve()
    wait_for_improvements()
    assert table.tolist() == [7, module.address("norm"), 8]
    assert table[1] != first
    assert call(int(table[1])) == call(first) == 25.0


def test_nothing_is_compiled_twice_at_the_least_effort(no_cache, monkeypatch):
    monkeypatch.setattr(compilation, "counts", {"compiled": 0, "cached": 0})
    module = TieredModule(NORM, 0)
    module.improve()
    wait_for_improvements()
    assert compilation.counts["compiled"] == 1


def test_better_code_in_the_cache_is_taken_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", str(tmp_path))
    module = TieredModule(NORM, 1)
    module.improve()
    wait_for_improvements()
    monkeypatch.setattr(compilation, "counts", {"compiled": 0, "cached": 0})
    again = TieredModule(NORM, 1)
    again.improve()
    wait_for_improvements()
    assert call(again.address("norm")) == 25.0
    assert compilation.counts == {"compiled": 0, "cached": 1}


def test_a_module_that_is_dropped_is_not_improved(no_cache, monkeypatch):
    module = TieredModule(NORM, 1)
    known = weakref.ref(module)
    del module
    gc.collect()
    assert known() is None


def unlinkable(*arguments):
    class Module:
        def address(self, name):
            raise RuntimeError("no memory for code")

    return Module()


def out_of_memory(*arguments):
    raise MemoryError("no memory for the compiler")


@pytest.mark.parametrize("failing", [unlinkable, out_of_memory])
def test_better_code_that_fails_leaves_what_runs_and_is_said(no_cache, monkeypatch, failing):
    module = TieredModule(NORM, 1)
    table = table_of([FunctionAddress(module, "norm")]).array
    before = int(table[0])
    monkeypatch.setattr(tiers, "compile_ir", failing)
    with pytest.warns(RuntimeWarning, match="compiled code stays slow: no memory for"):
        tiers._improve(weakref.ref(module))
    assert int(table[0]) == module.address("norm") == before
    assert call(before) == 25.0


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_has_the_same_bits_in_both(name, no_cache):
    function = FUNCTIONS[name]
    schedule = elementwise(name, function.arity, COUNT)
    x = np.random.default_rng(0).uniform(0.05, 0.95, function.arity * COUNT)
    program = NativeProgram(schedule, np.zeros(0), least_effort=1)
    quick, better = np.zeros(COUNT), np.zeros(COUNT)
    program.run(x, quick)
    program.link()
    wait_for_improvements()
    program.run(x, better)
    assert quick.tobytes() == better.tobytes()


def values_of(evaluator, x, multipliers):
    """Return every kind of values."""
    return [
        evaluator.jacobian_values(x),
        evaluator.hessian_values(x, multipliers),
        evaluator.gradient(x),
        evaluator.constraints(x),
        np.array(evaluator.objective(x)),
    ]


def formulas(x):
    terms = x[1:] * x[:-1] - np.sin(x[1:]) * x[:-1] ** 3 / (1.0 + x[1:] ** 2)
    return np.where(terms > 0.0, np.exp(terms) * x[1:] - terms * x[:-1], terms * terms - x[1:])


def test_derivatives_have_the_same_bits_in_both(no_cache):
    evaluator = make_evaluator(lambda x: np.sum(formulas(x) ** 2), formulas, COUNT, "llvm")
    rng = np.random.default_rng(1)
    x, multipliers = rng.standard_normal(COUNT), rng.standard_normal(COUNT - 1)

    quick = values_of(evaluator, x, multipliers)
    wait_for_improvements()
    better = values_of(evaluator, x, multipliers)
    assert [a.tobytes() for a in quick] == [b.tobytes() for b in better]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(program=random_programs(smooth=False))
def test_random_programs_have_the_same_bits_in_both(program):
    recorded, _ = problem_of(program)
    x = program.point(0).ravel()
    multipliers = np.cos(np.arange(recorded.outputs[1].size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARSEOPT_CACHE", "")
        patch.setattr(native, "SHORT", 0)
        evaluator = Evaluator(recorded, "llvm")
        quick = values_of(evaluator, x, multipliers)
        wait_for_improvements()
        better = values_of(evaluator, x, multipliers)
    # Signs of NaN are no results.
    for one, other in zip(quick, better, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def test_everything_that_a_program_calls_is_improved(no_cache, monkeypatch):
    monkeypatch.setattr(native, "SHORT", 0)
    fixed_code._movers.cache_clear()
    fixed_code.drivers.__wrapped__.cache_clear()
    fixed_code.kernel_drivers.__wrapped__.cache_clear()
    count = 100
    pool = ExpressionPool()
    kernel = Kernel(
        (pool.make("exp", pool.leaf(0)),),
        {0: Operand(Base.X, line(1, count, 2))},
        (Target(Base.WORK, line(0, count), True),),
        count,
    )
    places = np.arange(count, dtype=np.int32)
    product = Product(((Base.WORK, places), (Base.X, places)), Base.OUT, places)
    schedule = Schedule(
        "test", pool, [[Fill(Base.OUT, 0, count)], [kernel], [product]], count, count
    )
    program = NativeProgram(schedule, np.zeros(0))
    program.link()
    wait_for_improvements()
    assert len(program.modules) == 4  # kernels, their driver, fills, products
    assert all(module._is_final for module in program.modules)
    x, out = np.linspace(0.0, 1.0, 2 * count), np.zeros(count)
    program.run(x, out)
    np.testing.assert_allclose(out, np.exp(x[1::2]) * x[:count], rtol=1e-13)


def test_the_driver_of_schedules_is_improved_where_no_task_is_of_its_module(no_cache, monkeypatch):
    monkeypatch.setattr(native, "SHORT", 0)
    fixed_code.drivers.__wrapped__.cache_clear()
    pool = ExpressionPool()
    exponential = pool.make("exp", pool.leaf(0))
    target = Target(Base.OUT, line(0, 100), True)
    kernel = Kernel((exponential,), {0: Operand(Base.X, line(0, 100))}, (target,), 100)
    program = NativeProgram(Schedule("test", pool, [[kernel]], 100, 0), np.zeros(0))
    program.link()
    wait_for_improvements()
    assert fixed_code.drivers() not in program.modules
    assert fixed_code.drivers()._is_final


def test_formulas_of_one_instance_need_no_driver_of_kernels(no_cache):
    fixed_code.kernel_drivers.__wrapped__.cache_clear()
    evaluator = make_evaluator(
        lambda x: x[0] * np.exp(x[1]), lambda x: x[:1] ** 2 - x[1:], 2, backend="llvm"
    )
    evaluator.objective(np.ones(2))
    evaluator.jacobian_values(np.ones(2))
    assert fixed_code.kernel_drivers.__wrapped__.cache_info().currsize == 0
