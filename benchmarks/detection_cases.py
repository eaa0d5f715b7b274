"""Functions whose patterns are detected: written once for NumPy's and for JAX's namespace ``xp``.

This module imports nothing, so that any Python interpreter can load it.
"""

from __future__ import annotations


def _neighbors(xp, u):
    p = xp.pad(u, 1)
    return p[2:, 1:-1] + p[:-2, 1:-1] + p[1:-1, 2:] + p[1:-1, :-2]


def stencil(xp, u):
    """Five-point Laplacian with zero boundary and a cubic term."""
    return 4 * u - _neighbors(xp, u) + u**3


def stencil_squares(xp, u):
    """Sum of squares of `stencil`: thirteen points interact."""
    return xp.sum(stencil(xp, u) ** 2)


def chained_rosenbrock(xp, x):
    """Objective of Luksan and Vlcek (1999), report V-767, problem 1."""
    return xp.sum(100 * (x[:-1] ** 2 - x[1:]) ** 2 + (x[:-1] - 1) ** 2)


def trigonometric_rows(xp, x):
    """Constraints of the same problem."""
    a, b, c = x[:-2], x[1:-1], x[2:]
    return 3 * b**3 + 2 * c - 5 + xp.sin(b - c) * xp.sin(b + c) + 4 * b - a * xp.exp(a - b) - 3


def brusselator(xp, x):
    """Two species on a periodic grid: twelve entries for each grid point."""
    u, v = x[0], x[1]

    def diffusion(w):
        return sum(xp.roll(w, s, a) for s in (1, -1) for a in (0, 1)) - 4 * w

    reaction = u * u * v
    return xp.stack([1 + reaction - 4.4 * u + diffusion(u), 3.4 * u - reaction + diffusion(v)])


def hub(xp, x):
    """One variable that all others meet."""
    return xp.sum((x[1:] - x[0] * xp.sin(x[:-1])) ** 2)


CASES = {
    # name: (function, matrix, shape for about n variables)
    "stencil": (stencil, "jacobian", lambda n: (round(n**0.5),) * 2),
    "stencil_squares": (stencil_squares, "hessian", lambda n: (round(n**0.5),) * 2),
    "chained_rosenbrock": (chained_rosenbrock, "hessian", lambda n: (n,)),
    "trigonometric_rows": (trigonometric_rows, "jacobian", lambda n: (n,)),
    "brusselator": (brusselator, "jacobian", lambda n: (2, *(round((n / 2) ** 0.5),) * 2)),
    "hub": (hub, "hessian", lambda n: (n,)),
}
