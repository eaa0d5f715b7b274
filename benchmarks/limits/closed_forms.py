"""The problems that have a C file in this directory, each with what describes it at one size.

Rows, columns and variables have the order of the sparseopt model.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.limits import (
    chains,
    finite_elements,
    grids,
    networks,
    particles,
    trajectories,
)
from benchmarks.limits.form import ClosedForm

CLOSED_FORMS: dict[str, Callable[..., ClosedForm]] = {
    "ac_opf": networks.ac_opf,
    "bearing": grids.bearing,
    "bratu_control": grids.bratu_control,
    "cart_pole": trajectories.cart_pole,
    "catmix": trajectories.catmix,
    "elec": particles.elec,
    "hanging_chain": trajectories.hanging_chain,
    "hydro_scheduling": trajectories.hydro_scheduling,
    "luksan_vlcek_1": chains.luksan_vlcek_1,
    "luksan_vlcek_5": chains.luksan_vlcek_5,
    "minimal_surface_fem": finite_elements.minimal_surface_fem,
    "minsurf": grids.minsurf,
    "rocket": trajectories.rocket,
    "rosenbrock": chains.rosenbrock,
    "torsion": grids.torsion,
}
