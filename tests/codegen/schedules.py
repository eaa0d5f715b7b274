"""Schedules of one kernel, written by hand, and their execution by both backends."""

from __future__ import annotations

import numpy as np

from sparseopt.codegen.native import NativeProgram
from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Base, Fill, Kernel, Operand, Schedule, Target
from sparseopt.graph.index import StridedIndex


def line(offset, count, stride=1):
    return StridedIndex.of(offset, (count,), (stride,))


def one_kernel(write, operands, targets, count, out_size):
    """Return the schedule of a zero fill and one kernel; ``write(pool)`` returns its terms."""
    pool = ExpressionPool()
    kernel = Kernel(tuple(write(pool)), dict(enumerate(operands)), tuple(targets), count)
    return Schedule("test", pool, [[Fill(Base.OUT, 0, out_size)], [kernel]], out_size, 0)


def run_both(schedule, x, multipliers=None, parameters=None):
    """Return (compiled, NumPy) results, with a guard zone that must stay untouched."""
    parameters = np.zeros(0) if parameters is None else parameters
    results = []
    for execution in (NativeProgram, NumpyProgram):
        padded = np.full(schedule.out_size + 16, 12345.0)
        out = padded[8:-8]
        execution(schedule, parameters).run(x, out, multipliers)
        assert (padded[:8] == 12345.0).all(), "written before the output"
        assert (padded[-8:] == 12345.0).all(), "written behind the output"
        results.append(out.copy())
    return results


def elementwise(name, arity, count):
    """Return the schedule of one table function on consecutive arguments."""
    operands = [Operand(Base.X, line(k * count, count)) for k in range(arity)]

    def write(pool):
        return [pool.make(name, *(pool.leaf(k) for k in range(arity)))]

    return one_kernel(write, operands, [Target(Base.OUT, line(0, count), True)], count, count)
