"""IPOPT reaches the known objectives, at sizes that take a second or less."""

import pytest

from tests.problems.sizes import RECORDS

MOST_VARIABLES = 3_000
KNOWN = [
    (record, known)
    for record in RECORDS
    for known in record.known
    if record.counts(**known.size).variables <= MOST_VARIABLES
]
IDS = [f"{record.name}-{'-'.join(map(str, known.size.values()))}" for record, known in KNOWN]


@pytest.mark.parametrize(("record", "known"), KNOWN, ids=IDS)
def test_ipopt_reaches_the_known_objective(record, known):
    solution = record.build(**known.size).solve(solver="ipopt", options={"tol": 1e-9})
    assert solution.success, solution.status
    scale = abs(known.value) or 1.0
    assert abs(solution.objective - known.value) <= known.relative_tolerance * scale
