"""Makes every figure and every number of docs/sparse-differentiation.md.

    python -m benchmarks.differentiation_methods  # measures, some minutes
    python -m docs.figures.make_figures           # draws, and puts the numbers into the text

Colors and nonzeros are computed here, times are read from the measurements.  In the text, a number
stands between ``<!-- name -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

import sparseopt as so
from benchmarks.methods.evaluators import HESSIAN_METHODS, JACOBIAN_METHODS
from benchmarks.methods.functions import EXAMPLES
from docs.figures import guide_functions
from sparseopt.patterns.animation import animate_index_sets
from sparseopt.tracing.trace import trace

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GUIDE = ROOT / "docs" / "sparse-differentiation.md"
MEASUREMENTS = ROOT / "docs" / "measurements" / "differentiation-methods.json"
NUMBER = re.compile(r"(<!-- (?P<name>[a-z_0-9]+) -->)(?P<text>.*?)(<!-- end -->)", re.DOTALL)
DPI = 90

STYLES = {
    "direct": ("#0072B2", "o-"),
    "direct_values": ("#56B4E9", ".-"),
    "forward": ("#E69F00", "s-"),
    "reverse": ("#009E73", "^-"),
    "bidirectional": ("#CC79A7", "D-"),
    "star": ("#E69F00", "s-"),
    "acyclic": ("#009E73", "^-"),
    "propagation": ("#D55E00", "v--"),
    "dense_forward": ("#a8a8a8", "+:"),
    "dense_reverse": ("#6a6a6a", "x:"),
    "dense_products": ("#777777", "+:"),
    "differences": ("#000000", "1:"),
}
TITLES = {method.name: method.title for method in (*HESSIAN_METHODS, *JACOBIAN_METHODS)}
TITLES["differences"] = "finite differences"
REGIME_SIZES, REGIME_METHODS = (
    (16, 1024, 65_536),
    ("direct", "forward", "propagation", "differences"),
)
COUNTS = np.unique(np.geomspace(1, 10**6, 200).round())

Results = list[dict[str, Any]]


def main() -> None:
    """Write the figures, and put the numbers into the text."""
    for name, make in figures().items():
        make(HERE / name)
        sys.stdout.write(f"{name}  {(HERE / name).stat().st_size / 1000:.0f} kB\n")
    GUIDE.write_text(with_numbers(GUIDE.read_text(), numbers()))


def results() -> Results:
    """Return the measured times."""
    found: Results = json.loads(MEASUREMENTS.read_text())["results"]
    return found


# ---- figures
def figures() -> dict[str, Callable[[Path], object]]:
    """Return what writes each figure, by name."""
    return {
        "chain.png": lambda path: _save(chain_figure(), path),
        "index-sets.gif": index_set_film,
        "column-coloring.png": lambda path: _save(so.plot_coloring(column_coloring()), path),
        "star-coloring.png": lambda path: _save(so.plot_coloring(star_coloring()), path),
        "bidirectional-coloring.png": lambda path: _save(so.plot_coloring(two_sided()), path, 70),
        "methods.png": lambda path: _save(methods_figure(results(), _evaluation), path, 80),
        "first.png": lambda path: _save(methods_figure(results(), _first), path, 80),
        "regimes.png": lambda path: _save(regimes_figure(results()), path),
    }


def column_coloring() -> so.Coloring:
    """Return the colors of the running example's columns."""
    return so.color(so.jacobian_pattern(guide_functions.flow, np.ones(8)))


def star_coloring() -> so.Coloring:
    """Return the colors of the energy's Hessian."""
    return so.color(so.hessian_pattern(guide_functions.energy, np.ones(8)), "symmetric")


def two_sided() -> so.Coloring:
    """Return the colors of the hub's columns and rows."""
    return so.color(so.jacobian_pattern(guide_functions.hub, np.ones(8)), "bidirectional")


def index_set_film(path: Path) -> None:
    """Write the film of the running example's index sets."""
    program, _ = trace(guide_functions.flow, (6,))
    animate_index_sets(program, path)


def chain_figure() -> Figure:
    """Draw the local Jacobians of a chain of three steps, and their product."""
    steps = [
        ("differences", np.diff, 7),
        ("x[1:] sin x[:-1]", lambda x: x[1:] * np.sin(x[:-1]), 8),
        ("running means", lambda x: (x[1:] + x[:-1]) / 2, 9),
    ]
    patterns = [(name, so.jacobian_pattern(f, np.ones(n))) for name, f, n in steps]
    last, middle, first = (f for _, f, _ in steps)
    whole = so.jacobian_pattern(lambda x: last(middle(first(x))), np.ones(9))
    shown = [("the whole: J", whole), *patterns]
    figure = Figure(figsize=(9.0, 2.4), layout=ConstrainedLayoutEngine(wspace=0.12))
    for axes, (name, pattern) in zip(figure.subplots(1, 4), shown, strict=True):
        axes.imshow(pattern.to_scipy().toarray(), cmap=ListedColormap(["white", "#0072B2"]))
        axes.set(xticks=[], yticks=[])
        axes.set_title(f"{name}\n{pattern.shape[0]} × {pattern.shape[1]}", fontsize="medium")
    for axes, sign in zip(figure.axes, "=··", strict=False):
        axes.text(1.13, 0.5, sign, fontsize=20, ha="center", va="center", transform=axes.transAxes)
    return figure


def _evaluation(result: dict[str, Any]) -> float:
    return float(result["evaluation"]["median"])


def _first(result: dict[str, Any]) -> float:
    return float(result["first"])


def methods_figure(measured: Results, value: Callable[[dict[str, Any]], float]) -> Figure:
    """Draw seconds over n, a panel for each function."""
    figure = Figure(figsize=(11.0, 6.0), layout="constrained")
    for axes, example in zip(figure.subplots(2, 4, sharey=True).ravel(), EXAMPLES, strict=True):
        axes.set_title(f"{_matrix(example.matrix)}: {example.title}", fontsize="small")
        of_function = [r for r in measured if r["function"] == example.name]
        lines = {m: [r for r in of_function if r["method"] == m] for m in STYLES}
        if len(example.sizes) == 1:
            _bars(axes, {m: value(line[0]) for m, line in lines.items() if line}, example.sizes[0])
        else:
            _curves(axes, {m: line for m, line in lines.items() if line}, value)
        axes.grid(color="0.92")
        axes.tick_params(labelsize="small")
    for axes in figure.axes[::4]:
        axes.set_ylabel("seconds", fontsize="small")
    for axes in figure.axes[4:]:
        axes.set_xlabel(axes.get_xlabel() or "variables n", fontsize="small")
    labels = {
        text: line
        for axes in figure.axes
        for line, text in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        labels.values(), labels.keys(), loc="outside lower center", ncols=6, fontsize="small"
    )
    return figure


def _curves(axes: Any, lines: dict[str, Results], value: Callable[..., float]) -> None:
    for method, line in lines.items():
        color, style = STYLES[method]
        axes.loglog(
            [r["n"] for r in line], [value(r) for r in line], style, color=color,
            markersize=4, linewidth=1, label=TITLES[method],
        )  # fmt: skip


def _bars(axes: Any, heights: dict[str, float], size: int) -> None:
    colors = [STYLES[method][0] for method in heights]
    axes.bar(range(len(heights)), list(heights.values()), color=colors)
    axes.set(xticks=[], xlabel=f"n = {size:,}")


def _matrix(name: str) -> str:
    return "J" if name == "jacobian" else "H"


def regimes_figure(measured: Results) -> Figure:
    """Draw the total time over the number of Jacobians that are asked for, at three sizes."""
    figure = Figure(figsize=(10.0, 3.4), layout="constrained")
    for axes, size in zip(figure.subplots(1, 3), REGIME_SIZES, strict=True):
        for method in REGIME_METHODS:
            found = _find(measured, "stencil", size, method)
            if found:
                total = found["first"] + (COUNTS - 1) * _evaluation(found)
                color, style = STYLES[method]
                line = style.lstrip("osv^+x1D") or "-"
                axes.loglog(COUNTS, total, line, color=color, label=TITLES[method])
        axes.set_title(f"five-point stencil, n = {size:,}", fontsize="medium")
        axes.set(xlabel="number of Jacobians", ylabel="seconds in all")
        axes.grid(color="0.92")
    figure.axes[0].legend(fontsize="small")
    return figure


def _save(figure: Figure, path: Path, dpi: int = DPI) -> None:
    figure.savefig(path, dpi=dpi)


# ---- numbers
def numbers() -> dict[str, str]:
    """Return every number of the text, by name."""
    return {**counted(), **timed(results())}


def counted() -> dict[str, str]:
    """Return what does not depend on the machine."""
    columns, star, both = column_coloring(), star_coloring(), two_sided()
    substitution = so.color(star.pattern, "symmetric", "substitution")
    grid = so.jacobian_pattern(_example("stencil").function, np.ones(10_000))
    return {
        "flow_nonzeros": str(columns.pattern.nnz),
        "flow_colors": str(columns.num_colors),
        "energy_columns": str(so.color(star.pattern.full()).num_colors),
        "energy_star": str(star.num_colors),
        "energy_acyclic": str(substitution.num_colors),
        "hub_columns": str(so.color(both.pattern).num_colors),
        "hub_both": str(both.num_colors),
        "grid_nonzeros": f"{grid.nnz:,}",
        "grid_density": f"{100 * grid.density:.2g} %",
        "layers_auto": _plan_of(so.jacobian(_example("network").function, np.ones(128)).coloring),
        "grid_colors": str(so.color(grid, order="best").num_colors),
    }


def _plan_of(coloring: so.Coloring | None) -> str:
    modes = {"column": "forward mode", "row": "reverse mode", "bidirectional": "both modes"}
    return modes[coloring.partition] if coloring else "direct accumulation"


def timed(measured: Results) -> dict[str, str]:
    """Return what was measured."""
    machine = json.loads(MEASUREMENTS.read_text())["machine"]
    return {
        "machine": f"{machine['processor']}, Python {machine['python']}, "
        f"NumPy {machine['packages']['numpy']}, SciPy {machine['packages']['scipy']}",
        "evaluation_table": evaluation_table(measured),
        "break_even_table": break_even_table(measured),
        "tiny_pays": _stencil_pays(measured, REGIME_SIZES[0], "differences"),
        "once_pays": _stencil_pays(measured, REGIME_SIZES[1], "propagation"),
        "many_ratio": f"{_ratio(measured, REGIME_SIZES[-1]):.2g}",
        "layers_direct": _layers(measured, "direct"),
        "layers_reverse": _layers(measured, "reverse"),
    }


TABLE = {
    "bidiagonal": 1024, "stencil": 1024, "brusselator": 2048, "arrowhead": 1024,
    "convolution": 784, "network": 128,
}  # fmt: skip
TABLE_METHODS = (
    "direct_values", "direct", "forward", "reverse", "bidirectional", "propagation",
    "dense_forward", "dense_reverse", "differences",
)  # fmt: skip


def evaluation_table(measured: Results) -> str:
    """Return a table of one evaluation of the Jacobian in microseconds."""
    headings = ["function", "n", "nonzeros", *(TITLES[m] for m in TABLE_METHODS)]
    lines = [_row(headings), _row(["---", *["--:"] * (len(headings) - 1)])]
    for name, size in TABLE.items():
        found = {m: _find(measured, name, size, m) for m in TABLE_METHODS}
        direct = found["direct"]
        assert direct is not None
        times = {m: _evaluation(r) for m, r in found.items() if r}
        least = min(time for m, time in times.items() if m != "direct_values")
        cells = [
            _microseconds(times.get(m), 0.0 if m == "direct_values" else least)
            for m in TABLE_METHODS
        ]
        lines.append(_row([_example(name).title, f"{size:,}", f"{direct['nonzeros']:,}", *cells]))
    return "\n\n" + "\n".join(lines) + "\n\n"


def break_even_table(measured: Results) -> str:
    """Return, for the stencil, set-up and from how many Jacobians on the direct plan pays."""
    headings = ["n", "set-up and first", "one more", *(f"pays against {TITLES[m]}" for m in
                ("propagation", "differences"))]  # fmt: skip
    lines = [_row(headings), _row(["--:"] * len(headings))]
    sizes = sorted({r["n"] for r in measured if r["function"] == "stencil"})
    for size in sizes:
        direct = _find(measured, "stencil", size, "direct")
        if direct is None:
            continue
        others = [_find(measured, "stencil", size, m) for m in ("propagation", "differences")]
        cells = [_pays(direct, other) if other else "not run" for other in others]
        first, more = f"{1e3 * direct['first']:,.0f} ms", f"{1e6 * _evaluation(direct):,.0f} µs"
        lines.append(_row([f"{size:,}", first, more, *cells]))
    return "\n\n" + "\n".join(lines) + "\n\n"


def break_even(one: dict[str, Any], other: dict[str, Any]) -> int | None:
    """Return from how many evaluations on the first method takes less time in all."""
    gain = _evaluation(other) - _evaluation(one)
    behind = one["first"] - other["first"]
    if behind <= 0:
        return 1
    return int(np.ceil(behind / gain)) + 1 if gain > 0 else None


def _pays(one: dict[str, Any], other: dict[str, Any]) -> str:
    count = break_even(one, other)
    return "never" if count is None else "from the first" if count == 1 else f"from {count:,}"


def _stencil_pays(measured: Results, size: int, other: str) -> str:
    one, two = (_find(measured, "stencil", size, m) for m in ("direct", other))
    assert one is not None
    assert two is not None
    return f"{break_even(one, two):,}"


def _ratio(measured: Results, size: int) -> float:
    """Return how many times longer an evaluation by sparse propagation takes than a direct one."""
    one, two = (_find(measured, "stencil", size, m) for m in ("direct", "propagation"))
    assert one is not None
    assert two is not None
    return _evaluation(two) / _evaluation(one)


def _layers(measured: Results, method: str) -> str:
    found = _find(measured, "network", TABLE["network"], method)
    assert found is not None
    return f"{1e6 * _evaluation(found):,.0f}"


def _find(measured: Results, function: str, size: int, method: str) -> dict[str, Any] | None:
    key = (function, size, method)
    return next((r for r in measured if (r["function"], r["n"], r["method"]) == key), None)


def _example(name: str) -> Any:
    return next(example for example in EXAMPLES if example.name == name)


def _microseconds(seconds: float | None, least: float) -> str:
    if seconds is None:
        return "–"
    text = f"{1e6 * seconds:,.0f}"
    return f"**{text}**" if seconds <= 1.1 * least else text


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def with_numbers(text: str, found: dict[str, str]) -> str:
    """Return a text with the numbers between its markers replaced."""
    return NUMBER.sub(lambda match: f"{match[1]}{found[match['name']]}{match[4]}", text)


if __name__ == "__main__":
    main()
