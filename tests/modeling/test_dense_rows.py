"""Jacobians that running sums make dense: found without a pattern, and only where lifting pays."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from problems import registry
from sparseopt import lifting
from sparseopt.evaluation.explanation import reads_of_long_rows
from sparseopt.modeling.dense_rows import dense_rows

N = 600
RANDOM = np.random.default_rng(0)
DENSE = RANDOM.random((N // 2, N))


def problem_with(rows, size=N, lift="none"):
    m = so.Model("sums", lift=lift)
    u = m.variable("u", size, start=0.1)
    m.minimize(np.sum((u - 1.0) ** 2))
    m.subject_to(rows(u) <= 5.0)
    return m.problem()


def loop(u):
    level, levels = 0.0, []
    for k in range(u.size):
        level = level + u[k]
        levels.append(level)
    return np.stack(levels)


RUNNING = {
    "cumsum": np.cumsum,
    "shifted": lambda u: 1.0 + 0.1 * np.cumsum(u),
    "nonlinear": lambda u: np.sin(np.cumsum(u**2)),
    "twice": lambda u: np.cumsum(2.0 + 0.1 * np.cumsum(u)),
    "matrix": lambda u: np.tril(np.ones((N, N))) @ u,
    "sparse matrix": lambda u: sp.csr_array(np.tri(N)) @ u,
    "loop": loop,
}


@pytest.mark.parametrize("name", RUNNING)
def test_running_sums_are_found_with_the_number_of_their_entries(name):
    problem = problem_with(RUNNING[name])
    found = dense_rows(problem, 100_000)
    assert found.entries == problem.jacobian_pattern.nnz
    assert found.entries in (N * (N + 1) // 2, N * (N + 1) // 2 - 1)  # the first may be a bound
    assert found.is_exact
    assert found.lifted < 20 * N
    assert "test_dense_rows.py:" in found.where
    assert 'lift="auto"' in found.instead


HONEST = {
    "dense matrix": lambda u: DENSE @ u,
    "dense matrix, nonlinear": lambda u: np.exp(-(DENSE @ u)),
    "few long sums": lambda u: np.cumsum(u)[-10:],
    "short sums": lambda u: np.cumsum(u.reshape(-1, 60), axis=1).reshape(-1),
    "band": lambda u: u[1:] * u[:-1],
}


@pytest.mark.parametrize("name", HONEST)
def test_what_lifting_does_not_make_sparse_is_not_found(name):
    assert dense_rows(problem_with(HONEST[name]), 100_000) is None


def test_a_dense_matrix_whose_product_many_rows_read_is_found():
    def rows(u):
        product = DENSE[:20] @ u
        return np.concatenate([np.sin(k * product) for k in range(1, 30)])

    assert dense_rows(problem_with(rows), 100_000).lifted < 20 * N + 3 * 30 * 20


def test_a_problem_that_was_asked_to_be_lifted_is_not_looked_at():
    assert dense_rows(problem_with(np.cumsum, lift="auto"), 100_000) is None
    assert dense_rows(problem_with(np.cumsum, 100, lift="auto"), 1000) is None


def test_nothing_is_counted_for_a_sparse_problem(monkeypatch):
    def refuse(*_):
        raise AssertionError("counted")

    monkeypatch.setattr(lifting, "count_nonzeros", refuse)
    problem = problem_with(lambda u: u[1:] ** 2 * u[:-1] + u[1:], 200_000)
    assert dense_rows(problem, 1000) is None


def test_no_pattern_is_formed():
    problem = problem_with(np.cumsum, 60_000)
    found = dense_rows(problem, 10**6)
    assert found.entries == pytest.approx(60_000 * 60_001 / 2, rel=0.6)  # an estimate
    assert not found.is_exact
    assert found.told.startswith("about ")
    assert "jacobian_plan" not in vars(problem.evaluator)


def test_reads_of_disjoint_parts_are_counted_exactly():
    form = problem_with(np.cumsum).evaluator.form
    expected = sum(length for length in range(2, N + 1) if length > 200)
    assert reads_of_long_rows(form, 200) == expected


@pytest.mark.parametrize("name", [n for n in registry.names() if not n.startswith("hs")])
def test_no_problem_of_the_collection_is_warned_of(name):
    record = registry.get(name)
    assert dense_rows(record.build(**record.sizes["small"]).problem(), 20_000) is None


def test_sums_of_sums_are_not_multiplied_out():
    problem = problem_with(lambda u: np.cumsum(np.cumsum(u)), 1500)  # 5.6e8 products of entries
    point = np.linspace(-1.0, 1.0, 1500)
    expected = np.cumsum(np.cumsum(point))[1:]
    assert problem.evaluator.form.num_instances() < 4 * 1500**2
    np.testing.assert_allclose(problem.constraints(point), expected, rtol=1e-11, atol=1e-9)
    direction = np.cos(point)
    np.testing.assert_allclose(
        problem.pushforward(point, direction), np.cumsum(np.cumsum(direction))[1:], rtol=1e-11
    )
    weights = np.sin(np.arange(1499.0))
    matrix = np.tri(1500)[1:] @ np.tri(1500)
    np.testing.assert_allclose(problem.pullback(point, weights), weights @ matrix, rtol=1e-8)
