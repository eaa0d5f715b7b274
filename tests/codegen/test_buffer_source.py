"""Tests of the functions between buffers and places: both forms of each have the same bits."""

from __future__ import annotations

import ctypes
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from sparseopt.codegen.buffer_source import buffer_source
from sparseopt.codegen.compile import CompiledModule, compile_ir, target
from sparseopt.codegen.operand_layout import SUMMED_TOGETHER
from sparseopt.codegen.runtime_source import fill_source

SUM = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)


def compiled(width: int) -> CompiledModule:
    return compile_ir(fill_source(width) + buffer_source(target().lanes, width), 1)


@pytest.fixture(scope="module")
def forms() -> tuple[CompiledModule, CompiledModule]:
    """Return the short form, and the one in vectors."""
    return compiled(1), compiled(target().lanes)


def summed(module: CompiledModule, values: NDArray[np.float64], old: float) -> float:
    out = np.array([old])
    # What stands after the end of a buffer is not to be counted, not even NaN.
    buffer = np.concatenate([values, np.full(SUMMED_TOGETHER, np.nan)])
    SUM(module.address("sum_into"))(out.ctypes.data, 0, buffer.ctypes.data, values.size)
    return float(out[0])


@pytest.mark.parametrize("size", [0, 1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 201, 512])
def test_both_forms_of_a_sum_have_the_same_bits(
    forms: tuple[CompiledModule, CompiledModule], size: int
) -> None:
    generator = np.random.default_rng(size)
    values = generator.normal(size=size) * 10.0 ** generator.integers(-9, 9, size)
    short, vectors = (summed(module, values, 0.25) for module in forms)
    assert short.hex() == vectors.hex()
    magnitude = np.abs(values).sum() + 0.25
    assert vectors == pytest.approx(math.fsum([0.25, *values]), rel=0, abs=1e-15 * magnitude)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_stays_so(
    forms: tuple[CompiledModule, CompiledModule], value: float
) -> None:
    for module in forms:
        for place in (0, 40):
            values = np.ones(41)
            values[place] = value
            assert summed(module, values, 1.0) == pytest.approx(value, nan_ok=True)


def moved(
    module: CompiledModule, name: str, table: NDArray[np.int32], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return 700 numbers after one of the functions with a table has added to them."""
    out = np.linspace(0.0, 1.0, 700)
    buffer = np.concatenate([values, np.full(SUMMED_TOGETHER, np.nan)])
    arguments = (out.ctypes.data, table.ctypes.data, buffer.ctypes.data, values.size)
    SUM(module.address(name))(*arguments)
    return out


PLACES = {
    "consecutive": np.arange(3, 504),
    "one after another but for a few": np.r_[500, 7:90, 2, 1, 90:300, 5, 301:340],
    "scattered": np.random.default_rng(0).integers(0, 700, 333),
    "first and last of a vector as if consecutive": np.tile([10, 13, 12, 14, 11, 16, 15, 17], 9),
    "equal": np.full(45, 6),
    "few": np.array([4, 5, 6]),
}


@pytest.mark.parametrize("places", PLACES.values(), ids=PLACES.keys())
def test_both_forms_add_to_places_of_a_table_in_order(
    forms: tuple[CompiledModule, CompiledModule], places: NDArray[np.int64]
) -> None:
    values = np.random.default_rng(1).normal(size=places.size)
    expected = np.linspace(0.0, 1.0, 700)
    np.add.at(expected, places, values)  # one by one
    for module in forms:
        found = moved(module, "add_indexed", places.astype(np.int32), values)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("first", [0, 30])
def test_both_forms_sum_runs_of_equal_places(
    forms: tuple[CompiledModule, CompiledModule], first: int
) -> None:
    places = np.repeat([9, 3, 600, 4, 9], [100, 1, 32, 47, 20])
    left = np.r_[100:0:-1, 1, 32:0:-1, 47:0:-1, 20:0:-1]
    table = np.stack([places, left], axis=1).astype(np.int32)[first:180]  # a chunk ends in a run
    values = np.random.default_rng(2).normal(size=table.shape[0])
    expected = np.linspace(0.0, 1.0, 700)
    np.add.at(expected, table[:, 0], values)
    short, vectors = (moved(module, "sum_runs", table, values) for module in forms)
    np.testing.assert_array_equal(short, vectors)
    np.testing.assert_allclose(vectors, expected, rtol=1e-14)
