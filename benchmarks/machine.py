"""The machine and the versions that numbers belong to."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    *("sparseopt", "numpy", "scipy", "llvmlite", "numba", "casadi", "cyipopt-wheels"),
    *("pyoptinterface", "jax", "asdex", "pyomo", "cvxpy", "sparsediffpy"),
)


def description() -> dict[str, Any]:
    """Return processor, memory, system, compiler and package versions."""
    return {
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gigabytes": _memory_gigabytes(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "compiler": _compiler(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _memory_gigabytes() -> float | None:
    if "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def _compiler() -> str | None:
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    output = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    return output.stdout.partition("\n")[0]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
