/* Work in chunks that stay in the first-level cache. */

static inline long smaller(long a, long b) { return a < b ? a : b; }

/* The end of what was filled. */
static inline double *fill(double *restrict values, long size, double value) {
    for (long i = 0; i < size; i++) values[i] = value;
    return values + size;
}
