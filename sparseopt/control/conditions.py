"""Rows of the nonlinear program in the words of the phases: which condition, at what time.

The names of the model (``slide__v__rate[3]``) are what a solver's diagnosis knows; people know the
dynamics of the state v of phase slide, at t = 0.31.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from sparseopt.control.transcribed_phase import Row
from sparseopt.modeling.solution import Solution

__all__ = ["described", "violations"]

Times = Mapping[str, tuple[float, float]]

_ELEMENT = re.compile(r"\b(?P<name>\w+__\w+)(?:\[(?P<index>[\d, ]+)\])?")
_WORDS = {
    "rate": "the dynamics of {name!r} in phase {phase!r}",
    "path": "path constraint {name!r} of phase {phase!r}",
    "boundary": "boundary condition {name!r} of phase {phase!r}",
    "integral": "the bounds of integral {name!r} of phase {phase!r}",
    "state": "the bounds of state {name!r} of phase {phase!r}",
    "linkage": "the linkage of {name!r} from {phase}",
    "variable": "{name!r} of phase {phase!r}",
    "duration": "the duration of phase {phase!r}",
}


def violations(nlp: Solution, rows: Mapping[str, Row], times: Times, tolerance: float) -> list[str]:
    """Return the violated rows at the solution, the worst first."""
    problem, values = nlp.problem, nlp.constraint_values
    below = problem.constraint_lower - values
    above = values - problem.constraint_upper
    amount = np.maximum(below, above)
    size = tolerance * (1.0 + np.abs(np.where(np.isfinite(values), values, 0.0)))
    worst = np.flatnonzero(~(amount <= size))
    worst = worst[np.argsort(-amount[worst], kind="stable")]
    found = []
    for index in worst:
        name = described(problem.constraint_name(int(index)), rows, times)
        side = "below its lower bound" if below[index] > above[index] else "above its upper bound"
        equation = problem.constraint_lower[index] == problem.constraint_upper[index]
        found.append(f"{name}: {amount[index]:.3g} " + ("off" if equation else side))
    return found


def described(text: str, rows: Mapping[str, Row], times: Times) -> str:
    """Return a text with the names of rows and variables replaced by words and times."""

    def words(match: re.Match[str]) -> str:
        name, index = match["name"], match["index"]
        if name not in rows:
            return match[0]
        row, places = rows[name], index.split(", ") if index else []
        is_along = row.fractions.size > 0
        component = ", ".join(places[1:] if is_along else places)
        full = f"{row.name}[{component}]" if component else row.name
        sentence = _WORDS[row.kind].format(name=full, phase=row.phase)
        return sentence + _moment(row, int(places[0]) if places else None, times)

    return _ELEMENT.sub(words, text)


def _moment(row: Row, index: int | None, times: Times) -> str:
    if index is None or index >= row.fractions.size or row.phase not in times:
        return ""
    first, last = times[row.phase]
    return f" at t = {first + (last - first) * row.fractions[index]:.6g}"
