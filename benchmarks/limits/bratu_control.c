/* Distributed control of the Bratu equation: values by hand, the limit of the tools.

   n points in each direction; x holds the state, then the control. With h the spacing, r the reaction, t the
   price of the control, g the target, multipliers w, objective weight s:
   Order of the Jacobian: d/du of the own point, 4 n (n - 1) neighbors (all -1), d/df (all -h^2).
   Order of the Hessian: the diagonal, state, then control. */
#include <math.h>
#include <string.h>

#include "chunks.h"

#define CHUNK 512

void bratu_control_objective(long n, double h, double r, double t, double g, const double *restrict x,
                             double *restrict value) {
    const long points = n * n;
    const double *restrict f = x + points;
    double off = 0, effort = 0;
    for (long i = 0; i < points; i++) {
        off += (x[i] - g) * (x[i] - g);
        effort += f[i] * f[i];
    }
    *value = 0.5 * h * h * (off + t * effort);
}

void bratu_control_gradient(long n, double h, double r, double t, double g, const double *restrict x,
                            double *restrict values) {
    const long points = n * n;
    const double own = h * h, price = h * h * t;
    for (long i = 0; i < points; i++) values[i] = own * (x[i] - g);
    for (long i = points; i < 2 * points; i++) values[i] = price * x[i];
}

void bratu_control_constraints(long n, double h, double r, double t, double g, const double *restrict x,
                               double *restrict values) {
    const double area = h * h;
    double nothing[n];
    memset(nothing, 0, sizeof(double) * n);
    for (long i = 0; i < n; i++) {
        const double *u = x + i * n, *up = i ? u - n : nothing, *down = i < n - 1 ? u + n : nothing;
        const double *restrict f = u + n * n;
        double *restrict to = values + i * n;
        for (long j = 0; j < n; j++) to[j] = 4 * u[j] - up[j] - down[j] - area * (r * exp(u[j]) + f[j]);
        for (long j = 1; j < n - 1; j++) to[j] -= u[j - 1] + u[j + 1];
        if (n > 1) to[0] -= u[1], to[n - 1] -= u[n - 2];
    }
}

void bratu_control_jacobian(long n, double h, double r, double t, double g, const double *restrict x,
                            double *restrict values) {
    const long points = n * n, neighbors = 4 * n * (n - 1);
    const double factor = h * h * r;
    for (long i = 0; i < points; i++) values[i] = 4 - factor * exp(x[i]);
    fill(values + points, neighbors, -1);
    fill(values + points + neighbors, points, -h * h);
}

void bratu_control_hessian(long n, double h, double r, double t, double g, const double *restrict x,
                           const double *restrict w, double s, double *restrict values) {
    const long points = n * n;
    const double factor = h * h * r, own = h * h * s;
    double e[CHUNK];
    for (long start = 0; start < points; start += CHUNK) {
        const long size = smaller(CHUNK, points - start);
        for (long i = 0; i < size; i++) e[i] = exp(x[start + i]);
        for (long i = 0; i < size; i++) values[start + i] = own - factor * w[start + i] * e[i];
    }
    fill(values + points, points, own * t);
}
