/* Minimal surface: values by hand, the limit of the tools.

   The area r = sqrt(1 + a^2 + b^2) of a triangle, a and b its slopes, has the derivatives a / r, b / r and the second derivatives (1 + b^2) / r^3,
   -a b / r^3, (1 + a^2) / r^3. A row of cells is done at once: the triangles' numbers first, then their sums.

   Grid of `rows` by `columns` points, p and q the inverse spacings, t the area of a triangle, s the weight of the
   objective. Order of the Hessian: diagonal; edges (i, j)-(i + 1, j); edges (i, j)-(i, j + 1); diagonals
   (i, j + 1)-(i + 1, j). */
#include <math.h>
#include <string.h>

#include "chunks.h"

#define CHUNK 256

static double areas(long size, const double *restrict a_from, const double *restrict a_to,
                    const double *restrict b_from, const double *restrict b_to, double p, double q) {
    double sum = 0;
    for (long j = 0; j < size; j++) {
        const double a = p * (a_to[j] - a_from[j]), b = q * (b_to[j] - b_from[j]);
        sum += sqrt(1 + a * a + b * b);
    }
    return sum;
}

void minsurf_objective(long rows, long columns, double p, double q, double t, const double *restrict x,
                       double *restrict value) {
    double sum = 0;
    for (long i = 0; i < rows - 1; i++) {
        const double *u = x + i * columns, *v = u + columns;
        sum += areas(columns - 1, u, v, u, u + 1, p, q) + areas(columns - 1, u + 1, v + 1, v, v + 1, p, q);
    }
    *value = t * sum;
}

struct slopes { double a[CHUNK], b[CHUNK]; };

static void incline(struct slopes *restrict to, long size, const double *restrict a_from,
                    const double *restrict a_to, const double *restrict b_from, const double *restrict b_to,
                    double p, double q, double t) {
    for (long j = 0; j < size; j++) {
        const double a = p * (a_to[j] - a_from[j]), b = q * (b_to[j] - b_from[j]);
        const double factor = t / sqrt(1 + a * a + b * b);
        to->a[j] = p * factor * a;
        to->b[j] = q * factor * b;
    }
}

void minsurf_gradient(long rows, long columns, double p, double q, double t, const double *restrict x,
                      double *restrict values) {
    struct slopes low, high;
    memset(values, 0, sizeof(double) * rows * columns);
    for (long i = 0; i < rows - 1; i++)
        for (long start = 0; start < columns - 1; start += CHUNK) {
            const long size = smaller(CHUNK, columns - 1 - start), here = i * columns + start;
            const double *u = x + here, *v = u + columns;
            double *restrict d = values + here, *restrict e = d + columns;
            incline(&low, size, u, v, u, u + 1, p, q, t), incline(&high, size, u + 1, v + 1, v, v + 1, p, q, t);
            for (long j = 0; j < size; j++) d[j] -= low.a[j] + low.b[j];
            for (long j = 0; j < size; j++) d[j + 1] += low.b[j] - high.a[j];
            for (long j = 0; j < size; j++) e[j] += low.a[j] - high.b[j];
            for (long j = 0; j < size; j++) e[j + 1] += high.a[j] + high.b[j];
        }
}

struct triangles { double aa[CHUNK], ab[CHUNK], bb[CHUNK]; };

static void differentiate(struct triangles *restrict to, long size, const double *restrict a_from,
                          const double *restrict a_to, const double *restrict b_from, const double *restrict b_to,
                          double p, double q, double weight) {
    for (long j = 0; j < size; j++) {
        const double a = p * (a_to[j] - a_from[j]), b = q * (b_to[j] - b_from[j]);
        const double squared = 1 + a * a + b * b, factor = weight / (squared * sqrt(squared));
        to->aa[j] = p * p * factor * (1 + b * b);
        to->bb[j] = q * q * factor * (1 + a * a);
        to->ab[j] = -p * q * factor * a * b;
    }
}

void minsurf_hessian(long rows, long columns, double p, double q, double t, const double *restrict x,
                     const double *restrict w, double s, double *restrict values) {
    double *diagonal = values, *down = diagonal + rows * columns, *right = down + (rows - 1) * columns;
    double *restrict across = right + rows * (columns - 1);
    struct triangles low, high;
    memset(values, 0, sizeof(double) * (across - values));
    for (long i = 0; i < rows - 1; i++)
        for (long start = 0; start < columns - 1; start += CHUNK) {
            const long size = smaller(CHUNK, columns - 1 - start), here = i * columns + start;
            const double *u = x + here, *v = u + columns;
            double *restrict d = diagonal + here, *restrict e = d + columns, *restrict f = down + here;
            double *restrict g = right + i * (columns - 1) + start, *restrict h = g + columns - 1;
            double *restrict k = across + i * (columns - 1) + start;
            differentiate(&low, size, u, v, u, u + 1, p, q, s * t);
            differentiate(&high, size, u + 1, v + 1, v, v + 1, p, q, s * t);
            for (long j = 0; j < size; j++) d[j] += low.aa[j] + low.bb[j] + 2 * low.ab[j];
            for (long j = 0; j < size; j++) d[j + 1] += low.bb[j] + high.aa[j];
            for (long j = 0; j < size; j++) e[j] += low.aa[j] + high.bb[j];
            for (long j = 0; j < size; j++) e[j + 1] += high.aa[j] + high.bb[j] + 2 * high.ab[j];
            for (long j = 0; j < size; j++) f[j] -= low.aa[j] + low.ab[j];
            for (long j = 0; j < size; j++) f[j + 1] -= high.aa[j] + high.ab[j];
            for (long j = 0; j < size; j++) g[j] -= low.bb[j] + low.ab[j];
            for (long j = 0; j < size; j++) h[j] -= high.bb[j] + high.ab[j];
            for (long j = 0; j < size; j++) k[j] = low.ab[j] + high.ab[j];
        }
}
