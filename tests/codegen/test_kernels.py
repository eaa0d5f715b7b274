"""Kernels over all kinds of index maps and counts: compiled code against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.codegen.native import NativeProgram
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Base, Fill, Kernel, Operand, Product, Schedule, Target
from sparseopt.graph.index import StridedIndex, index_of
from tests.codegen.schedules import line, one_kernel, run_both

COUNTS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 63, 511, 512, 513, 1024, 1025)


def product_and_sine(pool):
    x, y = pool.leaf(0), pool.leaf(1)
    return [pool.make("multiply", x, y), pool.make("sin", pool.make("add", x, y))]


def compare(operands, targets, count, out_size, x, **rest):
    schedule = one_kernel(product_and_sine, operands, targets, count, out_size)
    compiled, expected = run_both(schedule, x, **rest)
    np.testing.assert_allclose(compiled, expected, rtol=1e-13, atol=1e-14)


def maps(count, rng):
    """Return read maps by name, with the size of what they read from."""
    return {
        "fixed": (StridedIndex.of(3, (count,), (0,)), 8),
        "consecutive": (line(2, count), count + 8),
        "strided": (line(1, count, 3), 3 * count + 8),
        "reversed": (line(count, count, -1), count + 8),
        "reversed_strided": (line(2 * count + 1, count, -2), 2 * count + 8),
        "table": (index_of(rng.integers(0, 50, count)), 50),
    }


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(
    "kind", ["fixed", "consecutive", "strided", "reversed", "reversed_strided", "table"]
)
def test_reads_of_every_kind(kind, count):
    rng = np.random.default_rng(count)
    index, size = maps(count, rng)[kind]
    other = line(0, count)
    x = rng.standard_normal(max(size, count))
    targets = [
        Target(Base.OUT, line(0, count), True),
        Target(Base.OUT, line(count, count), False),
    ]
    compare([Operand(Base.X, index), Operand(Base.X, other)], targets, count, 2 * count, x)


@pytest.mark.parametrize("store", [True, False], ids=["store", "add"])
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("kind", ["consecutive", "strided", "reversed", "permutation"])
def test_writes_of_every_kind(kind, count, store):
    rng = np.random.default_rng(count)
    writes = {
        "consecutive": line(1, count),
        "strided": line(1, count, 2),
        "reversed": line(count, count, -1),
        "permutation": index_of(rng.permutation(count) + 1),
    }
    size = 2 * count + 2
    x = rng.standard_normal(2 * count)
    targets = [
        Target(Base.OUT, writes[kind], store),
        Target(Base.OUT, StridedIndex.of(size, (count,), (0,)), False),
    ]
    operands = [Operand(Base.X, line(0, count)), Operand(Base.X, line(count, count))]
    compare(operands, targets, count, size + 1, x)


@pytest.mark.parametrize("count", COUNTS)
def test_additions_to_runs_of_equal_places(count):
    rng = np.random.default_rng(count)
    runs = np.sort(rng.integers(0, 1 + count // 40, count))[::-1]
    targets = [Target(Base.OUT, index_of(runs), False), Target(Base.OUT, line(0, count), False)]
    operands = [Operand(Base.X, line(k * count, count)) for k in range(2)]
    compare(operands, targets, count, count + 1, rng.standard_normal(2 * count))


@pytest.mark.parametrize("count", COUNTS)
def test_additions_to_overlapping_places(count):
    rng = np.random.default_rng(count)
    x = rng.standard_normal(2 * count)
    targets = [
        Target(Base.OUT, line(0, count), False),
        Target(Base.OUT, index_of(rng.integers(0, max(1, count // 2), count)), False),
    ]
    operands = [Operand(Base.X, line(0, count)), Operand(Base.X, line(count, count))]
    compare(operands, targets, count, count + 1, x)


@pytest.mark.parametrize("inner", [1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 127, 513, 600])
@pytest.mark.parametrize("outer", [1, 2, 5])
def test_runs_of_rows_of_a_grid(inner, outer):
    # the interior of a padded grid: reads skip the margin, writes are consecutive
    rng = np.random.default_rng(inner)
    width, count = inner + 2, inner * outer
    x = rng.standard_normal(width * (outer + 2))
    interior = StridedIndex.of(width + 1, (outer, inner), (width, 1))
    above = StridedIndex.of(1, (outer, inner), (width, 1))
    targets = [
        Target(Base.OUT, line(0, count), True),
        Target(Base.OUT, StridedIndex.of(count, (outer, inner), (inner + 3, 1)), False),
    ]
    operands = [Operand(Base.X, interior), Operand(Base.X, above)]
    compare(operands, targets, count, count + outer * (inner + 3), x)


@pytest.mark.parametrize("inner", [8, 16, 40, 600])
def test_runs_with_data_tables_and_columns(inner):
    rng = np.random.default_rng(inner)
    outer = 6
    count = inner * outer
    x = rng.standard_normal(inner * 7 + count)
    columns = StridedIndex.of(0, (outer, inner), (0, 1))
    scattered = index_of(rng.integers(0, x.size, count))
    data = rng.standard_normal(count)
    weights = Operand(None, None, data)

    def write(pool):
        a, b, c, d = (pool.leaf(k) for k in range(4))
        return [pool.make("multiply", pool.make("add", a, c), pool.make("multiply", b, d))]

    transposed = StridedIndex.of(0, (inner, outer), (1, inner))
    for target in (line(0, count), StridedIndex.of(0, (outer, inner), (1, outer)), transposed):
        operands = [
            Operand(Base.X, columns),
            Operand(Base.X, scattered),
            weights,
            Operand(Base.X, StridedIndex.of(inner, (outer, inner), (inner, 1))),
        ]
        schedule = one_kernel(write, operands, [Target(Base.OUT, target, True)], count, count)
        compiled, expected = run_both(schedule, x)
        np.testing.assert_allclose(compiled, expected, rtol=1e-14)


@st.composite
def index_maps(draw, count, limit):
    kind = draw(st.sampled_from(["line", "box", "array"]))
    if kind == "line":
        stride = draw(st.integers(-3, 3))
        reach = stride * (count - 1)
        return line(draw(st.integers(max(0, -reach), limit - 1 - max(0, reach))), count, stride)
    if kind == "array":
        seed = draw(st.integers(0, 100))
        return index_of(np.random.default_rng(seed).integers(0, limit, count))
    outer = draw(st.sampled_from([d for d in (2, 3, 4, 6) if count % d == 0] or [1]))
    inner = count // outer
    strides = draw(st.sampled_from([(inner + 1, 1), (1, outer), (0, 1), (1, 0), (2 * inner, 2)]))
    return StridedIndex.of(draw(st.integers(0, 5)), (outer, inner), strides)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.data())
def test_random_maps(data):
    count = data.draw(st.sampled_from([1, 2, 12, 24, 36, 60, 120, 516]))
    limit = 4 * count + 10
    operands = [Operand(Base.X, data.draw(index_maps(count, limit))) for _ in range(2)]
    targets = [Target(Base.OUT, data.draw(index_maps(count, limit)), False) for _ in range(2)]
    x = np.random.default_rng(1).standard_normal(limit)
    compare(operands, targets, count, limit, x)


def test_many_outputs_make_short_chunks():
    # so many buffers that a chunk is only a few vectors long
    count, outputs = 101, 60
    x = np.random.default_rng(0).standard_normal(count)

    def write(pool):
        return [
            pool.make("multiply", pool.literal(k + 1.5), pool.make("cos", pool.leaf(0)))
            for k in range(outputs)
        ]

    targets = [Target(Base.OUT, line(k, count), False) for k in range(outputs)]
    schedule = one_kernel(write, [Operand(Base.X, line(0, count))], targets, count, count + outputs)
    compiled, expected = run_both(schedule, x)
    np.testing.assert_allclose(compiled, expected, rtol=1e-12)


def test_rounds_interleave_kernels_of_one_phase_and_change_nothing():
    # two kernels large enough to run in rounds, both adding to the same places
    count = 30_000
    pool = ExpressionPool()
    term = pool.make("multiply", pool.leaf(0), pool.leaf(0))
    kernels = [
        Kernel(
            (term,),
            {0: Operand(Base.X, line(k, count))},
            (Target(Base.OUT, line(2 * k, count), False),),
            count,
        )
        for k in range(3)
    ]
    out_size = count + 6
    schedule = Schedule("test", pool, [[Fill(Base.OUT, 0, out_size)], kernels], out_size, 0)
    compiled, expected = run_both(schedule, np.random.default_rng(0).standard_normal(count + 3))
    np.testing.assert_allclose(compiled, expected, rtol=1e-14)


def test_sums_of_many_instances_into_one_place():
    count = 100_003
    x = np.random.default_rng(0).standard_normal(count)
    target = Target(Base.OUT, StridedIndex.of(0, (count,), (0,)), False)
    schedule = one_kernel(
        lambda pool: [pool.make("multiply", pool.leaf(0), pool.leaf(0))],
        [Operand(Base.X, line(0, count))], [target], count, 1,
    )  # fmt: skip
    compiled, expected = run_both(schedule, x)
    np.testing.assert_allclose(compiled, expected, rtol=1e-13)


def test_fills_with_data_and_products_of_one_to_three_factors():
    pool = ExpressionPool()
    start = np.arange(5.0)
    places = [np.array(p, np.int32) for p in ([0, 1, 1, 4], [3, 2, 1, 0], [0, 0, 5, 5])]
    target = np.array([0, 2, 2, 4], np.int32)
    tasks = [
        Product(tuple((Base.X, p) for p in places[:count]), Base.OUT, target) for count in (1, 2, 3)
    ]
    schedule = Schedule("test", pool, [[Fill(Base.OUT, 0, 5, start)], tasks], 5, 0)
    x = np.array([2.0, 3.0, 5.0, 7.0, 11.0, 13.0])
    compiled, expected = run_both(schedule, x)
    np.testing.assert_array_equal(compiled, expected)
    by_hand = start.copy()
    for count in (1, 2, 3):
        np.add.at(by_hand, target, np.prod([x[p] for p in places[:count]], axis=0))
    np.testing.assert_array_equal(expected, by_hand)


def test_weights_and_multipliers_are_read_at_every_call():
    count = 20
    operands = [Operand(Base.X, line(0, count)), Operand(Base.MULTIPLIERS, line(0, count))]
    schedule = one_kernel(
        product_and_sine,
        operands,
        [Target(Base.OUT, line(0, count), True), Target(Base.OUT, line(count, count), True)],
        count,
        2 * count,
    )
    program, out = NativeProgram(schedule, np.zeros(0)), np.zeros(2 * count)
    x = np.ones(count)
    for scale in (1.0, -2.0, 0.0):
        program.run(x, out, scale * np.arange(20.0))
        np.testing.assert_array_equal(out[:count], scale * np.arange(20.0))


def test_empty_phases_and_empty_schedules_run():
    for phases in ([], [[]], [[Fill(Base.OUT, 0, 0)]]):
        schedule = Schedule("test", ExpressionPool(), phases, 0, 0)
        NativeProgram(schedule, np.zeros(0)).run(np.zeros(1), np.zeros(0))
