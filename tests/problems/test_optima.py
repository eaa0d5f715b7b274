"""IPOPT reaches the known objectives; the larger sizes are marked slow."""

import pytest

from tests.problems.sizes import RECORDS

QUICK, LARGEST = 11_500, 30_000


def _cases():
    for record in RECORDS:
        for known in record.known:
            num_variables = record.counts(**known.size).variables
            name = "-".join([record.name, *map(str, known.size.values())])
            marks = [pytest.mark.slow] if num_variables > QUICK else []
            if num_variables <= LARGEST:
                yield pytest.param(record, known, id=name, marks=marks)


@pytest.mark.parametrize(("record", "known"), list(_cases()))
def test_ipopt_reaches_the_known_objective(record, known):
    solution = record.build(**known.size).solve(solver="ipopt", options=record.solve_options)
    assert solution.success, solution.status
    scale = abs(known.value) or 1.0
    assert abs(solution.objective - known.value) <= known.relative_tolerance * scale
