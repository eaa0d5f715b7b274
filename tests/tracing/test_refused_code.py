"""Code that cannot be recorded: the error's class, the user's line, and what to write instead."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import pdist

from sparseopt.errors import (
    ArrayConversionError,
    BranchError,
    ShapeError,
    SparseOptError,
    TracingError,
    UnsupportedFunctionError,
)
from sparseopt.tracing.trace import trace


def branch(x):
    return x if x[0] > 0 else -x


def loop(x):
    while x.sum() > 1.0:
        x = x - 1.0
    return x


def builtin_max(x):
    return max(x[0], 0.0)


def chained_comparison(x):
    return 0.0 < x[0] < 1.0


def logical_word(x):
    return x[0] > 0.0 and x[1]


def membership(x):
    return 1.0 in x


def branch_on_any(x):
    return x if np.any(x > 0.0) else -x


def builtin_sorted(x):
    return sorted(x)


def c_math(x):
    return math.sin(x[0])


def number(x):
    return float(x[0])


def integer(x):
    return int(x[0])


def complex_number(x):
    return complex(x[0])


def item(x):
    return x[0].item()


def tolist(x):
    return x.tolist()


def as_array(x):
    return np.asarray(x)


def array_of_vectors(x):
    return np.array([x, x])


def element_of_plain_array(x):
    a = np.zeros(3)
    a[0] = x[0]
    return a


def slice_of_plain_array(x):
    a = np.zeros(3)
    a[:] = x
    return a


def plain_array_in_place(x):
    a = np.zeros(3)
    a += x
    return a


def to_integers(x):
    return x.astype(int)


def complex_data(x):
    return np.maximum(x, np.zeros(3)) + np.where(x > 0.0, x, 1j)


def text(x):
    return x + np.array(["a", "b", "c"])


def nothing(x):
    return x * None


def sparse_elementwise(x):
    return sp.csr_array(np.eye(3)) + x


def plain_dot_method(x):
    return np.eye(3).dot(x)


def index(x):
    return np.arange(3.0)[x[0]]


def traced_index(x):
    return x[x]


def traced_mask(x):
    return x[x > 0.0]


def traced_take(x):
    return np.take(x, x)


def traced_repeat(x):
    return np.repeat(x, x)


def loop_count(x):
    return sum(x[0] for _ in range(x[1]))


def key(x):
    return {x[0]: 1.0}


def mixed_objects(x):
    return np.sin(np.array([x[0], 3.0]))


def coo_dot(x):
    return sp.coo_array(np.eye(3)).dot(x)


MATRIX = np.eye(3).view(np.matrix)  # without NumPy's warning


def matrix_times_array(x):
    return MATRIX * x.reshape(3, 1)


def array_times_matrix(x):
    return x @ MATRIX


def column_of_a_matrix(x):
    return MATRIX[:, 0] - x


def matrix_times_vector(x):
    return MATRIX @ x


def order_in_memory(x):
    return np.ravel(np.outer(x, x).T, "K")


def contiguous_order(x):
    return np.outer(x, x).reshape(-1, order="A")


def unknown_order(x):
    return x.flatten(order="X")


def odd_reflection(x):
    return np.pad(x, 1, mode="reflect", reflect_type="odd")


def rows_by_r(x):
    return np.r_[x, 1.0]


def columns_by_c(x):
    return np.c_[x, x]


def distances(x):
    return pdist(x.reshape(3, 1))


def returns_nothing(x):
    x + 1.0


def unknown_function(x):
    return np.roots(x)


def unknown_ufunc(x):
    return np.spacing(x)


def one_argument_where(x):
    return np.where(x > 0.0)


def shapes(x):
    return x + np.zeros(4)


def reshape(x):
    return x.reshape(2, 2)


def matrix_shapes(x):
    return np.zeros((2, 4)) @ x


def sparse_shapes(x):
    return sp.eye_array(4) @ x


def concatenate_shapes(x):
    return np.concatenate([x, np.zeros((2, 2))])


def stack_shapes(x):
    return np.stack([x, x[:2]])


def list_of_shapes(x):
    return [x, x[:2]]


def wrong_axis(x):
    return np.sum(x, axis=1)


def einsum_terms(x):
    return np.einsum("ij->i", x)


def unknown_option(x):
    return np.mean(x, where=[True, False, True])


def ufunc_where(x):
    return np.sin(x, where=np.array([True, False, True]))


def output_array(x):
    return np.sin(x, out=np.zeros(3))


def copy_into_plain(x):
    np.copyto(np.zeros(3), x)
    return x


CASES = [
    (branch, BranchError, "np.where"),
    (loop, BranchError, "np.where"),
    (builtin_max, BranchError, r"np.maximum\(x, 0\)"),
    (chained_comparison, BranchError, "np.where"),
    (logical_word, BranchError, "np.where"),
    (membership, BranchError, "np.where"),
    (branch_on_any, BranchError, "np.where"),
    (builtin_sorted, BranchError, "np.where"),
    (c_math, ArrayConversionError, "np.sin for math.sin"),
    (number, ArrayConversionError, "leave out float"),
    (integer, ArrayConversionError, "must not depend on the variables"),
    (complex_number, ArrayConversionError, "two real arrays"),
    (item, ArrayConversionError, "keep the traced scalar"),
    (tolist, ArrayConversionError, "iterate over the traced array"),
    (as_array, ArrayConversionError, r"leave out np.asarray; so.external\(function, shape\)"),
    (array_of_vectors, ArrayConversionError, r"np.stack\(\[x, y\]\)"),
    (element_of_plain_array, ArrayConversionError, "np.zeros_like"),
    (slice_of_plain_array, ArrayConversionError, "np.zeros_like"),
    (plain_array_in_place, TracingError, "np.zeros_like"),
    (to_integers, ArrayConversionError, "np.rint"),
    (complex_data, ArrayConversionError, "real and imaginary"),
    (text, ArrayConversionError, "array of floats"),
    (nothing, ArrayConversionError, "NoneType"),
    (sparse_elementwise, ArrayConversionError, "A @ x"),
    (plain_dot_method, ArrayConversionError, r"A @ x for A.dot\(x\)"),
    (index, SparseOptError, "must not depend on the variables"),
    (traced_index, TracingError, "sparsity"),
    (traced_mask, TracingError, "np.where"),
    (traced_take, TracingError, "sparsity"),
    (traced_repeat, TracingError, "sparsity"),
    (loop_count, ArrayConversionError, "indices must not depend"),
    (key, TracingError, "as a key"),
    (mixed_objects, TracingError, "np.stack"),
    (coo_dot, TracingError, "instead: A @ x$"),
    (matrix_times_array, ArrayConversionError, r"np.asarray\(A\)"),
    (array_times_matrix, ArrayConversionError, "@ for products"),
    (column_of_a_matrix, ArrayConversionError, "np.matrix"),
    (matrix_times_vector, ArrayConversionError, r"A.toarray\(\)"),
    (order_in_memory, TracingError, "where the elements lie in memory"),
    (contiguous_order, TracingError, "order='F'"),
    (unknown_order, TracingError, "order='C'"),
    (odd_reflection, ShapeError, "reflect_type='odd'"),
    (rows_by_r, ArrayConversionError, "np.concatenate for np.r_"),
    (columns_by_c, ArrayConversionError, "np.stack"),
    (distances, ArrayConversionError, r"np.sum\(d\*\*2, axis=-1\)"),
    (unknown_function, UnsupportedFunctionError, "numpy.roots"),
    (unknown_ufunc, UnsupportedFunctionError, "spacing"),
    (one_argument_where, UnsupportedFunctionError, r"np.where\(condition, a, b\)"),
    (shapes, ShapeError, r"\(3,\) and \(4,\)"),
    (reshape, ShapeError, r"3 elements into shape \(2, 2\)"),
    (matrix_shapes, ShapeError, "4 columns meet 3 rows"),
    (sparse_shapes, ShapeError, "4 columns meet 3 rows"),
    (concatenate_shapes, ShapeError, "np.concatenate"),
    (stack_shapes, ShapeError, "same shape"),
    (wrong_axis, ShapeError, "axis 1 is out of bounds"),
    (einsum_terms, ShapeError, "2 subscripts"),
    (unknown_option, TracingError, "where"),
    (ufunc_where, TracingError, "where="),
    (output_array, TracingError, "plain NumPy array"),
    (copy_into_plain, TracingError, "np.zeros_like"),
]

REFUSED = [
    np.sort, np.argsort, np.argmax, np.argmin, np.unique, np.nonzero, np.flatnonzero, np.median,
    np.nansum, np.linalg.pinv, np.linalg.eigh, np.linalg.eigvals, np.linalg.svd,
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "error", "words"), CASES, ids=lambda c: getattr(c, "__name__", "")
)
def test_refused_code_names_the_line_and_what_to_write(function, error, words):
    with pytest.raises(error, match=words) as raised:
        trace(function, (3,))
    line = function.__code__.co_firstlineno
    assert "test_refused_code.py:" in raised.value.where
    assert line < int(raised.value.where.rsplit(":")[-1]) <= line + 4


@pytest.mark.parametrize("function", REFUSED, ids=lambda f: f.__name__)
def test_refused_function_says_why_and_what_instead(function):
    with pytest.raises(UnsupportedFunctionError) as raised:
        trace(lambda x: function(x.reshape(3, 3)), (9,))
    error = raised.value
    assert function.__name__ in error.what
    assert error.why
    assert error.instead
    assert "test_refused_code.py:" in error.where


@pytest.mark.parametrize("name", ["sort", "argsort", "argmax", "argmin", "nonzero"])
def test_refused_methods_say_what_instead(name):
    with pytest.raises(UnsupportedFunctionError, match="instead"):
        trace(lambda x: getattr(x, name)(), (3,))


@pytest.mark.parametrize("compare", [np.array_equal, np.allclose])
def test_comparisons_to_one_truth_are_refused(compare):
    with pytest.raises(UnsupportedFunctionError, match=r"np\.isclose"):
        trace(lambda x: compare(x, 1.0), (3,))


def test_a_list_of_different_shapes_is_refused():
    with pytest.raises(ShapeError, match=r"shapes \[\(2,\), \(3,\)\]"):
        trace(list_of_shapes, (3,))


def test_a_function_without_a_value_is_refused_by_name():
    with pytest.raises(TracingError, match="returns_nothing returns None"):
        trace(returns_nothing, (3,))


def test_errors_of_the_users_own_code_pass_unchanged():
    def function(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        trace(function, (3,))


def test_an_index_out_of_bounds_is_an_index_error():
    with pytest.raises(IndexError, match="out of bounds for axis 0 with size 3"):
        trace(lambda x: x[3], (3,))
    with pytest.raises(IndexError, match="too many indices"):
        trace(lambda x: x[0, 0], (3,))


def test_representations_do_not_need_values():
    assert [repr(v) for v in _seen(lambda x: [x, x[0] > 1.0])] == [
        "TracedArray(shape=(3,))",
        "TracedArray(shape=())",
    ]


def _seen(function):
    values = []

    def record(x):
        values.extend(function(x))
        return x

    trace(record, (3,))
    return values


def test_a_function_that_is_not_called_is_said_to_be_one():
    with pytest.raises(ArrayConversionError, match=r"instead: call it: f\(x\)"):
        trace(lambda x: x + branch, (3,))
