"""Python blocks of the README and of pages run in order, as pasted, and print what is shown."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
NAMES = (
    "composition",
    "control",
    "diagnosis",
    "external",
    "fitting",
    "interpolation",
    "ipopt",
    "lifting",
    "models",
    "patterns",
    "pde",
    "sparse-differentiation",
    "verification",
)
PAGES = [README, *(ROOT / "docs" / f"{name}.md" for name in NAMES)]
MAX_LINES = 150
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n*```text\n(?P<output>.*?)```)?", re.DOTALL)


def blocks(page: Path) -> list[tuple[str, str | None]]:
    """Return each Python block with the text block that directly follows it, if any."""
    return [(match["code"], match["output"]) for match in BLOCK.finditer(page.read_text())]


def test_the_readme_stays_short():
    assert len(README.read_text().splitlines()) <= MAX_LINES


def test_the_readme_has_an_example_with_output():
    assert any(output for _, output in blocks(README))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_run_and_print_what_the_page_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checker = doctest.OutputChecker()
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    namespace: dict[str, object] = {}
    for code, expected in blocks(page):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec"), namespace)
        if expected is not None:
            assert checker.check_output(expected, printed.getvalue(), options), printed.getvalue()
