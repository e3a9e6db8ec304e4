/// A request for a scan by a worker without the data; the answer is a ``SceneOffer``.
package struct SceneRequest: Message {
    package static let kind: MessageKind = 21

    /// The scan.
    package var scene: SceneReference

    package static let layout = Layout(
        SceneRequest.init(_:),
        .value("scan", \.scene))

    /// A request for a scan.
    package init(_ scene: SceneReference) { self.scene = scene }
}
