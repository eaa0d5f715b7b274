"""The page about the problems: its counts, and that its code runs."""

import re
from collections import Counter
from pathlib import Path

import numpy as np

import problems
from problems import registry

PAGE = (Path(problems.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_the_table_has_every_collection_with_its_number_of_problems():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE, flags=re.MULTILINE)
    counted = Counter(registry.collection(name) for name in registry.names())
    assert {name: int(number) for name, number in rows} == counted
    assert f"\n{counted.total()} optimization problems" in PAGE
    front = Path(problems.__file__).parents[1] / "README.md"
    assert f"of {counted.total()} problems in problems/" in front.read_text(encoding="utf-8")


def test_the_code_runs_and_what_it_evaluates_is_the_problem():
    made: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(block, made)
    assert made["solution"].success
    assert made["J"].nnz == made["problem"].jacobian_pattern.nnz
    np.testing.assert_array_equal(made["H"].toarray(), made["H"].toarray().T)
