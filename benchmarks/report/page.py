"""The text of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.report import figures, tables
from benchmarks.report.bars import bars
from benchmarks.report.measurements import OURS, Measurements
from benchmarks.report.wording import SYMBOLS, code
from problems import registry

HEAD = """# Benchmarks

Written by `python -m benchmarks.report` from the measurements in [measurements](measurements);
every number and every “yes” below is computed from them. A test fails when this page is not what
the command writes. Measure again: [benchmarks/README.md](../benchmarks/README.md).
"""

METHOD = """## How measured

- f is the objective, g its gradient, c the constraints, J their Jacobian, H the Hessian of the
  Lagrangian (lower triangle), n the number of variables. What the tools are, and how each of them
  gets its model, is in [benchmarks/README.md](../benchmarks/README.md#tools).
- One process for one tool on one problem, one process after another, one thread (but for the
  section on threads). A process over its limit of time or memory is a failure and listed as such.
- **Evaluation**: f, g, c, J and H into arrays that exist, from scratch at x; x and the multipliers
  change with every call. Median of many samples ± interquartile range in percent of it.
- **Values** are compared before any time counts: weighted sums and norms of f, g, c, J and H agree
  to 1e-8 with those of most tools, or the times of evaluation and of set-up are left out, and the
  tool is listed under failures.
- **Set-up** is the time from the first line of the model to the first values of f, g, c, J and H:
  the sum of the stages that a tool names. Cold: the caches of compiled code are empty; in brackets:
  filled by an earlier process. Only sparseopt has such a cache. With an empty one it begins with
  quickly compiled code and has better code, of the same results, some tens of milliseconds later,
  made in the background; evaluation is timed after that. Median of processes; where there are
  several, ± half the range.
- **Whole time** is set-up and solve in a process that has done nothing else, from the user's code
  to IPOPT's answer; all tools use one libipopt and the same options, but that sparseopt chooses
  how MUMPS orders and scales by the structure ([ipopt.md](ipopt.md)). Start of the interpreter,
  imports (of the tool, its libraries and the problem's module) and the translation of models are
  not in it. It counts when IPOPT reports success at the objective that most tools ended at.
- **Memory** is the peak of the resident set during set-up, above what imports took.
- A rival's model is written by hand where `benchmarks/peers` has it, otherwise translated from
  what sparseopt traced; the translation itself is not timed.
- `limit_c`: closed forms in C by hand, `-Ofast -march=native` with a vector math library; no tool.
- **Bars** compare with the best tool that was measured in a case: the last column says which tools
  those are, and in how many cases. A tool that is not there was not measured, and not beaten. The
  exponents of J and H have in brackets that of copying their values, which is the memory's.
"""

COVERAGE = """## What was measured

Numbers of cases (a problem at a size) with a result of each stage; cases with a failure; cases that
the tool cannot do or that are not tried with it; cases that a run was to measure before time was
up. The reasons are at the end of the page. {problems} of the {all} problems of the collection have
results of sparseopt here; bars and tables hold for these.
"""

PROFILES = {
    "evaluation": "Evaluation of J and of H",
    "setup": "Set-up, cold",
    "whole": "Whole time, cold",
}


def page(found: Measurements) -> str:
    """Return the page; it depends on nothing but the measurements, and the number of problems."""
    sections = [HEAD, "## Bars\n", *tables.bar_table(bars(found)), "", METHOD]
    sections += [*_machines(found.sources), "", *_coverage(found), *_profiles(found)]
    sections += ["## Evaluation\n", "Milliseconds of one evaluation.\n"]
    for kind, symbol in SYMBOLS.items():
        sections += [f"### {symbol}\n", *tables.evaluation_table(found, kind), ""]
    sections += ["## Set-up\n", "Seconds, cold (warm).\n", *tables.setup_table(found), ""]
    sections += ["### Stages of sparseopt's set-up\n", STAGES, *tables.stage_table(found), ""]
    sections += ["### Memory\n", "Megabytes.\n", *tables.memory_table(found), ""]
    sections += ["## Whole time\n", "Seconds, cold (warm).\n", *tables.whole_table(found), ""]
    sections += ["## Growth with n\n", *_scaling(found), *tables.scaling_table(found), ""]
    sections += ["## Threads\n", THREADS, *tables.threads_table(found), ""]
    sections += ["## Lines of user code\n", LINES, *tables.lines_table(found), ""]
    sections += ["## Failures, and what does not count\n", *tables.failures(found), ""]
    return "\n".join(sections)


STAGES = """Seconds, cold. Build is the user's code, traced; derivatives is all that follows up to
compiled code. Within it and the first evaluation, where matrices are compiled when first wanted:
elements (formulas found in the trace), patterns (detection, coloring, schedules), compile.
"""
THREADS = """Milliseconds of one evaluation of sparseopt with SPARSEOPT_THREADS=1 and 2. Same bits:
all values are equal to the last bit.
"""
LINES = """Lines of code of the functions that build the model, where somebody wrote it by hand for
the tool; without comments, docstrings, blank lines, constants, and code that models share.
"""


def _machines(sources: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "### Machine and versions\n"
    described: dict[str, list[str]] = {}
    for name, machine in sources.items():
        described.setdefault(_machine(machine), []).append(name)
    for text, files in described.items():
        links = ", ".join(f"[{name}](measurements/{name})" for name in files)
        yield f"- {links}: {text}"


def _machine(machine: Mapping[str, Any]) -> str:
    packages = sorted(machine["packages"].items())
    versions = ", ".join(f"{name} {version}" for name, version in packages if version)
    memory = machine["memory_gigabytes"]
    date = machine["time"].partition("T")[0]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {memory} GB, {machine['system']}, "
        f"Python {machine['python']}, {machine['compiler']}; {versions}; {date}"
    )


def _coverage(found: Measurements) -> Iterator[str]:
    cases = [case for case in [*found.cases, *found.scaling] if case.setup().get(OURS)]
    problems = len({case.problem for case in cases})
    yield COVERAGE.format(problems=problems, all=len(registry.names()))
    yield from (*tables.coverage_table(found), "")


def _profiles(found: Measurements) -> Iterator[str]:
    """Yield the profiles that there are measurements for."""
    drawn = figures.names(found)
    yield "## Performance profiles\n"
    yield (
        "Share of the cases with n ≥ 10⁴ that a tool does within a factor of the fastest (Dolan and"
        " Moré, doi:10.1007/s101070100263). A failure is never within any factor; in brackets the"
        " cases a tool was tried on.\n"
    )
    for name, title in PROFILES.items():
        if f"profile-{name}" in drawn:
            yield f"![{title}](figures/profile-{name}.svg)\n"


def _scaling(found: Measurements) -> Iterator[str]:
    if "scaling" in figures.names(found):
        problems = ", ".join(code(p) for p in dict.fromkeys(c.problem for c in found.scaling))
        yield f"{problems}; exponents are fitted by least squares in logarithms, from n = 10⁴ on.\n"
        yield "![Set-up, J, H and memory against n](figures/scaling.svg)\n"
