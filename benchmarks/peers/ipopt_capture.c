/* A stand-in for libipopt: it keeps the callbacks and data that a modeling tool hands to IPOPT, so that the tool's own
   evaluations can be called and timed, and solves nothing; or it passes all calls on to another libipopt, counting
   iterations. Signatures are those of IpStdCInterface.h. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef int (*function)(void);

struct captured {
    int num_variables, num_constraints, jacobian_nonzeros, hessian_nonzeros, index_base;
    double *constraint_lower;
    function objective, constraints, gradient, jacobian, hessian;
    void *user_data;
    int iterations;
};

static struct captured kept;
static void *solver;

struct captured *captured_problem(void) { return &kept; }

/* Pass calls on to the library at this path; an empty one ends that. Returns whether it could be loaded. */
int forward_to(const char *path) {
    solver = path[0] ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    return !path[0] || solver != NULL;
}

static bool count_iteration(int mode, int iteration, double objective, double primal, double dual, double barrier,
                            double step, double regularization, double alpha_dual, double alpha_primal, int trials,
                            void *user_data) {
    kept.iterations = iteration;
    return true;
}

void *CreateIpoptProblem(int n, double *x_lower, double *x_upper, int m, double *g_lower, double *g_upper,
                         int jacobian_nonzeros, int hessian_nonzeros, int index_base, function objective,
                         function constraints, function gradient, function jacobian, function hessian) {
    if (solver) {
        void *(*create)(int, double *, double *, int, double *, double *, int, int, int, function, function, function,
                        function, function) = dlsym(solver, "CreateIpoptProblem");
        void *problem = create(n, x_lower, x_upper, m, g_lower, g_upper, jacobian_nonzeros, hessian_nonzeros,
                               index_base, objective, constraints, gradient, jacobian, hessian);
        bool (*watch)(void *, void *) = dlsym(solver, "SetIntermediateCallback");
        watch(problem, (void *)count_iteration);
        return problem;
    }
    struct captured found = {n, m, jacobian_nonzeros, hessian_nonzeros, index_base, NULL,
                             objective, constraints, gradient, jacobian, hessian, NULL, 0};
    found.constraint_lower = malloc(sizeof(double) * (m > 0 ? m : 1));
    memcpy(found.constraint_lower, g_lower, sizeof(double) * m);
    kept = found;
    return &kept;
}

void FreeIpoptProblem(void *problem) {
    if (problem != &kept && solver) ((void (*)(void *))dlsym(solver, "FreeIpoptProblem"))(problem);
}

bool AddIpoptStrOption(void *problem, char *name, char *value) {
    if (problem == &kept) return true;
    return ((bool (*)(void *, char *, char *))dlsym(solver, "AddIpoptStrOption"))(problem, name, value);
}

bool AddIpoptNumOption(void *problem, char *name, double value) {
    if (problem == &kept) return true;
    return ((bool (*)(void *, char *, double))dlsym(solver, "AddIpoptNumOption"))(problem, name, value);
}

bool AddIpoptIntOption(void *problem, char *name, int value) {
    if (problem == &kept) return true;
    return ((bool (*)(void *, char *, int))dlsym(solver, "AddIpoptIntOption"))(problem, name, value);
}

int IpoptSolve(void *problem, double *x, double *g, double *objective, double *multipliers, double *lower_multipliers,
               double *upper_multipliers, void *user_data) {
    if (problem == &kept) {
        kept.user_data = user_data;
        return 0;
    }
    int (*solve)(void *, double *, double *, double *, double *, double *, double *, void *) =
        dlsym(solver, "IpoptSolve");
    return solve(problem, x, g, objective, multipliers, lower_multipliers, upper_multipliers, user_data);
}
