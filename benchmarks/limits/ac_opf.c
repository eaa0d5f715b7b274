/* AC optimal power flow in polar form: values by hand, the limit of the tools.

   `buses` buses, `gens` generators, `lines` branches, of which all have both limits; x holds angles, magnitudes v,
   active and reactive generation, then active flow into the branches at their "from" and at their "to" ends, then
   reactive flow. With u = v_i v_j, C = u cos d and S = u sin d for the difference d of the angles, flows are
     p_ij = k0 v_i^2 + a C + c S,  p_ji = k2 v_j^2 + e C - f S,  q_ij = k1 v_i^2 - c C + a S,  q_ji = k3 v_j^2 - f C - e S
   and `flow` has k0, k1, k2, k3, a, c, e, f of all branches. Rows: active and reactive balance of the buses; p less its
   formula, at "from" ends, at "to" ends; q likewise; p^2 + q^2; differences of angles.
   Order of the Jacobian: active balance: generation, flows, magnitudes at shunts; reactive balance likewise; each kind
   of flow: itself, v_i, v_j, angle i, angle j, all branches each; squared flows: p, q; differences: angle i, angle j.
   Order of the Hessian: for all buses (angle, angle), (v, angle), (v, v); for all pairs of buses with a branch
   (angle, angle), (v, v), then twice (v, angle) as `crossed` says; p; q; generation with quadratic costs. */
#include <math.h>
#include <string.h>

#include "chunks.h"

#define CHUNK 256

struct network {
    long buses, gens, lines, pairs, active_shunts, reactive_shunts, curved;
    double fixed_cost;
    const int *from, *to, *bus_of, *pair, *crossed, *active_shunt, *reactive_shunt, *curve;
    const double *flow, *demand, *conductance, *susceptance, *linear, *quadratic;
};

struct sides { double vi[CHUNK], vj[CHUNK], sine[CHUNK], cosine[CHUNK]; };

/* Magnitudes at both ends of branches, sine and cosine of the differences of their angles. */
static void look(struct sides *restrict to, const struct network *net, long start, long size, const double *restrict x) {
    const int *from = net->from + start, *end = net->to + start;
    const double *restrict v = x + net->buses;
    double angle[CHUNK];
    for (long l = 0; l < size; l++) {
        angle[l] = x[from[l]] - x[end[l]];
        to->vi[l] = v[from[l]], to->vj[l] = v[end[l]];
    }
    for (long l = 0; l < size; l++) to->sine[l] = sin(angle[l]);
    for (long l = 0; l < size; l++) to->cosine[l] = cos(angle[l]);
}

void ac_opf_objective(const struct network *net, const double *restrict x, double *restrict value) {
    const double *restrict p = x + 2 * net->buses;
    double sum = net->fixed_cost;
    for (long k = 0; k < net->gens; k++) sum += (net->linear[k] + net->quadratic[k] * p[k]) * p[k];
    *value = sum;
}

void ac_opf_gradient(const struct network *net, const double *restrict x, double *restrict values) {
    const long first = 2 * net->buses;
    memset(values, 0, sizeof(double) * (first + 2 * net->gens + 4 * net->lines));
    for (long k = 0; k < net->gens; k++)
        values[first + k] = net->linear[k] + 2 * net->quadratic[k] * x[first + k];
}

static void balance(double *restrict values, const struct network *net, const double *restrict demand,
                    const double *restrict made, const double *restrict flow) {
    for (long b = 0; b < net->buses; b++) values[b] = -demand[b];
    for (long k = 0; k < net->gens; k++) values[net->bus_of[k]] += made[k];
    for (long l = 0; l < net->lines; l++) values[net->from[l]] -= flow[l];
    for (long l = 0; l < net->lines; l++) values[net->to[l]] -= flow[net->lines + l];
}

void ac_opf_constraints(const struct network *net, const double *restrict x, double *restrict values) {
    const long buses = net->buses, gens = net->gens, lines = net->lines;
    const double *restrict v = x + buses, *restrict p = x + 2 * (buses + gens), *restrict q = p + 2 * lines;
    double *restrict flows = values + 2 * buses, *restrict squared = flows + 4 * lines;
    double *restrict difference = squared + 2 * lines;
    struct sides at;
    balance(values, net, net->demand, x + 2 * buses, p);
    balance(values + buses, net, net->demand + buses, x + 2 * buses + gens, q);
    for (long k = 0; k < net->active_shunts; k++) {
        const int b = net->active_shunt[k];
        values[b] -= net->conductance[k] * v[b] * v[b];
    }
    for (long k = 0; k < net->reactive_shunts; k++) {
        const int b = net->reactive_shunt[k];
        values[buses + b] += net->susceptance[k] * v[b] * v[b];
    }
    for (long start = 0; start < lines; start += CHUNK) {
        const long size = smaller(CHUNK, lines - start);
        const double *restrict k = net->flow + start, *restrict first = p + start, *restrict second = q + start;
        double *restrict to = flows + start;
        look(&at, net, start, size, x);
        for (long l = 0; l < size; l++) {
            const double u = at.vi[l] * at.vj[l], C = u * at.cosine[l], S = u * at.sine[l];
            const double i = at.vi[l] * at.vi[l], j = at.vj[l] * at.vj[l];
            const double a = k[4 * lines + l], c = k[5 * lines + l], e = k[6 * lines + l], f = k[7 * lines + l];
            to[l] = first[l] - k[l] * i - a * C - c * S;
            to[lines + l] = first[lines + l] - k[2 * lines + l] * j - e * C + f * S;
            to[2 * lines + l] = second[l] - k[lines + l] * i + c * C - a * S;
            to[3 * lines + l] = second[lines + l] - k[3 * lines + l] * j + f * C + e * S;
        }
    }
    for (long l = 0; l < 2 * lines; l++) squared[l] = p[l] * p[l] + q[l] * q[l];
    for (long l = 0; l < lines; l++) difference[l] = x[net->from[l]] - x[net->to[l]];
}

void ac_opf_jacobian(const struct network *net, const double *restrict x, double *restrict values) {
    const long buses = net->buses, gens = net->gens, lines = net->lines;
    const double *restrict v = x + buses, *restrict p = x + 2 * (buses + gens);
    double *shunts = fill(fill(values, gens, 1), 2 * lines, -1);
    for (long k = 0; k < net->active_shunts; k++) shunts[k] = -2 * net->conductance[k] * v[net->active_shunt[k]];
    shunts = fill(fill(shunts + net->active_shunts, gens, 1), 2 * lines, -1);
    for (long k = 0; k < net->reactive_shunts; k++) shunts[k] = 2 * net->susceptance[k] * v[net->reactive_shunt[k]];
    double *flows = shunts + net->reactive_shunts;
    for (int kind = 0; kind < 4; kind++) fill(flows + 5 * kind * lines, lines, 1);
    struct sides at;
    for (long start = 0; start < lines; start += CHUNK) {
        const long size = smaller(CHUNK, lines - start);
        const double *restrict k = net->flow + start;
        double *restrict to = flows + start;
        look(&at, net, start, size, x);
        for (long l = 0; l < size; l++) {
            const double vi = at.vi[l], vj = at.vj[l], C = at.cosine[l], S = at.sine[l], u = vi * vj;
            const double a = k[4 * lines + l], c = k[5 * lines + l], e = k[6 * lines + l], f = k[7 * lines + l];
            const double pi = a * C + c * S, pj = e * C - f * S, qi = a * S - c * C, qj = -f * C - e * S;
            const double active = u * qi, other = u * (e * S + f * C), reactive = -u * pi, last = -u * pj;
            to[lines + l] = -2 * k[l] * vi - vj * pi, to[2 * lines + l] = -vi * pi;
            to[3 * lines + l] = active, to[4 * lines + l] = -active;
            to[6 * lines + l] = -vj * pj, to[7 * lines + l] = -2 * k[2 * lines + l] * vj - vi * pj;
            to[8 * lines + l] = other, to[9 * lines + l] = -other;
            to[11 * lines + l] = -2 * k[lines + l] * vi - vj * qi, to[12 * lines + l] = -vi * qi;
            to[13 * lines + l] = reactive, to[14 * lines + l] = -reactive;
            to[16 * lines + l] = -vj * qj, to[17 * lines + l] = -2 * k[3 * lines + l] * vj - vi * qj;
            to[18 * lines + l] = -last, to[19 * lines + l] = last;
        }
    }
    double *restrict squared = flows + 20 * lines;
    for (long l = 0; l < 4 * lines; l++) squared[l] = 2 * p[l];
    fill(fill(squared + 4 * lines, lines, 1), lines, -1);
}

void ac_opf_hessian(const struct network *net, const double *restrict x, const double *restrict w, double s,
                    double *restrict values) {
    const long buses = net->buses, lines = net->lines;
    const double *restrict active = w, *restrict reactive = w + buses, *restrict squared = w + 2 * buses + 4 * lines;
    double *restrict angles = values, *restrict mixed = values + buses, *restrict own = mixed + buses;
    double *restrict far = own + buses, *restrict magnitudes = far + net->pairs;
    double *restrict crossed = magnitudes + net->pairs, *restrict flows = crossed + 2 * net->pairs;
    struct sides at;
    double bent[CHUNK], slope[CHUNK], curve[CHUNK], first[CHUNK], second[CHUNK];
    memset(values, 0, sizeof(double) * (3 * buses + 4 * net->pairs));
    for (long start = 0; start < lines; start += CHUNK) {
        const long size = smaller(CHUNK, lines - start);
        const double *restrict k = net->flow + start, *restrict weight = w + 2 * buses + start;
        look(&at, net, start, size, x);
        for (long l = 0; l < size; l++) {
            const double p = weight[l], r = weight[lines + l], q = weight[2 * lines + l], t = weight[3 * lines + l];
            const double a = k[4 * lines + l], c = k[5 * lines + l], e = k[6 * lines + l], f = k[7 * lines + l];
            const double even = p * a + r * e - q * c - t * f, odd = p * c - r * f + q * a - t * e;
            bent[l] = even * at.cosine[l] + odd * at.sine[l];
            slope[l] = odd * at.cosine[l] - even * at.sine[l];
            curve[l] = at.vi[l] * at.vj[l] * bent[l];
            first[l] = -2 * (p * k[l] + q * k[lines + l]);
            second[l] = -2 * (r * k[2 * lines + l] + t * k[3 * lines + l]);
        }
        for (long l = 0; l < size; l++) {
            const int i = net->from[start + l], j = net->to[start + l], pair = net->pair[start + l];
            const int *cross = net->crossed + 2 * (start + l);
            const double vi = at.vi[l], vj = at.vj[l];
            angles[i] += curve[l], angles[j] += curve[l], far[pair] -= curve[l];
            mixed[i] -= vj * slope[l], mixed[j] += vi * slope[l];
            crossed[cross[0]] += vj * slope[l], crossed[cross[1]] -= vi * slope[l];
            own[i] += first[l], own[j] += second[l], magnitudes[pair] -= bent[l];
        }
    }
    for (long k = 0; k < net->active_shunts; k++)
        own[net->active_shunt[k]] -= 2 * net->conductance[k] * active[net->active_shunt[k]];
    for (long k = 0; k < net->reactive_shunts; k++)
        own[net->reactive_shunt[k]] += 2 * net->susceptance[k] * reactive[net->reactive_shunt[k]];
    for (long l = 0; l < 2 * lines; l++) flows[l] = 2 * squared[l];
    memcpy(flows + 2 * lines, flows, sizeof(double) * 2 * lines);
    double *restrict costs = flows + 4 * lines;
    for (long k = 0; k < net->curved; k++) costs[k] = 2 * s * net->quadratic[net->curve[k]];
}
