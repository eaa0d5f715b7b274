"""What the process returns, and how errors are printed.

0: done.  1: the solve failed, a derivative is wrong, or a diagnosis has an error or a warning.
2: bad usage, including a target that is not a well-formed model.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator

import typer

from sparseopt.errors import SparseOptError

FAILED = 1
BAD_USAGE = 2


@contextlib.contextmanager
def reported_errors(show_traceback: bool) -> Iterator[None]:
    """Print an exception as a message and leave with its exit code, unless told to let it pass."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.TyperException):
        raise
    except Exception as error:
        if show_traceback:
            raise
        typer.echo(f"error: {describe(error)}", err=True)
        raise typer.Exit(exit_code(error)) from error


def exit_code(error: Exception) -> int:
    """Return 2 for what the user can fix in the call or the model, else 1."""
    return BAD_USAGE if isinstance(error, SparseOptError) else FAILED


def describe(error: Exception) -> str:
    """Return the message; a foreign exception also gets its type and the line that raised it."""
    if isinstance(error, SparseOptError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f"\n  where:   {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {error}{where}\n  instead: --traceback shows the whole path"
