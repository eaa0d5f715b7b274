/* A stand-in for libipopt that solves nothing: it keeps the callbacks and data that a modeling tool hands to IPOPT,
   so that the tool's own evaluations can be called and timed. Signatures are those of IpStdCInterface.h. */
#include <stdlib.h>
#include <string.h>

typedef int (*function)(void);

struct captured {
    int num_variables, num_constraints, jacobian_nonzeros, hessian_nonzeros, index_base;
    double *constraint_lower;
    function objective, constraints, gradient, jacobian, hessian;
    void *user_data;
};

static struct captured kept;

struct captured *captured_problem(void) { return &kept; }

void *CreateIpoptProblem(int n, double *x_lower, double *x_upper, int m, double *g_lower, double *g_upper,
                         int jacobian_nonzeros, int hessian_nonzeros, int index_base, function objective,
                         function constraints, function gradient, function jacobian, function hessian) {
    struct captured found = {n, m, jacobian_nonzeros, hessian_nonzeros, index_base, NULL,
                             objective, constraints, gradient, jacobian, hessian, NULL};
    found.constraint_lower = malloc(sizeof(double) * (m > 0 ? m : 1));
    memcpy(found.constraint_lower, g_lower, sizeof(double) * m);
    kept = found;
    return &kept;
}

void FreeIpoptProblem(void *problem) {}
int AddIpoptStrOption(void *problem, char *name, char *value) { return 1; }
int AddIpoptNumOption(void *problem, char *name, double value) { return 1; }
int AddIpoptIntOption(void *problem, char *name, int value) { return 1; }

int IpoptSolve(void *problem, double *x, double *g, double *objective, double *multipliers, double *lower_multipliers,
               double *upper_multipliers, void *user_data) {
    kept.user_data = user_data;
    return 0;
}
