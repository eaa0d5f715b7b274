"""One printed line for each iteration, for solves that are watched."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["progress_callback"]

Callback = Callable[[Any], bool | None]

_HEADER = "iteration        objective  infeasibility  dual infeas.    barrier       step"


def progress_callback(user: Callback | None, verbose: bool, is_maximized: bool) -> Callback | None:
    """Return the callback that a solver gets: the user's, and printing before it if wanted."""
    if not verbose:
        return user

    def report(iteration: Any) -> bool | None:
        _write(iteration, is_maximized)
        return None if user is None else user(iteration)

    return report


def _write(iteration: Any, is_maximized: bool) -> None:
    if iteration.number % 20 == 0:
        sys.stdout.write(_HEADER + "\n")
    objective = -iteration.objective if is_maximized else iteration.objective
    sys.stdout.write(
        f"{iteration.number:>9}  {objective:>15.8e}  {iteration.infeasibility:>13.2e}"
        f"  {iteration.dual_infeasibility:>12.2e}  {iteration.barrier_parameter:>9.2e}"
        f"  {iteration.step_norm:>9.2e}\n"
    )
