"""docs/sparse-differentiation.md: its figures exist and its numbers are current.

Its code is run with the other pages' in test_readme.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")
from docs.figures import guide_functions, make_figures

GUIDE = Path(__file__).parents[1] / "docs" / "sparse-differentiation.md"
BLOCK = re.compile(r"```python\n(?P<code>.*?)```", re.DOTALL)
MOST_BYTES = {".png": 150_000, ".gif": 1_000_000}


def functions_of_the_text():
    """Return the source of each function that the guide defines, by name."""
    blocks = (ast.parse(match["code"]) for match in BLOCK.finditer(GUIDE.read_text()))
    nodes = (node for block in blocks for node in block.body)
    return {node.name: ast.dump(_bare(node)) for node in nodes if isinstance(node, ast.FunctionDef)}


def _bare(function):
    """Return a function without annotations and docstring."""
    for argument in function.args.args:
        argument.annotation = None
    function.returns = None
    if ast.get_docstring(function):
        del function.body[0]
    return function


def test_the_figures_show_the_functions_of_the_text():
    drawn = ast.parse(inspect.getsource(guide_functions)).body
    code = {f.name: ast.dump(_bare(f)) for f in drawn if isinstance(f, ast.FunctionDef)}
    assert code == functions_of_the_text()


def test_every_figure_is_made_by_the_script_and_small():
    shown = re.findall(r"\]\(figures/(.*?)\)", GUIDE.read_text())
    assert sorted(shown) == sorted(make_figures.figures())
    for name in shown:
        path = GUIDE.parent / "figures" / name
        assert 0 < path.stat().st_size < MOST_BYTES[path.suffix]


def test_the_numbers_are_those_of_this_code_and_of_the_measurements():
    text = GUIDE.read_text()
    assert make_figures.with_numbers(text, make_figures.numbers()) == text


def test_no_line_of_a_paragraph_begins_with_a_marker():
    lines = [line for line in GUIDE.read_text().splitlines() if line.startswith("<!--")]
    assert {line.count("<!--") for line in lines} == {1}  # Markdown would end the paragraph


def test_every_number_is_in_the_text():
    names = {match["name"] for match in make_figures.NUMBER.finditer(GUIDE.read_text())}
    assert names == set(make_figures.numbers())


def test_numbers_are_put_between_their_markers():
    text = "has <!-- colors -->3<!-- end --> colors"
    assert make_figures.with_numbers(text, {"colors": "5"}) == text.replace("3", "5")


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ((10.0, 1.0), (2.0, 2.0), 9),  # 10 + 8 · 1 = 2 + 8 · 2
        ((1.0, 1.0), (2.0, 2.0), 1),
        ((10.0, 2.0), (2.0, 1.0), None),
    ],
)
def test_set_up_pays_from_the_count_where_the_totals_meet(one, other, count):
    results = [{"first": f, "evaluation": {"median": m}} for f, m in (one, other)]
    assert make_figures.break_even(*results) == count


def test_figures_of_the_measurements_can_be_drawn(tmp_path):
    figures = make_figures.figures()
    for name in ("regimes.png", "bidirectional-coloring.png"):
        figures[name](tmp_path / name)
        assert (tmp_path / name).stat().st_size > 0
