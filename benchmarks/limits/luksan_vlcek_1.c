/* Lukšan–Vlček 5.1: values by hand, the limit that tools are measured against.

   sin(b - c) sin(b + c) = (cos 2c - cos 2b) / 2 leaves one sine or cosine for each variable, an identity that no
   differentiation tool finds. Work goes in chunks that stay in the first-level cache; sine, cosine and exponential
   have loops of their own, so that the compiler calls the vector math library.

   Order of the values: Jacobian, all d/dx_i, all d/dx_{i+1}, all d/dx_{i+2}; Hessian, diagonal, subdiagonal.
   With e_i = exp(x_i - x_{i+1}), c_i = cos 2 x_i, multipliers w, objective weight s. */
#include <math.h>
#include "chunks.h"
#include "rosenbrock.h"

#define CHUNK 512

void luksan_vlcek_1_objective(long n, const double *restrict x, double *restrict value) {
    rosenbrock_value(n, x, value);
}

void luksan_vlcek_1_gradient(long n, const double *restrict x, double *restrict values) {
    rosenbrock_slopes(n, x, values);
}

void luksan_vlcek_1_constraints(long n, const double *restrict x, double *restrict values) {
    const long rows = n - 2;
    double e[CHUNK], cosine[CHUNK + 1];
    for (long start = 0; start < rows; start += CHUNK) {
        const long size = smaller(CHUNK, rows - start);
        const double *restrict a = x + start, *restrict b = a + 1, *restrict c = b + 1;
        for (long i = 0; i < size; i++) e[i] = exp(a[i] - b[i]);
        for (long i = 0; i < size + 1; i++) cosine[i] = 0.5 * cos(2 * b[i]);
        for (long i = 0; i < size; i++)
            values[start + i] = (3 * b[i] * b[i] + 4) * b[i] + 2 * c[i] - 8 + cosine[i + 1] - cosine[i] - a[i] * e[i];
    }
}

void luksan_vlcek_1_jacobian(long n, const double *restrict x, double *restrict values) {
    const long rows = n - 2;
    double *restrict first = values, *restrict second = values + rows, *restrict third = values + 2 * rows;
    double e[CHUNK], sine[CHUNK + 1];
    for (long start = 0; start < rows; start += CHUNK) {
        const long size = smaller(CHUNK, rows - start);
        const double *restrict a = x + start, *restrict b = a + 1;
        for (long i = 0; i < size; i++) e[i] = exp(a[i] - b[i]);
        for (long i = 0; i < size + 1; i++) sine[i] = sin(2 * b[i]);
        for (long i = 0; i < size; i++) {
            first[start + i] = -(1 + a[i]) * e[i];
            second[start + i] = 9 * b[i] * b[i] + sine[i] + 4 + a[i] * e[i];
            third[start + i] = 2 - sine[i + 1];
        }
    }
}

/* One diagonal entry, for the ends of the chain, where some terms are missing. */
static double diagonal_at_end(long n, long i, const double *x, const double *w, double s) {
    double value = 0;
    if (i < n - 1) value += s * (1200 * x[i] * x[i] - 400 * x[i + 1] + 2);
    if (i > 0) value += 200 * s;
    if (i < n - 2) value -= w[i] * (2 + x[i]) * exp(x[i] - x[i + 1]);
    if (i > 0 && i < n - 1)
        value += w[i - 1] * (18 * x[i] + 2 * cos(2 * x[i]) - x[i - 1] * exp(x[i - 1] - x[i]));
    if (i > 1) value -= w[i - 2] * 2 * cos(2 * x[i]);
    return value;
}

void luksan_vlcek_1_hessian(long n, const double *restrict x, const double *restrict w, double s,
                            double *restrict values) {
    double *restrict diagonal = values, *restrict below = values + n;
    double e[CHUNK + 1], cosine[CHUNK];
    for (long i = 0; i < n; i = (i == 1 && n > 4) ? n - 2 : i + 1) diagonal[i] = diagonal_at_end(n, i, x, w, s);
    for (long start = 2; start < n - 2; start += CHUNK) {
        const long size = smaller(CHUNK, n - 2 - start);
        const double *restrict b = x + start, *restrict l = w + start;
        for (long i = 0; i < size + 1; i++) e[i] = exp(b[i - 1] - b[i]);
        for (long i = 0; i < size; i++) cosine[i] = cos(2 * b[i]);
        for (long i = 0; i < size; i++)
            diagonal[start + i] = s * (1200 * b[i] * b[i] - 400 * b[i + 1] + 202)
                + l[i - 1] * (18 * b[i] - b[i - 1] * e[i]) - l[i] * (2 + b[i]) * e[i + 1]
                + 2 * (l[i - 1] - l[i - 2]) * cosine[i];
        for (long i = 0; i < size; i++) below[start + i] = l[i] * (1 + b[i]) * e[i + 1] - 400 * s * b[i];
    }
    for (long i = 0; i < smaller(2, n - 2); i++)
        below[i] = w[i] * (1 + x[i]) * exp(x[i] - x[i + 1]) - 400 * s * x[i];
    below[n - 2] = -400 * s * x[n - 2];
}
