"""Code of NumPy and SciPy that makes a plain array of a traced one, and what becomes of it.

Some of that code only adds, multiplies and slices, which arrays of objects do as well: it gets the
elements.  Other code would branch on them or hand them to C: its caller is told what to write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Literal

__all__ = ["advice_for_caller", "form_for_caller"]

_LIBRARIES = ("numpy", "scipy", "pandas")
_BOXED = ("scipy.sparse",)
_MAKERS_OF_MATRICES = ("getdata", "__init__", "spsolve")
_BY_ELEMENTS = ("numpy.polynomial", "scipy.integrate._quadrature")

_ADVICE = {
    "logsumexp": "np.logaddexp.reduce(x)",
    "softmax": "np.exp(x - np.logaddexp.reduce(x))",
    "log_softmax": "x - np.logaddexp.reduce(x)",
    "polygamma": "(-1)**(n + 1) * factorial(n) * scipy.special.zeta(n + 1, x)",
}
_ADVICE_FOR_MODULES = {
    "pandas": "data.to_numpy() @ x; operators and comparisons take pandas' data as they are",
    "scipy.interpolate": "so.interpolant(spline)(x), which takes SciPy's splines and tables",
    "scipy.linalg": "np.linalg.solve, inv, det and cholesky for small matrices; for large ones, a "
    "variable y with the constraints A @ y == b",
    "scipy.sparse": "so.linear_solve((values, (rows, columns)), b) for A x = b; for A @ x with "
    "traced values y = np.zeros_like(x); np.add.at(y, rows, values * x[columns])",
    "scipy.stats": "the formula of the density: scipy.special has gammaln, betaln, erf, ndtr",
    "scipy.signal": "np.convolve, or A @ x with a constant sparse matrix A",
    "scipy.ndimage": "A @ x with a constant sparse matrix A",
    "scipy.fft": "the functions of np.fft",
    "scipy.optimize": "so.minimize, or a model with the inner problem's optimality conditions",
    "scipy.integrate": "the steps of the method, written out as a loop or as constraints",
}


def _callers() -> Iterator[tuple[str, str]]:
    """Yield module and name of the library's functions between ``__array__`` and the user."""
    frame = sys._getframe(3)
    while frame is not None:
        module = str(frame.f_globals.get("__name__"))
        if module.partition(".")[0] not in _LIBRARIES:
            return
        yield module, frame.f_code.co_name
        frame = frame.f_back  # type: ignore[assignment]


def form_for_caller() -> Literal["box", "elements", ""]:
    """Return how the caller of ``__array__`` gets the array: not at all, if empty.

    As a "box", an array of one object, which scipy.sparse takes as a sign of an operand that knows
    better; or as an array of its "elements".
    """
    for number, (module, name) in enumerate(_callers()):
        is_operand = module.startswith(_BOXED) and name not in _MAKERS_OF_MATRICES
        if number == 0 and (is_operand or name == "mapdomain"):
            return "box"
        if module.startswith(_BY_ELEMENTS):
            return "elements"
    return ""


def advice_for_caller() -> str:
    """Return what to write instead of the library's function; empty if nothing is known."""
    found = ""
    for module, name in _callers():
        for prefix, advice in _ADVICE_FOR_MODULES.items():
            found = advice if module.startswith(prefix) else found
        found = _ADVICE.get(name, found)
    return found
