"""Functions that add and multiply: values equal NumPy's up to the order of additions."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample

RTOL = 1e-13

REDUCTIONS = {
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "var": np.var,
    "std": np.std,
    "max": np.max,
    "min": np.min,
    "ptp": np.ptp,
    "amax": np.amax,
    "average": np.average,
    "count_nonzero": np.count_nonzero,
    "all": lambda x, axis=None, keepdims=False: np.all(x > 0.6, axis=axis, keepdims=keepdims),
    "any": lambda x, axis=None, keepdims=False: np.any(x > 1.4, axis=axis, keepdims=keepdims),
    "norm": lambda x, axis=None, keepdims=False: np.sqrt(
        np.sum(x * x, axis=axis, keepdims=keepdims)
    ),
    "var ddof": lambda x, axis=None, keepdims=False: np.var(
        x, axis=axis, ddof=0.5, keepdims=keepdims
    ),
    "sum where": lambda x, axis=None, keepdims=False: np.sum(
        x, axis=axis, keepdims=keepdims, where=np.ones(x.shape, bool), initial=2.0
    ),
}
AXES = {
    (): [None],
    (1,): [None, 0],
    (7,): [None, -1],
    (3, 4): [None, 0, 1, (0, 1)],
    (2, 1, 3): [None, 1, -1, (0, 2)],
    (2, 3, 2, 2): [None, (1, 3), (-1, 0)],
}


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("shape", AXES, ids=str)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reduction_over_every_axis_equals_numpy(name, shape, keepdims):
    for axis in AXES[shape]:
        reduce = functools.partial(REDUCTIONS[name], axis=axis, keepdims=keepdims)
        assert_same(reduce, sample(shape), RTOL)


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("reduce", [np.sum, np.prod, np.any, np.all])
def test_reduction_of_no_elements_is_its_identity(reduce, axis):
    assert_same(lambda x: reduce(x, axis=axis), np.zeros((0, 3)))


def test_extreme_of_no_elements_is_refused():
    with pytest.raises(ValueError, match="no elements"):
        trace(lambda x: x.max(), (0,))


VECTOR = {
    "dot": lambda x: np.dot(x, x),
    "dot method": lambda x: x.dot(x),
    "vdot": lambda x: np.vdot(x, np.arange(5.0)),
    "inner": lambda x: np.inner(x, x),
    "inner scalar": lambda x: np.inner(x[0], x),
    "outer": lambda x: np.outer(x, x[:2]),
    "outer constant": lambda x: np.outer([1.0, 2.0], x),
    "ufunc outer": lambda x: np.subtract.outer(x, x),
    "add reduce": lambda x: np.add.reduce(x),
    "maximum reduce": lambda x: np.maximum.reduce(x),
    "add accumulate": lambda x: np.add.accumulate(x),
    "cumsum": np.cumsum,
    "cumprod": np.cumprod,
    "cumprod method": lambda x: x.cumprod(),
    "cumulative_sum": lambda x: np.cumsum(x),
    "diff": np.diff,
    "diff 2": lambda x: np.diff(x, 2),
    "diff ends": lambda x: np.diff(x, prepend=0.0, append=[1.0, 2.0]),
    "ediff1d": lambda x: np.ediff1d(x, to_begin=[1.0], to_end=2.0),
    "gradient": np.gradient,
    "gradient spacing": lambda x: np.gradient(x, 0.5, edge_order=2),
    "gradient coordinates": lambda x: np.gradient(x, np.array([0.0, 1.0, 3.0, 4.0, 6.0])),
    "gradient coordinates 2": lambda x: np.gradient(
        x, np.array([0.0, 1.0, 3.0, 4.0, 6.0]), edge_order=2
    ),
    "trapezoid": np.trapezoid,
    "trapezoid x": lambda x: np.trapezoid(x, np.arange(5.0) ** 2),
    "trapezoid traced x": lambda x: np.trapezoid(np.ones(5), x),
    "polyval": lambda x: np.polyval([1.0, -2.0, 3.0], x),
    "polyval traced p": lambda x: np.polyval(x, 2.0),
    "convolve": lambda x: np.convolve(x, [1.0, 0.0, -2.0]),
    "convolve same": lambda x: np.convolve(x, [1.0, 2.0], "same"),
    "convolve valid": lambda x: np.convolve([1.0, 2.0], x, "valid"),
    "convolve traced": lambda x: np.convolve(x, x[:2]),
    "convolve long constant": lambda x: np.convolve(x, np.arange(8.0), "same"),
    "correlate": lambda x: np.correlate(x, [1.0, 3.0]),
    "correlate same": lambda x: np.correlate(x, [1.0, 3.0, 4.0], "same"),
    "correlate full": lambda x: np.correlate([1.0, 3.0], x, "full"),
    "correlate swapped": lambda x: np.correlate(x[:2], x, "same"),
    "correlate even": lambda x: np.correlate([1.0, 2.0, 3.0, 4.0, 0.0, 1.0], x, "same"),
    "correlate long": lambda x: np.correlate(x, np.arange(8.0) ** 2, "same"),
    "norm": np.linalg.norm,
    "norm 1": lambda x: np.linalg.norm(x, 1),
    "norm 3": lambda x: np.linalg.norm(x, 3),
    "norm inf": lambda x: np.linalg.norm(x, np.inf),
    "norm -inf": lambda x: np.linalg.norm(x, -np.inf),
    "vector_norm": lambda x: np.linalg.vector_norm(x),
    "average": lambda x: np.average(x, weights=np.arange(5.0)),
    "average traced weights": lambda x: np.average(np.arange(5.0), weights=x),
    "kron": lambda x: np.kron(x, [1.0, 2.0]),
    "matmul constant": lambda x: np.arange(10.0).reshape(2, 5) @ x,
    "constant matmul": lambda x: x @ np.arange(10.0).reshape(5, 2),
    "matvec of batch": lambda x: np.arange(30.0).reshape(3, 2, 5) @ x,
    "einsum dot": lambda x: np.einsum("i,i->", x, x),
    "einsum outer": lambda x: np.einsum("i,j", x, x),
    "einsum constant": lambda x: np.einsum("ij,j->i", np.eye(5), x),
    "einsum three": lambda x: np.einsum("i,i,j->j", x, x, x),
    "einsum scalar": lambda x: np.einsum("i->", x),
    "cross": lambda x: np.cross(x[:3], x[2:]),
    "cross constant": lambda x: np.cross([0.0, 0.0, 1.0], x[2:]),
    "linspace": lambda x: np.linspace(x[0], x[1], 4),
    "linspace vectors": lambda x: np.linspace(x, 2.0, 3, axis=1),
    "linspace open": lambda x: np.linspace(0.0, x[0], 4, endpoint=False),
    "bincount": lambda x: np.bincount([0, 2, 2, 1, 0], weights=x, minlength=4),
    "sinc": lambda x: np.sinc(x),
    "isclose": lambda x: np.isclose(x, 1.0, atol=0.2),
    "round": lambda x: np.round(x, 1),
    "around": lambda x: np.around(x * 100.0, -1),
    "fix": lambda x: np.fix(x * 3.0),
    "builtin sum": lambda x: sum(x),
    "builtin abs": lambda x: abs(-x),
    "divmod": lambda x: divmod(x, 0.3)[1],
    "modf": lambda x: np.modf(x * 3.0)[0],
    "vecdot": lambda x: np.vecdot(x, np.arange(5.0)),
    "degrees": lambda x: np.degrees(np.radians(x)),
    "power": lambda x: 2.0**x + x**2 + x**x,
    "poly": lambda x: np.poly(x),
    "unwrap": lambda x: np.unwrap(9.0 * x * np.array([1.0, -1.0, 1.0, 2.0, 0.0])),
    "unwrap ties": lambda x: np.unwrap(np.rint(x * 3.0) * np.pi),
    "unwrap period": lambda x: np.unwrap(np.rint(x * 9.0), period=4.0, discont=3.0),
    "row_stack": lambda x: np.vstack([x, x], dtype=float, casting="same_kind"),
    "cov": lambda x: np.cov(x),
    "cov two": lambda x: np.cov(x, x**2, aweights=np.arange(1.0, 6.0)),
    "cov bias": lambda x: np.cov(x.reshape(1, 5), bias=True, fweights=[1, 2, 3, 1, 1]),
    "corrcoef": lambda x: np.corrcoef(x, x**2),
    "logspace": lambda x: np.logspace(x[0], x[1], 4),
    "logspace vectors": lambda x: np.logspace(x, 2.0, 3, base=2.0, axis=1),
    "logspace bases": lambda x: np.logspace(0.0, x[0], 4, base=np.array([2.0, 3.0])),
    "geomspace": lambda x: np.geomspace(x[0], x[1], 5),
    "geomspace negative": lambda x: np.geomspace(-x, -2.0, 5, axis=-1),
    "i0": np.i0,
    "signbit": lambda x: np.signbit(x - 1.0) * x,
    "astype": lambda x: np.astype(x, np.float64),
    "apply_along_axis": lambda x: np.apply_along_axis(np.diag, 0, x),
    "logical": lambda x: np.where((x > 0.7) & ~(x > 1.2) | (x == 2.0), x, 0.0),
}

MATRIX = {  # shape (3, 3)
    "matmul": lambda x: x @ x,
    "matmul vector": lambda x: x @ x[0],
    "vector matmul": lambda x: x[0] @ x,
    "matmul constant": lambda x: x @ np.arange(6.0).reshape(3, 2),
    "constant matmul": lambda x: np.arange(6.0).reshape(2, 3) @ x,
    "dot": lambda x: np.dot(x, x),
    "inner": lambda x: np.inner(x, x[:2]),
    "inner constant": lambda x: np.inner(np.arange(6.0).reshape(2, 3), x),
    "tensordot": lambda x: np.tensordot(x, x),
    "tensordot 1": lambda x: np.tensordot(x, x, 1),
    "tensordot 0": lambda x: np.tensordot(x[0], x, 0),
    "tensordot axes": lambda x: np.tensordot(x, np.arange(9.0).reshape(3, 3), ([0], [1])),
    "einsum trace": lambda x: np.einsum("ii", x),
    "einsum diagonal": lambda x: np.einsum("ii->i", x),
    "einsum transpose": lambda x: np.einsum("ij->ji", x),
    "einsum product": lambda x: np.einsum("ij,jk->ik", x, x),
    "einsum implicit": lambda x: np.einsum("ij,jk", x, np.arange(9.0).reshape(3, 3)),
    "einsum ellipsis": lambda x: np.einsum("...j,j->...", x, x[0]),
    "einsum quadratic": lambda x: np.einsum("i,ij,j->", x[0], np.eye(3) * 2.0, x[0]),
    "einsum sublists": lambda x: np.einsum(x, [0, 1], x, [1, 2], [0, 2]),
    "einsum loose sum": lambda x: np.einsum("ij,k->i", x, np.arange(4.0)),
    "multi_dot": lambda x: np.linalg.multi_dot([x, x, x[0]]),
    "matrix_power": lambda x: np.linalg.matrix_power(x, 5),
    "matrix_power 0": lambda x: np.linalg.matrix_power(x, 0),
    "trace": np.trace,
    "trace offset": lambda x: x.trace(1),
    "kron": lambda x: np.kron(x, np.eye(2)),
    "kron traced": lambda x: np.kron(x[0], x),
    "norm fro": np.linalg.norm,
    "norm 1": lambda x: np.linalg.norm(x, 1),
    "norm inf": lambda x: np.linalg.norm(x, np.inf),
    "norm axis": lambda x: np.linalg.norm(x, axis=1),
    "norm keepdims": lambda x: np.linalg.norm(x, axis=(0, 1), ord=-1, keepdims=True),
    "matrix_norm": lambda x: np.linalg.matrix_norm(x),
    "cross axis": lambda x: np.cross(x, x[::-1] * 2.0, axis=0),
    "cumsum axis": lambda x: np.cumsum(x, axis=0),
    "cumsum flat": np.cumsum,
    "cumprod axis": lambda x: np.cumprod(x, axis=1),
    "diff axis": lambda x: np.diff(x, axis=0),
    "gradient": lambda x: np.gradient(x)[1],
    "gradient axis": lambda x: np.gradient(x, 0.5, axis=0),
    "trapezoid axis": lambda x: np.trapezoid(x, dx=0.5, axis=0),
    "trapezoid x": lambda x: np.trapezoid(x, np.array([0.0, 1.0, 4.0]), axis=0),
    "average axis": lambda x: np.average(x, axis=1, weights=[1.0, 2.0, 3.0]),
    "average pair": lambda x: np.average(x, axis=0, returned=True)[0],
    "unwrap axis": lambda x: np.unwrap(8.0 * np.pi * x, axis=0),
    "cov": np.cov,
    "cov columns": lambda x: np.cov(x, rowvar=False),
    "corrcoef": np.corrcoef,
    "apply_along_axis": lambda x: np.apply_along_axis(lambda r: np.sum(r**2), 1, x),
    "apply_along_axis vectors": lambda x: np.apply_along_axis(lambda r: r[1:] * 2.0, 0, x),
    "apply_along_axis matrices": lambda x: np.apply_along_axis(np.diag, 0, x),
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, x, [0, 1]),
    "tril_indices_from": lambda x: x[np.tril_indices_from(x)],
    "triu_indices_from": lambda x: x[np.triu_indices_from(x, 1)],
    "diag_indices_from": lambda x: x[np.diag_indices_from(x)],
    "einsum_path": lambda x: np.einsum(
        "ij,jk->ik", x, x, optimize=np.einsum_path("ij,jk->ik", x, x)[0]
    ),
    "linalg.trace": lambda x: np.linalg.trace(x),
    "linalg.outer": lambda x: np.linalg.outer(x[0], x[1]),
    "linalg.vecdot": lambda x: np.linalg.vecdot(x, x),
}

BATCHES = [
    ((2, 3, 4), (2, 4, 2)),
    ((3, 4), (2, 4, 2)),
    ((4,), (2, 4, 2)),
    ((2, 3, 4), (4,)),
    ((2, 3, 4), (4, 2)),
    ((2, 1, 3, 4), (5, 4, 1)),
    ((1, 1), (1, 1)),
    ((2, 0), (0, 3)),
]


@pytest.mark.parametrize("name", VECTOR)
def test_function_of_a_vector_equals_numpy(name):
    assert_same(VECTOR[name], sample(5), RTOL)


@pytest.mark.parametrize("name", MATRIX)
def test_function_of_a_matrix_equals_numpy(name):
    assert_same(MATRIX[name], sample((3, 3)), RTOL)


@pytest.mark.parametrize("shapes", BATCHES, ids=str)
@pytest.mark.parametrize("traced", ["left", "right", "both"])
def test_matmul_of_batches_equals_numpy(shapes, traced):
    first, second = sample(shapes[0], 1), sample(shapes[1], 2)

    def product(x):
        left = first if traced == "right" else x[: first.size].reshape(shapes[0])
        right = second if traced == "left" else x[first.size :].reshape(shapes[1])
        return np.matmul(left, right)

    assert_same(product, np.concatenate([first.ravel(), second.ravel()]), RTOL)


def test_add_at_adds_repeated_places():
    def assemble(x):
        y = np.zeros_like(x)
        np.add.at(y, [0, 2, 2, 4], x[:4])
        np.subtract.at(y, ([1],), 1.0)
        return y

    assert_same(assemble, sample(5), RTOL)
