/// A cloud of a micro-shard: its sample, its place in the mini-batch, and its view.
package struct SampleReference: WireRecord {
    /// The sample's number in the data set.
    package var sample: UInt64
    /// The cloud's place in the mini-batch.
    package var place: UInt32
    /// The number of the view (the drawn augmentation) to make of the sample.
    package var view: UInt32

    package static let layout = Layout(
        SampleReference.init(sample:place:view:),
        .value("sample", \.sample),
        .value("place", \.place),
        .value("view", \.view))

    /// A record with the given fields.
    package init(sample: UInt64, place: UInt32, view: UInt32) {
        self.sample = sample
        self.place = place
        self.view = view
    }
}
