"""What the records claim about the problems, held against the files and the models."""

import inspect
import re
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
# A book of 1921; two collections of problems on the web.
WITHOUT_IDENTIFIER = {"hare_lynx", "simple_integrator", "van_der_pol"}
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
        # A DOI is that of the paper that prints the value, so ours has none.
        assert not (known.doi and known.source.startswith("this project"))
        if known.source.startswith(("COPS 3.0", "Maurer and Mittelmann")):
            assert known.doi
            assert known.doi in record.reference


def test_a_local_optimum_is_not_called_the_best():
    """What IPOPT reaches from the start is tested; where more is known, the record says so."""
    best = {r.name: k.best for r in RECORDS for k in r.known if k.best is not None}
    assert best == {
        "hs002": 0.0504261879,
        "hs020": pytest.approx(38.1987298),
        "hs044": -15.0,
        "hs055": pytest.approx(19 / 3),
        "hs057": 0.02845966972,
        "hs108": -0.8660254038,
        "luksan_vlcek_1": 0.0,
        "luksan_vlcek_10": 352.2380254,
        "polygon": pytest.approx(0.7802320789),
    }
    for record in RECORDS:
        sign = -1 if record.sense == "maximize" else 1
        assert all(sign * k.best < sign * k.value for k in record.known if k.best is not None)


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("hs044", [0, 3, 0, 4]),
        ("hs055", [0, 4 / 3, 5 / 3, 1, 2 / 3, 1 / 3]),
        ("luksan_vlcek_1", np.ones(100)),
    ],
)
def test_the_best_value_is_that_of_a_feasible_point(name, point):
    known = registry.get(name).known[0]
    problem, x = registry.get(name).build(**known.size).problem(), np.array(point, float)
    rows = problem.constraints(x)
    assert (rows >= problem.constraint_lower - 1e-12).all()
    assert (rows <= problem.constraint_upper + 1e-12).all()
    assert problem.objective(x) == pytest.approx(known.best)


@each_record
def test_references_can_be_found(record):
    """A digital object identifier or handle, in the reference or in the file."""
    text = sys.modules[record.build.__module__].__doc__ + record.reference
    identifiers = re.findall(r"doi: ?10\.\d{4,5}/\S+|hdl:\d+/\d+", " ".join(text.split()))
    assert identifiers or record.name in WITHOUT_IDENTIFIER


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
