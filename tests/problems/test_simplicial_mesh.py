"""Meshes of triangles and tetrahedra: what the files hold, and what refinement does to them."""

import math

import numpy as np
import pytest

from problems.cops import triangle
from problems.cops.simplicial_mesh import DATA, SimplicialMesh, read_mesh

NAMES = sorted(path.stem for path in DATA.glob("*.npz"))


def volumes(mesh):
    corners = mesh.vertices[mesh.elements]
    sides = corners[:, 1:] - corners[:, :1]
    return np.linalg.det(sides) / math.factorial(mesh.dimension)


@pytest.mark.parametrize("name", NAMES)
def test_elements_are_oriented_and_refinement_keeps_their_volume(name):
    mesh, finer = read_mesh(name), read_mesh(name, refinements=1)
    children = 2**mesh.dimension
    assert volumes(mesh).min() > 0
    assert len(finer.elements) == children * len(mesh.elements)
    of_children = volumes(finer).reshape(children, -1)
    np.testing.assert_allclose(of_children, np.tile(volumes(mesh) / children, (children, 1)))


def test_bounds_hold_fixed_vertices_where_they_are():
    vertices = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    mesh = SimplicialMesh(vertices, np.array([[0, 1, 2]]), np.ones(3, bool))
    assert mesh.edges().tolist() == [[0, 1], [0, 2], [1, 2]]
    lower, upper = mesh.bounds()
    assert np.array_equal(lower, vertices)
    assert np.array_equal(upper, vertices)


def test_inner_middles_are_free_and_outer_ones_fixed():
    finer = read_mesh("triangle_deer", refinements=1)
    mesh = read_mesh("triangle_deer")
    added = len(finer.vertices) - len(mesh.vertices)
    assert added == len(mesh.edges())
    # Euler: a boundary edge has one triangle, an inner edge two.
    outer = 2 * len(mesh.edges()) - 3 * len(mesh.elements)
    assert np.count_nonzero(finer.fixed) == np.count_nonzero(mesh.fixed) + outer


@pytest.mark.parametrize("mesh", ["deer", "turtle"])
def test_derivatives_of_smoothing_are_right_at_the_start(mesh):
    problem = triangle.build(mesh).problem()
    report = problem.check(problem.initial_point)
    assert report.ok, str(report)
