"""Identification of the modulus of a rubber-like plate from its displacements.

    minimize    1/2 mean of ((u - u_data) / s)^2  over the vertices off the clamp
                + beta/2 int |grad m|^2
    subject to  int P(u, m) : grad v == int_right t . v   for all v that vanish on the clamp

where P = dW/dF is the stress of a compressible neo-Hookean solid in plane strain,

    W = mu/2 (F : F - 2 - 2 log J) + lambda/2 (log J)^2,   F = I + grad u,   J = det F,

with mu = exp(m) and lambda = 2 mu (Poisson's ratio 1/3). The plate is the unit square, clamped on
the left and pulled on the right. Displacement u (a vector) and log-modulus m are linear elements on
the 2 N^2 right-angled triangles of an N x N grid; the stress is integrated with three points.

Data are synthetic: the displacements of a grid of 2 N x 2 N squares for a plate with a stiff disk,
at the vertices of the coarse one, plus noise that is normal, independent, and drawn with a fixed
seed.

Constants (dimensionless): mu = 1 and 3 in the disk of radius 0.2 at (0.5, 0.5), whose edge is
smoothed over 0.05; traction t = (0.4, 0); s = 1e-3, noise, seed 2027; beta = 1e-2. The start is the
plate with mu = 1 under the load.

Source: all constants are our own; the material is P. G. Ciarlet's, Mathematical Elasticity, Volume
I, North-Holland (1988), section 4.10; the form of the problem is the standard one (Oberai, Gokhale,
Feijóo, Solution of inverse problems in elasticity imaging using the adjoint method, Inverse
Problems 19 (2003), doi:10.1088/0266-5611/19/2/304). There is no published value.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction
from sparseopt import pde

DISK_MODULUS = 3.0
DISK_RADIUS = 0.2
DISK_EDGE = 0.05
TRACTION = 0.4
NOISE = 1e-3
SEED = 2027
REGULARIZATION = 1e-2

Field = NDArray[np.float64]


@cache
def elements(num_cells: int) -> tuple[Any, Any, Any, NDArray[np.int64]]:
    """Return the bases of displacements, of the modulus, of the pulled side; free displacements.

    A mesh generator and a finite-element package make them, whatever is computed with them.
    """
    import skfem  # a package of its own, which the collection can be listed without

    axis = np.linspace(0.0, 1.0, num_cells + 1)
    mesh = skfem.MeshTri.init_tensor(axis, axis).with_defaults()
    basis = skfem.Basis(mesh, skfem.ElementVector(skfem.ElementTriP1()), intorder=2)
    vertices = basis.with_element(skfem.ElementTriP1())
    free = basis.complement_dofs(basis.get_dofs("left"))
    return basis, vertices, basis.boundary("right"), free


class Plate:
    """Displacement and modulus on a grid of squares of two triangles.

    Parameters
    ----------
    num_cells : int
        Squares along a side.
    """

    def __init__(self, num_cells: int) -> None:
        self.basis, self.vertices, right, self.free = elements(num_cells)
        self.displacement = pde.FiniteElements(self.basis)
        self.log_modulus = pde.FiniteElements(self.vertices)
        self.load = pde.FiniteElements(right).residual(lambda v, w: TRACTION * v[0])

    def balance(self, u: Any, m: Any) -> Any:
        """Return the forces that are not balanced, for the free displacements and a modulus."""
        full = self.displacement.expand(u, I=self.free)
        field = self.log_modulus.interpolate(m)
        forces = self.displacement.residual(virtual_work, full, I=self.free, m=field)
        return forces - self.load[self.free]

    def deformed(self, m: Field) -> Field:
        """Return the free displacements under the load, by Newton's method."""
        u = np.zeros(self.free.size)
        jacobian = so.jacobian(lambda u: self.balance(u, m), u)
        for _ in range(20):
            step = spsolve(jacobian(u).tocsc(), self.balance(u, m))
            u = u - step
            if np.max(np.abs(step)) < 1e-12:
                break
        return u


@checked(num_cells=1)
def build(num_cells: int = 8) -> so.Model:
    """Return the model on a grid of num_cells by num_cells squares."""
    plate, (data, uniform) = Plate(num_cells), displacements(num_cells=num_cells)
    model = so.Model("elasticity_modulus")
    u = model.variable("u", plate.free.size, start=uniform)
    m = model.variable("m", plate.vertices.N)
    roughness = plate.log_modulus.energy(lambda m, w: np.sum(m.grad**2, axis=0), m)
    misfit = np.mean(((u - data) / NOISE) ** 2)
    model.minimize(misfit / 2 + REGULARIZATION / 2 * roughness)
    model.subject_to(plate.balance(u, m) == 0, name="balance")
    return model


@cache
def displacements(num_cells: int = 8) -> tuple[Field, Field]:
    """Return the measured displacements, and those of a uniform modulus, on a mesh that is kept."""
    plate = Plate(num_cells)
    return measured_displacement(num_cells), plate.deformed(np.zeros(plate.vertices.N))


def virtual_work(u: Any, v: Any, w: Any) -> Any:
    """Return the stress times the gradient of a virtual displacement."""
    (a, b), (c, d) = u.grad
    a, d = a + 1, d + 1
    jacobian = a * d - b * c
    # dW/dF = mu (F - G) + lambda log(J) G with the cofactors G = J F^-T
    pressure = (2 * np.log(jacobian) - 1) / jacobian
    (p, q), (r, s) = v.grad
    work = a * p + b * q + c * r + d * s + pressure * (d * p - c * q - b * r + a * s)
    return np.exp(w.m) * work


def true_log_modulus(x1: Field, x2: Field) -> Field:
    """Return the logarithm of the modulus behind the data."""
    distance = np.hypot(x1 - 0.5, x2 - 0.5) - DISK_RADIUS
    inside: Field = (1 - np.tanh(distance / DISK_EDGE)) / 2
    return np.log(DISK_MODULUS) * inside


def measured_displacement(num_cells: int) -> Field:
    """Return the displacements of a finer grid at the coarse vertices, with noise."""
    fine, coarse = Plate(2 * num_cells), Plate(num_cells)
    u = fine.displacement.expand(
        fine.deformed(true_log_modulus(*fine.vertices.doflocs)), I=fine.free
    )
    exact = _at_vertices(fine, u, coarse)
    noise = np.random.default_rng(SEED).standard_normal(exact.shape)
    return exact + NOISE * noise


def _at_vertices(fine: Plate, u: Field, coarse: Plate) -> Field:
    """Return fine displacements at the free vertices of a grid of half as many squares."""
    half = round(np.sqrt(coarse.vertices.N)) - 1
    places = {key: k for k, key in enumerate(_keys(fine.basis.doflocs, 2 * half))}
    # Both components of a vertex have its place; they follow each other.
    numbers = [places[key] for key in _keys(coarse.basis.doflocs, 2 * half)]
    return u[np.array(numbers)[coarse.free]]


def _keys(places: Field, cells: int) -> list[tuple[int, int, int]]:
    x, y = np.rint(places * cells).astype(int)
    return list(zip(x.tolist(), y.tolist(), (np.arange(x.size) % 2).tolist(), strict=True))


def counts(num_cells: int = 8) -> Counts:
    """Return the counts: two displacements and a modulus, joined by the edges of the triangles."""
    n = num_cells
    vertices, edges = (n + 1) ** 2, 3 * n**2 + 2 * n
    free, free_edges = n * (n + 1), 3 * n**2 - n - 1
    free_pairs = free + 2 * free_edges
    pairs = free_pairs + 2 * n + 1  # of a free vertex and any other, or itself
    return Counts(
        variables=2 * free + vertices,
        constraints=2 * free,
        jacobian=4 * free_pairs + 2 * pairs,
        hessian=2 * free_pairs + free + 2 * pairs + vertices + edges,
    )


def _known(num_cells: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells},
        value=value,
        relative_tolerance=1e-6,
        source="this project, with IPOPT 3.14.19, tolerance 1e-10; not published",
    )


RECORD = ProblemRecord(
    name="elasticity_modulus",
    title="modulus field of a rubber-like plate from displacements",
    family="inverse problem, PDE-constrained, finite elements",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 8},
        "medium": {"num_cells": 32},
        "large": {"num_cells": 64},
    },
    counts=counts,
    known=(
        _known(8, 0.4266935237546007),
        _known(32, 0.5240710166812739),
        _known(64, 0.5362079879317192),
    ),
    reference="Oberai, Gokhale, Feijóo (2003), doi:10.1088/0266-5611/19/2/304 (form); own data",
    data=displacements,
    reduction=Reduction(states=("u",), by=("balance",)),
)
