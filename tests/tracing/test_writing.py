"""Views share memory and writes go through them, exactly as in NumPy."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from sparseopt.errors import ShapeError, TracingError
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample


def after(write):
    """Return a function that writes into a copy of its argument and returns it."""

    def function(x):
        y = x.copy()
        write(y, x)
        return y

    return function


def write_through_slice(y, x):
    part = y[1:4]
    part[0] = 7.0
    part[:] *= 2.0


def write_through_transpose(y, x):
    y.T[1] = x[:, 0] * 3.0


def write_through_reshape(y, x):
    flat = y.reshape(-1)
    flat[::2] = 0.0


def write_through_diagonal_view(y, x):
    y.reshape(-1)[:: y.shape[1] + 1] = 5.0


def write_overlapping(y, x):
    y[1:] = y[:-1]


def write_fancy_twice(y, x):
    y[[0, 2, 0]] = x[:3] * 2.0


def write_mask(y, x):
    y[np.arange(y.size) % 2 == 0] = -1.0


def write_negative_step(y, x):
    y[::-1] = x * 3.0


def write_scalar_everywhere(y, x):
    y[...] = x[0]


def write_broadcast_row(y, x):
    y[1:] = x[0] + 1.0


def write_unit_axes(y, x):
    y[0] = x[None, None, 1]


def write_after_reading(y, x):
    before = y[0] * 1.0
    kept = y[0]
    y[0] = 9.0
    y[1] = before + kept


def write_in_loop(y, x):
    for k in range(1, y.size):
        y[k] = y[k - 1] * 0.5 + x[k]


def write_elements_and_slices(y, x):
    y[0] = x[1]
    y[0:2] += 1.0
    y[1] -= y[0]
    y[-1] = y[0:2].sum()


def write_nothing(y, x):
    y[2:2] = 3.0


def write_functions(y, x):
    np.copyto(y[:2], x[1:3])
    np.put(y, [3], x[0])
    np.putmask(y, np.arange(y.size) == 4, 2.0)


def write_copyto_where(y, x):
    np.copyto(y, x * 2.0, where=np.arange(y.size) < 2)


def write_place(y, x):
    np.place(y, np.arange(y.size) > 2, [1.0, x[0] * 2.0] if isinstance(x, np.ndarray) else x[:2])


def write_put_along_axis(y, x):
    np.put_along_axis(y, np.array([[1], [0], [2]]), 0.0, axis=1)


def write_fill_diagonal(y, x):
    np.fill_diagonal(y, x[0])


def write_out(y, x):
    np.multiply(x, 2.0, out=y)


def write_fill(y, x):
    y.fill(2.0)


VECTOR = [
    write_through_slice, write_overlapping, write_fancy_twice, write_mask, write_negative_step,
    write_scalar_everywhere, write_after_reading, write_in_loop, write_elements_and_slices,
    write_nothing, write_functions, write_copyto_where, write_out, write_fill,
]  # fmt: skip
MATRIX = [
    write_through_transpose, write_through_reshape, write_through_diagonal_view,
    write_broadcast_row, write_unit_axes, write_put_along_axis, write_fill_diagonal,
]  # fmt: skip


@pytest.mark.parametrize("write", VECTOR)
def test_write_into_a_vector_equals_numpy(write):
    assert_same(after(write), sample(6), rtol=1e-15)


@pytest.mark.parametrize("write", MATRIX)
def test_write_into_a_matrix_equals_numpy(write):
    assert_same(after(write), sample((3, 3)), rtol=1e-15)


def test_arrays_like_a_traced_one_take_traced_values():
    def function(x):
        y = np.empty_like(x)
        z = np.zeros_like(x, shape=(2, x.size))
        for k in range(x.size):
            y[k] = x[-k - 1] ** 2
            z[1, k] = y[k] + x[k]
        return z

    assert_same(function, sample(4))


def test_write_into_the_original_does_not_change_a_copy():
    def function(x):
        y = x.copy()
        kept = [y.copy(), copy.copy(y), copy.deepcopy(y), y.flatten(), y[[0, 1, 2]], y * 1.0]
        y[0] = 100.0
        return np.stack(kept)

    assert_same(function, sample(3))


def test_write_into_the_original_changes_a_view():
    def function(x):
        y = x.copy()
        views = [y[:], y[::-1], y.reshape(3), np.ravel(y), y.T, np.broadcast_to(y, (1, 3))[0]]
        y[0] = 100.0
        return np.stack(views)

    assert_same(function, sample(3))


def test_in_place_operators_write_through_views_but_rebind_scalars():
    def function(x):
        y = x.copy()
        part = y[:2]
        part += 1.0
        scalar = y[2]
        scalar += 5.0
        y **= 2
        y /= 2.0
        return y

    assert_same(function, sample(3))


def test_shares_memory_tells_views_from_copies():
    def function(x):
        assert np.shares_memory(x, x[1:])
        assert not np.shares_memory(x, x.copy())
        return x

    trace(function, (3,))


def test_writing_into_an_input_is_refused_with_its_name():
    def function(x):
        x[0] = 1.0

    with pytest.raises(TracingError, match=r"test_writing\.py:\d+\n.*'x' is an input"):
        trace(function, (3,))


def test_writing_a_wrong_shape_is_refused():
    def function(x):
        y = x.copy()
        y[:2] = x
        return y

    with pytest.raises(ShapeError, match=r"shape \(3,\) is written to a place of shape \(2,\)"):
        trace(function, (3,))
