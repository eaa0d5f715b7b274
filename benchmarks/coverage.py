"""Which functions of NumPy and SciPy work on traced arrays: `python -m benchmarks.coverage`.

Writes docs/coverage.md.  What is recorded and what is refused is read from the registry of NumPy
functions and the table of scalar functions; names that no rule could be written for are listed by
reason in `sparseopt.tracing.name_classes`.  A public name in none of the three fails a test.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import scipy.special as special

from benchmarks.coverage_trials import returns_traced
from benchmarks.formula_text import partials_text
from sparseopt.graph.functions import ScalarFunction, function_of_ufunc
from sparseopt.tracing import trace
from sparseopt.tracing.array_methods import REFUSED_ATTRIBUTES
from sparseopt.tracing.dispatch import IMPLEMENTATIONS, REFUSED
from sparseopt.tracing.elementwise import LOWERED_UFUNCS
from sparseopt.tracing.name_classes import DIFFERENTIABLE, NOT_APPLICABLE, class_of
from sparseopt.tracing.traced_array import TracedArray

__all__ = [
    "Entry",
    "differentiable_share",
    "entries",
    "installed_versions",
    "page",
    "statuses",
    "written_with",
]

assert trace, "importing it registers NumPy's functions"

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "coverage.md"
NAMESPACES: dict[str, Any] = {
    "np": np,
    "np.linalg": np.linalg,
    "np.fft": np.fft,
    "special": special,
    "ndarray": np.ndarray,
}
TABLE_TEST = "graph/test_functions.py"

RULES = {
    "accumulation": "linear: sums of elements at constant places",
    "calculus": "linear in sampled values; products where they meet",
    "convolution": "linear in each argument",
    "creation": "copies of elements; linear between ends",
    "fourier": "linear: a constant matrix, or one operation for many points",
    "einstein": "linear in each argument",
    "indexing": "copies of elements (linear)",
    "joining": "copies of elements (linear)",
    "linear_algebra": "linear in each argument",
    "mapping": "the rules of the function it is given",
    "norms": "sums and extremes of elementwise functions",
    "piecewise": "search in a constant table, then the formula of the piece",
    "polynomials": "products and sums of coefficients and arguments",
    "queries": "answered from shape and type",
    "reductions": "sums are linear; products and extremes are trees of elementwise functions",
    "selection": "elementwise choice: the derivative of what is chosen",
    "shaping": "view of the same elements (linear)",
    "statistics": "sums and products",
    "systems": "one operation of LAPACK; formulas up to 3 rows",
}
"""Derivative rules of the modules of `sparseopt.tracing.array_functions`."""

STEPS = {"all", "any", "around", "count_nonzero", "fix", "isclose", "isneginf", "isposinf", "round"}
"""Functions of those modules whose values are steps."""

NUMBERS_OF_ARRAYS = {
    "item": ("its value is not known while the code is recorded", "the traced scalar, x[i]"),
    "tolist": ("its values are not known while the code is recorded", "list(x)"),
}


@dataclass
class Entry:
    """One public function: its names, what becomes of it, by which rule, and where it is tested."""

    name: str
    status: str  # "supported", "refused", "not applicable"; empty if nobody knows
    detail: str = ""
    instead: str = ""
    aliases: list[str] = field(default_factory=list)
    test: str = ""

    @property
    def names(self) -> str:
        """The name and its aliases, as code."""
        return ", ".join(f"`{name}`" for name in (self.name, *self.aliases))


def _public(prefix: str, module: Any) -> Iterator[tuple[str, Any]]:
    listed = dir(module) if prefix in ("special", "ndarray") else module.__all__
    for name in sorted(listed):
        value = (
            inspect.getattr_static(module, name) if prefix == "ndarray" else getattr(module, name)
        )
        is_part = callable(value) and not inspect.ismodule(value)
        if not name.startswith("_") and (is_part or prefix == "ndarray"):
            yield name, value


def _is_scalar_type(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, np.generic)


def entries() -> list[Entry]:
    """Return all public functions, aliases together, in the order of the page."""
    found: list[Entry] = []
    for prefix, module in NAMESPACES.items():
        known: dict[int, Entry] = {}
        members = [(name, value) for name, value in _public(prefix, module)]
        own = [m for m in members if getattr(m[1], "__name__", m[0]) == m[0]]
        for name, value in [*own, *(m for m in members if m not in own)]:
            shown = f"{prefix}.{name}"
            if id(value) in known:
                known[id(value)].aliases.append(shown)
            elif not _is_scalar_type(value):
                known[id(value)] = _classified(shown, name, value)
        found += sorted(known.values(), key=lambda entry: entry.name)
    return found


def _classified(shown: str, name: str, value: Any) -> Entry:
    if shown.startswith("ndarray."):
        return _method(shown, name)
    row = function_of_ufunc(value) if isinstance(value, np.ufunc) else None
    if row is not None:
        return Entry(shown, "supported", _row_rule(row), test=TABLE_TEST)
    if isinstance(value, np.ufunc) and value in LOWERED_UFUNCS:
        rule = "written in functions of the table"
        return Entry(shown, "supported", rule, test=_test(name))
    if not isinstance(value, type) and value in IMPLEMENTATIONS:
        module = IMPLEMENTATIONS[value].__module__.rpartition(".")[2]
        rule = RULES.get(module, "written in functions that are recorded")
        rule = "step: derivative 0" if name in STEPS else rule
        return Entry(shown, "supported", rule, test=_test(name))
    return _without_rule(shown, value)


def _without_rule(shown: str, value: Any) -> Entry:
    if not isinstance(value, type) and value in REFUSED:
        return Entry(shown, "refused", *REFUSED[value])
    group = class_of(shown.removeprefix("np."))
    if group is not None:
        return Entry(shown, "not applicable", group.title)
    if not shown.startswith("special."):
        return Entry(shown, "")
    if returns_traced(value):
        return Entry(shown, "supported", "SciPy's own code, of functions that are recorded")
    if isinstance(value, np.ufunc):
        why = "it has no row in the table of scalar functions"
    else:
        why = "it hands its arguments to compiled code or branches on them"
    return Entry(shown, "refused", why, "so.external(function, shape)")


def _method(shown: str, name: str) -> Entry:
    if name in REFUSED_ATTRIBUTES:
        return Entry(shown, "refused", *REFUSED_ATTRIBUTES[name])
    if name in NUMBERS_OF_ARRAYS:
        return Entry(shown, "refused", *NUMBERS_OF_ARRAYS[name])
    function = getattr(np, name, None)
    if callable(function) and not isinstance(function, type) and function in REFUSED:
        return Entry(shown, "refused", *REFUSED[function])
    if not hasattr(TracedArray, name):
        return Entry(shown, "")
    same = callable(function) and function in IMPLEMENTATIONS
    rule = f"as `np.{name}`" if same else "known of every array, or a view"
    return Entry(shown, "supported", rule, test=_test(name, r"\."))


def _row_rule(row: ScalarFunction) -> str:
    if row.select is not None:
        return "elementwise choice: the derivative of what is chosen"
    if row.partials is None:
        return "step: derivative 0"
    return f"elementwise: {partials_text(row)}"


@cache
def _test_texts() -> dict[str, str]:
    files = sorted((ROOT / "tests").glob("tracing/test_*.py"))
    return {file.relative_to(ROOT / "tests").as_posix(): file.read_text() for file in files}


def _test(name: str, before: str = r"\b") -> str:
    """Return the first file of tests that names a function."""
    pattern = re.compile(rf"{before}{name}\b")
    return next((file for file, text in _test_texts().items() if pattern.search(text)), "")


def differentiable_share(found: list[Entry]) -> tuple[int, int]:
    """Return how many of the differentiable functions of NumPy are supported, and of how many."""
    status = {name.strip("`"): e.status for e in found for name in e.names.split(", ")}
    names = [name for name in DIFFERENTIABLE if f"np.{name}" in status]
    return sum(status[f"np.{name}"] == "supported" for name in names), len(names)


# ---- the page
def page() -> str:
    """Return the text of docs/coverage.md."""
    found = entries()
    return "\n".join([*_head(found), *_supported(found), *_refused(found), *_others(found)])


def _version(module: Any) -> str:
    return ".".join(module.__version__.split(".")[:2])


def _head(found: list[Entry]) -> list[str]:
    good, count = differentiable_share(found)
    statuses = ("supported", "refused", "not applicable")
    lines = [
        "# Coverage: functions of NumPy and SciPy in traced code",
        "",
        f"Written by `python -m benchmarks.coverage` with {installed_versions()}; the package "
        "takes NumPy 2.1 and later.",
        "A test fails when this page is not what the command writes, or when NumPy has a public "
        "name that is in no list.",
        "",
        f"**{good} of {count}** functions of NumPy's main namespace that are real-valued and "
        f"differentiable ({good / count:.0%}) are supported;",
        "they are listed by name in `sparseopt/tracing/name_classes.py` (`DIFFERENTIABLE`).",
        "",
        "| | supported | refused | not applicable |",
        "|---|---|---|---|",
    ]
    for prefix in NAMESPACES:
        own = [e for e in found if e.name.rpartition(".")[0] == prefix]
        counts = (str(sum(e.status == status for e in own)) for status in statuses)
        lines.append(f"| {_TITLES[prefix]} | {' | '.join(counts)} |")
    return [*lines, "", *_NOTES, ""]


_TITLES = {
    "np": "`numpy`",
    "np.linalg": "`numpy.linalg`",
    "np.fft": "`numpy.fft`",
    "special": "`scipy.special`",
    "ndarray": "methods and attributes of `numpy.ndarray`",
}
_NOTES = [
    "Aliases (`np.concat`, `np.acos`, `np.pow`, `np.permute_dims`, ...) are counted once, with the "
    "function they stand for.",
    "`x.__array_namespace__()` is `numpy`.  A refused function raises `UnsupportedFunctionError` "
    "with the reason and what to write instead;",
    "for anything else there is [`so.external`](external.md).  Values at the edges of domains and "
    "at kinks: [domains.md](domains.md).",
]


def _supported(found: list[Entry]) -> list[str]:
    lines = ["## Supported", "", "Partial derivatives are by each argument; *v* is the value.", ""]
    for prefix in NAMESPACES:
        lines += [
            f"### {_TITLES[prefix]}",
            "",
            "| function | rule | tested in tests/ |",
            "|---|---|---|",
        ]
        for e in found:
            if e.status == "supported" and e.name.rpartition(".")[0] == prefix:
                lines.append(f"| {e.names} | {e.detail} | {e.test} |")
        lines.append("")
    return lines


def _refused(found: list[Entry]) -> list[str]:
    lines = ["## Refused", "", "| function | why | instead |", "|---|---|---|"]
    groups: dict[tuple[str, str], list[str]] = {}
    for e in found:
        if e.status == "refused":
            groups.setdefault((e.detail, e.instead), []).append(e.names)
    for (why, instead), names in groups.items():
        lines.append(f"| {', '.join(names)} | {why} | {instead} |")
    return [*lines, ""]


def _others(found: list[Entry]) -> list[str]:
    lines = ["## Not applicable", "", "| function | why | instead |", "|---|---|---|"]
    for group in NOT_APPLICABLE:
        own = [e.names for e in found if (e.status, e.detail) == ("not applicable", group.title)]
        lines.append(f"| {', '.join(own)} | {group.title}: {group.why} | {group.instead} |")
    return [*lines, "", "Scalar types (`np.float64`, ...) are types of data and not listed.", ""]


def statuses(text: str) -> dict[str, str]:
    """Return what a page says of each name."""
    found = {}
    for section in text.split("\n## ")[1:]:
        status = section.partition("\n")[0].lower()
        for line in section.splitlines():
            cell = line.removeprefix("| ").partition(" |")[0] if line.startswith("| `") else ""
            found.update(dict.fromkeys(re.findall(r"`([\w.]+)`", cell), status))
    return found


def written_with(text: str) -> str:
    """Return the versions that a page was written with, such as ``"NumPy 2.4 and SciPy 1.17"``."""
    found = re.search(r"with (NumPy [\d.]+\d and SciPy [\d.]+\d)", text)
    return found.group(1) if found else ""


def installed_versions() -> str:
    """Return the versions that are installed, in the words of the page."""
    return f"NumPy {_version(np)} and SciPy {_version(scipy)}"


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE}: {len(entries())} functions")
