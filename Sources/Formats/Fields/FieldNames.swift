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
    package static let bookkeeping = ["instance", "alpha", "scalar_alpha", "pose"]
}
