"""Memory that set-up frees is used again."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource
import numpy as np
from sparseopt.graph.memory import reuse_freed_memory

reuse_freed_memory()
np.ones(200_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    np.ones(200_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries do not learn")
def test_an_array_is_made_of_the_memory_that_an_earlier_one_left() -> None:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    pages_of_all_arrays = 100 * 200_000 * 8 // 4096
    assert int(found.stdout) < pages_of_all_arrays / 100
