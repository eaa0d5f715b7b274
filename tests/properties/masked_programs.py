"""Random NumPy code full of constants that are zero in places: masks, paddings, exponents."""

from __future__ import annotations

import numpy as np

SIZE = 6


def _overwritten(a, b, c):
    result = a.copy()
    result[[1, 4]] = c[:2]
    return result


STEPS = [
    lambda a, b, c: a * c,
    lambda a, b, c: a * b,
    lambda a, b, c: (a * a + 1.0) ** c,
    lambda a, b, c: (1.0 + c) ** np.tanh(b),
    lambda a, b, c: np.where(c > 0, a, b),
    lambda a, b, c: np.where(a > 0.1, a * b, b),
    lambda a, b, c: a / (2.0 + b * b),
    lambda a, b, c: np.sin(a) * c + b,
    lambda a, b, c: a[np.argsort(c, kind="stable")],
    lambda a, b, c: np.pad(a[1:-1], 1),
    lambda a, b, c: np.arctan2(a * c, 2.0 + b * b),
    lambda a, b, c: np.maximum(a, c - 1.0),
    lambda a, b, c: np.cumsum(a * c),
    lambda a, b, c: np.sum(a * c) * b,
    lambda a, b, c: np.hypot(a * c, b + 2.0),
    lambda a, b, c: (np.diag(c) + np.eye(SIZE, k=1) * c) @ a,
    lambda a, b, c: np.tanh(a),
    _overwritten,
]


def masked_program(seed):
    """Return a function of a vector of length `SIZE`, the same one for the same seed."""

    def function(x):
        random, arrays = np.random.default_rng(seed), [x]
        for _ in range(random.integers(2, 9)):
            a, b = (arrays[random.integers(len(arrays))] for _ in range(2))
            constants = random.integers(0, 3, SIZE).astype(float)
            arrays.append(STEPS[random.integers(len(STEPS))](a, b, constants))
        return arrays[-1]

    return function
