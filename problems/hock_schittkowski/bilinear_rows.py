"""Cost, bounds and bilinear functions of Hock–Schittkowski 95 … 98, which differ in right sides.

Source: W. Hock and K. Schittkowski (1981), problems 95 … 98.
"""

from __future__ import annotations

from typing import Any

import numpy as np

COST = np.array([4.3, 31.8, 63.3, 15.8, 68.5, 4.7])
UPPER = np.array([0.31, 0.046, 0.068, 0.042, 0.028, 0.0134])

LINEAR = np.array(
    [
        [17.1, 38.2, 204.2, 212.3, 623.4, 1495.5],
        [17.9, 36.8, 113.9, 169.7, 337.8, 1385.2],
        [0.0, -273.0, 0.0, -70.0, -819.0, 0.0],
        [159.9, -311.0, 0.0, 587.0, 391.0, 2198.0],
    ]
)


def rows(x: Any) -> Any:
    """Return the four functions of the six variables, without their right sides."""
    a, _, c, d, e, f = x
    bilinear = np.stack(
        [
            -169 * a * c - 3580 * c * e - 3810 * d * e - 18500 * d * f - 24300 * e * f,
            -139 * a * c - 2450 * d * e - 16600 * d * f - 17200 * e * f,
            26000 * d * e,
            -14000 * a * f,
        ]
    )
    return LINEAR @ x + bilinear
