/* The natural logarithm in lanes (no include guard on purpose; see each_width.h). */
#define lane_log DJ(lane_log)

/*
 * log x of a positive, normal x: x = m 2^e with m in [sqrt(1/2), sqrt 2), log(m) by the degree-9
 * polynomial of Cephes logf. Error below 2 units in the last place.
 */
LANE f16 lane_log(f16 x) {
    i16 bits = (i16)x;
    i16 e = ((bits - 0x3f3504f3) >> 23);
    f16 m = (f16)(bits - (e << 23));
    f16 n = __builtin_convertvector(e, f16);
    f16 r = m - 1.0f, z = r * r;
    f16 p = lane_splat(7.0376836292e-2f);
    p = lane_fma(p, r, lane_splat(-1.1514610310e-1f));
    p = lane_fma(p, r, lane_splat(1.1676998740e-1f));
    p = lane_fma(p, r, lane_splat(-1.2420140846e-1f));
    p = lane_fma(p, r, lane_splat(1.4249322787e-1f));
    p = lane_fma(p, r, lane_splat(-1.6668057665e-1f));
    p = lane_fma(p, r, lane_splat(2.0000714765e-1f));
    p = lane_fma(p, r, lane_splat(-2.4999993993e-1f));
    p = lane_fma(p, r, lane_splat(3.3333331174e-1f));
    f16 y = lane_fma(p * r, z, n * -2.12194440e-4f);
    y = lane_fma(lane_splat(-0.5f), z, y);
    return lane_fma(n, lane_splat(0.693359375f), r + y);
}
