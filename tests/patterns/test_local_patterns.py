"""Patterns at one point: what the values there make zero drops out, and the result says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sparseopt as so
from sparseopt.patterns.index_sets import hessian_pattern_of, jacobian_pattern_of
from sparseopt.testing.programs import random_programs
from tests.patterns.detected import hessian, jacobian
from tests.properties.test_derivatives import problem_of
from tests.references import Reference


def test_a_local_pattern_says_so():
    pattern = so.jacobian_pattern(np.sin, np.zeros(2), at=np.zeros(2))
    assert pattern.is_local
    assert repr(pattern) == "SparsityPattern(2 x 2, local, nnz=2)"
    assert not so.jacobian_pattern(np.sin, np.zeros(2)).is_local
    assert so.hessian_pattern(np.sum, np.zeros(2), at=np.zeros(2)).is_local


def test_where_takes_one_branch():
    def branches(x):
        return np.where(x[:2] > 0, x[2:4], x[4:])

    at = [1.0, -1.0, 1.0, 1.0, 1.0, 1.0]
    assert jacobian(branches, 6, at=at) == ["..#...", ".....#"]


def test_extrema_take_one_argument():
    assert jacobian(lambda x: np.maximum(x[:1], x[1:]), 2, at=[1.0, 2.0]) == [".#"]
    assert jacobian(lambda x: np.minimum(x[:1], x[1:]), 2, at=[1.0, 2.0]) == ["#."]
    assert jacobian(lambda x: np.max(x), 3, at=[1.0, 3.0, 2.0]) == [".#."]
    assert jacobian(lambda x: np.clip(x, 0.0, 1.0), 3, at=[-1.0, 0.5, 2.0]) == ["...", ".#.", "..."]


def test_a_factor_of_zero_drops_the_other():
    assert jacobian(lambda x: x[:1] * x[1:], 2, at=[3.0, 0.0]) == [".#"]
    assert jacobian(lambda x: x**2, 2, at=[0.0, 1.0]) == ["..", ".#"]
    assert jacobian(np.cos, 2, at=[0.0, 1.0]) == ["..", ".#"]


def test_values_of_parameters_count():
    def scaled(x, k):
        return k * x

    options = {"parameters": {"k": [0.0, 1.0]}}
    assert jacobian(scaled, 2, at=[1.0, 1.0], **options) == ["..", ".#"]
    assert jacobian(scaled, 2, **options) == ["#.", ".#"]


def test_second_partials_count_at_the_point():
    assert hessian(lambda x: np.sum(np.sin(x)), 2, at=[0.0, 1.0]) == ["..", ".#"]
    assert hessian(lambda x: np.sum(x**3), 2, at=[0.0, 1.0]) == ["..", ".#"]
    assert hessian(lambda x: np.sum(x**2.5), 2, at=[0.0, 1.0]) == ["..", ".#"]
    assert hessian(lambda x: x[0] * x[1], 2, at=[0.0, 0.0]) == [".#", "#."]


def test_an_operation_that_reaches_the_result_through_zero_does_not_interact():
    assert hessian(lambda x: x[0] * x[1] ** 2, 2, at=[0.0, 1.0]) == [".#", "#."]
    assert hessian(lambda x: np.where(x[0] > 0, x[1] ** 2, x[2] ** 2), 3, at=[1.0, 1.0, 1.0]) == [
        "...", ".#.", "..."
    ]  # fmt: skip


def test_first_partials_of_the_arguments_count():
    # (x0²) (x1) at x0 = 0: the product couples x1 with a value that does not move.
    assert hessian(lambda x: x[0] ** 2 * x[1], 2, at=[0.0, 1.0]) == ["#.", ".."]


def test_infinite_partials_count_as_entries():
    assert jacobian(np.sqrt, 1, at=[0.0]) == ["#"]
    assert hessian(lambda x: np.sqrt(x[0]), 1, at=[0.0]) == ["#"]


def test_a_point_of_another_length_is_refused():
    with pytest.raises(so.ShapeError):
        so.jacobian_pattern(np.sin, np.zeros(2), at=np.zeros(3))
    program, _ = problem_of(_Identity())
    with pytest.raises(so.ShapeError, match="3 values of the variables"):
        jacobian_pattern_of(program, 1, at=np.zeros(3))


class _Identity:
    shape = (2,)
    parameter_shape = None

    def __call__(self, x):
        return x


@settings(max_examples=60, deadline=None, derandomize=True)
@given(program=random_programs(), seed=st.integers(0, 3), zeros=st.booleans())
def test_local_patterns_are_part_of_global_ones_and_hold_at_the_point(program, seed, zeros):
    recorded, n = problem_of(program)
    x = program.point(seed).ravel()
    if zeros:
        x[::2] = 0.0
    jacobian_at = jacobian_pattern_of(recorded, 1, at=x)
    hessian_at = hessian_pattern_of(recorded, at=x)
    assert jacobian_at <= jacobian_pattern_of(recorded, 1)
    assert hessian_at <= hessian_pattern_of(recorded)
    if zeros and not program.is_smooth:
        return  # at a kink a difference sees both sides
    reference = Reference(recorded, x, seed=seed)
    assert not (reference.jacobian[~jacobian_at.to_scipy().toarray()] != 0.0).any()
    if n <= 10 and program.is_smooth:
        found = np.zeros((n, n))
        found[np.tril_indices(n)] = reference.curvatures
        allowed = hessian_at.to_csr(np.ones(hessian_at.nnz)).toarray() != 0
        assert (np.abs(found[~allowed]) < 1e-6).all()
