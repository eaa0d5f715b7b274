"""Tests of the functions between buffers and places: both forms of a sum have the same bits."""

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
