"""The names of derivative plans, as users write them."""

from __future__ import annotations

from typing import Literal

from sparseopt.derivatives.plans import HESSIAN_PLANS, JACOBIAN_PLANS, PlanName
from sparseopt.errors import SparseOptError, did_you_mean

__all__ = ["checked_plan"]


def checked_plan(plan: str, known: tuple[PlanName, ...]) -> PlanName | Literal["auto"]:
    """Return the name of a plan, or raise an error that lists those of the matrix."""
    for name in ("auto", *known):
        if plan == name:
            return name  # type: ignore[return-value]
    others = {*JACOBIAN_PLANS, *HESSIAN_PLANS} - set(known)
    matrix = "a Jacobian" if known == JACOBIAN_PLANS else "a Hessian"
    raise SparseOptError(
        f"{matrix} has no plan {plan!r}" if plan in others else f"there is no plan {plan!r}",
        why=f"the plans of {matrix} are {', '.join(('auto', *known))}",
        instead=did_you_mean(plan, ("auto", *known)),
    )
