"""Numbers of colors beside published and proven ones: `python -m benchmarks.coloring_counts`.

Prints the tables of docs/coloring.md, from the matrices stored with the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sparseopt.coloring import color
from tests.coloring.grids import (
    box_stencil,
    brusselator,
    convolution,
    star_stencil,
    stencil_pattern,
)
from tests.coloring.published import PUBLISHED, RECOMPUTED, load

ORDERS = (
    "natural",
    "largest_first",
    "smallest_last",
    "incidence_degree",
    "dynamic_largest_first",
)
GRIDS = {
    "5-point, 100 x 100": (stencil_pattern((100, 100), star_stencil(2)), (100, 100)),
    "9-point, 100 x 100": (stencil_pattern((100, 100), box_stencil(2)), (100, 100)),
    "7-point, 20 x 20 x 20": (stencil_pattern((20, 20, 20), star_stencil(3)), (20, 20, 20)),
    "27-point, 20 x 20 x 20": (stencil_pattern((20, 20, 20), box_stencil(3)), (20, 20, 20)),
    "Brusselator, 2 x 24 x 24, periodic": (brusselator(24), (2, 24, 24)),
}
BIDIRECTIONAL = (
    "adder_dcop_05",
    "fs_183_1",
    "bp_1200",
    "lp_e226",
    "mbeacxc",
    "rajat19",
    "west0479",
    "reorientation_1",
    "colpack_mtx-spear-head",
)


def main() -> None:
    """Print the tables."""
    orders = [order.replace("_", " ") for order in ORDERS]
    print_table(["matrix, side", *orders, "best", "bound"], published_rows())
    kinds = ["columns", "star", "acyclic"]
    heads = [f"{kind}: {how}" for kind in kinds for how in ("grid", "natural")]
    print_table(["grid", *heads], grid_rows())
    heads = ["columns", "rows", "both", "by substitution", "bound"]
    print_table(["matrix", *heads], bidirectional_rows())


def published_rows() -> Iterable[list[object]]:
    """Yield our count and, in brackets, the published one for each order."""
    for name, entry in PUBLISHED.items():
        pattern, side, counts = load(entry["file"]), entry["partition"], entry["colors"]
        ours = [color(pattern, side, order=order).num_colors for order in ORDERS]
        cells = [f"{c} ({counts.get(o, '–')})" for o, c in zip(ORDERS, ours, strict=True)]
        best = color(pattern, side, order="best")
        yield [name.replace("-", ", "), *cells, best.num_colors, best.lower_bound]


def grid_rows() -> Iterable[list[object]]:
    """Yield the counts of a linear form and of greedy coloring in natural order."""
    cases = dict(GRIDS)
    cases["5 x 5 convolution, 28 x 28 to 24 x 24"] = (convolution(28, 5), (28, 28))
    for name, (matrix, grid) in cases.items():
        cells: list[object] = []
        for kind in ("column", "direct", "substitution"):
            if kind != "column" and matrix.shape[0] != matrix.shape[1]:
                cells += ["–", "–"]
                continue
            partition = ("column",) if kind == "column" else ("symmetric", kind)
            for options in ({"grid": grid}, {}):
                coloring = color(matrix, *partition, order="natural", **options)
                cells.append(coloring.num_colors)
        yield [name, *cells]


def bidirectional_rows() -> Iterable[list[object]]:
    """Yield the counts of one side and of both, in the best order."""
    for name in BIDIRECTIONAL:
        pattern = load(RECOMPUTED[name]["file"])
        sides = [color(pattern, side, order="best").num_colors for side in ("column", "row")]
        both = color(pattern, "bidirectional", order="best")
        acyclic = color(pattern, "bidirectional", "substitution", order="best")
        yield [name, *sides, both.num_colors, acyclic.num_colors, both.lower_bound]


def print_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table."""
    print("| " + " | ".join(heads) + " |")
    print("|---|" + "--:|" * (len(heads) - 1))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


if __name__ == "__main__":
    main()
