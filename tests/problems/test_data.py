"""What a problem's user has before there is a model is made once, and the builder finds it."""

import functools
import sys

import pytest

from problems import registry
from tests.problems.sizes import RECORDS

CACHE = functools._lru_cache_wrapper
WITH_DATA = [record for record in RECORDS if record.data is not None]
each = pytest.mark.parametrize("record", WITH_DATA, ids=lambda record: record.name)


def kept_and_made():
    """Return how often all of the problems' caches had a result, and how often they had none."""
    modules = [module for name, module in sys.modules.items() if name.startswith("problems.")]
    caches = {f for module in modules for f in vars(module).values() if isinstance(f, CACHE)}
    found = [cache.cache_info() for cache in caches]
    return sum(info.hits for info in found), sum(info.misses for info in found)


@each
def test_the_builder_uses_the_data_that_the_record_makes(record):
    record.data(**record.sizes["small"])
    kept, made = kept_and_made()
    record.build(**record.sizes["small"])
    kept_after, made_after = kept_and_made()
    assert made_after == made
    assert kept_after > kept


@each
def test_what_makes_the_data_says_what_they_are(record):
    assert record.data.__doc__.startswith(("Return", "Read"))


def test_problems_with_meshes_simulations_and_measurements_name_them():
    expected = {"ac_opf", "dirichlet", "heat_identification", "obstacle_fem", "tetra", "triangle"}
    assert {record.name for record in WITH_DATA} >= expected
    assert registry.get("bearing").data is None
