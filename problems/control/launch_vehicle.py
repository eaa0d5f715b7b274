"""Launch vehicle: a Delta III with four stages of burning puts as much mass as possible into orbit.

    maximize    m(t_f)
    subject to  r' = v,   v' = -mu r / |r|^3 + (T u + D) / m,   m' = -T / (g_0 I)   (of each phase)
                D = -C_D S rho(|r|) |w| w / 2,   w = v - omega × r
                |u| = 1,   |r| >= R_E
                r, v continuous at 75.2, 150.4 and 261 s, where masses are dropped
                (r, v) at 0 at rest on the rotating Earth, at t_f in a transfer orbit:
                a = 24361.14 km, e = 0.7308, i = 28.5°, Omega = 269.8°, omega = 130.5°

r [Mm] and v [km/s] in the inertial frame of the Earth, m [t] mass, u the direction of the thrust T.
Six of nine solid boosters burn with the first stage, then three, then none, then the second stage
does. The orbit is given by its plane, its angular momentum and its eccentricity vector. Transcribed
by Hermite–Simpson collocation on equal intervals of each phase.

Constants: mu = 3.986012e14 m^3/s^2; R_E = 6378145 m; omega = 7.29211585e-5 rad/s; g_0 = 9.80665
m/s^2; rho = 1.225 exp(-h / 7200 m) kg/m^3; C_D = 0.5; S = 4 pi m^2; latitude 28.5°. Boosters: 19290
kg each, of which propellant 17010, 628500 N, 75.2 s. First stage: 104380 kg, 95550, 1083100 N,
261 s. Second stage: 19300 kg, 16820, 110094 N, 700 s. Payload: 4164 kg. The published optimum is
7529.712 kg at 924.14 s.

Source: D. A. Benson, PhD thesis, MIT (2005); A. V. Rao et al., ACM Trans. Math. Softw. 37 (2010)
22:1-39, doi:10.1145/1731022.1731032; example 6.15 of J. T. Betts (2010),
doi:10.1137/1.9780898718577.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.control.continuous import ControlRecord, model, own
from problems.record import Counts, ProblemRecord
from sparseopt import control

FloatArray = NDArray[np.float64]

# Megameters, kiloseconds, tons: velocities in km/s, accelerations in m/s^2, forces in kN.
MU = 398.6012
EARTH = 6.378145
SPIN = np.array([0.0, 0.0, 7.29211585e-2])
SCALE_HEIGHT = 0.0072
DRAG = 0.5 * 1.225 * 0.5 * 4 * np.pi * 1e3
LATITUDE = np.radians(28.5)

BOOSTER = {"mass": 19.290, "fuel": 17.010, "thrust": 628.5, "time": 0.0752}
FIRST = {"mass": 104.380, "fuel": 95.550, "thrust": 1083.1, "time": 0.261}
SECOND = {"mass": 19.300, "fuel": 16.820, "thrust": 110.094, "time": 0.700}
PAYLOAD = 4.164
TIMES = (0.0, 0.0752, 0.1504, 0.261, 0.961)
BURNING = ((6, BOOSTER, FIRST), (3, BOOSTER, FIRST), (0, BOOSTER, FIRST), (1, SECOND, None))
"""Of each phase: how many of the one, and one of the other."""


def problem() -> control.Problem:
    """Return the problem."""
    phases = [phase(number) for number in range(4)]
    dry = BOOSTER["mass"] - BOOSTER["fuel"]
    dropped = (6 * dry, 3 * dry, FIRST["mass"] - FIRST["fuel"])
    links = [
        control.link(before, after, jumps={"m": -mass})
        for before, after, mass in zip(phases[:-1], phases[1:], dropped, strict=True)
    ]
    return control.Problem("launch_vehicle", phases, links)


def phase(number: int) -> control.Phase:
    """Return one of the four phases."""
    count, many, one = BURNING[number]
    thrust = count * many["thrust"] + (one["thrust"] if one else 0.0)
    flow = count * many["fuel"] / many["time"] + (one["fuel"] / one["time"] if one else 0.0)
    is_first, is_last = number == 0, number == 3
    start = EARTH * np.array([np.cos(LATITUDE), 0.0, np.sin(LATITUDE)])
    full = 9 * BOOSTER["mass"] + FIRST["mass"] + SECOND["mass"] + PAYLOAD

    p = control.Phase(f"stage_{number + 1}")
    start_time, end = TIMES[number : number + 2]
    p.time(start_time, (start_time, end) if is_last else end, guess=(start_time, end))
    p.state("r", 3, initial=start if is_first else None, guess=guessed_position)
    p.state("v", 3, initial=np.cross(SPIN, start) if is_first else None, guess=guessed_velocity)
    p.state("m", lower=PAYLOAD, upper=full, initial=full if is_first else None, scale=10.0)
    p.control("u", 3, guess=np.array([0.0, 1.0, 0.0]))
    p.dynamics(lambda s, u, q, t: rates(s, u, thrust, flow))
    p.path(lambda s, u, q, t: {"unit": np.sum(u.u**2, axis=1)}, lower=1.0, upper=1.0)
    p.path(lambda s, u, q, t: {"above": np.sum(s.r**2, axis=1)}, lower=EARTH**2)
    if is_last:
        p.boundary(lambda first, last, q: missed(last.r, last.v), lower=0.0, upper=0.0)
        p.maximize(lambda first, last, q, integral: 1000 * last.m)
    return p


def rates(s: Any, u: Any, thrust: float, flow: float) -> dict[str, Any]:
    """Return the rates of the states under a thrust [kN] and a flow of mass [t/ks]."""
    x, y, z = s.r[:, 0], s.r[:, 1], s.r[:, 2]
    radius = np.sqrt(x**2 + y**2 + z**2)
    wind = s.v - np.stack([-SPIN[2] * y, SPIN[2] * x, np.zeros(1) * z], axis=1)
    # A wind of 1 m/s more: at rest there is none, where its size has no derivative.
    speed = np.sqrt(np.sum(wind**2, axis=1) + 1e-6)
    drag = -DRAG * np.exp(-(radius - EARTH) / SCALE_HEIGHT) * speed
    forces = thrust * u.u + drag[:, None] * wind
    return {"r": s.v, "v": -MU / radius[:, None] ** 3 * s.r + forces / s.m[:, None], "m": -flow}


def orbit() -> tuple[FloatArray, float, float]:
    """Return the axes of the transfer orbit as rows, its parameter, and its eccentricity."""
    i, node, perigee = np.radians([28.5, 269.8, 130.5])
    nodes = np.array([np.cos(node), np.sin(node), 0.0])
    pole = np.array([np.sin(i) * np.sin(node), -np.sin(i) * np.cos(node), np.cos(i)])
    across = np.cross(pole, nodes)
    axis = np.cos(perigee) * nodes + np.sin(perigee) * across
    return np.array([axis, np.cross(pole, axis), pole]), 24.36114 * (1 - 0.7308**2), 0.7308


def missed(r: Any, v: Any) -> dict[str, Any]:
    """Return by how much a position and a velocity miss the orbit; all are zero on it."""
    axes, parameter, eccentricity = orbit()
    x, y, z = axes @ r
    v_x, v_y, v_z = axes @ v
    radius, momentum = np.sqrt(x**2 + y**2 + z**2), np.sqrt(MU * parameter)
    return {
        "momentum": (x * v_y - y * v_x) / momentum - 1.0,
        "plane_r": z,
        "plane_v": v_z,
        "perigee_x": (v_y * (x * v_y - y * v_x)) / MU - x / radius - eccentricity,
        "perigee_y": -(v_x * (x * v_y - y * v_x)) / MU - y / radius,
    }


def guessed_position(t: FloatArray) -> FloatArray:
    """Return positions between the launch and the perigee, above the Earth, at times."""
    axes, parameter, eccentricity = orbit()
    start = np.array([np.cos(LATITUDE), 0.0, np.sin(LATITUDE)])
    part = (t / TIMES[-1])[:, None]
    line = (1 - part) * start + part * axes[0]
    radius = (1 - part) * EARTH + part * parameter / (1 + eccentricity)
    return np.asarray(line / np.linalg.norm(line, axis=1, keepdims=True) * radius)


def guessed_velocity(t: FloatArray) -> FloatArray:
    """Return velocities between those at the launch and at the perigee, at times."""
    axes, parameter, eccentricity = orbit()
    start = np.cross(SPIN, EARTH * np.array([np.cos(LATITUDE), 0.0, np.sin(LATITUDE)]))
    part = (t / TIMES[-1])[:, None]
    speed = np.sqrt(MU / parameter) * (1 + eccentricity)
    return np.asarray((1 - part) * start + part * speed * axes[1])


def build(
    intervals: int = 10, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 10) -> Counts:
    """Return the counts with equal meshes of all phases; nonzeros are not claimed."""
    points = 2 * intervals + 1
    return Counts(
        variables=4 * 10 * points + 1,
        constraints=4 * (14 * intervals + 2 * points) + 3 * 7 + 5,
    )


RECORD = ProblemRecord(
    name="launch_vehicle",
    title="Delta III, most mass into a transfer orbit in four phases, Hermite–Simpson",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"intervals": 5},
        "medium": {"intervals": 200},
        "large": {"intervals": 2000},
    },
    counts=counts,
    known=(own(7530.330387119, 5),),
    reference="Rao et al. (2010), doi:10.1145/1731022.1731032",
    solved_sizes=("small",),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=7529.712,
    relative_tolerance=1e-6,
    source="Rao et al. (2010), Betts (2010): 7529.712",
    doi="10.1145/1731022.1731032",
    intervals=10,
)
