"""Which rows of a kernel are memory and which are buffers, and how much code that leaves."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.codegen.compile import target
from sparseopt.codegen.kernel_source import KernelWriter
from sparseopt.codegen.operand_layout import MAX_CHUNK, KernelLayout
from sparseopt.codegen.vector_math import VectorMath
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Base, Kernel, Operand, Target
from sparseopt.graph.index import StridedIndex, index_of
from tests.codegen.schedules import line

COUNT = 1000
PLACES = np.random.default_rng(0).integers(0, 50, COUNT)
RUNS = np.repeat([7, 2, 40, 3], [500, 1, 399, 100])


def written(read, to, *, store=False, count=COUNT, times=1):
    """Return the layout and the text of the kernel ``to[i] = x[read[i]] * times``."""
    pool = ExpressionPool()
    term = pool.make("multiply", pool.leaf(0), pool.literal(float(times)))
    operands = {0: Operand(Base.X, read)}
    kernel = Kernel((term,), operands, (Target(Base.OUT, to, store),), count)
    writer = KernelWriter(pool, kernel, target().lanes, VectorMath(target()))
    text = writer.write("kernel")
    return writer.layout, text


@pytest.mark.parametrize(
    ("read", "function"),
    [
        (line(3, COUNT), ""),
        (StridedIndex.of(3, (COUNT,), (0,)), ""),
        (line(3, COUNT, 2), "load_strided"),
        (line(COUNT, COUNT, -1), "load_strided"),
        (index_of(PLACES), "load_indexed"),
    ],
    ids=["consecutive", "one place", "strided", "reversed", "table"],
)
def test_only_scattered_places_are_gathered(read, function):
    layout, _ = written(read, line(0, COUNT), store=True)
    assert [row.function for row in layout.rows] == [function, ""]


@pytest.mark.parametrize(
    ("to", "store", "function"),
    [
        (line(0, COUNT), True, ""),
        (line(0, COUNT), False, "add_consecutive"),
        (line(0, COUNT, 2), True, "store_strided"),
        (line(0, COUNT, 2), False, "add_strided"),
        (index_of(PLACES), False, "add_indexed"),
        (StridedIndex.of(0, (COUNT,), (0,)), False, "sum_into"),
        (index_of(RUNS), False, "sum_runs"),
        (index_of(RUNS), True, "store_indexed"),
    ],
)
def test_outputs_are_scattered_unless_stored_one_after_the_other(to, store, function):
    layout, _ = written(line(0, COUNT), to, store=store)
    assert layout.rows[-1].function == function


def test_code_depends_neither_on_size_nor_on_places():
    texts = [
        written(line(start, count, stride), index_of(PLACES[:count] + 1), count=count)[1]
        for start, count, stride in ((0, 1000, 2), (7, 600, 3), (900, 900, -1))
    ]
    assert len(set(texts)) == 1


def test_a_row_that_is_read_twice_is_gathered_once():
    kernel = Kernel((), {}, (), COUNT)
    layout = KernelLayout(kernel, 4)
    first = layout.read(Operand(Base.X, index_of(PLACES)))
    assert layout.read(Operand(Base.X, index_of(PLACES.copy()))) is first
    assert layout.read(Operand(Base.X, index_of(PLACES + 5))) is not first
    assert layout.num_buffers == 2


def test_chunks_shrink_with_the_number_of_buffers():
    layout = KernelLayout(Kernel((), {}, (), COUNT), 4)
    assert layout.chunk == MAX_CHUNK
    for shift in range(100):
        layout.read(Operand(Base.X, index_of(PLACES + 50 * shift)))
    assert 8 <= layout.chunk <= 48
    assert layout.chunk % 4 == 0


def test_a_gathered_operand_costs_no_more_code_than_a_consecutive_one():
    _, direct = written(line(0, COUNT), line(0, COUNT), store=True)
    _, gathered = written(index_of(PLACES), line(0, COUNT), store=True)
    assert gathered.count("\n") <= direct.count("\n")


def test_one_instance_needs_no_buffer():
    layout, text = written(index_of(np.array([4])), line(9, 1), count=1)
    assert [row.function for row in layout.rows] == ["", ""]
    assert layout.starts == [32, 72]
    assert "br i1" not in text


def test_code_for_one_instance_serves_every_place():
    texts = [written(index_of(np.array([k])), line(9 * k, 1), count=1)[1] for k in (4, 700)]
    assert texts[0] == texts[1]


def nested(values):
    """Return the rows of a kernel over a grid of 10 rows that also reads the data."""
    grid = StridedIndex.of(3, (10, COUNT // 10), (COUNT // 10 + 1, 1))
    operands = {0: Operand(Base.X, grid), 1: Operand(None, None, values)}
    layout = KernelLayout(Kernel((), operands, (), COUNT), 4)
    return [layout.read(operand) for operand in operands.values()]


def test_rows_of_a_grid_are_affine_in_run_and_instance():
    row, _ = nested(np.arange(float(COUNT)))
    assert (row.start, row.step, row.run_step, row.run_starts) == (24, 8, 808, None)


def test_data_that_is_constant_in_each_run_is_read_once_for_it():
    _, own = nested(np.repeat(np.arange(10.0), COUNT // 10))
    _, other = nested(np.arange(float(COUNT)))
    assert (own.step, own.run_step, own.is_fixed) == (0, 8, True)
    assert (other.step, other.run_step, other.is_fixed) == (8, 800, False)


def test_data_with_zeros_of_both_signs_is_not_constant():
    values = np.zeros(COUNT)
    values[5] = -0.0
    assert nested(values)[1].step == 8
