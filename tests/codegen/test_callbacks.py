"""Schedules that run Python: by NumPy and in the middle of compiled code."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from sparseopt.codegen.native import NativeProgram
from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import (
    Base,
    Callback,
    Fill,
    Kernel,
    Operand,
    Schedule,
    Span,
    Target,
)
from tests.codegen.schedules import line, run_both


def twice(x, out):
    out[:] = 2.0 * x


def schedule(function=twice, size=3, last=None):
    """Return x squared, a callback on it, and one more than that."""
    pool = ExpressionPool()
    v = pool.leaf(0)
    square = Kernel(
        (pool.make("square", v),),
        {0: Operand(Base.X, line(0, size))},
        (Target(Base.WORK, line(0, size), True),),
        size,
    )
    call = Callback(function, (Span(Base.WORK, 0, size),), Span(Base.WORK, size, size))
    after = Kernel(
        (pool.make("add", v, pool.literal(1.0)),),
        {0: Operand(Base.WORK, line(size, size))},
        (Target(Base.OUT, line(0, size), True),),
        size,
    )
    phases = [[square], [call], [after]] + ([[last]] if last else [])
    return Schedule("test", pool, phases, size, 2 * size)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_python_runs_between_kernels(size):
    x = np.linspace(-1.0, 2.0, size)
    for found in run_both(schedule(size=size), x):
        np.testing.assert_array_equal(found, 2 * x**2 + 1)


def test_callbacks_may_add_to_what_is_there():
    def add(x, out):
        out += x

    spans = (Span(Base.X, 1, 2),), Span(Base.OUT, 0, 2)
    phases = [[Fill(Base.OUT, 0, 2)], [Callback(add, *spans), Callback(add, *spans)]]
    for found in run_both(Schedule("test", ExpressionPool(), phases, 2, 0), np.arange(3.0)):
        np.testing.assert_array_equal(found, [2.0, 4.0])


def test_empty_spans_are_empty_arrays():
    sizes = []

    def note(x, out):
        sizes.append((x.size, out.size))

    phases = [[Callback(note, (Span(Base.X, 0, 0),), Span(Base.WORK, 0, 0))]]
    run_both(Schedule("test", ExpressionPool(), phases, 0, 0), np.zeros(0))
    assert sizes == [(0, 0), (0, 0)]


class MyError(Exception):
    pass


@pytest.mark.parametrize("execution", [NativeProgram, NumpyProgram])
@pytest.mark.parametrize("kind", [MyError, KeyboardInterrupt, SystemExit])
def test_an_exception_comes_back_as_it_was_raised(execution, kind):
    error = kind("mine")

    def failing(x, out):
        if x[0] > 1.0:
            raise error
        twice(x, out)

    def never(x, out):
        assert np.isfinite(x).all(), "called after an exception"

    last = Callback(never, (Span(Base.WORK, 3, 3),), Span(Base.WORK, 0, 0))
    program = execution(schedule(failing, last=last), np.zeros(0))
    out = np.zeros(3)
    with pytest.raises(kind) as caught:
        program.run(np.full(3, 2.0), out)
    assert caught.value is error
    assert any(entry.name == "failing" for entry in caught.traceback)
    program.run(np.full(3, 0.5), out)
    np.testing.assert_array_equal(out, np.full(3, 1.5))


def test_compiled_results_of_a_failed_run_are_not_numbers():
    def failing(x, out):
        raise MyError

    out = np.zeros(3)
    with pytest.raises(MyError):
        NativeProgram(schedule(failing), np.zeros(0)).run(np.ones(3), out)
    assert np.isnan(out).all()


def test_a_compiled_program_with_callbacks_is_freed_without_the_collector():
    gc.disable()
    try:
        program = NativeProgram(schedule(), np.zeros(0))
        program.run(np.ones(3), np.zeros(3))
        alive = weakref.ref(program)
        del program
        assert alive() is None
    finally:
        gc.enable()
