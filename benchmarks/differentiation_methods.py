"""Ways to differentiate, measured: one Jacobian or Hessian over n, and the set-up before it.

    python -m benchmarks.differentiation_methods --small
    python -m benchmarks.differentiation_methods

The point changes at every call; a time is the median of many calls, in the best of some passes in
which all methods take turns.  All methods' matrices are compared before any time counts, by
products with random vectors from both sides.  Set-up is everything from the NumPy function to the
first matrix, without a cache of compiled code, in a process in which all modules are loaded.  A
method is not run at sizes where an evaluation is expected to take longer than ``--longest``.
"""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

import sparseopt as so
from benchmarks import machine
from benchmarks.measure import time_calls
from benchmarks.methods.evaluators import HESSIAN_METHODS, JACOBIAN_METHODS, Evaluate, Method
from benchmarks.methods.functions import EXAMPLES, Example, Vector, bidiagonal, start

WHOLE_OUTPUT = Path("docs/measurements/differentiation-methods.json")
PART_OUTPUT = Path("benchmarks/results/differentiation-methods.json")
NUM_POINTS = 2
PASSES, SHORT = 3, 0.01
"""Passes; where the budget is not longer than ``SHORT``, a single one."""
MOST_SAMPLES = 100
FIRST_OF_LONGEST = 10.0
"""The longest set-up, in longest evaluations."""

Result = dict[str, Any]


class DisagreementError(Exception):
    """Raised when two methods give different matrices: no time counts then."""


def main(
    small: Annotated[bool, typer.Option("--small", help="Small sizes, short timings.")] = False,
    example: Annotated[list[str] | None, typer.Option(help="Only these functions.")] = None,
    budget: Annotated[float, typer.Option(help="Seconds for each evaluation's samples.")] = 0.5,
    longest: Annotated[float, typer.Option(help="Seconds of the longest evaluation.")] = 0.2,
    output: Annotated[Path | None, typer.Option(help="Where the JSON goes.")] = None,
) -> None:
    """Measure every method on every function and size; one thread."""
    if small:
        budget, longest = 0.002, 0.5
    console, results = Console(), []
    console = console if console.is_terminal else Console(width=200)
    _load_everything(small)
    for chosen in _chosen(example):
        sizes = chosen.small_sizes if small else chosen.sizes
        results += measured(chosen, sizes, budget, longest)
        console.print(f"{chosen.matrix} {chosen.name}", style="dim")
    output = output or (PART_OUTPUT if small or example else WHOLE_OUTPUT)
    report = {"machine": machine.description(), "budget_seconds": budget, "results": results}
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n")
    console.print(_table(results))


def _chosen(names: list[str] | None) -> list[Example]:
    known = [example.name for example in EXAMPLES]
    for name in names or ():
        if name not in known:
            raise typer.BadParameter(
                f"no function is called {name!r}; there are {', '.join(known)}"
            )
    return [example for example in EXAMPLES if not names or example.name in names]


def measured(
    example: Example, sizes: tuple[int, ...], budget: float, longest: float
) -> Iterator[Result]:
    """Yield a result for each size and method."""
    methods = list(JACOBIAN_METHODS if example.matrix == "jacobian" else HESSIAN_METHODS)
    history: dict[str, list[Result]] = {}
    for size in sizes:
        run = [m for m in methods if _is_run(m, size, history.get(m.name, []), longest)]
        for result in _of_one_size(example, size, run, budget):
            history.setdefault(result["method"], []).append(result)
            yield result


def _is_run(method: Method, size: int, before: list[Result], longest: float) -> bool:
    """Whether a size is expected to be evaluated, and set up, in time: as growth went before."""
    if method.most is not None and size > method.most:
        return False
    if len(before) < 2:
        return not before or before[-1]["evaluation"]["median"] <= longest
    evaluations = [result["evaluation"]["median"] for result in before[-2:]]
    firsts = [result["first"] for result in before[-2:]]
    expected = _continued(*evaluations) <= longest
    return expected and _continued(*firsts) <= FIRST_OF_LONGEST * longest


def _continued(one: float, two: float) -> float:
    return two * max(1.0, two / one)


def _of_one_size(
    example: Example, size: int, methods: list[Method], budget: float
) -> Iterator[Result]:
    points = [start(example, size) + 0.01 * np.sin(np.arange(size) + k) for k in range(NUM_POINTS)]
    prepared = [(m, *_first(m, example, points[0])) for m in methods]
    shape = _check(example, [(m, evaluate) for m, evaluate, _ in prepared], points[1])
    best: dict[str, dict[str, float]] = {}
    passes = PASSES if budget > SHORT else 1
    for _ in range(passes):
        for method, evaluate, _ in prepared:
            calls = [functools.partial(evaluate, x) for x in points]
            times = time_calls(calls, budget / passes, MOST_SAMPLES)
            best[method.name] = min(times, best.get(method.name, times), key=_median)
    for method, evaluate, first in prepared:
        yield {
            "function": example.name,
            "matrix": example.matrix,
            "n": size,
            "shape": shape,
            "method": method.name,
            "first": first,
            "evaluation": best[method.name],
            **_structure(evaluate),
        }


def _median(times: dict[str, float]) -> float:
    return times["median"]


def _first(method: Method, example: Example, x: Vector) -> tuple[Evaluate, float]:
    """Return what evaluates, and the seconds of set-up and one evaluation together."""
    with _no_cache():
        started = time.perf_counter()
        evaluate = method.prepare(example.function, x)
        evaluate(x)
        return evaluate, time.perf_counter() - started


@contextmanager
def _no_cache() -> Iterator[None]:
    before = os.environ.get("SPARSEOPT_CACHE")
    os.environ["SPARSEOPT_CACHE"] = ""
    try:
        yield
    finally:
        if before is None:
            del os.environ["SPARSEOPT_CACHE"]
        else:
            os.environ["SPARSEOPT_CACHE"] = before


def _check(
    example: Example, prepared: list[tuple[Method, Evaluate]], x: Vector
) -> tuple[int, int] | None:
    random = np.random.default_rng(0)
    expected: list[Any] = []
    shape = None
    for method, evaluate in prepared:
        matrix = getattr(evaluate, "matrix", evaluate)(x)
        if shape is None:
            shape = matrix.shape
            left, right = (random.standard_normal((k, 2)) for k in shape)
            expected = [matrix @ right, matrix.T @ left]
        for found, known in zip((matrix @ right, matrix.T @ left), expected, strict=True):
            error = np.abs(found - known).max() / max(1e-300, np.abs(known).max())
            if not error <= method.tolerance:
                raise DisagreementError(
                    f"{example.matrix} of {example.name}, n = {x.size}: {method.name} differs"
                    f" from {prepared[0][0].name} by {error:.1e}"
                )
    return shape


def _structure(evaluate: Any) -> dict[str, int]:
    """Return the entries of a compiled matrix, and its colors where the plan has any."""
    found = {}
    if hasattr(evaluate, "pattern"):
        found["nonzeros"] = evaluate.pattern.nnz
        if evaluate.coloring is not None:
            found["colors"] = evaluate.coloring.num_colors
    return found


def _load_everything(small: bool) -> None:
    """Load modules and compile the coloring's loops, which is done once on a machine."""
    for plan in ("direct", "forward", "reverse", "bidirectional"):
        so.jacobian(bidiagonal, np.zeros(3), plan=plan)(np.ones(3))
    if not small:
        band = np.eye(400) + np.eye(400, k=1) + np.eye(400, k=-1)
        band[:300] = 1.0
        band[:, :300] = 1.0
        for partition in ("column", "row", "symmetric", "bidirectional"):
            so.color(band, partition).recovery  # noqa: B018 - found on first use
        so.color(band, "symmetric", "substitution").recovery  # noqa: B018


def _table(results: list[Result]) -> Table:
    table = Table(title="milliseconds of one evaluation (of set-up and the first)")
    names = list(dict.fromkeys(result["method"] for result in results))
    for heading in ("function", "n", *names):
        table.add_column(heading)
    cells: dict[tuple[str, int], dict[str, str]] = {}
    for r in results:
        text = f"{r['evaluation']['median'] * 1e3:.3g} ({r['first'] * 1e3:.3g})"
        cells.setdefault((r["function"], r["n"]), {})[r["method"]] = text
    for (function, size), row in cells.items():
        table.add_row(function, f"{size:,}", *(row.get(name, "") for name in names))
    return table


if __name__ == "__main__":
    typer.run(main)
