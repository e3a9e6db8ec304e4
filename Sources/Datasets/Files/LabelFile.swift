import PointClouds

/// SemanticKITTI's `.label` files: one little-endian 32-bit word a point, the raw class in its
/// low half and the instance in its high half.
package enum LabelFile {
    /// Writes raw labels under a temporary name, then renames.
    package static func write(_ words: [UInt32], to path: String) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 4)
        for word in words { bytes.append(word: word) }
        try DataFile.write(bytes, to: path)
    }

    /// Writes predicted classes with the numbers that the data set's own files have for them.
    package static func write(_ labels: [Int32], as classes: ClassMap, to path: String) throws {
        let words = try labels.enumerated().map { index, label in
            guard let number = classes.number(of: label) else {
                throw SourceError(
                    "Point \(index) of the predictions for \(path) has class \(label): the data "
                        + "set has classes 0 to \(classes.classes.count - 1), and "
                        + "\(Cloud.ignored) for none.")
            }
            return UInt32(truncatingIfNeeded: number)
        }
        try write(words, to: path)
    }

    /// The words of a label file.
    package static func read(_ path: String) throws -> [UInt32] {
        let file = try DataFile(path: path, recordSize: 4, of: "labels")
        var words: [UInt32] = []
        words.reserveCapacity(file.wordCount)
        file.forEachWord { _, word in words.append(word) }
        return words
    }
}
