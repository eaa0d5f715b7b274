"""Running cells of the matrix where they can do no harm: each in a forked process.

``python -m tests.abuse.harness ipopt SLSQP`` runs every abuse with these adapters and prints JSON.
The process imports and compiles once what cells share; a cell is a fork of it, so a crash, a hang
or memory that runs out costs one cell and is reported as its outcome.

A cell has variants (which exception, raised when).  Normally an adapter runs a few of them, other
ones than its neighbors; with SPARSEOPT_ABUSE=full in the environment every one.
"""

from __future__ import annotations

import faulthandler
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
Outcomes = dict[str, dict[str, dict[str, str]]]
"""For each adapter and abuse the outcome of each variant."""

FEW = {"ipopt": 3, "cyipopt": 2, "SLSQP": 2}
"""Variants that an adapter runs; others run one."""


def is_full() -> bool:
    """Whether every variant is wanted."""
    return os.environ.get("SPARSEOPT_ABUSE") == "full"


@cache
def outcomes(*solvers: str) -> Outcomes:
    """Return the outcomes of every abuse, run in a process of their own."""
    command = [sys.executable, "-m", "tests.abuse.harness", *solvers]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    found: Outcomes = json.loads(run.stdout.splitlines()[-1])
    return found


def run_all(solvers: Sequence[str]) -> Outcomes:
    """Return the outcomes of all abuses with some adapters; called in the child."""
    from tests.abuse.cases import ABUSES, SOLVERS, prepare

    found: Outcomes = {}
    for solver in solvers or SOLVERS:
        prepare(solver)
        abuses = [abuse for abuse in ABUSES.values() if abuse.concerns(solver)]
        turn = SOLVERS.index(solver)
        found[solver] = {
            a.name: run_cell(a, solver, chosen(a.variants, solver, turn)) for a in abuses
        }
    return found


def chosen(variants: Sequence[str], solver: str, turn: int) -> list[str]:
    """Return the variants that an adapter runs: all, or some spread over the list."""
    few = len(variants) if is_full() else min(FEW.get(solver, 1), len(variants))
    spread = [(turn + k * len(variants) // few) % len(variants) for k in range(few)]
    return [variants[k] for k in sorted(set(spread))]


def run_cell(abuse, solver: str, variants: Sequence[str]) -> dict[str, str]:
    """Return the outcome of each variant; after a crash the rest runs in a new fork."""
    waiting = list(variants)
    found: dict[str, str] = {}
    while waiting:
        lines, end = _fork(abuse, solver, waiting)
        found |= {variant: outcome for variant, outcome in lines if outcome is not None}
        waiting = waiting[len(lines) :]
        if end:
            found[lines[-1][0] if lines else waiting.pop(0)] = end
    return found


def _fork(abuse, solver: str, variants: list[str]) -> tuple[list[tuple[str, str | None]], str]:
    """Run variants in a fork; return those begun with their outcomes, and how it ended if badly."""
    reader, writer = os.pipe()
    with tempfile.TemporaryFile() as printed:
        child = os.fork()
        if not child:
            os.close(reader)
            _child(abuse, solver, variants, writer, printed.fileno())
        os.close(writer)
        text, end = _watch(child, reader, abuse.seconds)
        printed.seek(0)
        noise = printed.read().decode(errors="replace").strip()
    begun: list[tuple[str, str | None]] = []
    for line in text.splitlines():
        kind, variant, outcome = json.loads(line)
        if kind == "begin":
            begun.append((variant, None))
        else:
            begun[-1] = (variant, outcome)
    if end.startswith("HANG"):
        end += f"\n{noise}"
    if not end and any(word in noise for word in ("Exception ignored", "Traceback", "Fatal")):
        end = f"it printed: {noise[-500:]}"
    return begun, end


def _child(abuse, solver: str, variants: list[str], writer: int, printed: int) -> None:
    os.setsid()
    faulthandler.dump_traceback_later(abuse.seconds - 1.0, file=printed)
    for stream in (1, 2):
        os.dup2(printed, stream)
    code = 1
    try:
        for variant in variants:
            _tell(writer, "begin", variant, "")
            _tell(writer, "end", variant, _outcome(abuse, solver, variant))
        sys.stdout.flush()
        sys.stderr.flush()
        code = 0
    finally:
        os._exit(code)


def _tell(writer: int, *words: str) -> None:
    os.write(writer, (json.dumps(words) + "\n").encode())


def _outcome(abuse, solver: str, variant: str) -> str:
    try:
        return abuse.run(solver, variant)
    except BaseException:
        return "WRONG: " + traceback.format_exc()


def _watch(child: int, reader: int, seconds: float) -> tuple[str, str]:
    """Return what the child told, and how it ended: empty if well."""
    deadline = time.monotonic() + seconds
    told = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(reader, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if waiting.select(left):
                part = os.read(reader, 1 << 16)
                if not part:
                    break
                told += part
        else:
            os.kill(child, signal.SIGKILL)
    os.close(reader)
    status = os.waitpid(child, 0)[1]
    if left <= 0:
        return told.decode(), f"HANG: more than {seconds:g} s"
    if os.WIFSIGNALED(status):
        return told.decode(), f"CRASH: {signal.Signals(os.WTERMSIG(status)).name}"
    code = os.WEXITSTATUS(status)
    return told.decode(), f"EXIT: code {code}" if code else ""


def main(solvers: list[str]) -> None:
    """Write the outcomes for some adapters, or for all."""
    sys.stdout.write(json.dumps(run_all(solvers)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
