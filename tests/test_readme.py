"""The README's Python blocks run in order, as a reader pastes them, and print what it shows."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
MAX_LINES = 150
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n*```text\n(?P<output>.*?)```)?", re.DOTALL)


def blocks() -> list[tuple[str, str | None]]:
    """Return each Python block with the text block that directly follows it, if any."""
    return [(match["code"], match["output"]) for match in BLOCK.finditer(README.read_text())]


def test_the_readme_stays_short():
    assert len(README.read_text().splitlines()) <= MAX_LINES


def test_the_readme_has_an_example_with_output():
    assert any(output for _, output in blocks())


def test_python_blocks_run_and_print_what_the_readme_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checker = doctest.OutputChecker()
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    namespace: dict[str, object] = {}
    for code, expected in blocks():
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(README), "exec"), namespace)
        if expected is not None:
            assert checker.check_output(expected, printed.getvalue(), options), printed.getvalue()
