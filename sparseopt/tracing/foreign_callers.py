"""Code of NumPy and SciPy that makes a plain array of a traced one, and what becomes of it.

Some of that code only adds, multiplies and slices, which arrays of objects do as well: it gets the
elements.  Other code would branch on them or hand them to C: its caller is told what to write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Literal

import numpy as np

from sparseopt.errors import ArrayConversionError
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["advice_for_caller", "form_for_caller", "is_called_by", "unknown_values"]

_LIBRARIES = ("numpy", "scipy", "pandas")
_BOXED = ("scipy.sparse",)
_SOLVERS = "scipy.sparse.linalg"
_NO_OPERATORS = ("__init__", "__getitem__", "__setitem__", "__call__")
_COMPUTING = (
    "__init__", "getdata", "tocsr", "transpose", "_binopt",
    "_matmul_vector", "_matmul_multivector", "_matmul_sparse",
)  # fmt: skip
"""What operators call when they know who computes: these take the entries of a matrix."""
_BY_ELEMENTS = ("numpy.polynomial", "scipy.integrate._quadrature")

_DIAGONAL = "x * v for sp.diags(x) @ v, A @ (x * v) for A @ sp.diags(x) @ v"
_ROOTS = "so.implicit(residual, guess) for a root, or a variable with the constraint residual == 0"
_QUADRATURE = (
    "the sum of a rule: t, w = np.polynomial.legendre.leggauss(20), then "
    "h * np.sum(w * f(a + h * (t + 1))) with h = (b - a) / 2"
)
_ENTRIES = (
    "A @ (x * v) for A.multiply(x) @ v, x * (A @ v) for A.multiply(x[:, None]) @ v; A.data * "
    "x[A.indices] for the entries of a csr_array A"
)
_ADVICE = {
    "multiply": _ENTRIES,
    "diags": _DIAGONAL,
    "diags_array": _DIAGONAL,
    "spdiags": _DIAGONAL,
    "dot": "A @ x",
    "setdiag": "A @ v + x * v, where the diagonal of A is empty",
    "vectorize": "f(x) itself: NumPy's functions take arrays, and np.where stands for `if`; "
    "np.stack([f(t) for t in x]), or so.external(f, shape) for code that is not NumPy, else",
    "brentq": _ROOTS,
    "brenth": _ROOTS,
    "bisect": _ROOTS,
    "ridder": _ROOTS,
    "toms748": _ROOTS,
    "newton": _ROOTS,
    "root_scalar": _ROOTS,
    "fsolve": _ROOTS,
    "root": _ROOTS,
    "logsumexp": "np.logaddexp.reduce(x, axis=axis), of x.ravel() for the sum of all",
    "softmax": "np.exp(x - np.logaddexp.reduce(x))",
    "log_softmax": "x - np.logaddexp.reduce(x)",
    "polygamma": "(-1)**(n + 1) * factorial(n) * scipy.special.zeta(n + 1, x)",
}
_ADVICE_FOR_MODULES = {
    "pandas": "data.to_numpy() @ x; operators and comparisons take pandas' data as they are",
    "scipy.interpolate": "so.interpolant(spline)(x), which takes SciPy's splines and tables",
    "scipy.linalg": "np.linalg.solve, inv, det and cholesky for small matrices; for large ones, a "
    "variable y with the constraints A @ y == b",
    "scipy.spatial.distance": "d = x[:, None] - y[None, :]; np.sqrt(np.sum(d**2, axis=-1))",
    "numpy.lib._index_tricks_impl": "np.concatenate for np.r_, np.stack([x, y], axis=1) for np.c_",
    "scipy.sparse": "so.linear_solve((values, (rows, columns)), b) for A x = b; for A @ x with "
    "traced values y = np.zeros_like(x); np.add.at(y, rows, values * x[columns]); X @ v for "
    "csr_array(X) @ v",
    "scipy.sparse.linalg": "so.linear_solve(A, b) for A y = b, with a constant sparse A or "
    "with traced values: so.linear_solve((values, (rows, columns)), b)",
    "scipy.sparse.linalg._interface": "A @ x with the sparse matrix itself",
    "scipy.stats": "the formula of the density: scipy.special has gammaln, betaln, erf, ndtr",
    "scipy.signal": "np.convolve, or A @ x with a constant sparse matrix A",
    "scipy.ndimage": "A @ x with a constant sparse matrix A",
    "scipy.fft": "the functions of np.fft",
    "scipy.optimize": "so.minimize, or a model with the inner problem's optimality conditions",
    "scipy.integrate": "the steps of the method, as a loop, with so.scan or as constraints",
    "scipy.integrate._quadpack_py": _QUADRATURE,
    "scipy.integrate._quad_vec": _QUADRATURE,
}


def _callers() -> Iterator[tuple[str, str]]:
    """Yield module and name of the library's functions between our own and the user."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and _module(frame).startswith("sparseopt."):
        frame = frame.f_back
    while frame is not None and _module(frame).partition(".")[0] in _LIBRARIES:
        owner = frame.f_locals.get("self")
        name = frame.f_code.co_name
        yield _module(frame), "vectorize" if isinstance(owner, np.vectorize) else name
        frame = frame.f_back


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


def form_for_caller() -> Literal["box", "elements", "refused", ""]:
    """Return how the caller of ``__array__`` gets the array: as an array without axes, if empty.

    As a "box", an array of one object, which scipy.sparse takes as a sign of an operand that knows
    better; as an array of its "elements"; or not even where it has no axes.
    """
    callers = list(_callers())
    if callers and callers[0][0].startswith(_BOXED):
        return "box" if _is_operator(callers) else "refused"
    if callers and callers[0][1] == "mapdomain":
        return "box"
    return "elements" if any(module.startswith(_BY_ELEMENTS) for module, _ in callers) else ""


def _is_operator(callers: list[tuple[str, str]]) -> bool:
    """Whether scipy.sparse asks the other operand of an operator if it knows better."""
    names = {name for module, name in callers if not module.startswith(_SOLVERS)}
    asks = names.isdisjoint(_COMPUTING)
    return asks and any(name.startswith("__") and name not in _NO_OPERATORS for name in names)


def is_called_by(*modules: str) -> bool:
    """Whether a library's function of one of these modules called what asks."""
    module, _ = next(_callers(), ("", ""))
    return module.startswith(modules)


def advice_for_caller() -> str:
    """Return what to write instead of the library's function; empty if nothing is known."""
    found = ""
    for module, name in _callers():
        for prefix, advice in _ADVICE_FOR_MODULES.items():
            found = advice if module.startswith(prefix) else found
        found = _ADVICE.get(name, found)
    return found


def unknown_values() -> ArrayConversionError:
    """Return the error of code that asks for the numbers of a traced array."""
    return ArrayConversionError(
        "a traced array is converted to a plain array",
        where=describe_where(user_frame()),
        why="its values are not known while the code is recorded",
        instead=advice_for_caller()
        or "np.stack([x, y]) for np.array([x, y]); y = np.zeros_like(x) for an array "
        "that takes traced values; A @ x for A.dot(x); leave out np.asarray; "
        "so.external(function, shape) for code that is not NumPy",
    )
