/// The shape of a tensor that one cloud contributes to the whole mini-batch.
package struct GatheredShape: WireRecord {
    /// The cloud's place in the mini-batch.
    package var place: UInt32
    /// Rows and columns.
    package var shape: TensorShape

    package static let layout = Layout(
        GatheredShape.init(place:shape:),
        .value("place", \.place),
        .value("shape", \.shape))

    /// A record with the given fields.
    package init(place: UInt32, shape: TensorShape) {
        self.place = place
        self.shape = shape
    }
}
