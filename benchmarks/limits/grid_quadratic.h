/* A quadratic function of the values u on a grid, by hand: half the sum of k d^2 over all edges of the grid, d the
   difference along an edge, less the sum of load times u.

   Edges of one row have one k, `across`. Edges from a row to the next have the sum of that of the triangles on their
   left and that of those on their right, so that the first and the last of them have one part only. All numbers are
   those of a row: a table holds, `rows` each, across; right part, left part of the edges down; load of the first
   point, of points between, of the last point.
   Order of the Hessian: diagonal; edges down; edges across. */

#include "chunks.h"

struct line { double across, right, left, first, load, last; };

static struct line line_of(long rows, const double *table, long i) {
    const double *at = table + i;
    return (struct line){at[0], at[rows], at[2 * rows], at[3 * rows], at[4 * rows], at[5 * rows]};
}

static void grid_objective(long rows, long columns, const double *restrict table, const double *restrict x,
                           double *restrict value) {
    const long last = columns - 1;
    double sum = 0;
    for (long i = 0; i < rows; i++) {
        const struct line k = line_of(rows, table, i);
        const double *restrict u = x + i * columns;
        double across = 0, down = 0, all = 0;
        for (long j = 0; j < last; j++) {
            const double d = u[j + 1] - u[j];
            across += d * d;
            all += u[j];
        }
        sum += 0.5 * k.across * across - k.load * (all - u[0]) - k.first * u[0] - k.last * u[last];
        if (i == rows - 1) continue;
        for (long j = 0; j < columns; j++) {
            const double d = u[j + columns] - u[j];
            down += d * d;
        }
        const double low = u[columns] - u[0], high = u[columns + last] - u[last];
        sum += 0.5 * ((k.right + k.left) * down - k.left * low * low - k.right * high * high);
    }
    *value = sum;
}

/* One row of the gradient; `up` and `down` are the row itself where there is none. */
static void grid_row(long columns, struct line above, struct line own, const double *restrict up,
                     const double *restrict u, const double *restrict down, double *restrict to) {
    const long last = columns - 1;
    const double a = above.right + above.left, b = own.right + own.left, h = own.across, middle = a + b + 2 * h;
    for (long j = 1; j < last; j++)
        to[j] = middle * u[j] - a * up[j] - b * down[j] - h * (u[j - 1] + u[j + 1]) - own.load;
    to[0] = above.right * (u[0] - up[0]) + own.right * (u[0] - down[0]) + h * (u[0] - u[1]) - own.first;
    to[last] = above.left * (u[last] - up[last]) + own.left * (u[last] - down[last])
        + h * (u[last] - u[last - 1]) - own.last;
}

static void grid_gradient(long rows, long columns, const double *restrict table, const double *restrict x,
                          double *restrict values) {
    for (long i = 0; i < rows; i++) {
        const double *u = x + i * columns;
        const struct line above = line_of(rows, table, i ? i - 1 : 0), own = line_of(rows, table, i);
        grid_row(columns, above, own, i ? u - columns : u, u, i < rows - 1 ? u + columns : u, values + i * columns);
    }
}

static void grid_hessian(long rows, long columns, const double *restrict table, double s, double *restrict values) {
    double *diagonal = values, *down = diagonal + rows * columns, *across = down + (rows - 1) * columns;
    const long last = columns - 1;
    for (long i = 0; i < rows; i++) {
        struct line above = {0}, own = line_of(rows, table, i);
        if (i) above = line_of(rows, table, i - 1);
        if (i == rows - 1) own.right = own.left = 0;
        const double a = above.right + above.left, b = own.right + own.left;
        fill(diagonal, columns, s * (a + b + 2 * own.across));
        diagonal[0] = s * (above.right + own.right + own.across);
        diagonal[last] = s * (above.left + own.left + own.across);
        fill(across, last, -s * own.across);
        diagonal += columns, across += last;
        if (i == rows - 1) continue;
        fill(down, columns, -s * b);
        down[0] = -s * own.right, down[last] = -s * own.left;
        down += columns;
    }
}

/* The functions of a problem of this form; what is its own is in the table. */
#define GRID_FUNCTIONS(name)                                                                                          \
    void name##_objective(long rows, long columns, const double *restrict table, const double *restrict x,            \
                          double *restrict value) {                                                                   \
        grid_objective(rows, columns, table, x, value);                                                               \
    }                                                                                                                 \
    void name##_gradient(long rows, long columns, const double *restrict table, const double *restrict x,             \
                         double *restrict values) {                                                                   \
        grid_gradient(rows, columns, table, x, values);                                                               \
    }                                                                                                                 \
    void name##_hessian(long rows, long columns, const double *restrict table, const double *restrict x,              \
                        const double *restrict w, double s, double *restrict values) {                                \
        grid_hessian(rows, columns, table, s, values);                                                                \
    }
