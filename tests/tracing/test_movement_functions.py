"""Functions that move elements: values equal NumPy's bit for bit, on shapes with sizes 0 and 1."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.graph.index import StridedIndex
from sparseopt.tracing.layout import chosen_positions
from tests.tracing.recorded import assert_same, replay, sample

SHAPES = [(), (1,), (5,), (0,), (2, 3), (1, 4), (3, 0), (2, 1, 3), (2, 2, 3, 2)]

ANY_SHAPE = {
    "ravel": lambda x: np.ravel(x),
    "ravel F": lambda x: np.ravel(x, order="F"),
    "ravel f": lambda x: np.ravel(x, order="f"),
    "ravel A of one axis": lambda x: np.ravel(np.ravel(x), order="A"),
    "flatten F": lambda x: x.flatten("F"),
    "transpose": np.transpose,
    "T": lambda x: x.T,
    "copy": np.copy,
    "atleast_1d": np.atleast_1d,
    "atleast_2d": np.atleast_2d,
    "atleast_3d": np.atleast_3d,
    "expand_dims": lambda x: np.expand_dims(x, 0),
    "expand_dims last": lambda x: np.expand_dims(x, -1),
    "expand_dims two": lambda x: np.expand_dims(x, (0, -1)),
    "squeeze": np.squeeze,
    "reshape": lambda x: np.reshape(x, (-1, 1) if x.size else (0, 1)),
    "reshape F": lambda x: np.reshape(x, (1, x.size), order="F"),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, *x.shape)),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, np.zeros((2, *x.shape)))[0],
    "flip": np.flip,
    "roll": lambda x: np.roll(x, 2),
    "repeat": lambda x: np.repeat(x, 3),
    "tile": lambda x: np.tile(x, 2),
    "tile two": lambda x: np.tile(x, (2, 3)),
    "resize": lambda x: np.resize(x, (2, 2)) if x.size else np.reshape(x, -1),
    "concatenate flat": lambda x: np.concatenate([x, x * 2.0], axis=None),
    "stack": lambda x: np.stack([x, x * 2.0]),
    "stack last": lambda x: np.stack([x, np.ones(x.shape), x], axis=-1),
    "append": lambda x: np.append(x, [1.0, 2.0]),
    "insert": lambda x: np.insert(x, 0, 3.0),
    "where constant": lambda x: np.where(np.ones(x.shape, bool), x, 0.0),
    "where traced": lambda x: np.where(x > 1.0, x, 2.0),
    "ellipsis": lambda x: x[...],
    "new axis": lambda x: x[None],
    "zeros_like": np.zeros_like,
    "ones_like": np.ones_like,
    "full_like": lambda x: np.full_like(x, 3.0),
    "full_like traced": lambda x: np.full_like(x, 2.0 * x.sum() if x.size == 1 else 1.0),
    "zeros_like shape": lambda x: np.zeros_like(x, shape=(2, 3)),
    "diagflat": np.diagflat,
    "real": np.real,
    "imag": np.imag,
    "conj": np.conj,
    "nan_to_num": np.nan_to_num,
    "array_split": lambda x: np.array_split(np.ravel(x), 3)[1],
    "list": lambda x: [np.ravel(x), np.ravel(x) + 1.0],
    "constant": lambda x: np.ones(3),
}

VECTOR = {
    "slice": lambda x: x[1:4],
    "negative step": lambda x: x[::-2],
    "int": lambda x: x[-1],
    "numpy int": lambda x: x[np.int64(2)],
    "fancy": lambda x: x[[3, 0, 0]],
    "fancy 2-D": lambda x: x[np.array([[0, 1], [4, 2]])],
    "fancy negative": lambda x: x[np.array([-1, 0])],
    "mask": lambda x: x[np.array([True, False, True, False, False])],
    "empty fancy": lambda x: x[np.array([], int)],
    "concatenate": lambda x: np.concatenate([x[3:], [7.0], x[:3]]),
    "hstack": lambda x: np.hstack([x, 1.0, x[:2]]),
    "vstack": lambda x: np.vstack([x, np.arange(5.0)]),
    "dstack": lambda x: np.dstack([x, x]),
    "column_stack": lambda x: np.column_stack([x, np.arange(5.0), x]),
    "diag": np.diag,
    "diag k": lambda x: np.diag(x, -2),
    "tril of vector": lambda x: np.tril(x),
    "take": lambda x: np.take(x, [4, 1]),
    "take wrap": lambda x: np.take(x, [5, -7], mode="wrap"),
    "take method": lambda x: x.take([[0], [1]]),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([1, 1, 0]), 0),
    "compress": lambda x: np.compress([False, True, True], x),
    "compress method": lambda x: x.compress([False, True, True]),
    "extract": lambda x: np.extract(np.arange(5) % 2 == 0, x),
    "delete": lambda x: np.delete(x, [0, 2]),
    "insert traced": lambda x: np.insert(np.arange(3.0), 1, x[:2]),
    "repeat each": lambda x: np.repeat(x, [0, 1, 2, 0, 1]),
    "split": lambda x: np.split(x, [2, 3])[2],
    "hsplit": lambda x: np.hsplit(x, [1])[1],
    "unpacking": lambda x: (lambda a, b, c, d, e: c)(*x),
    "meshgrid": lambda x: np.meshgrid(x, x[:2])[1],
    "meshgrid ij sparse": lambda x: np.meshgrid(x, x[:2], indexing="ij", sparse=True)[0],
    "choose": lambda x: np.choose([0, 1, 0, 1, 1], [x, np.zeros(5)]),
    "windows": lambda x: np.lib.stride_tricks.sliding_window_view(x, 3),
    "objects": lambda x: np.array([x[0], x[3] * 1.0, 3.0]) if _plain(x) else _objects(x),
    "scalars": lambda x: np.stack([x[0], x[3], 3.0]),
    "block": lambda x: np.block([[np.eye(2), x[:2, None]], [x[2:4], 5.0]]),
    "select": lambda x: np.select([np.arange(5) < 2, np.arange(5) < 4], [x, 2.0], 1.0),
    "select traced": lambda x: np.select([x < 0.8, x < 1.2], [x, 2.0], 1.0),
    "clip": lambda x: np.clip(x, 0.7, 1.2),
    "clip one side": lambda x: np.clip(x, None, 1.2),
    "clip method": lambda x: x.clip(0.7, 1.2),
    "linspace": lambda x: np.linspace(0.0, 8.0, 5) * x,
    "iteration": lambda x: [v for v in x],  # noqa: C416
}

MATRIX = {  # shape (3, 4)
    "element": lambda x: x[1, 2],
    "row": lambda x: x[1],
    "column": lambda x: x[:, -1],
    "box": lambda x: x[1:, ::2],
    "fancy pair": lambda x: x[[0, 2], [1, 1]],
    "fancy row": lambda x: x[[2, 0]],
    "mask": lambda x: x[np.arange(12).reshape(3, 4) % 3 == 0],
    "ix": lambda x: x[np.ix_([0, 2], [3, 1])],
    "mixed": lambda x: x[1:, [0, 3]],
    "none": lambda x: x[:, None, 1:],
    "concatenate 1": lambda x: np.concatenate([x, x[:, :1]], axis=1),
    "concatenate -1 equal": lambda x: np.concatenate([x, 2.0 * x], axis=-1),
    "stack 1": lambda x: np.stack([x, x], axis=1),
    "vstack": lambda x: np.vstack([x, x[0]]),
    "hstack": lambda x: np.hstack([x, x]),
    "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "rollaxis": lambda x: np.rollaxis(x, 1),
    "swapaxes": lambda x: np.swapaxes(x, 0, -1),
    "transpose axes": lambda x: x.transpose(1, 0),
    "mT": lambda x: x.mT,
    "matrix_transpose": lambda x: np.matrix_transpose(x),
    "rot90": lambda x: np.rot90(x, 3),
    "fliplr": np.fliplr,
    "flipud": np.flipud,
    "flip axis": lambda x: np.flip(x, 1),
    "roll axis": lambda x: np.roll(x, -1, axis=1),
    "roll axes": lambda x: np.roll(x, (1, 2), axis=(0, 1)),
    "repeat axis": lambda x: np.repeat(x, 2, axis=0),
    "tril": lambda x: np.tril(x, 1),
    "triu": lambda x: np.triu(x, -1),
    "diag": np.diag,
    "diagonal": lambda x: np.diagonal(x, 1),
    "diagonal method": lambda x: x.diagonal(-1),
    "reshape of transpose": lambda x: x.T.reshape(2, 6),
    "reshape F": lambda x: x.reshape((2, 6), order="F"),
    "vsplit": lambda x: np.vsplit(x, 3)[1],
    "array_split": lambda x: np.array_split(x, 3, axis=1)[0],
    "delete": lambda x: np.delete(x, 1, axis=1),
    "insert": lambda x: np.insert(x, 1, x[:, 0], axis=1),
    "append": lambda x: np.append(x, x, axis=0),
    "take axis": lambda x: np.take(x, [3, 0], axis=1),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([[0], [3], [1]]), axis=1),
    "pad": lambda x: np.pad(x, 1),
    "pad value": lambda x: np.pad(x, ((0, 1), (2, 0)), constant_values=((1.0, 2.0), (3.0, 4.0))),
    "pad traced": lambda x: np.pad(x, 1, constant_values=x[0, 0]),
    "pad edge": lambda x: np.pad(x, 2, mode="edge"),
    "pad wrap": lambda x: np.pad(x, (1, 2), mode="wrap"),
    "pad reflect": lambda x: np.pad(x, 2, mode="reflect"),
    "pad symmetric": lambda x: np.pad(x, 2, mode="symmetric"),
    "ellipsis": lambda x: x[..., 1],
    "broadcast": lambda x: np.broadcast_to(x[:, :1], (3, 4)) + x,
    "boolean row": lambda x: x[np.array([True, False, True])],
}


def _plain(x):
    return isinstance(x, np.ndarray)


def _objects(x):
    return np.array([x[0], x[3] * 1.0, 3.0])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", ANY_SHAPE)
def test_function_of_any_shape_equals_numpy(name, shape):
    assert_same(ANY_SHAPE[name], sample(shape))


@pytest.mark.parametrize("name", VECTOR)
def test_function_of_a_vector_equals_numpy(name):
    assert_same(VECTOR[name], sample(5))


@pytest.mark.parametrize("name", MATRIX)
def test_function_of_a_matrix_equals_numpy(name):
    assert_same(MATRIX[name], sample((3, 4)))


@pytest.mark.parametrize("axes", [(0, 2, 1), (2, 0, 1), (-1, 0, 1)])
def test_transpose_of_three_axes_equals_numpy(axes):
    assert_same(lambda x: np.transpose(x, axes)[1], sample((2, 3, 4)))


ROWS = {
    "one": [1],
    "negative": [0, -1, -2],
    "repeated, in a matrix": [[1, 0, 1], [-1, 1, 0]],
    "not in C order": np.array([[1, 0, 1], [0, 0, 1]]).T,
    "no dimension": np.array(1),
    "none": np.zeros((2, 0), int),
    "narrow": np.array([1, 0], np.int8),
    "unsigned": np.array([1, 0], np.uint16),
    "mask": [True, False],
}


@pytest.mark.parametrize("key", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("shape", [(2,), (2, 3), (2, 3, 4), (2, 5, 4), (2, 0)], ids=str)
def test_rows_chosen_by_an_array_are_those_of_numpy(shape, key):
    assert_same(lambda x: x[key] * 2.0, sample(shape))
    assert_same(lambda x: x[..., ::-1][np.asarray(key)], sample(shape))


@pytest.mark.parametrize("shape", [(2,), (2, 3)], ids=str)
@pytest.mark.parametrize("row", [2, -3])
def test_a_row_that_is_not_there_is_an_index_error(shape, row):
    with pytest.raises(IndexError, match=f"index {row} is out of bounds for axis 0 with size 2"):
        replay(lambda x: x[[0, row]], sample(shape))


def test_choosing_rows_costs_what_is_chosen():
    shape = (1_000_000_000_000, 3)  # its positions would not fit into memory
    assert chosen_positions(shape, [2, -1]).tolist() == [
        [6, 7, 8],
        [2_999_999_999_997, 2_999_999_999_998, 2_999_999_999_999],
    ]


@pytest.mark.parametrize("stride", [1, 2, -1])
@pytest.mark.parametrize("offset", [0, 7])
def test_positions_of_a_line_are_an_array_of_their_own(offset, stride):
    positions = np.array([2, 0, 1])
    taken = StridedIndex(offset + 3, (3,), (stride,)).take(positions)
    assert taken.tolist() == [offset + 3 + stride * k for k in (2, 0, 1)]
    narrow = positions.astype(np.int32)
    StridedIndex(0, (3,), (1,)).take(narrow)[:] = 9
    assert narrow.tolist() == [2, 0, 1]
