/* Lukšan–Vlček 5.5: values by hand, the limit that tools are measured against.

   With b_i = (3 - 2 x_i) x_i + 1 - x_{i-1} - x_{i+1} and r = |b|^(1/3), the objective's terms are b^2 r, their
   derivatives 7/3 b r and 28/9 r. x and the multipliers are copied with zeros around them, chunk by chunk, so that
   the ends of the chain need no formulas of their own.
   Order of the values: Jacobian, all d/dx_k, ..., all d/dx_{k+4}; Hessian, diagonal, first, second subdiagonal. */
#include <math.h>

#include "chunks.h"

#define CHUNK 256

/* Values start ... start + size - 1 of a vector that is zero outside of 0 ... n - 1. */
static void window(double *restrict to, long start, long size, const double *restrict from, long n) {
    const long low = start < 0 ? smaller(-start, size) : 0, high = smaller(size, n > start ? n - start : 0);
    for (long i = 0; i < low; i++) to[i] = 0;
    for (long i = low; i < high; i++) to[i] = from[start + i];
    for (long i = high > low ? high : low; i < size; i++) to[i] = 0;
}

/* b and r of start ... start + size - 1, zero outside of the chain; x has one more at each side. */
static void terms(double *restrict b, double *restrict r, long start, long size, const double *restrict x, long n) {
    for (long i = 0; i < size; i++) b[i] = (3 - 2 * x[i + 1]) * x[i + 1] + 1 - x[i] - x[i + 2];
    if (start < 0) b[0] = 0;
    for (long i = n > start ? n - start : 0; i < size; i++) b[i] = 0;
    for (long i = 0; i < size; i++) r[i] = cbrt(fabs(b[i]));
}

void luksan_vlcek_5_objective(long n, const double *restrict x, double *restrict value) {
    double u[CHUNK + 2], b[CHUNK], r[CHUNK], sum = 0;
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start);
        window(u, start - 1, size + 2, x, n);
        terms(b, r, start, size, u, n);
        for (long i = 0; i < size; i++) sum += b[i] * b[i] * r[i];
    }
    *value = sum;
}

void luksan_vlcek_5_gradient(long n, const double *restrict x, double *restrict values) {
    double u[CHUNK + 4], b[CHUNK + 2], r[CHUNK + 2], d[CHUNK + 2];
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start);
        window(u, start - 2, size + 4, x, n);
        terms(b, r, start - 1, size + 2, u, n);
        for (long i = 0; i < size + 2; i++) d[i] = 7 * b[i] * r[i] / 3;
        for (long i = 0; i < size; i++) values[start + i] = d[i + 1] * (3 - 4 * u[i + 2]) - d[i] - d[i + 2];
    }
}

void luksan_vlcek_5_constraints(long n, const double *restrict x, double *restrict values) {
#pragma GCC unroll 4
    for (long k = 0; k < n - 4; k++) {
        const double q = x[k + 1], r = x[k + 2], s = x[k + 3], t = x[k + 4];
        values[k] = 8 * r * (r * r - q) + 6 * r - 2 - 4 * s * s + q * q - x[k] + s - t * t;
    }
}

void luksan_vlcek_5_jacobian(long n, const double *restrict x, double *restrict values) {
    const long rows = n - 4;
    double *restrict first = values, *restrict second = first + rows, *restrict third = second + rows;
    double *restrict fourth = third + rows, *restrict fifth = fourth + rows;
    for (long k = 0; k < rows; k++) {
        const double q = x[k + 1], r = x[k + 2];
        first[k] = -1;
        second[k] = 2 * q - 8 * r;
        third[k] = 24 * r * r - 8 * q + 6;
        fourth[k] = 1 - 8 * x[k + 3];
        fifth[k] = -2 * x[k + 4];
    }
}

void luksan_vlcek_5_hessian(long n, const double *restrict x, const double *restrict w, double s,
                            double *restrict values) {
    double *restrict diagonal = values, *restrict below = values + n, *restrict second = below + n - 1;
    double u[CHUNK + 4], b[CHUNK + 2], r[CHUNK + 2], l[CHUNK + 4];
    const double scale = 28 * s / 9, first = 7 * s / 3;
    for (long start = 0; start < n; start += CHUNK) {
        const long size = smaller(CHUNK, n - start);
        window(u, start - 2, size + 4, x, n);
        window(l, start - 4, size + 4, w, n - 4);
        terms(b, r, start - 1, size + 2, u, n);
        for (long i = 0; i < size; i++) {
            const double slope = 3 - 4 * u[i + 2];
            diagonal[start + i] = scale * (r[i + 1] * slope * slope + r[i] + r[i + 2]) - 4 * first * b[i + 1] * r[i + 1]
                + 2 * l[i + 3] + 48 * u[i + 2] * l[i + 2] - 8 * l[i + 1] - 2 * l[i];
        }
        const long more = smaller(size, n - 1 - start), most = smaller(size, n - 2 - start);
        for (long i = 0; i < more; i++)
            below[start + i] = -scale * (r[i + 1] * (3 - 4 * u[i + 2]) + r[i + 2] * (3 - 4 * u[i + 3])) - 8 * l[i + 3];
        for (long i = 0; i < most; i++) second[start + i] = scale * r[i + 2];
    }
}
