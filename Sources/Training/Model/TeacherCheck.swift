import Datasets
import DenjuInference
import Networks
import PointClouds

extension StoredModel {
    /// The names of its classes; nil if unknown.
    var classNames: [String]? {
        if let card { return card.classes.map(\.name) }
        switch recipe?.data.classes {
        case .listed(let list)?: return list.entries.map(\.name)
        case .named(let name)?: return ClassLists.named(name)?.entries.map(\.name)
        case nil: return try? recipe?.classNames()
        }
    }

    /// The model as a teacher for data of these classes and inputs, with a mapping of its classes if given.
    ///
    /// Without assignments, throws one sentence as ``checkTeacher(classes:inputs:)`` does.
    ///
    /// - Parameters:
    ///   - assignments: `teacher.classes` of a recipe; nil for a teacher of the same classes.
    ///   - withHeads: whether its auxiliary heads are evaluated, whose scores cannot be mapped.
    package func adaptedTeacher(
        _ classes: [String], inputs: Int, _ assignments: [String: String]?, withHeads: Bool
    ) throws -> StoredModel {
        guard let assignments else {
            try checkTeacher(classes: classes, inputs: inputs)
            return self
        }
        try checkInputs(inputs)
        guard !withHeads else {
            throw ModelError(
                "teacher.classes maps what the teacher says of classes, but not what its auxiliary "
                    + "heads say: leave out the objectives that ask them, or teacher.classes.")
        }
        let known = classNames ?? (0..<network.classes).map(String.init)
        var teacher = self
        teacher.mapping = try ClassMapping(of: known, onto: classes, assignments)
        return teacher
    }

    /// A sentence with the classes that the mapping leaves out; nil if there are none.
    package var noteOnMapping: String? {
        guard let left = mapping?.left(of: network.classes), !left.isEmpty else { return nil }
        let known = classNames ?? (0..<network.classes).map(String.init)
        return
            "the teacher's scores for \(left.map { known[$0] }.joined(separator: ", ")) are left "
            + "out: these are no classes of the data"
    }

    /// Throws one sentence unless the model can be a teacher for these data: it must read as many values of
    /// a point as it is given and have the same classes, in the same order if their names are known.
    ///
    /// - Parameters:
    ///   - classes: the names of the data's classes.
    ///   - inputs: the number of values of a point that it would be given.
    package func checkTeacher(classes: [String], inputs: Int) throws {
        var differences = differenceOfInputs(inputs).map { [$0] } ?? []
        // Equal numbers of classes do not suffice: in another order, every target would be wrong.
        if let known = classNames, known != classes {
            differences.append(Self.difference(of: known, from: classes))
        } else if network.classes != classes.count {
            differences.append(
                "it knows \(network.classes) classes, but the data have \(classes.count): "
                    + classes.joined(separator: ", "))
        }
        guard differences.isEmpty else {
            throw ModelError(
                "The teacher \(path) does not fit the data: \(differences.joined(separator: "; ")); "
                    + "use one of the same features and classes, set features and data.classes "
                    + "of the recipe to its own, or map its classes with teacher.classes.")
        }
    }

    private func checkInputs(_ inputs: Int) throws {
        guard let difference = differenceOfInputs(inputs) else { return }
        throw ModelError(
            "The teacher \(path) does not fit the data: \(difference); use one of the same features, or "
                + "set features of the recipe to its own.")
    }

    private func differenceOfInputs(_ inputs: Int) -> String? {
        guard network.inputChannels != inputs else { return nil }
        let named = features.map { " (\($0.map(\.name).joined(separator: ", ")))" } ?? ""
        return "it reads \(network.inputChannels) values a point\(named), but the data give "
            + "\(inputs)"
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
