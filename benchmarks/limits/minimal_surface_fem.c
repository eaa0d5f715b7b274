/* Minimal surface by quadratic finite elements: values by hand, the limit of the tools.

   Six functions on each of `count` triangles, integrated at six points. With the gradient h of u in the reference
   triangle, G = F F' of the inverse F of a triangle's map, and t the weight of a point times the determinant, a point
   has the area t r, r = sqrt(1 + h' G h); the derivatives by h are t G h / r and t (G / r - (G h) (G h)' / r^3).
   Triangles are worked on side by side, CHUNK at a time; any mesh of them will do. Tables: `of` has the functions of the
   triangles, `entry` the places of the first 15 pairs of functions in the Hessian, which neighbors may share, all first
   ones, all second ones and so on; `of_run` and `run` say for each chunk of them where its places begin if they are
   consecutive, as most entries are in the order in which they first occur, and are -1 elsewhere; `shape` has G's three numbers and the determinant likewise; `slope` has, point by
   point, d/dx of the six functions, then d/dy; `product` has, pair by pair, what its entry is of the second
   derivatives by h, 18 numbers.
   Order of the Hessian: `shared` entries; then six pairs that are a triangle's own, `count` values each. */
#include <math.h>
#include <string.h>

#include "chunks.h"

#define CHUNK 64
#define FUNCTIONS 6
#define POINTS 6
#define SHARED 15
#define OWN 6

struct mesh {
    long count, functions, shared;
    const int *of, *of_run, *entry, *run;
    const double *shape, *slope, *weight, *product;
};

/* Numbers of some triangles: values of their functions, a row for each; G; determinants. */
struct part { double u[FUNCTIONS][CHUNK], a[CHUNK], b[CHUNK], c[CHUNK], size[CHUNK]; };

static long chunks_of(const struct mesh *mesh) { return (mesh->count + CHUNK - 1) / CHUNK; }

static long take(struct part *restrict to, const struct mesh *mesh, long start, const double *restrict x) {
    const long count = mesh->count, size = smaller(CHUNK, count - start);
    const double *shape = mesh->shape + start;
    for (int f = 0; f < FUNCTIONS; f++) {
        const int *of = mesh->of + f * count + start, run = mesh->of_run[f * chunks_of(mesh) + start / CHUNK];
        if (run >= 0)
            for (long k = 0; k < size; k++) to->u[f][k] = x[run + k];
        else
            for (long k = 0; k < size; k++) to->u[f][k] = x[of[k]];
    }
    for (long k = 0; k < size; k++) to->a[k] = shape[k], to->b[k] = shape[count + k];
    for (long k = 0; k < size; k++) to->c[k] = shape[2 * count + k], to->size[k] = shape[3 * count + k];
    return size;
}

static inline double along(const double *restrict slope, const double u[FUNCTIONS][CHUNK], long k) {
    return slope[0] * u[0][k] + slope[1] * u[1][k] + slope[2] * u[2][k] + slope[3] * u[3][k] + slope[4] * u[4][k]
        + slope[5] * u[5][k];
}

void minimal_surface_fem_objective(const struct mesh *mesh, const double *restrict x, double *restrict value) {
    struct part own;
    double sum = 0;
    for (long start = 0; start < mesh->count; start += CHUNK) {
        const long size = take(&own, mesh, start, x);
        for (int q = 0; q < POINTS; q++) {
            const double *slope = mesh->slope + 2 * FUNCTIONS * q;
            double areas = 0;
            for (long k = 0; k < size; k++) {
                const double p = along(slope, own.u, k), r = along(slope + FUNCTIONS, own.u, k);
                areas += own.size[k] * sqrt(1 + own.a[k] * p * p + 2 * own.b[k] * p * r + own.c[k] * r * r);
            }
            sum += mesh->weight[q] * areas;
        }
    }
    *value = sum;
}

static void add(double *restrict values, long size, const double *restrict sum, const int *restrict entry, int run) {
    if (run >= 0)
        for (long k = 0; k < size; k++) values[run + k] += sum[k];
    else
        for (long k = 0; k < size; k++) values[entry[k]] += sum[k];
}

void minimal_surface_fem_gradient(const struct mesh *mesh, const double *restrict x, double *restrict values) {
    struct part own;
    double flux[POINTS][2][CHUNK];
    memset(values, 0, sizeof(double) * mesh->functions);
    for (long start = 0; start < mesh->count; start += CHUNK) {
        const long size = take(&own, mesh, start, x);
        for (int q = 0; q < POINTS; q++) {
            const double *slope = mesh->slope + 2 * FUNCTIONS * q;
            for (long k = 0; k < size; k++) {
                const double p = along(slope, own.u, k), r = along(slope + FUNCTIONS, own.u, k);
                const double gp = own.a[k] * p + own.b[k] * r, gr = own.b[k] * p + own.c[k] * r;
                const double scale = mesh->weight[q] * own.size[k] / sqrt(1 + gp * p + gr * r);
                flux[q][0][k] = scale * gp, flux[q][1][k] = scale * gr;
            }
        }
        for (int f = 0; f < FUNCTIONS; f++) {
            const int run = mesh->of_run[f * chunks_of(mesh) + start / CHUNK];
            double sum[CHUNK];
            for (long k = 0; k < size; k++) {
                sum[k] = 0;
                for (int q = 0; q < POINTS; q++) {
                    const double *slope = mesh->slope + 2 * FUNCTIONS * q + f;
                    sum[k] += slope[0] * flux[q][0][k] + slope[FUNCTIONS] * flux[q][1][k];
                }
            }
            add(values, size, sum, mesh->of + f * mesh->count + start, run);
        }
    }
}

static void combine(double *restrict to, long size, const double *restrict product, double curve[3 * POINTS][CHUNK]) {
    for (long k = 0; k < size; k++) {
        double sum = 0;
        for (int i = 0; i < 3 * POINTS; i++) sum += product[i] * curve[i][k];
        to[k] = sum;
    }
}

void minimal_surface_fem_hessian(const struct mesh *mesh, const double *restrict x, const double *restrict w, double s,
                                 double *restrict values) {
    struct part own;
    const long chunks = chunks_of(mesh);
    double curve[3 * POINTS][CHUNK], sum[CHUNK];
    memset(values, 0, sizeof(double) * mesh->shared);
    for (long start = 0; start < mesh->count; start += CHUNK) {
        const long size = take(&own, mesh, start, x);
        for (int q = 0; q < POINTS; q++) {
            const double *slope = mesh->slope + 2 * FUNCTIONS * q, weight = s * mesh->weight[q];
            for (long k = 0; k < size; k++) {
                const double p = along(slope, own.u, k), r = along(slope + FUNCTIONS, own.u, k);
                const double gp = own.a[k] * p + own.b[k] * r, gr = own.b[k] * p + own.c[k] * r;
                const double inverse = 1 / (1 + gp * p + gr * r), scale = weight * own.size[k] * sqrt(inverse);
                curve[3 * q][k] = scale * (own.a[k] - gp * gp * inverse);
                curve[3 * q + 1][k] = scale * (own.b[k] - gp * gr * inverse);
                curve[3 * q + 2][k] = scale * (own.c[k] - gr * gr * inverse);
            }
        }
        for (int pair = 0; pair < SHARED; pair++) {
            const int run = mesh->run[pair * chunks + start / CHUNK];
            combine(sum, size, mesh->product + 3 * POINTS * pair, curve);
            add(values, size, sum, mesh->entry + pair * mesh->count + start, run);
        }
        for (int pair = 0; pair < OWN; pair++)
            combine(values + mesh->shared + pair * mesh->count + start, size,
                    mesh->product + 3 * POINTS * (SHARED + pair), curve);
    }
}
