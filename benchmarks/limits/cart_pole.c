/* Cart-pole swing-up, Hermite-Simpson: values by hand, the limit of the tools.

   N intervals of length d, 2 N + 1 points; x holds position, angle, speed, turning of every point, then the force u
   of every point. With sine s and cosine c of the angle, turning o, and I = m1 + m2 s^2, speed and turning change
   at the rates P / I and -Q / (L I), where P = a s o^2 + u + b s c and Q = a s c o^2 + u c + e s.
   Rows of an interval are together: four Hermite rows of each, then four Simpson rows of each.
   Order of the Jacobian, N values each. Hermite rows, of position: position of middle, left, right, speed of left,
   right; of angle: likewise; of speed: speed of middle, left, right, then angle, turning, force of left and of
   right; of turning: turning of middle, then angle, turning, force of left and of right. Simpson rows, of position:
   position of right, left, speed of left, middle, right; of angle: likewise; of speed: speed of right, left, then
   angle, turning, force of left, middle, right; of turning: angle, turning, force of left, middle, right.
   Order of the Hessian, 2 N + 1 values each: (angle, angle), (turning, angle), (turning, turning), (u, angle),
   (u, u). */
#include <math.h>
#include <string.h>

#include "chunks.h"

#define CHUNK 128

struct constants { double m1, m2, length, a, b, e; };

static struct constants constants_of(double m1, double m2, double length, double gravity) {
    return (struct constants){m1, m2, length, length * m2, m2 * gravity, (m1 + m2) * gravity};
}

void cart_pole_objective(long n, double d, double m1, double m2, double length, double gravity,
                         const double *restrict x, double *restrict value) {
    const double *restrict u = x + 4 * (2 * n + 1);
    double sum = u[2 * n] * u[2 * n] - u[0] * u[0];
    for (long i = 0; i < n; i++) sum += 2 * u[2 * i] * u[2 * i] + 4 * u[2 * i + 1] * u[2 * i + 1];
    *value = d / 6 * sum;
}

void cart_pole_gradient(long n, double d, double m1, double m2, double length, double gravity,
                        const double *restrict x, double *restrict values) {
    const double *restrict u = x + 4 * (2 * n + 1);
    const double node = 4 * d / 6, middle = 8 * d / 6;
    double *restrict to = values + 4 * (2 * n + 1);
    memset(values, 0, sizeof(double) * 4 * (2 * n + 1));
    for (long i = 0; i < n; i++) {
        to[2 * i] = node * u[2 * i];
        to[2 * i + 1] = middle * u[2 * i + 1];
    }
    to[0] = 0.5 * node * u[0];
    to[2 * n] = 0.5 * node * u[2 * n];
}

/* Sine and cosine of the angle at `size` points, every second one. */
struct turns { double sine[CHUNK + 1], cosine[CHUNK + 1]; };

static void turn(struct turns *restrict to, long size, const double *restrict x) {
    double angle[CHUNK + 1];
    for (long i = 0; i < size; i++) angle[i] = x[8 * i + 1];
    for (long i = 0; i < size; i++) to->sine[i] = sin(angle[i]);
    for (long i = 0; i < size; i++) to->cosine[i] = cos(angle[i]);
}

/* What rates and all of their derivatives are made of: square = a o^2, p = P / I, q = Q / I. */
struct point { double s, c, o, force, square, inverse, p, q; };

static inline struct point point_of(const struct turns *turned, long i, const double *restrict x,
                                    const double *restrict u, struct constants k) {
    const double s = turned->sine[i], c = turned->cosine[i], o = x[8 * i + 3], force = u[2 * i];
    const double square = k.a * o * o, inverse = 1 / (k.m1 + k.m2 * s * s);
    const double p = (square * s + force + k.b * s * c) * inverse;
    const double q = (square * s * c + force * c + k.e * s) * inverse;
    return (struct point){s, c, o, force, square, inverse, p, q};
}

/* Rates of speed and of turning at `size` points, every second one. */
static void accelerate(double *restrict f, double *restrict g, long size, const double *restrict x,
                       const double *restrict u, struct constants k) {
    struct turns turned;
    turn(&turned, size, x);
    for (long i = 0; i < size; i++) {
        const struct point at = point_of(&turned, i, x, u, k);
        f[i] = at.p;
        g[i] = -at.q / k.length;
    }
}

/* The Hermite and the Simpson row of one state: itself and its rate at the ends and in the middle. */
static void rows(double *restrict hermite, double *restrict simpson, long i, long state, const double *restrict x,
                 double left, double middle, double right, double d) {
    const double a = x[8 * i + state], b = x[8 * i + 4 + state], c = x[8 * i + 8 + state];
    hermite[4 * i + state] = b - 0.5 * (a + c) - d / 8 * (left - right);
    simpson[4 * i + state] = c - a - d / 6 * (left + 4 * middle + right);
}

void cart_pole_constraints(long n, double d, double m1, double m2, double length, double gravity,
                           const double *restrict x, double *restrict values) {
    const double *restrict u = x + 4 * (2 * n + 1);
    const struct constants known = constants_of(m1, m2, length, gravity);
    double f[CHUNK + 1], g[CHUNK + 1], fm[CHUNK], gm[CHUNK];
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start), point = 2 * start;
        const double *restrict y = x + 4 * point;
        double *restrict p = values + 4 * start, *restrict q = p + 4 * n;
        accelerate(f, g, size + 1, y, u + point, known);
        accelerate(fm, gm, size, y + 4, u + point + 1, known);
        for (long i = 0; i < size; i++) {
            rows(p, q, i, 0, y, y[8 * i + 2], y[8 * i + 6], y[8 * i + 10], d);
            rows(p, q, i, 1, y, y[8 * i + 3], y[8 * i + 7], y[8 * i + 11], d);
            rows(p, q, i, 2, y, f[i], fm[i], f[i + 1], d);
            rows(p, q, i, 3, y, g[i], gm[i], g[i + 1], d);
        }
    }
}

/* First derivatives of both rates by angle, turning and force. */
struct rates { double f[3][CHUNK + 1], g[3][CHUNK + 1]; };

static void differentiate(struct rates *restrict to, long size, const double *restrict x, const double *restrict u,
                          struct constants k) {
    struct turns turned;
    turn(&turned, size, x);
    for (long i = 0; i < size; i++) {
        const struct point at = point_of(&turned, i, x, u, k);
        const double s = at.s, c = at.c, twice = c * c - s * s;
        const double change = 2 * k.m2 * s * c, down = -at.inverse / k.length;
        to->f[0][i] = (at.square * c + k.b * twice - at.p * change) * at.inverse;
        to->f[1][i] = 2 * k.a * at.o * s * at.inverse;
        to->f[2][i] = at.inverse;
        to->g[0][i] = (at.square * twice - at.force * s + k.e * c - at.q * change) * down;
        to->g[1][i] = 2 * k.a * at.o * s * c * down;
        to->g[2][i] = c * down;
    }
}

static double *constants(double *values, long size, const double *list, int count) {
    for (int k = 0; k < count; k++) values = fill(values, size, list[k]);
    return values;
}

static void scaled(double *restrict values, long size, const double *restrict from, double factor, double own) {
    for (long i = 0; i < size; i++) values[i] = factor * from[i] + own;
}

void cart_pole_jacobian(long n, double d, double m1, double m2, double length, double gravity,
                        const double *restrict x, double *restrict values) {
    const double *restrict u = x + 4 * (2 * n + 1);
    const struct constants known = constants_of(m1, m2, length, gravity);
    const double hermite[] = {1, -0.5, -0.5, -d / 8, d / 8}, simpson[] = {1, -1, -d / 6, -4 * d / 6, -d / 6};
    double *speed = constants(constants(values, n, hermite, 5), n, hermite, 5);
    double *turning = constants(speed, n, hermite, 3) + 6 * n;
    double *second = fill(turning, n, 1) + 6 * n;
    double *late_speed = constants(constants(second, n, simpson, 5), n, simpson, 5);
    double *late_turning = constants(late_speed, n, simpson, 2) + 9 * n;
    struct rates ends, middle;
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start), point = 2 * start;
        differentiate(&ends, size + 1, x + 4 * point, u + point, known);
        differentiate(&middle, size, x + 4 * (point + 1), u + point + 1, known);
        double *h = speed + 3 * n + start, *g = turning + n + start;
        double *p = late_speed + 2 * n + start, *q = late_turning + start;
        for (int k = 0; k < 3; k++) {
            const double half = k == 1 ? -0.5 : 0, whole = k == 1 ? 1 : 0;
            scaled(h + k * n, size, ends.f[k], -d / 8, 0), scaled(h + (3 + k) * n, size, ends.f[k] + 1, d / 8, 0);
            scaled(g + k * n, size, ends.g[k], -d / 8, half);
            scaled(g + (3 + k) * n, size, ends.g[k] + 1, d / 8, half);
            scaled(p + k * n, size, ends.f[k], -d / 6, 0), scaled(p + (3 + k) * n, size, middle.f[k], -4 * d / 6, 0);
            scaled(p + (6 + k) * n, size, ends.f[k] + 1, -d / 6, 0);
            scaled(q + k * n, size, ends.g[k], -d / 6, -whole), scaled(q + (3 + k) * n, size, middle.g[k], -4 * d / 6, 0);
            scaled(q + (6 + k) * n, size, ends.g[k] + 1, -d / 6, whole);
        }
    }
}

/* Second derivatives at `size` points, every second one, with the weights of both rates and of the force. */
static void curve(double *restrict values, long points, long size, const double *restrict x,
                  const double *restrict u, const double *restrict wf, const double *restrict wg, double price,
                  struct constants k) {
    struct turns turned;
    turn(&turned, size, x);
    for (long i = 0; i < size; i++) {
        const struct point at = point_of(&turned, i, x, u, k);
        const double s = at.s, c = at.c, inverse = at.inverse, twice = c * c - s * s;
        const double change = 2 * k.m2 * s * c, bend = 2 * k.m2 * twice, f = wf[i] * inverse;
        const double g = -wg[i] * inverse / k.length;
        const double p1 = (at.square * c + k.b * twice - at.p * change) * inverse;
        const double q1 = (at.square * twice - at.force * s + k.e * c - at.q * change) * inverse;
        const double p2 = -at.square * s - 4 * k.b * s * c - 2 * p1 * change - at.p * bend;
        const double q2 = -4 * at.square * s * c - at.force * c - k.e * s - 2 * q1 * change - at.q * bend;
        const double po = 2 * k.a * at.o * (c - s * change * inverse);
        const double qo = 2 * k.a * at.o * (twice - s * c * change * inverse);
        double *restrict to = values + 2 * i;
        to[0] = f * p2 + g * q2;
        to[points] = f * po + g * qo;
        to[2 * points] = 2 * k.a * s * (f + g * c);
        to[3 * points] = -f * change * inverse - g * (s + c * change * inverse);
        to[4 * points] = price;
    }
}

void cart_pole_hessian(long n, double d, double m1, double m2, double length, double gravity,
                       const double *restrict x, const double *restrict w, double s, double *restrict values) {
    const long points = 2 * n + 1;
    const double *restrict u = x + 4 * points, *restrict hermite = w, *restrict simpson = w + 4 * n;
    const struct constants known = constants_of(m1, m2, length, gravity);
    double wf[CHUNK], wg[CHUNK];
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start), point = 2 * start;
        for (long i = 0; i < size; i++) {
            const long here = 4 * (start + i), before = here - 4 * (here > 0);
            const double has = here > 0;
            wf[i] = d / 8 * (has * hermite[before + 2] - hermite[here + 2]) - d / 6 * (has * simpson[before + 2] + simpson[here + 2]);
            wg[i] = d / 8 * (has * hermite[before + 3] - hermite[here + 3]) - d / 6 * (has * simpson[before + 3] + simpson[here + 3]);
        }
        curve(values + point, points, size, x + 4 * point, u + point, wf, wg, s * 4 * d / 6, known);
        for (long i = 0; i < size; i++) {
            wf[i] = -4 * d / 6 * simpson[4 * (start + i) + 2];
            wg[i] = -4 * d / 6 * simpson[4 * (start + i) + 3];
        }
        curve(values + point + 1, points, size, x + 4 * (point + 1), u + point + 1, wf, wg, s * 8 * d / 6, known);
    }
    const long last = 4 * (n - 1);
    wf[0] = d / 8 * hermite[last + 2] - d / 6 * simpson[last + 2];
    wg[0] = d / 8 * hermite[last + 3] - d / 6 * simpson[last + 3];
    curve(values + 2 * n, points, 1, x + 8 * n, u + 2 * n, wf, wg, s * 2 * d / 6, known);
    values[4 * points] = s * 2 * d / 6;
}
