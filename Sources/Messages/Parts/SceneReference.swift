/// A scan of the run's data: its split and its place in the split.
package struct SceneReference: WireRecord, Hashable {
    /// Whether the scan belongs to the validation split; otherwise to the training split.
    package var isForValidation: Bool
    /// The scan's number in the split, before scans without labels are left out.
    package var sample: UInt64

    package static let layout = Layout(
        SceneReference.init(isForValidation:sample:),
        .flag("validation flag", \.isForValidation),
        .value("sample", \.sample))

    /// A record with the given fields.
    package init(isForValidation: Bool, sample: UInt64) {
        self.isForValidation = isForValidation
        self.sample = sample
    }
}
