"""A reduced run of the mutation tests: every row of the table once, and some structural rules.

``python -m tests.mutation`` makes all mutants.
"""

from __future__ import annotations

import warnings

import pytest

from sparseopt.graph.functions import FUNCTIONS
from tests.mutation.__main__ import run
from tests.mutation.mutants import changed_row, patched
from tests.mutation.patches import patch_mutants
from tests.mutation.table import ROWS, one_of_each_row

SOME = 12
"""Every so many structural mutants, one is made here."""


def _survivors(mutants):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [mutant.name for mutant in run(mutants)[2]]


def test_a_change_of_any_row_of_the_table_is_noticed():
    mutants = list(one_of_each_row())
    assert len(mutants) == len(ROWS)
    assert _survivors(mutants) == []


def test_changes_of_structural_rules_are_noticed():
    assert _survivors(list(patch_mutants())[::SOME]) == []


@pytest.mark.parametrize("mutant", list(patch_mutants()), ids=lambda mutant: mutant.name)
def test_every_structural_mutant_still_fits_the_code(mutant):
    with mutant.apply():
        pass


def test_a_changed_row_is_changed_back():
    row = FUNCTIONS["sin"]
    before = row.partials
    with changed_row(row, partials=None):
        assert FUNCTIONS["sin"].partials is None
    assert FUNCTIONS["sin"].partials is before


def test_a_patch_that_does_not_fit_says_so():
    place = "sparseopt.graph.index:compose"
    with (
        pytest.raises(LookupError, match="holds 0 times 'no such code'"),
        patched(place, "no such code", ""),
    ):
        pass
