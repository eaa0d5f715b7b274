"""``python -m sparseopt.testing``: check many random programs, for a night."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sparseopt.testing.campaign import Report, run_campaign

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sparseopt.testing",
        description="Check random NumPy programs against independent references.",
    )
    parser.add_argument("--programs", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the whole run (default: 0)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    parser.add_argument(
        "--compiled-share", type=float, default=0.01, help="share that is compiled (default: 0.01)"
    )
    parser.add_argument(
        "--failures", type=Path, default=Path("failing_programs.py"), help="file for what fails"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 if anything failed."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("SPARSEOPT_CACHE", "")  # programs that nobody runs twice

    def progress(report: Report) -> None:
        done = f"{report.programs} of {options.programs}, {len(report.failures)} failures"
        sys.stderr.write(f"\r{done}")
        sys.stderr.flush()
        if report.failures:
            sources = [failure.source() for failure in report.failures]
            options.failures.write_text("\n\n".join(sources))

    report = run_campaign(
        options.programs, options.seed, options.jobs, options.compiled_share, progress
    )
    sys.stderr.write("\n")
    sys.stdout.write(f"{report}\n")
    if report.failures:
        sys.stdout.write(f"minimal programs: {options.failures}\n")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
