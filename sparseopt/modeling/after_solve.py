"""The one place where a solution reaches what is computed after a solve, by its name.

The package `sparseopt.fitting` imports modeling and never the other way.
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["solution_sensitivities", "solution_uncertainty"]

_FITTING = "sparseopt.fitting"


def solution_sensitivities(solution: object, parameters: tuple[str, ...]) -> Any:
    """Return `sparseopt.sensitivities` of a solution."""
    return importlib.import_module(f"{_FITTING}.sensitivities").sensitivities(solution, *parameters)


def solution_uncertainty(solution: object, **options: Any) -> Any:
    """Return `sparseopt.uncertainty` of a solution."""
    return importlib.import_module(f"{_FITTING}.uncertainty").uncertainty(solution, **options)
