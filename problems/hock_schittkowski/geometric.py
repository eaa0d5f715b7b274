"""The posynomials of Hock–Schittkowski 101 … 103, which differ in one exponent.

Source: R. S. Dembo's geometric programs, as W. Hock and K. Schittkowski (1981), problems 101 … 103.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def cost(x: Any, exponent: float) -> Any:
    """Return the objective, a posynomial in the seven variables."""
    a, b, c, d, e, f, g = x
    return (
        10 * a * d**2 * g**exponent / (b * f**3)
        + 15 * c * d / (a * b**2 * e * np.sqrt(g))
        + 20 * b * f / (a**2 * d * e**2)
        + 25 * a**2 * b**2 * np.sqrt(e) * g / (c * f**2)
    )


def posynomials(x: Any) -> Any:
    """Return the four posynomials that may not exceed one."""
    a, b, c, d, e, f, g = x
    return np.stack(
        [
            0.5 * np.sqrt(a) * g / (c * f**2)
            + 0.7 * a**3 * b * f * np.sqrt(g) / c**2
            + 0.2 * c * f ** (2 / 3) * g**0.25 / (b * np.sqrt(d)),
            1.3 * b * f / (np.sqrt(a) * c * e)
            + 0.8 * c * f**2 / (d * e)
            + 3.1 * np.sqrt(b) * f ** (1 / 3) / (a * d**2 * e),
            2 * a * e * g ** (1 / 3) / (c**1.5 * f)
            + 0.1 * b * e / (np.sqrt(c * g) * f)
            + b * np.sqrt(c) * e / a
            + 0.65 * c * e * g / (b**2 * f),
            0.2 * b * np.sqrt(e) * g ** (1 / 3) / (a**2 * d)
            + 0.3 * np.sqrt(a) * b**2 * c * d ** (1 / 3) * g**0.25 / e ** (2 / 3)
            + 0.4 * c * e * g**0.75 / (a**3 * b**2)
            + 0.5 * d * np.sqrt(g) / c**2,
        ]
    )
