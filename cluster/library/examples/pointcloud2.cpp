// Labels ROS PointCloud2 messages in the layouts of common drivers, without copying a point.
//
//   pointcloud2 MODEL SCAN.bin LAYOUT OUT.label
//
// The program needs no ROS: `PointCloud2` has the members of sensor_msgs/msg/PointCloud2, so that
// `label` takes a real message as it is. main() makes a message of a KITTI scan, as a driver would.
#include <denju.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct PointField {
    std::string name;
    std::uint32_t offset;
    std::uint8_t datatype;
    std::uint32_t count;
};

struct PointCloud2 {
    std::uint32_t height = 1, width = 0;
    std::vector<PointField> fields;
    bool is_bigendian = false;
    std::uint32_t point_step = 0, row_step = 0;
    std::vector<std::uint8_t> data;
    bool is_dense = true;
};

/// A model with a workspace, and their errors as exceptions.
class Labeller {
  public:
    Labeller(const std::string &path, std::size_t threads) {
        denju_error error;
        denju_model *model;
        if (denju_model_open(path.c_str(), &model, &error)) throw std::runtime_error(error.message);
        model_.reset(model);
        denju_workspace *workspace;
        if (denju_workspace_create(model, threads, &workspace, &error))
            throw std::runtime_error(error.message);
        workspace_.reset(workspace);
    }

    /// The label of every point; -1 where a point has no finite position.
    template <class Message> std::vector<std::int32_t> label(const Message &message) const {
        std::vector<denju_field> fields;
        for (const auto &field : message.fields) {
            denju_field own{};
            own.name = field.name.c_str();
            own.first = message.data.data() + field.offset;
            own.stride = message.point_step;
            own.type = field.datatype;  // PointField's numbers are denju_type's
            own.big_endian = message.is_bigendian;
            // Drivers send intensity in bytes where they save space; the model reads 0 … 1.
            if (field.name == "intensity" && field.datatype == DENJU_UINT8) own.scale = 1.0 / 255;
            fields.push_back(own);
        }
        const std::size_t count = std::size_t(message.height) * message.width;
        std::vector<std::int32_t> labels(count);
        denju_options options{};
        options.size = sizeof options;
        options.skip_invalid = !message.is_dense;
        denju_outputs outputs{};
        outputs.size = sizeof outputs;
        outputs.labels = labels.data();
        denju_error error;
        if (denju_label(workspace_.get(), fields.data(), fields.size(), count, &options, &outputs, &error))
            throw std::runtime_error(error.message);
        return labels;
    }

    std::uint32_t number(std::int32_t label) const {
        return std::uint32_t(denju_model_class_number(model_.get(), std::size_t(label)));
    }

  private:
    struct Close {
        void operator()(denju_model *model) const { denju_model_close(model); }
        void operator()(denju_workspace *workspace) const { denju_workspace_destroy(workspace); }
    };
    std::unique_ptr<denju_model, Close> model_;
    std::unique_ptr<denju_workspace, Close> workspace_;
};

/// A layout of points; those of Velodyne, of Autoware and of most drivers.
struct Layout {
    const char *name;
    std::uint32_t step;
    std::vector<PointField> fields;
};

static const std::vector<Layout> layouts = {
    {"XYZI", 16, {{"x", 0, 7, 1}, {"y", 4, 7, 1}, {"z", 8, 7, 1}, {"intensity", 12, 7, 1}}},
    {"XYZIRC", 16,
     {{"x", 0, 7, 1}, {"y", 4, 7, 1}, {"z", 8, 7, 1}, {"intensity", 12, 2, 1},
      {"return_type", 13, 2, 1}, {"channel", 14, 4, 1}}},
    {"XYZIRADRT", 40,
     {{"x", 0, 7, 1}, {"y", 4, 7, 1}, {"z", 8, 7, 1}, {"intensity", 12, 7, 1}, {"ring", 16, 4, 1},
      {"azimuth", 20, 7, 1}, {"distance", 24, 7, 1}, {"return_type", 28, 2, 1},
      {"time_stamp", 32, 8, 1}}},
    {"XYZIRCAEDT", 32,
     {{"x", 0, 7, 1}, {"y", 4, 7, 1}, {"z", 8, 7, 1}, {"intensity", 12, 2, 1},
      {"return_type", 13, 2, 1}, {"channel", 14, 4, 1}, {"azimuth", 16, 7, 1},
      {"elevation", 20, 7, 1}, {"distance", 24, 7, 1}, {"time_stamp", 28, 6, 1}}},
};

/// A message of this layout with the points of a KITTI scan.
static PointCloud2 message(const Layout &layout, const std::vector<float> &scan) {
    PointCloud2 message;
    message.width = std::uint32_t(scan.size() / 4);
    message.fields = layout.fields;
    message.point_step = layout.step;
    message.row_step = layout.step * message.width;
    message.data.resize(message.row_step);
    for (std::size_t point = 0; point < message.width; ++point) {
        std::uint8_t *record = message.data.data() + point * layout.step;
        std::memcpy(record, &scan[4 * point], 3 * sizeof(float));
        const float intensity = scan[4 * point + 3];
        for (const auto &field : layout.fields) {
            if (field.name != "intensity") continue;
            if (field.datatype == DENJU_UINT8)
                record[field.offset] = std::uint8_t(std::lround(intensity * 255));
            else
                std::memcpy(record + field.offset, &intensity, sizeof intensity);
        }
    }
    return message;
}

int main(int argc, char **argv) try {
    if (argc != 5) throw std::runtime_error("usage: pointcloud2 MODEL SCAN.bin LAYOUT OUT.label");
    std::ifstream file(argv[2], std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<float> scan(bytes.size() / sizeof(float));
    std::memcpy(scan.data(), bytes.data(), scan.size() * sizeof(float));

    const Labeller labeller(argv[1], 2);
    for (const auto &layout : layouts) {
        if (argv[3] != std::string(layout.name)) continue;
        std::ofstream output(argv[4], std::ios::binary);
        for (const std::int32_t label : labeller.label(message(layout, scan))) {
            const std::uint32_t number = labeller.number(label);
            output.write(reinterpret_cast<const char *>(&number), sizeof number);
        }
        return output.flush() ? 0 : 2;
    }
    throw std::runtime_error("there is no such layout");
} catch (const std::exception &error) {
    std::cerr << "pointcloud2: " << error.what() << "\n";
    return 2;
}
