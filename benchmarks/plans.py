"""Every plan of every matrix, measured: whether the one that ``auto`` takes is the fastest.

    python -m benchmarks.plans --small
    python -m benchmarks.plans --output docs/measurements/plans.json

Values of all plans are compared before any time counts.  A plan whose estimate is more than
``--skip`` times the chosen one's is not run; the table says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import scipy.sparse as sp
import typer
from rich.console import Console
from rich.table import Table

from benchmarks import machine
from benchmarks.measure import time_calls
from problems import registry
from sparseopt.codegen.native import NativeProgram
from sparseopt.derivatives.choice import Candidates
from sparseopt.derivatives.plans import MatrixPlan
from sparseopt.evaluation import Evaluator
from sparseopt.modeling.traced_function import TracedFunction

NUM_POINTS = 3
TOLERANCE = 1e-8

Matrix = Literal["jacobian", "hessian"]


@dataclass(frozen=True)
class Case:
    """An evaluator, and points to evaluate its matrices at."""

    name: str
    evaluator: Evaluator
    start: np.ndarray

    def points(self) -> list[np.ndarray]:
        """Return points near the start."""
        random = np.random.default_rng(0)
        noise = (random.uniform(-1e-3, 1e-3, self.start.size) for _ in range(NUM_POINTS))
        return [self.start + n for n in noise]


def problem_cases(sizes: tuple[str, ...], chosen: list[str] | None) -> Iterator[Case]:
    """Yield the problems of the collection."""
    for name in registry.names():
        if chosen and name not in chosen:
            continue
        record = registry.get(name)
        for size in {repr(record.sizes[s]): s for s in sizes if s in record.sizes}.values():
            problem = record.build(**record.sizes[size]).problem()
            yield Case(f"{name} {size}", problem.evaluator, problem.initial_point)


def function_cases(scale: int) -> Iterator[Case]:
    """Yield functions of several stages, each made for another plan to be the fastest."""
    random = np.random.default_rng(0)
    wide, narrow = 40 * scale, 5

    def network(inputs: int, outputs: int) -> Any:
        first = random.standard_normal((wide, inputs)) / np.sqrt(inputs)
        last = random.standard_normal((outputs, wide)) / np.sqrt(wide)
        return lambda x: np.tanh(last @ np.tanh(first @ x))

    def deep(inputs: int, outputs: int) -> Any:
        sizes = [inputs, wide, wide, wide, outputs]
        layers = [random.standard_normal((b, a)) / np.sqrt(a) for a, b in pairwise(sizes)]

        def apply(x: Any) -> Any:
            for layer in layers:
                x = np.tanh(layer @ x)
            return x

        return apply

    mix = sp.random_array((100 * scale, 100 * scale), density=0.05, rng=random, format="csr")
    functions = {
        "network, few outputs": (network(20 * scale, narrow), 20 * scale),
        "network, few inputs": (network(narrow, 20 * scale), narrow),
        "network, square": (network(20 * scale, 20 * scale), 20 * scale),
        "deep network, few outputs": (deep(20 * scale, narrow), 20 * scale),
        "deep network, few inputs": (deep(narrow, 20 * scale), narrow),
        "normalized vector": (lambda x: x / np.sqrt(np.sum(x**2)), 50 * scale),
        "sparse matrix twice": (lambda x: np.sin(mix @ np.sin(mix @ x)), 100 * scale),
        "arrow of sums": (_arrow_of_sums, 50 * scale),
    }
    for name, (function, size) in functions.items():
        x = np.linspace(0.1, 1.0, size)
        traced = TracedFunction(function, x, None, "auto", "constraints")
        yield Case(f"{name} {size}", traced.evaluator, x)


def _arrow_of_sums(x: Any) -> Any:
    total = np.sum(x**2)
    return np.concatenate([x[1:] * np.sin(x[:-1]), np.reshape(np.sin(total), (1,))])


def measure(case: Case, matrix: Matrix, budget: float, skip: float) -> dict[str, Any]:
    """Return what every plan of a matrix costs: estimated and measured."""
    evaluator = case.evaluator
    candidates: Candidates = getattr(evaluator, f"{matrix}_candidates")
    chosen = candidates.cheapest()
    reference = _values(evaluator, chosen, case.points()[0])
    estimates = {c.plan: c for c in candidates.candidates()}
    limit = skip * _estimate(estimates, chosen.name)
    plans: dict[str, Any] = {}
    for name, candidate in estimates.items():
        if candidate.cost is None or candidate.cost.seconds > limit + 1e-4:
            plans[name] = {"skipped": candidate.note or "estimated to be too slow"}
            continue
        plan = candidates.plan(name)
        disagreement = _disagreement(reference, _values(evaluator, plan, case.points()[0]))
        if disagreement > TOLERANCE:
            raise typer.BadParameter(f"{case.name} {matrix} {name}: off by {disagreement:.1e}")
        plans[name] = {
            "estimate": candidate.cost.seconds,
            "operations": candidate.cost.operations,
            "bytes": candidate.cost.bytes,
            "directions": candidate.directions,
            "seconds": _time(case, plan, budget),
        }
    return {"case": case.name, "matrix": matrix, "auto": chosen.name, "plans": plans}


def _estimate(estimates: dict[Any, Any], name: str) -> float:
    cost = estimates[name].cost
    return float("inf") if cost is None else float(cost.seconds)


def _multipliers(evaluator: Evaluator) -> np.ndarray:
    return np.random.default_rng(1).standard_normal(evaluator.num_constraints)


def _values(evaluator: Evaluator, plan: MatrixPlan, x: np.ndarray) -> sp.csr_array:
    out = np.empty(plan.pattern.nnz)
    NativeProgram(plan.schedule, evaluator.parameters).run(x, out, _multipliers(evaluator), 0.7)
    return plan.pattern.to_csr(out)


def _disagreement(one: sp.csr_array, other: sp.csr_array) -> float:
    if one.nnz == 0:
        return float(other.nnz > 0)
    scale = 1.0 + float(np.abs(one.data).max())
    return float(np.abs((one - other).data).max(initial=0.0)) / scale


def _time(case: Case, plan: MatrixPlan, budget: float) -> float:
    program = NativeProgram(plan.schedule, case.evaluator.parameters)
    out, multipliers = np.empty(plan.pattern.nnz), _multipliers(case.evaluator)
    calls = [lambda x=x: program.run(x, out, multipliers, 0.7) for x in case.points()]
    return time_calls(calls, budget)["median"]


def _ratio(result: dict[str, Any]) -> float:
    """Return the chosen plan's time over that of the fastest."""
    times = {name: p["seconds"] for name, p in result["plans"].items() if "seconds" in p}
    return float(times[result["auto"]] / min(times.values()))


def show(results: list[dict[str, Any]]) -> None:
    """Print a row for each matrix: microseconds, estimated and measured, of every plan."""
    names = ("direct", "forward", "reverse", "bidirectional", "star", "acyclic")
    table = Table(title="microseconds of one evaluation (estimate); * is what auto takes")
    for heading in ("case", "", *names, "auto/fastest"):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "case" else "right")
    for result in results:
        cells = [_cell(result, name) for name in names]
        table.add_row(result["case"], result["matrix"][0].upper(), *cells, f"{_ratio(result):.2f}")
    Console(width=200).print(table)


def _cell(result: dict[str, Any], name: str) -> str:
    plan = result["plans"].get(name)
    if plan is None:
        return ""
    mark = "*" if result["auto"] == name else ""
    if "skipped" in plan:
        return f"{mark}-"
    return f"{mark}{1e6 * plan['seconds']:.3g} ({1e6 * plan['estimate']:.3g})"


def main(
    small: Annotated[bool, typer.Option("--small", help="Small sizes, short timings.")] = False,
    size: Annotated[list[str] | None, typer.Option(help="small, medium, large.")] = None,
    problem: Annotated[list[str] | None, typer.Option(help="Only these problems.")] = None,
    budget: Annotated[float, typer.Option(help="Seconds for each plan.")] = 0.3,
    skip: Annotated[float, typer.Option(help="Estimated ratio beyond which none is run.")] = 20.0,
    output: Annotated[Path | None, typer.Option(help="Where the JSON goes.")] = None,
) -> None:
    """Measure every plan of every matrix."""
    sizes = tuple(size or (("small",) if small else ("small", "medium", "large")))
    cases = list(problem_cases(sizes, problem))
    if not problem:
        cases += [c for scale in ((1,) if small else (1, 4)) for c in function_cases(scale)]
    results = []
    for case in cases:
        for matrix in ("jacobian", "hessian"):
            if getattr(case.evaluator, f"{matrix}_pattern").nnz:
                seconds = 0.01 if small else budget
                results.append(measure(case, matrix, seconds, skip))
    show(results)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        report = {"machine": machine.description(), "results": results}
        output.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    typer.run(main)
