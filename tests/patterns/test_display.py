"""Patterns as text and as figures."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import sparseopt as so
from sparseopt.errors import PatternError
from sparseopt.patterns.sparsity_pattern import SparsityPattern


def diagonal(n):
    return SparsityPattern(np.arange(n), np.arange(n), (n, n))


def test_a_dot_is_an_entry():
    pattern = SparsityPattern(np.array([0, 3, 4]), np.array([0, 1, 2]), (5, 3))
    assert pattern.braille().splitlines() == ["⢁⠀", "⠀⠁"]


def test_printing_shows_a_header_and_a_picture():
    assert str(diagonal(4)).splitlines() == ["SparsityPattern(4 x 4, nnz=4)", "⠑⢄"]
    assert repr(diagonal(4)) == "SparsityPattern(4 x 4, nnz=4)"
    empty = SparsityPattern(np.zeros(0, int), np.zeros(0, int), (0, 3))
    assert str(empty) == "SparsityPattern(0 x 3, nnz=0)"


def test_large_patterns_shrink_by_one_factor_in_both_directions():
    picture = diagonal(100_000).braille(width=10, height=5).splitlines()
    assert len(picture) == 5
    assert {len(line) for line in picture} == {10}
    assert picture[0] == "⠑⢄" + "⠀" * 8
    wide = SparsityPattern(np.array([0]), np.array([999]), (2, 1000)).braille(width=20)
    assert wide[:-1] == "⠀" * 19
    assert len(wide.splitlines()) == 1


def test_symmetric_patterns_show_both_triangles():
    pattern = so.hessian_pattern(lambda x: x[0] * np.sum(x), np.zeros(4))
    assert pattern.braille() == "⡏⠉"


def test_figures_show_entries_and_how_full_blocks_are():
    pytest.importorskip("matplotlib").use("Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    axes = diagonal(3).plot()
    assert axes.get_title() == "SparsityPattern(3 x 3, nnz=3)"
    np.testing.assert_array_equal(axes.images[0].get_array(), np.eye(3))
    assert diagonal(50_000).plot(axes) is axes
    assert max(axes.images[1].get_array().shape) <= 600
    pyplot.close("all")


def test_without_matplotlib_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(PatternError, match=r"print\(pattern\)"):
        diagonal(3).plot()
