/* Hydrothermal scheduling with spillage and ramp limits: values by hand, the limit of the tools.

   T hours, four reservoirs; x holds, hour by hour and reservoir by reservoir, storage V, discharge Q, hydro power h,
   then thermal power p of each hour, then spillage S. Power of a reservoir is
   k1 V^2 + k2 Q^2 + k3 V Q + k4 V + k5 Q + k6, fuel a + b p + c p^2. `given` is inflow, in the first hour with the
   first storage. Water of reservoirs 1 and 2 reaches 3 after 2 and 3 hours, that of 3 reaches 4 after 4.
   Rows: load, less what is known of it, of each hour; power; water balance; ramps.
   Order of the Jacobian: load: p, h; power: h, V, Q; water: V, V of the hour before, Q, S, arrivals of Q from 1, 2,
   3, likewise of S; ramps: p of the later hour, of the earlier one.
   Order of the Hessian: (V, V), (Q, V), (Q, Q), (p, p). */
#include <string.h>

#include "chunks.h"

#define RESERVOIRS 4

static const long from[] = {0, 1, 2}, to[] = {2, 2, 3}, delay[] = {2, 3, 4};

void hydro_scheduling_objective(long hours, const double *restrict k, const double *restrict given, double a,
                                double b, double c, const double *restrict x, double *restrict value) {
    const double *restrict p = x + 3 * RESERVOIRS * hours;
    double sum = 0;
    for (long t = 0; t < hours; t++) sum += (b + c * p[t]) * p[t];
    *value = a * hours + sum;
}

void hydro_scheduling_gradient(long hours, const double *restrict k, const double *restrict given, double a,
                               double b, double c, const double *restrict x, double *restrict values) {
    const long first = 3 * RESERVOIRS * hours, spilled = first + hours;
    memset(values, 0, sizeof(double) * first);
    for (long t = first; t < spilled; t++) values[t] = b + 2 * c * x[t];
    memset(values + spilled, 0, sizeof(double) * RESERVOIRS * hours);
}

void hydro_scheduling_constraints(long hours, const double *restrict k, const double *restrict given, double a,
                                  double b, double c, const double *restrict x, double *restrict values) {
    const long all = RESERVOIRS * hours;
    const double *restrict V = x, *restrict Q = V + all, *restrict h = Q + all, *restrict p = h + all;
    const double *restrict S = p + hours;
    double *restrict load = values, *restrict power = load + hours, *restrict water = power + all;
    double *restrict ramp = water + all;
    for (long t = 0; t < hours; t++) {
        const double *restrict own = h + RESERVOIRS * t;
        load[t] = p[t] + (own[0] + own[1]) + (own[2] + own[3]);
    }
    for (long t = 0; t < all; t += RESERVOIRS)
        for (long i = 0; i < RESERVOIRS; i++) {
            const double v = V[t + i], q = Q[t + i];
            power[t + i] = h[t + i] - (k[i] * v + k[8 + i] * q + k[12 + i]) * v - (k[4 + i] * q + k[16 + i]) * q
                - k[20 + i];
        }
    for (long j = 0; j < RESERVOIRS; j++) water[j] = V[j] + Q[j] + S[j] - given[j];
    for (long j = RESERVOIRS; j < all; j++) water[j] = V[j] - V[j - RESERVOIRS] + Q[j] + S[j] - given[j];
    for (int s = 0; s < 3; s++)
        for (long t = delay[s]; t < hours; t++) {
            const long source = RESERVOIRS * (t - delay[s]) + from[s];
            water[RESERVOIRS * t + to[s]] -= Q[source] + S[source];
        }
    for (long t = 0; t < hours - 1; t++) ramp[t] = p[t + 1] - p[t];
}

void hydro_scheduling_jacobian(long hours, const double *restrict k, const double *restrict given, double a,
                               double b, double c, const double *restrict x, double *restrict values) {
    const long all = RESERVOIRS * hours;
    const double *restrict V = x, *restrict Q = V + all;
    double *dV = fill(values, hours + 2 * all, 1), *dQ = dV + all;
    for (long t = 0; t < all; t += RESERVOIRS)
        for (long i = 0; i < RESERVOIRS; i++) {
            const double v = V[t + i], q = Q[t + i];
            dV[t + i] = -2 * k[i] * v - k[8 + i] * q - k[12 + i];
            dQ[t + i] = -2 * k[4 + i] * q - k[8 + i] * v - k[16 + i];
        }
    double *water = fill(dQ + all, all, 1);
    water = fill(fill(water, all - RESERVOIRS, -1), 2 * all, 1);
    water = fill(water, 2 * (3 * hours - 9), -1);
    fill(fill(water, hours - 1, 1), hours - 1, -1);
}

void hydro_scheduling_hessian(long hours, const double *restrict k, const double *restrict given, double a,
                              double b, double c, const double *restrict x, const double *restrict w, double s,
                              double *restrict values) {
    const long all = RESERVOIRS * hours;
    const double *restrict weights = w + hours;
    double *restrict VV = values, *restrict QV = VV + all, *restrict QQ = QV + all;
    for (long t = 0; t < all; t += RESERVOIRS)
        for (long i = 0; i < RESERVOIRS; i++) {
            VV[t + i] = -2 * k[i] * weights[t + i];
            QV[t + i] = -k[8 + i] * weights[t + i];
            QQ[t + i] = -2 * k[4 + i] * weights[t + i];
        }
    fill(QQ + all, hours, 2 * c * s);
}
