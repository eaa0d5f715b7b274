"""docs/sparse-differentiation.md: its code runs, its figures exist, its numbers are current."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")
from docs.figures import guide_functions, make_figures

GUIDE = Path(__file__).parents[1] / "docs" / "sparse-differentiation.md"
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n*```text\n(?P<output>.*?)```)?", re.DOTALL)
MOST_BYTES = {".png": 150_000, ".gif": 1_000_000}


@pytest.fixture(scope="module")
def namespace():
    """Run the guide's blocks in order, compare what they print, and return what they define."""
    names: dict[str, object] = {}
    blocks = list(BLOCK.finditer(GUIDE.read_text()))
    assert len(blocks) >= 6
    for block in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block["code"], str(GUIDE), "exec"), names)
        checker, options = doctest.OutputChecker(), doctest.NORMALIZE_WHITESPACE
        expected = block["output"] or ""
        assert checker.check_output(expected, printed.getvalue(), options), printed.getvalue()
    return names


@pytest.mark.parametrize("name", ["flow", "energy", "hub"])
def test_the_blocks_print_what_the_guide_shows_of_the_functions_in_its_figures(namespace, name):
    x = np.linspace(0.5, 1.2, 8)
    drawn = getattr(guide_functions, name)
    assert np.array_equal(namespace[name](x), drawn(x))


def test_every_figure_is_made_by_the_script_and_small():
    shown = re.findall(r"\]\(figures/(.*?)\)", GUIDE.read_text())
    assert sorted(shown) == sorted(make_figures.figures())
    for name in shown:
        path = GUIDE.parent / "figures" / name
        assert 0 < path.stat().st_size < MOST_BYTES[path.suffix]


def test_the_numbers_are_those_of_this_code_and_of_the_measurements():
    text = GUIDE.read_text()
    assert make_figures.with_numbers(text, make_figures.numbers()) == text


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
