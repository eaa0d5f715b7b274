"""Summaries of measured numbers: geometric mean, growth, performance profile."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np


def geometric_mean(ratios: Sequence[float]) -> float:
    """Return the geometric mean, nan of nothing.

    Examples
    --------
    >>> round(geometric_mean([1.0, 4.0]), 12)
    2.0
    """
    if not ratios:
        return math.nan
    return math.exp(math.fsum(map(math.log, ratios)) / len(ratios))


def growth_exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the exponent p of the power law c n^p that fits best in logarithms, by least squares.

    Examples
    --------
    >>> round(growth_exponent([10, 100, 1000], [2.0, 20.0, 200.0]), 12)
    1.0
    """
    if len(sizes) < 2:
        return math.nan
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def performance_profile(
    times: Sequence[Mapping[str, float]], tool: str
) -> tuple[list[float], list[float]]:
    """Return factors and the share of cases that a tool does within each factor of the fastest.

    Each case maps tools to seconds, infinite where a tool failed; cases without the tool do not
    count. E. D. Dolan and J. J. Moré, Benchmarking optimization software with performance
    profiles, Mathematical Programming 91 (2002), doi:10.1007/s101070100263, equation (2.1).

    Examples
    --------
    >>> performance_profile([{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 1.0}], "a")
    ([1.0, 3.0], [0.5, 1.0])
    """
    tried = [case for case in times if tool in case and min(case.values()) < math.inf]
    ratios = sorted(case[tool] / min(case.values()) for case in tried)
    reached = [ratio for ratio in ratios if ratio < math.inf]
    return reached, [(k + 1) / len(ratios) for k in range(len(reached))]
