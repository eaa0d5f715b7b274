"""Transition states between two functions: shared part of dirichlet, henon and lane_emden (COPS).

A path of functions u_0, u_1, … u_{K+1} leads from 0 over a ridge of the energy

    J(u) = int_D a/2 |grad u|^2 + b/2 u^2 - c(s) u^(p+1) / (p+1) ds,   u = 0 on the boundary of D

to a function of negative energy. The path whose highest point is lowest crosses the ridge at a
saddle point of J, a solution of -a Laplace u + b u = c u^p (Y. S. Choi and P. J. McKenna, A
mountain pass method for the numerical solution of semilinear elliptic problems, Nonlinear Analysis
20 (1993), doi:10.1016/0362-546X(93)90147-K; J. J. Moré and T. S. Munson, Computing mountain passes
and transition states, Mathematical Programming 100 (2004)).

Functions are linear on the triangles of a mesh; terms without derivatives are integrated by the
vertices of each triangle.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.record import Counts

Array = NDArray[np.float64]
STEP_LENGTH_FACTOR = 2.0
MOST_STEPS = 10
POLYGON_SIDES = 50


@dataclass(frozen=True)
class Domain:
    """A mesh: points (N, 2), triangles (E, 3), and which points are on the boundary (N,).

    `direction` (N,) is the function in whose direction the far end of the path is looked for.
    """

    points: Array
    triangles: NDArray[np.int64]
    boundary: NDArray[np.bool_]
    direction: Array

    @cached_property
    def opposite(self) -> Array:
        """The side opposite to each corner of each triangle, shape (E, 3, 2)."""
        x = self.points[self.triangles]
        sides: Array = np.roll(x, -1, axis=1) - np.roll(x, -2, axis=1)
        return sides

    @cached_property
    def double_area(self) -> Array:
        """Twice the area of each triangle."""
        p, q = self.opposite[:, 0], self.opposite[:, 1]
        area: Array = np.abs(p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0])
        return area

    @cached_property
    def weight(self) -> Array:
        """What each point counts in an integral: a third of its triangles' areas."""
        share = np.repeat(self.double_area / 6, 3)
        total = np.bincount(self.triangles.ravel(), share, minlength=len(self.points))
        return np.asarray(total, np.float64)


@dataclass(frozen=True)
class Equation:
    """Coefficients a, b and the exponent p; `reaction` is c at the points (N,)."""

    diffusion: float
    decay: float
    reaction: Array
    exponent: int = 3


class Start(NamedTuple):
    """What a path is looked for with: a mesh, a path (K + 2, N) on it, and its greatest energy."""

    domain: Domain
    path: Array
    height: float


def crisscross(num_cells: int) -> tuple[Array, NDArray[np.int64], NDArray[np.bool_]]:
    """Return points, triangles and boundary of (-1, 1)^2 in n x n squares, each cut by diagonals.

    Examples
    --------
    >>> points, triangles, boundary = crisscross(16)
    >>> points.shape, triangles.shape, int(boundary.sum())
    ((545, 2), (1024, 3), 64)
    """
    ticks = np.linspace(-1.0, 1.0, num_cells + 1)
    middles = (ticks[1:] + ticks[:-1]) / 2
    grids = [np.stack(np.meshgrid(t, t, indexing="ij"), -1) for t in (ticks, middles)]
    points = np.concatenate([grid.reshape(-1, 2) for grid in grids])
    index = np.arange((num_cells + 1) ** 2).reshape(num_cells + 1, -1)
    corners = [index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]]
    center = index.size + np.arange(num_cells**2).reshape(num_cells, -1)
    cut = [[corners[k], corners[(k + 1) % 4], center] for k in range(4)]
    triangles = np.stack([np.stack(three, -1) for three in cut]).reshape(-1, 3)
    return points, triangles, np.abs(points).max(axis=1) == 1.0


def bump(distance: Array) -> Array:
    """Return COPS' direction of search, 1 - (1 - d^2)^2, from distances d to the boundary."""
    return 1 - (1 - distance**2) ** 2


def distance_to_polygon(points: Array) -> Array:
    """Return the distance of points to the polygon that bounds COPS' meshes of the unit disk.

    Examples
    --------
    >>> distance_to_polygon(np.zeros((1, 2))) == np.cos(np.pi / 50)
    array([ True])
    """
    middle = 2 * np.pi * (np.arange(POLYGON_SIDES) + 0.5) / POLYGON_SIDES
    outward = np.stack([np.cos(middle), np.sin(middle)])
    return np.asarray(np.cos(np.pi / POLYGON_SIDES) - (points @ outward).max(axis=1))


def energies(u: Any, domain: Domain, equation: Equation) -> Any:
    """Return J of each row of u, shape (number of rows,)."""
    # The gradient is the sum of the opposite sides, turned by 90 degrees, over twice the area.
    corners = u[:, domain.triangles]
    turned = [np.sum(corners * domain.opposite[:, :, k], axis=2) for k in (0, 1)]
    stretched = (turned[0] ** 2 + turned[1] ** 2) / (2 * domain.double_area)
    power = equation.exponent + 1
    potential = equation.decay / 2 * u**2 - equation.reaction / power * u**power
    return equation.diffusion / 2 * np.sum(stretched, axis=1) + np.sum(
        domain.weight * potential, axis=1
    )


def starting_path(num_breaks: int, domain: Domain, equation: Equation) -> Start:
    """Return COPS' straight path from 0 to just behind the ridge.

    The far end is doubled until its energy is negative; then the line between the last function of
    nonnegative energy and the first of negative energy is cut again and again.
    """
    fraction = np.linspace(0.0, 1.0, num_breaks + 2)[:, None]
    near, far = np.zeros(len(domain.points)), domain.direction
    for _ in range(MOST_STEPS):
        if energies(far[None], domain, equation)[0] < 0:
            break
        far = 2 * far
    for _ in range(MOST_STEPS):
        line = (1 - fraction) * near + fraction * far
        energy = energies(line, domain, equation)
        crossing = np.flatnonzero(energy == energy[energy < 0].max())[0]
        near, far = line[crossing - 1], line[crossing]
    path: Array = fraction * far
    path.flags.writeable = False  # callers keep it
    return Start(domain, path, energies(path, domain, equation).max())


@dataclass(frozen=True)
class MountainPass:
    """A problem of this kind: its name, its mesh of some number of cells or rings, its equation."""

    name: str
    domain: Callable[[Any], Domain]
    equation: Callable[[Domain], Equation]

    def start(self, num_breaks: int, **mesh_size: int | None) -> Start:
        """Return the mesh, and the path to a function of negative energy that COPS' search finds.

        The function is the given end of the path: it is found before there is anything to optimize.
        """
        (mesh,) = mesh_size.values()
        return _path_behind_ridge(self, num_breaks, mesh)

    def build(self, num_breaks: int, mesh: int | None) -> so.Model:
        """Return the model of a path with `num_breaks` free functions."""
        start = _path_behind_ridge(self, num_breaks, mesh)
        return _lowest_path(self.name, start, self.equation(start.domain))

    def counts(self, num_breaks: int, mesh: int | None) -> Counts:
        """Return the counts of the path on this mesh."""
        return _count_path(num_breaks, self.domain(mesh))


@functools.cache
def _path_behind_ridge(problem: MountainPass, num_breaks: int, mesh: int | None) -> Start:
    domain = problem.domain(mesh)
    return starting_path(num_breaks, domain, problem.equation(domain))


def _lowest_path(name: str, start: Start, equation: Equation) -> so.Model:
    """Return the model: the least height z of a path with steps of bounded length."""
    domain, path, height = start
    fixed = np.broadcast_to(domain.boundary, path.shape).copy()
    fixed[[0, -1]] = True
    lower, upper = np.where(fixed, path, -np.inf), np.where(fixed, path, np.inf)
    longest = STEP_LENGTH_FACTOR / (len(path) - 1) * np.linalg.norm(path[-1])
    model = so.Model(name)
    u = model.variable("u", shape=path.shape, lower=lower, upper=upper, start=path)
    z = model.variable("z", start=height)
    model.minimize(z)
    model.subject_to(energies(u[1:-1], domain, equation) <= z, name="height")
    squared = np.sum((u[1:] - u[:-1]) ** 2, axis=1)
    model.subject_to(squared <= longest**2, name="step_length")
    return model


def _count_path(num_breaks: int, domain: Domain) -> Counts:
    """Return the counts: points of a triangle interact, and each point with itself a step on."""
    num_points, rows = len(domain.points), 2 * num_breaks + 1
    pairs = np.sort(domain.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    num_edges = len(np.unique(pairs, axis=0))
    return Counts(
        variables=(num_breaks + 2) * num_points + 1,
        constraints=rows,
        jacobian=num_breaks * (num_points + 1) + 2 * (num_breaks + 1) * num_points,
        hessian=num_breaks * num_edges + (2 * num_breaks + 3) * num_points,
    )
