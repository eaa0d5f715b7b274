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

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from sparseopt.on_demand import on_demand

if TYPE_CHECKING:
    from scipy import sparse, special
    from scipy.special import cython_special
else:
    sparse = on_demand("scipy.sparse")
    special = on_demand("scipy.special")
    cython_special = on_demand("scipy.special.cython_special")

__all__ = ["cython_special", "is_loaded", "is_sparse", "sparse", "special"]


def is_loaded(module: ModuleType) -> bool:
    """Return whether anybody, here or elsewhere, has loaded the module that is stood for."""
    return module.__name__ in sys.modules


def is_sparse(value: object) -> bool:
    """Return whether a value is a sparse matrix or array of SciPy, loading nothing.

    There is no such value before somebody has loaded the module that makes it.
    """
    return is_loaded(sparse) and sparse.issparse(value)
