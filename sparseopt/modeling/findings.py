"""`Diagnosis`: what is wrong or doubtful about a problem, by name; plain data.

What finds it is the package `sparseopt.diagnosis`, which imports modeling and never the other way;
it is loaded here by its name, when the first diagnosis is asked for.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import compose
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.solver_registry import SolverOutcome

__all__ = ["Diagnosis", "Finding", "Severity", "run_diagnosis"]

FloatArray = NDArray[np.float64]

Severity = Literal["error", "warning", "note"]

_DIAGNOSIS = "sparseopt.diagnosis"
_ORDER: tuple[Severity, ...] = ("error", "warning", "note")
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or doubtful; printing it shows it in the form of an error message.

    Attributes
    ----------
    kind : str
        What was found, in few words that do not change, such as ``"duplicate rows"``.
    severity : {"error", "warning", "note"}
        An error keeps a solver from a solution, a warning may, a note is worth knowing.
    what : str
        In one sentence, with names.
    where : str
        The user's ``file:line``; empty if there is none.
    why : str
        Why it matters, with the numbers.
    instead : str
        What to do next.
    names : tuple of str
        The constraints and variables that are meant; of many the first ones.
    count : int
        How many there are of the kind in all.
    """

    kind: str
    severity: Severity
    what: str
    where: str = ""
    why: str = ""
    instead: str = ""
    names: tuple[str, ...] = ()
    count: int = 1

    def __str__(self) -> str:
        return compose(f"{self.severity}: {self.what}", self.where, self.why, self.instead)


@dataclass(frozen=True)
class Diagnosis:
    """The findings about a problem at a point, the gravest first, and what was looked at.

    Attributes
    ----------
    problem, at : str
        The problem's name, and the point in words.
    findings : tuple of Finding
    checked : tuple of str
        What was looked at, each with what it came to.
    skipped : tuple of str
        What was not, and why.

    Examples
    --------
    >>> import sparseopt as so
    >>> m = so.Model("lamp")
    >>> x = m.variable("x", shape=2, start=1.0)
    >>> m.minimize((x[0] - 1.0) ** 2)
    >>> found = m.problem().diagnose()
    >>> found.ok, [finding.kind for finding in found]
    (False, ['unused variables'])
    """

    problem: str
    at: str
    findings: tuple[Finding, ...]
    checked: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        by_severity = sorted(self.findings, key=lambda finding: _ORDER.index(finding.severity))
        object.__setattr__(self, "findings", tuple(by_severity))

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return all(finding.severity == "note" for finding in self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def of(self, kind: str) -> list[Finding]:
        """Return the findings of a kind."""
        return [finding for finding in self.findings if finding.kind == kind]

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain data."""
        return {"ok": self.ok, **asdict(self)}

    def json(self) -> str:
        """Return everything as a JSON document."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        lines = [f"{self.problem} at {self.at}: {self._verdict()}"]
        lines += [str(finding) for finding in self.findings[:_MOST_SHOWN]]
        if len(self.findings) > _MOST_SHOWN:
            lines.append(f"and {len(self.findings) - _MOST_SHOWN} more findings")
        lines += [f"checked: {text}" for text in self.checked]
        lines += [f"not checked: {text}" for text in self.skipped]
        return "\n".join(lines)

    def _verdict(self) -> str:
        found = [finding.severity for finding in self.findings]
        counts = [(found.count(severity), severity) for severity in _ORDER]
        words = [f"{k} {word}{'s' if k > 1 else ''}" for k, word in counts if k]
        return ", ".join(words) or "nothing found"


def run_diagnosis(
    problem: CompiledProblem,
    x: FloatArray,
    at: str,
    outcome: SolverOutcome | None = None,
    *,
    solver: str = "auto",
    most_solves: int = 0,
) -> Diagnosis:
    """Return what is found about a problem at a point; with an outcome, about that solve too.

    Parameters
    ----------
    problem : Problem
    x : float array
    at : str
        The point in words.
    outcome : SolverResult, optional
        What a solve gave back at ``x``.
    solver : str
        For the relaxed problems that explain an infeasible one.
    most_solves : int
        How many of them may be solved.
    """
    package = importlib.import_module(_DIAGNOSIS)
    found: Diagnosis = package.diagnose(
        problem, x, at, outcome, solver=solver, most_solves=most_solves
    )
    return found
