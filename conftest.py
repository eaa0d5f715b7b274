"""Tests see what the code computes now, and nothing that an earlier process has kept of it."""

import os

os.environ["SPARSEOPT_KEEP_PROGRAMS"] = "0"
