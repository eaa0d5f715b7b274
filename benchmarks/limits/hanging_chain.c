/* Hanging chain with energy and length as states: values by hand, the limit of the tools.

   N intervals of length 1 / N; x holds height, slope u, energy, length at the N + 1 nodes; a = sqrt(1 + u^2).
   The objective is the energy at the last node.
   Order of the Jacobian, N values each: slope rows: both heights, both slopes; energy rows: both energies, both
   heights, both slopes; length rows: both lengths, both slopes. Left node first.
   Order of the Hessian, N + 1 values each: (u, x), (u, u). */
#include <math.h>
#include <string.h>

#include "chunks.h"
#include "trapezoid.h"

#define CHUNK 512

void hanging_chain_objective(long n, const double *restrict x, double *restrict value) { *value = x[3 * n + 2]; }

void hanging_chain_gradient(long n, const double *restrict x, double *restrict values) {
    memset(values, 0, sizeof(double) * 4 * (n + 1));
    values[3 * n + 2] = 1;
}

void hanging_chain_constraints(long n, const double *restrict x, double *restrict values) {
    const double half = -0.5 / n;
    const double *restrict height = x, *restrict slope = x + n + 1, *restrict energy = slope + n + 1;
    const double *restrict length = energy + n + 1;
    double arc[CHUNK + 1], lift[CHUNK + 1];
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start);
        const double *restrict h = height + start, *restrict u = slope + start;
        for (long i = 0; i < size + 1; i++) {
            arc[i] = sqrt(1 + u[i] * u[i]);
            lift[i] = h[i] * arc[i];
        }
        defects(values + start, size, h, u, half), defects(values + n + start, size, energy + start, lift, half);
        defects(values + 2 * n + start, size, length + start, arc, half);
    }
}

void hanging_chain_jacobian(long n, const double *restrict x, double *restrict values) {
    const double half = -0.5 / n;
    const double *restrict height = x, *restrict slope = x + n + 1;
    double arc[CHUNK + 1], bend[CHUNK + 1], pull[CHUNK + 1];
    fill(values, n, -1), fill(values + n, n, 1), fill(values + 2 * n, 2 * n, half);
    double *restrict energy = values + 4 * n, *restrict length = values + 10 * n;
    fill(energy, n, -1), fill(energy + n, n, 1), fill(length, n, -1), fill(length + n, n, 1);
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start);
        const double *restrict h = height + start, *restrict u = slope + start;
        for (long i = 0; i < size + 1; i++) {
            const double a = sqrt(1 + u[i] * u[i]);
            arc[i] = half * a;
            bend[i] = half * u[i] / a;
            pull[i] = bend[i] * h[i];
        }
        double *restrict e = energy + start, *restrict l = length + start;
        for (long i = 0; i < size; i++) e[2 * n + i] = arc[i], e[3 * n + i] = arc[i + 1];
        for (long i = 0; i < size; i++) e[4 * n + i] = pull[i], e[5 * n + i] = pull[i + 1];
        for (long i = 0; i < size; i++) l[2 * n + i] = bend[i], l[3 * n + i] = bend[i + 1];
    }
}

void hanging_chain_hessian(long n, const double *restrict x, const double *restrict w, double s,
                           double *restrict values) {
    const double half = -0.5 / n;
    const double *restrict height = x, *restrict slope = x + n + 1, *restrict we = w + n, *restrict wl = w + 2 * n;
    double *restrict mixed = values, *restrict pure = values + n + 1;
    for (long i = 1; i < n; i++) {
        const double u = slope[i], squared = 1 + u * u, a = sqrt(squared), e = half * (we[i - 1] + we[i]);
        mixed[i] = e * u / a;
        pure[i] = (e * height[i] + half * (wl[i - 1] + wl[i])) / (squared * a);
    }
    for (long i = 0; i <= n; i += n) {
        const double u = slope[i], squared = 1 + u * u, a = sqrt(squared);
        const long row = i ? n - 1 : 0;
        mixed[i] = half * we[row] * u / a;
        pure[i] = half * (we[row] * height[i] + wl[row]) / (squared * a);
    }
}
