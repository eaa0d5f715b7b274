"""What the records claim about the problems, held against the files and the models."""

import inspect
import sys

import numpy as np
import pytest

from problems import registry
from tests.problems.sizes import RECORDS, SIZED, SIZED_IDS

ISSUED = {
    "ac_opf",
    "bearing",
    "bratu_control",
    "cart_pole",
    "hanging_chain",
    "heat_identification",
    "hs071",
    "luksan_vlcek_1",
    "quadrotor",
    "rocket",
    "rosenbrock",
}
each_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
each_size = pytest.mark.parametrize(("record", "size"), SIZED, ids=SIZED_IDS)


def test_registry_finds_every_problem():
    assert set(registry.names()) >= ISSUED


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(KeyError, match="hs071"):
        registry.get("hs0711")


@each_record
def test_record_is_named_after_its_file(record):
    module = sys.modules[record.build.__module__]
    assert module.__name__ == f"problems.{registry.collection(record.name)}.{record.name}"
    assert module.RECORD is record


@each_record
def test_file_states_formula_and_source(record):
    text = sys.modules[record.build.__module__].__doc__
    assert record.sense in text
    assert "Source" in text
    assert record.reference


@each_record
def test_sizes_are_arguments_of_the_builder(record):
    assert list(record.sizes) == ["small", "medium", "large"]
    signature = inspect.signature(record.build)
    for size in (*record.sizes.values(), *(known.size for known in record.known)):
        signature.bind(**size)


@each_record
def test_known_objectives_have_sources_and_tolerances(record):
    assert record.known
    for known in record.known:
        assert known.source
        assert 0 < known.relative_tolerance <= 2e-3
        assert record.known_objective(known.size) is known


@each_size
def test_counts_match_the_model(record, size):
    """Rows with one linear entry are bounds in the compiled problem, so they are not counted."""
    problem, counts = record.build(**size).problem(), record.counts(**size)
    assert problem.num_variables == counts.variables
    assert problem.num_constraints == counts.constraints - counts.single_entry_rows
    if counts.jacobian is not None:
        assert problem.jacobian_pattern.nnz == counts.jacobian - counts.single_entry_rows
    if counts.hessian is not None:
        assert problem.hessian_pattern.nnz == counts.hessian


@each_size
def test_everything_is_finite_at_the_start(record, size):
    problem = record.build(**size).problem()
    x = problem.initial_point
    assert np.isfinite(problem.objective(x))
    assert np.isfinite(problem.gradient(x)).all()
    assert np.isfinite(problem.constraints(x)).all()
