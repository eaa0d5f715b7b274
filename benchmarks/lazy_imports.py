"""Imports are not set-up: sparseopt's lazy ones happen here, as other tools' do when they load."""

from __future__ import annotations

import importlib
import pkgutil

import sparseopt

__all__ = ["import_all"]


def import_all() -> None:
    """Import every module of sparseopt, and with it NumPy, SciPy and LLVM."""
    for module in pkgutil.walk_packages(sparseopt.__path__, "sparseopt."):
        if ".cli" not in module.name and "cyipopt" not in module.name:
            importlib.import_module(module.name)
