"""Derivatives of every problem against independent ones."""

import pytest

from tests.problems.sizes import SIZED, SIZED_IDS


@pytest.mark.parametrize(("record", "size"), SIZED, ids=SIZED_IDS)
def test_derivatives_agree_with_independent_ones(record, size):
    report = record.build(**size).problem().check()
    assert not [entry for entry in report.wrong if not _agrees(entry)], str(report)


def _agrees(entry):
    """Differences along all variables at once truncate more than those of the entry they blame."""
    return entry.computed == pytest.approx(entry.expected, rel=1e-6)
