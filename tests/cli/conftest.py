"""A model in a file of its own, and the command line run in that file's directory."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from sparseopt.cli.main import app

MODEL = dedent(
    '''
    """A small model with an active bound, and builders that go wrong."""

    import numpy as np

    import sparseopt as so


    def build(size=4, distance=2.0, start=0.5):
        model = so.Model("chain")
        x = model.variable("x", shape=size, lower=-10.0, upper=10.0, start=start)
        model.minimize(np.sum((x - 1.0) ** 4) + np.sum(x[1:] * x[:-1]))
        model.subject_to(x[1:] - x[:-1] ** 2 >= -distance, name="step")
        return model


    def infeasible():
        model = so.Model("infeasible")
        x = model.variable("x", shape=2, start=1.0)
        model.minimize(np.sum(x**2))
        model.subject_to(np.sum(x**2) <= -1.0, name="ball")
        return model


    def branching():
        model = so.Model("branching")
        x = model.variable("x", shape=2)
        if x[0] > 0:
            model.minimize(x[1])
        return model


    def crossed():
        model = so.Model("crossed")
        model.variable("x", shape=2, lower=1.0, upper=0.0)
        return model


    def broken():
        return 1 / 0


    def number():
        return 3
    '''
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs a command line in a directory that holds model.py."""
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "model", raising=False)
    monkeypatch.syspath_prepend(tmp_path)  # and forgets what the commands add to the path
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])
