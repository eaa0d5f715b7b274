"""Exact sparse derivatives of plain NumPy code, and the large optimization problems they solve.

Public names are loaded on first use (PEP 562): ``import sparseopt`` reads no compiler, no solver
and no SciPy.

Examples
--------
>>> import numpy as np
>>> import sparseopt as so
>>> J = so.jacobian(lambda x: x[1:] * np.sin(x[:-1]), np.zeros(4))
>>> J(np.array([0.0, 1.0, 2.0, 3.0])).nnz
6
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sparseopt.errors import (
    ArrayConversionError,
    BranchError,
    CodegenError,
    ColoringError,
    DegenerateSolutionError,
    DegenerateSolutionWarning,
    DenseHessianWarning,
    DenseJacobianWarning,
    DerivativeError,
    DiscretizationError,
    FitNotFoundError,
    InnerSolveError,
    NonFiniteError,
    PatternError,
    ProblemError,
    ShapeError,
    SingularMatrixError,
    SolveFailedError,
    SolverError,
    SolverNotInstalledError,
    SparseOptError,
    TracingError,
    UnderdeterminedError,
    UnknownArgumentError,
    UnknownNameError,
    UnknownOptionError,
    UnknownSolverError,
    UnsupportedFunctionError,
)

if TYPE_CHECKING:
    from sparseopt import control, pde, solvers
    from sparseopt.codegen.threads import get_num_threads, set_num_threads
    from sparseopt.coloring.color import color
    from sparseopt.coloring.coloring import Coloring
    from sparseopt.coloring.plot import plot_coloring
    from sparseopt.external_functions.function import external
    from sparseopt.fitting.sensitivities import sensitivities
    from sparseopt.fitting.uncertainty import covariance, uncertainty
    from sparseopt.implicit_functions.implicit import implicit
    from sparseopt.implicit_functions.linear_solve import linear_solve
    from sparseopt.interpolation.interpolant import Interpolant, interpolant
    from sparseopt.loops.defects import scan_defects
    from sparseopt.loops.scan import scan
    from sparseopt.modeling.checkpoint import Checkpoint, load_checkpoint
    from sparseopt.modeling.curve_fit import curve_fit
    from sparseopt.modeling.model import Model
    from sparseopt.modeling.operators import (
        gradient,
        hessian,
        hessian_pattern,
        hessian_vector_product,
        jacobian,
        jacobian_pattern,
        pullback,
        pushforward,
        value_and_gradient,
    )
    from sparseopt.modeling.problem import Problem
    from sparseopt.modeling.scipy_interface import least_squares, minimize
    from sparseopt.modeling.solution import Solution
    from sparseopt.modeling.taylor import taylor
    from sparseopt.modeling.traced_sparse_matrix import TracedSparseMatrix
    from sparseopt.patterns.sparsity_pattern import SparsityPattern
    from sparseopt.solvers.status import Status
    from sparseopt.tracing.traced_array import TracedArray

__version__ = "0.1.0"

__all__ = [
    "ArrayConversionError",
    "BranchError",
    "Checkpoint",
    "CodegenError",
    "Coloring",
    "ColoringError",
    "DegenerateSolutionError",
    "DegenerateSolutionWarning",
    "DenseHessianWarning",
    "DenseJacobianWarning",
    "DerivativeError",
    "DiscretizationError",
    "FitNotFoundError",
    "InnerSolveError",
    "Interpolant",
    "Model",
    "NonFiniteError",
    "PatternError",
    "Problem",
    "ProblemError",
    "ShapeError",
    "SingularMatrixError",
    "Solution",
    "SolveFailedError",
    "SolverError",
    "SolverNotInstalledError",
    "SparseOptError",
    "SparsityPattern",
    "Status",
    "TracedArray",
    "TracedSparseMatrix",
    "TracingError",
    "UnderdeterminedError",
    "UnknownArgumentError",
    "UnknownNameError",
    "UnknownOptionError",
    "UnknownSolverError",
    "UnsupportedFunctionError",
    "color",
    "control",
    "covariance",
    "curve_fit",
    "external",
    "get_num_threads",
    "gradient",
    "hessian",
    "hessian_pattern",
    "hessian_vector_product",
    "implicit",
    "interpolant",
    "jacobian",
    "jacobian_pattern",
    "least_squares",
    "linear_solve",
    "load_checkpoint",
    "minimize",
    "pde",
    "plot_coloring",
    "pullback",
    "pushforward",
    "scan",
    "scan_defects",
    "sensitivities",
    "set_num_threads",
    "solvers",
    "taylor",
    "uncertainty",
    "value_and_gradient",
]

# Where each lazily loaded name lives; a submodule stands for itself.
_HOMES = {
    "Checkpoint": "sparseopt.modeling.checkpoint",
    "Coloring": "sparseopt.coloring.coloring",
    "Interpolant": "sparseopt.interpolation.interpolant",
    "Model": "sparseopt.modeling.model",
    "Problem": "sparseopt.modeling.problem",
    "Solution": "sparseopt.modeling.solution",
    "SparsityPattern": "sparseopt.patterns.sparsity_pattern",
    "Status": "sparseopt.solvers.status",
    "TracedArray": "sparseopt.tracing.traced_array",
    "TracedSparseMatrix": "sparseopt.modeling.traced_sparse_matrix",
    "color": "sparseopt.coloring.color",
    "curve_fit": "sparseopt.modeling.curve_fit",
    "covariance": "sparseopt.fitting.uncertainty",
    "external": "sparseopt.external_functions.function",
    "get_num_threads": "sparseopt.codegen.threads",
    "gradient": "sparseopt.modeling.operators",
    "hessian": "sparseopt.modeling.operators",
    "hessian_pattern": "sparseopt.modeling.operators",
    "hessian_vector_product": "sparseopt.modeling.operators",
    "implicit": "sparseopt.implicit_functions.implicit",
    "interpolant": "sparseopt.interpolation.interpolant",
    "jacobian": "sparseopt.modeling.operators",
    "jacobian_pattern": "sparseopt.modeling.operators",
    "least_squares": "sparseopt.modeling.scipy_interface",
    "linear_solve": "sparseopt.implicit_functions.linear_solve",
    "load_checkpoint": "sparseopt.modeling.checkpoint",
    "minimize": "sparseopt.modeling.scipy_interface",
    "plot_coloring": "sparseopt.coloring.plot",
    "pullback": "sparseopt.modeling.operators",
    "pushforward": "sparseopt.modeling.operators",
    "scan": "sparseopt.loops.scan",
    "scan_defects": "sparseopt.loops.defects",
    "sensitivities": "sparseopt.fitting.sensitivities",
    "set_num_threads": "sparseopt.codegen.threads",
    "taylor": "sparseopt.modeling.taylor",
    "uncertainty": "sparseopt.fitting.uncertainty",
    "value_and_gradient": "sparseopt.modeling.operators",
}
_SUBMODULES = ("control", "pde", "solvers")


def __getattr__(name: str) -> object:
    if name in _SUBMODULES:
        return importlib.import_module(f"sparseopt.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sparseopt' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
