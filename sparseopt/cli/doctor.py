"""``sparseopt doctor``: what is installed, and what of compiler, Ipopt and solvers really works."""

from __future__ import annotations

import importlib.metadata
import platform
import warnings
from typing import Any

import typer

from sparseopt.cli.arguments import AsJson, ShowTraceback
from sparseopt.cli.exit_codes import FAILED, reported_errors
from sparseopt.cli.json_output import print_json
from sparseopt.errors import SolverNotInstalledError
from sparseopt.evaluation.backend import choose_backend
from sparseopt.solvers.ipopt_library import ipopt_candidates, load_ipopt
from sparseopt.solvers.ipopt_linear_solvers import working_linear_solvers

REQUIRED = ("sparseopt", "numpy", "scipy", "llvmlite", "numba", "casadi")
OPTIONAL = ("cyipopt-wheels", "cyipopt", "matplotlib")


def doctor(as_json: AsJson = False, show_traceback: ShowTraceback = False) -> None:
    """Say what is installed and what really works; the exit code is 1 without any Ipopt."""
    with reported_errors(show_traceback):
        found = _examine()
        if as_json:
            print_json(found)
        else:
            typer.echo("\n".join(_lines(found)))
        raise typer.Exit(0 if found["ipopt"] else FAILED)


def _examine() -> dict[str, Any]:
    ipopt, reason, linear_solvers = "", "", {}
    try:
        library = load_ipopt()
        ipopt = f"{library.description}, {library.path}"
        linear_solvers = working_linear_solvers(library)
    except SolverNotInstalledError as error:
        reason = str(error)
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "derivatives": _backend(),
        "packages": {name: _version(name) for name in (*REQUIRED, *OPTIONAL)},
        "ipopt": ipopt,
        "ipopt_missing": reason,
        "ipopt_candidates": [f"{source}: {path}" for source, path in ipopt_candidates()],
        "linear_solvers": {name: not why for name, why in linear_solvers.items()},
        "linear_solver_reasons": linear_solvers,
    }


def _backend() -> str:
    """Return what evaluates derivatives here; if not compiled code, then why."""
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        backend = choose_backend()
    reasons = [str(complaint.message) for complaint in complaints]
    return "; ".join(reasons) or ("compiled (LLVM)" if backend == "llvm" else "NumPy, as asked")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _lines(found: dict[str, Any]) -> list[str]:
    packages = [
        f"  {name:<15} {found['packages'][name] or _absent(name)}" for name in found["packages"]
    ]
    solvers = [
        f"  {name:<15} {why or 'works'}" for name, why in found["linear_solver_reasons"].items()
    ]
    return [
        f"Python {found['python']} on {found['machine']}",
        f"derivatives: {found['derivatives']}",
        "packages",
        *packages,
        "Ipopt",
        f"  {found['ipopt'] or found['ipopt_missing']}",
        *(f"  found {candidate}" for candidate in found["ipopt_candidates"]),
        *(["linear solvers, each tried on a small problem", *solvers] if solvers else []),
    ]


def _absent(package: str) -> str:
    return "not installed (optional)" if package in OPTIONAL else "NOT INSTALLED"
