/* The trapezoidal rule on intervals between nodes. */

/* What the trapezoidal rule leaves of the change of a state at its rate. */
static void defects(double *restrict values, long size, const double *restrict state, const double *restrict rate,
                    double half) {
    for (long i = 0; i < size; i++) values[i] = state[i + 1] - state[i] + half * (rate[i] + rate[i + 1]);
}
