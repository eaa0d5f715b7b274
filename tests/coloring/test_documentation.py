"""The examples of docs/coloring.md."""

from __future__ import annotations

import doctest
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "coloring.md"


def test_examples_of_the_document_print_what_it_says():
    failures, tried = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert (failures, tried > 0) == (0, True)
