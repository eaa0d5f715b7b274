"""What is known about a problem: sizes, counts, and the best objectives found by others.

A `ProblemRecord` holds claims that a test can check against the built model: counts of variables,
constraints and nonzeros as functions of the size, and objectives with their sources.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import sparseopt as so

Size = Mapping[str, Any]


@dataclass(frozen=True)
class Counts:
    """Sizes of a model as it is written, before single-entry rows become bounds.

    Attributes
    ----------
    variables, constraints : int
        Numbers of scalar variables and scalar constraint rows.
    jacobian, hessian : int or None
        Structural nonzeros of the Jacobian and of the lower triangle of the Lagrangian's Hessian;
        None where no formula is claimed.
    single_entry_rows : int
        Linear rows with one entry, each of which a solver may take as a bound instead.
    """

    variables: int
    constraints: int
    jacobian: int | None = None
    hessian: int | None = None
    single_entry_rows: int = 0


@dataclass(frozen=True)
class KnownObjective:
    """A value of the objective that others, or we, have found for one size.

    Attributes
    ----------
    size : mapping
        Arguments of `build`.
    value : float
        Objective at the optimum, in the model's own sense (not negated for a maximization), which
        IPOPT reaches from the model's start.
    relative_tolerance : float
        How far a solved value may lie from it: half a unit of the last published digit, or more.
    source : str
        Who published it; "this project" where nobody else did.
    doi : str
        Digital object identifier of the source, empty where there is none.
    best : float or None
        A better objective that is known, where `value` is a local optimum; the source says whose.
    """

    size: Size
    value: float
    relative_tolerance: float
    source: str
    doi: str = ""
    best: float | None = None


@dataclass(frozen=True)
class Reduction:
    """Which variables are states of equations, so that the others can be found alone.

    What `Model.reduce` takes, and what a test may hold against the solution in all variables.

    Attributes
    ----------
    states : tuple of str
        Names of variables, or of parts of them such as ``"x[1:]"``.
    by : tuple of str
        Names of the constraints that determine them.
    method : str
        Solver of the reduced problem.
    options : mapping
        Options it needs.
    full_options : mapping
        Options of IPOPT in all variables, beside tight tolerances.
    state_bounds : "check" or "impose"
        Whether bounds of states are active, and have to be rows.
    size : mapping or None
        Arguments of `build` for the comparison; the small size by default.
    same : "parameters", "objective" or "derivatives"
        What agrees: optimum and parameters, the optimum alone, or nothing is compared and only
        derivatives are tested.
    reason : str
        Why not the parameters, or why at another size.
    """

    states: tuple[str, ...]
    by: tuple[str, ...]
    method: str = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)
    full_options: Mapping[str, Any] = field(default_factory=dict)
    state_bounds: Literal["check", "impose"] = "check"
    size: Size | None = None
    same: Literal["parameters", "objective", "derivatives"] = "parameters"
    reason: str = ""


@dataclass(frozen=True)
class ProblemRecord:
    """A problem and the claims about it.

    Attributes
    ----------
    name, title, family : str
        Name in the registry, one line for people, and the class of problems it stands for.
    sense : "minimize" or "maximize"
        Direction of the objective.
    build : callable
        `build(**size)` returns a new model.
    sizes : mapping
        Arguments of `build` under "small", "medium" and "large".
    counts : callable
        `counts(**size)` returns `Counts`.
    known : tuple of KnownObjective
        Objectives, best source first.
    reference : str
        Where the problem comes from.
    solved_sizes : tuple of str
        Which of `sizes` IPOPT solves from the model's start within a few minutes.
    second_size : mapping or None
        Another small size for the tests; by default every number of the small one, plus 3.
    options : mapping
        Options of IPOPT that the problem needs to be solved from its start; see `solve_options`.
    reduction : Reduction or None
        Which variables are states, where equations determine some.
    data : callable or None
        `data(**size)` makes what a user has before there is a model, and keeps it for `build`: the
        content of a file, a mesh with its bases, measurements (synthetic ones here), a simulation
        that gives the start.  What is measured of a problem begins after it.
    """

    name: str
    title: str
    family: str
    sense: Literal["minimize", "maximize"]
    build: Callable[..., so.Model]
    sizes: Mapping[str, Size]
    counts: Callable[..., Counts]
    known: tuple[KnownObjective, ...]
    reference: str
    solved_sizes: tuple[str, ...] = ("small", "medium", "large")
    second_size: Size | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    reduction: Reduction | None = None
    data: Callable[..., object] | None = None

    @property
    def solve_options(self) -> dict[str, Any]:
        """Return the options of IPOPT with which all known objectives are met.

        IPOPT's own tolerance leaves some of them beyond their relative tolerances.
        """
        return {"tol": 1e-9, **self.options}

    def known_objective(self, size: Size) -> KnownObjective | None:
        """Return the first known objective of a size, where what is left out has its default."""
        wanted = self._completed(size)
        return next((known for known in self.known if self._completed(known.size) == wanted), None)

    def _completed(self, size: Size) -> dict[str, Any]:
        parameters = inspect.signature(self.build).parameters.values()
        defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        return {**defaults, **size}
