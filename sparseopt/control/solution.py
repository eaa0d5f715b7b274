"""`ControlSolution`: trajectories, their quality, and how the solve went."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sparseopt.control.conditions import described, violations
from sparseopt.control.export import phase_dataset
from sparseopt.control.phase_solution import PhaseSolution
from sparseopt.control.plot import plot_phases
from sparseopt.control.simulation import Simulation, simulated
from sparseopt.control.transcribed_phase import Row, TranscribedPhase
from sparseopt.errors import SolveFailedError, UnknownNameError, did_you_mean
from sparseopt.modeling.solution import Solution

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ControlSolution", "MeshRecord", "SolvedProblem"]


class SolvedProblem(Protocol):
    """What a solution needs of the problem that it solves: a `PreparedProblem`."""

    name: str
    phases: dict[str, TranscribedPhase]

    @property
    def rows(self) -> dict[str, Row]:
        """What each array of constraints and of variables means."""

    def solve(self, **arguments: Any) -> ControlSolution:
        """Solve again, without a new trace."""


class MeshRecord(Protocol):
    """One mesh of a refinement; the class is `refinement.MeshRecord`."""

    error: float


class ControlSolution:
    """The solution of an optimal control problem on its last mesh.

    Attributes
    ----------
    problem : PreparedProblem
        On this mesh; ``solution.problem.solve(g=9.7)`` solves again without a new trace.
    nlp : sparseopt.Solution
        Of the nonlinear program.
    objective : float
        As the user wrote it.
    success : bool
        Whether the nonlinear program was solved; whether the mesh is fine enough says `error`.
    status : sparseopt.Status
    message : str
    phases : dict of PhaseSolution
    refinement : list of MeshRecord
        One for each mesh.
    stop : str
        Why the refinement ended; empty without one.
    """

    def __init__(self, problem: SolvedProblem, nlp: Solution) -> None:
        self.problem, self.nlp = problem, nlp
        self.objective = nlp.objective
        self.success, self.status, self.message = nlp.success, nlp.status, nlp.message
        self.phases = {name: PhaseSolution(p, nlp) for name, p in problem.phases.items()}
        self.refinement: list[Any] = []
        self.stop = ""

    def __getitem__(self, name: str) -> PhaseSolution:
        if name not in self.phases:
            raise UnknownNameError(
                f"{self.problem.name!r} has no phase {name!r}",
                instead=did_you_mean(name, self.phases),
            )
        return self.phases[name]

    @property
    def error(self) -> float:
        """The largest relative error of a phase that its mesh makes; see `error_estimate`."""
        return max(phase.error for phase in self.phases.values())

    def simulate(
        self,
        restart: Literal["phase", "interval"] = "phase",
        method: str = "DOP853",
        tolerance: float = 1e-10,
    ) -> Simulation:
        """Integrate the dynamics by `scipy.integrate.solve_ivp` under the found control.

        Parameters
        ----------
        restart : {"phase", "interval"}
            Whether the simulation goes on to the end of a phase, or begins anew at the solution's
            state at each interval: errors of unstable dynamics grow, whatever the mesh.
        method : str
            Of `solve_ivp`; "Radau" for stiff dynamics.
        tolerance : float
            Relative and absolute.

        Returns
        -------
        Simulation
            Its `deviation` is the largest relative difference from the solution.
        """
        return Simulation(
            {
                name: simulated(phase, restart, method, tolerance)
                for name, phase in self.phases.items()
            }
        )

    # ---- when it failed
    def raise_for_status(self) -> None:
        """Raise `SolveFailedError` unless the solve succeeded, naming what cannot be met."""
        if not self.success:
            raise SolveFailedError(
                f"{self.problem.name!r} was not solved: {self.status.value}",
                status=self.status,
                why="; ".join([self.message, *self.violations()[:3]]),
                instead="print(solution.diagnose()) says why, by name and time",
            )

    def violations(self, tolerance: float = 1e-6) -> list[str]:
        """Return the violated conditions, the worst first: which, at what time, how much."""
        return violations(self.nlp, self._rows, self._times, tolerance)

    def diagnose(self, *, solver: str = "auto", most_solves: int = 25) -> str:
        """Return what is wrong with the problem or the solve, in the words of the phases.

        See `sparseopt.Solution.diagnose`; a small set of conditions that cannot hold together is
        part of it.
        """
        found = self.nlp.diagnose(solver=solver, most_solves=most_solves)
        worst = self.violations()
        lines = [f"violated: {text}" for text in worst[:10]]
        return "\n".join([*lines, described(str(found), self._rows, self._times)])

    # ---- text, tables, pictures
    def to_xarray(self) -> dict[str, Any]:
        """Return an ``xarray.Dataset`` for each phase; xarray is loaded when asked for."""
        return {name: phase_dataset(phase) for name, phase in self.phases.items()}

    def plot(self) -> Any:
        """Return a matplotlib figure of all trajectories; ``figure.savefig("solution.png")``."""
        return plot_phases(self.phases.values())

    def report(self) -> str:
        """Return how the solve went, mesh by mesh, and what it found."""
        lines = [
            f"{self.problem.name!r}: {self.status.value}, objective {self.objective:.10g}",
            *(f"  {record}" for record in self.refinement),
        ]
        if self.stop:
            lines.append(f"  refinement ended: {self.stop}")
        lines += [
            f"  phase {phase.name!r}: {phase.initial_time:.6g} to {phase.final_time:.6g}, "
            f"{phase.mesh.num_intervals} intervals, error {phase.error:.1e}"
            for phase in self.phases.values()
        ]
        lines += [f"  violated: {text}" for text in self.violations()[:5]]
        return "\n".join([*lines, self.nlp.report()])

    @cached_property
    def _rows(self) -> Mapping[str, Row]:
        return self.problem.rows

    @cached_property
    def _times(self) -> dict[str, tuple[float, float]]:
        return {n: (p.initial_time, p.final_time) for n, p in self.phases.items()}

    def __repr__(self) -> str:
        return (
            f"ControlSolution({self.problem.name!r}, {self.status.value}, "
            f"objective {self.objective:.10g})"
        )
