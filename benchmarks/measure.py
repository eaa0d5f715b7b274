"""Timing of small calls, and peak memory of this process."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

SHORTEST_SAMPLE = 2e-4
FEWEST_SAMPLES = 3
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def time_calls(
    calls: Sequence[Callable[[], object]], budget: float = 1.0, most_samples: int = 200
) -> dict[str, float]:
    """Return median, quartiles and minimum of the seconds of one call.

    The calls are taken in turn, so that no two after another have the same point. A sample is as
    many rounds as make it long enough to be timed; samples are taken until the budget is spent, at
    least three, or one where a single round takes longer than that.
    """
    rounds, once = _rounds(calls, budget)
    fewest = FEWEST_SAMPLES if once < budget else 1
    samples: list[float] = []
    deadline = time.perf_counter() + budget
    while len(samples) < fewest or (time.perf_counter() < deadline and len(samples) < most_samples):
        samples.append(_sample(calls, rounds) / (rounds * len(calls)))
    low, median, high = np.percentile(samples, [25, 50, 75])
    return {
        "median": float(median),
        "lower_quartile": float(low),
        "upper_quartile": float(high),
        "minimum": min(samples),
        "samples": len(samples),
    }


def _rounds(calls: Sequence[Callable[[], object]], budget: float) -> tuple[int, float]:
    """Return rounds of a sample, and the seconds of one after a first one that may load things."""
    once = _sample(calls, 1)
    if once < budget:
        once = _sample(calls, 1)
    return max(1, int(SHORTEST_SAMPLE / max(once, 1e-9))), once


def _sample(calls: Sequence[Callable[[], object]], rounds: int) -> float:
    started = time.perf_counter()
    for _ in range(rounds):
        for call in calls:
            call()
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
