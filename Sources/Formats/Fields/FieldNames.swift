/// Field names that are recognised in files, compared without regard to case.
///
/// The source's notes state every field that was recognised by its name. A recipe maps other names
/// under `data.fields`.
package enum FieldNames {
    /// Names of coordinates.
    package static let position = [
        ["x", "y", "z"], ["coord[0]", "coord[1]", "coord[2]"],
    ]

    /// Names of labels.
    package static let label = [
        "label", "class", "classification", "segment", "semantic", "sem_class", "category",
        "scalar_label", "scalar_class", "scalar_classification",
        // ScanNet++ has up to three labels per point, the most frequent one first.
        "segment[0]",
    ]

    /// Names of the fields of common channels, by the channel's name in every source.
    package static let channels: [(name: String, fields: [[String]])] = [
        (
            "intensity",
            [
                ["intensity"], ["scalar_intensity"], ["reflectance"], ["remission"],
                ["strength"], ["reflectivity"], ["scalar_reflectance"],
            ]
        ),
        (
            "colour",
            [
                ["red", "green", "blue"], ["r", "g", "b"],
                ["diffuse_red", "diffuse_green", "diffuse_blue"],
                ["color[0]", "color[1]", "color[2]"], ["colour[0]", "colour[1]", "colour[2]"],
                ["rgb[0]", "rgb[1]", "rgb[2]"],
            ]
        ),
        (
            "normal",
            [
                ["nx", "ny", "nz"], ["normal_x", "normal_y", "normal_z"],
                ["normal[0]", "normal[1]", "normal[2]"],
            ]
        ),
    ]

    /// Fields that are not read unless a recipe names them: they are not properties of a point that a
    /// network should learn from.
    package static let bookkeeping = ["instance", "alpha", "scalar_alpha"]

    /// Arrays beside the points of a scene that a network never reads, not even on request.
    ///
    /// They number parts of the scene or describe its recording. A recipe can still map them to a
    /// channel of another name under `data.fields`.
    private static let excluded: Set<String> = ["superpoint", "pose", "mask", "condition", "name"]

    /// Whether a name is that of an array of labels in Pointcept's layouts: `segment`, `segment20`
    /// and so on.
    package static func isSegment(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("segment")
            && name.dropFirst(7).allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// Whether a name is never that of an input channel: labels would give the answer away, and the
    /// others are no properties of a point.
    package static func isNeverChannel(_ name: String) -> Bool {
        isSegment(name) || excluded.contains(name.lowercased())
    }
}
