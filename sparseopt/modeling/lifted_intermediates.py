"""Intermediate values as variables: what of a problem is lifted, and its consistent start.

Lifted values follow the declared variables in a problem's flat vectors, and their definitions the
declared rows, so that names, multipliers and bounds of what was declared stay what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ProblemError, did_you_mean
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Node, Where
from sparseopt.graph.program import Program
from sparseopt.modeling.assembly import Declarations
from sparseopt.modeling.declarations import Constraint, Variable
from sparseopt.modeling.lifted_bounds import LiftedBounds
from sparseopt.on_demand import on_demand
from sparseopt.tracing.source_lines import describe_where

if TYPE_CHECKING:
    import sparseopt.lifting as all_lifting
    from sparseopt.lifting import Counts, LiftingChoice
else:
    all_lifting = on_demand("sparseopt.lifting")

__all__ = [
    "Intermediate",
    "Lift",
    "Lifting",
    "checked_lift",
    "lifted_declarations",
    "restarted",
]

FloatArray = NDArray[np.float64]

Lift = str | Sequence[str]
"""What to lift: "auto", "none", or names of intermediates."""

_SUFFIX = "_definition"
_MOST_LINES = 8


@dataclass(frozen=True)
class Intermediate:
    """A value with a name."""

    name: str
    shape: tuple[int, ...]
    node: Node
    where: Where


@dataclass(frozen=True)
class Lifting:
    """What of a problem is lifted, and why.

    Attributes
    ----------
    choice : LiftingChoice or None
        The counts; None where nothing was counted.
    shapes : dict of str to shape
        The lifted values by name, in the order of the variables.
    reason : str
    """

    choice: LiftingChoice | None
    shapes: Mapping[str, tuple[int, ...]]
    reason: str

    @property
    def num_lifted(self) -> int:
        """Number of variables that were not declared."""
        return 0 if self.choice is None else self.choice.lifted.num_lifted

    def completed(self, x: FloatArray, parameters: FloatArray) -> FloatArray:
        """Return the point with the lifted values that belong to its declared variables.

        Where one is not finite, a zero stands: its definition names the operation.
        """
        if self.choice is None or not self.num_lifted:
            return x
        declared = x[: x.size - self.num_lifted]
        parts = interpret(self.choice.lifted.values(), declared, parameters)
        values = np.concatenate([np.asarray(part, np.float64) for part in parts])
        return np.concatenate([declared, np.where(np.isfinite(values), values, 0.0)])

    def explain(self) -> list[str]:
        """Return as lines what is lifted, from which source line, and the counts that decided."""
        if self.choice is None or not self.num_lifted:
            return [f"nothing: {self.reason}"]
        before, after = self.choice.direct, self.choice.after
        many = "" if self.num_lifted == 1 else "s"
        lines = [
            f"{self.num_lifted:,} value{many}, {self.reason}: {_told(before.jacobian, before)} "
            f"nonzeros in the Jacobian become {_told(after.jacobian, after)}, "
            f"{_told(before.hessian, before)} in the Hessian {_told(after.hessian, after)}"
        ]
        for item in self.choice.lifted.lifted[:_MOST_LINES]:
            where = describe_where(item.value.where) or "no source line"
            lines.append(f"{item.name}, {all_lifting.describe_value(item.value)}, {where}")
        rest = len(self.choice.lifted.lifted) - _MOST_LINES
        return [*lines, f"and {rest:,} more"] if rest > 0 else lines


def _told(number: int, counts: Counts) -> str:
    return f"{number:,}" if counts.is_exact or not number else f"about {number:,}"


def checked_lift(lift: object, intermediates: Mapping[str, object] | None = None) -> Lift:
    """Return a choice of what to lift, names as a tuple; or say what it may be."""
    if isinstance(lift, str) and lift in ("auto", "none"):
        return lift
    names = (lift,) if isinstance(lift, str) else lift
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise ProblemError(
            f"lift={lift!r} is no choice",
            instead='"auto", "none", or names given with m.intermediate("name", expression)',
        )
    for name in names:
        if intermediates is not None and name not in intermediates:
            raise ProblemError(
                f"lift={name!r}: no intermediate has that name",
                instead=did_you_mean(name, [*intermediates, "auto", "none"]),
            )
    return tuple(names) or "none"


class Startable(Protocol):
    """What a problem's start is computed from."""

    lifting: Lifting | None
    initial_point: FloatArray

    @property
    def evaluator(self) -> Any: ...


def restarted(problem: Startable) -> None:
    """Compute the start of a problem's lifted values again, for other parameters."""
    if problem.lifting is not None:
        problem.initial_point = problem.lifting.completed(
            problem.initial_point, problem.evaluator.parameters
        )


def lifted_declarations(
    declared: Declarations,
    program: Program,
    bounds: LiftedBounds,
    lift: Lift,
    intermediates: Mapping[str, Intermediate],
    parameters: FloatArray,
) -> tuple[Declarations, Program, LiftedBounds, Lifting | None]:
    """Return declarations, program and bounds of a problem with some of its values lifted.

    Parameters
    ----------
    declared, program, bounds
        Of the direct problem.
    lift : str or sequence of str
    intermediates : mapping of str to Intermediate
    parameters : float array
        For the start of the lifted values.
    """
    if lift == "none":
        return declared, program, bounds, None
    gauss_newton = declared.fit is not None and declared.fit.hessian != "exact"
    if gauss_newton:
        return declared, program, bounds, _refused_for_fit(lift)
    kinds = (declared.variables, declared.constraints, declared.parameters)
    taken = [item.name for kind in kinds for item in kind]
    taken += [name.removesuffix(_SUFFIX) for name in taken if name.endswith(_SUFFIX)]
    if lift == "auto":
        named = {item.node: name for name, item in intermediates.items()}
        choice = all_lifting.choose_lifting(program, named, taken)
    else:
        chosen = {intermediates[name].node: name for name in lift}
        choice = all_lifting.lift_named(program, chosen)
        _require_live(choice, lift, intermediates)
    shapes = {
        item.name: _shape(item.name, item.value.size, intermediates)
        for item in choice.lifted.lifted
    }
    lifting = Lifting(choice, shapes, choice.reason)
    if not lifting.num_lifted:
        return declared, program, bounds, lifting
    return (
        _with_lifted(declared, lifting, parameters),
        choice.lifted.program,
        _with_definitions(bounds, lifting.num_lifted),
        lifting,
    )


def _refused_for_fit(lift: Lift) -> Lifting:
    reason = "a Gauss–Newton Hessian is formed from the residuals themselves"
    if lift != "auto":
        raise ProblemError(
            "a fit with a Gauss–Newton Hessian is not lifted",
            why=reason,
            instead='m.fit(..., hessian="exact"), or lift="none"',
        )
    return Lifting(None, {}, reason)


def _require_live(
    choice: LiftingChoice, names: Sequence[str], intermediates: Mapping[str, Intermediate]
) -> None:
    found = {item.name for item in choice.lifted.lifted}
    for name in names:
        if name not in found:
            raise ProblemError(
                f"the intermediate {name!r} is not used",
                where=describe_where(intermediates[name].where),
                why="neither the objective nor a constraint is computed from it",
                instead=f'{name} = m.intermediate("{name}", ...), and {name} in what follows',
            )


def _shape(name: str, size: int, intermediates: Mapping[str, Intermediate]) -> tuple[int, ...]:
    if name in intermediates:
        return intermediates[name].shape
    return () if size == 1 else (size,)


def _with_lifted(declared: Declarations, lifting: Lifting, parameters: FloatArray) -> Declarations:
    assert lifting.choice is not None
    start = np.concatenate([v.start for v in declared.variables])
    complete = lifting.completed(np.append(start, np.zeros(lifting.num_lifted)), parameters)
    variables, rows, first = list(declared.variables), list(declared.constraints), start.size
    for item in lifting.choice.lifted.lifted:
        size, shape, where = item.value.size, lifting.shapes[item.name], item.value.where
        free, zero = np.full(size, np.inf), np.zeros(size)
        values = complete[first : first + size]
        variables.append(Variable(item.name, shape, item.variable, -free, free, values, where))
        rows.append(Constraint(item.name + _SUFFIX, shape, item.variable, zero, zero, where))
        first += size
    return replace(declared, variables=variables, constraints=rows)


def _with_definitions(bounds: LiftedBounds, count: int) -> LiftedBounds:
    free = np.full(count, np.inf)
    return replace(
        bounds,
        kept_rows=np.concatenate([bounds.kept_rows, bounds.num_rows + np.arange(count)]),
        lower=np.concatenate([bounds.lower, -free]),
        upper=np.concatenate([bounds.upper, free]),
    )
