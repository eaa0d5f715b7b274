/* Electrons on a sphere: values by hand, the limit of the tools.

   x holds the three coordinates of each of n points. A pair at distance r and with difference d has the energy 1 / r,
   its derivative by d is -d / r^3, the second one B = 3 d d' / r^5 - I / r^3. The coordinates are copied apart, so that
   all pairs of one point with those before it are one loop.
   Order of the Hessian: for each point i, for row a and column b of the 3 x 3 blocks of i and j, all j < i; then the
   own blocks: entries (0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2) of all points. */
#include <math.h>
#include <string.h>

static void part(double *restrict a, double *restrict b, double *restrict c, long n, const double *restrict x) {
    for (long i = 0; i < n; i++) a[i] = x[3 * i], b[i] = x[3 * i + 1], c[i] = x[3 * i + 2];
}

void elec_objective(long n, const double *restrict x, double *restrict value) {
    double a[n], b[n], c[n], sum = 0;
    part(a, b, c, n, x);
    for (long i = 1; i < n; i++)
        for (long j = 0; j < i; j++) {
            const double p = a[i] - a[j], q = b[i] - b[j], r = c[i] - c[j];
            sum += 1 / sqrt(p * p + q * q + r * r);
        }
    *value = sum;
}

void elec_gradient(long n, const double *restrict x, double *restrict values) {
    double a[n], b[n], c[n], ga[n], gb[n], gc[n];
    part(a, b, c, n, x);
    memset(ga, 0, sizeof ga), memset(gb, 0, sizeof gb), memset(gc, 0, sizeof gc);
    for (long i = 1; i < n; i++) {
        double sa = 0, sb = 0, sc = 0;
        for (long j = 0; j < i; j++) {
            const double p = a[i] - a[j], q = b[i] - b[j], r = c[i] - c[j], square = p * p + q * q + r * r;
            const double force = 1 / (square * sqrt(square));
            sa -= force * p, sb -= force * q, sc -= force * r;
            ga[j] += force * p, gb[j] += force * q, gc[j] += force * r;
        }
        ga[i] += sa, gb[i] += sb, gc[i] += sc;
    }
    for (long i = 0; i < n; i++) values[3 * i] = ga[i], values[3 * i + 1] = gb[i], values[3 * i + 2] = gc[i];
}

void elec_constraints(long n, const double *restrict x, double *restrict values) {
    for (long i = 0; i < n; i++)
        values[i] = x[3 * i] * x[3 * i] + x[3 * i + 1] * x[3 * i + 1] + x[3 * i + 2] * x[3 * i + 2];
}

void elec_jacobian(long n, const double *restrict x, double *restrict values) {
    for (long i = 0; i < 3 * n; i++) values[i] = 2 * x[i];
}

void elec_hessian(long n, const double *restrict x, const double *restrict w, double s, double *restrict values) {
    double a[n], b[n], c[n], *restrict to = values, *own = values + 9 * n * (n - 1) / 2;
    part(a, b, c, n, x);
    for (long i = 0; i < n; i++) {
        own[i] = own[2 * n + i] = own[5 * n + i] = 2 * w[i];
        own[n + i] = own[3 * n + i] = own[4 * n + i] = 0;
    }
    double *restrict aa = own, *restrict ba = own + n, *restrict bb = own + 2 * n;
    double *restrict ca = own + 3 * n, *restrict cb = own + 4 * n, *restrict cc = own + 5 * n;
    for (long i = 1; i < n; to += 9 * i, i++) {
        double saa = 0, sba = 0, sbb = 0, sca = 0, scb = 0, scc = 0;
        for (long j = 0; j < i; j++) {
            const double p = a[i] - a[j], q = b[i] - b[j], r = c[i] - c[j], inverse = 1 / (p * p + q * q + r * r);
            const double pull = s * inverse * sqrt(inverse), f = 3 * pull * inverse;
            const double pp = f * p * p - pull, qq = f * q * q - pull, rr = f * r * r - pull;
            const double qp = f * q * p, rp = f * r * p, rq = f * r * q;
            to[j] = -pp, to[i + j] = -qp, to[2 * i + j] = -rp;
            to[3 * i + j] = -qp, to[4 * i + j] = -qq, to[5 * i + j] = -rq;
            to[6 * i + j] = -rp, to[7 * i + j] = -rq, to[8 * i + j] = -rr;
            aa[j] += pp, ba[j] += qp, bb[j] += qq, ca[j] += rp, cb[j] += rq, cc[j] += rr;
            saa += pp, sba += qp, sbb += qq, sca += rp, scb += rq, scc += rr;
        }
        aa[i] += saa, ba[i] += sba, bb[i] += sbb, ca[i] += sca, cb[i] += scb, cc[i] += scc;
    }
}
