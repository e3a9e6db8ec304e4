import PointClouds

/// SemanticKITTI's `.label` files: one little-endian 32-bit word per point, with the class number in
/// the low half and the instance in the high half.
package enum LabelFile {
    /// Writes the words of a label file atomically.
    package static func write(_ words: [UInt32], to path: String) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 4)
        for word in words { bytes.append(word: word) }
        try DataFile.write(bytes, to: path)
    }

    /// Reads the words of a label file.
    package static func read(_ path: String) throws -> [UInt32] {
        let file = try DataFile(path: path, recordSize: 4, of: "labels")
        var words: [UInt32] = []
        words.reserveCapacity(file.wordCount)
        file.forEachWord { _, word in words.append(word) }
        return words
    }
}
