/// A worker's first message: its name, its threads and its arithmetic.
package struct Hello: Message {
    package static let kind: MessageKind = 1

    /// The version of denju that the worker runs.
    package var toolVersion: String
    /// The worker's name, as its user chose it.
    package var name: String
    /// Micro-shards that the worker computes at once.
    package var threads: UInt32
    /// The name of the worker's host.
    package var hostName: String
    /// The OpenBLAS core in use, by its OpenBLAS name; no result depends on it.
    package var blasCore: String
    /// The digest of the canary computation: equal digests mean equal arithmetic.
    package var canary: Digest

    package static let layout = Layout(
        Hello.init(toolVersion:name:threads:hostName:blasCore:canary:),
        .text("tool version", \.toolVersion, limit: Limits.nameBytes),
        .text("name", \.name, limit: Limits.nameBytes),
        .value("threads", \.threads),
        .text("host name", \.hostName, limit: Limits.nameBytes),
        .text("BLAS core", \.blasCore, limit: Limits.nameBytes),
        .value("canary", \.canary)
    )
    .rejecting { $0.threads == 0 ? "has no threads" : nil }

    /// A message with the given fields.
    package init(
        toolVersion: String, name: String, threads: UInt32, hostName: String, blasCore: String,
        canary: Digest
    ) {
        self.toolVersion = toolVersion
        self.name = name
        self.threads = threads
        self.hostName = hostName
        self.blasCore = blasCore
        self.canary = canary
    }
}
