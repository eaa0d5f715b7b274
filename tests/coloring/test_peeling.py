"""Dense rows and columns: the colors they cost, and work that stays linear."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.coloring import (
    acyclic,
    color,
    compiled,
    graphs,
    is_acyclic_coloring,
    is_star_coloring,
    ordering,
    partial_distance2,
    peeling,
    star,
)
from sparseopt.coloring.ordering import ORDERS
from sparseopt.coloring.peeling import hubs, long_nets
from tests.coloring.example_patterns import (
    arrowhead,
    band_with_hubs,
    symmetric_matrices,
    symmetric_pattern,
)

MODULES = (acyclic, graphs, ordering, partial_distance2, star)
KINDS = [
    ("column", "direct"),
    ("row", "direct"),
    ("symmetric", "direct"),
    ("symmetric", "substitution"),
]


class CountingList(list[Any]):
    """A list that counts how often its elements are read."""

    reads = 0

    def __getitem__(self, index: Any) -> Any:
        CountingList.reads += 1
        return super().__getitem__(index)


@pytest.fixture
def reads(monkeypatch):
    """Run every kernel in plain Python, and count the elements it reads."""

    def run(kernel: Any, inputs: Iterable[Any], outputs: Iterable[Any], work: int) -> None:
        given = [CountingList(a.tolist()) if isinstance(a, np.ndarray) else a for a in inputs]
        lists = [CountingList(a.tolist()) for a in outputs]
        kernel(*given, *lists)
        for array, values in zip(outputs, lists, strict=True):
            array[...] = list(values)

    for module in MODULES:
        monkeypatch.setattr(module, "run", run)
    monkeypatch.setattr(CountingList, "reads", 0)
    return lambda: CountingList.reads


@pytest.mark.parametrize(("partition", "decompression"), KINDS)
@pytest.mark.parametrize("order", ["natural", "largest_first", "smallest_last"])
def test_the_work_for_an_arrowhead_is_linear(reads, partition, decompression, order):
    n = 3000  # n² = 9 000 000
    pattern = arrowhead(n)
    coloring = color(pattern, partition, decompression, order)
    assert coloring.num_colors == (2 if partition == "symmetric" else n)
    assert reads() < 200 * n


@pytest.mark.parametrize("order", [*ORDERS, "best"])
@pytest.mark.parametrize("positions", [[0, 1, 2, 3, 4], [7, 100, 3000, 3001, 5999]])
def test_a_band_with_five_dense_rows_and_columns_needs_five_colors_more(order, positions):
    pattern = band_with_hubs(6000, 5, positions)
    star_coloring = color(pattern, "symmetric", order=order)
    assert star_coloring.num_colors == 16
    acyclic_coloring = color(pattern, "symmetric", "substitution", order)
    assert acyclic_coloring.num_colors == 11
    values = np.random.default_rng(0).standard_normal(pattern.nnz)
    H = pattern.to_symmetric(values)
    found = star_coloring.decompress_values(star_coloring.compress(H))
    np.testing.assert_array_equal(found, values)
    found = acyclic_coloring.decompress_values(acyclic_coloring.compress(H))
    np.testing.assert_allclose(found, values, rtol=0, atol=1e-11)


@pytest.mark.parametrize("hub", [0, 2999])
@pytest.mark.parametrize("order", [*ORDERS, "best"])
def test_large_arrowheads_need_two_colors_in_every_order(order, hub):
    pattern = arrowhead(3000, hub)
    assert color(pattern, "symmetric", order=order).num_colors == 2
    assert color(pattern, "symmetric", "substitution", order).num_colors == 2
    assert color(pattern, "column", order=order).num_colors == 3000


def test_hubs_far_apart_share_a_color():
    # 20 arrowheads of 1000 beside each other need the two colors of one.
    n = 20_000
    every = np.arange(n)
    pattern = symmetric_pattern(n, every, every // 1000 * 1000)
    assert color(pattern, "symmetric").num_colors == 2
    assert color(pattern, "symmetric", "substitution").num_colors == 2


def test_moderate_degrees_are_no_hubs():
    assert hubs(np.array([5, 1, 1, 1, 1, 1], np.int32)).size == 0
    assert hubs(np.full(4000, 900, np.int32)).size == 0
    assert hubs(np.full(200_000, 12, np.int32)).size == 0
    assert hubs(np.array([], np.int32)).size == 0


def test_the_number_of_hubs_minimizes_the_bound_on_the_colors():
    # hubs + next degree + 1:  0 + 90000, 1 + 80000, 2 + 70000, 3 + 4 (+ 1)
    degrees = np.array([4, 90_000, 4, 70_000, 80_000, 3, 2], np.int32)
    assert hubs(degrees).tolist() == [1, 4, 3]


@settings(max_examples=100, derandomize=True, deadline=None)
@given(symmetric_matrices(largest=12), st.sampled_from(ORDERS))
def test_colorings_with_hubs_apart_are_valid(matrix, order):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peeling, "_moderate", lambda entries: 0)  # hubs even where work is small
        star_coloring = color(matrix, "symmetric", order=order)
        acyclic_coloring = color(matrix, "symmetric", "substitution", order)
    assert is_star_coloring(matrix, star_coloring.colors)
    assert is_acyclic_coloring(matrix, acyclic_coloring.colors)
    for coloring in (star_coloring, acyclic_coloring):
        found = coloring.decompress(coloring.compress(matrix)).toarray()
        np.testing.assert_allclose(found, matrix, rtol=0, atol=1e-13)


def test_long_nets_leave_moderate_work():
    sizes = np.array([10, 50_000, 10, 90_000], np.int64)
    assert long_nets(sizes).tolist() == [3, 1]
    assert long_nets(np.full(1000, 30, np.int64)).size == 0


def test_small_work_stays_in_plain_python(monkeypatch):
    def refuse(kernel: Any) -> None:
        raise AssertionError(kernel)

    monkeypatch.setattr(compiled, "_compile", refuse)
    assert color(arrowhead(150), "symmetric").num_colors == 2
