"""Which execution is chosen, and when the compiler is loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

BEGUN = """
import sys
import sparseopt as so
model = so.Model()
from sparseopt.codegen.workers import finish_everything
finish_everything()
if "llvmlite" in sys.modules:
    from sparseopt.codegen import compile, fixed_code
    print(compile.counts["compiled"], fixed_code.drivers.__wrapped__.cache_info().currsize)
    fixed_code.run_address()
    print(compile.counts["compiled"])
else:
    print("no compiler")
"""


@pytest.mark.parametrize(
    ("backend", "printed"), [("llvm", ["1", "1", "1"]), ("numpy", ["no", "compiler"])]
)
def test_the_compiler_starts_on_the_drivers_when_a_model_is_begun(backend, printed):
    environment = {**os.environ, "SPARSEOPT_BACKEND": backend, "SPARSEOPT_CACHE": ""}
    command = [sys.executable, "-W", "error", "-c", BEGUN]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert run.stdout.split() == printed
