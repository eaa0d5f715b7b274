"""Running cells of the matrix where they can do no harm: each in a forked process.

``python -m tests.abuse.harness ipopt SLSQP`` runs every abuse with these adapters and prints JSON.
The process imports and compiles once what cells share; a cell is a fork of it, so a crash, a hang
or memory that runs out costs one cell and is reported as its outcome.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 20.0
"""What a cell may take, all its variants together: more is a hang."""

Outcomes = dict[str, dict[str, str]]
"""For each abuse the outcome of each variant."""


@cache
def outcomes(solver: str) -> Outcomes:
    """Return the outcomes of every abuse with one adapter, run in a process of its own."""
    command = [sys.executable, "-m", "tests.abuse.harness", solver]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stderr
    found: Outcomes = json.loads(run.stdout.splitlines()[-1])
    return found


def run_all(solver: str, names: list[str]) -> Outcomes:
    """Return the outcomes of abuses with one adapter; called in the child."""
    from tests.abuse.cases import ABUSES, prepare

    prepare(solver)
    chosen = [abuse for name, abuse in ABUSES.items() if not names or name in names]
    return {abuse.name: run_cell(abuse, solver) for abuse in chosen if abuse.concerns(solver)}


def run_cell(abuse, solver: str) -> dict[str, str]:
    """Return the outcome of each variant; after a crash the rest runs in a new fork."""
    waiting = [str(variant) for variant in abuse.variants]
    found: dict[str, str] = {}
    while waiting:
        lines, end = _fork(abuse, solver, waiting)
        found |= {variant: outcome for variant, outcome in lines if outcome is not None}
        waiting = waiting[len(lines) :]
        if end:
            guilty = lines[-1][0] if lines else waiting.pop(0)
            found[guilty] = end
            if guilty == "":
                break
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
        text, end = _watch(child, reader)
        printed.seek(0)
        noise = printed.read().decode(errors="replace").strip()
    begun: list[tuple[str, str | None]] = []
    for line in text.splitlines():
        kind, variant, outcome = json.loads(line)
        if kind == "begin":
            begun.append((variant, None))
        else:
            begun[-1] = (variant, outcome)
    if not end and any(word in noise for word in ("Exception ignored", "Traceback", "Fatal")):
        end = f"it printed: {noise[-500:]}"
    return begun, end


def _child(abuse, solver: str, variants: list[str], writer: int, printed: int) -> None:
    os.setsid()
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


def _watch(child: int, reader: int) -> tuple[str, str]:
    """Return what the child told, and how it ended: empty if well."""
    deadline = time.monotonic() + SECONDS
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
        return told.decode(), f"HANG: more than {SECONDS:g} s"
    if os.WIFSIGNALED(status):
        return told.decode(), f"CRASH: {signal.Signals(os.WTERMSIG(status)).name}"
    code = os.WEXITSTATUS(status)
    return told.decode(), f"EXIT: code {code}" if code else ""


def cells(found: Outcomes) -> Iterator[tuple[str, str, str]]:
    """Yield abuse, variant and outcome."""
    for name, variants in found.items():
        for variant, outcome in variants.items():
            yield name, variant, outcome


def main(arguments: list[str]) -> None:
    """Print the outcomes for one adapter; further arguments are names of abuses."""
    print(json.dumps(run_all(arguments[0], arguments[1:])))


if __name__ == "__main__":
    main(sys.argv[1:])
