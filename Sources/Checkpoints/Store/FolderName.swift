import Files

/// The name of a checkpoint's folder: `step-00001200`, with an ending if the folder is not, or no
/// longer, the checkpoint of its step.
struct FolderName: Equatable {
    var step: Int
    var ending: Ending

    enum Ending: Equatable {
        /// The checkpoint of this step.
        case none
        /// A checkpoint that is being written or removed, and must not be read.
        case temporary
        /// A complete checkpoint, renamed to make way for another one of the same step.
        case replaced
    }

    /// The name of a finished checkpoint.
    static func finished(_ step: Int) -> String {
        "step-" + padded(step, to: 8)
    }

    /// Reads a name; nil if it is not the name of a checkpoint's folder.
    init?(_ name: String) {
        let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].hasPrefix("step-"), let step = Int(parts[0].dropFirst(5)), step >= 0,
            FolderName.finished(step) == parts[0]
        else { return nil }
        self.step = step
        guard parts.count == 2 else {
            ending = .none
            return
        }
        if TemporaryName.isEnding(parts[1], FolderName.temporaryPrefix) {
            ending = .temporary
        } else if TemporaryName.isEnding(parts[1], FolderName.replacedPrefix) {
            ending = .replaced
        } else {
            return nil
        }
    }

    static let temporaryPrefix = "tmp"
    static let replacedPrefix = "replaced"
}
