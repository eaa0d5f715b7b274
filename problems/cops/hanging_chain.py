"""Hanging chain (COPS): a chain of given length and least potential energy between two points.

    minimize    int_0^1 x sqrt(1 + x'^2) dt
    subject to  x(0) = a,  x(1) = b,  int_0^1 sqrt(1 + x'^2) dt = L

discretized by the trapezoidal rule on N equal intervals of length h = 1/N, with the slope u = x' as
control.

form="integrals" (COPS 2): x and u at the nodes; objective and length are sums. form="states" (COPS
3): energy and length are states too, e' = x sqrt(1 + u^2) and s' = sqrt(1 + u^2), and the objective
is e_N. Both are the same discrete problem and have the same optimum.

Constants (dimensionless): a = 1 and b = 3, heights of the ends; L = 4, length.

Source: E. D. Dolan, J. J. Moré, T. S. Munson, Benchmarking Optimization Software with COPS 3.0,
Argonne National Laboratory, ANL/MCS-TM-273 (2004), doi:10.2172/834714, problem 4; L. Cesari,
Optimization: Theory and Applications, Springer (1983).
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

LEFT_HEIGHT = 1.0
RIGHT_HEIGHT = 3.0
LENGTH = 4.0
Form = Literal["integrals", "states"]


@checked(num_intervals=1, form=get_args(Form))
def build(num_intervals: int = 50, form: Form = "integrals") -> so.Model:
    """Return the model on `num_intervals` intervals."""
    step = 1.0 / num_intervals
    model = so.Model(f"hanging_chain_{form}")
    height, slope = _start(num_intervals)
    x = model.variable("x", shape=num_intervals + 1, start=height)
    u = model.variable("u", shape=num_intervals + 1, start=slope)
    arc = np.sqrt(1 + u**2)
    model.subject_to(x[1:] - x[:-1] == _trapezoid(u, step), name="slope")
    model.subject_to(x[0] == LEFT_HEIGHT, name="left_end")
    model.subject_to(x[-1] == RIGHT_HEIGHT, name="right_end")
    if form == "states":
        _add_integral_states(
            model, x * arc, arc, step, energy_start=height * slope, length_start=slope
        )
    else:
        model.subject_to(np.sum(_trapezoid(arc, step)) == LENGTH, name="length")
        model.minimize(np.sum(_trapezoid(x * arc, step)))
    return model


def _start(num_intervals: int) -> tuple[Any, Any]:
    """Return heights and slopes of COPS' starting parabola, whose lowest point is at t = 1/4."""
    t = np.linspace(0.0, 1.0, num_intervals + 1)
    rise = 4 * abs(RIGHT_HEIGHT - LEFT_HEIGHT)
    lowest = 0.25 if RIGHT_HEIGHT > LEFT_HEIGHT else 0.75
    return rise * t * (t / 2 - lowest) + LEFT_HEIGHT, rise * (t - lowest)


def _trapezoid(values: Any, step: float) -> Any:
    """Return the trapezoidal integral over each interval."""
    return 0.5 * step * (values[1:] + values[:-1])


def _add_integral_states(
    model: so.Model, energy_rate: Any, arc: Any, step: float, energy_start: Any, length_start: Any
) -> None:
    energy = model.variable("energy", shape=len(energy_start), start=energy_start)
    length = model.variable("length", shape=len(length_start), start=length_start)
    model.subject_to(energy[1:] - energy[:-1] == _trapezoid(energy_rate, step), name="energy_rate")
    model.subject_to(length[1:] - length[:-1] == _trapezoid(arc, step), name="length_rate")
    model.subject_to(energy[0] == 0.0, name="energy_start")
    model.subject_to(length[0] == 0.0, name="length_start")
    model.subject_to(length[-1] == LENGTH, name="length_end")
    model.minimize(energy[-1])


def counts(num_intervals: int = 50, form: Form = "integrals") -> Counts:
    """Return the counts; in either form each node has the Hessian entries (x, u) and (u, u)."""
    nodes, hessian = num_intervals + 1, 2 * (num_intervals + 1)
    if form == "states":
        rows = 3 * num_intervals + 5
        return Counts(4 * nodes, rows, 14 * num_intervals + 5, hessian, single_entry_rows=5)
    return Counts(2 * nodes, nodes + 2, 5 * num_intervals + 3, hessian, single_entry_rows=2)


def _certified(num_intervals: int, value: float, form: Form = "integrals") -> KnownObjective:
    return KnownObjective(
        size={"num_intervals": num_intervals, "form": form},
        value=value,
        relative_tolerance=1e-9,
        source="MINLPLib chain{50,100,200,400}, best known; further digits by CasADi 3.8.2 with"
        " IPOPT 3.14.19",
        doi="10.2172/834714",
    )


RECORD = ProblemRecord(
    name="hanging_chain",
    title="hanging chain of least potential energy (COPS)",
    family="calculus of variations",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_intervals": 50, "form": "integrals"},
        "medium": {"num_intervals": 400, "form": "integrals"},
        "large": {"num_intervals": 100_000, "form": "states"},
    },
    counts=counts,
    known=(
        _certified(50, 5.072261493982872),
        _certified(100, 5.069784610738739),
        _certified(200, 5.068917341793171),
        _certified(400, 5.068621694604018),
        KnownObjective(
            size={"num_intervals": 199, "form": "states"},
            value=5.06891,
            relative_tolerance=5e-6,
            source="COPS 3.0 report, chain with n = 800, as quoted in MadNLP/COPSBenchmark.jl",
            doi="10.2172/834714",
        ),
    ),
    reference="Dolan, Moré, Munson (2004), ANL/MCS-TM-273, doi:10.2172/834714",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=("x[1:]",),
        by=("slope",),
        state_bounds="impose",
    ),
)
