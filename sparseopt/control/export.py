"""Export to xarray: a dataset for each phase, with time as the coordinate."""

from __future__ import annotations

import importlib
from typing import Any

from sparseopt.control.phase_solution import PhaseSolution
from sparseopt.errors import ProblemError, SolverNotInstalledError

__all__ = ["phase_dataset"]


def phase_dataset(phase: PhaseSolution) -> Any:
    """Return an ``xarray.Dataset`` with states, controls, costates and path constraints.

    Raises
    ------
    SolverNotInstalledError
        If xarray is not installed.
    """
    try:
        xarray = importlib.import_module("xarray")
    except ModuleNotFoundError as error:
        raise SolverNotInstalledError(
            "to_xarray needs the package 'xarray'", instead="pip install xarray"
        ) from error
    variables: dict[str, Any] = {}
    for kind, names in (("state", phase.phase.states), ("control", phase.phase.controls)):
        for name in names:
            trajectory = phase.state(name) if kind == "state" else phase.control(name)
            variables[name] = _labeled(name, trajectory.values, {"kind": kind})
    for name in phase.path_names():
        variables[f"path_{name}"] = _labeled(name, phase.path(name), {"kind": "path constraint"})
    for name in phase.phase.states:
        try:
            costate = phase.costate(name)
        except ProblemError:  # single shooting has none
            break
        variables[f"costate_{name}"] = _labeled(name, costate.values, {"kind": "costate"})
    constants = {name: phase.parameters[name] for name in phase.parameters}
    attributes = {"phase": phase.name, **constants}
    return xarray.Dataset(variables, coords={"time": phase.time}, attrs=attributes)


def _labeled(name: str, values: Any, attributes: dict[str, str]) -> tuple[Any, ...]:
    axes = ("time", *(f"{name}_axis{k}" for k in range(values.ndim - 1)))
    return axes, values, attributes
