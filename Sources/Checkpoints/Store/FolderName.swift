/// The name of a checkpoint's folder: `step-00001200`, or with an ending for one that is not, or no
/// longer, the checkpoint of its step.
struct FolderName: Equatable {
    var step: Int
    var ending: Ending

    enum Ending: Equatable {
        /// The checkpoint of this step.
        case none
        /// Being written, or being removed: never to be read.
        case temporary
        /// Complete, but set aside while another of the same step took its place.
        case replaced
    }

    /// The name of a finished checkpoint.
    static func finished(_ step: Int) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// Reads a name; nil if it is none of ours.
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
        if parts[1].hasPrefix(FolderName.temporaryPrefix + "-") {
            ending = .temporary
        } else if parts[1].hasPrefix(FolderName.replacedPrefix + "-") {
            ending = .replaced
        } else {
            return nil
        }
    }

    static let temporaryPrefix = "tmp"
    static let replacedPrefix = "replaced"
}
