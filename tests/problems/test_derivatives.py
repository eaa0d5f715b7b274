"""Derivatives of every problem against independent ones."""

import pytest

from tests.problems.sizes import SIZED, SIZED_IDS


@pytest.mark.parametrize(("record", "size"), SIZED, ids=SIZED_IDS)
def test_derivatives_agree_with_independent_ones(record, size):
    report = record.build(**size).problem().check()
    assert report.ok, str(report)
