"""Index sets flowing through a small Program, step by step, as a film.

`flow` finds what is shown, one step for each node; `animate_index_sets` draws it.
"""

from __future__ import annotations

import importlib
import linecache
import os
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import PatternError
from sparseopt.graph.nodes import Call, Constant, Elementwise, Input, Linear, Node, RowSum
from sparseopt.graph.program import Program
from sparseopt.patterns.index_sets import jacobian_pattern_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Step", "animate_index_sets", "flow"]

MOST_ROWS, MOST_VARIABLES = 400, 60
"""Elements of all nodes together, and variables, up to which a picture can be read."""
MOST_FRAMES = 90
MOST_LINES, LINE_PITCH = 26, 0.24  # of source shown at once; inches
WIDTH, SOURCE_WIDTH, LABEL_WIDTH, CLOSEST_LABELS = 10.6, 3.8, 2.0, 0.11  # inches
WIDEST_LINE = 40  # characters
LAST_SECONDS = 2
PAPER, MARKER, DONE, NOW, INK = "#ffffff", "#fde6b8", "#0072B2", "#E69F00", "#222222"
MOST_NAMED = 6  # variables written out in the caption


@dataclass(frozen=True, eq=False)
class Step:
    """A node of a Program and its index sets.

    Parameters
    ----------
    label : str
        Such as ``%4 = multiply %3 %2``.
    where : (str, int) or None
        File and line of the code that made it.
    depends : bool array, shape (size, num_variables)
        Whether an element depends on a variable: its row is its index set.
    """

    label: str
    where: tuple[str, int] | None
    depends: NDArray[np.bool_]


def flow(program: Program) -> list[Step]:
    """Return the nodes that depend on variables, each after its arguments, with their index sets.

    Raises
    ------
    PatternError
        If there is too much to be seen: more than 60 variables or 400 elements of all nodes.

    Examples
    --------
    >>> from sparseopt.graph.functions import FUNCTIONS
    >>> x = Input("x", 3)
    >>> square = Elementwise(FUNCTIONS["square"], (x,), 3)
    >>> for step in flow(Program((x,), (), (square,))):
    ...     print(step.label, step.depends.sum(axis=1))
    %0 = x [1 1 1]
    %1 = square %0 [1 1 1]
    """
    nodes = program.nodes()
    moving = [node for node in nodes if node.size and _is_shown(node)]
    rows = sum(node.size for node in moving)
    if rows > MOST_ROWS or program.num_variables > MOST_VARIABLES:
        raise PatternError(
            f"{rows} elements of {program.num_variables} variables are too many for a film",
            why=f"more than {MOST_ROWS} rows or {MOST_VARIABLES} columns cannot be read",
            instead="a smaller size of the same function, such as --set size=5",
        )
    number = {node: k for k, node in enumerate(moving)}
    steps = [_step(program, node, number) for node in moving]
    return [step for step in steps if step.depends.any()]


def _is_shown(node: Node) -> bool:
    return not isinstance(node, Constant) and not (
        isinstance(node, Input) and node.role == "parameter"
    )


def _step(program: Program, node: Node, number: dict[Node, int]) -> Step:
    pattern = jacobian_pattern_of(program, node)
    args = " ".join(_argument(arg, number) for arg in node.args)
    label = f"%{number[node]} = {_name(node)} {args}".rstrip()
    return Step(label, node.where, pattern.to_scipy().toarray())


def _argument(node: Node, number: dict[Node, int]) -> str:
    if isinstance(node, Constant):
        return f"{node.values[0]:g}" if node.size == 1 else "constants"
    return f"%{number[node]}" if node in number else _name(node)


def _name(node: Node) -> str:
    if isinstance(node, Input):
        return node.name
    if isinstance(node, (Elementwise, Call)):
        return node.function.name
    if isinstance(node, Linear):
        return "sum of" if isinstance(node.matrix, RowSum) else "matrix times"
    return type(node).__name__.lower()


def animate_index_sets(program: Program, path: str | Path, seconds: float = 0.35) -> Path:
    """Write a film of index sets flowing through a Program: GIF, or HTML with buttons.

    The nodes appear in order with their index sets, an element a row, beside the line of code that
    made them.

    Parameters
    ----------
    program : Program
    path : str or Path
        Ends with ``.gif`` or ``.html``.
    seconds : float
        How long a frame stays.

    Returns
    -------
    Path

    Raises
    ------
    PatternError
        For another ending, a Program too large to be seen, or without Matplotlib (and, for GIF,
        Pillow, which Matplotlib brings along).
    """
    path = Path(path)
    if path.suffix not in (".gif", ".html"):
        raise PatternError(
            f"a film cannot be written as {path.name!r}", instead="a name that ends .gif or .html"
        )
    steps = flow(program)
    if not steps:
        raise PatternError("nothing depends on the variables", instead="a function that reads x")
    animation: Any = _matplotlib("matplotlib.animation")
    film = _Film(steps)
    frames = list(film.frames())
    # FuncAnimation draws one frame more at first; the last one stays for a while.
    frames += [frames[-1]] * round(LAST_SECONDS / seconds)
    made = animation.FuncAnimation(film.figure, film.draw, frames, init_func=list)
    is_gif = path.suffix == ".gif"
    writer = animation.PillowWriter if is_gif else animation.HTMLWriter
    options = {} if is_gif else {"embed_frames": True}
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path, writer=writer(fps=1.0 / seconds, **options), dpi=80)
    return path


class _Film:
    """The figure, and how a frame changes it: source on the left, index sets on the right."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self.starts = np.cumsum([0] + [len(step.depends) for step in steps])
        self.depends = np.concatenate([step.depends for step in steps])
        rows, columns = self.depends.shape
        height = float(np.clip(1.6 + 0.17 * rows, 4.0, 9.0))
        self.figure = _figure((WIDTH, height))
        bottom, high = 0.55 / height, 1.0 - 1.3 / height
        left = SOURCE_WIDTH + LABEL_WIDTH
        self.source = self.figure.add_axes((0.1 / WIDTH, bottom, SOURCE_WIDTH / WIDTH, high))
        self.sets = self.figure.add_axes((left / WIDTH, bottom, 1.0 - (left + 0.2) / WIDTH, high))
        closest = float(np.diff(self._middles()).min(initial=np.inf))
        self.labels_fit = closest * high * height / rows >= CLOSEST_LABELS
        self.image = self._draw_grid(self.sets, rows, columns)
        self.lines = self._draw_source(self.source)
        self.caption = self.figure.suptitle(
            "", fontfamily="monospace", fontsize=12, color=INK, x=0.02, ha="left"
        )

    def _middles(self) -> NDArray[np.float64]:
        """Return the row at which each step's label stands."""
        middles: NDArray[np.float64] = (self.starts[:-1] + self.starts[1:] - 1) / 2
        return middles

    def frames(self) -> Iterator[tuple[int, int]]:
        """Yield (step, number of its elements that are shown)."""
        rows = int(self.starts[-1])
        stride = -(-rows // MOST_FRAMES)
        for number, step in enumerate(self.steps):
            size = len(step.depends)
            yield from ((number, min(k, size)) for k in range(stride, size + stride, stride))

    def draw(self, frame: tuple[int, int]) -> list[Any]:
        """Show everything up to a frame."""
        number, shown = frame
        end = self.starts[number] + shown
        step = self.steps[number]
        colors = np.ones((*self.depends.shape, 3))
        colors[:end][self.depends[:end]] = _rgb(DONE)
        now = slice(int(self.starts[number]), int(end))
        colors[now][self.depends[now]] = _rgb(NOW)
        self.image.set_data(colors)
        for k, label in enumerate(self.labels):
            label.set_color(NOW if k == number else INK)
            label.set_visible(k <= number if self.labels_fit else k == number)
        for key, line in self.lines.items():
            color = MARKER if key == step.where else PAPER
            line.set_bbox({"facecolor": color, "edgecolor": "none", "pad": 2.5})
        columns = np.flatnonzero(step.depends[shown - 1])
        self.caption.set_text(f"{step.label}   element {shown - 1}: {_set_text(columns)}")
        return []

    def _draw_grid(self, axes: Axes, rows: int, columns: int) -> Any:
        image = axes.imshow(
            np.ones((rows, columns, 3)),
            aspect="auto",
            extent=(-0.5, columns - 0.5, rows - 0.5, -0.5),
        )
        axes.set(xlabel="variable", title="index sets, an element a row")
        axes.locator_params(axis="x", integer=True)
        axes.set_yticks([])
        axes.set_xticks(np.arange(columns) + 0.5, minor=True)
        axes.grid(which="minor", axis="x", color="0.9", linewidth=0.5)
        axes.tick_params(which="minor", length=0)
        for start in self.starts[1:-1]:
            axes.axhline(start - 0.5, color="0.6", linewidth=0.8)
        self.labels = [
            axes.text(-0.8, middle, step.label, ha="right", va="center", fontsize=8,
                      fontfamily="monospace", visible=False)
            for middle, step in zip(self._middles(), self.steps, strict=True)
        ]  # fmt: skip
        return image

    def _draw_source(self, axes: Axes) -> dict[tuple[str, int], Any]:
        axes.set_axis_off()
        places = _source_lines([step.where for step in self.steps if step.where])
        pitch = LINE_PITCH / (self.figure.get_figheight() * axes.get_position().height)
        texts = {}
        for k, (place, text) in enumerate(places):
            line = axes.text(0.0, 1.0 - k * pitch, text, fontsize=9.5, fontfamily="monospace",
                             va="top", transform=axes.transAxes)  # fmt: skip
            if place is not None:
                texts[place] = line
        return texts


def _source_lines(
    wheres: list[tuple[str, int]],
) -> list[tuple[tuple[str, int] | None, str]]:
    """Return the lines from the first to the last one named, file by file; headings for files."""
    shown: list[tuple[tuple[str, int] | None, str]] = []
    for file in dict.fromkeys(file for file, _ in wheres):
        numbers = sorted({line for name, line in wheres if name == file})
        if numbers[-1] - numbers[0] < MOST_LINES:
            numbers = list(range(numbers[0], numbers[-1] + 1))
        texts = [linecache.getline(file, line).rstrip() for line in numbers[:MOST_LINES]]
        short = textwrap.dedent("\n".join(texts)).split("\n")
        shown.append((None, os.path.basename(file)))
        for line, text in zip(numbers, short, strict=False):
            shown.append(((file, line), f"{line:4d}  {text[:WIDEST_LINE]}"))
    return shown


def _set_text(columns: NDArray[np.intp]) -> str:
    named = ", ".join(map(str, columns[:MOST_NAMED].tolist()))
    more = ", …" if columns.size > MOST_NAMED else ""
    return "{" + named + more + "}"


def _rgb(code: str) -> tuple[float, ...]:
    return tuple(int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))


def _figure(size: tuple[float, float]) -> Figure:
    made: Figure = _matplotlib("matplotlib.figure").Figure(figsize=size)
    return made


def _matplotlib(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise PatternError(
            "a film cannot be made without Matplotlib",
            why=str(error),
            instead="pip install 'sparseopt[plots]'",
        ) from error
