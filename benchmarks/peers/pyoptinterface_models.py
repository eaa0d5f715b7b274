"""Some of the problems as PyOptInterface models, in its idiom: scalar expressions in Python loops.

Equal rows each get a graph of their own, which the library groups and compiles once. The models
serve evaluation only: the lower bound of each row is its number in the order of the sparseopt
model, which tells where PyOptInterface puts it. Products are written out wherever they occur,
because version 0.6.1 evaluates a product wrongly that is used in two expressions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyoptinterface as poi
from pyoptinterface import ipopt, nl

from problems.control import cart_pole
from problems.pde import bratu_control
from problems.power import stored_cases
from problems.power.power_network import Branches


class Builder:
    """A model whose rows carry their numbers."""

    def __init__(self) -> None:
        self.model = ipopt.Model(jit="LLVM")
        self.num_rows = 0

    def variables(self, count: int) -> list[Any]:
        """Add variables without bounds."""
        return [self.model.add_variable() for _ in range(count)]

    def number(self, row: int | None = None) -> tuple[float, float]:
        """Return bounds that carry a row's number, by default the next one."""
        self.num_rows += row is None
        return (float(self.num_rows - 1 if row is None else row), float("inf"))

    def nonlinear(self, expression: Any, row: int | None = None) -> None:
        """Add a nonlinear row, in the current graph."""
        self.model.add_nl_constraint(expression, self.number(row))

    def linear(self, expression: Any) -> None:
        """Add a linear row."""
        self.model.add_linear_constraint(expression, self.number())

    def quadratic(self, expression: Any) -> None:
        """Add a quadratic row."""
        self.model.add_quadratic_constraint(expression, self.number())


def _luksan_vlcek_1(b: Builder, num_variables: int) -> None:
    x = b.variables(num_variables)
    for i in range(num_variables - 2):
        with nl.graph():
            u, v, w = x[i], x[i + 1], x[i + 2]
            sines = nl.sin(v - w) * nl.sin(v + w)
            b.nonlinear(3 * v**3 + 2 * w - 5 + sines + 4 * v - u * nl.exp(u - v) - 3)
    for i in range(num_variables - 1):
        with nl.graph():
            b.model.add_nl_objective(100 * (x[i] ** 2 - x[i + 1]) ** 2 + (x[i] - 1) ** 2)


def _bratu_control(b: Builder, num_points: int) -> None:
    spacing, size = 1.0 / (num_points + 1), num_points
    u, f = b.variables(size**2), b.variables(size**2)
    tracking = poi.ExprBuilder()
    for i in range(size):
        for j in range(size):
            here = i * size + j
            near = [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]
            with nl.graph():
                total = 4 * u[here]
                for k, m in near:
                    if 0 <= k < size and 0 <= m < size:
                        total = total - u[k * size + m]
                source = bratu_control.REACTION * nl.exp(u[here]) + f[here]
                b.nonlinear(total - spacing**2 * source)
            weight, price = 0.5 * spacing**2, bratu_control.CONTROL_PRICE
            tracking.add_quadratic_term(u[here], u[here], weight)
            tracking.add_affine_term(u[here], -2 * weight * bratu_control.TARGET)
            tracking.add_quadratic_term(f[here], f[here], weight * price)
    tracking += 0.5 * (spacing * size * bratu_control.TARGET) ** 2
    b.model.set_objective(tracking)


def _cart_pole(b: Builder, num_intervals: int) -> None:
    step, points = cart_pole.DURATION / num_intervals, 2 * num_intervals + 1
    x = np.array(b.variables(4 * points), dtype=object).reshape(points, 4)
    u = b.variables(points)
    effort = poi.ExprBuilder()
    for k in range(num_intervals):
        left, middle, right = 2 * k, 2 * k + 1, 2 * k + 2
        with nl.graph():
            rates = [_cart_pole_rate(x[point], u[point]) for point in (left, middle, right)]
            for s in range(4):
                hermite = step / 8 * (rates[0][s] - rates[2][s])
                residual = x[middle, s] - 0.5 * (x[left, s] + x[right, s]) - hermite
                b.nonlinear(residual, 4 * k + s)
        with nl.graph():
            rates = [_cart_pole_rate(x[point], u[point]) for point in (left, middle, right)]
            for s in range(4):
                simpson = step / 6 * (rates[0][s] + 4 * rates[1][s] + rates[2][s])
                row = 4 * (num_intervals + k) + s
                b.nonlinear(x[right, s] - x[left, s] - simpson, row)
        for point, weight in ((left, 1.0), (middle, 4.0), (right, 1.0)):
            effort.add_quadratic_term(u[point], u[point], step / 6 * weight)
    b.model.set_objective(effort)


def _cart_pole_rate(x: Any, u: Any) -> list[Any]:
    m1, m2 = cart_pole.CART_MASS, cart_pole.POLE_MASS
    length, g = cart_pole.POLE_LENGTH, cart_pole.GRAVITY
    angle, speed, turning = x[1], x[2], x[3]
    sine, cosine = nl.sin(angle), nl.cos(angle)
    inertia = m1 + m2 * sine**2
    cart = (length * m2 * sine * turning**2 + u + m2 * g * cosine * sine) / inertia
    swing = length * m2 * sine * turning**2 * cosine
    pole = -(swing + u * cosine + (m1 + m2) * g * sine) / (length * inertia)
    return [speed, turning, cart, pole]


def _ac_opf(b: Builder, case: str) -> None:
    net = stored_cases.network(case)
    buses, gens, branches = net.buses, net.generators, net.branches
    num = len(branches.rating)
    va, vm = b.variables(net.num_buses), b.variables(net.num_buses)
    pg, qg = b.variables(len(gens.bus)), b.variables(len(gens.bus))
    p, q = b.variables(2 * num), b.variables(2 * num)
    ends = np.concatenate([branches.from_bus, branches.to_bus])
    _balance(b, vm, pg, p, gens.bus, ends, -buses.shunt_conductance)
    _balance(b, vm, qg, q, gens.bus, ends, buses.shunt_susceptance)
    for branch in range(num):
        _flows(b, branches, branch, va, vm, p, q, b.num_rows)
    b.num_rows += 4 * num
    for end in range(2 * num):
        if np.isfinite(branches.rating[end % num]):
            b.quadratic(p[end] * p[end] + q[end] * q[end])
    limited = np.isfinite(branches.angle_lower) | np.isfinite(branches.angle_upper)
    for branch in np.flatnonzero(limited).tolist():
        b.linear(va[branches.from_bus[branch]] - va[branches.to_bus[branch]])
    cost = poi.ExprBuilder()
    for k, (quadratic, linear, constant) in enumerate(gens.cost.tolist()):
        cost += constant
        cost.add_affine_term(pg[k], linear)
        if quadratic:
            cost.add_quadratic_term(pg[k], pg[k], quadratic)
    b.model.set_objective(cost)


def _balance(b: Builder, vm: Any, made: Any, flow: Any, at: Any, ends: Any, shunt: Any) -> None:
    rows = [poi.ExprBuilder() for _ in vm]
    for k, bus in enumerate(at):
        rows[bus].add_affine_term(made[k], 1.0)
    for end, bus in enumerate(ends):
        rows[bus].add_affine_term(flow[end], -1.0)
    for bus, row in enumerate(rows):
        if shunt[bus]:
            row.add_quadratic_term(vm[bus], vm[bus], float(shunt[bus]))
            b.quadratic(row)
        else:
            b.linear(row)


def _flows(b: Builder, br: Branches, k: int, va: Any, vm: Any, p: Any, q: Any, first: int) -> None:
    num, i, j = len(br.rating), br.from_bus[k], br.to_bus[k]
    names = ("conductance", "susceptance", "charging", "tap_real", "tap_imaginary", "tap_squared")
    g, s, charging, tr, ti, t2 = (float(getattr(br, name)[k]) for name in names)
    total = s + charging / 2
    a, c = (-g * tr + s * ti) / t2, (-s * tr - g * ti) / t2
    d, e = (-g * tr - s * ti) / t2, (-s * tr + g * ti) / t2
    coefficients = ((i, g / t2, a, c), (j, g, d, -e), (i, -total / t2, -c, a), (j, -total, -e, -d))
    left = (p[k], p[num + k], q[k], q[num + k])
    with nl.graph():
        for row, (bus, own, real, imaginary) in enumerate(coefficients):
            cosine = real * vm[i] * vm[j] * nl.cos(va[i] - va[j])
            sine = imaginary * vm[i] * vm[j] * nl.sin(va[i] - va[j])
            b.nonlinear(left[row] - own * vm[bus] ** 2 - cosine - sine, first + row * num + k)


BUILDERS: dict[str, Callable[..., None]] = {
    "ac_opf": _ac_opf,
    "bratu_control": _bratu_control,
    "cart_pole": _cart_pole,
    "luksan_vlcek_1": _luksan_vlcek_1,
}


def build(problem: str, size: dict[str, Any]) -> Any:
    """Return a problem as a PyOptInterface model whose lower bounds are row numbers."""
    builder = Builder()
    BUILDERS[problem](builder, **size)
    return builder.model
