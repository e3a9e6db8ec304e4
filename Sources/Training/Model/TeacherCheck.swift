import DenjuInference
import Networks
import PointClouds

extension StoredModel {
    /// Throws one sentence unless the model can teach on these data: it must read as many values of
    /// a point as it is given and know the same classes, in their order where it knows their names.
    ///
    /// - Parameters:
    ///   - classes: the names of the data's classes.
    ///   - inputs: values of a point it would be given.
    public func checkTeacher(classes: [String], inputs: Int) throws {
        var differences: [String] = []
        if network.inputChannels != inputs {
            let named = features.map { " (\($0.map(\.name).joined(separator: ", ")))" } ?? ""
            differences.append(
                "it reads \(network.inputChannels) values a point\(named), but the data give "
                    + "\(inputs)")
        }
        if let known = card?.classes.map(\.name), known != classes {
            differences.append(Self.difference(of: known, from: classes))
        } else if network.classes != classes.count {
            differences.append(
                "it knows \(network.classes) classes, but the data have \(classes.count): "
                    + classes.joined(separator: ", "))
        }
        guard differences.isEmpty else {
            throw ModelError(
                "The teacher \(path) cannot teach here: \(differences.joined(separator: "; ")); "
                    + "use one of the same features and classes, or set features and data.classes "
                    + "of the recipe to its own.")
        }
    }

    private static func difference(of known: [String], from classes: [String]) -> String {
        let (lacking, foreign) = (
            classes.filter { !known.contains($0) }, known.filter { !classes.contains($0) }
        )
        guard lacking.isEmpty, foreign.isEmpty else {
            let parts = [
                lacking.isEmpty ? nil : "does not know " + lacking.joined(separator: ", "),
                foreign.isEmpty
                    ? nil : "knows \(foreign.joined(separator: ", ")), which the data have not",
            ]
            return "it " + parts.compactMap { $0 }.joined(separator: " and ")
        }
        let place = zip(known, classes).enumerated().first { $0.element.0 != $0.element.1 }
        return place.map { place, names in
            "its class \(place) is \(names.0), that of the data is \(names.1)"
        } ?? "its classes are in another order"
    }
}
