"""How MUMPS inside Ipopt orders, scales and stores a problem's linear systems.

Nearly all the time of a large solve goes into them.  Ipopt's defaults know nothing of the problem;
here its patterns are known before the solve.  None of this changes what is solved, and the caller's
own options come on top.

`BASIS` holds for every problem from `SMALLEST` rows of the linear system on:

- Without ``mumps_scaling = 0``, MUMPS scales by a matching of large entries at the *start* (Duff
  and Pralet 2005, doi:10.1137/04061043X), and keeps that scaling, and an ordering restricted to
  it, for the whole solve.  Far from the start pivots fail, the factors grow up to sixfold, and
  digits get lost.
- Ipopt refines each solution once before it looks at the residual; without that it looks first, and
  refines down to the same bound.
- MUMPS gets room for twice the predicted factors, not for eleven times; Ipopt doubles it on demand.

`RULES` choose the ordering: the first that applies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.solvers.ipopt_options import has_exact_hessian
from sparseopt.solvers.level_structure import IntArray, long_rows, mean_width, row_lengths
from sparseopt.solvers.protocol import NonlinearProblem

SMALLEST = 3000
"""Variables and constraints from which on these choices are worth a look at the patterns."""

BASIS: Mapping[str, Any] = {
    "mumps_scaling": 0,
    "min_refinement_steps": 0,
    "mumps_mem_percent": 100,
}

# MUMPS' ICNTL(7).
MINIMUM_DEGREE, NESTED_DISSECTION, QUASI_DENSE = 0, 5, 6
ORDERINGS = {
    MINIMUM_DEGREE: "approximate minimum degree",
    NESTED_DISSECTION: "nested dissection",
    QUASI_DENSE: "minimum degree with quasi-dense rows set aside",
}

_LONG_ROW = 1000
_MEDIUM, _LARGE = 10_000, 50_000
_FIELD, _VOLUME = 0.5, 1.5  # mean width of the levels by the root of the size
_HUBS = 0.001
_DENSE = 10.0  # times the root of the size: AMD puts such rows off to the end
_FEW = 5


@dataclass(frozen=True)
class Structure:
    """What the rules look at; each is found when a rule first asks for it."""

    problem: NonlinearProblem

    @property
    def size(self) -> int:
        """Variables and constraints: the rows of the linear system."""
        return self.problem.num_variables + self.problem.num_constraints

    @cached_property
    def has_long_definition(self) -> bool:
        """Whether a lifted problem has a row of a thousand entries or more."""
        lifting = getattr(self.problem, "lifting", None)
        if lifting is None or not lifting.num_lifted:
            return False
        return int(np.bincount(self.problem.jacobian_pattern.rows).max(initial=0)) >= _LONG_ROW

    @cached_property
    def has_shared_numbers(self) -> bool:
        """Whether some row is dense by the measure of AMD."""
        return self._num_longer(_DENSE) > 0

    @property
    def has_half_dense_rows(self) -> bool:
        """Whether more than a few rows are nearly dense by that measure."""
        return self._num_longer(_DENSE / 2) - self._num_longer(_DENSE) > _FEW

    def _num_longer(self, roots: float) -> int:
        return int(np.count_nonzero(self._lengths > roots * math.sqrt(self.size)))

    @cached_property
    def is_network(self) -> bool:
        """Whether more than one row in a thousand is a hub, as in a grid of power lines."""
        return bool(np.count_nonzero(self._long) > _HUBS * self.size)

    @cached_property
    def relative_width(self) -> float:
        """Mean width of the levels divided by the root of the size: about one for a plane."""
        return mean_width(self.problem, self._long) / math.sqrt(self.size)

    @property
    def is_field(self) -> bool:
        """Whether the levels widen as they do in two dimensions or more."""
        return not self.is_network and self.relative_width > _FIELD

    @property
    def is_volume(self) -> bool:
        """Whether the levels are wider than those of a square."""
        return not self.is_network and self.relative_width > _VOLUME

    @cached_property
    def _long(self) -> NDArray[np.bool_]:
        return long_rows(self._lengths)

    @cached_property
    def _lengths(self) -> IntArray:
        return row_lengths(self.problem)


@dataclass(frozen=True)
class Rule:
    """An ordering, where it applies, and why, in the words of the report."""

    applies: Callable[[Structure], bool]
    ordering: int
    structure: str
    reason: str


RULES = (
    Rule(
        lambda s: s.has_long_definition,
        QUASI_DENSE,
        "long definitions",
        "the time of other orderings grows with the square of a row's length (Amestoy 1997)",
    ),
    Rule(
        lambda s: s.size >= SMALLEST and s.has_half_dense_rows,
        NESTED_DISSECTION,
        "several long rows",
        "minimum degree, which does not put them off, fills in more",
    ),
    Rule(
        lambda s: s.size >= _LARGE and s.has_shared_numbers,
        NESTED_DISSECTION,
        "large, with shared numbers",
        "rows that reach everywhere mislead minimum degree",
    ),
    Rule(
        lambda s: s.size >= _MEDIUM and s.has_shared_numbers and s.is_field,
        QUASI_DENSE,
        "a field with shared numbers",
        "rows that reach everywhere mislead minimum degree, and are few",
    ),
    Rule(
        lambda s: s.size >= _MEDIUM and s.is_volume,
        NESTED_DISSECTION,
        "a field in three dimensions",
        "fills in less than minimum degree",
    ),
    Rule(
        lambda s: s.size >= _LARGE and s.is_field,
        NESTED_DISSECTION,
        "a large field",
        "fills in less than minimum degree",
    ),
    Rule(
        lambda s: s.size >= SMALLEST,
        MINIMUM_DEGREE,
        "chains, networks and small fields",
        "fills in as little as any, and is found in a tenth of the time",
    ),
)


@dataclass(frozen=True)
class Factorization:
    """Options for the linear systems, and a sentence on why."""

    options: dict[str, Any]
    note: str = ""


def factorization(problem: NonlinearProblem, chosen: Mapping[str, Any]) -> Factorization:
    """Return the options for MUMPS that fit a problem's structure.

    Empty where another linear solver or a quasi-Newton Hessian is `chosen`.
    """
    others = chosen.get("linear_solver", "mumps") != "mumps"
    if others or not has_exact_hessian(chosen):
        return Factorization({})
    structure = Structure(problem)
    options = dict(BASIS) if structure.size >= SMALLEST else {}
    if "mumps_pivot_order" in chosen:
        return Factorization(options, "as asked for")
    rule = next((rule for rule in RULES if rule.applies(structure)), None)
    if rule is None:
        return Factorization(options)
    return Factorization({**options, "mumps_pivot_order": rule.ordering}, _note(rule))


def _note(rule: Rule) -> str:
    return f"{ORDERINGS[rule.ordering]} ({rule.structure}): {rule.reason}"
