import ZipArchives

/// The names of a network's weights in a public file, whatever was trained beside the network.
///
/// Published encoders have bare names (`enc.enc0…` for `backbone.enc.enc0…`); a checkpoint of pre-training
/// holds a student, its teacher and heads for masked points; adapters (LoRA) insert names of their own.
package struct PublicLayout: Sendable {
    private let isPretraining: Bool
    private let isBare: Bool

    /// The layout of weights of these names, without the parts that wrappers add.
    package init(of names: some Sequence<String>) {
        let names = Array(names)
        isPretraining = names.contains { $0.hasPrefix(Self.student) }
        isBare =
            !isPretraining && !names.contains { $0.hasPrefix(Self.backbone) }
            && names.contains { $0.hasPrefix("embedding.stem.") }
    }

    private static let student = "student.backbone."
    private static let backbone = "backbone."
    private static let head = "seg_head."

    /// The network's name of a weight; nil for one that is not the network's.
    package func name(_ name: String) -> String? {
        var name = name.replacing("base_model.model.", with: "")
        if isPretraining {
            guard name.hasPrefix(Self.student) else { return nil }
            name.removeFirst("student.".count)
        }
        if isBare, !name.hasPrefix(Self.head) { name = Self.backbone + name }
        // Replaces the features of masked points, of which segmentation has none.
        return name.hasSuffix("embedding.mask_token") ? nil : name
    }

    /// Whether a weight is a constant that the network computes itself: frequencies of rotary positions.
    package static func isConstant(_ name: String) -> Bool {
        name.hasSuffix(".attn.rope.inv_freq")
    }
}
