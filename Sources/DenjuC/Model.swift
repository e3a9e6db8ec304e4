import CDenju
import DenjuInference
import Networks
import PointClouds

/// The object behind a `denju_model`.
final class Model: Sendable {
    let segmenter: Segmenter
    let inputs: ModelInputs
    let classNames: TextTable
    let fieldNames: TextTable
    let tapNames: TextTable

    /// A model of a segmenter; throws if the widths of its channels cannot be told.
    init(_ segmenter: Segmenter) throws(CallError) {
        guard
            let inputs = ModelInputs(
                of: segmenter.card, width: segmenter.network.inputChannels)
        else {
            throw CallError(
                .invalidModel,
                "The model's features (\(segmenter.card.features.map(\.name).joined(separator: ", "))) "
                    + "do not tell which of its \(segmenter.network.inputChannels) inputs is which: "
                    + "export it again with channels of known widths.")
        }
        self.segmenter = segmenter
        self.inputs = inputs
        classNames = TextTable(segmenter.card.classes.map(\.name))
        fieldNames = TextTable(["x", "y", "z"] + inputs.channels.flatMap(\.fields))
        tapNames = TextTable(segmenter.network.taps.map(\.tap.description))
    }
}

extension Model: Handle {}

/// Texts that C reads, at addresses that do not change.
@safe final class TextTable: @unchecked Sendable {
    // Written by the initialiser only.
    private let texts: [UnsafeMutablePointer<CChar>]

    init(_ texts: [String]) {
        unsafe self.texts = texts.map { text in
            let bytes = text.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (place, byte) in bytes.enumerated() { unsafe copy[place] = byte }
            return unsafe copy
        }
    }

    deinit {
        unsafe texts.forEach { unsafe $0.deallocate() }
    }

    var count: Int { unsafe texts.count }

    /// The text at a place; nil beyond the last.
    subscript(_ place: Int) -> UnsafePointer<CChar>? {
        guard place >= 0, place < count else { return nil }
        return unsafe UnsafePointer(texts[place])
    }
}

/// Texts of the library itself.
enum Texts {
    static let version = TextTable(["0.1.0"])
}
