/* Chained Rosenbrock function: Hessian values by hand, the limit of the tools.

   Order of the values: diagonal, subdiagonal. s is the weight of the objective. */

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
