"""Residuals and Jacobians of nonlinear forms: `python -m benchmarks.finite_elements --full`.

sparseopt's compiled evaluation beside scikit-fem's own assembly of the hand-derived forms, on one
mesh, basis and quadrature.  A time counts where both agree to 1e-10.  Times are those of the
process, all threads together; the least of several calls.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import skfem
import typer
from skfem.helpers import dot, grad

import sparseopt as so
from benchmarks import machine
from sparseopt import pde

OUTPUT = Path("docs/measurements/finite_elements.json")
AGREEMENT = 1e-10
BAR = 0.5
CELLS = {"small": 12, "full": 224}  # 224 by 224 squares are 100,352 triangles

Form = Callable[..., Any]


class Case(NamedTuple):
    """A nonlinear form, and what a user of scikit-fem derives of it by hand."""

    form: Form
    residual: Form
    jacobian: Form


def diffusion(u: Any, v: Any, w: Any) -> Any:
    """Return the form of -div((1 + u^2) grad u) = x1."""
    return (1 + u**2) * dot(grad(u), grad(v)) - w.x[0] * v


def diffusion_residual(v: Any, w: Any) -> Any:
    """Return the same at the previous solution."""
    return diffusion(w.previous, v, w)


def diffusion_jacobian(u: Any, v: Any, w: Any) -> Any:
    """Return its derivative in the direction u."""
    p = w.previous
    return (1 + p**2) * dot(grad(u), grad(v)) + 2 * p * u * dot(grad(p), grad(v))


def surface(u: Any, v: Any, w: Any) -> Any:
    """Return the form of minimal surfaces."""
    return dot(grad(u), grad(v)) / np.sqrt(1 + dot(grad(u), grad(u)))


def surface_residual(v: Any, w: Any) -> Any:
    """Return the same at the previous solution."""
    return surface(w.previous, v, w)


def surface_jacobian(u: Any, v: Any, w: Any) -> Any:
    """Return its derivative in the direction u."""
    slope = grad(w.previous)
    root = np.sqrt(1 + dot(slope, slope))
    return dot(grad(u), grad(v)) / root - dot(slope, grad(u)) * dot(slope, grad(v)) / root**3


CASES = {
    "nonlinear diffusion": Case(diffusion, diffusion_residual, diffusion_jacobian),
    "minimal surface": Case(surface, surface_residual, surface_jacobian),
}
ELEMENTS = {
    "P1, 3 points": (skfem.ElementTriP1(), 2),
    "P2, 6 points": (skfem.ElementTriP2(), 4),
}


def main(
    small: Annotated[bool, typer.Option("--small", help="A small mesh.")] = False,
    full: Annotated[bool, typer.Option("--full", help="The mesh of the bar.")] = False,
    repeats: Annotated[int, typer.Option(help="Calls for each time.")] = 5,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUTPUT,
) -> None:
    """Measure residual and Jacobian beside scikit-fem's assembly."""
    if small == full:
        raise typer.BadParameter("choose --small or --full")
    size = "small" if small else "full"
    results = {}
    for name, case in CASES.items():
        for element, (elem, order) in ELEMENTS.items():
            basis = skfem.Basis(mesh(CELLS[size]), elem, intorder=order)
            key = f"{name}, {element}"
            results[key] = measured(case, basis, repeats)
            print(f"{key}: {results[key]}")
    report = {
        "machine": {**machine.description(), "load": os.getloadavg()[0]},
        "size": size,
        "repeats": repeats,
        "results": results,
        "figures": {
            f"{key}, of scikit-fem's time": {"value": found["ratio"], "bar": BAR}
            for key, found in results.items()
        },
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n")


def mesh(num_cells: int) -> skfem.MeshTri:
    """Return triangles of different shapes, in random order."""
    axis = np.linspace(0.0, 1.0, num_cells + 1)
    regular = skfem.MeshTri.init_tensor(axis, axis)
    order = np.random.default_rng(0).permutation(regular.t.shape[1])
    shift = 0.3 / num_cells * np.sin(9 * regular.p[::-1])
    return skfem.MeshTri(regular.p + shift, np.ascontiguousarray(regular.t[:, order]))


def measured(case: Case, basis: Any, repeats: int) -> dict[str, Any]:
    """Return the seconds of both, their ratio, and how far values differ."""
    u = np.random.default_rng(1).uniform(-1.0, 1.0, basis.N)
    started = time.perf_counter()
    elements = pde.FiniteElements(basis)
    jacobian = so.jacobian(lambda x: elements.residual(case.form, x), u)
    function = _values(basis, case.form)
    function(u), jacobian(u)
    setup = time.perf_counter() - started
    forms = skfem.LinearForm(case.residual), skfem.BilinearForm(case.jacobian)

    def assembled() -> tuple[Any, Any]:
        previous = basis.interpolate(u)
        return tuple(form.assemble(basis, previous=previous) for form in forms)  # type: ignore[return-value]

    differences = [
        float(abs(ours - theirs).max() / abs(theirs).max())
        for ours, theirs in zip((function(u), jacobian(u)), assembled(), strict=True)
    ]
    if max(differences) > AGREEMENT:
        raise RuntimeError(f"residual and Jacobian differ by {differences}: no time counts")
    ours = _least(lambda: (function(u), jacobian(u)), u, repeats)
    theirs = _least(assembled, u, repeats)
    return {
        "elements": int(basis.nelems),
        "unknowns": int(basis.N),
        "differences": differences,
        "setup": setup,
        "sparseopt": ours,
        "scikit_fem": theirs,
        "ratio": ours / theirs,
    }


def _values(basis: Any, form: Form) -> Callable[[Any], Any]:
    """Return the compiled residual."""
    model = so.Model("residual")
    u = model.variable("u", basis.N)
    model.subject_to(pde.FiniteElements(basis).residual(form, u) == 0, name="balance")
    return model.problem().constraints


def _least(function: Callable[[], Any], u: Any, repeats: int) -> float:
    """Return the least seconds of some calls, at a point that changes in place."""
    times = []
    for _ in range(repeats):
        u *= 0.999  # nothing that is remembered of a point may be of use
        started = time.process_time()
        function()
        times.append(time.process_time() - started)
    return min(times)


if __name__ == "__main__":
    typer.run(main)
