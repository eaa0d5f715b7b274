"""Phases in parts: the same bits for any number of threads, and the places that parts write to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sparseopt as so
from sparseopt.codegen import partition
from sparseopt.codegen.native import NativeProgram
from sparseopt.codegen.threads import VARIABLE, thread_cell
from sparseopt.codegen.written_places import Span, index_spans, owners
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Base, Fill, Kernel, Operand, Product, Schedule, Target
from sparseopt.graph.index import ArrayIndex, StridedIndex, index_of
from tests.codegen.schedules import line, run_both

COUNT = 40_000


@pytest.fixture(autouse=True)
def small_phases_are_split(monkeypatch):
    monkeypatch.setattr(partition, "MIN_WORK", 1000)
    monkeypatch.setattr(partition, "MIN_FILL", 100)
    before = so.get_num_threads()
    yield
    so.set_num_threads(before)


def kernel(pool, targets, count=COUNT, offset=0):
    """Return a kernel whose outputs all are sin(x) x, with different signs."""
    x = pool.leaf(0)
    term = pool.make("multiply", x, pool.make("sin", x))
    terms = tuple(pool.make("negative", term) if k % 2 else term for k in range(len(targets)))
    return Kernel(terms, {0: Operand(Base.X, line(offset, count))}, tuple(targets), count)


def bits_of_all_thread_numbers(schedule, x):
    program, results = NativeProgram(schedule, np.zeros(0)), []
    for threads in (1, 2, 3, 16):
        so.set_num_threads(threads)
        results.append(np.full(schedule.out_size, np.nan))
        program.run(x, results[-1])
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)
    return program, results[0]


def check(schedule, parts, size=COUNT + 8):
    x = np.random.default_rng(0).standard_normal(size)
    program, found = bits_of_all_thread_numbers(schedule, x)
    assert [phase.parts for phase in program.phases] == parts
    _, expected = run_both(schedule, x)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)
    return program


def test_chained_additions_over_zeros_give_the_same_bits():
    pool = ExpressionPool()
    chain = [Target(Base.OUT, line(k, COUNT), False) for k in range(3)]
    phases = [[Fill(Base.OUT, 0, COUNT + 8)], [kernel(pool, chain), kernel(pool, chain[1:])]]
    program = check(Schedule("test", pool, phases, COUNT + 8, 0), [32])
    zeroed = [r for ranges in program.phases[0].ranges for r in ranges]
    places = np.concatenate([np.arange(r.offset, r.offset + r.size) for r in zeroed])
    np.testing.assert_array_equal(np.sort(places), np.arange(COUNT + 8))


def test_constants_are_laid_under_what_is_added():
    pool, start = ExpressionPool(), np.arange(COUNT + 8.0)
    phases = [
        [Fill(Base.OUT, 0, COUNT + 8, start)],
        [kernel(pool, [Target(Base.OUT, line(3, COUNT), False)])],
    ]
    check(Schedule("test", pool, phases, COUNT + 8, 0), [32])


def test_sums_into_one_place_are_added_in_the_order_of_the_parts():
    pool = ExpressionPool()
    one = StridedIndex.of(1, (COUNT,), (0,))
    targets = [Target(Base.OUT, one, False), Target(Base.OUT, line(2, COUNT), True)]
    alone = kernel(pool, [Target(Base.OUT, StridedIndex.of(1, (1,), (1,)), False)], 1)
    phases = [[Fill(Base.OUT, 0, 2)], [kernel(pool, targets), alone]]
    program = check(Schedule("test", pool, phases, COUNT + 2, 0), [1, 32])
    assert program.phases[1].sums == ((Base.OUT, 1),)


def test_rows_of_a_grid_overlap_with_their_neighbors_only():
    rows, columns = 200, 200
    pool, count = ExpressionPool(), rows * columns
    corners = [
        Target(Base.OUT, StridedIndex.of(k, (rows, columns), (columns + 1, 1)), False)
        for k in (0, 1, columns + 1, columns + 2)
    ]
    size = (rows + 1) * (columns + 1)
    phases = [[Fill(Base.OUT, 0, size)], [kernel(pool, corners, count)]]
    check(Schedule("test", pool, phases, size, 0), [32])


def test_scattered_additions_are_not_split():
    places = np.random.default_rng(1).integers(0, 900, COUNT)
    pool = ExpressionPool()
    phases = [
        [Fill(Base.OUT, 0, 900)],
        [kernel(pool, [Target(Base.OUT, index_of(places), False)])],
    ]
    check(Schedule("test", pool, phases, 900, 0), [1, 1])


def test_tables_with_neighboring_places_are_split():
    random = np.random.default_rng(2)
    places = (np.arange(COUNT) + random.integers(0, 5, COUNT)).astype(np.int32)
    factor = random.integers(0, COUNT, COUNT).astype(np.int32)
    pool = ExpressionPool()
    product = Product(((Base.X, factor), (Base.X, factor[::-1].copy())), Base.OUT, places)
    added = kernel(pool, [Target(Base.OUT, ArrayIndex(places), False)])
    phases = [[Fill(Base.OUT, 0, COUNT + 8)], [added, product]]
    check(Schedule("test", pool, phases, COUNT + 8, 0), [32])


def test_a_fill_stays_apart_where_parts_store_among_the_places_of_others():
    """Any part may store where another one adds: zeros must be there before all of them."""
    pool = ExpressionPool()
    added = kernel(pool, [Target(Base.OUT, line(0, COUNT, 2), False)])
    places = index_of(np.random.default_rng(4).permutation(COUNT) * 2 + 1)
    stored = kernel(pool, [Target(Base.OUT, places, True)])
    phases = [[Fill(Base.OUT, 0, 2 * COUNT)], [added, stored]]
    check(Schedule("test", pool, phases, 2 * COUNT, 0), [32, 32])


def test_small_phases_are_whole(monkeypatch):
    monkeypatch.setattr(partition, "MIN_WORK", 12_000_000)
    pool = ExpressionPool()
    phases = [[kernel(pool, [Target(Base.OUT, line(0, COUNT), True)])]]
    check(Schedule("test", pool, phases, COUNT, 0), [1])


@pytest.mark.parametrize("kind", ["objective", "gradient", "constraints", "jacobian", "hessian"])
def test_a_large_problem_gives_the_same_bits(kind):
    model = so.Model("chain")
    x = model.variable("x", shape=COUNT, start=0.3)
    scale = model.variable("scale", start=1.2)
    model.minimize(np.sum(scale * (x[1:] - x[:-1] ** 2) ** 2 + np.cos(scale * x[1:])))
    model.subject_to(x[2:] * np.exp(-x[1:-1]) + scale * x[:-2] ** 2 == 0.1)
    problem = model.problem()
    schedule = problem.evaluator.schedule(kind)
    program = NativeProgram(schedule, problem.evaluator.parameters)
    random = np.random.default_rng(3)
    point = random.standard_normal(COUNT + 1)
    multipliers = random.standard_normal(COUNT - 2)
    assert max(phase.parts for phase in program.phases) == 32
    results = []
    for threads in (1, 2, 5):
        so.set_num_threads(threads)
        results.append(np.empty(schedule.out_size))
        program.run(point, results[-1], multipliers, 0.7)
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


# ---- places
@st.composite
def indices_with_ends(draw):
    parts = draw(st.integers(1, 6))
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    if draw(st.booleans()):
        strides = tuple(draw(st.integers(-7, 30)) for _ in shape)
        index = StridedIndex.of(500, shape, strides)
    else:
        size = int(np.prod(shape))
        values = draw(st.lists(st.integers(0, 300), min_size=size, max_size=size))
        index = ArrayIndex(np.array(values, np.int32))
    cuts = sorted(draw(st.integers(0, index.size)) for _ in range(parts - 1))
    return index, np.array([0, *cuts, index.size])


@settings(max_examples=200, deadline=None)
@given(indices_with_ends(), st.booleans())
def test_spans_cover_the_places_of_each_part(case, is_close):
    index, ends = case
    covered = [set() for _ in ends[1:]]
    for first, last, part in index_spans(index, ends, is_close):
        covered[part] |= set(range(first, last + 1))
    places = index.materialize().tolist()
    for part, found in enumerate(covered):
        assert set(places[ends[part] : ends[part + 1]]) <= found


spans = st.builds(
    lambda first, length, part: Span(Base.OUT, first, first + length, part),
    st.integers(0, 60), st.integers(0, 8), st.integers(0, 5),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(spans, max_size=8))
def test_owners_are_the_first_to_come(found):
    first_parts: dict[int, int] = {}
    disturbed = False
    for span in found:
        for other in found:
            same_half = span.part != other.part and (span.part - other.part) % 2 == 0
            disturbed |= same_half and span.first <= other.last and other.first <= span.last
        for place in range(span.first, span.last + 1):
            before = first_parts.get(place, span.part)
            first_parts[place] = min(before, span.part, key=lambda p: p % 2)
    result = owners(found)
    assert (result is None) == disturbed
    if result is not None:
        pieces = result.pieces(Base.OUT, 5, 70)
        assert [p[0] for p in pieces] == [5, *(p[1] + 1 for p in pieces[:-1])]
        assert pieces[-1][1] == 69
        for first, last, part in pieces:
            assert all(first_parts.get(place, 0) == part for place in range(first, last + 1))


# ---- how many threads
@pytest.mark.parametrize("number", [0, 17, -1, 1.5, "two", None])
def test_a_number_of_threads_that_cannot_be_is_a_named_error(number):
    with pytest.raises(so.SparseOptError, match="whole number from 1 to 16"):
        so.set_num_threads(number)


def test_the_environment_chooses_the_number_of_threads(monkeypatch):
    monkeypatch.setenv(VARIABLE, "3")
    assert thread_cell.__wrapped__().tolist() == [3]
    monkeypatch.setenv(VARIABLE, "many")
    with pytest.raises(so.SparseOptError, match=VARIABLE):
        thread_cell.__wrapped__()
    monkeypatch.setenv(VARIABLE, "")
    assert 1 <= thread_cell.__wrapped__()[0] <= 16
