"""Timing of small calls, and peak memory of this process."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

Rounds = Callable[[int], object]
"""Makes some calls in turn, as many rounds as it is told."""
SHORTEST_SAMPLE = 2e-4
FEWEST_SAMPLES = 3
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def time_calls(
    calls: Sequence[Callable[[], object]], budget: float = 1.0, most_samples: int = 200
) -> dict[str, float]:
    """Return median, quartiles and minimum of the seconds of one call from Python.

    The calls are taken in turn, so that no two after another have the same point.
    """
    return time_rounds(rounds_in_python(calls), len(calls), budget, most_samples)


def rounds_in_python(calls: Sequence[Callable[[], object]]) -> Rounds:
    """Return a function that makes the calls in turn, as many rounds as its argument says."""

    def run(count: int) -> None:
        for _ in range(count):
            for call in calls:
                call()

    return run


def time_rounds(
    run: Rounds, calls: int, budget: float = 1.0, most_samples: int = 200
) -> dict[str, float]:
    """Return median, quartiles and minimum of the seconds of one of the calls of a round.

    A sample is as many rounds as make it long enough to be timed; samples are taken until the
    budget is spent, at least three, or one where a single round takes longer than that.
    """
    rounds, once = _long_enough(run, budget)
    fewest = FEWEST_SAMPLES if once < budget else 1
    samples: list[float] = []
    deadline = time.perf_counter() + budget
    while len(samples) < fewest or (time.perf_counter() < deadline and len(samples) < most_samples):
        samples.append(_sample(run, rounds) / (rounds * calls))
    low, median, high = np.percentile(samples, [25, 50, 75])
    return {
        "median": float(median),
        "lower_quartile": float(low),
        "upper_quartile": float(high),
        "minimum": min(samples),
        "samples": len(samples),
    }


def _long_enough(run: Rounds, budget: float) -> tuple[int, float]:
    """Return rounds of a sample, and the seconds of one after a first one that may load things."""
    once = _sample(run, 1)
    if once < budget:
        once = _sample(run, 1)
    rounds = 1
    while rounds * once < SHORTEST_SAMPLE:  # the clock does not resolve a round of some calls
        rounds *= 2
        once = _sample(run, rounds) / rounds
    return rounds, once


def _sample(run: Rounds, rounds: int) -> float:
    started = time.perf_counter()
    run(rounds)
    return time.perf_counter() - started


def resident_megabytes() -> float:
    """Return the memory this process holds now."""
    return _status("VmRSS")


def reset_peak() -> None:
    """Start the peak anew, where the system lets us (Linux)."""
    if CLEAR.exists():
        CLEAR.write_text("5")


def peak_megabytes() -> float:
    """Return the most memory this process has held."""
    if STATUS.exists():
        return _status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _status(name: str) -> float:
    if not STATUS.exists():
        return 0.0
    match = re.search(rf"{name}:\s*(\d+) kB", STATUS.read_text())
    return int(match.group(1)) / 1024 if match else 0.0
