"""The constraint of Hock–Schittkowski 88 … 92: heating a rod to a uniform temperature.

The control of a heat equation switches n - 1 times; x_i^2 is the length of the i-th interval. What
is left of the squared distance to the wanted temperature is a series over the eigenvalues m_k^2,
m_k tan(m_k) = 1; its first 30 terms are

    heat(x) = 2/15 + sum_k  (A_k m_k^2 r_k)^2 (1 + sin(2 m_k) / (2 m_k)) / 2
                            + 2 A_k m_k^2 r_k (sin(m_k) / m_k^3 - cos(m_k) / m_k^2)
    A_k  = 2 sin(m_k) / (m_k + sin(m_k) cos(m_k))
    m_k^2 r_k = (-1)^n + exp(-m_k^2 s_1) + 2 sum_{j=2}^{n} (-1)^{j-1} exp(-m_k^2 s_j)
    s_j  = x_j^2 + … + x_n^2

The products of different terms, which the book writes too, vanish: the modes are orthogonal. Copies
that add bounds, and terms to the objective that vanish at the optimum, single out one solution of
the many that 89 … 92 have.

Source: W. Hock and K. Schittkowski (1981), problems 88 … 92.
"""

from __future__ import annotations

from typing import Any

import numpy as np

NUM_TERMS = 30
ACCURACY = 1e-4


def eigenvalue_roots() -> Any:
    """Return the first roots of m tan(m) = 1, by the contraction m = k pi + arctan(1 / m).

    Examples
    --------
    >>> eigenvalue_roots()[:2].round(10).tolist()
    [0.860333589, 3.4256184595]
    """
    offset = np.pi * np.arange(NUM_TERMS)
    root = offset + 1
    for _ in range(100):  # the first root converges slowest, by 0.57 in a step
        root = offset + np.arctan(1 / root)
    return root


ROOT = eigenvalue_roots()
AMPLITUDE = 2 * np.sin(ROOT) / (ROOT + np.sin(ROOT) * np.cos(ROOT))
NORM = (1 + np.sin(2 * ROOT) / (2 * ROOT)) / 2
PROJECTION = np.sin(ROOT) / ROOT**3 - np.cos(ROOT) / ROOT**2


def remaining_distance(x: Any) -> Any:
    """Return heat(x) of the lengths' square roots x."""
    num_switches = len(x)
    remaining = np.cumsum(x[::-1] ** 2)[::-1]
    sign = np.resize([2.0, -2.0], num_switches)
    sign[0] = 1.0
    state = AMPLITUDE * ((-1.0) ** num_switches + np.exp(-np.outer(ROOT**2, remaining)) @ sign)
    return np.sum(NORM * state**2 + 2 * PROJECTION * state) + 2 / 15
