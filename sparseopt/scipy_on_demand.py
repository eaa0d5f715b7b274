"""SciPy's large modules, each loaded when something of it is first used.

Loading `scipy.sparse` or `scipy.special` takes longer than everything else that a small problem
needs, and such a problem may make no matrix of SciPy and call none of its functions.

Examples
--------
>>> import numpy as np
>>> from sparseopt.scipy_on_demand import sparse as sp
>>> sp.csr_array(np.eye(2)).nnz
2
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["cython_special", "is_loaded", "is_sparse", "sparse", "special"]


class _OnDemand(ModuleType):
    """Stands for a module; keeps what was asked for once, so that the next time costs nothing."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self.__name__), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:
    from scipy import sparse, special
    from scipy.special import cython_special
else:
    sparse = _OnDemand("scipy.sparse")
    special = _OnDemand("scipy.special")
    cython_special = _OnDemand("scipy.special.cython_special")


def is_loaded(module: ModuleType) -> bool:
    """Return whether anybody, here or elsewhere, has loaded the module that is stood for."""
    return module.__name__ in sys.modules


def is_sparse(value: object) -> bool:
    """Return whether a value is a sparse matrix or array of SciPy, loading nothing.

    There is no such value before somebody has loaded the module that makes it.
    """
    return is_loaded(sparse) and sparse.issparse(value)
