"""Compressed plans: what they run, and what they give on functions written out by hand."""

import tracemalloc

import numpy as np
import pytest

import sparseopt as so
from sparseopt.codegen.native import NativeProgram
from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.derivatives import compressed
from sparseopt.elements.tasks import Copy, Kernel, Product
from sparseopt.modeling.traced_function import TracedFunction

EXECUTIONS = [NumpyProgram, NativeProgram]


def candidates(function, size, role="constraints"):
    traced = TracedFunction(function, np.zeros(size), None, "auto", role)
    evaluator = traced.evaluator
    return evaluator.jacobian_candidates if role == "constraints" else evaluator.hessian_candidates


def values(plan, x, execution, multipliers=None):
    out = np.full(plan.pattern.nnz, np.nan)
    weights = np.zeros(0) if multipliers is None else multipliers
    execution(plan.schedule, np.zeros(0)).run(np.asarray(x, float), out, weights, 1.0)
    return plan.pattern.to_matrix(out).toarray()


def chain(x):
    return x[1:] * x[:-1] ** 2


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("name", ["forward", "reverse", "bidirectional"])
def test_jacobian_of_a_chain(name, execution):
    plan = candidates(chain, 4).plan(name)
    assert values(plan, [1.0, 2.0, 3.0, 4.0], execution).tolist() == [
        [4.0, 1.0, 0.0, 0.0],
        [0.0, 12.0, 4.0, 0.0],
        [0.0, 0.0, 24.0, 9.0],
    ]


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("name", ["star", "acyclic"])
def test_hessian_of_a_chain(name, execution):
    plan = candidates(lambda x: np.sum(chain(x)), 3, "objective").plan(name)
    assert values(plan, [1.0, 2.0, 3.0], execution).tolist() == [
        [4.0, 2.0, 0.0],
        [2.0, 6.0, 4.0],
        [0.0, 4.0, 0.0],
    ]


def test_directions_of_a_tridiagonal_jacobian_are_its_three_colors():
    plan = candidates(lambda x: x[2:] - x[1:-1] ** 2 + x[:-2], 1000).plan("forward")
    assert plan.coloring.num_colors == 3
    copies = [t for phase in plan.schedule.phases for t in phase if isinstance(t, Copy)]
    assert [c.places.size for c in copies] == [plan.pattern.nnz]


def test_an_acyclic_coloring_of_a_chain_needs_two_directions():
    plans = candidates(lambda x: np.sum(chain(x) ** 2), 1000, "objective")
    assert plans.plan("star").coloring.num_colors == 3
    assert plans.plan("acyclic").coloring.num_colors == 2


def test_neither_seeds_nor_the_compressed_matrix_are_stored():
    n, colors = 500, 100
    plan = candidates(lambda x: np.cumsum(np.reshape(x, (5, colors)), axis=1), n).plan("forward")
    assert plan.coloring.num_colors == colors
    assert plan.schedule.colors.size == n
    # One chunk of directions, not one vector for each color.
    assert plan.schedule.work_size <= 2 * n * compressed.MAX_DIRECTIONS + n + 1


def test_code_does_not_grow_with_the_number_of_colors():
    def texts(size):
        weights = np.cos(np.arange(3 * size)).reshape(3, size)
        plan = candidates(lambda x: np.tanh(weights @ np.tanh(x[:, None] * x).sum(axis=0)), size)
        forward = plan.plan("forward")
        assert forward.coloring.num_colors == size
        return NativeProgram(forward.schedule, np.zeros(0)).source.count("define void @kernel")

    assert texts(96) == texts(32)


def test_phases_of_all_chunks_are_the_same_objects():
    weights = np.cos(np.arange(120.0)).reshape(3, 40)
    plan = candidates(lambda x: np.tanh(weights @ np.sin(x)), 40).plan("forward")
    kernels = [t for phase in plan.schedule.phases for t in phase if isinstance(t, Kernel)]
    assert len(kernels) > len({id(k) for k in kernels})
    assert not any(isinstance(t, Product) for phase in plan.schedule.phases for t in phase)


def test_evaluation_allocates_nothing():
    weights = np.cos(np.arange(120.0)).reshape(3, 40)
    plan = candidates(lambda x: np.tanh(weights @ np.sin(x)), 40).plan("forward")
    program = NativeProgram(plan.schedule, np.zeros(0))
    x, out = np.ones(40), np.empty(plan.pattern.nnz)
    program.run(x, out)
    tracemalloc.start()
    for _ in range(5):
        program.run(x, out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * out.size  # a few Python numbers, no array


@pytest.mark.parametrize("plan", ["forward", "reverse", "bidirectional"])
def test_branches_not_taken_leave_no_nan(plan):
    def guarded(x):
        return np.where(x > 0, np.sqrt(x), x**2) * x[::-1]

    x = np.array([-1.0, 4.0, -2.0])
    expected = so.jacobian(guarded, x, plan="direct")(x).toarray()
    assert np.isfinite(expected).all()
    assert so.jacobian(guarded, x, plan=plan)(x).toarray() == pytest.approx(expected)


@pytest.mark.parametrize("plan", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize(
    "function",
    [lambda x: x[:0], lambda x: 0.0 * x, lambda x: np.ones(3), lambda x: x, lambda x: x[0] + 0 * x],
)
def test_empty_and_linear_jacobians(function, plan):
    x = np.linspace(1.0, 2.0, 4)
    expected = so.jacobian(function, x, plan="direct")(x).toarray()
    assert so.jacobian(function, x, plan=plan)(x).toarray() == pytest.approx(expected)


@pytest.mark.parametrize("plan", ["star", "acyclic"])
@pytest.mark.parametrize("function", [lambda x: np.sum(x), lambda x: 0.0 * x[0], lambda x: x[0]])
def test_hessians_without_entries(function, plan):
    x = np.linspace(1.0, 2.0, 4)
    assert so.hessian(function, x, plan=plan)(x).nnz == 0


def test_parameters_pass_through_compressed_plans():
    J = so.jacobian(lambda x, k: k * chain(x), np.zeros(3), plan="forward", parameters={"k": 1.0})
    J.set(k=2.0)
    assert J([1.0, 2.0, 3.0]).toarray().tolist() == [[8.0, 2.0, 0.0], [0.0, 24.0, 8.0]]


def test_an_entry_is_explained_whatever_the_plan():
    J = so.jacobian(chain, np.zeros(3), plan="forward")
    assert "test_compressed.py" in J.explain(1, 1)
    assert "structurally zero" in J.explain(0, 2)
