"""Parameters of the Lotka–Volterra fits, against fits to accurate solutions of the equations."""

import numpy as np
import pytest

from problems.fitting import hare_lynx, predator_prey

# p_1 … p_4 and the initial populations, from SciPy's LSODA with tolerance 1e-12.
ACCURATE = [
    (hare_lynx, "plain", [0.48119906, 0.024831762, 0.92601827, 0.027532948, 34.914288, 3.8618669]),
    (hare_lynx, "log", [0.54015897, 0.02716536, 0.79638608, 0.02369464, 34.602424, 5.8445059]),
    (predator_prey, "fixed", [1.01690751, 1.02271324, 0.98374243, 0.98038894, 1.0, 0.4]),
    (predator_prey, "free", [1.0486846, 1.0454092, 0.95572538, 0.95697259, 0.98475776, 0.4125977]),
]


@pytest.mark.parametrize(("problem", "kind", "expected"), ACCURATE)
def test_parameters_and_initial_populations_are_the_accurate_ones(problem, kind, expected):
    solution = problem.build(100, kind).solve(solver="ipopt", options={"tol": 1e-9})
    found = np.concatenate([solution["p"], solution["left"][0]])
    np.testing.assert_allclose(found, expected, rtol=3e-7)
