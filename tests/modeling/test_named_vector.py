"""Names of elements and their places in a flat vector."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.errors import ProblemError
from sparseopt.modeling.named_vector import NamedVector

ARRAYS = [("a", (2, 3), None), ("empty", (0,), None), ("b", (), None), ("c", (1,), None)]


@pytest.fixture
def vector():
    return NamedVector(ARRAYS)


def test_every_position_has_a_name_that_leads_back(vector):
    names = [vector.element(k) for k in range(vector.size)]
    assert names == [*(f"a[{i}, {j}]" for i in (0, 1) for j in (0, 1, 2)), "b", "c[0]"]
    assert [vector.position(name) for name in names] == list(range(vector.size))


def test_a_part_has_the_declared_shape(vector):
    values = np.arange(8.0)
    assert vector.part(values, "a").tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert vector.part(values, "b") == 6.0
    assert vector.part(values, "empty").shape == (0,)


def test_unknown_names_get_the_nearest_one():
    vector = NamedVector([("pressure", (2,), None)])
    with pytest.raises(ProblemError, match="did you mean 'pressure'"):
        vector["presure"]
    with pytest.raises(ProblemError, match="nothing is called"):
        vector.position("volume[1]")


@pytest.mark.parametrize("element", ["a[2, 0]", "a[0]", "a", "b[0]", "c[1]"])
def test_an_index_must_fit_the_shape(vector, element):
    with pytest.raises(ProblemError, match="is no element of"):
        vector.position(element)


def test_positions_outside_are_an_index_error(vector):
    with pytest.raises(IndexError):
        vector.element(8)
