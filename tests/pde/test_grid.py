"""Points, control volumes and sides of grids; coordinates that are refused."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt import pde
from sparseopt.errors import DiscretizationError, NonFiniteError, ShapeError, UnknownNameError


def test_cells_have_points_in_their_middle():
    grid = pde.Grid([[0.0, 1.0, 4.0]])
    (axis,) = grid.axes
    assert (axis.points.tolist(), axis.distances.tolist()) == ([0.5, 2.5], [0.5, 2.0, 1.5])
    assert (grid.shape, grid.size, grid.ndim) == ((2,), 2, 1)
    assert grid.volumes.tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("known", "periodic", "points", "faces", "distances"),
    [
        ((), (), [0.0, 1.0, 3.0], [0.0, 0.5, 2.0, 3.0], [0.0, 1.0, 2.0, 0.0]),
        (("left",), (), [1.0, 3.0], [0.5, 2.0, 3.0], [1.0, 2.0, 0.0]),
        (("left", "right"), (), [1.0], [0.5, 2.0], [1.0, 2.0]),
        ((), ("left", "right"), [0.0, 1.0], [-1.0, 0.5, 2.0], [0.0, 1.0, 2.0]),
    ],
)
def test_nodes_have_faces_in_the_middle_between_them(known, periodic, points, faces, distances):
    (axis,) = pde.Grid([[0.0, 1.0, 3.0]], "nodes", known=known, periodic=periodic).axes
    found = axis.points.tolist(), axis.faces.tolist(), axis.distances.tolist()
    assert found == (points, faces, distances)


@pytest.mark.parametrize(
    ("arguments", "spacing"),
    [
        ({}, 0.25),
        ({"centering": "nodes"}, 1 / 3),
        ({"centering": "nodes", "known": ("right",)}, 0.25),
        ({"centering": "nodes", "known": ("left", "right")}, 0.2),
        ({"centering": "nodes", "periodic": ("left", "right")}, 0.25),
    ],
)
def test_a_uniform_grid_has_as_many_unknowns_as_asked_for(arguments, spacing):
    grid = pde.Grid.uniform(4, **arguments)
    assert grid.shape == (4,)
    assert grid.spacing[0] == pytest.approx(spacing, rel=1e-14)


def test_control_volumes_fill_the_box():
    grid = pde.Grid([[0.0, 1.0, 3.0], [0.0, 0.5, 1.0, 2.0], [-1.0, 0.0, 2.0, 3.0]], "nodes")
    assert grid.shape == (3, 4, 4)
    assert np.sum(grid.volumes) == pytest.approx(3.0 * 2.0 * 4.0, rel=1e-14)


def test_sides_are_named_axis_by_axis_and_know_where_they_are():
    grid = pde.Grid.uniform((2, 3, 4), upper=[1.0, 2.0, 3.0])
    assert grid.sides == ("left", "right", "bottom", "top", "front", "back")
    assert grid.side_shape("bottom") == (2, 4)
    x, y, z = grid.side_coordinates("top")
    assert (x[:, 0].tolist(), y.min(), y.max(), z[0].tolist()) == (
        [0.25, 0.75],
        2.0,
        2.0,
        [0.375, 1.125, 1.875, 2.625],
    )
    assert [np.sum(grid.side_areas(s)) for s in grid.sides] == pytest.approx([6, 6, 3, 3, 2, 2])


def test_shapes_of_faces_have_one_more_along_their_axis():
    assert pde.Grid.uniform((2, 3)).face_shape(1) == (2, 4)


@pytest.mark.parametrize(
    ("coordinates", "arguments", "error", "message"),
    [
        ([[0.0, 1.0, 1.0]], {}, DiscretizationError, r"x\[1\] = 1 and x\[2\] = 1 is not positive"),
        ([[0.0, 1.0], [1.0, 0.0]], {}, DiscretizationError, r"y\[0\] = 1 and y\[1\] = 0"),
        ([[1e9, 1e9 + 1e-7]], {}, DiscretizationError, "is not positive"),
        ([[0.0, np.nan, 1.0]], {}, NonFiniteError, r"coordinate x\[1\] is nan"),
        ([[0.0, np.inf]], {}, NonFiniteError, "is inf"),
        ([[0.0]], {}, DiscretizationError, "no vector of 2 numbers or more"),
        ([[[0.0, 1.0]]], {}, DiscretizationError, "no vector"),
        ([["a", "b"]], {}, DiscretizationError, "no vector"),
        ([], {}, DiscretizationError, "coordinates of 0 axes"),
        (3.0, {}, DiscretizationError, "coordinates of 0 axes"),
        ([[0.0, 1.0]] * 4, {}, DiscretizationError, "coordinates of 4 axes"),
        ([[0.0, 1.0]], {"centering": "faces"}, DiscretizationError, "no centering 'faces'"),
        ([[0.0, 1.0]], {"known": ["left"]}, DiscretizationError, "belong to grids of nodes"),
        (
            [[0.0, 1.0]],
            {"centering": "nodes", "known": ["left", "right"]},
            DiscretizationError,
            "no vector of 3",
        ),
        ([[0.0, 1.0]], {"centering": "nodes", "known": ["top"]}, UnknownNameError, "no side 'top'"),
        (
            [[0.0, 1.0, 2.0]],
            {"centering": "nodes", "periodic": "right"},
            DiscretizationError,
            "only one of the sides 'left' and 'right'",
        ),
        (
            [[0.0, 1.0, 2.0]],
            {"centering": "nodes", "periodic": ["left", "right"], "known": ["left"]},
            DiscretizationError,
            "periodic and known",
        ),
    ],
)
def test_wrong_coordinates_are_named_errors(coordinates, arguments, error, message):
    with pytest.raises(error, match=message):
        pde.Grid(coordinates, **arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (((2, 0),), ShapeError, "no points"),
        ((2.5,), ShapeError, "no shape of a grid"),
        (((2, 2, 2, 2),), ShapeError, "no shape of a grid"),
        (((2, 2), [0.0, 0.0, 0.0]), ShapeError, "do not fit 2 axes"),
        (((2, 2), 1.0, 1.0), DiscretizationError, "is not positive"),
        ((3, 0.0, np.nan), NonFiniteError, "is nan"),
    ],
)
def test_wrong_uniform_grids_are_named_errors(arguments, error, message):
    with pytest.raises(error, match=message):
        pde.Grid.uniform(*arguments)
