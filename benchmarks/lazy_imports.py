"""Imports are not set-up: sparseopt's lazy ones happen here, as other tools' do when they load."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import sparseopt
from sparseopt.on_demand import OnDemand

__all__ = ["import_all"]


def import_all() -> None:
    """Import every module of sparseopt, and with it NumPy, SciPy and LLVM."""
    for module in pkgutil.walk_packages(sparseopt.__path__, "sparseopt."):
        if not any(part in module.name for part in (".cli", ".__main__", "cyipopt")):
            importlib.import_module(module.name)
    for name in _on_demand() | {"numpy.random"}:  # which NumPy loads when it is first used
        importlib.import_module(name)


def _on_demand() -> set[str]:
    """Return the modules that sparseopt's own load when something of them is first used."""
    own = [module for name, module in sys.modules.items() if name.startswith("sparseopt.")]
    values = [value for module in own for value in vars(module).values()]
    return {value.__name__ for value in values if isinstance(value, OnDemand)}
