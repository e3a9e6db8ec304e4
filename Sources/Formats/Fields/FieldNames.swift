/// Names by which files call the numbers of a point.
///
/// They are compared without regard to case. What is found by its name is stated in the source's
/// notes; `data.fields` of a recipe says what is called otherwise.
package enum FieldNames {
    /// What coordinates are called.
    package static let position = [
        ["x", "y", "z"], ["coord[0]", "coord[1]", "coord[2]"],
    ]

    /// What labels are called.
    package static let label = [
        "label", "class", "classification", "segment", "semantic", "sem_class", "category",
        "scalar_label", "scalar_class", "scalar_classification",
    ]

    /// What channels that every source calls alike are called in files.
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

    /// Numbers that describe no property of a point that a network should see.
    package static let bookkeeping = ["instance", "alpha", "scalar_alpha", "pose"]
}
