"""Tests of the schedules of values."""

from __future__ import annotations

import numpy as np

import sparseopt as so
from sparseopt.elements.tasks import Kernel


def test_what_an_instance_adds_to_one_place_is_added_in_its_formula() -> None:
    model = so.Model("grid")
    v = model.variable("v", shape=(30, 20), start=np.arange(600.0).reshape(30, 20) / 100)
    model.minimize(np.sum((v[1:, 1:] - v[:-1, 1:]) ** 2) / 3 + np.sum(np.sin(v[1:, 1:])))
    evaluator = model.problem().evaluator
    kernels = evaluator._program("objective").schedule.kernels()
    assert [len(k.targets) for k in kernels] == [1]
    x = np.arange(600.0) / 100
    grid = x.reshape(30, 20)
    expected = np.sum((grid[1:, 1:] - grid[:-1, 1:]) ** 2) / 3 + np.sum(np.sin(grid[1:, 1:]))
    np.testing.assert_allclose(evaluator.objective(x), expected, rtol=1e-14)


def test_rows_of_several_terms_keep_their_own_places() -> None:
    model = so.Model("rows")
    x = model.variable("x", shape=50, start=1.0)
    model.minimize(np.sum(x))
    rows = x[1:] * x[:-1]
    model.subject_to(rows + np.cos(x[:-1]) <= 3.0)
    evaluator = model.problem().evaluator
    kernels: list[Kernel] = evaluator._program("constraints").schedule.kernels()
    for kernel in kernels:
        places = [(t.base, t.index) for t in kernel.targets]
        assert len(set(places)) == len(places)
    point = np.linspace(0.0, 1.0, 50)
    expected = point[1:] * point[:-1] + np.cos(point[:-1])
    np.testing.assert_allclose(evaluator.constraints(point), expected, rtol=1e-14)
