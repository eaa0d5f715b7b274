"""The text of docs/benchmarks.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.report import figures, tables
from benchmarks.report.bars import LARGE, bars
from benchmarks.report.measurements import OURS, Measurements, is_rival
from benchmarks.report.sizes import size_table
from benchmarks.report.wording import SYMBOLS, code
from problems import registry

HEAD = """# Benchmarks

How long sparseopt takes for derivatives and for solves, beside the tools one could use instead, on
the [problems](../problems) of this project and on one machine. Every number and every “yes” is
computed by `python -m benchmarks.report` from the [measurements](measurements); a test fails when
this page is not what the command writes. To measure again:
[benchmarks/README.md](../benchmarks/README.md).

{contents}

## In short

sparseopt beside other tools, on each problem at its smallest size from 10⁴ variables. “Faster” says
how many times longer the other tool takes: the geometric mean, then the worst case, in brackets the
number of cases. Below 1× the other tool is faster. “Slower than hand-written C” is the other way
round: how many times longer sparseopt takes than formulas that somebody differentiated by hand.

f is the objective, g its gradient, c the constraints, J their Jacobian, H the Hessian of the
Lagrangian, each a case of its own; n is the number of variables. Set-up goes from the first line of
the model to the first values of its derivatives, whole time on to IPOPT's answer, with an empty
(cold) or filled (warm) cache of compiled code. The best other tool is the fastest, case by case, of
{rivals}.
{failed}
"""

BARS = """What this project wants of itself, and whether it holds. “…” goes on with the row above.
The last column says beside which tools a bar was measured, and in how many cases.
"""

METHOD = """## How measured

- H is evaluated as its lower triangle. What the tools are, and how each of them gets its model, is
  in [benchmarks/README.md](../benchmarks/README.md#tools).
- One process for one tool on one problem, one process after another, one thread (but for the
  section on threads). Where there are several, the tools take turns. A process over its limit of
  time or memory is a failure and listed as such.{earlier}
- **Evaluation**: f, g, c, J and H into arrays that exist, from scratch at x; x and the multipliers
  change with every call. Median of many samples ± interquartile range in percent of it. Calls of
  sparseopt, PyOptInterface, CasADi (what its `Function.buffer()` calls) and hand-written C are made
  by a loop in C, as a solver makes them; the other tools are called from Python.{older}
- **Values** are compared before any time counts: weighted sums and norms of f, g, c, J and H agree
  to 1e-8 with those of most tools, or the times of evaluation and of set-up are left out, and the
  tool is listed under failures.
- **Set-up** is the time from the first line of the model to the first values of f, g, c, J and H:
  the sum of the stages that a tool names. What a user has before there is a model is made before,
  for every tool: files that are read, meshes with their bases, synthetic measurements, simulations
  that give a start. Cold: the caches of compiled code are empty; in brackets:
  filled by an earlier process. Only sparseopt has such a cache: of compiled code and, up to 50,000
  variables, of the structure of a program with the same content. With an empty one it begins with
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
    held = bars(found)
    sections = [_head(found), *size_table(found), "", *tables.verdict(held)]
    sections += [
        "",
        "## Bars\n",
        BARS,
        *tables.bar_table(held),
        "",
        METHOD.format(older=_older(found), earlier=_earlier(found)),
    ]
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


CALLED = ("sparseopt", "casadi", "pyoptinterface", "limit")
CONTENTS = (
    *("In short", "Bars", "How measured", "What was measured", "Performance profiles"),
    *("Evaluation", "Set-up", "Whole time", "Growth with n", "Threads", "Lines of user code"),
    "Failures, and what does not count",
)


def _head(found: Measurements) -> str:
    """Return title, contents, and what the first table compares."""
    raced = [result for case in found.at_least(LARGE) for result in case.results.items()]
    failed = Counter(tool for tool, result in raced if "failures" in result)
    rivals = sorted({tool for tool, _ in raced if is_rival(tool)})
    counts = ", ".join(f"{code(tool)} {failed[tool]}" for tool in sorted(failed))
    sentence = "Nothing failed or ran out of time."
    if failed:
        sentence = f"Cases that failed or ran out of time are in no mean: {counts}."
    names = ", ".join(map(code, rivals)) or "none"
    return HEAD.format(contents=_contents(), rivals=names, failed=sentence)


def _older(found: Measurements) -> str:
    """Return how many results are of a time when Python made the calls, if there are any."""
    results = [r for case in [*found.cases, *found.scaling] for r in case.results.values()]
    timed = [r["evaluate"] for r in results if "evaluate" in r and r["tool"].startswith(CALLED)]
    older = sum(evaluated.get("calls") != "from C" for evaluated in timed)
    if not older:
        return ""
    return f" {older} of {len(timed)} results are older, with 0.1 to 0.4 µs for Python's calls."


def _earlier(found: Measurements) -> str:
    """Return how many results of each stage are of an earlier run, and were kept."""
    results = [r for case in found.cases for r in case.results.values()]
    counts = Counter(stage for result in results for stage in result.get("earlier", ()))
    if not counts:
        return ""
    stages = ", ".join(f"{stage} {counts[stage]}" for stage in sorted(counts))
    return f" Results of an earlier run, with an earlier state of sparseopt: {stages}."


def _contents() -> str:
    """Return links to the sections."""
    return " · ".join(f"[{title}](#{_anchor(title)})" for title in CONTENTS)


def _anchor(title: str) -> str:
    return title.lower().replace(",", "").replace(" ", "-")


STAGES = """Seconds, cold. Build is the user's code, traced; derivatives is all that follows up to
compiled code. Within it and the first evaluation, where matrices are compiled when first wanted:
elements (formulas found in the trace), patterns (detection, coloring, schedules), compile.
"""
THREADS = """Milliseconds of one evaluation of sparseopt with SPARSEOPT_THREADS=1 and 2. Copy's
factor: what the second thread does for a plain copy of the same values, each thread its half; where
memory sets the pace, an evaluation gains no more. Same bits: all values are equal to the last bit.
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
