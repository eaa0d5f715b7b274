"""The example of docs/implicit.md, section Reduced space."""

from __future__ import annotations

import doctest
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "implicit.md"


def test_example_of_the_document_prints_what_it_says():
    failures, tried = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert (failures, tried > 0) == (0, True)
