/* Chained Rosenbrock function: values by hand, the limit of the tools.

   Order of the Hessian: diagonal, subdiagonal. s is the weight of the objective. */
#include "rosenbrock.h"

void rosenbrock_objective(long n, const double *restrict x, double *restrict value) {
    rosenbrock_value(n, x, value);
}

void rosenbrock_gradient(long n, const double *restrict x, double *restrict values) {
    rosenbrock_slopes(n, x, values);
}

void rosenbrock_hessian(long n, const double *restrict x, const double *restrict w, double s,
                        double *restrict values) {
    double *restrict diagonal = values, *restrict below = values + n;
    for (long i = 0; i < n - 1; i++) {
        diagonal[i] = s * (1200 * x[i] * x[i] - 400 * x[i + 1] + 202);
        below[i] = -400 * s * x[i];
    }
    diagonal[0] -= 200 * s;
    diagonal[n - 1] = 200 * s;
}
