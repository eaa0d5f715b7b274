"""The problems that have a C file in this directory, each with what describes it at one size.

Rows, columns and variables have the order of the sparseopt model.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.limits import chains, grids, trajectories
from benchmarks.limits.form import ClosedForm

CLOSED_FORMS: dict[str, Callable[..., ClosedForm]] = {
    "bearing": grids.bearing,
    "bratu_control": grids.bratu_control,
    "cart_pole": trajectories.cart_pole,
    "catmix": trajectories.catmix,
    "hanging_chain": trajectories.hanging_chain,
    "hydro_scheduling": trajectories.hydro_scheduling,
    "luksan_vlcek_1": chains.luksan_vlcek_1,
    "luksan_vlcek_5": chains.luksan_vlcek_5,
    "minsurf": grids.minsurf,
    "rocket": trajectories.rocket,
    "rosenbrock": chains.rosenbrock,
    "torsion": grids.torsion,
}
