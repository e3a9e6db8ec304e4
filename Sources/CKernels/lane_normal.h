/* The standard normal distribution in lanes (no include guard on purpose; see each_width.h). */
#define lane_normal DJ(lane_normal)
#define lane_erf DJ(lane_erf)

/*
 * The distribution function cdf = (1 + erf(x / sqrt 2)) / 2 and the density pdf. For z = |x|:
 * 1 - cdf(z) = exp(-z^2 / 2) t P(s), t = 1 / (1 + 0.34 z), s = 1 - t, where P of degree 8 is our
 * own minimax fit of the relative error over 0 ... 14 (3.0e-8 before rounding). So the tails keep
 * their relative accuracy, and one exponential serves the function and its derivative.
 */
LANE void lane_normal(f16 x, f16 *cdf, f16 *pdf) {
    f16 z = lane_min(lane_max(x, -x), lane_splat(14)); /* beyond, the tail is nothing */
    f16 e = lane_exp(-0.5f * z * z);
    f16 v = 0.34f * z;
    f16 t = 1.0f / (v + 1.0f), s = v * t;
    f16 p = lane_splat(-0.02612045f);
    p = lane_fma(p, s, lane_splat(0.06946424f));
    p = lane_fma(p, s, lane_splat(-0.028009513f));
    p = lane_fma(p, s, lane_splat(-0.030128995f));
    p = lane_fma(p, s, lane_splat(-0.07674726f));
    p = lane_fma(p, s, lane_splat(0.08460719f));
    p = lane_fma(p, s, lane_splat(0.315916f));
    p = lane_fma(p, s, lane_splat(-0.6733607f));
    p = lane_fma(p, s, lane_splat(0.5f));
    f16 tail = e * (p * t);
    *cdf = lane_select((i16)(x < 0), tail, 1.0f - tail);
    *pdf = e * 0.3989422804f;
}

/* The error function through the same tail, 1 - 2 cdf(-|x| sqrt 2); absolute error 2e-7. */
LANE f16 lane_erf(f16 x) {
    f16 tail, pdf;
    lane_normal(lane_max(x, -x) * -1.41421356237f, &tail, &pdf);
    f16 magnitude = lane_fma(lane_splat(-2), tail, lane_splat(1));
    return lane_select((i16)(x < 0), -magnitude, magnitude);
}
