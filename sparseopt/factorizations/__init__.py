"""Sparse matrices factored once and solved with often, whichever library does it."""

from sparseopt.factorizations.factorization import Factorization, factorization
from sparseopt.factorizations.registry import backend_names, require_backend
from sparseopt.factorizations.singularity import require_structural_rank

__all__ = [
    "Factorization",
    "backend_names",
    "factorization",
    "require_backend",
    "require_structural_rank",
]
