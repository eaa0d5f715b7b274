"""Data of Colville's problems 1 and 2, which are Hock–Schittkowski 86 and its dual 117.

Source: A. R. Colville, A Comparative Study on Nonlinear Programming Codes, IBM New York Scientific
Center Report 320-2949 (1968); Hock and Schittkowski (1981), problems 86 and 117. CUTEst has the
4 in the second of ROWS that other copies have as 0.4; that row is inactive at the optimum.
"""

from __future__ import annotations

import numpy as np

LINEAR = np.array([-15.0, -27.0, -36.0, -18.0, -12.0])
QUADRATIC = np.array(
    [
        [30.0, -20.0, -10.0, 32.0, -10.0],
        [-20.0, 39.0, -6.0, -31.0, 32.0],
        [-10.0, -6.0, 10.0, -6.0, -10.0],
        [32.0, -31.0, -6.0, 39.0, -20.0],
        [-10.0, 32.0, -10.0, -20.0, 30.0],
    ]
)
CUBIC = np.array([4.0, 8.0, 10.0, 6.0, 2.0])
ROWS = np.array(
    [
        [-16.0, 2.0, 0.0, 1.0, 0.0],
        [0.0, -2.0, 0.0, 4.0, 2.0],
        [-3.5, 0.0, 2.0, 0.0, 0.0],
        [0.0, -2.0, 0.0, -4.0, -1.0],
        [0.0, -9.0, -2.0, 1.0, -2.8],
        [2.0, 0.0, -4.0, 0.0, 0.0],
        [-1.0, -1.0, -1.0, -1.0, -1.0],
        [-1.0, -2.0, -3.0, -2.0, -1.0],
        [1.0, 2.0, 3.0, 4.0, 5.0],
        [1.0, 1.0, 1.0, 1.0, 1.0],
    ]
)
RIGHT = np.array([-40.0, -2.0, -0.25, -4.0, -4.0, -1.0, -40.0, -60.0, 5.0, 1.0])
