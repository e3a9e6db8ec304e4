/* Rows whose length need not be a multiple of the lanes (no include guard; see each_width.h). */
#define lane_part DJ(lane_part)
#define lane_put DJ(lane_put)
#define lane_part_only DJ(lane_part_only)

/* The lanes from column c on; `rest` stands in for those beyond the row. */
LANE f16 lane_part(const float *row, size_t c, size_t columns, float rest) {
    return c + LANES <= columns ? lane_load(row + c) : lane_load_some(row + c, columns - c, rest);
}
LANE void lane_put(float *row, size_t c, size_t columns, f16 v) {
    if (c + LANES <= columns) lane_store(row + c, v);
    else lane_store_some(row + c, v, columns - c);
}
/* The same lanes with 0 in those beyond the row. */
LANE f16 lane_part_only(f16 v, size_t c, size_t columns) {
    const i16 place = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return lane_select(place < (int32_t)(columns - c), v, lane_splat(0));
}
