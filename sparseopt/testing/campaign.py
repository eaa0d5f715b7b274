"""Many random programs: drawn by number, checked, failures made minimal, everything counted."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace

import numpy as np

from sparseopt.errors import SparseOptError
from sparseopt.testing.checks import CheckFailure, Checks, PatternCounts, check_program
from sparseopt.testing.programs import RandomProgram, draw_program
from sparseopt.testing.shrinking import shrink
from sparseopt.testing.thresholds import LOWERED

__all__ = ["Failure", "Report", "numbered_checks", "numbered_program", "run_campaign"]

CHUNK = 200
"""Programs that a process checks before it reports."""
PLANS_SHARE = 0.08
"""Of the programs, for which every plan is written out: colored Hessians take longest."""
SHARE = 0.2
"""Of the programs, that CasADi and Taylor remainders check."""
MOST_SHRUNK = 3
"""Failures of one kind in one chunk that are made minimal."""


@dataclass(frozen=True)
class Failure:
    """A program for which a check did not hold, as found and minimal.

    ``kind`` is the check's name, or the type of an exception that is none of sparseopt's.
    """

    kind: str
    message: str
    number: int
    program: RandomProgram
    checks: Checks

    def source(self) -> str:
        """Return the program and what went wrong, as a piece of Python."""
        program = self.program
        given = f", p of shape {program.parameter_shape}" if program.parameter_shape else ""
        head = [
            f"# program {self.number}: {self.kind}",
            *(f"#   {line}" for line in self.message.splitlines()[:6]),
            f"# x of shape {program.shape}{given}; thresholds: {self.checks.thresholds}",
            f"# {program.steps}",
        ]
        return "\n".join([*head, program.source(), ""])


@dataclass
class Report:
    """What was run and what was found."""

    programs: int = 0
    seconds: float = 0.0
    made: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    patterns: PatternCounts = field(default_factory=PatternCounts)
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Add another part's counts."""
        self.programs += other.programs
        self.made += other.made
        self.refused += other.refused
        self.failures += other.failures
        for name in ("entries", "extra", "sharper"):
            total = getattr(self.patterns, name) + getattr(other.patterns, name)
            setattr(self.patterns, name, total)

    def __str__(self) -> str:
        found, made = self.patterns, self.made
        kinds = Counter(failure.kind for failure in self.failures)
        lines = [
            f"{self.programs} programs in {self.seconds:.0f} s: {made['exact']} compared with "
            f"NumPy bit for bit, {made['smooth']} smooth with second derivatives by differences",
            f"every plan: {made['plans']}; as Programs: {made['programs']}; "
            f"CasADi: {made['casadi']}; Taylor remainders: {made['taylor']}; "
            f"compiled: {made['compiled']}",
            f"pattern entries: {found.entries}; by index sets alone: {found.extra}; "
            f"by the element form alone: {found.sharper}",
            f"refused with a named error: {self.refused.total()}",
            *(f"  {count} × {what}" for what, count in self.refused.most_common()),
            f"failures: {len(self.failures)}",
            *(f"  {count} × {kind}" for kind, count in kinds.most_common()),
        ]
        return "\n".join(lines)


def numbered_program(seed: int, number: int) -> RandomProgram:
    """Return one program of a campaign; every second one is smooth."""
    random = np.random.default_rng([seed, number])
    return draw_program(random, smooth=True if number % 2 else None)


def numbered_checks(seed: int, number: int, compiled_share: float) -> Checks:
    """Return the checks of one program of a campaign: the dear ones are made for a share."""
    random = np.random.default_rng([seed, number, 1])
    part = random.random(5)
    names = list(LOWERED)
    return Checks(
        plans=bool(part[0] < PLANS_SHARE),
        programs=bool(part[4] < PLANS_SHARE),
        casadi=bool(part[1] < SHARE),
        taylor=bool(part[2] < SHARE),
        compiled=bool(part[3] < compiled_share),
        thresholds=names[random.integers(len(names))] if random.random() < 0.5 else names[0],
    )


def _kind(error: Exception) -> str:
    if isinstance(error, CheckFailure):
        return str(error).split(":")[0]
    return type(error).__name__


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _fails_alike(number: int, checks: Checks, kind: str) -> Callable[[RandomProgram], bool]:
    def fails(program: RandomProgram) -> bool:
        try:
            check_program(program, number % 1000, checks)
        except Exception as error:
            return _kind(error) == kind
        return False

    return fails


def _refusal(error: SparseOptError) -> str:
    return f"{type(error).__name__}: {error.what}"


def _run_one(report: Report, seed: int, number: int, compiled_share: float) -> None:
    program = numbered_program(seed, number)
    checks = numbered_checks(seed, number, compiled_share)
    report.programs += 1
    report.made.update(
        name for name in ("plans", "programs", "casadi", "compiled") if getattr(checks, name)
    )
    report.made.update(["exact"] * program.is_exact + ["smooth"] * program.is_smooth)
    report.made.update(["taylor"] * (checks.taylor and program.is_smooth))
    try:
        counts = check_program(program, number % 1000, checks)
    except SparseOptError as error:
        report.refused[_refusal(error)] += 1
        return
    except Exception as error:
        kind, message = _kind(error), str(error)
        if sum(failure.kind == kind for failure in report.failures) < MOST_SHRUNK:
            program = shrink(program, _fails_alike(number, checks, kind))
        # A copy: what the program has compiled does not travel between processes.
        report.failures.append(Failure(kind, message, number, replace(program), checks))
        return
    report.patterns.entries += counts.entries
    report.patterns.extra += counts.extra
    report.patterns.sharper += counts.sharper


def _run_chunk(seed: int, numbers: range, compiled_share: float) -> Report:
    report = Report()
    with _quiet():
        for number in numbers:
            _run_one(report, seed, number, compiled_share)
    return report


def run_campaign(
    programs: int,
    seed: int = 0,
    jobs: int = 1,
    compiled_share: float = 0.0,
    progress: Callable[[Report], None] | None = None,
) -> Report:
    """Check programs number 0, 1, … of a seed.

    Parameters
    ----------
    programs : int
    seed : int
    jobs : int
        Processes; with one, everything runs in this process.
    compiled_share : float
        Share of the programs that are compiled too; compiling takes most of the time.
    progress : callable, optional
        Called with the report so far after every chunk.

    Returns
    -------
    Report
    """
    start = time.perf_counter()
    report = Report()
    chunks = [range(k, min(k + CHUNK, programs)) for k in range(0, programs, CHUNK)]
    for part in _parts(chunks, seed, jobs, compiled_share):
        report.add(part)
        report.seconds = time.perf_counter() - start
        if progress is not None:
            progress(report)
    return report


def _parts(chunks: list[range], seed: int, jobs: int, compiled_share: float) -> Iterator[Report]:
    if jobs == 1:
        for chunk in chunks:
            yield _run_chunk(seed, chunk, compiled_share)
        return
    with ProcessPoolExecutor(jobs) as pool:
        futures = [pool.submit(_run_chunk, seed, chunk, compiled_share) for chunk in chunks]
        for future in as_completed(futures):
            yield future.result()
