"""Tests of constants in runs: what is written is what was to be written, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sparseopt.codegen.constant_runs import LONG_RUN, constant_runs, is_constant
from sparseopt.codegen.native import NativeProgram
from sparseopt.elements.expressions import ExpressionPool
from sparseopt.elements.tasks import Base, Fill, Schedule

RUNS = st.lists(
    st.tuples(
        st.sampled_from([0.0, -0.0, 1.5, np.nan, np.inf]),
        st.sampled_from([1, 2, 7, LONG_RUN - 1, LONG_RUN, LONG_RUN + 13]),
    ),
    max_size=8,
)


def values_of(runs: list[tuple[float, int]]) -> NDArray[np.float64]:
    values = [value for value, _ in runs]
    return np.repeat(np.array(values, np.float64), [length for _, length in runs])


def written(values: NDArray[np.float64]) -> NDArray[np.float64]:
    fill = Fill(Base.OUT, 2, values.size, values)
    out = np.full(values.size + 4, 9.0)
    schedule = Schedule("fill", ExpressionPool(), [[fill]], out.size, 0)
    NativeProgram(schedule, np.zeros(0)).run(np.zeros(1), out)
    assert out[[0, 1, -2, -1]].tolist() == [9.0] * 4
    return out[2:-2]


@given(RUNS)
def test_the_runs_of_a_fill_lie_one_after_the_other_and_hold_its_values(
    runs: list[tuple[float, int]],
) -> None:
    values = values_of(runs)
    parts = constant_runs(Fill(Base.OUT, 3, values.size, values))
    assert [p.offset for p in parts] == [
        3 + sum(q.size for q in parts[:k]) for k in range(len(parts))
    ]
    kept = [p.values for p in parts if p.values is not None]
    assert np.concatenate([*kept, np.zeros(0)]).tobytes() == values.tobytes()
    assert all(p.size >= LONG_RUN for p in parts if is_constant(p))


@pytest.mark.parametrize("length", [1, 7, 1023, 1024, 1031, 5000])
def test_compiled_code_writes_runs_of_any_length(length: int) -> None:
    values = values_of([(2.0, length), (-0.0, 3), (0.0, length), (np.nan, 1), (7.0, 2 * length)])
    assert written(values).tobytes() == values.tobytes()


def test_a_long_run_is_not_read_from_memory() -> None:
    (only,) = constant_runs(Fill(Base.OUT, 0, 5000, np.full(5000, 3.0)))
    assert is_constant(only)
    assert only.values is not None
    assert only.values.base is not None
    assert only.values.base.nbytes == 8
