"""The examples of docs/pde.md, run one after another."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "pde.md"
EXAMPLE = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def test_examples_of_the_document_print_what_it_says():
    examples = EXAMPLE.findall(DOCUMENT.read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    assert len(examples) >= 3
    for code, expected in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(DOCUMENT), "exec"), names)
        assert printed.getvalue() == expected
