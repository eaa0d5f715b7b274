"""The plans of a matrix as a table: what each costs, and why one of them was taken."""

from __future__ import annotations

from typing import Literal

from sparseopt.derivatives.choice import Candidate, Candidates
from sparseopt.derivatives.plans import MatrixPlan, PlanName

__all__ = ["plan_table"]

_HEADER = f"{'':2}{'plan':<14}{'colors':>8}{'operations':>14}{'bytes':>14}{'estimate':>12}"


def _time(seconds: float) -> str:
    unit, scale = ("ms", 1e3) if seconds >= 1e-3 else ("µs", 1e6)
    return f"{seconds * scale:.3g} {unit}"


def _row(candidate: Candidate, is_chosen: bool) -> str:
    mark = "* " if is_chosen else "  "
    if candidate.cost is None:
        return f"{mark}{candidate.plan:<14}{candidate.note}"
    colors = "-" if candidate.directions is None else f"{candidate.directions:,}"
    cost = candidate.cost
    return (
        f"{mark}{candidate.plan:<14}{colors:>8}{cost.operations:>14,}{cost.bytes:>14,}"
        f"{_time(cost.seconds):>12}"
    )


def plan_table(
    candidates: Candidates, chosen: MatrixPlan, asked: PlanName | Literal["auto"]
) -> str:
    """Return a line for each plan, the chosen one marked, and the reason for it."""
    reason = candidates.chosen_because if asked == "auto" else "it was asked for"
    rows = [_row(c, c.plan == chosen.name) for c in candidates.candidates()]
    return "\n".join([f"plan {chosen.name}: {reason}", _HEADER, *rows])
