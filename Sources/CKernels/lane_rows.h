/* Rows whose length need not be a multiple of the lanes (no include guard; see each_width.h). */
#define lane_part DJ(lane_part)
#define lane_put DJ(lane_put)

/* The lanes from column c on; `rest` stands in for those beyond the row. */
LANE f16 lane_part(const float *row, size_t c, size_t columns, float rest) {
    return c + LANES <= columns ? lane_load(row + c) : lane_load_some(row + c, columns - c, rest);
}
LANE void lane_put(float *row, size_t c, size_t columns, f16 v) {
    if (c + LANES <= columns) lane_store(row + c, v);
    else lane_store_some(row + c, v, columns - c);
}
