"""Branch outages: which leave a network connected, and one network that holds all states of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from numbers import Integral

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

import sparseopt as so
from problems.arguments import require
from problems.power.power_network import Branches, Buses, Generators, PowerNetwork

Index = NDArray[np.intp]


def chosen_outages(net: PowerNetwork, contingencies: int | Sequence[int]) -> Index:
    """Return the branches that fail, one in each contingency.

    Parameters
    ----------
    net : PowerNetwork
        The network.
    contingencies : int or sequence of int
        The branches themselves, counted from 0 among those in service; or a number: as many of the
        first branches as leave the network connected.

    Raises
    ------
    ProblemError
        For branches that are not there or whose outage divides the network, or too great a number.
    """
    if np.ndim(contingencies) == 0:
        require("contingencies", contingencies, 0)
        return _first_outages(net, int(contingencies))
    for outage in contingencies:
        if not isinstance(outage, Integral) or not 0 <= outage < net.num_branches:
            known = f"in service are 0 to {net.num_branches - 1}"
            raise so.ProblemError(f"no branch {outage}; {known}")
    outages = np.array(contingencies, dtype=np.intp)
    islands = _num_islands(net)
    bridges = [int(outage) for outage in outages if _num_islands(net, outage) > islands]
    if bridges:
        raise so.ProblemError(f"the outage of branch {bridges[0]} divides the network")
    return outages


@lru_cache(maxsize=8)
def _first_outages(net: PowerNetwork, number: int) -> Index:
    outages: list[int] = []
    islands = _num_islands(net)
    for branch in range(net.num_branches):
        if len(outages) == number:
            break
        if _num_islands(net, branch) == islands:
            outages.append(branch)
    if len(outages) < number:
        raise so.ProblemError(
            f"only {len(outages)} outages leave the network connected, not {number}"
        )
    found = np.array(outages, dtype=np.intp)
    found.flags.writeable = False  # the cache keeps it
    return found


def _num_islands(net: PowerNetwork, outage: int = -1) -> int:
    kept = np.arange(net.num_branches) != outage
    ends = (net.branches.from_bus[kept], net.branches.to_bus[kept])
    shape = (net.num_buses, net.num_buses)
    graph = sp.coo_array((np.ones(len(ends[0])), ends), shape=shape)
    labels = connected_components(graph, directed=False)[1]
    return int(labels.max()) + 1


def states_network(net: PowerNetwork, outages: Index) -> PowerNetwork:
    """Return the base state and the states after the outages side by side, as one network.

    Bus i in state s is bus s * net.num_buses + i, and generators alike; the branches of a state
    follow those of the state before and lack the one that failed.
    """
    num_states = len(outages) + 1
    kept = np.ones((num_states, net.num_branches), dtype=bool)
    kept[np.arange(1, num_states), outages] = False
    state, branch = np.nonzero(kept)
    offset = net.num_buses * np.arange(num_states)[:, None]
    buses, generators, branches = net.buses, net.generators, net.branches
    return replace(
        net,
        buses=replace(
            Buses(*(np.tile(column, num_states) for column in vars(buses).values())),
            reference=(buses.reference + offset).ravel(),
        ),
        generators=replace(
            Generators(*(np.concatenate([c] * num_states) for c in vars(generators).values())),
            bus=(generators.bus + offset).ravel(),
        ),
        branches=replace(
            Branches(*(column[branch] for column in vars(branches).values())),
            from_bus=branches.from_bus[branch] + offset[state, 0],
            to_bus=branches.to_bus[branch] + offset[state, 0],
        ),
    )
