"""Builders refuse sizes that are none, and forms that do not exist, by the argument's name."""

import inspect
import re

import numpy as np
import pytest

import sparseopt as so
from problems import registry
from problems.arguments import from_on, require
from tests.problems.sizes import RECORDS

# Optimal control has its own checks of meshes; what these mean is up to other modules.
CHECKED_ELSEWHERE = {"case", "checkpoints", "file", "lift", "ramp", "contingencies", "example"}


def arguments_of(record):
    parameters = inspect.signature(record.build).parameters.values()
    return {p.name: p.default for p in parameters if p.name not in CHECKED_ELSEWHERE}


def nonsense_for(default):
    if isinstance(default, bool | str):
        return ["nonsense", 7]
    return [-1, 2.5, "3", True, np.nan]


CASES = [
    pytest.param(record, name, value, id=f"{record.name}-{name}-{value}")
    for record in RECORDS
    if registry.collection(record.name) != "control"
    for name, default in arguments_of(record).items()
    for value in nonsense_for(default)
]


@pytest.mark.parametrize(("record", "name", "value"), CASES)
def test_nonsense_is_a_named_error(record, name, value):
    with pytest.raises(so.ProblemError, match=re.escape(f"{name} = {value!r}")):
        record.build(**{**record.sizes["small"], name: value})


COUNTED = [
    (record, name)
    for record in RECORDS
    if registry.collection(record.name) != "control"
    for name, default in arguments_of(record).items()
    if type(default) is int and name not in ("seed", "refinements", "start")
]


@pytest.mark.parametrize(("record", "name"), COUNTED, ids=lambda part: getattr(part, "name", part))
def test_zero_of_what_is_counted_is_a_named_error(record, name):
    with pytest.raises(so.ProblemError, match=f"{name} = 0"):
        record.build(**{**record.sizes["small"], name: 0})


@pytest.mark.parametrize(
    ("name", "size", "advice"),
    [
        ("luksan_vlcek_6", {"num_variables": 10}, "give one of 7, 9, 11, …"),
        ("luksan_vlcek_8", {"num_variables": 12}, "give one of 5, 10, 15, …"),
        ("luksan_vlcek_11", {"num_variables": 9}, "give one of 5, 8, 11, …"),
        ("burgers", {"num_points": 12}, "give one of 8, 16, 24, …"),
        ("polygon", {"num_vertices": 2}, "give an integer, at least 3"),
        ("luksan_vlcek_1", {"form": "equalities"}, "give one of 'equality', 'inequality'"),
        ("tetra", {"mesh": "cube"}, "give one of 'duct20', 'foam5', 'gear', 'hook'"),
        ("boxbod", {"start": 3}, "give one of 1, 2"),
        ("maurer_mittelmann_boundary_neumann", {"example": 1}, "give one of 5, 6, 7, 8"),
    ],
)
def test_the_message_says_what_to_give(name, size, advice):
    with pytest.raises(so.ProblemError, match=re.escape(advice)):
        registry.get(name).build(**size)


@pytest.mark.parametrize("case", [0, None, ["case14"]])
def test_a_case_that_is_no_word_is_a_named_error(case):
    with pytest.raises(so.ProblemError, match="neither a file nor a stored case"):
        registry.get("ac_opf").build(case=case)


@pytest.mark.parametrize("contingencies", [-1, 2.5, "three", [99], [1.5], True, 20])
def test_contingencies_that_are_none_are_named_errors(contingencies):
    with pytest.raises(so.ProblemError, match=r"contingencies = |no branch |only \d+ outages"):
        registry.get("ac_opf_security").build("case5", contingencies)


def test_numpys_integers_are_integers():
    require("n", np.int64(10), from_on(5, 5))
    assert registry.get("rosenbrock").build(np.int32(4)).problem().num_variables == 4


def test_the_smallest_size_of_each_argument_builds():
    """What the messages offer must work: counts agree there, but for entries that coincide."""
    for record, name in COUNTED:
        with pytest.raises(so.ProblemError) as caught:
            record.build(**{**record.sizes["small"], name: -1})
        least = int(re.search(r"\d+", caught.value.instead)[0])
        size = {**record.sizes["small"], name: least}
        problem, counts = record.build(**size).problem(), record.counts(**size)
        assert problem.num_variables == counts.variables, (record.name, name)
        assert problem.num_constraints == counts.constraints - counts.single_entry_rows
        assert np.isfinite(problem.objective(problem.initial_point)), (record.name, name)
