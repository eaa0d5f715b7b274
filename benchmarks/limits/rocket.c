/* Goddard rocket: values by hand, the limit of the tools.

   N intervals; x holds height h, velocity v, mass m, thrust T at the N + 1 nodes, then the step. With
   E = exp(-k (h - 1)), the acceleration is A = (T - D v^2 E) / m - 1 / h^2; c is the exhaust velocity.
   The objective is -h at the last node.
   Order of the Jacobian, N values each, left node before right: height rows: h, h, v, v, step; velocity rows:
   h, h, v, v, m, m, T, T, step; mass rows: m, m, T, T, step.
   Order of the Hessian, N + 1 values each: (h, h), (v, h), (m, h), (v, v), (m, v), (m, m), (T, m), then the row of
   the step: h, v, m, T. */
#include <math.h>
#include <string.h>

#include "chunks.h"
#include "trapezoid.h"

#define CHUNK 256

void rocket_objective(long n, double D, double k, double c, const double *restrict x, double *restrict value) {
    *value = -x[n];
}

void rocket_gradient(long n, double D, double k, double c, const double *restrict x, double *restrict values) {
    memset(values, 0, sizeof(double) * (4 * n + 5));
    values[n] = -1;
}

void rocket_constraints(long n, double D, double k, double c, const double *restrict x, double *restrict values) {
    const long nodes = n + 1;
    const double half = -0.5 * x[4 * nodes];
    double e[CHUNK + 1], a[CHUNK + 1];
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start);
        const double *restrict h = x + start, *restrict v = h + nodes, *restrict m = v + nodes;
        const double *restrict thrust = m + nodes;
        for (long i = 0; i < size + 1; i++) e[i] = exp(-k * (h[i] - 1));
        for (long i = 0; i < size + 1; i++)
            a[i] = (thrust[i] - D * v[i] * v[i] * e[i]) / m[i] - 1 / (h[i] * h[i]);
        defects(values + start, size, h, v, half), defects(values + n + start, size, v, a, half);
        defects(values + 2 * n + start, size, m, thrust, -half / c);
    }
}

/* Both ends of each interval: the left node's values, then the right node's. */
static void both(double *restrict values, long stride, long size, const double *restrict node, double factor,
                 double own) {
    for (long i = 0; i < size; i++) values[i] = factor * node[i] - own;
    for (long i = 0; i < size; i++) values[stride + i] = factor * node[i + 1] + own;
}

static void sums(double *restrict values, long size, const double *restrict node, double factor) {
    for (long i = 0; i < size; i++) values[i] = factor * (node[i] + node[i + 1]);
}

void rocket_jacobian(long n, double D, double k, double c, const double *restrict x, double *restrict values) {
    const long nodes = n + 1;
    const double step = x[4 * nodes], half = -0.5 * step;
    double *height = values, *velocity = values + 5 * n, *mass = values + 14 * n;
    fill(height, n, -1), fill(height + n, n, 1), fill(height + 2 * n, 2 * n, half);
    fill(mass, n, -1), fill(mass + n, n, 1), fill(mass + 2 * n, 2 * n, -half / c);
    double e[CHUNK + 1], a[CHUNK + 1], ah[CHUNK + 1], av[CHUNK + 1], am[CHUNK + 1], at[CHUNK + 1];
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start);
        const double *restrict h = x + start, *restrict v = h + nodes, *restrict m = v + nodes;
        const double *restrict thrust = m + nodes;
        for (long i = 0; i < size + 1; i++) e[i] = D * exp(-k * (h[i] - 1));
        for (long i = 0; i < size + 1; i++) {
            const double inverse = 1 / m[i], low = 1 / h[i], drag = e[i] * v[i] * v[i];
            const double force = (thrust[i] - drag) * inverse, gravity = low * low;
            a[i] = force - gravity;
            ah[i] = k * drag * inverse + 2 * gravity * low;
            av[i] = -2 * e[i] * v[i] * inverse;
            am[i] = -force * inverse;
            at[i] = inverse;
        }
        double *to = velocity + start;
        sums(height + 4 * n + start, size, v, -0.5);
        both(to, n, size, ah, half, 0), both(to + 2 * n, n, size, av, half, 1);
        both(to + 4 * n, n, size, am, half, 0), both(to + 6 * n, n, size, at, half, 0);
        sums(to + 8 * n, size, a, -0.5);
        sums(mass + 4 * n + start, size, thrust, 0.5 / c);
    }
}

/* The multipliers of the intervals on both sides of each node, added. */
static void neighbors(double *restrict sums, long start, long size, long n, const double *restrict w) {
    const long first = start == 0, last = start + size == n + 1 ? size - 1 : size;
    for (long i = first; i < last; i++) sums[i] = w[start + i - 1] + w[start + i];
    if (first) sums[0] = w[0];
    if (last < size) sums[last] = w[n - 1];
}

void rocket_hessian(long n, double D, double k, double c, const double *restrict x, const double *restrict w,
                    double s, double *restrict values) {
    const long nodes = n + 1;
    const double half = -0.5 * x[4 * nodes];
    double e[CHUNK], wh[CHUNK], wv[CHUNK], wm[CHUNK];
    for (long start = 0; start < nodes; start += CHUNK) {
        const long size = smaller(CHUNK, nodes - start);
        const double *restrict h = x + start, *restrict v = h + nodes, *restrict m = v + nodes;
        const double *restrict thrust = m + nodes;
        double *restrict to = values + start;
        for (long i = 0; i < size; i++) e[i] = D * exp(-k * (h[i] - 1));
        neighbors(wh, start, size, n, w), neighbors(wv, start, size, n, w + n);
        neighbors(wm, start, size, n, w + 2 * n);
        for (long i = 0; i < size; i++) {
            const double inverse = 1 / m[i], low = 1 / h[i], gravity = low * low;
            const double lift = e[i] * v[i] * inverse, drag = lift * v[i], force = thrust[i] * inverse - drag;
            const double f = half * wv[i], g = -0.5 * wv[i];
            to[i] = f * (-k * k * drag - 6 * gravity * gravity);
            to[nodes + i] = f * 2 * k * lift;
            to[2 * nodes + i] = -f * k * drag * inverse;
            to[3 * nodes + i] = -f * 2 * e[i] * inverse;
            to[4 * nodes + i] = f * 2 * lift * inverse;
            to[5 * nodes + i] = f * 2 * force * inverse * inverse;
            to[6 * nodes + i] = -f * inverse * inverse;
            to[7 * nodes + i] = g * (k * drag + 2 * gravity * low);
            to[8 * nodes + i] = -0.5 * wh[i] - g * 2 * lift;
            to[9 * nodes + i] = -g * force * inverse;
            to[10 * nodes + i] = g * inverse + 0.5 * wm[i] / c;
        }
    }
}
