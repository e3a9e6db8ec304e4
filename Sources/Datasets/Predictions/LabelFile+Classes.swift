package import Formats
import PointClouds
import ZipArchives

extension LabelFile {
    /// Writes predicted classes with the numbers of the data set's own files.
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
}
