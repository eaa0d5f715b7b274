"""``python -m tests.mutation``: change the code in many small ways, and count what tests notice."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable

from tests.mutation.mutants import Mutant
from tests.mutation.patches import patch_mutants
from tests.mutation.table import table_mutants


def _check_killers(mutants: list[Mutant]) -> None:
    """Call every killer once on the code as it is: what fails anyway would kill everything."""
    passed = set()
    for mutant in mutants:
        for killer in mutant.killers:
            key = (getattr(killer, "func", killer), repr(getattr(killer, "args", ())))
            if key not in passed:
                killer()
                passed.add(key)


def run(mutants: Iterable[Mutant]) -> tuple[Counter, Counter, list[Mutant], list[Mutant]]:
    """Return the mutants made and killed by group, the survivors, and the equivalent ones."""
    mutants = list(mutants)
    _check_killers(mutants)
    made: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    survivors, equivalent = [], []
    for mutant in mutants:
        if mutant.equivalent:
            equivalent.append(mutant)
            continue
        made[mutant.group] += 1
        if mutant.is_killed():
            killed[mutant.group] += 1
        else:
            survivors.append(mutant)
    return made, killed, survivors, equivalent


def main() -> int:
    """Run the command; return 1 if fewer than 98 of 100 mutants are killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", choices=["table", "structure"], help="one half of the mutants")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    mutants: list[Mutant] = []
    if options.only != "structure":
        mutants += table_mutants()
    if options.only != "table":
        mutants += patch_mutants()
    made, killed, survivors, equivalent = run(mutants)
    share = killed.total() / made.total()
    seconds = time.perf_counter() - start
    lines = [f"{group}: {killed[group]} of {made[group]} killed" for group in made]
    lines.append(
        f"in all {killed.total()} of {made.total()} killed ({share:.1%}) in {seconds:.0f} s"
    )
    lines += [f"survived: {mutant.name}" for mutant in survivors]
    lines += [f"equivalent: {mutant.name}: {mutant.equivalent}" for mutant in equivalent]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if share >= 0.98 else 1


if __name__ == "__main__":
    sys.exit(main())
