from __future__ import annotations

import re

import pytest

from sparseopt.solvers.ipopt_settings import IPOPT_STATUSES
from sparseopt.solvers.scipy_methods import SCIPY_METHODS
from sparseopt.solvers.status import Status

# ApplicationReturnStatus in Ipopt 3.14's IpReturnCodes_inc.h.
IPOPT_CODES = {0, 1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -10, -11, -12, -13, -100, -101, -102, -199}


def test_every_code_of_ipopt_has_a_status():
    assert set(IPOPT_STATUSES) == IPOPT_CODES


def test_every_status_is_a_sentence():
    for status in Status:
        assert re.fullmatch(r"[A-Z][^\n]+\.", status.sentence)


def test_success_is_optimal_or_acceptable():
    assert {status for status in Status if status.success} == {Status.OPTIMAL, Status.ACCEPTABLE}


@pytest.mark.parametrize("method", SCIPY_METHODS)
def test_every_method_of_scipy_knows_success_and_limit(method):
    statuses = set(SCIPY_METHODS[method].codes.values())
    assert {Status.OPTIMAL, Status.ITERATION_LIMIT} <= statuses
