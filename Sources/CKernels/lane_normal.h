/* The standard normal distribution in lanes (no include guard on purpose; see each_width.h). */
#define lane_normal DJ(lane_normal)
#define lane_erf DJ(lane_erf)

/*
 * The distribution function cdf = (1 + erf(x / sqrt 2)) / 2 and the density pdf. For z = |x|:
 * 1 - cdf(z) = exp(-z^2 / 2) t P(t), t = 1 / (1 + 0.27 z), where P of degree 8 is our own minimax
 * fit of the relative error over 0 ... 14 (2.4e-8 before rounding). So both tails keep their
 * relative accuracy, and one exponential serves the function and its derivative.
 */
LANE void lane_normal(f16 x, f16 *cdf, f16 *pdf) {
    f16 z = lane_max(x, -x);
    f16 e = lane_exp(-0.5f * z * z);
    f16 t = 1.0f / (0.27f * z + 1.0f);
    f16 p = lane_splat(0.028915249f);
    p = p * t - 0.12625514f;
    p = p * t + 0.16929115f;
    p = p * t - 0.068620726f;
    p = p * t + 0.10739928f;
    p = p * t + 0.072240345f;
    p = p * t + 0.10175916f;
    p = p * t + 0.10755051f;
    p = p * t + 0.10772019f;
    f16 tail = e * (p * t);
    *cdf = lane_select((i16)(x < 0), tail, 1.0f - tail);
    *pdf = e * 0.3989422804f;
}

/* The error function, through the same tail: erf(x) = 2 cdf(x sqrt 2) - 1; absolute error 2e-7. */
LANE f16 lane_erf(f16 x) {
    f16 cdf, pdf;
    lane_normal(x * 1.41421356237f, &cdf, &pdf);
    return 2.0f * cdf - 1.0f;
}
