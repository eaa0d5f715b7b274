"""Every exception sparseopt raises on purpose.

::

    SparseOptError
    ├── TracingError                  the NumPy code cannot be recorded
    │   ├── BranchError               ... it branches on a value that is not known yet
    │   ├── ArrayConversionError      ... it turns a traced array into plain numbers
    │   └── UnsupportedFunctionError  ... it calls a function without a rule
    │       └── UnsupportedAttributeError  ... or asks an array for what only numbers have
    ├── ShapeError (ValueError)       sizes do not fit together
    ├── PatternError                  a sparsity pattern is malformed or wrong
    ├── DerivativeError               a derivative that the user gave is wrong
    ├── ColoringError                 a coloring is impossible as asked, or not valid
    ├── CodegenError                  generated code does not compile or load
    ├── DegenerateSolutionError       a solution has no derivatives, or its parameters no variance
    ├── PackageNotInstalledError (ImportError)  something needs an optional package
    ├── ProblemError (ValueError)     a model is inconsistent
    │   ├── NonFiniteError            ... a value is NaN or infinite where a number is needed
    │   │   └── InnerSolveError       ... as equations inside the problem could not be solved
    │   ├── UnderdeterminedError      ... a fit has fewer data than parameters
    │   ├── DiscretizationError       ... a grid, mesh or boundary condition is unusable
    │   │   └── DegenerateMeshError   ... a mesh has elements without volume; which
    │   ├── UnknownNameError          ... nothing has the name that is asked for
    │   └── UnknownArgumentError (TypeError)  ... a method has no argument of that name
    └── SolverError                   a solver cannot do what was asked
        ├── UnknownSolverError
        ├── UnknownOptionError
        ├── SolverNotInstalledError
        ├── SingularMatrixError (ArithmeticError)  a matrix has no inverse; which rows
        └── SolveFailedError          no solution, and the caller asked for an exception
            └── FitNotFoundError      ... of `curve_fit`, which raises as SciPy does

Every message has the same parts: what happened, where (the user's file and line), why, and what to
write instead.  This module imports nothing of sparseopt, so that every layer may raise from it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST_NAMES = 40


class SparseOptError(Exception):
    """Base class: catch this to catch everything sparseopt raises on purpose.

    Parameters
    ----------
    what : str
        What happened, in one sentence.
    where : str
        The user's ``file:line``, or a name such as ``dynamics[0, 2]``; empty if there is none.
    why : str
        The reason, for a reader who does not know how sparseopt works.
    instead : str
        What to write or do instead.

    Examples
    --------
    >>> print(ShapeError("3 lower bounds for 4 rows", where="model.py:8", instead="give one bound"))
    3 lower bounds for 4 rows
      where:   model.py:8
      instead: give one bound
    """

    def __init__(self, what: str, *, where: str = "", why: str = "", instead: str = "") -> None:
        super().__init__(compose(what, where, why, instead))
        self.what = what
        self.where = where
        self.why = why
        self.instead = instead


def compose(what: str, where: str = "", why: str = "", instead: str = "") -> str:
    """Return a message in the parts that every message has; empty ones are left out."""
    details = (("where:   ", where), ("why:     ", why), ("instead: ", instead))
    return "\n".join([what, *(f"  {label}{text}" for label, text in details if text)])


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the advice for an unknown name: the nearest known one, else the list, if it is short.

    Examples
    --------
    >>> did_you_mean("max_itre", ["tol", "max_iter"])
    "did you mean 'max_iter'?"
    >>> did_you_mean("zzz", ["tol", "max_iter"])
    'known names: max_iter, tol'
    >>> did_you_mean("tolerance", ["tol", "max_iter"])
    "did you mean 'tol'?"
    """
    names, wrong = sorted(known), str(name)
    beginnings = [n for n in names if len(n) > 2 and wrong.startswith(n)]
    nearest = difflib.get_close_matches(wrong, names, n=1) or beginnings[-1:]
    if nearest:
        return f"did you mean {nearest[0]!r}?"
    if len(names) > _MOST_NAMES:
        likely = difflib.get_close_matches(wrong, names, n=8, cutoff=0.0)
        return f"the nearest of {len(names)} known names: {', '.join(likely)}"
    return "known names: " + ", ".join(names) if names else ""


class TracingError(SparseOptError):
    """Raised while the user's NumPy code runs once on traced arrays and cannot be recorded."""


class BranchError(TracingError):
    """Raised when ``if``, ``while``, ``and`` or ``max`` asks whether a traced value is true.

    The path taken would hold for one point only, with silently wrong derivatives elsewhere.
    """


class ArrayConversionError(TracingError):
    """Raised when code turns a traced array into numbers: ``float(x)``, ``np.asarray(x)``."""


class UnsupportedFunctionError(TracingError):
    """Raised when a NumPy or SciPy function without a differentiation rule meets a traced array."""


class UnsupportedAttributeError(UnsupportedFunctionError, AttributeError):
    """Raised when code asks a traced array for a method or attribute that only numbers have."""


class ShapeError(SparseOptError, ValueError):
    """Raised when array shapes or sizes do not fit together."""


class PatternError(SparseOptError):
    """Raised when a sparsity pattern is malformed, or a given one lacks a nonzero entry."""


class DerivativeError(SparseOptError):
    """Raised when a derivative that the user gave disagrees with the function it is of."""


class ColoringError(SparseOptError):
    """Raised for a coloring that cannot be made as asked, or does not determine every entry."""


class CodegenError(SparseOptError):
    """Raised when generated code does not compile or load; the message names the kept source."""


class DegenerateSolutionError(SparseOptError):
    """Raised where a solution has no derivatives by the parameters, or no covariance.

    Attributes
    ----------
    names : tuple of str
        The variables that nothing determines, or the constraints that are dependent.
    """

    def __init__(
        self,
        what: str,
        *,
        names: Iterable[str] = (),
        where: str = "",
        why: str = "",
        instead: str = "",
    ) -> None:
        super().__init__(what, where=where, why=why, instead=instead)
        self.names = tuple(names)


class DegenerateSolutionWarning(RuntimeWarning):
    """Warns that derivatives of a solution, or a covariance, hold on one side only or barely."""


class DenseHessianWarning(RuntimeWarning):
    """Warns before a solve whose Hessian a line of code makes so dense that it may not end."""


class DenseJacobianWarning(RuntimeWarning):
    """Warns before a solve whose Jacobian a line of code makes dense, where lifting would not."""


class PackageNotInstalledError(SparseOptError, ImportError):
    """Raised when something needs an optional package; the message says how to install it."""


class ProblemError(SparseOptError, ValueError):
    """Raised for an inconsistent model: names, bounds, starting point, sizes, objective."""


class NonFiniteError(ProblemError):
    """Raised when a value is NaN or infinite where the solver needs a number."""


class UnderdeterminedError(ProblemError):
    """Raised for a fit with fewer data, priors and equality constraints than parameters."""


class DiscretizationError(ProblemError):
    """Raised for a grid, a mesh, a boundary or a time stepping that gives no equations."""


class DegenerateMeshError(DiscretizationError):
    """Raised for a mesh with elements that have no volume or are folded.

    The attribute `elements` holds their numbers.
    """

    def __init__(
        self,
        what: str,
        *,
        elements: Iterable[int] = (),
        where: str = "",
        why: str = "",
        instead: str = "",
    ) -> None:
        super().__init__(what, where=where, why=why, instead=instead)
        self.elements = tuple(int(k) for k in elements)


class InnerSolveError(NonFiniteError):
    """Raised when equations that are solved inside a problem do not converge.

    Attributes
    ----------
    parameters : ndarray
        The point at which they were to be solved, all arguments in a row.
    residual_norms : sequence of float
        Largest residual after each iteration.
    """

    def __init__(
        self,
        what: str,
        *,
        parameters: object = None,
        residual_norms: Iterable[float] = (),
        where: str = "",
        why: str = "",
        instead: str = "",
    ) -> None:
        super().__init__(what, where=where, why=why, instead=instead)
        self.parameters = parameters
        self.residual_norms = tuple(residual_norms)


class UnknownNameError(ProblemError, AttributeError):
    """Raised when code asks for a state, control or parameter that was not declared."""


class UnknownArgumentError(ProblemError, TypeError):
    """Raised for an argument that a method has not; the message says which one is meant."""


class SolverError(SparseOptError):
    """Raised when a solver cannot be loaded, set up or run as asked."""


class UnknownSolverError(SolverError):
    """Raised for a solver name that no adapter has."""


class UnknownOptionError(SolverError):
    """Raised for an option the chosen solver does not know; the message names the nearest one."""


class SolverNotInstalledError(SolverError):
    """Raised when a solver's library cannot be found; the message says how to install it."""


class SingularMatrixError(SolverError, ArithmeticError):
    """Raised for a matrix without an inverse.

    Attributes
    ----------
    rows : ndarray of int
        Rows that are dependent, or that have too few columns between them.
    columns : ndarray of int
        Columns that too few rows determine; empty where only the values are to blame.
    """

    def __init__(
        self,
        what: str,
        *,
        rows: Iterable[int] = (),
        columns: Iterable[int] = (),
        where: str = "",
        why: str = "",
        instead: str = "",
    ) -> None:
        super().__init__(what, where=where, why=why, instead=instead)
        self.rows = rows
        self.columns = columns


class SolveFailedError(SolverError):
    """Raised for a solve without success, only when the caller asked for an exception.

    The attribute `status` holds the solver's `Status`, so that a caller can act on it.
    """

    def __init__(
        self,
        what: str,
        *,
        status: object = None,
        where: str = "",
        why: str = "",
        instead: str = "",
    ) -> None:
        super().__init__(what, where=where, why=why, instead=instead)
        self.status = status


class FitNotFoundError(SolveFailedError, RuntimeError):
    """Raised by `curve_fit` when no method ends in a minimum; a `RuntimeError` as SciPy's."""
