/* Chained Rosenbrock function: value and gradient. */

static void rosenbrock_value(long n, const double *restrict x, double *restrict value) {
    double sum = 0;
    for (long i = 0; i < n - 1; i++) {
        const double bend = x[i] * x[i] - x[i + 1], off = x[i] - 1;
        sum += 100 * bend * bend + off * off;
    }
    *value = sum;
}

static void rosenbrock_slopes(long n, const double *restrict x, double *restrict values) {
    for (long i = 1; i < n - 1; i++)
        values[i] = 400 * x[i] * (x[i] * x[i] - x[i + 1]) + 202 * x[i] - 2 - 200 * x[i - 1] * x[i - 1];
    values[0] = 400 * x[0] * (x[0] * x[0] - x[1]) + 2 * x[0] - 2;
    values[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2]);
}
