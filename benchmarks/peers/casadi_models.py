"""The problems as CasADi models, in the vectorized idiom that suits MX; SX runs the same lines.

Variables and constraints have the order of the sparseopt models, so that values can be compared
entry by entry. CasADi stores matrices by columns: what is (points, states) there is (states,
points) here, and a grid is transposed. Rows with a single linear entry are bounds here, and
maximizations are negated, as solvers see them in sparseopt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import casadi as ca
import numpy as np

from problems.control import cart_pole, quadrotor
from problems.cops import bearing, hanging_chain, rocket
from problems.hock_schittkowski import hs071
from problems.luksan_vlcek import luksan_vlcek_1
from problems.luksan_vlcek.forms import repeated
from problems.pde import bratu_control, heat_identification
from problems.power import stored_cases


@dataclass
class CasadiModel:
    """A nonlinear program as CasADi's `nlpsol` takes it."""

    x: Any
    objective: Any
    constraints: Any
    start: Any
    lower: Any
    upper: Any
    constraint_lower: Any
    constraint_upper: Any


class Builder:
    """Collects variables and constraints of one kind of symbol, `casadi.SX` or `casadi.MX`."""

    def __init__(self, symbol: Any) -> None:
        self.symbol = symbol
        self.variables: list[tuple[Any, Any, Any, Any]] = []
        self.rows: list[tuple[Any, Any, Any]] = []

    def variable(
        self,
        name: str,
        rows: int,
        columns: int = 1,
        lower: Any = -np.inf,
        upper: Any = np.inf,
        start: Any = None,
    ) -> Any:
        """Return a new matrix variable; bounds and start are in the order of its columns.

        The start is by default the point nearest to 0 within the bounds, as in sparseopt.
        """
        variable = self.symbol.sym(name, rows, columns)
        start = np.clip(0.0, lower, upper) if start is None else start
        sides = (
            np.array(np.broadcast_to(side, rows * columns), float) for side in (lower, upper, start)
        )
        self.variables.append((ca.vec(variable), *sides))
        return variable

    def fix(self, variable: int, index: int, value: float) -> None:
        """Fix one entry of the variable with this number."""
        self.variables[variable][1][index] = self.variables[variable][2][index] = value

    def subject_to(self, expression: Any, lower: Any = 0.0, upper: Any = 0.0) -> None:
        """Add constraints lower <= expression <= upper, by default an equation."""
        size = expression.numel()
        sides = (np.broadcast_to(np.asarray(side, float), size) for side in (lower, upper))
        self.rows.append((ca.vec(expression), *sides))

    def minimize(self, objective: Any) -> CasadiModel:
        """Return the finished model."""
        x, lower, upper, start = zip(*self.variables, strict=True)
        g, low, high = zip(*self.rows, strict=True) if self.rows else ((), (), ())
        parts = (
            np.concatenate(part) if part else np.zeros(0)
            for part in (start, lower, upper, low, high)
        )
        return CasadiModel(ca.vertcat(*x), objective, ca.vertcat(*g), *parts)


def _hs071(b: Builder) -> CasadiModel:
    x = b.variable("x", 4, lower=1.0, upper=5.0, start=[1.0, 5.0, 5.0, 1.0])
    b.subject_to(x[0] * x[1] * x[2] * x[3] - hs071.PRODUCT_LOWER, 0.0, np.inf)
    b.subject_to(ca.sumsqr(x) - hs071.SQUARED_NORM)
    return b.minimize(x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2])


def _rosenbrock(b: Builder, num_variables: int) -> CasadiModel:
    x = b.variable(
        "x", num_variables, start=np.tile([-1.2, 1.0], num_variables // 2 + 1)[:num_variables]
    )
    return b.minimize(100 * ca.sumsqr(x[1:] - x[:-1] ** 2) + ca.sumsqr(1 - x[:-1]))


def _luksan_vlcek_1(b: Builder, num_variables: int) -> CasadiModel:
    x = b.variable("x", num_variables, start=repeated(luksan_vlcek_1.START, num_variables))
    u, v, w = x[:-2], x[1:-1], x[2:]
    sines = ca.sin(v - w) * ca.sin(v + w)
    b.subject_to(3 * v**3 + 2 * w - 5 + sines + 4 * v - u * ca.exp(u - v) - 3)
    return b.minimize(100 * ca.sumsqr(x[:-1] ** 2 - x[1:]) + ca.sumsqr(x[:-1] - 1))


def _hanging_chain(b: Builder, num_intervals: int, form: str) -> CasadiModel:
    step, nodes = 1.0 / num_intervals, num_intervals + 1
    t = np.linspace(0.0, 1.0, nodes)
    height, slope = 8 * t * (t / 2 - 0.25) + 1, 8 * (t - 0.25)
    x, u = b.variable("x", nodes, start=height), b.variable("u", nodes, start=slope)
    b.fix(0, 0, hanging_chain.LEFT_HEIGHT)
    b.fix(0, num_intervals, hanging_chain.RIGHT_HEIGHT)
    arc = ca.sqrt(1 + u**2)
    b.subject_to(_change(x, u, step))
    if form == "integrals":
        b.subject_to(ca.sum1(0.5 * step * (arc[1:] + arc[:-1])) - hanging_chain.LENGTH)
        energy = x * arc
        return b.minimize(ca.sum1(0.5 * step * (energy[1:] + energy[:-1])))
    e, s = b.variable("e", nodes, start=height * slope), b.variable("s", nodes, start=slope)
    b.fix(2, 0, 0.0)
    b.fix(3, 0, 0.0)
    b.fix(3, num_intervals, hanging_chain.LENGTH)
    b.subject_to(_change(e, x * arc, step))
    b.subject_to(_change(s, arc, step))
    return b.minimize(e[-1])


def _change(state: Any, rate: Any, step: Any) -> Any:
    return state[1:] - state[:-1] - 0.5 * step * (rate[1:] + rate[:-1])


def _rocket(b: Builder, num_intervals: int) -> CasadiModel:
    nodes, t = num_intervals + 1, np.linspace(0.0, 1.0, num_intervals + 1)
    final, thrust = rocket.FINAL_MASS, rocket.MAXIMAL_THRUST
    h = b.variable("h", nodes, lower=1.0, start=1.0)
    v = b.variable("v", nodes, lower=0.0, start=t * (1 - t))
    m = b.variable("m", nodes, lower=final, upper=1.0, start=1 + (final - 1) * t)
    force = b.variable("thrust", nodes, lower=0.0, upper=thrust, start=thrust / 2)
    step = b.variable("step", 1, lower=0.0, start=1 / num_intervals)
    for variable, index, value in ((0, 0, 1.0), (1, 0, 0.0), (2, 0, 1.0), (2, -1, final)):
        b.fix(variable, index, value)
    drag = rocket.DRAG * v**2 * ca.exp(-rocket.DRAG_DECAY * (h - 1))
    b.subject_to(_change(h, v, step))
    b.subject_to(_change(v, (force - drag) / m - (1 / h) ** 2, step))
    b.subject_to(_change(m, -force / rocket.EXHAUST_VELOCITY, step))
    return b.minimize(-h[-1])


def _bearing(b: Builder, num_x: int, num_y: int) -> CasadiModel:
    s = np.linspace(0.0, 2 * np.pi, num_x + 2)
    upper = np.pad(np.full((num_x, num_y), np.inf), 1)
    start = np.maximum(np.broadcast_to(np.sin(s)[:, None], upper.shape), 0.0) * (upper > 0)
    v = b.variable("v", num_y + 2, num_x + 2, lower=0.0, upper=upper.ravel(), start=start.ravel())
    hx, hy = 2 * np.pi / (num_x + 1), 2 * bearing.HALF_LENGTH / (num_y + 1)
    w = (1 + bearing.ECCENTRICITY * np.cos(s)) ** 3
    dx, dy = ((v[:, 1:] - v[:, :-1]) / hx) ** 2, ((v[1:, :] - v[:-1, :]) / hy) ** 2
    lower = ca.mtimes(ca.sum1(dx[:-1, :] + dy[:, :-1]), ca.DM(w[:-1] + 2 * w[1:]))
    higher = ca.mtimes(ca.sum1(dx[1:, :] + dy[:, 1:]), ca.DM(2 * w[1:] + 2 * w[:-1]))
    load = ca.mtimes(ca.sum1(v), ca.DM(bearing.ECCENTRICITY * np.sin(s)))
    return b.minimize(hx * hy / 12 * (lower + higher) - hx * hy * load)


def _cart_pole(b: Builder, num_intervals: int) -> CasadiModel:
    step, points = cart_pole.DURATION / num_intervals, 2 * num_intervals + 1
    upper = np.tile([cart_pole.MAXIMAL_POSITION, np.inf, np.inf, np.inf], (points, 1))
    lower = -upper
    lower[0] = upper[0] = 0.0
    lower[-1] = upper[-1] = cart_pole.FINAL_STATE
    start = np.linspace(0.0, 1.0, points)[:, None] * cart_pole.FINAL_STATE
    x = b.variable("x", 4, points, lower.ravel(), upper.ravel(), start.ravel())
    force = cart_pole.MAXIMAL_FORCE
    u = b.variable("u", 1, points, lower=-force, upper=force)
    rate = _cart_pole_rate(x, u)
    left, middle, right = x[:, :-2:2], x[:, 1::2], x[:, 2::2]
    rate_left, rate_middle, rate_right = rate[:, :-2:2], rate[:, 1::2], rate[:, 2::2]
    b.subject_to(middle - (left + right) / 2 - step / 8 * (rate_left - rate_right))
    b.subject_to(right - left - step / 6 * (rate_left + 4 * rate_middle + rate_right))
    ends = ca.sumsqr(u[:, :-2:2]) + ca.sumsqr(u[:, 2::2])
    return b.minimize(step / 6 * (ends + 4 * ca.sumsqr(u[:, 1::2])))


def _cart_pole_rate(x: Any, u: Any) -> Any:
    m1, m2, length, g = (
        cart_pole.CART_MASS,
        cart_pole.POLE_MASS,
        cart_pole.POLE_LENGTH,
        cart_pole.GRAVITY,
    )
    sine, cosine = ca.sin(x[1, :]), ca.cos(x[1, :])
    swing = length * m2 * sine * x[3, :] ** 2
    inertia = m1 + m2 * sine**2
    cart = (swing + u + m2 * g * cosine * sine) / inertia
    pole = -(swing * cosine + u * cosine + (m1 + m2) * g * sine) / (length * inertia)
    return ca.vertcat(x[2, :], x[3, :], cart, pole)


def _quadrotor(b: Builder, num_intervals: int) -> CasadiModel:
    nodes, states, most = num_intervals + 1, quadrotor.NUM_STATES, quadrotor.MAXIMAL_THRUST
    upper = np.full((nodes, states), np.inf)
    upper[:, 6:8] = quadrotor.MAXIMAL_TILT
    lower = -upper
    lower[0] = upper[0] = 0.0
    lower[-1] = upper[-1] = quadrotor.FINAL_STATE
    start = np.linspace(0.0, 1.0, nodes)[:, None] * quadrotor.FINAL_STATE
    x = b.variable("x", states, nodes, lower.ravel(), upper.ravel(), start.ravel())
    w = b.variable("w", 4, nodes, 0.0, most, 1.0)
    middle_w = b.variable("w_middle", 4, num_intervals, 0.0, most, 1.0)
    duration = b.variable("duration", 1, 1, *quadrotor.DURATION_BOUNDS, quadrotor.START_DURATION)
    step = duration / num_intervals
    rate = _quadrotor_rate(x, w)
    left, right = rate[:, :-1], rate[:, 1:]
    middle = (x[:, :-1] + x[:, 1:]) / 2 + step / 8 * (left - right)
    middle_rate = _quadrotor_rate(middle, middle_w)
    b.subject_to(x[:, 1:] - x[:, :-1] - step / 6 * (left + 4 * middle_rate + right))
    ends = ca.sumsqr(w[:, :-1] - 1) + ca.sumsqr(w[:, 1:] - 1)
    effort = quadrotor.EFFORT_PRICE / 6 * (ends + 4 * ca.sumsqr(middle_w - 1))
    return b.minimize(duration + step * effort)


def _quadrotor_rate(x: Any, w: Any) -> Any:
    mass, arm, drag = quadrotor.MASS, quadrotor.ARM, quadrotor.AIR_DRAG / quadrotor.MASS
    ix, iy, iz = quadrotor.INERTIA
    force = w * (mass * quadrotor.GRAVITY / 4)
    phi, theta, psi, p, q, r = (x[k, :] for k in range(6, 12))
    lift, forward = ca.sum1(force) / mass, ca.sin(theta) * ca.cos(phi)
    yawing = q * ca.sin(phi) + r * ca.cos(phi)
    torque = quadrotor.TORQUE_PER_THRUST * (force[0, :] - force[1, :] + force[2, :] - force[3, :])
    return ca.vertcat(
        x[3:6, :],
        (ca.cos(psi) * forward + ca.sin(psi) * ca.sin(phi)) * lift - drag * x[3, :],
        (ca.sin(psi) * forward - ca.cos(psi) * ca.sin(phi)) * lift - drag * x[4, :],
        ca.cos(theta) * ca.cos(phi) * lift - quadrotor.GRAVITY - drag * x[5, :],
        p + yawing * ca.tan(theta),
        q * ca.cos(phi) - r * ca.sin(phi),
        yawing / ca.cos(theta),
        ((iy - iz) * q * r + arm * (force[3, :] - force[1, :])) / ix,
        ((iz - ix) * p * r + arm * (force[2, :] - force[0, :])) / iy,
        ((ix - iy) * p * q + torque) / iz,
    )


def _bratu_control(b: Builder, num_points: int) -> CasadiModel:
    spacing, most = 1.0 / (num_points + 1), bratu_control.MAXIMAL_CONTROL
    u = b.variable("u", num_points, num_points)
    f = b.variable("f", num_points, num_points, -most, most)
    zeros = b.symbol.zeros(1, num_points)
    down, up = ca.vertcat(u[1:, :], zeros), ca.vertcat(zeros, u[:-1, :])
    left, right = ca.horzcat(zeros.T, u[:, :-1]), ca.horzcat(u[:, 1:], zeros.T)
    source = bratu_control.REACTION * ca.exp(u) + f
    b.subject_to(-(down + up + left + right - 4 * u) - spacing**2 * source)
    tracking = ca.sumsqr(u - bratu_control.TARGET) + bratu_control.CONTROL_PRICE * ca.sumsqr(f)
    return b.minimize(0.5 * spacing**2 * tracking)


def _heat_identification(b: Builder, num_cells: int) -> CasadiModel:
    data, start = heat_identification.temperatures(num_cells=num_cells)
    width = 1.0 / num_cells
    low, high = heat_identification.CONDUCTIVITY_LOWER, heat_identification.CONDUCTIVITY_UPPER
    u = b.variable("u", num_cells, num_cells, start=start.ravel())
    k = b.variable("k", num_cells, num_cells, low, high, heat_identification.PLATE)
    down = 2 * k[:-1, :] * k[1:, :] / (k[:-1, :] + k[1:, :]) * (u[:-1, :] - u[1:, :])
    right = 2 * k[:, :-1] * k[:, 1:] / (k[:, :-1] + k[:, 1:]) * (u[:, :-1] - u[:, 1:])
    edge = 2 * k * u
    vertical = ca.vertcat(edge[0, :], -down) + ca.vertcat(down, edge[-1, :])
    horizontal = ca.horzcat(edge[:, 0], -right) + ca.horzcat(right, edge[:, -1])
    b.subject_to(vertical + horizontal - width**2 * heat_identification.SOURCE)
    rough = ca.sumsqr(k[1:, :] - k[:-1, :]) + ca.sumsqr(k[:, 1:] - k[:, :-1])
    misfit = 0.5 * width**2 * ca.sumsqr(u - ca.DM(data.T))
    return b.minimize(misfit + 0.5 * heat_identification.REGULARIZATION * rough)


def _ac_opf(b: Builder, case: str) -> CasadiModel:
    net = stored_cases.network(case)
    buses, gens, br = net.buses, net.generators, net.branches
    va = b.variable("va", net.num_buses)
    vm = b.variable("vm", net.num_buses, 1, buses.voltage_lower, buses.voltage_upper, 1.0)
    pg = b.variable("pg", len(gens.bus), 1, gens.active_lower, gens.active_upper)
    qg = b.variable("qg", len(gens.bus), 1, gens.reactive_lower, gens.reactive_upper)
    rating, num = np.tile(br.rating, 2), len(br.rating)
    p = b.variable("p", num, 2, -rating, rating)
    q = b.variable("q", num, 2, -rating, rating)
    for reference in buses.reference:
        b.fix(0, int(reference), 0.0)
    at_generators = ca.DM(net.at_buses(gens.bus).tocsc())
    at_ends = ca.DM(net.at_buses(np.concatenate([br.from_bus, br.to_bus])).tocsc())
    active, reactive = ca.mtimes(at_generators, pg), ca.mtimes(at_generators, qg)
    shunt_g, shunt_b = (
        _sparse_diagonal(buses.shunt_conductance),
        _sparse_diagonal(buses.shunt_susceptance),
    )
    square = vm**2
    b.subject_to(
        active - ca.mtimes(at_ends, ca.vec(p)) - buses.active_demand - ca.mtimes(shunt_g, square)
    )
    b.subject_to(
        reactive
        - ca.mtimes(at_ends, ca.vec(q))
        - buses.reactive_demand
        + ca.mtimes(shunt_b, square)
    )
    active, reactive = _branch_flows(br, va, vm)
    b.subject_to(p - active)
    b.subject_to(q - reactive)
    rated = np.flatnonzero(np.isfinite(br.rating)).tolist()
    limit = np.tile(br.rating[rated] ** 2, 2)
    b.subject_to(p[rated, :] ** 2 + q[rated, :] ** 2 - limit.reshape(2, -1).T, -np.inf, 0.0)
    limited = np.flatnonzero(np.isfinite(br.angle_lower) | np.isfinite(br.angle_upper))
    i, j = br.from_bus[limited].tolist(), br.to_bus[limited].tolist()
    b.subject_to(va[i] - va[j], br.angle_lower[limited], br.angle_upper[limited])
    quadratic, linear, constant = gens.cost.T
    curved = np.flatnonzero(quadratic).tolist()
    cost = ca.dot(ca.DM(linear), pg) + np.sum(constant)
    return b.minimize(cost + (ca.dot(ca.DM(quadratic[curved]), pg[curved] ** 2) if curved else 0))


def _sparse_diagonal(values: Any) -> Any:
    return ca.sparsify(ca.diag(ca.sparsify(ca.DM(values))))


def _branch_flows(branches: Any, va: Any, vm: Any) -> tuple[Any, Any]:
    g, s, charging = branches.conductance, branches.susceptance, branches.charging
    tr, ti, t2 = branches.tap_real, branches.tap_imaginary, branches.tap_squared
    i, j = branches.from_bus.tolist(), branches.to_bus.tolist()
    angle = va[i] - va[j]
    real, imaginary = vm[i] * vm[j] * ca.cos(angle), vm[i] * vm[j] * ca.sin(angle)
    a, c = (-g * tr + s * ti) / t2, (-s * tr - g * ti) / t2
    d, e = (-g * tr - s * ti) / t2, (-s * tr + g * ti) / t2
    active = ca.horzcat(
        g / t2 * vm[i] ** 2 + a * real + c * imaginary, g * vm[j] ** 2 + d * real - e * imaginary
    )
    total = s + charging / 2
    reactive = ca.horzcat(
        -total / t2 * vm[i] ** 2 - c * real + a * imaginary,
        -total * vm[j] ** 2 - e * real - d * imaginary,
    )
    return active, reactive


BUILDERS: dict[str, Callable[..., CasadiModel]] = {
    "ac_opf": _ac_opf,
    "bearing": _bearing,
    "bratu_control": _bratu_control,
    "cart_pole": _cart_pole,
    "hanging_chain": _hanging_chain,
    "heat_identification": _heat_identification,
    "hs071": _hs071,
    "luksan_vlcek_1": _luksan_vlcek_1,
    "quadrotor": _quadrotor,
    "rocket": _rocket,
    "rosenbrock": _rosenbrock,
}


def build(problem: str, size: dict[str, Any], symbol: str) -> CasadiModel:
    """Return a problem as a CasADi model of "SX" or "MX" symbols."""
    return BUILDERS[problem](Builder(getattr(ca, symbol)), **size)
