"""Which plan evaluates a matrix: every candidate's cost, and the cheapest.

``auto`` is the plan with the least estimated time (`costs`).  It colors only where a compressed
plan can win: with a single stage the direct plan computes every local derivative once and has
nothing to multiply; with several, the fewest directions that any coloring needs are known from the
pattern alone, and if even they cost more than the direct plan, no coloring is made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparseopt.derivatives.bundles import Stored
from sparseopt.derivatives.chain_rule import TooManyProductsError
from sparseopt.derivatives.costs import Cost, cost_of
from sparseopt.derivatives.direct import direct_hessian, direct_jacobian
from sparseopt.derivatives.plans import (
    HESSIAN_PLANS,
    JACOBIAN_PLANS,
    MatrixPlan,
    PlanName,
    Targets,
)
from sparseopt.derivatives.schedules import Place, Scheduler
from sparseopt.derivatives.structure import StageSlots, Structure
from sparseopt.derivatives.sweeps import (
    Weighted,
    product_schedule,
    pullback_schedule,
    pushforward_schedule,
)
from sparseopt.elements.form import Stage
from sparseopt.elements.tasks import Base, Schedule
from sparseopt.errors import PatternError
from sparseopt.graph.garbage import collector_paused
from sparseopt.on_demand import on_demand
from sparseopt.patterns.sparsity_pattern import SparsityPattern

if TYPE_CHECKING:
    import sparseopt.coloring.color as coloring_search
    from sparseopt.coloring import dense_patterns
    from sparseopt.coloring.coloring import Coloring
    from sparseopt.derivatives import compressed
else:
    coloring_search = on_demand("sparseopt.coloring.color")
    dense_patterns = on_demand("sparseopt.coloring.dense_patterns")
    compressed = on_demand("sparseopt.derivatives.compressed")

__all__ = ["Candidate", "Candidates", "HessianCandidates", "JacobianCandidates"]

MAX_PRODUCTS = 20_000_000
"""Products of the chain rule that ``auto`` multiplies out; their index tables take about 1 GB."""
DENSE_PRODUCTS = 4
"""Products for each entry up to which a dense Hessian is direct all the same."""
MOST_SEARCH = 1e10
"""Visits of a coloring, some nanoseconds each, from which on a Hessian counts as dense."""
WEIGHTS = Place(Base.MULTIPLIERS)
"""Where the weights of rows are, for the cost of a pullback."""
MANY_ENTRIES = 100_000
"""Nonzeros from which on one vertex order is tried for a coloring, and not several."""
TRIFLING = 1e-6
"""Seconds below which no other plan is looked for."""
SEARCH = 1.5e-8
"""Seconds of coloring for each nonzero, spread over the evaluations of a solve (100 of them)."""
_PARTITIONS: dict[PlanName, str] = {"forward": "column", "reverse": "row", "star": "symmetric"}
"""Of the plans that a coloring which groups nothing serves."""
SHARED = 0.5
"""Share of one direction's cost that each of several directions still costs, at the least."""


@dataclass(frozen=True)
class Candidate:
    """A plan that was considered.

    Parameters
    ----------
    plan : str
    cost : Cost or None
        None if the plan was not written out; ``note`` says why.
    directions : int or None
        Number of colors, for compressed plans.
    note : str
    """

    plan: PlanName
    cost: Cost | None
    directions: int | None
    note: str = ""


class Candidates(ABC):
    """The plans of one matrix, written out when they are asked for."""

    names: tuple[PlanName, ...]

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self._plans: dict[PlanName, MatrixPlan] = {}
        self.chosen_because = ""

    @property
    @abstractmethod
    def is_chained(self) -> bool:
        """Whether there are intermediates between the variables and the result."""

    @abstractmethod
    def _direct(self, limit: int | None) -> MatrixPlan: ...

    @abstractmethod
    def _color(self, plan: PlanName) -> Coloring: ...

    @abstractmethod
    def _compressed(self, plan: PlanName, coloring: Coloring) -> MatrixPlan: ...

    @abstractmethod
    def _least_costs(self, pattern: SparsityPattern) -> dict[PlanName, float]:
        """Return, in seconds, what no compressed plan of a name can undercut."""

    @collector_paused()
    def plan(self, name: PlanName | Literal["auto"]) -> MatrixPlan:
        """Return a plan by name; "auto" for the cheapest."""
        if name == "auto":
            return self.cheapest()
        if name not in self._plans:
            made = self._unlimited() if name == "direct" else self._color_and_compress(name)
            self._plans[name] = made
        return self._plans[name]

    def _unlimited(self) -> MatrixPlan:
        try:
            return self._direct(None)
        except TooManyProductsError as error:
            raise PatternError(
                f"there is no direct plan: {error} is kept as one operation",
                why="its own derivatives are so dense and many that they are never formed",
                instead='plan="auto": products with vectors',
            ) from None

    def _color_and_compress(self, name: PlanName) -> MatrixPlan:
        return self._compressed(name, self._color(name))

    def _affordable_direct(self) -> MatrixPlan | None:
        if "direct" not in self._plans:
            try:
                self._plans["direct"] = self._direct(MAX_PRODUCTS)
            except TooManyProductsError:
                return None
        return self._plans["direct"]

    def cheapest(self) -> MatrixPlan:
        """Return the plan with the least estimated cost, and remember why it is the one."""
        direct = self._affordable_direct()
        if direct is None and dense_patterns.is_nearly_complete(self._pattern):
            self.chosen_because = "nearly all entries are there: no coloring saves half of them"
            return self._uncolored()
        if direct is None and self._is_dense():
            self.chosen_because = "it is so dense that a coloring would take minutes"
            return self._plans["direct"]
        if direct is None:
            self.chosen_because = f"direct would need more than {MAX_PRODUCTS} products"
            return self._least([name for name in self.names if name != "direct"])
        if not self.is_chained:
            self.chosen_because = "with one stage, local derivatives are the values"
            return direct
        time = cost_of(direct.schedule).seconds
        if time < TRIFLING:
            self.chosen_because = "it takes next to no time: no coloring was tried"
            return direct
        search = SEARCH * direct.pattern.nnz
        bounds = self._least_costs(direct.pattern) if search < time else {}
        rivals = [name for name, bound in bounds.items() if bound + search < time]
        if not rivals:
            self.chosen_because = "the fewest directions, or the search for them, cost more"
            return direct
        self.chosen_because = "the least estimated time"
        return self._least(["direct", *rivals])

    @property
    @abstractmethod
    def _pattern(self) -> SparsityPattern:
        """The structural nonzeros, found without a plan."""

    def _uncolored(self) -> MatrixPlan:
        """Return the plan of least cost with a direction for each column, or for each row."""
        bounds = self._least_costs(self._pattern)
        name = min((n for n in bounds if n in _PARTITIONS), key=lambda n: bounds[n])
        if name not in self._plans:
            coloring = dense_patterns.own_colors(self._pattern, _PARTITIONS[name])
            self._plans[name] = self._compressed(name, coloring)
        return self._plans[name]

    def _is_dense(self) -> bool:
        """Whether the direct plan, too large else, is made as no coloring is found soon."""
        return False

    def _least(self, names: list[PlanName]) -> MatrixPlan:
        plans = [self.plan(name) for name in names]
        return min(plans, key=lambda plan: cost_of(plan.schedule).seconds)

    def candidates(self) -> list[Candidate]:
        """Return every plan with its cost; those not yet written out are written out now."""
        return [self._candidate(name) for name in self.names]

    def _candidate(self, name: PlanName) -> Candidate:
        plan = self._affordable_direct() if name == "direct" else self.plan(name)
        if plan is None:
            return Candidate(name, None, None, f"more than {MAX_PRODUCTS} products")
        directions = plan.coloring.num_colors if plan.coloring else None
        return Candidate(name, cost_of(plan.schedule), directions)


def _order(pattern: SparsityPattern) -> str:
    """Return the best of several vertex orders where that takes milliseconds, else one."""
    return "best" if pattern.nnz <= MANY_ENTRIES else "smallest_last"


def _one_direction(schedule: Schedule, values: Schedule) -> float:
    """Return the least that another direction costs, in seconds."""
    return SHARED * max(0.0, cost_of(schedule).seconds - cost_of(values).seconds)


def _longest(indices: np.ndarray, size: int) -> int:
    return int(np.bincount(indices, minlength=size).max(initial=0)) if indices.size else 0


class JacobianCandidates(Candidates):
    """The plans of a stage's Jacobian."""

    names = JACOBIAN_PLANS

    def __init__(self, scheduler: Scheduler, stage: Stage) -> None:
        super().__init__(scheduler)
        self.stage = stage

    @property
    def is_chained(self) -> bool:
        """Whether there are intermediates between the variables and the result."""
        return bool(self.scheduler.needed([self.stage]))

    @cached_property
    def _structure(self) -> tuple[SparsityPattern, StageSlots]:
        return Structure(self.scheduler).jacobian(self.stage)

    @property
    def _pattern(self) -> SparsityPattern:
        return self._structure[0]

    def _direct(self, limit: int | None) -> MatrixPlan:
        return direct_jacobian(self.scheduler, self.stage, limit)

    def _color(self, plan: PlanName) -> Coloring:
        partitions = {"forward": "column", "reverse": "row", "bidirectional": "bidirectional"}
        pattern = self._structure[0]
        return coloring_search.color(pattern, partition=partitions[plan], order=_order(pattern))

    def _compressed(self, plan: PlanName, coloring: Coloring) -> MatrixPlan:
        slots = self._structure[1]
        return compressed.compressed_jacobian(self.scheduler, self.stage, plan, coloring, slots)

    def _least_costs(self, pattern: SparsityPattern) -> dict[PlanName, float]:
        scheduler, stage = self.scheduler, self.stage
        values = scheduler.value_schedule("values", stage)
        push = _one_direction(pushforward_schedule(scheduler, "push", stage), values)
        weighted: Weighted = [(stage, Stored(WEIGHTS))]
        pull = _one_direction(pullback_schedule(scheduler, "pull", weighted), values)
        rows, columns = pattern.shape
        either = pattern.nnz / max(1, rows, columns)
        return {
            "forward": push * _longest(pattern.rows, rows),
            "reverse": pull * _longest(pattern.cols, columns),
            "bidirectional": min(push, pull) * either,
        }


class HessianCandidates(Candidates):
    """The plans of the Hessian of a weighted sum of stages."""

    names = HESSIAN_PLANS

    def __init__(self, scheduler: Scheduler, targets: Targets) -> None:
        super().__init__(scheduler)
        self.targets = targets

    @property
    def is_chained(self) -> bool:
        """Whether there are intermediates between the variables and the result."""
        return bool(self.scheduler.needed([s for s, _ in self.targets]))

    @cached_property
    def _structure(self) -> tuple[SparsityPattern, StageSlots]:
        return Structure(self.scheduler).hessian(self.targets)

    @property
    def _pattern(self) -> SparsityPattern:
        return self._structure[0]

    def _direct(self, limit: int | None) -> MatrixPlan:
        return direct_hessian(self.scheduler, self.targets, limit)

    def _is_dense(self) -> bool:
        pattern = self._structure[0]
        lengths = np.bincount(pattern.rows).astype(np.float64)
        if lengths @ lengths < MOST_SEARCH:  # colorings visit the neighbors of neighbors
            return False
        with suppress(TooManyProductsError):
            self._plans["direct"] = self._direct(DENSE_PRODUCTS * pattern.nnz)
        return "direct" in self._plans

    def _color(self, plan: PlanName) -> Coloring:
        recovery = "substitution" if plan == "acyclic" else "direct"
        pattern = self._structure[0]
        return coloring_search.color(pattern, "symmetric", recovery, order=_order(pattern))

    def _compressed(self, plan: PlanName, coloring: Coloring) -> MatrixPlan:
        slots = self._structure[1]
        return compressed.compressed_hessian(self.scheduler, self.targets, plan, coloring, slots)

    def _least_costs(self, pattern: SparsityPattern) -> dict[PlanName, float]:
        scheduler = self.scheduler
        weighted: Weighted = [(s, Stored(place)) for s, place in self.targets]
        gradient = pullback_schedule(scheduler, "gradient", weighted)
        product = product_schedule(scheduler, "product", weighted)
        one = _one_direction(product, gradient)
        # A color reveals at most one entry of each row.
        least = one * max(1.0, pattern.nnz / max(1, pattern.shape[0]))
        return {"star": least, "acyclic": least}
