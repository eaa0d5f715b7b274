"""The backends there are, found by looking: a new one is a new file in ``backends/``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import scipy.sparse as sp

from sparseopt.errors import SolverNotInstalledError, UnknownSolverError, did_you_mean
from sparseopt.factorizations import backends
from sparseopt.factorizations.protocol import Backend

__all__ = ["RELIABLE", "backend_names", "chosen_backend", "require_backend"]

RELIABLE = "superlu"
"""The backend that is always there and factors every regular matrix."""


@cache
def _table() -> dict[str, Backend]:
    found: list[Backend] = [
        importlib.import_module(f"{backends.__name__}.{module.name}").BACKEND
        for module in pkgutil.iter_modules(backends.__path__)
    ]
    return {b.name: b for b in sorted(found, key=lambda b: (-b.rank, b.name))}


@cache
def _is_installed(package: str) -> bool:
    try:
        importlib.import_module(package)
    except ImportError:  # of the package itself, or of a library that it needs
        return False
    return True


def backend_names() -> tuple[str, ...]:
    """Return the names of the backends, the one that "auto" prefers first.

    Examples
    --------
    >>> backend_names()[-1]
    'superlu'
    """
    return tuple(_table())


def chosen_backend(name: str, matrix: sp.csc_array) -> Backend:
    """Return the backend of a name, or for "auto" the best installed one that fits a matrix.

    Raises
    ------
    UnknownSolverError
        For a name that no backend has.
    SolverNotInstalledError
        If its package is missing; the message says how to install it.
    """
    require_backend(name)
    if name != "auto":
        return _table()[name]
    return next(b for b in _table().values() if b.fits(matrix) and _is_installed(b.package))


def require_backend(name: str) -> None:
    """Raise the errors of `chosen_backend` for a name, before there is a matrix."""
    if name == "auto":
        return
    if name not in _table():
        raise UnknownSolverError(
            f"there is no factorization {name!r}",
            instead=did_you_mean(str(name), ("auto", *_table())),
        )
    backend = _table()[name]
    if not _is_installed(backend.package):
        raise SolverNotInstalledError(
            f"the factorization {name!r} needs {backend.package}, which is not installed",
            instead=backend.install,
        )
