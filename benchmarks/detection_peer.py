"""Times asdex on one case; run by an interpreter that has asdex and JAX, from the project's root.

PYTHON -m benchmarks.detection_peer CASE NUM_VARIABLES BUDGET
"""

from __future__ import annotations

import json
import sys
import time

from benchmarks.detection_cases import CASES


def main(name: str, num_variables: int, budget: float) -> dict[str, object]:
    """Return the least seconds of a detection, tracing included, and the number of entries."""
    import asdex
    import jax.numpy as jnp

    function, matrix, shape = CASES[name]
    x = jnp.zeros(shape(num_variables))
    detect = asdex.jacobian_sparsity if matrix == "jacobian" else asdex.hessian_sparsity
    seconds, started = [], time.perf_counter()
    while not seconds or time.perf_counter() - started < budget:
        begin = time.perf_counter()
        pattern = detect(lambda u: function(jnp, u), x)
        seconds.append(time.perf_counter() - begin)
    return {"seconds": min(seconds), "entries": int(pattern.nnz)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
