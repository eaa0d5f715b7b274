/* Distributed control of the Bratu equation: Jacobian and Hessian values by hand, the limit of the tools.

   n points in each direction; x holds the state, then the control. With h the spacing, r the reaction, t the
   price of the control, multipliers w, objective weight s:
   Order of the Jacobian: d/du of the own point, 4 n (n - 1) neighbors (all -1), d/df (all -h^2).
   Order of the Hessian: the diagonal, state, then control. */
#include <math.h>

#define CHUNK 512

static long smaller(long a, long b) { return a < b ? a : b; }

static void fill(double *restrict values, long size, double value) {
    for (long i = 0; i < size; i++) values[i] = value;
}

void bratu_control_jacobian(long n, double h, double r, const double *restrict x, double *restrict values) {
    const long points = n * n, neighbors = 4 * n * (n - 1);
    const double factor = h * h * r;
    for (long i = 0; i < points; i++) values[i] = 4 - factor * exp(x[i]);
    fill(values + points, neighbors, -1);
    fill(values + points + neighbors, points, -h * h);
}

void bratu_control_hessian(long n, double h, double r, double t, const double *restrict x,
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
