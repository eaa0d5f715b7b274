"""Matrices with published numbers of colors; data/ORIGIN.md says where they come from."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import scipy.io

from sparseopt.coloring.given_patterns import as_pattern
from sparseopt.patterns.sparsity_pattern import SparsityPattern

DATA = Path(__file__).parent / "data"
COUNTS: dict[str, Any] = json.loads((DATA / "color_counts.json").read_text())
PUBLISHED = {f"{entry['matrix']}-{entry['partition']}": entry for entry in COUNTS["published"]}
RECOMPUTED = {entry["matrix"]: entry for entry in COUNTS["recomputed"]}
FIGURES = {entry["name"]: entry for entry in COUNTS["figures"]}


@cache
def load(file: str) -> SparsityPattern:
    """Return the pattern of a stored matrix; both triangles, if it is symmetric."""
    with gzip.open(DATA / file) as text:
        return as_pattern(scipy.io.mmread(text, spmatrix=False))
