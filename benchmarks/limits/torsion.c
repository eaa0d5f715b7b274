/* Elastic-plastic torsion: values by hand, the limit of the tools; its numbers are in the table. */
#include "grid_quadratic.h"

void torsion_objective(long rows, long columns, const double *restrict table, const double *restrict x,
                       double *restrict value) {
    grid_objective(rows, columns, table, x, value);
}

void torsion_gradient(long rows, long columns, const double *restrict table, const double *restrict x,
                      double *restrict values) {
    grid_gradient(rows, columns, table, x, values);
}

void torsion_hessian(long rows, long columns, const double *restrict table, const double *restrict x,
                     const double *restrict w, double s, double *restrict values) {
    grid_hessian(rows, columns, table, s, values);
}
