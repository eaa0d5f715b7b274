# ruff: noqa: E501 - the lines of the page
"""``docs/reliability.md`` from a recorded run of the matrix.

``python -m tests.abuse.page`` writes the page, ``python -m tests.abuse.page --run`` runs every
variant of every abuse before, which takes minutes.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter

import sparseopt as so
from tests.abuse.cases import ABUSES, SAME, SOLVED, SOLVERS, UNUSED
from tests.abuse.harness import ROOT, Outcomes, outcomes
from tests.abuse.tracing_cases import REFUSED

PAGE = ROOT / "docs" / "reliability.md"
RECORD = ROOT / "docs" / "measurements" / "abuse-matrix.json"

Record = dict[str, dict[str, dict[str, int]]]
"""For each adapter and abuse, how many variants had which outcome."""

SYMBOLS = {SAME: "E", SOLVED: "✓", UNUSED: "–"}

OPENING = """\
# Reliability

## Promises

1. **Never silently wrong derivatives.** An operation without a verified rule raises. Every solve ends with a check of
   values and derivatives by the formulas themselves; unless `verify="off"`, there is no success without it.
2. **Your exception is your exception**: type, message and traceback unchanged, out of any solver, wherever your code ran:
   functions, derivatives, callbacks, signal handlers. What comes out of a solve has the best point in its attribute
   `result`. Ctrl-C stops a solve within one evaluation or factorization and gives the best point with the status `stopped`;
   so does `StopIteration` out of a progress callback, and of nothing else.
3. **No crash from Python.** The matrix below runs in CI for every adapter, each cell in a process of its own.
4. **Same input, same result.** No global state, seeded probes. Functions that draw random numbers or count their calls
   are noticed: they are recorded twice (but not if the recording has more than 5,000 operations), external functions
   are called twice at their first point, and the line that differs is named. The code around a `Model` runs once.
5. **Names everywhere.** Messages name variables, constraints and the line of your code, and say what to write instead.
6. **Honest status.** Success means feasible and verified, recomputed at the point and not taken on a solver's word.

One compiled problem is used by one thread at a time: evaluations wait for each other, and using it while another thread
solves it raises `SolverError`. Several problems may be solved by several threads. A child of `fork` may go on with all.

## What was tried

{variants} cells: {abuses} abuses in up to {most} variants (which exception, raised when, in which array) over
{adapters} adapters. None may crash, hang (20 s), swallow an exception, lose the best point, report success at a wrong
point, or grow by 5 MiB in 2,000 small solves (200 with SciPy). **E** is the user's own exception, unchanged; **N** an error of `sparseopt.errors` that says what, where and what
instead; **S** a status other than success, with the best point; **✓** solved all the same; **–** means that the adapter
never calls what was sabotaged; an empty cell, that it cannot meet the abuse.

This page and its record are written by `python -m tests.abuse.page --run`; tests keep them up to date.
"""

TRACING = """
## Code that cannot be recorded

Refused in functions while they are traced, whatever solver is meant; each message names the line and says what to write
instead. In the code around a `Model`, three of them are Python's own errors (a traced value as an index of a NumPy array,
as a key, in a set), and writing into a plain array is NumPy's `ValueError`, caused by ours.

| code | error | what to write instead |
|---|---|---|
"""


def recorded() -> Record:
    """Return the outcomes of the last full run."""
    found: Record = json.loads(RECORD.read_text())
    return found


def counted(found: Outcomes) -> Record:
    """Return how often each outcome occurs."""
    return {
        solver: {name: dict(Counter(variants.values())) for name, variants in abuses.items()}
        for solver, abuses in found.items()
    }


def rendered(record: Record) -> str:
    """Return the page's text."""
    cells = [sum(found.values()) for abuses in record.values() for found in abuses.values()]
    text = OPENING.format(
        variants=f"{sum(cells):,}",
        abuses=len(ABUSES),
        most=max(cells),
        adapters=len(record),
    )
    groups = list(dict.fromkeys(abuse.group for abuse in ABUSES.values()))
    text += "".join(_table(group, record) for group in groups)
    rows = [f"| `{case.code}` | `{case.error.__name__}` | {case.instead} |" for case in REFUSED]
    return text + TRACING + "\n".join(rows) + "\n"


def _table(group: str, record: Record) -> str:
    head = f"\n### {group[0].upper()}{group[1:]}\n\n"
    head += "| abuse | " + " | ".join(SOLVERS) + " | outcomes |\n"
    head += "|---|" + ":-:|" * len(SOLVERS) + "---|\n"
    return head + "".join(_row(a, record) for a in ABUSES.values() if a.group == group)


def _row(abuse, record: Record) -> str:
    found = [record[solver].get(abuse.name, {}) for solver in SOLVERS]
    columns = [_symbols(outcomes_) for outcomes_ in found]
    words = sorted({text for outcomes_ in found for text in outcomes_} - {UNUSED, SAME, SOLVED})
    return f"| {abuse.title} | {' | '.join(columns)} | {', '.join(words)} |\n"


def _symbols(found: dict[str, int]) -> str:
    symbols = {_symbol(text) for text in found}
    return " ".join(symbol for symbol in "ENS✓–" if symbol in symbols)


def _symbol(text: str) -> str:
    if text in SYMBOLS:
        return SYMBOLS[text]
    if text.endswith("Error"):
        return "N" if hasattr(so, text) else "E"
    return "✓" if text in ("no growth", "ended by the signal") else "S"


def write(found: Outcomes) -> None:
    """Keep the outcomes of a full run."""
    RECORD.write_text(json.dumps(counted(found), indent=1, ensure_ascii=False) + "\n")


def main(arguments: list[str]) -> None:
    """Write the page, after a run if wanted."""
    if "--run" in arguments:
        os.environ.update(SPARSEOPT_ABUSE="full", SPARSEOPT_LEAK_SOLVES="2000")
        write(outcomes(*SOLVERS))
    PAGE.write_text(rendered(recorded()))


if __name__ == "__main__":
    main(sys.argv[1:])
