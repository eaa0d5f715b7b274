# ruff: noqa: E501 - the lines of the page
"""``docs/reliability.md`` from a recorded run of the matrix.

``python -m tests.abuse.page`` writes the page, ``python -m tests.abuse.page --run`` runs every
variant of every abuse before, which takes minutes.
"""

from __future__ import annotations

import json
import os
import sys

from tests.abuse.cases import ABUSES, SAME, SOLVED, SOLVERS, UNUSED
from tests.abuse.harness import ROOT, Outcomes, outcomes
from tests.abuse.tracing_cases import REFUSED

PAGE = ROOT / "docs" / "reliability.md"
RECORD = ROOT / "docs" / "measurements" / "abuse-matrix.json"

SYMBOLS = {SAME: "E", SOLVED: "✓", UNUSED: "–"}

OPENING = """\
# Reliability

## Promises

1. **Never silently wrong derivatives.** An operation without a verified rule raises. Every solve ends with a check of
   values and derivatives by the formulas themselves; without it there is no success.
2. **Your exception is your exception**: type, message and traceback unchanged, out of any solver, wherever your code ran:
   functions, derivatives, callbacks, signal handlers. The best point is in its attribute `result`. Ctrl-C stops a solve
   within one evaluation or factorization and gives the best point with the status `stopped`.
3. **No crash from Python.** The matrix below runs in CI for every adapter, each cell in a process of its own.
4. **Same input, same result.** No global state, seeded probes. Functions that draw random numbers or count their calls
   are noticed: what is traced is traced twice, and external functions are evaluated twice, and differences are named.
5. **Names everywhere.** Messages name variables, constraints and the line of your code, and say what to write instead.
6. **Honest status.** Success means feasible and verified, recomputed at the point and not taken on a solver's word.

One compiled problem is used by one thread at a time: evaluations wait for each other, and using it while another thread
solves it raises `SolverError`. Several problems may be solved by several threads. A child of `fork` may go on with all.

## What was tried

{variants} cells: {abuses} abuses in up to {most} variants (which exception, raised when, in which array) over
{adapters} adapters. None may crash, hang (20 s), swallow an exception, lose the best point, or report success at a wrong
point. **E** is the user's own exception, unchanged; **N** an error of `sparseopt.errors` that says what, where and what
instead; **S** a status other than success, with the best point; **✓** solved all the same; **–** means that the adapter
never calls what was sabotaged; an empty cell, that it cannot meet the abuse.

This page and its record are written by `python -m tests.abuse.page --run`; tests keep them up to date.
"""

TRACING = """
## Code that cannot be recorded

Refused while the code is traced, whatever solver is meant. Each message names the line and says what to write instead.

| code | error | what to write instead |
|---|---|---|
"""


def recorded() -> Outcomes:
    """Return the outcomes of the last full run."""
    found: Outcomes = json.loads(RECORD.read_text())
    return found


def rendered(record: Outcomes) -> str:
    """Return the page's text."""
    cells = [variants for abuses in record.values() for variants in abuses.values()]
    text = OPENING.format(
        variants=sum(map(len, cells)),
        abuses=len(ABUSES),
        most=max(map(len, cells)),
        adapters=len(record),
    )
    groups = list(dict.fromkeys(abuse.group for abuse in ABUSES.values()))
    text += "".join(_table(group, record) for group in groups)
    rows = [f"| `{case.code}` | `{case.error.__name__}` | {case.instead} |" for case in REFUSED]
    return text + TRACING + "\n".join(rows) + "\n"


def _table(group: str, record: Outcomes) -> str:
    head = f"\n### {group[0].upper()}{group[1:]}\n\n"
    head += "| abuse | " + " | ".join(SOLVERS) + " | outcomes |\n"
    head += "|---|" + ":-:|" * len(SOLVERS) + "---|\n"
    return head + "".join(_row(a, record) for a in ABUSES.values() if a.group == group)


def _row(abuse, record: Outcomes) -> str:
    found = [record[solver].get(abuse.name, {}) for solver in SOLVERS]
    columns = [_symbols(variants) for variants in found]
    words = sorted({text for variants in found for text in variants.values()} - {UNUSED, SAME})
    return f"| {abuse.title} | {' | '.join(columns)} | {', '.join(words)} |\n"


def _symbols(variants: dict[str, str]) -> str:
    symbols = {_symbol(text) for text in variants.values()}
    return " ".join(symbol for symbol in "ENS✓–" if symbol in symbols)


def _symbol(text: str) -> str:
    if text in SYMBOLS:
        return SYMBOLS[text]
    if text.endswith("Error"):
        return "E" if text == "MemoryError" else "N"
    return "✓" if text in ("no growth", "ended by the signal") else "S"


def main(arguments: list[str]) -> None:
    """Write the page, after a run if wanted."""
    if "--run" in arguments:
        os.environ.update(SPARSEOPT_ABUSE="full", SPARSEOPT_LEAK_SOLVES="2000")
        RECORD.write_text(json.dumps(outcomes(*SOLVERS), indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(rendered(recorded()))


if __name__ == "__main__":
    main(sys.argv[1:])
