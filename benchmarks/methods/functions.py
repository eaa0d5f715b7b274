"""The functions whose Jacobians and Hessians are measured: plain NumPy code of one flat vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Function = Callable[[Any], Any]

IMAGE, KERNEL = 28, 5
"""Sides of the image and of the kernel of the convolution."""


@dataclass(frozen=True)
class Example:
    """A function and the sizes it is measured at.

    Parameters
    ----------
    name, title : str
    function : callable
    matrix : "jacobian" or "hessian"
    sizes, small_sizes : tuple of int
        Numbers of variables n.
    """

    name: str
    title: str
    function: Function
    matrix: Literal["jacobian", "hessian"]
    sizes: tuple[int, ...]
    small_sizes: tuple[int, ...]


def bidiagonal(x: Any) -> Any:
    """Return x[i+1] sin x[i]: two entries in a row."""
    return x[1:] * np.sin(x[:-1])


def stencil(x: Any) -> Any:
    """Return the residual of -Δu = exp u on a square grid: the five-point stencil."""
    side = round(x.size**0.5)
    u = np.pad(x.reshape(side, side), 1)
    inner = u[1:-1, 1:-1]
    laplacian = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * inner
    return (laplacian * (side + 1) ** 2 + np.exp(inner)).reshape(-1)


def brusselator(x: Any) -> Any:
    """Return the right-hand side of the Brusselator on a periodic square grid.

    Two species u and v: ∂u/∂t = 1 + u² v - 4.4 u + α Δu, ∂v/∂t = 3.4 u - u² v + α Δv
    (Hairer and Wanner, "Solving Ordinary Differential Equations II", 1996, problem BRUSS-2D).
    """
    side = round((x.size / 2) ** 0.5)
    u, v = x[: side * side].reshape(side, side), x[side * side :].reshape(side, side)
    scale = 0.1 * side**2
    reaction = u**2 * v
    du = 1.0 + reaction - 4.4 * u + scale * _periodic_laplacian(u)
    dv = 3.4 * u - reaction + scale * _periodic_laplacian(v)
    return np.concatenate([du.reshape(-1), dv.reshape(-1)])


def _periodic_laplacian(u: Any) -> Any:
    neighbors = np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1)
    return neighbors - 4.0 * u


def arrowhead(x: Any) -> Any:
    """Return a function whose Jacobian has a full row, a full column and a diagonal."""
    head = np.sum(x**2).reshape(1)
    return np.concatenate([head, x[1:] * x[:1] + np.sin(x[1:])])


def convolution(x: Any) -> Any:
    """Return tanh of an image of 28 x 28 pixels convolved with a kernel of 5 x 5."""
    image, size = x.reshape(IMAGE, IMAGE), IMAGE - KERNEL + 1
    weights = np.cos(np.arange(KERNEL**2)).reshape(KERNEL, KERNEL) / KERNEL
    total = weights[0, 0] * image[:size, :size]
    for i in range(KERNEL):
        for j in range(KERNEL):
            if i or j:
                total = total + weights[i, j] * image[i : i + size, j : j + size]
    return np.tanh(total).reshape(-1)


def network(x: Any) -> Any:
    """Return what a network of two dense layers of n units makes of n numbers."""
    hidden = np.tanh(_weights(x.size, 1) @ x)
    return np.tanh(_weights(x.size, 2) @ hidden)


@cache
def _weights(size: int, layer: int) -> Vector:
    return np.random.default_rng(layer).standard_normal((size, size)) / size**0.5


def squared_stencil(x: Any) -> Any:
    """Return half the sum of squares of the stencil's residual: a Hessian of 13 diagonals."""
    return 0.5 * np.sum(stencil(x) ** 2)


def arrowhead_energy(x: Any) -> Any:
    """Return a sum in which every variable meets the first: an arrowhead Hessian."""
    return np.sum(np.sin(x[1:] * x[:1]) + x[1:] ** 4)


_POWERS = tuple(4**k for k in range(2, 10))  # 16 to 262,144, all squares
EXAMPLES = (
    Example("bidiagonal", "two diagonals", bidiagonal, "jacobian", _POWERS, (16, 64)),
    Example("stencil", "five-point stencil", stencil, "jacobian", _POWERS, (16,)),
    Example(
        "brusselator",
        "Brusselator on a grid",
        brusselator,
        "jacobian",
        tuple(2 * n for n in _POWERS[:-1]),
        (32,),
    ),
    Example("arrowhead", "arrowhead", arrowhead, "jacobian", _POWERS, (16,)),
    Example(
        "convolution",
        f"{KERNEL} × {KERNEL} convolution of an image",
        convolution,
        "jacobian",
        (IMAGE**2,),
        (),
    ),
    Example("network", "two dense layers", network, "jacobian", (4, 8, 16, 32, 64, 128), (8,)),
    Example("squared_stencil", "sum of squares", squared_stencil, "hessian", _POWERS[:-1], (16,)),
    Example("arrowhead_energy", "arrowhead", arrowhead_energy, "hessian", _POWERS[:-1], (16,)),
)


def start(example: Example, size: int) -> Vector:
    """Return a point."""
    return 1.0 + 0.3 * np.sin(1.0 + 0.7 * np.arange(size))
