"""NumPy's functions on traced arrays, one module for each family.

Importing a module registers its functions with `dispatch.implements`.  A function is written as
views, as copies of elements (`movement`), or with the scalar functions of the table; none of them
computes a number or loops over elements.
"""

from sparseopt.tracing.array_functions import (
    accumulation,
    calculus,
    contraction,
    convolution,
    creation,
    einstein,
    fourier,
    indexing,
    joining,
    linear_algebra,
    mapping,
    norms,
    piecewise,
    polynomials,
    queries,
    reductions,
    refusals,
    selection,
    shaping,
    sparse_matrices,
    statistics,
    systems,
)

__all__ = [
    "accumulation",
    "calculus",
    "contraction",
    "convolution",
    "creation",
    "einstein",
    "fourier",
    "indexing",
    "joining",
    "linear_algebra",
    "mapping",
    "norms",
    "piecewise",
    "polynomials",
    "queries",
    "reductions",
    "refusals",
    "selection",
    "shaping",
    "sparse_matrices",
    "statistics",
    "systems",
]
