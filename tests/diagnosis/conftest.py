"""Models from text, so that messages name ``model.py`` and a line that the test can count."""

from __future__ import annotations

from textwrap import dedent

import numpy as np
import pytest

import sparseopt as so


@pytest.fixture
def model():
    """Return a function that runs lines of a file ``model.py`` on a new model ``m``."""

    def build(text, **options):
        names = {"np": np, "so": so, "m": so.Model("test", **options)}
        exec(compile(dedent(text).strip(), "model.py", "exec"), names)
        return names["m"]

    return build
