"""The testing package loads Hypothesis and CasADi only when they are used, and says what lacks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sparseopt.errors import SparseOptError
from sparseopt.testing.casadi_translation import casadi_functions
from sparseopt.testing.programs import random_programs


def test_importing_loads_neither_hypothesis_nor_casadi():
    code = "import sys, sparseopt.testing; print({'hypothesis', 'casadi'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.setitem(sys.modules, "casadi", None)
    with pytest.raises(SparseOptError, match="Hypothesis, which is not installed"):
        random_programs()
    with pytest.raises(SparseOptError, match="CasADi, which is not installed"):
        casadi_functions.__wrapped__()
