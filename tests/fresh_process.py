"""What a process has loaded that runs some code and nothing before it."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

__all__ = ["modules_after"]

ROOT = Path(__file__).parents[1]


def modules_after(code: str) -> set[str]:
    """Return the names of all modules that a new process has loaded after running the code."""
    text = textwrap.dedent(code) + "\nimport json, sys\nprint('\\n' + json.dumps([*sys.modules]))\n"
    command = [sys.executable, "-W", "error", "-c", text]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))
