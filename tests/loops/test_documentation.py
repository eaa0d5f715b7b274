"""The examples of docs/loops.md, and its table of counts."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from sparseopt.loops.checkpoints import default_checkpoints, fewest_forward_steps

DOCUMENT = Path(__file__).parents[2] / "docs" / "loops.md"
POWERS = {"⁴": 4, "⁶": 6, "⁸": 8}


def test_examples_of_the_document_print_what_it_says():
    failures, tried = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert (failures, tried > 0) == (0, True)


def test_the_table_says_what_the_schedule_does():
    rows = re.findall(r"\| 10(.) \| (\d+) \| 20 \| ([\d.]+) T \|", DOCUMENT.read_text())
    assert len(rows) == 3
    for power, stored, factor in rows:
        length = 10 ** POWERS[power]
        assert default_checkpoints(length, size=10**6) == int(stored)
        assert f"{fewest_forward_steps(length, 20) / length:.1f}" == factor
