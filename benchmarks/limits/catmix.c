/* Catalyst mixing by collocation: values by hand, the limit of the tools.

   N intervals, three points in each, two states; x holds the control u of every point, the states at left ends, the
   coefficients w of the polynomials, their values and their rates at the points, then both states at the outlet.
   `table`: for each point the weights of three coefficients in a value; for each point those in a rate; those in the
   state at the right end.
   Rows: values, rates, continuity, outlet, kinetics; states are the innermost, then points, then intervals.
   Order of the Jacobian: values: own value, left end, three coefficients; rates: own rate, three coefficients;
   continuity and outlet: left end, three coefficients, then the state on the right; kinetics: both rates; then for
   every point first and second state and control of the first row, of the second row, 3 N values each.
   Order of the Hessian: (first state, control), (second state, control), 3 N values each. */
#include <string.h>

#include "chunks.h"

#define POINTS 3
#define STATES 2
#define INSIDE 6

void catmix_objective(long n, const double *restrict table, const double *restrict x, double *restrict value) {
    const double *restrict outlet = x + (3 + STATES + 3 * INSIDE) * n;
    *value = outlet[0] + outlet[1] - 1;
}

void catmix_gradient(long n, const double *restrict table, const double *restrict x, double *restrict values) {
    const long outlet = (3 + STATES + 3 * INSIDE) * n;
    memset(values, 0, sizeof(double) * outlet);
    values[outlet] = values[outlet + 1] = 1;
}

static double combined(const double *restrict weights, const double *restrict w) {
    return weights[0] * w[0] + weights[1] * w[STATES] + weights[2] * w[2 * STATES];
}

void catmix_constraints(long n, const double *restrict table, const double *restrict x, double *restrict values) {
    const double *restrict u = x, *restrict left = u + POINTS * n, *restrict w = left + STATES * n;
    const double *restrict value = w + INSIDE * n, *restrict rate = value + INSIDE * n, *outlet = rate + INSIDE * n;
    const double *restrict end = table + 18;
    double *restrict at = values, *restrict slope = at + INSIDE * n, *restrict joined = slope + INSIDE * n;
    double *restrict kinetics = joined + STATES * n;
    for (long i = 0; i < n; i++)
        for (int j = 0; j < POINTS; j++)
            for (int s = 0; s < STATES; s++) {
                const long own = INSIDE * i + STATES * j + s;
                at[own] = value[own] - left[STATES * i + s] - combined(table + 3 * j, w + INSIDE * i + s);
                slope[own] = rate[own] - combined(table + 9 + 3 * j, w + INSIDE * i + s);
            }
    for (long i = 0; i < n - 1; i++)
        for (int s = 0; s < STATES; s++)
            joined[STATES * i + s] = left[STATES * i + s] + combined(end, w + INSIDE * i + s) - left[STATES * i + 2 + s];
    for (int s = 0; s < STATES; s++)
        joined[STATES * (n - 1) + s]
            = outlet[s] - left[STATES * (n - 1) + s] - combined(end, w + INSIDE * (n - 1) + s);
    for (long p = 0; p < POINTS * n; p++) {
        const double a = value[2 * p], b = value[2 * p + 1], exchange = u[p] * (10 * b - a);
        kinetics[2 * p] = rate[2 * p] - exchange;
        kinetics[2 * p + 1] = rate[2 * p + 1] + exchange + (1 - u[p]) * b;
    }
}

/* Coefficient k in the rows of all points: the same numbers in every interval. */
static double *weights(double *restrict values, long n, const double *restrict table, int k) {
    const double a = -table[k], b = -table[3 + k], c = -table[6 + k];
    for (long i = 0; i < n; i++) {
        double *restrict own = values + INSIDE * i;
        own[0] = own[1] = a, own[2] = own[3] = b, own[4] = own[5] = c;
    }
    return values + INSIDE * n;
}

void catmix_jacobian(long n, const double *restrict table, const double *restrict x, double *restrict values) {
    const double *restrict u = x, *restrict value = x + (POINTS + STATES + INSIDE) * n;
    const long joints = STATES * (n - 1), points = POINTS * n;
    double *to = fill(fill(values, INSIDE * n, 1), INSIDE * n, -1);
    for (int k = 0; k < 3; k++) to = weights(to, n, table, k);
    to = fill(to, INSIDE * n, 1);
    for (int k = 0; k < 3; k++) to = weights(to, n, table + 9, k);
    to = fill(to, joints, 1);
    for (int k = 0; k < 3; k++) to = fill(to, joints, table[18 + k]);
    to = fill(fill(to, joints, -1), STATES, -1);
    for (int k = 0; k < 3; k++) to = fill(to, STATES, -table[18 + k]);
    to = fill(fill(to, STATES, 1), INSIDE * n, 1);
    for (long p = 0; p < points; p++) {
        const double a = value[2 * p], b = value[2 * p + 1];
        to[p] = u[p];
        to[points + p] = -10 * u[p];
        to[2 * points + p] = a - 10 * b;
        to[3 * points + p] = -u[p];
        to[4 * points + p] = 1 + 9 * u[p];
        to[5 * points + p] = 9 * b - a;
    }
}

void catmix_hessian(long n, const double *restrict table, const double *restrict x, const double *restrict w,
                    double s, double *restrict values) {
    const double *restrict own = w + (2 * INSIDE + STATES) * n;
    const long points = POINTS * n;
    for (long p = 0; p < points; p++) {
        values[p] = own[2 * p] - own[2 * p + 1];
        values[points + p] = 9 * own[2 * p + 1] - 10 * own[2 * p];
    }
}
