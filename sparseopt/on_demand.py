"""Modules that are loaded when something of them is first used, and not when a program starts.

What is loaded is felt before anything happens, and most of it many problems never use: colorings,
fits, lifting, checkpoints, diagnoses.  A module that is loaded this way is imported for type
checkers, and for the test of who imports whom, as any other one:

    if TYPE_CHECKING:
        import sparseopt.coloring.color as coloring
    else:
        coloring = on_demand("sparseopt.coloring.color")

SciPy's are in `sparseopt.scipy_on_demand`.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

__all__ = ["OnDemand", "on_demand"]


class OnDemand(ModuleType):
    """Stands for a module; keeps nothing of it, so that what is replaced in it is replaced here."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


def on_demand(name: str) -> ModuleType:
    """Return what stands for a module, and loads it when an attribute is read.

    Examples
    --------
    >>> colorsys = on_demand("colorsys")
    >>> colorsys.rgb_to_yiq(0.0, 0.0, 0.0)
    (0.0, 0.0, 0.0)
    """
    return OnDemand(name)
