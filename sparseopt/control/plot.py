"""Plots of a solution: trajectories, path constraints, and the mesh with its errors."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.control.phase_solution import PhaseSolution
from sparseopt.errors import ProblemError, SolverNotInstalledError

__all__ = ["plot_phases"]

_SAMPLES = 400

Curve = tuple[str, NDArray[np.float64], NDArray[np.float64]]


def plot_phases(phases: Iterable[PhaseSolution]) -> Any:
    """Return a matplotlib figure with a row for each kind of trajectory, all phases in one time.

    Raises
    ------
    SolverNotInstalledError
        If matplotlib is not installed.
    """
    try:
        figures = importlib.import_module("matplotlib.figure")
    except ModuleNotFoundError as error:
        raise SolverNotInstalledError(
            "plot needs the package 'matplotlib'", instead='pip install "sparseopt[plots]"'
        ) from error
    solved = list(phases)
    rows = [(title, [c for p in solved for c in curves(p)]) for title, curves in _ROWS]
    rows = [(title, curves) for title, curves in rows if curves]
    figure = figures.Figure(figsize=(8, 2.2 * (len(rows) + 1)), layout="constrained")
    axes = figure.subplots(len(rows) + 1, 1, sharex=True)
    for axis, (title, curves) in zip(axes, rows, strict=False):
        _draw(axis, title, curves)
    _draw_errors(axes[-1], solved)
    return figure


def _draw(axis: Any, title: str, curves: list[Curve]) -> None:
    colors: dict[str, str] = {}
    for label, times, values in curves:
        known = label in colors
        (line,) = axis.plot(times, values, label=None if known else label, color=colors.get(label))
        colors[label] = line.get_color()
    axis.set_ylabel(title)
    axis.legend(loc="best", fontsize="small")


def _draw_errors(axis: Any, phases: list[PhaseSolution]) -> None:
    for phase in phases:
        ends = phase.initial_time + (phase.final_time - phase.initial_time) * phase.mesh.breaks
        errors = np.maximum(phase.errors.largest, 1e-17)
        axis.stairs(errors, ends, baseline=None, label=f"{phase.name}: error of each interval")
        axis.plot(ends, np.full(ends.size, errors.min()), "k|", markersize=4)
    axis.set_yscale("log")
    axis.set_ylabel("mesh")
    axis.set_xlabel("time")
    axis.legend(loc="best", fontsize="small")


def _states(phase: PhaseSolution) -> Iterator[Curve]:
    for name in phase.phase.states:
        yield from _sampled(phase, name, phase.state(name))


def _controls(phase: PhaseSolution) -> Iterator[Curve]:
    for name in phase.phase.controls:
        yield from _sampled(phase, name, phase.control(name))


def _costates(phase: PhaseSolution) -> Iterator[Curve]:
    for name in phase.phase.states:
        try:
            costate = phase.costate(name)
        except ProblemError:  # single shooting has none
            return
        yield from _sampled(phase, name, costate)


def _path(phase: PhaseSolution) -> Iterator[Curve]:
    for name in phase.path_names():
        yield from _components(name, phase.time, phase.path(name))


def _sampled(phase: PhaseSolution, name: str, trajectory: Any) -> Iterator[Curve]:
    times = np.linspace(phase.initial_time, phase.final_time, _SAMPLES)
    yield from _components(name, times, trajectory(times))


def _components(name: str, times: Any, values: Any) -> Iterator[Curve]:
    flat = np.reshape(values, (times.size, -1))
    for k, column in enumerate(flat.T):
        yield (name if flat.shape[1] == 1 else f"{name}[{k}]"), times, column


_ROWS = (("states", _states), ("controls", _controls), ("path", _path), ("costates", _costates))
